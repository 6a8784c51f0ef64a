//! Warnings on a balance, computed from its state.
//!
//! Nothing is stored but what was told already: which warnings stand follows from the counters, the
//! period's end and the clock, so that a top-up which brings the balance back below a threshold
//! arms its warning again by itself (B-6). A notification is due where a warning stands after a
//! write, or after the clock moved, that did not stand before. Thresholds are compared by
//! multiplication, never by division.

use chrono::{DateTime, TimeDelta, Utc};

use crate::ledger::Counters;
use crate::tariff::UnusedMinutes;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a balance warns of.
    WarningKind {
        /// 80 % of the period's minutes are used.
        NearlyUsed,
        /// All of the period's minutes are used.
        AllUsed,
        /// More than a tenth is unused and the period ends within seven days.
        ExpiresInAWeek,
        /// More than a tenth is unused and the period ends within two days.
        ExpiresInTwoDays,
    }
}

const WEEK: TimeDelta = TimeDelta::days(7);
const TWO_DAYS: TimeDelta = TimeDelta::days(2);

/// The warnings that stand on a period at `now`, in the order of their declaration (B-5, B-6).
///
/// From 80 % of the available minutes used NEARLY_USED stands, from 100 % ALL_USED beside it. Where
/// nothing is available both stand as soon as there is overage. Of the two warnings before expiry
/// only the nearer stands, and neither once the period has ended; days are 24 hours long.
pub fn warnings(
    counters: &Counters,
    period_ends_at: DateTime<Utc>,
    unused: UnusedMinutes,
    now: DateTime<Utc>,
) -> Vec<WarningKind> {
    let mut standing = Vec::new();
    let available = i64::from(counters.available());
    let used = i64::from(counters.used);
    let (nearly, all) = if available > 0 {
        (used * 100 >= available * 80, used >= available)
    } else {
        (counters.overage() > 0, counters.overage() > 0)
    };
    if nearly {
        standing.push(WarningKind::NearlyUsed);
    }
    if all {
        standing.push(WarningKind::AllUsed);
    }
    let much_unused = i64::from(counters.remaining()) * 10 > available.max(0);
    if unused == UnusedMinutes::Expire && much_unused && now < period_ends_at {
        let left = period_ends_at - now;
        if left <= TWO_DAYS {
            standing.push(WarningKind::ExpiresInTwoDays);
        } else if left <= WEEK {
            standing.push(WarningKind::ExpiresInAWeek);
        }
    }
    standing
}

/// The next instant after `now` at which the clock alone can change what a balance reads: a week
/// and two days before the period's end, and the end itself; none after it (B-5, L-1).
pub fn next_change_at(period_ends_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    [WEEK, TWO_DAYS, TimeDelta::zero()]
        .into_iter()
        .filter_map(|before| period_ends_at.checked_sub_signed(before))
        .find(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::WarningKind::{AllUsed, ExpiresInAWeek, ExpiresInTwoDays, NearlyUsed};
    use super::*;

    fn end() -> DateTime<Utc> {
        "2026-04-30T21:00:00Z".parse().expect("an instant")
    }

    fn counters(granted: i32, used: i32) -> Counters {
        Counters { granted, used, ..Counters::default() }
    }

    /// B-6: the thresholds, their edges, and a period in which nothing is available.
    #[test]
    fn b6_thresholds() {
        let far = end() - TimeDelta::days(20);
        let carried = |transferred, used| Counters { transferred, used, ..Counters::default() };
        for (counters, expected) in [
            (counters(1200, 959), vec![]),
            (counters(1200, 960), vec![NearlyUsed]),
            (counters(1200, 1199), vec![NearlyUsed]),
            (counters(1200, 1200), vec![NearlyUsed, AllUsed]),
            (counters(1200, 5000), vec![NearlyUsed, AllUsed]),
            (counters(7, 5), vec![]),
            (counters(7, 6), vec![NearlyUsed]),
            // A top-up arms them again.
            (counters(2400, 1200), vec![]),
            (counters(0, 0), vec![]),
            (counters(0, 1), vec![NearlyUsed, AllUsed]),
            (carried(-30, 0), vec![NearlyUsed, AllUsed]),
        ] {
            assert_eq!(warnings(&counters, end(), UnusedMinutes::Expire, far), expected, "{counters:?}");
        }
    }

    /// B-5: what expires is warned of a week and two days before, the nearer warning alone.
    #[test]
    fn b5_before_expiry() {
        let week = TimeDelta::days(7);
        let two_days = TimeDelta::days(2);
        let second = TimeDelta::seconds(1);
        for (before, used, expected) in [
            (week + second, 0, vec![]),
            (week, 0, vec![ExpiresInAWeek]),
            (two_days + second, 0, vec![ExpiresInAWeek]),
            (two_days, 0, vec![ExpiresInTwoDays]),
            (second, 0, vec![ExpiresInTwoDays]),
            (TimeDelta::zero(), 0, vec![]),
            (-second, 0, vec![]),
            // Exactly a tenth unused is not more than a tenth.
            (two_days, 1080, vec![NearlyUsed]),
            (two_days, 1079, vec![NearlyUsed, ExpiresInTwoDays]),
        ] {
            let found = warnings(&counters(1200, used), end(), UnusedMinutes::Expire, end() - before);
            assert_eq!(found, expected, "{before} {used}");
        }
        assert_eq!(warnings(&counters(1200, 0), end(), UnusedMinutes::Keep, end() - two_days), []);
        assert_eq!(warnings(&counters(0, 0), end(), UnusedMinutes::Expire, end() - two_days), []);
    }

    /// L-1, B-5: the clock is next looked at where it changes what stands.
    #[test]
    fn l1_next_change_by_the_clock() {
        for (before, expected) in
            [(30, Some(7)), (7, Some(2)), (3, Some(2)), (2, Some(0)), (1, Some(0)), (0, None), (-1, None)]
        {
            let next = next_change_at(end(), end() - TimeDelta::days(before));
            assert_eq!(next, expected.map(|days| end() - TimeDelta::days(days)), "{before}");
        }
    }

    proptest! {
        /// B-5, L-1: between two changes by the clock the same warnings stand.
        #[test]
        fn l1_nothing_changes_in_between(hours in 0i64..240, percent in 0i32..100, used in 0..1300) {
            let now = end() - TimeDelta::hours(hours);
            let next = next_change_at(end(), now).unwrap_or(now + TimeDelta::days(30));
            let later = now + (next - now) * percent / 100;
            let at = |now| warnings(&counters(1200, used), end(), UnusedMinutes::Expire, now);
            prop_assert_eq!(at(now), at(later));
        }

        /// T16: no figures and no instants panic.
        #[test]
        fn t16_edges_do_not_panic(values in any::<[i32; 5]>()) {
            let [granted, transferred, adjusted, used, expired] = values;
            let counters = Counters { granted, transferred, adjusted, used, expired };
            warnings(&counters, DateTime::<Utc>::MAX_UTC, UnusedMinutes::Expire, DateTime::<Utc>::MIN_UTC);
            warnings(&counters, DateTime::<Utc>::MIN_UTC, UnusedMinutes::Expire, DateTime::<Utc>::MAX_UTC);
            next_change_at(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MIN_UTC);
        }
    }
}
