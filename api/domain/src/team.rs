//! Teams: the people fixed to one client.
//!
//! A client has one team. Two positions need the staff role of their name; the others only a place.
//! Whoever is the last in a position that the client's running engagements need can be replaced but
//! not removed (T-1).

use chrono::NaiveDate;

use crate::id::UserId;
use crate::user::Role;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// A person's place in a client's team.
    Position {
        /// Leads the client's work; needs the role of that name.
        ProjectManager,
        /// Looks after terms, payments and the relation; needs the role of that name.
        AccountManager,
        /// Answers and sets up day by day in support.
        SupportSpecialist,
        /// Runs an implementation.
        ImplementationSpecialist,
        /// Signs the implementation document and the terms for the provider.
        Reviewer,
        /// Helps the project manager.
        Assistant,
        /// Configures the CRM.
        Configurator,
        /// Writes custom code.
        Developer,
    }
}

impl Position {
    /// The staff role that the position needs, where it needs one (T-1).
    pub fn required_role(self) -> Option<Role> {
        match self {
            Self::ProjectManager => Some(Role::ProjectManager),
            Self::AccountManager => Some(Role::AccountManager),
            _ => None,
        }
    }
}

/// The positions that a support team cannot do without (T-1).
pub const SUPPORT_POSITIONS: [Position; 3] =
    [Position::ProjectManager, Position::SupportSpecialist, Position::AccountManager];

/// The positions that an implementation cannot do without (T-1).
pub const IMPLEMENTATION_POSITIONS: [Position; 2] = [Position::ImplementationSpecialist, Position::Reviewer];

/// Whether a place may end: not the last one in a position that is needed (T-1). `team` are the
/// places that stand, `needed` the positions of the client's running engagements.
pub fn may_leave(team: &[(UserId, Position)], leaving: (UserId, Position), needed: &[Position]) -> bool {
    let stays = |place: &(UserId, Position)| place.1 == leaving.1 && *place != leaving;
    !needed.contains(&leaving.1) || team.iter().any(stays)
}

/// Whether reservations sum to the minutes a month of a tariff (T-2).
pub fn sums(reserved: impl Iterator<Item = i32>, tariff_minutes: Option<i32>) -> bool {
    reserved.map(i64::from).sum::<i64>() == i64::from(tariff_minutes.unwrap_or(0))
}

/// Minutes a month of a person, held from a day until the day before another, or without end (T-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    pub minutes: i32,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
}

impl Hold {
    fn covers(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}

/// The most minutes a month that a person is held for at once on any day from `from` on (T-2). Holds of different
/// engagements begin on different days of the month, so it is days and not months that are held together.
pub fn peak(holds: &[Hold], from: NaiveDate) -> i64 {
    let begins = holds.iter().map(|hold| hold.from.max(from));
    let held = |day| holds.iter().filter(|hold| hold.covers(day)).map(|hold| i64::from(hold.minutes)).sum();
    begins.map(held).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// T-1: the last one in a needed position stays; helpers and doubled places may go.
    #[test]
    fn t1_the_last_in_a_position_stays() {
        let user = |number| UserId(Uuid::from_u128(number));
        let team = [
            (user(1), Position::ProjectManager),
            (user(2), Position::SupportSpecialist),
            (user(3), Position::SupportSpecialist),
            (user(4), Position::Developer),
            (user(2), Position::Reviewer),
        ];
        for (leaving, expected) in [
            ((user(1), Position::ProjectManager), false),
            ((user(2), Position::SupportSpecialist), true),
            ((user(4), Position::Developer), true),
            ((user(2), Position::Reviewer), true),
        ] {
            assert_eq!(may_leave(&team, leaving, &SUPPORT_POSITIONS), expected, "{leaving:?}");
        }
        assert!(!may_leave(&team, (user(2), Position::Reviewer), &IMPLEMENTATION_POSITIONS));
        assert!(may_leave(&team, (user(1), Position::ProjectManager), &[]));
    }

    /// T-2: what is held at once counts, whichever day of the month each begins on.
    #[test]
    fn t2_the_peak_of_what_is_held_at_once() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let hold = |minutes, from: &str, until: Option<&str>| Hold {
            minutes,
            from: day(from),
            until: until.map(day),
        };
        let holds = [
            hold(600, "2026-01-10", None),
            hold(1200, "2026-02-15", Some("2026-04-15")),
            hold(2400, "2026-04-15", None),
            hold(9000, "2026-01-01", Some("2026-02-01")),
        ];
        for (from, expected) in [("2026-01-15", 9600), ("2026-02-01", 3000), ("2027-01-01", 3000)] {
            assert_eq!(peak(&holds, day(from)), expected, "{from}");
        }
        assert_eq!(peak(&holds[1..2], day("2026-04-15")), 0);
        assert!(sums([700, 500].into_iter(), Some(1200)) && sums([].into_iter(), None));
        assert!(!sums([i32::MAX, i32::MAX].into_iter(), Some(-2)));
    }

    /// T-1: only the two managing positions need a role, and it is the one of their name.
    #[test]
    fn t1_positions_that_need_a_role() {
        let needing: Vec<_> = Position::ALL.iter().filter_map(|position| position.required_role()).collect();
        assert_eq!(needing, [Role::ProjectManager, Role::AccountManager]);
    }
}
