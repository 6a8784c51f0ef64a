//! Amounts of money as callers write them.

use domain::money::{Currency, Money};
use domain::refusal::ErrorCode;
use serde::Serialize;

use crate::error::{Refusal, Refusals};

/// An amount not read yet: a decimal string and a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amount {
    pub amount: String,
    pub currency: String,
}

impl Amount {
    /// Reads it; what is wrong, a negative amount included, is refused at `field.amount` or `field.currency`.
    pub fn read(&self, field: &'static str, refusals: &mut Refusals) -> Option<Money> {
        let mut refuse = |part, text: String| {
            refusals.push(Refusal::new(ErrorCode::Invalid, text).at(part).at(field));
        };
        let currency: Currency =
            self.currency.parse().map_err(|error| refuse("currency", format!("{error}"))).ok()?;
        let money =
            Money::parse(&self.amount, currency).map_err(|error| refuse("amount", error.to_string())).ok()?;
        if money.minor < 0 {
            refuse("amount", "an amount is not negative".to_owned());
            return None;
        }
        Some(money)
    }
}
