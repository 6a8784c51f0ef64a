//! Periods: the months of an engagement, counted from its start day (E-3).
//!
//! Each boundary is computed from the start day itself, never from the boundary before it, so that
//! a start on the 31st falls on the last day of a short month and returns to the 31st after.
//! Period `n` ends on the very day on which period `n + 1` starts: no gap, no overlap.
//! Everything here is days; `calendar::midnight` turns them into instants of the client's zone.

use chrono::{Datelike, Months, NaiveDate};

/// One period: its number and its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// 1 for the first month.
    pub number: i32,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The first day that no longer belongs to it.
    pub ends_on: NaiveDate,
}

impl Span {
    /// Whether `day` falls into the period.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.starts_on <= day && day < self.ends_on
    }
}

/// Period `number` of an engagement that starts on `start_day` (E-3). A number below 1 is read as
/// 1; boundaries beyond the last day that a date can hold stand on it.
pub fn span(start_day: NaiveDate, number: i32) -> Span {
    let number = number.max(1);
    let boundary = |months: i32| {
        u32::try_from(months)
            .ok()
            .and_then(|months| start_day.checked_add_months(Months::new(months)))
            .unwrap_or(NaiveDate::MAX)
    };
    Span { number, starts_on: boundary(number - 1), ends_on: boundary(number) }
}

/// The number of the period that `day` falls into (E-3, B-9); none before `start_day`.
pub fn number_on(start_day: NaiveDate, day: NaiveDate) -> Option<i32> {
    if day < start_day {
        return None;
    }
    let months = (day.year() - start_day.year()) * 12 + day.month() as i32 - start_day.month() as i32;
    let starting_that_month = span(start_day, months + 1);
    Some(if day >= starting_that_month.starts_on { months + 1 } else { months })
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// E-3: short months take their last day, longer ones the start's own day again.
    #[test]
    fn e3_start_at_the_end_of_a_month() {
        for (start, number, starts_on, ends_on) in [
            ("2026-01-31", 1, "2026-01-31", "2026-02-28"),
            ("2026-01-31", 2, "2026-02-28", "2026-03-31"),
            ("2026-01-31", 3, "2026-03-31", "2026-04-30"),
            ("2026-01-31", 4, "2026-04-30", "2026-05-31"),
            ("2028-01-30", 2, "2028-02-29", "2028-03-30"),
            ("2026-01-29", 2, "2026-02-28", "2026-03-29"),
            ("2026-11-15", 2, "2026-12-15", "2027-01-15"),
        ] {
            let expected = Span { number, starts_on: day(starts_on), ends_on: day(ends_on) };
            assert_eq!(span(day(start), number), expected);
        }
    }

    /// E-3: for every start day of a leap and a common year, ten years of periods meet exactly.
    #[test]
    fn e3_no_gap_and_no_overlap_over_ten_years() {
        for start in day("2027-01-01").iter_days().take(366 + 365) {
            for number in 1..=120 {
                let this = span(start, number);
                assert!(this.starts_on < this.ends_on, "{start} {number}");
                assert_eq!(this.ends_on, span(start, number + 1).starts_on, "{start} {number}");
                assert_eq!(number_on(start, this.starts_on), Some(number), "{start} {number}");
                let last = this.ends_on.pred_opt().expect("a day before");
                assert_eq!(number_on(start, last), Some(number), "{start} {number}");
            }
        }
    }

    proptest! {
        /// E-3, B-9: every day from the start on falls into exactly the period that it is said to.
        #[test]
        fn e3_every_day_has_its_period(start in 0u64..5_000, after in 0u64..5_000) {
            let start = day("2020-01-01") + Days::new(start);
            let on = start + Days::new(after);
            let number = number_on(start, on).expect("not before the start");
            prop_assert!(span(start, number).contains(on));
        }

        /// T16: no number and no day panics.
        #[test]
        fn t16_numbers_at_the_edges(number in any::<i32>()) {
            span(NaiveDate::MAX, number);
            span(NaiveDate::MIN, number);
        }
    }

    /// E-3: before the start there is no period; T16 at the ends of time.
    #[test]
    fn e3_none_before_the_start() {
        assert_eq!(number_on(day("2026-05-10"), day("2026-05-09")), None);
        assert!(number_on(NaiveDate::MIN, NaiveDate::MAX).is_some());
        assert_eq!(span(day("2026-05-10"), 0), span(day("2026-05-10"), 1));
        assert_eq!(span(day("2026-05-10"), i32::MAX).ends_on, NaiveDate::MAX);
    }
}
