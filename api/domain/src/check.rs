//! What is looked after once a day, so that no client is forgotten.
//!
//! - **Q-1** Every working day at 18:00 of the provider's zone each active engagement of a service
//!   that is set so is checked twice: for *work* (a time entry for the day) and for *contact* (a
//!   comment that the client can read, a meeting held, or time in contact with the client). Each
//!   failure is reported by itself. A check that was missed is made as soon as it can be, but only
//!   the newest: older days are over.
//! - **Q-2** In support a client without a task, comment, meeting or work for five working days is
//!   reported to the account manager.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

use crate::calendar::Calendar;
use crate::time_entry::Activity;

/// The hour of the daily checks on the provider's clock.
const CHECKED_AT: NaiveTime = NaiveTime::from_hms_opt(18, 0, 0).expect("an hour of the day");
/// How far back a missed check is looked for, in days.
const FAR: u64 = 14;
/// Working days without anything after which a client counts as idle.
pub const IDLE_DAYS: i32 = 5;

/// Kinds of work that are contact with the client.
pub const CONTACT: [Activity; 5] =
    [Activity::ChatSupport, Activity::Meeting, Activity::Demonstration, Activity::Training, Activity::OnSite];

/// The working day to check at `now` on the provider's clock: the newest whose hour has come.
pub fn due_day(now: NaiveDateTime, calendar: &Calendar) -> Option<NaiveDate> {
    let newest = if now.time() >= CHECKED_AT { Some(now.date()) } else { now.date().pred_opt() }?;
    (0..FAR)
        .filter_map(|back| newest.checked_sub_days(Days::new(back)))
        .find(|day| calendar.is_working_day(*day))
}

/// The first day of the stretch that must have been empty for a client to be idle `today`: since
/// then five whole working days have passed.
pub fn idle_since(today: NaiveDate, calendar: &Calendar) -> Option<NaiveDate> {
    let mut left = IDLE_DAYS;
    (1..60).filter_map(|back| today.checked_sub_days(Days::new(back))).find(|day| {
        left -= i32::from(calendar.is_working_day(*day));
        left == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> NaiveDateTime {
        text.parse().expect("a moment")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    /// at six in the evening of a working day, and later for what was missed.
    #[test]
    fn q1_the_day_that_is_checked() {
        let holiday = Calendar { days: [(day("2026-03-09"), false)].into() };
        for (now, calendar, expected) in [
            ("2026-03-11T17:59:59", Calendar::default(), "2026-03-10"),
            ("2026-03-11T18:00:00", Calendar::default(), "2026-03-11"),
            ("2026-03-14T20:00:00", Calendar::default(), "2026-03-13"),
            ("2026-03-16T09:00:00", Calendar::default(), "2026-03-13"),
            ("2026-03-09T19:00:00", holiday, "2026-03-06"),
        ] {
            assert_eq!(due_day(moment(now), &calendar), Some(day(expected)), "{now}");
        }
    }

    /// a fortnight without a working day has none to check.
    #[test]
    fn q1_nothing_to_check() {
        let days = (1..=31).filter_map(|n| NaiveDate::from_ymd_opt(2026, 3, n)).map(|day| (day, false));
        assert_eq!(due_day(moment("2026-03-20T19:00:00"), &Calendar { days: days.collect() }), None);
    }

    /// five whole working days, weekends and holidays left out.
    #[test]
    fn q2_the_stretch_of_idleness() {
        for (today, free, expected) in [
            ("2026-03-11", None, "2026-03-04"),
            ("2026-03-16", None, "2026-03-09"),
            ("2026-03-11", Some("2026-03-10"), "2026-03-03"),
        ] {
            let calendar = Calendar { days: free.map(|free| (day(free), false)).into_iter().collect() };
            let since = idle_since(day(today), &calendar).expect("a day");
            assert_eq!(since, day(expected), "{today}");
            assert_eq!(calendar.working_days(since, day(today)), IDLE_DAYS);
        }
    }
}
