//! Reservations: the minutes a month that a member of the team holds for an engagement (T-2).
//!
//! Those of an engagement whose service asks for them sum to the tariff's minutes. A member's, over all engagements,
//! stay within the minutes that they can give in a month. Engagements begin their months on different days, so what
//! counts is how much is held at once: [`peak`] finds the most over a stretch of days.

use chrono::NaiveDate;

/// Minutes a month held over a stretch of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The first day.
    pub from: NaiveDate,
    /// The first day no longer held; none while no end is known.
    pub until: Option<NaiveDate>,
    /// Minutes a month.
    pub minutes: i32,
}

impl Held {
    fn on(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}

/// The most minutes a month held at once from `from` to the day before `until` (T-2, T-5). It can only rise on a day on
/// which something begins, so those days and `from` are looked at.
pub fn peak(held: &[Held], from: NaiveDate, until: Option<NaiveDate>) -> i32 {
    let within = |day: &NaiveDate| *day >= from && until.is_none_or(|until| *day < until);
    let days = held.iter().map(|held| held.from).chain([from]).filter(within);
    let sum = |day| {
        let minutes = held.iter().filter(|held| held.on(day)).map(|held| i64::from(held.minutes));
        i32::try_from(minutes.sum::<i64>()).unwrap_or(i32::MAX)
    };
    days.map(sum).max().unwrap_or(0)
}

/// Whether reservations sum to a tariff's minutes exactly (T-2); a tariff without any wants none.
pub fn sums_to(reserved: &[i32], tariff_minutes: Option<i32>) -> bool {
    let sum: i64 = reserved.iter().map(|minutes| i64::from(*minutes)).sum();
    sum == i64::from(tariff_minutes.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn held(from: &str, until: Option<&str>, minutes: i32) -> Held {
        Held { from: day(from), until: until.map(day), minutes }
    }

    /// T-2: what follows one another is not added up, what overlaps by a day is.
    #[test]
    fn t2_most_held_at_once() {
        let all = [
            held("2026-01-10", Some("2026-03-10"), 600),
            held("2026-03-10", None, 900),
            held("2026-03-09", Some("2026-04-09"), 100),
            held("2026-05-01", None, 50),
        ];
        for (from, until, expected) in [
            ("2026-01-01", Some("2026-01-10"), 0),
            ("2026-01-01", Some("2026-01-11"), 600),
            ("2026-03-09", Some("2026-03-10"), 700),
            ("2026-03-01", Some("2026-04-01"), 1000),
            ("2026-04-09", Some("2026-05-01"), 900),
            ("2026-01-01", None, 1000),
            ("2026-06-01", None, 950),
            ("2026-06-01", Some("2026-06-01"), 0),
        ] {
            assert_eq!(peak(&all, day(from), until.map(day)), expected, "{from}..{until:?}");
        }
        assert_eq!(peak(&[], day("2026-01-01"), None), 0);
        // T16: the sum stops at the edge.
        let most = [held("2026-01-01", None, i32::MAX), held("2026-01-01", None, i32::MAX)];
        assert_eq!(peak(&most, day("2026-01-01"), None), i32::MAX);
    }

    /// T-2: the sum is exact.
    #[test]
    fn t2_sum() {
        assert!(sums_to(&[400, 800], Some(1200)));
        assert!(!sums_to(&[400, 801], Some(1200)));
        assert!(!sums_to(&[i32::MAX, i32::MAX], Some(-2)));
        assert!(sums_to(&[], None));
    }
}
