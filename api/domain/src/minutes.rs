//! Minutes in words.
//!
//! Time is whole minutes everywhere and is never a fraction of an hour; only people read hours.

use crate::client::Locale;

/// Minutes as a person reads them: `1 h 20 min`, `1 ч 20 мин`; `-` before a negative figure, and
/// a part that is 0 left out.
pub fn format_hours(minutes: i32, locale: Locale) -> String {
    let (hour, minute) = match locale {
        Locale::En => ("h", "min"),
        Locale::Ru => ("ч", "мин"),
    };
    let sign = if minutes < 0 { "-" } else { "" };
    let whole = minutes.unsigned_abs();
    match (whole / 60, whole % 60) {
        (0, rest) => format!("{sign}{rest} {minute}"),
        (hours, 0) => format!("{sign}{hours} {hour}"),
        (hours, rest) => format!("{sign}{hours} {hour} {rest} {minute}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B-11: figures of an explanation in both languages; T16 at the edges.
    #[test]
    fn b11_minutes_in_words() {
        for (minutes, en, ru) in [
            (0, "0 min", "0 мин"),
            (59, "59 min", "59 мин"),
            (60, "1 h", "1 ч"),
            (80, "1 h 20 min", "1 ч 20 мин"),
            (-80, "-1 h 20 min", "-1 ч 20 мин"),
            (7200, "120 h", "120 ч"),
            (i32::MIN, "-35791394 h 8 min", "-35791394 ч 8 мин"),
        ] {
            assert_eq!(format_hours(minutes, Locale::En), en);
            assert_eq!(format_hours(minutes, Locale::Ru), ru);
        }
    }
}
