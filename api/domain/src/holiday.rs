//! Public holidays by country: what a provider's calendar is loaded with for a start.
//!
//! Only what the law fixes for every year stands here. Days that a government moves by a decree of the year are set by
//! hand afterwards; the calendar keeps what is set (E-9).

use chrono::{Datelike, NaiveDate, Weekday};

use crate::vocabulary::vocabulary;

vocabulary! {
    /// A country whose public holidays are known.
    Country {
        /// Russia: the holidays of the Labour Code, and the day off in place of one that falls on a weekend.
        Ru,
    }
}

/// The name of a day off given for a holiday on a weekend.
const MOVED: &str = "Перенесённый выходной";

/// Russia's public holidays as month, day and name; each lasts one day but the first.
const RUSSIA: [(u32, u32, &str); 7] = [
    (1, 7, "Рождество Христово"),
    (2, 23, "День защитника Отечества"),
    (3, 8, "Международный женский день"),
    (5, 1, "Праздник Весны и Труда"),
    (5, 9, "День Победы"),
    (6, 12, "День России"),
    (11, 4, "День народного единства"),
];

/// The holidays of a country in a year, in order, each with its name (E-9); none for a year that a date cannot hold.
pub fn of_year(country: Country, year: i32) -> Vec<(NaiveDate, &'static str)> {
    match country {
        Country::Ru => russia(year),
    }
}

/// New Year takes the first eight days but for Christmas. A later holiday on a weekend gives the next working day off;
/// those of January are moved by the year's decree instead.
fn russia(year: i32) -> Vec<(NaiveDate, &'static str)> {
    let new_year = (1..=8).filter(|day| *day != 7).map(|day| (1, day, "Новогодние каникулы"));
    let mut days: Vec<_> = new_year
        .chain(RUSSIA)
        .filter_map(|(month, day, name)| Some((NaiveDate::from_ymd_opt(year, month, day)?, name)))
        .collect();
    days.sort_unstable();
    let fixed: Vec<NaiveDate> = days.iter().map(|(day, _)| *day).collect();
    for holiday in fixed.iter().filter(|day| day.month() > 1 && is_weekend(**day)) {
        let free = |day: &NaiveDate| !is_weekend(*day) && !days.iter().any(|(taken, _)| taken == day);
        let instead = holiday.iter_days().find(free);
        days.extend(instead.map(|day| (day, MOVED)));
    }
    days.sort_unstable();
    days
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(year: i32) -> Vec<String> {
        of_year(Country::Ru, year).into_iter().map(|(day, _)| day.format("%m-%d").to_string()).collect()
    }

    /// E-9: the fixed holidays, and the working day off for each that falls on a weekend after January.
    #[test]
    fn e9_holidays_of_russia() {
        // 8 March 2026 is a Sunday, 9 May a Saturday.
        let of_2026 =
            "01-01 01-02 01-03 01-04 01-05 01-06 01-07 01-08 02-23 03-08 03-09 05-01 05-09 05-11 06-12 11-04";
        assert_eq!(days(2026).join(" "), of_2026);
        // 23 February 2025 is a Sunday, 8 March a Saturday.
        assert!(days(2025).contains(&"02-24".to_owned()) && days(2025).contains(&"03-10".to_owned()));
        assert_eq!(days(i32::MAX), Vec::<String>::new());
    }

    /// E-9: every day stands once, whatever the year.
    #[test]
    fn e9_no_day_twice() {
        for year in 1990..2100 {
            let mut found = days(year);
            let all = found.len();
            found.dedup();
            assert_eq!(found.len(), all, "{year}");
            assert!((14..=20).contains(&all), "{year}: {all}");
        }
    }
}
