//! The decision, held against its own words: each way to reach something, and the two readings of the table agreeing.

use proptest::collection::btree_set;
use proptest::option;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::select;
use proptest::{prop_assert, prop_assert_eq, prop_oneof, proptest};
use uuid::Uuid;

use super::{
    Action, Actor, BTreeSet, CALLERS, ClientId, Denied, FIELDS, PartnerActor, REVIEWER, Reach, Role, Scope,
    SignInId, TABLE, Target, UserActor, UserId, action_of, decide, need_of, reach, sentence,
};
use crate::id::ApiKeyId;

fn client(number: u128) -> ClientId {
    ClientId(Uuid::from_u128(number))
}

fn person(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

/// Person 1 of a role, with client 1 as their company where they are a contact.
fn user(role: Role) -> UserActor {
    UserActor {
        id: person(1),
        sign_in: SignInId(Uuid::nil()),
        role,
        company: role.is_client().then(|| client(1)),
        team: BTreeSet::new(),
        reviews: BTreeSet::new(),
        brought: BTreeSet::new(),
        viewed_by: None,
    }
}

fn of_team(role: Role) -> Actor {
    Actor::User(UserActor { team: [client(1)].into(), ..user(role) })
}

fn outcome(actor: &Actor, action: Action, target: Target) -> Result<(), Denied> {
    decide(actor, action, &target).map(|permit| {
        assert_eq!((permit.action(), permit.client()), (action, target.client));
    })
}

/// A row is looked up by its action's number.
#[test]
fn rows_stand_in_the_order_of_the_enumeration() {
    assert_eq!(TABLE.len(), Action::ALL.len());
    for (number, action) in Action::ALL.iter().enumerate() {
        assert_eq!(*action as usize, number);
        assert_eq!(TABLE[*action as usize].0, *action, "{}", action.name());
    }
}

/// A column is looked up by the role's number.
#[test]
fn columns_stand_in_the_order_of_the_roles() {
    for role in Role::ALL {
        let column = CALLERS[2 + *role as usize].replace('_', "").to_lowercase();
        assert_eq!(column, format!("{role:?}").to_lowercase());
        assert_eq!(reach(*role, Action::ViewerRead), Reach::All);
    }
    assert_eq!((CALLERS[0], CALLERS[1], CALLERS[10]), ("ANONYMOUS", "SYSTEM", "PARTNER"));
    assert_eq!(CALLERS[REVIEWER], "REVIEWER");
}

/// a team reaches its clients and no others; off the team the client does not exist.
#[test]
fn a1_reach_comes_from_the_team() {
    let manager = of_team(Role::ProjectManager);
    assert_eq!(outcome(&manager, Action::PlanManage, Target::client(client(1))), Ok(()));
    assert_eq!(outcome(&manager, Action::PlanManage, Target::client(client(2))), Err(Denied::Unseen));
    assert_eq!(outcome(&manager, Action::PaymentRecord, Target::client(client(1))), Err(Denied::Forbidden));
    assert_eq!(outcome(&manager, Action::PaymentRecord, Target::client(client(2))), Err(Denied::Unseen));
    assert_eq!(outcome(&manager, Action::CatalogueManage, Target::PROVIDER), Err(Denied::Forbidden));
}

/// one's own is one's own only among the clients that one reaches.
#[test]
fn a1_ones_own() {
    let specialist = of_team(Role::Specialist);
    let mine = Target::client(client(1)).owned_by(Some(person(1)));
    let somebodys = Target::client(client(1)).owned_by(Some(person(2)));
    let elsewhere = Target::client(client(2)).owned_by(Some(person(1)));
    assert_eq!(outcome(&specialist, Action::TaskWork, mine), Ok(()));
    assert_eq!(outcome(&specialist, Action::TaskWork, somebodys), Err(Denied::Forbidden));
    assert_eq!(outcome(&specialist, Action::TaskWork, Target::client(client(1))), Err(Denied::Forbidden));
    assert_eq!(outcome(&specialist, Action::TaskWork, elsewhere), Err(Denied::Unseen));
    assert_eq!(outcome(&specialist, Action::ProfileUpdate, Target::person(person(1))), Ok(()));
    assert_eq!(
        outcome(&specialist, Action::ProfileUpdate, Target::person(person(2))),
        Err(Denied::Forbidden)
    );
}

/// sales reach whom they brought, whatever team they are on.
#[test]
fn a1_whom_sales_brought() {
    let sales =
        Actor::User(UserActor { brought: [client(1)].into(), team: [client(2)].into(), ..user(Role::Sales) });
    assert_eq!(outcome(&sales, Action::PriceRead, Target::client(client(1))), Ok(()));
    assert_eq!(outcome(&sales, Action::TimeNoteRead, Target::client(client(1))), Err(Denied::Forbidden));
    assert_eq!(outcome(&sales, Action::ClientRead, Target::client(client(2))), Err(Denied::Unseen));
}

/// a contact reaches their own company and nothing else; what it pays is its owner's to see.
#[test]
fn a2_ones_company() {
    let (owner, member) = (Actor::User(user(Role::ClientOwner)), Actor::User(user(Role::ClientMember)));
    let (ours, theirs) = (Target::client(client(1)), Target::client(client(2)));
    assert_eq!(outcome(&owner, Action::PriceRead, ours), Ok(()));
    assert_eq!(outcome(&member, Action::PriceRead, ours), Err(Denied::Forbidden));
    for contact in [&owner, &member] {
        assert_eq!(outcome(contact, Action::TaskRequest, ours), Ok(()));
        assert_eq!(outcome(contact, Action::TaskRequest, theirs), Err(Denied::Unseen));
        assert_eq!(outcome(contact, Action::InternalNoteRead, ours), Err(Denied::Forbidden));
        assert_eq!(outcome(contact, Action::StaffRead, Target::PROVIDER), Err(Denied::Forbidden));
    }
}

/// a key reads the clients granted to it.
#[test]
fn a4_what_a_key_was_granted() {
    let key = ApiKeyId(Uuid::nil());
    let partner = Actor::Partner(PartnerActor { key, clients: [client(1)].into() });
    assert_eq!(outcome(&partner, Action::BalanceRead, Target::client(client(1))), Ok(()));
    assert_eq!(outcome(&partner, Action::BalanceRead, Target::client(client(2))), Err(Denied::Unseen));
    for (action, _) in TABLE.iter().filter(|(action, _)| !action.is_read() && *action != Action::SignIn) {
        let denied = outcome(&partner, *action, Target::client(client(1)));
        assert_eq!(denied, Err(Denied::Forbidden), "{}", action.name());
    }
}

/// Section 2: the reviewer's place gives the rights of its column, whatever the role, and for that client alone.
#[test]
fn a_reviewer_sees_what_is_to_be_signed() {
    let reviewer =
        Actor::User(UserActor { reviews: [client(1)].into(), team: [client(1)].into(), ..user(Role::Sales) });
    assert_eq!(outcome(&reviewer, Action::PlanRead, Target::client(client(1))), Ok(()));
    assert_eq!(outcome(&reviewer, Action::PlanRead, Target::client(client(2))), Err(Denied::Unseen));
    assert_eq!(reviewer.scope(Action::PlanRead), Ok(Scope::Clients([client(1)].into())));
    assert_eq!(outcome(&reviewer, Action::PlanManage, Target::client(client(1))), Err(Denied::Forbidden));
}

/// whoever looks as a contact reads what the contact reads and changes nothing but the end of looking.
#[test]
fn a6_looking_is_reading() {
    let contact = user(Role::ClientOwner);
    let looking = Actor::User(UserActor { viewed_by: Some(person(9)), ..contact.clone() });
    let contact = Actor::User(contact);
    let target = Target::client(client(1)).owned_by(Some(person(1)));
    for action in Action::ALL {
        let expected = match action {
            Action::SignOut => Ok(()),
            action if action.is_read() => outcome(&contact, *action, target),
            _ => Err(Denied::Forbidden),
        };
        assert_eq!(outcome(&looking, *action, target), expected, "{}", action.name());
    }
}

/// Nobody is told to sign in, whatever they ask for and whether it exists.
#[test]
fn nobody_signs_in_first() {
    for action in Action::ALL.iter().filter(|action| **action != Action::SignIn) {
        for target in [Target::PROVIDER, Target::client(client(1))] {
            assert_eq!(outcome(&Actor::Anonymous, *action, target), Err(Denied::Unauthenticated));
        }
        assert_eq!(Actor::Anonymous.scope(*action), Err(Denied::Unauthenticated));
    }
}

/// The client alone decides what is the client's to decide; the provider's internal notes never reach a client.
#[test]
fn what_the_table_must_never_say() {
    use Action::{BlockSignOff, InternalNoteRead, OverageApprove, PlanSignOff, SaleNoteRead, TaskSignOff};
    for action in [PlanSignOff, BlockSignOff, TaskSignOff, OverageApprove] {
        let able: Vec<_> = Role::ALL.iter().filter(|role| reach(**role, action) != Reach::None).collect();
        assert_eq!(able, [&Role::ClientOwner], "{}", action.name());
    }
    for (action, row) in TABLE {
        let [anonymous, _, _, _, _, _, _, _, owner, member, partner, _] = row;
        assert!(*anonymous == Reach::None || *action == Action::SignIn);
        let stays_inside = |reach: &Reach| matches!(reach, Reach::None | Reach::Company | Reach::Own);
        let is_public = matches!(
            action,
            Action::ViewerRead | Action::CatalogueRead | Action::CalendarRead | Action::SignIn
        );
        for contact in [owner, member] {
            assert!(is_public || stays_inside(contact), "{}", action.name());
        }
        assert!(is_public || matches!(partner, Reach::None | Reach::Granted), "{}", action.name());
        if [InternalNoteRead, SaleNoteRead].contains(action) {
            assert_eq!((owner, member, partner), (&Reach::None, &Reach::None, &Reach::None));
        }
    }
}

/// The manual's sentences come from the table.
#[test]
fn sentences_name_who_may() {
    assert_eq!(sentence(Action::TaskSignOff), "Needs: CLIENT_OWNER (own company).");
    assert_eq!(sentence(Action::MailSend), "Needs: the system itself.");
    assert_eq!(
        sentence(Action::TaskWork),
        "Needs: ADMINISTRATOR, PROJECT_MANAGER (clients of their teams) or SPECIALIST (their own)."
    );
    assert!(need_of("User.email").is_some_and(|need| need.contains("Of the provider's staff.")));
    assert_eq!((need_of("Client.name"), action_of("Client.name")), (None, None));
    assert!(FIELDS.iter().all(|(name, action)| action_of(name) == Some(*action)));
}

/// Someone of any kind, among four clients and three people.
fn anyone() -> impl Strategy<Value = Actor> {
    let clients = || btree_set((1..5_u128).prop_map(client), 0..4);
    let user = (select(Role::ALL), 1..4_u128, clients(), clients(), clients(), 1..5_u128, any::<bool>())
        .prop_map(|(role, id, team, reviews, brought, company, looking)| {
            let staff = !role.is_client();
            let kept = |set: BTreeSet<ClientId>| if staff { set } else { BTreeSet::new() };
            Actor::User(UserActor {
                id: person(id),
                sign_in: SignInId(Uuid::nil()),
                role,
                company: (!staff).then(|| client(company)),
                team: kept(team),
                reviews: kept(reviews),
                brought: kept(brought),
                viewed_by: (looking && !staff).then(|| person(9)),
            })
        });
    let partner =
        clients().prop_map(|clients| Actor::Partner(PartnerActor { key: ApiKeyId(Uuid::nil()), clients }));
    prop_oneof![Just(Actor::Anonymous), Just(Actor::System("test")), user, partner]
}

proptest! {
    /// lists show exactly what could be read one by one.
    #[test]
    fn a1_scope_and_decision_agree(
        actor in anyone(),
        action in select(Action::ALL),
        of in 1..5_u128,
        owner in option::of((1..4_u128).prop_map(person)),
    ) {
        let target = Target::client(client(of)).owned_by(owner);
        let decided = decide(&actor, action, &target).map(|_| ());
        let scoped = actor.scope(action);
        if action.is_read() {
            let held = scoped.as_ref().is_ok_and(|scope| scope.holds(client(of), owner));
            prop_assert_eq!(held, decided.is_ok());
        }
        // What is denied altogether is denied for each, and never by a hint that it exists.
        if let Err(denied) = scoped {
            prop_assert!(decided.is_err());
            prop_assert_eq!(denied == Denied::Unauthenticated, decided == Err(Denied::Unauthenticated));
        }
        if decided == Err(Denied::Forbidden) && !matches!(actor, Actor::Anonymous) {
            prop_assert!(decide(&actor, Action::ClientRead, &target).is_ok());
        }
    }
}
