//! Days: which are worked, and when a local day begins.
//!
//! Working days are Monday to Friday, less the holidays and plus the moved days of the provider's
//! calendar, which is data (E-9). Counting is arithmetic over whole weeks plus the few exceptions
//! inside the range, so that a range of any length costs the same.
//!
//! Days are counted in the client's time zone while instants are kept in UTC; the functions
//! below are the only bridge. A clock change may skip midnight or repeat it: a local day begins at
//! its first instant, whatever the clock on the wall shows then.

use std::collections::BTreeMap;

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;

use crate::vocabulary::vocabulary;

vocabulary! {
    /// A day of the week.
    Weekday {
        /// The first.
        Monday,
        /// The second.
        Tuesday,
        /// The third.
        Wednesday,
        /// The fourth.
        Thursday,
        /// The fifth.
        Friday,
        /// The sixth.
        Saturday,
        /// The seventh.
        Sunday,
    }
}

/// The provider's calendar: what differs from Monday to Friday (E-9).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// `true` for a working day moved onto the day, `false` for a holiday.
    pub days: BTreeMap<NaiveDate, bool>,
}

impl Calendar {
    /// Whether `day` is worked (E-9).
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        self.days.get(&day).copied().unwrap_or_else(|| is_weekday(day))
    }

    /// The number of working days from `from` to the day before `to_exclusive` (E-9); 0 where the
    /// range is empty or turned round.
    pub fn working_days(&self, from: NaiveDate, to_exclusive: NaiveDate) -> i32 {
        if from >= to_exclusive {
            return 0;
        }
        let length = (to_exclusive - from).num_days();
        let rest = (length % 7) as usize;
        let mut count = length / 7 * 5;
        count += from.iter_days().take(rest).filter(|day| is_weekday(*day)).count() as i64;
        for (day, working) in self.days.range(from..to_exclusive) {
            count += i64::from(*working) - i64::from(is_weekday(*day));
        }
        i32::try_from(count).expect("the calendar of chrono holds fewer days than an i32")
    }

    /// The `n`-th working day after `day` (E-9); `day` itself for 0. Stops at the last day that a
    /// date can hold.
    pub fn add_working_days(&self, day: NaiveDate, n: u16) -> NaiveDate {
        let mut day = day;
        let mut left = n;
        while left > 0 {
            let Some(next) = day.succ_opt() else {
                return day;
            };
            day = next;
            left -= u16::from(self.is_working_day(day));
        }
        day
    }
}

fn is_weekday(day: NaiveDate) -> bool {
    day.weekday().number_from_monday() <= 5
}

/// The Monday of the week that a day lies in.
pub fn week_of(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())).unwrap_or(day)
}

/// The day that the clock on the wall shows in `tz` at the instant `at`.
pub fn local_day(at: DateTime<Utc>, tz: Tz) -> NaiveDate {
    let utc = at.naive_utc();
    let offset = tz.offset_from_utc_datetime(&utc).fix();
    utc.checked_add_offset(offset).unwrap_or(utc).date()
}

/// The first instant of the local `day` in `tz`: the earlier one where midnight comes twice, the
/// end of the gap where a clock change skips midnight (or the whole day).
pub fn midnight(day: NaiveDate, tz: Tz) -> DateTime<Utc> {
    instant(day.and_time(NaiveTime::MIN), tz)
}

/// The instant at which the clock on the wall shows `wall` in `tz`: the earlier one where it does so
/// twice, the end of the gap where a clock change skips it.
pub fn instant(wall: NaiveDateTime, tz: Tz) -> DateTime<Utc> {
    match tz.from_local_datetime(&wall).earliest() {
        Some(instant) => instant.with_timezone(&Utc),
        None => after_gap(wall, tz),
    }
}

