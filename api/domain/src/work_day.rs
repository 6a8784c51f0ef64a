//! A person's day: how much of it is explained by what they logged (W-8).
//!
//! A working day of the provider's calendar expects so many minutes, a setting; what is logged over all clients explains
//! them. Weekends, holidays and days to come expect nothing that could be missing. A working day without any own time is
//! reminded of once, from nine in the morning of the day after it, as the provider's clock shows it; when nobody was
//! there to remind, only the last such day is: a list of old days would be read by nobody.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, NaiveDateTime, Timelike};

use crate::calendar::Calendar;

/// The hour of the morning from which a day is reminded of.
const MORNING: u32 = 9;
/// Days looked back for a working day: longer than any row of holidays.
const LOOK_BACK: u64 = 31;

/// One day of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkDay {
    pub day: NaiveDate,
    pub is_working_day: bool,
    pub logged_minutes: i32,
    /// Zero on a day that is not worked.
    pub expected_minutes: i32,
    /// What is expected and not logged; zero on a day to come.
    pub unexplained_minutes: i32,
}

/// The days from `from` to the one before `until`, of which `logged` holds those with time (W-8).
pub fn work_days(
    from: NaiveDate,
    until: NaiveDate,
    today: NaiveDate,
    expected_minutes: i32,
    calendar: &Calendar,
    logged: &BTreeMap<NaiveDate, i32>,
) -> Vec<WorkDay> {
    from.iter_days()
        .take_while(|day| *day < until)
        .map(|day| {
            let is_working_day = calendar.is_working_day(day);
            let logged_minutes = logged.get(&day).copied().unwrap_or(0);
            let expected_minutes = if is_working_day { expected_minutes } else { 0 };
            let missing = expected_minutes.saturating_sub(logged_minutes).max(0);
            WorkDay {
                day,
                is_working_day,
                logged_minutes,
                expected_minutes,
                unexplained_minutes: if day <= today { missing } else { 0 },
            }
        })
        .collect()
}

/// The working day that is to be reminded of at a moment of the provider's clock: the last one behind which nine in the
/// morning has come (W-8). None where none of the last month was worked.
pub fn to_remind_of(now: NaiveDateTime, calendar: &Calendar) -> Option<NaiveDate> {
    let today = now.date();
    let behind = if now.hour() < MORNING { 2 } else { 1 };
    (behind..=LOOK_BACK)
        .filter_map(|days| today.checked_sub_days(Days::new(days)))
        .find(|day| calendar.is_working_day(*day))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn calendar() -> Calendar {
        Calendar { days: [(day("2026-03-09"), false), (day("2026-03-14"), true)].into() }
    }

    /// W-8: what each day of a week expects and what of it is missing, the holiday, the moved day and tomorrow among them.
    #[test]
    fn w8_days_and_what_explains_them() {
        let logged = [("2026-03-09", 30), ("2026-03-10", 480), ("2026-03-11", 120), ("2026-03-12", 600)];
        let logged = logged.map(|(text, minutes)| (day(text), minutes)).into();
        let days =
            work_days(day("2026-03-08"), day("2026-03-17"), day("2026-03-14"), 480, &calendar(), &logged);
        let found: Vec<_> = days
            .iter()
            .map(|of| (of.is_working_day, of.logged_minutes, of.expected_minutes, of.unexplained_minutes))
            .collect();
        assert_eq!(
            found,
            [
                (false, 0, 0, 0),
                (false, 30, 0, 0),
                (true, 480, 480, 0),
                (true, 120, 480, 360),
                (true, 600, 480, 0),
                (true, 0, 480, 480),
                (true, 0, 480, 480),
                (false, 0, 0, 0),
                (true, 0, 480, 0),
            ]
        );
        assert_eq!(
            work_days(day("2026-03-08"), day("2026-03-08"), day("2026-03-08"), 1, &calendar(), &logged),
            []
        );
    }

    /// W-8: from nine on the morning after, and the last working day alone, however long nobody looked.
    #[test]
    fn w8_the_day_to_remind_of() {
        for (now, expected) in [
            ("2026-03-12T08:59:59", "2026-03-10"),
            ("2026-03-12T09:00:00", "2026-03-11"),
            ("2026-03-12T23:59:59", "2026-03-11"),
            // The Saturday was worked: Sunday and Monday tell of it.
            ("2026-03-15T09:00:00", "2026-03-14"),
            ("2026-03-16T12:00:00", "2026-03-14"),
            // Sunday and the holiday after it are nobody's.
            ("2026-03-10T10:00:00", "2026-03-06"),
            ("2026-03-07T09:00:00", "2026-03-06"),
        ] {
            let now: NaiveDateTime = now.parse().expect("a moment");
            assert_eq!(to_remind_of(now, &calendar()), Some(day(expected)), "{now}");
        }
        let rest = (0..60).map(|days| (day("2026-03-01") + Days::new(days), false)).collect();
        let now = "2026-04-20T12:00:00".parse().expect("a moment");
        assert_eq!(to_remind_of(now, &Calendar { days: rest }), None);
        to_remind_of(NaiveDate::MIN.and_hms_opt(0, 0, 0).expect("midnight"), &calendar());
    }

    proptest! {
        /// W-8: what is reminded of was worked and is behind.
        #[test]
        fn w8_reminds_of_working_days_alone(offset in 0u64..400, hour in 0u32..24) {
            let today = day("2026-01-10") + Days::new(offset);
            let now = today.and_hms_opt(hour, 0, 0).expect("an hour");
            let found = to_remind_of(now, &calendar()).expect("a working day");
            prop_assert!(found < today && calendar().is_working_day(found));
        }
    }
}
