//! When a report falls due.
//!
//! A week runs from Monday to Sunday and is reported once it is over: at the first moment behind its
//! end at which the client's clock shows the client's own weekday and hour. So Monday 09:00 tells of
//! the week that ended last night, and Friday 17:00 of the week before the running one. Where a clock
//! change skips the hour, it is due when the clock goes on; where the hour comes twice, the first time.
//!
//! Which weeks are missing follows from the last one reported. After a long outage all of them are
//! made, oldest first, but no more than [`MOST_WEEKS`]; only those that fell due in the last
//! [`MAILED_DAYS`] days are mailed, the older ones stand in the cabinet: nobody wants a heap of old
//! mails, and time of weeks that were left out is told as added to a past week.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::calendar::{Weekday, instant, local_day, week_of};

/// The most weeks that are made good at once.
pub const MOST_WEEKS: u64 = 8;
/// A report that fell due longer ago is frozen without a mail.
pub const MAILED_DAYS: i64 = 14;

/// When a client gets its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    pub weekday: Weekday,
    /// 0 to 23; others read as the nearest of these.
    pub hour: i32,
}

/// The Monday after.
pub fn next_week(week: NaiveDate) -> NaiveDate {
    week.checked_add_days(Days::new(7)).unwrap_or(NaiveDate::MAX)
}

