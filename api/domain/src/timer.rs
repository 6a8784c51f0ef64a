//! A timer: time that is being worked, until it becomes an entry (W-3).
//!
//! A person has one, since nobody works at two things at once. What ran is rounded up to whole minutes and is at least
//! one, because every minute counts (W-2). The entry belongs to the day on which the timer was started, in the client's
//! zone, also where it ran past midnight: work into the night is the day's own work. More than a day's 24 hours is no
//! work but a timer forgotten, so the person then says how many minutes it was; they may always say that it was less.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::time_entry::DAY_MINUTES;

/// Why a timer does not become an entry (W-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TimerRefused {
    /// It ran for more than a day.
    #[error("the timer has run for more than 24 hours: say how many minutes were worked")]
    RanTooLong,
    /// More was stated than ran, or nothing.
    #[error("the minutes worked are 1 to {0}, as long as the timer has run")]
    NotSoMany(i32),
}

/// Whole minutes that a timer has run, rounded up, at least one.
pub fn minutes_run(started_at: DateTime<Utc>, now: DateTime<Utc>) -> i32 {
    let milliseconds = (now - started_at).num_milliseconds().max(1);
    i32::try_from((milliseconds - 1) / 60_000 + 1).unwrap_or(i32::MAX)
}

/// The minutes of the entry that a timer becomes: those that ran, or fewer where the person says so (W-3).
///
/// # Errors
/// [`TimerRefused`].
pub fn minutes_worked(
    started_at: DateTime<Utc>,
    now: DateTime<Utc>,
    stated: Option<i32>,
) -> Result<i32, TimerRefused> {
    let run = minutes_run(started_at, now);
    match stated {
        None if run > DAY_MINUTES => Err(TimerRefused::RanTooLong),
        None => Ok(run),
        Some(minutes) if (1..=run.min(DAY_MINUTES)).contains(&minutes) => Ok(minutes),
        Some(_) => Err(TimerRefused::NotSoMany(run.min(DAY_MINUTES))),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-03-11T12:00:00Z".parse().expect("an instant")
    }

    /// W-3: every minute begun counts; a clock that was set back makes no time.
    #[test]
    fn w3_minutes_are_rounded_up() {
        for (milliseconds, expected) in [
            (0, 1),
            (1, 1),
            (60_000, 1),
            (60_001, 2),
            (600_000, 10),
            (-5_000, 1),
            (24 * 3_600_000, 1440),
            (i64::MAX / 1_000_000, 153_722_868),
        ] {
            let now = noon() + TimeDelta::milliseconds(milliseconds);
            assert_eq!(minutes_run(noon(), now), expected, "{milliseconds}");
        }
        assert_eq!(minutes_run(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC), i32::MAX);
    }

    /// W-3: more than a day is stated by the person, who may also state less than ran and never more.
    #[test]
    fn w3_minutes_worked() {
        for (run, stated, expected) in [
            (90, None, Ok(90)),
            (90, Some(60), Ok(60)),
            (90, Some(90), Ok(90)),
            (90, Some(91), Err(TimerRefused::NotSoMany(90))),
            (90, Some(0), Err(TimerRefused::NotSoMany(90))),
            (1440, None, Ok(1440)),
            (1441, None, Err(TimerRefused::RanTooLong)),
            (1441, Some(1440), Ok(1440)),
            (5000, Some(1441), Err(TimerRefused::NotSoMany(1440))),
            (5000, Some(480), Ok(480)),
        ] {
            let now = noon() + TimeDelta::minutes(run);
            assert_eq!(minutes_worked(noon(), now, stated), expected, "{run} {stated:?}");
        }
    }
}
