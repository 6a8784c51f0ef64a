//! Teams: the people fixed to one client.
//!
//! A client has one team. Two positions need the staff role of their name; the others only a place.
//! Whoever is the last in a position that the client's running engagements need can be replaced but
//! not removed (T-1).

use crate::id::UserId;
use crate::tariff::StartCondition;
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

/// The positions that a start condition asks of the team; none where it asks something else (T-1).
pub fn needed(condition: StartCondition) -> &'static [Position] {
    match condition {
        StartCondition::SupportTeam => &SUPPORT_POSITIONS,
        StartCondition::ImplementationTeam => &IMPLEMENTATION_POSITIONS,
        StartCondition::ProjectManager => &[Position::ProjectManager],
        _ => &[],
    }
}

/// Whether the places that stand meet a start condition on the team: the needed positions are held, each by another
/// person, so that a support has at least three and nobody reviews their own document (T-1).
pub fn meets(team: &[(UserId, Position)], condition: StartCondition) -> bool {
    holds(team, needed(condition), &mut Vec::new())
}

/// Whether the positions can be given to people none of whom is among `taken`, nor twice.
fn holds(team: &[(UserId, Position)], positions: &[Position], taken: &mut Vec<UserId>) -> bool {
    let Some((position, rest)) = positions.split_first() else {
        return true;
    };
    team.iter().filter(|(_, held)| held == position).any(|(user, _)| {
        if taken.contains(user) {
            return false;
        }
        taken.push(*user);
        let rest_held = holds(team, rest, taken);
        taken.pop();
        rest_held
    })
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

    /// T-1: only the two managing positions need a role, and it is the one of their name.
    #[test]
    fn t1_positions_that_need_a_role() {
        let needing: Vec<_> = Position::ALL.iter().filter_map(|position| position.required_role()).collect();
        assert_eq!(needing, [Role::ProjectManager, Role::AccountManager]);
    }
}
