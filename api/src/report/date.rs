//! Days as people write them.

use chrono::{Datelike, NaiveDate};
use domain::client::Locale;

const EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// In the case that follows a day's number.
const RU: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

const EN_WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const RU_WEEKDAYS: [&str; 7] = ["пн", "вт", "ср", "чт", "пт", "сб", "вс"];

fn month(day: NaiveDate, locale: Locale) -> &'static str {
    let months = match locale {
        Locale::En => &EN,
        Locale::Ru => &RU,
    };
    months.get(day.month0() as usize).copied().unwrap_or_default()
}

/// `4 April`, `4 апреля`.
pub fn day(day: NaiveDate, locale: Locale) -> String {
    format!("{}\u{a0}{}", day.day(), month(day, locale))
}

/// `Wed, 4 April`, `ср, 4 апреля`.
pub fn weekday(on: NaiveDate, locale: Locale) -> String {
    let names = match locale {
        Locale::En => &EN_WEEKDAYS,
        Locale::Ru => &RU_WEEKDAYS,
    };
    let name = names.get(on.weekday().num_days_from_monday() as usize).copied().unwrap_or_default();
    format!("{name}, {}", day(on, locale))
}

/// `2–8 March 2026`, `30 марта – 5 апреля 2026`; both days belong to it.
pub fn range(from: NaiveDate, last: NaiveDate, locale: Locale) -> String {
    let year = last.year();
    if from == last {
        return format!("{}\u{a0}{year}", day(from, locale));
    }
    if (from.year(), from.month()) == (year, last.month()) {
        return format!("{}–{}\u{a0}{year}", from.day(), day(last, locale));
    }
    if from.year() == year {
        return format!("{} – {}\u{a0}{year}", day(from, locale), day(last, locale));
    }
    format!("{}\u{a0}{} – {}\u{a0}{year}", day(from, locale), from.year(), day(last, locale))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// days and ranges in both languages.
    #[test]
    fn r1_days_in_words() {
        let on = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let plain = |text: String| text.replace('\u{a0}', " ");
        for (from, last, ru, en) in [
            ("2026-03-02", "2026-03-08", "2–8 марта 2026", "2–8 March 2026"),
            ("2026-03-30", "2026-04-05", "30 марта – 5 апреля 2026", "30 March – 5 April 2026"),
            (
                "2025-12-29",
                "2026-01-04",
                "29 декабря 2025 – 4 января 2026",
                "29 December 2025 – 4 January 2026",
            ),
            ("2026-05-01", "2026-05-01", "1 мая 2026", "1 May 2026"),
        ] {
            assert_eq!(plain(range(on(from), on(last), Locale::Ru)), ru);
            assert_eq!(plain(range(on(from), on(last), Locale::En)), en);
        }
        assert_eq!(plain(weekday(on("2026-03-04"), Locale::Ru)), "ср, 4 марта");
        assert_eq!(plain(weekday(on("2026-03-04"), Locale::En)), "Wed, 4 March");
    }
}
