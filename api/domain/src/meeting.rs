//! Meetings: the weekly call of a support with its project manager, and what comes out of it (M-1).
//!
//! A rhythm names a day of the week and a time of day on the wall of the engagement's zone; its slots are instants that
//! follow that wall through every change of the clock. A time that the clock skips is held by the clock as it was
//! before (03:30 where 02:30 does not exist), one that comes twice is its first. A meeting is planned once, more than a
//! week ahead, and no more than one in a week, counted from Monday: what was moved or called off is not planned again.
//!
//! A meeting is PLANNED until it is HELD or CANCELLED, and neither is taken back. Satisfaction is a figure from 1 to 5;
//! its trend is told from the last two figures of a client.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use thiserror::Error;

use crate::calendar::{Weekday, instant, local_day, week_of};
use crate::client::Locale;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a meeting is for.
    MeetingKind {
        /// The weekly call of a support.
        Weekly,
        /// Any other.
        Other,
    }
    /// Where a meeting stands.
    MeetingStatus {
        /// Yet to come, or its outcome not recorded yet.
        Planned,
        /// Held, its outcome recorded.
        Held,
        /// Called off.
        Cancelled,
    }
    /// Where a point of an agenda comes from.
    AgendaSource {
        /// An answer to a weekly report.
        ReportAnswer,
        /// A question to be talked about.
        Question,
        /// A task.
        Task,
        /// Written by hand.
        Manual,
    }
    /// Where a figure of satisfaction comes from.
    SatisfactionSource {
        /// Asked in a meeting.
        Meeting,
        /// An answer to a weekly report.
        ReportAnswer,
        /// Asked by the quality manager.
        QualityCall,
    }
    /// How satisfaction has moved since the figure before.
    SatisfactionTrend {
        /// There is no figure before.
        First,
        /// It rose.
        Up,
        /// It stayed.
        Same,
        /// It fell.
        Down,
    }
}

/// For how many days ahead meetings are planned: a day more than the week at the least.
pub const HORIZON_DAYS: u64 = 8;
/// The shortest and the longest meeting, in minutes.
pub const DURATION: std::ops::RangeInclusive<i32> = 5..=600;
/// The most points of one agenda; what is raised beyond waits for the next meeting.
pub const AGENDA: usize = 100;
/// The most people of one meeting.
pub const PARTICIPANTS: usize = 50;

/// When the weekly meeting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    pub weekday: Weekday,
    /// Minutes after midnight on the wall, 0 to 1439.
    pub minute_of_day: i32,
}

/// One meeting that a rhythm asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The local day.
    pub day: NaiveDate,
    pub starts_at: DateTime<Utc>,
}

impl Rhythm {
    /// The slot of the week that a day lies in.
    pub fn in_week_of(self, day: NaiveDate, zone: Tz) -> Option<Slot> {
        let day = week_of(day).checked_add_days(Days::new(self.weekday as u64))?;
        Some(Slot { day, starts_at: on_the_wall(day, self.minute_of_day, zone) })
    }

    /// The slots that are to come within [`HORIZON_DAYS`] of `now` and that the engagement serves: from its first day
    /// to the day before its end (M-1).
    pub fn due(
        self,
        now: DateTime<Utc>,
        zone: Tz,
        starts_on: NaiveDate,
        ends_on: Option<NaiveDate>,
    ) -> Vec<Slot> {
        let today = local_day(now, zone);
        let horizon = now + TimeDelta::days(HORIZON_DAYS as i64);
        (0..=HORIZON_DAYS / 7 + 1)
            .filter_map(|week| today.checked_add_days(Days::new(7 * week)))
            .filter_map(|day| self.in_week_of(day, zone))
            .filter(|slot| slot.starts_at > now && slot.starts_at <= horizon)
            .filter(|slot| slot.day >= starts_on && ends_on.is_none_or(|end| slot.day < end))
            .collect()
    }
}

/// The instant at which the clock on the wall shows a time of a local day.
fn on_the_wall(day: NaiveDate, minute_of_day: i32, zone: Tz) -> DateTime<Utc> {
    let minutes = minute_of_day.clamp(0, 1439).unsigned_abs();
    let time = NaiveTime::from_num_seconds_from_midnight_opt(minutes * 60, 0).unwrap_or(NaiveTime::MIN);
    instant(day.and_time(time), zone)
}

/// What became of a meeting already stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the meeting is {}", if *.0 == MeetingStatus::Held { "held" } else { "cancelled" })]
pub struct MeetingRefused(pub MeetingStatus);

/// Whether a meeting can still be moved, cancelled or held.
///
/// # Errors
/// It was held or cancelled.
pub fn check_open(status: MeetingStatus) -> Result<(), MeetingRefused> {
    if status == MeetingStatus::Planned { Ok(()) } else { Err(MeetingRefused(status)) }
}

/// Whether a figure is one of satisfaction: 1 to 5.
pub fn is_score(score: i32) -> bool {
    (1..=5).contains(&score)
}

/// How satisfaction has moved.
pub fn trend(previous: Option<i32>, latest: i32) -> SatisfactionTrend {
    match previous.map(|previous| latest.cmp(&previous)) {
        None => SatisfactionTrend::First,
        Some(std::cmp::Ordering::Greater) => SatisfactionTrend::Up,
        Some(std::cmp::Ordering::Equal) => SatisfactionTrend::Same,
        Some(std::cmp::Ordering::Less) => SatisfactionTrend::Down,
    }
}

