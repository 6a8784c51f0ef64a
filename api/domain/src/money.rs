//! Money: whole minor units and a currency.
//!
//! An amount is read from a decimal string and written as one, exactly: no float and no rounding
//! anywhere. More decimals than the currency has are refused rather than cut.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Why an amount or a currency cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Not three capital letters.
    #[error("a currency is three capital letters")]
    NoCurrency,
    /// Not digits with at most one point between them.
    #[error("an amount is written in digits with a decimal point")]
    NoAmount,
    /// More decimals than the currency has.
    #[error("the currency has no more than {0} decimals")]
    TooManyDecimals(u32),
    /// More than can be stored (T16).
    #[error("the amount is out of range")]
    OutOfRange,
}

/// An ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The code, such as `EUR`.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency is ASCII letters")
    }

    /// How many decimals its amounts have: two, but for those that ISO 4217 lists otherwise.
    pub fn decimals(&self) -> u32 {
        match self.code() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI"
            | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            "CLF" | "UYW" => 4,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        let letters: [u8; 3] = code.as_bytes().try_into().map_err(|_| MoneyError::NoCurrency)?;
        if letters.iter().all(u8::is_ascii_uppercase) {
            Ok(Self(letters))
        } else {
            Err(MoneyError::NoCurrency)
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// The amount in the currency's smallest unit.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Reads a decimal amount such as `1250`, `1250.5` or `-0.05`.
    ///
    /// # Errors
    /// No such number, more decimals than the currency has, or out of range.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (negative, digits) = amount.strip_prefix('-').map_or((false, amount), |rest| (true, rest));
        let (whole, fraction) =
            digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !fraction.is_none_or(is_number) {
            return Err(MoneyError::NoAmount);
        }
        let fraction = fraction.unwrap_or("");
        let decimals = currency.decimals();
        if fraction.len() > decimals as usize {
            return Err(MoneyError::TooManyDecimals(decimals));
        }
        let sign = if negative { "-" } else { "" };
        let minor = format!("{sign}{whole}{fraction:0<width$}", width = decimals as usize);
        let minor = minor.parse().map_err(|_| MoneyError::OutOfRange)?;
        Ok(Self { minor, currency })
    }

    /// The amount as a decimal string with all decimals of the currency, without its code.
    pub fn amount(&self) -> String {
        let decimals = self.currency.decimals();
        let sign = if self.minor < 0 { "-" } else { "" };
        let unit = 10u64.pow(decimals);
        let (whole, fraction) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        match decimals {
            0 => format!("{sign}{whole}"),
            _ => format!("{sign}{whole}.{fraction:0>width$}", width = decimals as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().expect("a currency")
    }

    /// E-4: what is paid is read exactly or refused.
    #[test]
    fn e4_amounts_are_exact() {
        for (text, code, minor, written) in [
            ("1250", "EUR", 125_000, "1250.00"),
            ("1250.5", "EUR", 125_050, "1250.50"),
            ("0.05", "RUB", 5, "0.05"),
            ("-0.05", "RUB", -5, "-0.05"),
            ("007", "USD", 700, "7.00"),
            ("1200", "JPY", 1200, "1200"),
            ("1.234", "KWD", 1234, "1.234"),
            ("1.2345", "CLF", 12_345, "1.2345"),
            ("92233720368547758.07", "EUR", i64::MAX, "92233720368547758.07"),
            ("-92233720368547758.08", "EUR", i64::MIN, "-92233720368547758.08"),
        ] {
            let money = Money::parse(text, currency(code)).expect("an amount");
            assert_eq!((money.minor, money.amount().as_str()), (minor, written), "{text} {code}");
        }
    }

    /// T16: what is no exact amount of the currency is refused.
    #[test]
    fn t16_no_amounts() {
        for (text, code, expected) in [
            ("", "EUR", MoneyError::NoAmount),
            ("-", "EUR", MoneyError::NoAmount),
            ("+1", "EUR", MoneyError::NoAmount),
            ("--1", "EUR", MoneyError::NoAmount),
            (".5", "EUR", MoneyError::NoAmount),
            ("5.", "EUR", MoneyError::NoAmount),
            ("1,5", "EUR", MoneyError::NoAmount),
            ("1e3", "EUR", MoneyError::NoAmount),
            ("NaN", "EUR", MoneyError::NoAmount),
            ("١", "EUR", MoneyError::NoAmount),
            ("1.005", "EUR", MoneyError::TooManyDecimals(2)),
            ("1.0", "JPY", MoneyError::TooManyDecimals(0)),
            ("92233720368547758.08", "EUR", MoneyError::OutOfRange),
        ] {
            assert_eq!(Money::parse(text, currency(code)), Err(expected), "{text} {code}");
        }
        for code in ["", "EU", "EURO", "eur", "E R", "ЕUR", "E1R"] {
            assert_eq!(code.parse::<Currency>(), Err(MoneyError::NoCurrency), "{code}");
        }
    }

    proptest! {
        /// E-4: every amount is read back from what is written.
        #[test]
        fn e4_round_trip(minor in any::<i64>(), code in prop::sample::select(vec!["EUR", "JPY", "BHD", "UYW"])) {
            let money = Money { minor, currency: currency(code) };
            prop_assert_eq!(Money::parse(&money.amount(), money.currency), Ok(money));
        }

        /// T16: no text panics.
        #[test]
        fn t16_any_text(text in any::<String>()) {
            let _ = Money::parse(&text, currency("EUR"));
            let _ = text.parse::<Currency>();
        }
    }
}
