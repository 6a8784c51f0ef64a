//! Counted words: English has two forms, Russian three.
//!
//! Russian takes the form by the last two digits: 1 час, 21 час, but 11 часов; 2 часа, 24 часа, but
//! 12 часов. Zero and everything else take the third form.

use crate::client::Locale;

/// A counted thing in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plural {
    /// `hour`, `hours`.
    pub en: [&'static str; 2],
    /// `час`, `часа`, `часов`.
    pub ru: [&'static str; 3],
}

impl Plural {
    /// The form that goes with a number.
    pub fn form(&self, number: u64, locale: Locale) -> &'static str {
        match locale {
            Locale::En if number == 1 => self.en[0],
            Locale::En => self.en[1],
            Locale::Ru => match (number % 100, number % 10) {
                (11..=14, _) => self.ru[2],
                (_, 1) => self.ru[0],
                (_, 2..=4) => self.ru[1],
                _ => self.ru[2],
            },
        }
    }

    /// The number with its word: `5 часов`.
    pub fn of(&self, number: u64, locale: Locale) -> String {
        format!("{number} {}", self.form(number, locale))
    }
}

/// Hours.
pub const HOUR: Plural = Plural { en: ["hour", "hours"], ru: ["час", "часа", "часов"] };
/// Minutes.
pub const MINUTE: Plural =
    Plural { en: ["minute", "minutes"], ru: ["минута", "минуты", "минут"] };
/// Entries of time.
pub const ENTRY: Plural =
    Plural { en: ["entry", "entries"], ru: ["запись", "записи", "записей"] };
/// Tasks.
pub const TASK: Plural = Plural { en: ["task", "tasks"], ru: ["задача", "задачи", "задач"] };
/// Days.
pub const DAY: Plural = Plural { en: ["day", "days"], ru: ["день", "дня", "дней"] };

/// Minutes in whole words: `3 часа 20 минут`, `1 hour`; a part that is 0 left out.
pub fn time(minutes: i32, locale: Locale) -> String {
    let sign = if minutes < 0 { "−" } else { "" };
    let whole = u64::from(minutes.unsigned_abs());
    match (whole / 60, whole % 60) {
        (0, rest) => format!("{sign}{}", MINUTE.of(rest, locale)),
        (hours, 0) => format!("{sign}{}", HOUR.of(hours, locale)),
        (hours, rest) => format!("{sign}{} {}", HOUR.of(hours, locale), MINUTE.of(rest, locale)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// each form of a number, in both languages.
    #[test]
    fn r1_forms() {
        for (number, ru, en) in [
            (0, "0 часов", "0 hours"),
            (1, "1 час", "1 hour"),
            (2, "2 часа", "2 hours"),
            (4, "4 часа", "4 hours"),
            (5, "5 часов", "5 hours"),
            (10, "10 часов", "10 hours"),
            (11, "11 часов", "11 hours"),
            (12, "12 часов", "12 hours"),
            (14, "14 часов", "14 hours"),
            (15, "15 часов", "15 hours"),
            (20, "20 часов", "20 hours"),
            (21, "21 час", "21 hours"),
            (22, "22 часа", "22 hours"),
            (101, "101 час", "101 hours"),
            (111, "111 часов", "111 hours"),
            (112, "112 часов", "112 hours"),
            (1001, "1001 час", "1001 hours"),
            (u64::MAX, "18446744073709551615 часов", "18446744073709551615 hours"),
        ] {
            assert_eq!(HOUR.of(number, Locale::Ru), ru);
            assert_eq!(HOUR.of(number, Locale::En), en);
        }
        assert_eq!(ENTRY.of(3, Locale::Ru), "3 записи");
        assert_eq!(TASK.of(11, Locale::Ru), "11 задач");
        assert_eq!(DAY.of(1, Locale::En), "1 day");
    }

    /// durations in words; T16 at the edges.
    #[test]
    fn r1_time_in_words() {
        for (minutes, ru, en) in [
            (0, "0 минут", "0 minutes"),
            (1, "1 минута", "1 minute"),
            (62, "1 час 2 минуты", "1 hour 2 minutes"),
            (200, "3 часа 20 минут", "3 hours 20 minutes"),
            (300, "5 часов", "5 hours"),
            (-80, "−1 час 20 минут", "−1 hour 20 minutes"),
            (i32::MIN, "−35791394 часа 8 минут", "−35791394 hours 8 minutes"),
        ] {
            assert_eq!(time(minutes, Locale::Ru), ru);
            assert_eq!(time(minutes, Locale::En), en);
        }
    }
}
