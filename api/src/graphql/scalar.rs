//! Values that the schema writes as text: days, moments, money.
//!
//! Moments are UTC with `Z` and milliseconds, so that the same moment is the same text everywhere. A day is a day of
//! the client's calendar and belongs to no zone. Both refuse what is nearly right rather than guess. The library's own
//! scalars for `chrono` write another form; no field or argument uses them.

use async_graphql::{
    InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value,
};
use chrono::{NaiveDate, SecondsFormat, SubsecRound, Utc};
use serde::Serialize;

use super::error::BAD_USER_INPUT;
use crate::usecase::price::Amount;

/// A day of a calendar, such as `2026-03-11`; it belongs to no time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Date(pub NaiveDate);

/// A day of a calendar, such as `2026-03-11`; it belongs to no time zone.
#[Scalar(specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) if text.len() == 10 => text.parse().ok().map(Self),
            _ => None,
        }
        .ok_or_else(|| bad("A day is written as 2026-03-11."))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format("%Y-%m-%d").to_string())
    }
}

impl From<NaiveDate> for Date {
    fn from(day: NaiveDate) -> Self {
        Self(day)
    }
}

impl From<Date> for NaiveDate {
    fn from(day: Date) -> Self {
        day.0
    }
}

/// A moment in UTC, to the millisecond, such as `2026-03-11T12:00:00.000Z`; other offsets are taken as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct DateTime(pub chrono::DateTime<Utc>);

/// A moment in UTC, to the millisecond, such as `2026-03-11T12:00:00.000Z`; other offsets are taken as well.
#[Scalar(specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => chrono::DateTime::parse_from_rfc3339(text)
                .ok()
                .map(|moment| Self(moment.with_timezone(&Utc).trunc_subsecs(3))),
            _ => None,
        }
        .ok_or_else(|| bad("A moment is written as 2026-03-11T12:00:00.000Z."))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl From<chrono::DateTime<Utc>> for DateTime {
    fn from(moment: chrono::DateTime<Utc>) -> Self {
        Self(moment)
    }
}

impl From<DateTime> for chrono::DateTime<Utc> {
    fn from(moment: DateTime) -> Self {
        moment.0
    }
}

fn bad<T>(text: &str) -> InputValueError<T>
where
    T: async_graphql::InputType,
{
    InputValueError::custom(text).with_extension("code", BAD_USER_INPUT)
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Money {
    /// The amount as a decimal string with all decimals of the currency, such as `1250.00`.
    amount: String,
    /// The ISO 4217 code, such as `EUR`.
    currency: String,
}

impl Money {
    /// What a row holds in minor units and a currency; none where the row states no price.
    pub fn of(minor: Option<i64>, currency: Option<&str>) -> Option<Self> {
        let (minor, currency) = (minor?, currency?.parse().ok()?);
        Some(domain::money::Money { minor, currency }.into())
    }
}

impl From<domain::money::Money> for Money {
    fn from(money: domain::money::Money) -> Self {
        Self { amount: money.amount(), currency: money.currency.code().to_owned() }
    }
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, InputObject)]
pub struct MoneyInput {
    /// The amount as a decimal string, such as `1250` or `1250.50`; no more decimals than the currency has.
    amount: String,
    /// The ISO 4217 code, such as `EUR`.
    currency: String,
}

impl From<MoneyInput> for Amount {
    fn from(money: MoneyInput) -> Self {
        Self { amount: money.amount, currency: money.currency }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value::String(value.to_owned())
    }

    /// Moments come out in one form, whatever form they came in.
    #[test]
    fn a_moment_has_one_form() {
        for (given, shown) in [
            ("2026-03-11T12:00:00Z", "2026-03-11T12:00:00.000Z"),
            ("2026-03-11T15:00:00.123456+03:00", "2026-03-11T12:00:00.123Z"),
        ] {
            let moment = <DateTime as ScalarType>::parse(text(given)).expect("a moment");
            assert_eq!(ScalarType::to_value(&moment), text(shown), "{given}");
        }
        for wrong in ["2026-03-11", "2026-03-11T12:00:00", "now", ""] {
            assert!(<DateTime as ScalarType>::parse(text(wrong)).is_err(), "{wrong}");
        }
    }

    /// A day is ten characters; what is nearly a day is none.
    #[test]
    fn a_day_has_one_form() {
        let day = <Date as ScalarType>::parse(text("2026-03-01")).expect("a day");
        assert_eq!(ScalarType::to_value(&day), text("2026-03-01"));
        for wrong in ["2026-3-1", "2026-02-30", "+12026-03-1", "2026-03-01T00:00:00Z", ""] {
            assert!(<Date as ScalarType>::parse(text(wrong)).is_err(), "{wrong}");
        }
    }
}
