//! Where the hours go at the pace of the last four weeks (B-13).
//!
//! The pace is what was drawn on the balance in the last 28 whole days, fewer where the engagement is younger, over the
//! working days among them. Working days and not calendar days, since next to nothing is logged on a weekend: a forecast
//! made on a Friday would else promise work for Sunday, and one made in a January of holidays would take a short month
//! for a slow one. The day that runs is left out of the pace, because it is not over, and is the first of the days to
//! come. Without a working day or without a minute there is no pace, and no day is foretold.

use chrono::{Days, NaiveDate};

use crate::calendar::Calendar;

/// Days looked back on.
const LOOK_BACK: u64 = 28;
/// Working days looked ahead, ten years of them: a day beyond that says nothing.
const LOOK_AHEAD: i64 = 2_600;

/// How fast time is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Above zero.
    minutes: i64,
    /// Above zero.
    working_days: i64,
}

/// The days whose time makes the pace: the first, and the first no longer counted (B-13).
pub fn look_back(starts_on: NaiveDate, today: NaiveDate) -> (NaiveDate, NaiveDate) {
    let earliest = today.checked_sub_days(Days::new(LOOK_BACK)).unwrap_or(NaiveDate::MIN);
    (earliest.max(starts_on).min(today), today)
}

/// What is known of an engagement's hours at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// In the engagement's zone.
    pub today: NaiveDate,
    pub starts_on: NaiveDate,
    /// The first day that no longer belongs to the running period.
    pub period_ends_on: NaiveDate,
    pub remaining_minutes: i32,
    /// What is left of the plan's estimate; none without a plan or an estimate.
    pub plan_minutes: Option<i32>,
}

/// What comes of it; without a pace all of it is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Minutes of a month at this pace: of a twelfth of the working days of the year to come.
    pub monthly_minutes: Option<i32>,
    /// The day on which the period's hours run out, today at the earliest; none where they last to its end.
    pub runs_out_on: Option<NaiveDate>,
    /// What will be left of them at the period's end: above zero where they do not run out.
    pub left_minutes: Option<i32>,
    /// The day on which the rest of the plan is done, today at the earliest; none also beyond ten years.
    pub plan_done_on: Option<NaiveDate>,
}

impl Pace {
    /// The pace of minutes drawn from `from` to the day before `until`.
    pub fn of(minutes: i64, from: NaiveDate, until: NaiveDate, calendar: &Calendar) -> Option<Self> {
        let working_days = i64::from(calendar.working_days(from, until));
        (minutes > 0 && working_days > 0).then_some(Self { minutes, working_days })
    }

    /// Minutes drawn in so many working days, rounded down.
    fn drawn_in(self, days: i64) -> i64 {
        let drawn = i128::from(self.minutes) * i128::from(days) / i128::from(self.working_days);
        i64::try_from(drawn).unwrap_or(i64::MAX)
    }

    /// The day on which so many minutes are drawn, counting from `today` on; none beyond ten years.
    fn done_on(self, minutes: i32, today: NaiveDate, calendar: &Calendar) -> Option<NaiveDate> {
        let needed = i128::from(minutes.max(0)) * i128::from(self.working_days);
        let days = (needed + i128::from(self.minutes) - 1) / i128::from(self.minutes);
        if days == 0 {
            return Some(today);
        }
        let days = u16::try_from(days).ok().filter(|days| i64::from(*days) <= LOOK_AHEAD)?;
        Some(calendar.add_working_days(today.pred_opt()?, days))
    }
}

