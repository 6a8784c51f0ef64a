//! Proofs of the table and of the one decision.

use super::*;

fn client(number: u128) -> ClientId {
    ClientId(uuid::Uuid::from_u128(number))
}

fn person(role: Role) -> UserActor {
    UserActor {
        id: UserId(uuid::Uuid::from_u128(7)),
        sign_in: SignInId(uuid::Uuid::nil()),
        role,
        company: role.is_client().then(|| client(1)),
        team: if role.is_client() { BTreeSet::new() } else { [client(1)].into() },
        reviews: BTreeSet::new(),
        brought: BTreeSet::new(),
        viewed_by: None,
    }
}

fn outcome(actor: &UserActor, action: Action, of: u128) -> Result<(), Denied> {
    decide(&Actor::User(actor.clone()), action, &Target::client(client(of))).map(|_| ())
}

/// the row that is read for an action is the action's own.
#[test]
fn a1_each_action_has_its_row() {
    for (place, (action, row)) in TABLE.iter().enumerate() {
        assert_eq!(*action as usize, place);
        assert_eq!(Action::ALL[place], *action);
        assert_eq!(super::row(*action), row);
    }
}

/// staff off a client's team do not see it, whatever they ask for; administrators and quality managers do.
#[test]
fn a1_reach_comes_from_the_team() {
    for role in [Role::ProjectManager, Role::AccountManager, Role::Specialist, Role::Sales] {
        let staff = person(role);
        for action in Action::ALL.iter().copied().filter(|action| !matches!(reach(role, *action), Reach::All))
        {
            assert_eq!(outcome(&staff, action, 2), Err(Denied::Unseen), "{role:?} {action:?}");
        }
    }
    let manager = person(Role::ProjectManager);
    assert_eq!(outcome(&manager, Action::ClientRead, 1), Ok(()));
    assert_eq!(outcome(&manager, Action::TeamManage, 1), Err(Denied::Forbidden));
    let sales = UserActor { brought: [client(2)].into(), ..person(Role::Sales) };
    assert_eq!(outcome(&sales, Action::ClientRead, 1), Err(Denied::Unseen));
    assert_eq!(outcome(&sales, Action::ClientRead, 2), Ok(()));
    for role in [Role::Administrator, Role::QualityManager] {
        assert_eq!(outcome(&person(role), Action::ClientRead, 2), Ok(()));
    }
}

/// a client's people reach their own company alone, and never what is internal.
#[test]
fn a2_a_client_reaches_itself_alone() {
    for role in [Role::ClientOwner, Role::ClientMember] {
        let contact = person(role);
        for action in Action::ALL.iter().copied().filter(|action| !matches!(reach(role, *action), Reach::All))
        {
            assert_eq!(outcome(&contact, action, 2), Err(Denied::Unseen), "{role:?} {action:?}");
        }
        assert_eq!(outcome(&contact, Action::ClientRead, 1), Ok(()));
        for internal in
            [Action::InternalNoteRead, Action::SaleNoteRead, Action::CapacityRead, Action::ReservationRead]
        {
            assert_eq!(outcome(&contact, internal, 1), Err(Denied::Forbidden), "{role:?} {internal:?}");
        }
    }
}

/// whoever looks as a contact reads what the contact reads, and changes nothing but the end of it.
#[test]
fn a6_looking_is_reading() {
    for role in [Role::ClientOwner, Role::ClientMember] {
        let contact = person(role);
        let looking = UserActor { viewed_by: Some(UserId(uuid::Uuid::from_u128(9))), ..contact.clone() };
        let own = |actor: &UserActor, action| {
            let target = Target::client(client(1)).owned_by(Some(actor.id));
            decide(&Actor::User(actor.clone()), action, &target).is_ok()
        };
        for action in Action::ALL.iter().copied() {
            let allowed = own(&contact, action) && (action.is_read() || action == Action::SignOut);
            assert_eq!(own(&looking, action), allowed, "{role:?} {action:?}");
        }
    }
}