/// What a meeting is called, in the client's words.
pub fn title(kind: MeetingKind, locale: Locale) -> &'static str {
    match (kind, locale) {
        (MeetingKind::Weekly, Locale::En) => "Weekly meeting",
        (MeetingKind::Weekly, Locale::Ru) => "Еженедельная встреча",
        (MeetingKind::Other, Locale::En) => "Meeting",
        (MeetingKind::Other, Locale::Ru) => "Встреча",
    }
}

/// Why the system calls off what lies behind an engagement's end, in the client's words.
pub fn ended(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "The engagement has ended by then.",
        Locale::Ru => "К этому дню услуга завершена.",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use chrono::Datelike;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    const ZONES: [Tz; 5] =
        [Tz::UTC, Tz::Europe__Moscow, Tz::Europe__Berlin, Tz::America__New_York, Tz::Pacific__Apia];

    /// M-1: the wall decides, through both changes of the clock.
    #[test]
    fn m1_slots_follow_the_wall() {
        for (on, minute, zone, expected) in [
            ("2026-03-27", 600, Tz::Europe__Berlin, "2026-03-27T09:00:00Z"),
            ("2026-04-03", 600, Tz::Europe__Berlin, "2026-04-03T08:00:00Z"),
            // Skipped: the clock goes from 02:00 to 03:00.
            ("2026-03-29", 150, Tz::Europe__Berlin, "2026-03-29T01:00:00Z"),
            // Twice: the first.
            ("2026-10-25", 150, Tz::Europe__Berlin, "2026-10-25T00:30:00Z"),
            ("2026-03-11", 0, Tz::Europe__Moscow, "2026-03-10T21:00:00Z"),
            // A day that never was there.
            ("2011-12-30", 600, Tz::Pacific__Apia, "2011-12-30T10:00:00Z"),
        ] {
            assert_eq!(on_the_wall(day(on), minute, zone), at(expected), "{on} {minute} {zone}");
        }
    }

    /// M-1: what is due lies ahead, within the days served.
    #[test]
    fn m1_due_slots() {
        let rhythm = Rhythm { weekday: Weekday::Thursday, minute_of_day: 600 };
        let due = |now: &str, from: &str, to: Option<&str>| -> Vec<String> {
            rhythm
                .due(at(now), Tz::Europe__Moscow, day(from), to.map(day))
                .iter()
                .map(|slot| slot.day.to_string())
                .collect()
        };
        let wednesday = "2026-03-11T12:00:00Z";
        assert_eq!(due(wednesday, "2026-01-01", None), ["2026-03-12", "2026-03-19"]);
        assert_eq!(due("2026-03-12T07:00:00Z", "2026-01-01", None), ["2026-03-19"], "it begins right now");
        assert_eq!(due(wednesday, "2026-03-13", None), ["2026-03-19"], "not served before the start");
        assert_eq!(due(wednesday, "2026-01-01", Some("2026-03-19")), ["2026-03-12"], "nor from the end on");
        assert_eq!(due(wednesday, "2027-01-01", None), Vec::<String>::new());
    }

    /// M-1: nothing is moved or held twice; figures and their trend.
    #[test]
    fn m1_what_stands_stands() {
        assert_eq!(check_open(MeetingStatus::Planned), Ok(()));
        for status in [MeetingStatus::Held, MeetingStatus::Cancelled] {
            assert_eq!(check_open(status), Err(MeetingRefused(status)));
        }
        assert_eq!(MeetingRefused(MeetingStatus::Held).to_string(), "the meeting is held");
        assert!([1, 5].into_iter().all(is_score) && ![0, 6, i32::MIN, i32::MAX].into_iter().any(is_score));
        let trends = [None, Some(3), Some(4), Some(5)].map(|previous| trend(previous, 4));
        use SatisfactionTrend::{Down, First, Same, Up};
        assert_eq!(trends, [First, Up, Same, Down]);
    }

    proptest! {
        /// M-1: whenever the job runs, the next meeting is planned more than a week before it begins, at the same time
        /// on the wall, and one in a week.
        #[test]
        fn m1_each_week_has_its_meeting(
            hours in 0i64..60_000, weekday in 0usize..7, minute_of_day in 0i32..1440, zone in 0..ZONES.len()
        ) {
            let now = at("2024-01-01T00:00:00Z") + TimeDelta::hours(hours);
            let rhythm = Rhythm { weekday: Weekday::ALL[weekday], minute_of_day };
            let slots = rhythm.due(now, ZONES[zone], day("2000-01-01"), None);
            prop_assert!(!slots.is_empty() && slots.len() <= 2, "{slots:?}");
            // A change of the clock is an hour at the most.
            let week = now + TimeDelta::days(7);
            prop_assert!(slots.iter().any(|slot| slot.starts_at >= week - TimeDelta::days(7)));
            let next_week = rhythm.in_week_of(local_day(week, ZONES[zone]), ZONES[zone]).expect("a slot");
            if next_week.starts_at <= week {
                prop_assert!(next_week.starts_at <= now || slots.contains(&next_week));
            }
            for slot in &slots {
                prop_assert_eq!(slot.day.weekday().num_days_from_monday() as usize, weekday);
                prop_assert_eq!(rhythm.in_week_of(slot.day, ZONES[zone]), Some(*slot));
            }
            if let [first, second] = slots.as_slice() {
                prop_assert_eq!(second.day - first.day, TimeDelta::days(7));
            }
        }

        /// T16: the edges of dates do not panic.
        #[test]
        fn t16_edges_do_not_panic(minute in any::<i32>(), zone in 0..ZONES.len()) {
            let rhythm = Rhythm { weekday: Weekday::Sunday, minute_of_day: minute };
            for edge in [NaiveDate::MIN, NaiveDate::MAX] {
                rhythm.in_week_of(edge, ZONES[zone]);
            }
        }
    }
}