/// Halves the two days on each side of a skipped moment until the first second at which the clock
/// shows that moment or a later one is found.
fn after_gap(wall: NaiveDateTime, tz: Tz) -> DateTime<Utc> {
    let (Some(mut before), Some(mut after)) = (
        wall.checked_sub_days(Days::new(2)).map(|near| near.and_utc()),
        wall.checked_add_days(Days::new(2)).map(|near| near.and_utc()),
    ) else {
        return wall.and_utc();
    };
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if middle.with_timezone(&tz).naive_local() < wall {
            before = middle;
        } else {
            after = middle;
        }
    }
    after
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn calendar() -> Calendar {
        Calendar {
            days: [
                (day("2026-01-01"), false),
                (day("2026-01-02"), false),
                (day("2026-01-03"), true),
                (day("2026-01-04"), false),
            ]
            .into(),
        }
    }

    /// E-9: holidays are taken away, moved days are added, a holiday on a weekend changes nothing.
    #[test]
    fn e9_working_days_of_a_range() {
        let calendar = calendar();
        for (from, to, expected) in [
            ("2026-01-01", "2026-01-01", 0),
            ("2026-01-05", "2026-01-01", 0),
            ("2026-01-01", "2026-01-05", 1),
            ("2026-01-01", "2026-02-01", 21),
            ("2026-02-01", "2026-03-01", 20),
            ("2026-02-07", "2026-02-09", 0),
        ] {
            assert_eq!(calendar.working_days(day(from), day(to)), expected, "{from}..{to}");
        }
        assert!(!calendar.is_working_day(day("2026-01-01")));
        assert!(calendar.is_working_day(day("2026-01-03")));
    }

    /// E-9: deadlines skip weekends and holidays; nothing breaks at the end of all dates.
    #[test]
    fn e9_adding_working_days() {
        let calendar = calendar();
        for (from, n, expected) in [
            ("2026-02-06", 0, "2026-02-06"),
            ("2026-02-06", 1, "2026-02-09"),
            ("2026-02-04", 3, "2026-02-09"),
            ("2025-12-31", 1, "2026-01-03"),
            ("2025-12-31", 2, "2026-01-05"),
        ] {
            assert_eq!(calendar.add_working_days(day(from), n), day(expected), "{from} + {n}");
        }
        assert_eq!(calendar.add_working_days(NaiveDate::MAX, u16::MAX), NaiveDate::MAX);
        assert!(calendar.working_days(NaiveDate::MIN, NaiveDate::MAX) > 0);
    }

    /// E-3: a day begins at its first instant, also where the clock skips or repeats midnight.
    #[test]
    fn e3_midnight_over_clock_changes() {
        for (on, tz, expected) in [
            ("2026-07-01", Tz::Europe__Moscow, "2026-06-30T21:00:00Z"),
            // Skips from 00:00 to 01:00.
            ("2024-09-08", Tz::America__Santiago, "2024-09-08T04:00:00Z"),
            // 00:00 to 01:00 comes twice.
            ("2024-11-03", Tz::America__Havana, "2024-11-03T04:00:00Z"),
            // The whole day is skipped: the next day begins then.
            ("2011-12-30", Tz::Pacific__Apia, "2011-12-30T10:00:00Z"),
            ("2026-03-29", Tz::Europe__Berlin, "2026-03-28T23:00:00Z"),
        ] {
            let expected: DateTime<Utc> = expected.parse().expect("an instant");
            assert_eq!(midnight(day(on), tz), expected, "{on} in {tz}");
        }
    }

    const ZONES: [Tz; 8] = [
        Tz::UTC,
        Tz::Europe__Moscow,
        Tz::Europe__Berlin,
        Tz::America__Santiago,
        Tz::America__Havana,
        Tz::Asia__Beirut,
        Tz::Pacific__Apia,
        Tz::Australia__Lord_Howe,
    ];

    proptest! {
        /// E-3: the first instant of a day belongs to it, the moment before does not.
        #[test]
        fn e3_midnight_is_the_first_instant(zone in 0..ZONES.len(), offset in 0u64..20_000) {
            let tz = ZONES[zone];
            let on = day("1990-01-01") + Days::new(offset);
            let instant = midnight(on, tz);
            prop_assert!(local_day(instant, tz) >= on);
            prop_assert!(local_day(instant - TimeDelta::milliseconds(1), tz) < on);
        }

        /// E-9: counting a range equals asking each of its days.
        #[test]
        fn e9_counting_is_asking_each_day(from in 0u64..60, length in 0u64..400) {
            let calendar = calendar();
            let from = day("2025-12-01") + Days::new(from);
            let to = from + Days::new(length);
            let each = from.iter_days().take_while(|day| *day < to).filter(|day| calendar.is_working_day(*day)).count();
            prop_assert_eq!(calendar.working_days(from, to), each as i32);
        }
    }

    /// T16: the edges of dates and instants do not panic.
    #[test]
    fn t16_edges_do_not_panic() {
        for tz in ZONES {
            local_day(DateTime::<Utc>::MAX_UTC, tz);
            local_day(DateTime::<Utc>::MIN_UTC, tz);
            midnight(NaiveDate::MAX, tz);
            midnight(NaiveDate::MIN, tz);
        }
    }
}