impl Schedule {
    /// When the report of the week that begins on the Monday `week` falls due.
    pub fn due_at(self, week: NaiveDate, zone: Tz) -> DateTime<Utc> {
        let day = next_week(week).checked_add_days(Days::new(self.weekday as u64)).unwrap_or(NaiveDate::MAX);
        let hour = u32::try_from(self.hour.clamp(0, 23)).unwrap_or(0);
        instant(day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN)), zone)
    }

    /// The last week whose report has fallen due by `now`, by its Monday.
    pub fn last_due(self, now: DateTime<Utc>, zone: Tz) -> NaiveDate {
        let mut week = week_of(local_day(now, zone));
        // The running week and at most the one before it are not due yet.
        for _ in 0..3 {
            if self.due_at(week, zone) <= now {
                break;
            }
            week = week.checked_sub_days(Days::new(7)).unwrap_or(NaiveDate::MIN);
        }
        week
    }

    /// The weeks to be looked at, oldest first: behind the last one reported, or from the one that the client was first
    /// served in, to the last one due.
    pub fn missing(
        self,
        last_reported: Option<NaiveDate>,
        first_served: NaiveDate,
        now: DateTime<Utc>,
        zone: Tz,
    ) -> Vec<NaiveDate> {
        let last = self.last_due(now, zone);
        let oldest = last.checked_sub_days(Days::new(7 * (MOST_WEEKS - 1))).unwrap_or(NaiveDate::MIN);
        let first = last_reported.map_or_else(|| week_of(first_served), next_week).max(oldest);
        std::iter::successors(Some(first), |week| Some(next_week(*week)))
            .take_while(|week| *week <= last)
            .collect()
    }

    /// Whether the report of a week is still mailed.
    pub fn is_mailed(self, week: NaiveDate, now: DateTime<Utc>, zone: Tz) -> bool {
        now - self.due_at(week, zone) <= TimeDelta::days(MAILED_DAYS)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MONDAY_NINE: Schedule = Schedule { weekday: Weekday::Monday, hour: 9 };
    const ZONES: [Tz; 9] = [
        Tz::UTC,
        Tz::Europe__Moscow,
        Tz::Europe__Berlin,
        Tz::America__Santiago,
        Tz::America__Havana,
        Tz::America__Los_Angeles,
        Tz::Asia__Kathmandu,
        Tz::Pacific__Kiritimati,
        Tz::Australia__Lord_Howe,
    ];

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    /// due on the client's own clock, over clock changes too.
    #[test]
    fn r1_due_on_the_clients_clock() {
        let on = |weekday, hour| Schedule { weekday, hour };
        for (schedule, week, zone, expected) in [
            (MONDAY_NINE, "2026-03-02", Tz::Europe__Moscow, "2026-03-09T06:00:00Z"),
            (MONDAY_NINE, "2026-03-02", Tz::America__Los_Angeles, "2026-03-09T16:00:00Z"),
            (MONDAY_NINE, "2026-03-02", Tz::Asia__Kathmandu, "2026-03-09T03:15:00Z"),
            (MONDAY_NINE, "2026-03-23", Tz::Europe__Berlin, "2026-03-30T07:00:00Z"),
            (on(Weekday::Friday, 17), "2026-03-02", Tz::Europe__Moscow, "2026-03-13T14:00:00Z"),
            // 02:00 is skipped on this Sunday, and comes twice on that.
            (on(Weekday::Sunday, 2), "2026-03-16", Tz::Europe__Berlin, "2026-03-29T01:00:00Z"),
            (on(Weekday::Sunday, 2), "2026-10-12", Tz::Europe__Berlin, "2026-10-25T00:00:00Z"),
            (on(Weekday::Monday, 0), "2026-03-02", Tz::UTC, "2026-03-09T00:00:00Z"),
        ] {
            assert_eq!(schedule.due_at(day(week), zone), at(expected), "{week} in {zone}");
        }
    }

    /// missed weeks follow in order, the last one first served or reported being the start.
    #[test]
    fn r1_missing_weeks_in_order() {
        let now = at("2026-03-30T06:00:00Z");
        let missing = |last: Option<&str>, first: &str| {
            MONDAY_NINE.missing(last.map(day), day(first), now, Tz::Europe__Moscow)
        };
        assert_eq!(missing(None, "2026-03-18"), [day("2026-03-16"), day("2026-03-23")]);
        assert_eq!(missing(Some("2026-03-16"), "2026-01-01"), [day("2026-03-23")]);
        assert_eq!(missing(Some("2026-03-23"), "2026-01-01"), []);
        assert_eq!(missing(None, "2026-03-30"), []);
        assert_eq!(missing(None, "2020-01-01").len() as u64, MOST_WEEKS);
        let early = now - TimeDelta::milliseconds(1);
        assert_eq!(
            MONDAY_NINE.missing(None, day("2026-03-18"), early, Tz::Europe__Moscow),
            [day("2026-03-16")]
        );
        assert!(MONDAY_NINE.is_mailed(day("2026-03-09"), now, Tz::Europe__Moscow));
        assert!(!MONDAY_NINE.is_mailed(day("2026-03-02"), now, Tz::Europe__Moscow));
    }

    proptest! {
        /// R-1, T66: every week falls due exactly once, after its end and within a week of it, in any zone and at any
        /// moment; the last one due is due, the one behind it is not.
        #[test]
        fn r1_one_week_after_the_other(
            zone in 0..ZONES.len(), weekday in 0..7usize, hour in 0..24i32, minutes in 0i64..5_000_000,
        ) {
            let zone = ZONES[zone];
            let schedule = Schedule { weekday: Weekday::ALL[weekday], hour };
            let now = at("2021-01-01T00:00:00Z") + TimeDelta::minutes(minutes);
            let last = schedule.last_due(now, zone);
            prop_assert_eq!(week_of(last), last);
            prop_assert!(schedule.due_at(last, zone) <= now);
            prop_assert!(schedule.due_at(next_week(last), zone) > now);
            let (due, end) = (schedule.due_at(last, zone), crate::calendar::midnight(next_week(last), zone));
            prop_assert!(end <= due && due - end < TimeDelta::days(7) + TimeDelta::hours(2));
            prop_assert_eq!(schedule.missing(Some(last), last, now, zone), Vec::<NaiveDate>::new());
        }

        /// however often and at whatever moments it is looked, the weeks are taken once each and in order.
        #[test]
        fn r1_looking_often_is_looking_once(steps in prop::collection::vec(1i64..20_000, 1..60), zone in 0..ZONES.len()) {
            let zone = ZONES[zone];
            let mut now = at("2026-01-01T12:00:00Z");
            let first = day("2026-01-01");
            let mut taken: Vec<NaiveDate> = Vec::new();
            for step in steps {
                now += TimeDelta::minutes(step);
                taken.extend(MONDAY_NINE.missing(taken.last().copied(), first, now, zone));
            }
            let once: Vec<_> = MONDAY_NINE.missing(None, first, now, zone);
            prop_assert!(taken.windows(2).all(|pair| next_week(pair[0]) == pair[1]));
            prop_assert!(taken.ends_with(&once));
        }
    }

    /// T16: nothing breaks at the ends of time.
    #[test]
    fn t16_edges() {
        for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            MONDAY_NINE.last_due(now, Tz::Europe__Moscow);
        }
        MONDAY_NINE.due_at(NaiveDate::MAX, Tz::UTC);
        MONDAY_NINE.due_at(NaiveDate::MIN, Tz::UTC);
        Schedule { hour: i32::MAX, ..MONDAY_NINE }.due_at(day("2026-03-02"), Tz::UTC);
    }
}