/// Foretells an engagement's hours from the minutes drawn within [`look_back`] (B-13).
pub fn forecast(facts: &Facts, drawn_minutes: i64, calendar: &Calendar) -> Forecast {
    let Facts { today, period_ends_on, remaining_minutes, .. } = *facts;
    let (from, until) = look_back(facts.starts_on, today);
    let Some(pace) = Pace::of(drawn_minutes, from, until, calendar) else {
        return Forecast::default();
    };
    let year = today.checked_add_days(Days::new(365)).unwrap_or(NaiveDate::MAX);
    let days_of_year = i64::from(calendar.working_days(today, year));
    let to_come = pace.drawn_in(i64::from(calendar.working_days(today, period_ends_on)));
    let left = i64::from(remaining_minutes).saturating_sub(to_come).max(0);
    Forecast {
        monthly_minutes: Some(i32::try_from(pace.drawn_in(days_of_year) / 12).unwrap_or(i32::MAX)),
        runs_out_on: pace.done_on(remaining_minutes, today, calendar).filter(|day| *day < period_ends_on),
        left_minutes: i32::try_from(left).ok(),
        plan_done_on: facts.plan_minutes.and_then(|minutes| pace.done_on(minutes, today, calendar)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// A month of March 2026, seen from its third Wednesday; support since January.
    fn facts(remaining_minutes: i32, plan_minutes: Option<i32>) -> Facts {
        Facts {
            today: day("2026-03-18"),
            starts_on: day("2026-01-05"),
            period_ends_on: day("2026-04-05"),
            remaining_minutes,
            plan_minutes,
        }
    }

    /// B-13: four weeks, or as long as the engagement has run; the day that runs is not among them.
    #[test]
    fn b13_look_back() {
        for (starts_on, from) in [
            ("2026-01-05", "2026-02-18"),
            ("2026-02-18", "2026-02-18"),
            ("2026-03-10", "2026-03-10"),
            ("2026-03-18", "2026-03-18"),
            ("2026-03-19", "2026-03-18"),
        ] {
            let today = day("2026-03-18");
            assert_eq!(look_back(day(starts_on), today), (day(from), today), "{starts_on}");
        }
    }

    /// B-13: 60 minutes a working day, and what they make of the hours and of the plan.
    #[test]
    fn b13_the_hours_and_the_plan() {
        let calendar = Calendar::default();
        // 20 working days lie behind, 13 before the period's end.
        for (remaining, plan, runs_out_on, left, plan_done_on) in [
            (780, None, Some("2026-04-03"), 0, None),
            (781, None, None, 1, None),
            (1200, Some(1), None, 420, Some("2026-03-18")),
            (60, Some(60), Some("2026-03-18"), 0, Some("2026-03-18")),
            (61, Some(61), Some("2026-03-19"), 0, Some("2026-03-19")),
            // From Friday on to Monday.
            (181, Some(240), Some("2026-03-23"), 0, Some("2026-03-23")),
            (0, Some(0), Some("2026-03-18"), 0, Some("2026-03-18")),
            (180, Some(i32::MAX), Some("2026-03-20"), 0, None),
        ] {
            let found = forecast(&facts(remaining, plan), 1200, &calendar);
            let expected = Forecast {
                monthly_minutes: Some(1305),
                runs_out_on: runs_out_on.map(day),
                left_minutes: Some(left),
                plan_done_on: plan_done_on.map(day),
            };
            assert_eq!(found, expected, "{remaining} {plan:?}");
        }
    }

    /// B-13: without time, or without a day on which it could have been worked, nothing is foretold.
    #[test]
    fn b13_without_a_pace() {
        let calendar = Calendar::default();
        assert_eq!(forecast(&facts(600, Some(600)), 0, &calendar), Forecast::default());
        let today = Facts { starts_on: day("2026-03-18"), ..facts(600, Some(600)) };
        assert_eq!(forecast(&today, 60, &calendar), Forecast::default());
        let weekend = Facts { today: day("2026-03-16"), starts_on: day("2026-03-14"), ..today };
        assert_eq!(forecast(&weekend, 60, &calendar), Forecast::default());
        // A working day moved onto the weekend makes one.
        let moved = Calendar { days: [(day("2026-03-14"), true)].into() };
        assert!(forecast(&weekend, 60, &moved).monthly_minutes.is_some());
    }

    /// B-13, E-9: nothing is done on a holiday.
    #[test]
    fn b13_holidays() {
        let holidays = ["2026-03-19", "2026-03-20"].map(|text| (day(text), false));
        let calendar = Calendar { days: holidays.into() };
        let found = forecast(&facts(61, Some(61)), 1200, &calendar);
        assert_eq!(
            (found.runs_out_on, found.plan_done_on),
            (Some(day("2026-03-23")), Some(day("2026-03-23")))
        );
    }

    /// B-4, B-13: a period that is over foretells nothing of its hours.
    #[test]
    fn b13_after_the_end() {
        let over = Facts { period_ends_on: day("2026-03-18"), ..facts(0, None) };
        assert_eq!(forecast(&over, 1200, &Calendar::default()).runs_out_on, None);
    }

    /// T16: the edges do not wrap or panic.
    #[test]
    fn t16_edges() {
        for today in [NaiveDate::MIN, NaiveDate::MAX] {
            let facts = Facts { today, period_ends_on: NaiveDate::MAX, ..facts(i32::MAX, Some(i32::MAX)) };
            forecast(&facts, i64::MAX, &Calendar::default());
            forecast(&facts, 1, &Calendar::default());
        }
    }

    proptest! {
        /// B-13: the hours run out within the period exactly where nothing is left at its end, on a day of the period
        /// that has not gone by; more work never makes them last longer.
        #[test]
        fn b13_runs_out_or_leaves(remaining in 0i32..20_000, drawn in 1i64..30_000, ahead in 1u64..60, more in 0i64..10_000) {
            let calendar = Calendar::default();
            let today = day("2026-03-18");
            let facts = Facts { period_ends_on: today + Days::new(ahead), ..facts(remaining, Some(remaining)) };
            let found = forecast(&facts, drawn, &calendar);
            prop_assert_eq!(found.runs_out_on.is_some(), found.left_minutes == Some(0));
            if let Some(day) = found.runs_out_on {
                prop_assert!(today <= day && day < facts.period_ends_on);
                prop_assert!(remaining == 0 || calendar.is_working_day(day));
                prop_assert_eq!(found.plan_done_on, Some(day));
            }
            let faster = forecast(&facts, drawn + more, &calendar);
            prop_assert!(faster.left_minutes <= found.left_minutes);
            prop_assert!(found.plan_done_on.is_none() || faster.plan_done_on <= found.plan_done_on);
        }
    }
}
