//! Balances and their movements in words (B-11): what a client reads beside the figures.

use crate::client::Locale;
use crate::ledger::{Counters, EntryKind, GrantCause, Movement};
use crate::minutes::format_hours;

/// A movement in words, with its minutes.
pub fn movement(movement: &Movement, locale: Locale) -> String {
    let hours = format_hours(movement.minutes.saturating_abs(), locale);
    let words = match (movement.kind, movement.cause, locale) {
        (EntryKind::Grant, Some(GrantCause::TopUp), Locale::En) => "hours bought in addition",
        (EntryKind::Grant, Some(GrantCause::TopUp), Locale::Ru) => "докуплены часы",
        (EntryKind::Grant, Some(GrantCause::LatePayment), Locale::En) => "granted with a late payment",
        (EntryKind::Grant, Some(GrantCause::LatePayment), Locale::Ru) => "начислено по поздней оплате",
        (EntryKind::Grant, Some(GrantCause::Extension), Locale::En) => "granted with an extension",
        (EntryKind::Grant, Some(GrantCause::Extension), Locale::Ru) => "начислено при продлении",
        (EntryKind::Grant, _, Locale::En) => "the month's own hours",
        (EntryKind::Grant, _, Locale::Ru) => "часы месяца",
        (EntryKind::Usage, _, Locale::En) => "used by logged work",
        (EntryKind::Usage, _, Locale::Ru) => "потрачено на работу",
        (EntryKind::Reversal, _, Locale::En) => "taken back",
        (EntryKind::Reversal, _, Locale::Ru) => "возвращено",
        (EntryKind::Adjustment, _, Locale::En) => "corrected",
        (EntryKind::Adjustment, _, Locale::Ru) => "исправлено",
        (EntryKind::Expiry, _, Locale::En) => "expired with the month",
        (EntryKind::Expiry, _, Locale::Ru) => "сгорело в конце месяца",
        (EntryKind::Transfer, _, Locale::En) => "carried between months",
        (EntryKind::Transfer, _, Locale::Ru) => "перенесено между месяцами",
    };
    let sign = if movement.minutes < 0 { "−" } else { "+" };
    format!("{sign}{hours}: {words}")
}

/// How a balance comes about, in one sentence.
pub fn balance(counters: &Counters, locale: Locale) -> String {
    let figure = |minutes: i32| format_hours(minutes, locale);
    let (mut parts, last) = match locale {
        Locale::En => (vec![format!("granted {}", figure(counters.granted))], "used"),
        Locale::Ru => (vec![format!("начислено {}", figure(counters.granted))], "потрачено"),
    };
    for (minutes, en, ru) in [
        (counters.transferred, "carried over", "перенесено"),
        (counters.adjusted, "corrected by", "исправлено на"),
    ] {
        if minutes != 0 {
            let sign = if minutes < 0 { "−" } else { "+" };
            let word = if locale == Locale::En { en } else { ru };
            parts.push(format!("{word} {sign}{}", figure(minutes.saturating_abs())));
        }
    }
    parts.push(format!("{last} {}", figure(counters.used)));
    if counters.expired != 0 {
        let word = if locale == Locale::En { "expired" } else { "сгорело" };
        parts.push(format!("{word} {}", figure(counters.expired)));
    }
    let outcome = match (counters.overage(), locale) {
        (0, Locale::En) => format!("{} left", figure(counters.remaining())),
        (0, Locale::Ru) => format!("осталось {}", figure(counters.remaining())),
        (over, Locale::En) => format!("{} over the limit", figure(over)),
        (over, Locale::Ru) => format!("сверх лимита {}", figure(over)),
    };
    format!("{}: {outcome}.", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B-11: a balance is explained in words and figures, in both languages.
    #[test]
    fn a_balance_reads_as_a_sentence() {
        let counters = Counters { granted: 1200, adjusted: -30, used: 95, ..Counters::default() };
        assert_eq!(
            balance(&counters, Locale::En),
            "granted 20 h, corrected by −30 min, used 1 h 35 min: 17 h 55 min left."
        );
        let over = Counters { granted: 60, used: 90, ..Counters::default() };
        assert_eq!(balance(&over, Locale::Ru), "начислено 1 ч, потрачено 1 ч 30 мин: сверх лимита 30 мин.");
    }

    /// B-11: each kind of movement has its words.
    #[test]
    fn every_movement_has_words() {
        let usage = Movement::usage(10).expect("a usage");
        assert_eq!(movement(&usage, Locale::En), "−10 min: used by logged work");
        let top_up = Movement::grant(600, GrantCause::TopUp).expect("a grant");
        assert_eq!(movement(&top_up, Locale::Ru), "+10 ч: докуплены часы");
    }
}
