//! People: invited, seen, changed, shut out.

use chrono::Duration;
use domain::team::Position;
use domain::user::Role;
use entity::{audit, team_member, user};
use hourbank::graphql::id::Identified;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::people::{PASSWORD, opens, secret, tokens};

const STAFF: &str = "mutation($input: StaffInviteInput!) { staffInvite(input: $input) {
    invitationUrl user { id name role status email } errors { code field } } }";
const MEMBER: &str = "mutation($input: MemberInviteInput!) { memberInvite(input: $input) {
    invitationUrl user { id role client { name } } errors { code message field } } }";
const ACCEPT: &str = "mutation($token: String!, $password: String!) {
    invitationAccept(input: {token: $token, password: $password}) {
        accessToken refreshToken viewer { role } errors { code field } } }";
const UPDATE: &str = "mutation($id: ID!, $input: UserUpdateInput!) { userUpdate(id: $id, input: $input) {
    user { name role version capacityMinutes } errors { code field } } }";
const DISABLE: &str = "mutation($id: ID!) { userDisable(id: $id) { user { status } errors { code } } }";
const ENABLE: &str = "mutation($id: ID!) { userEnable(id: $id) { user { status } errors { code } } }";
const ME: &str = "{ viewer { role } }";

/// T34: an invitation sets the first password once, within a day, and signs in; inviting again replaces the link.
#[tokio::test]
async fn t34_an_invitation_works_once() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let invite = |key: Option<uuid::Uuid>| {
        json!({"input": {"email": "New@example.org", "name": "Новая", "role": "SPECIALIST",
            "capacityMinutes": 6000, "idempotencyKey": key}})
    };
    let key = Some(uuid::Uuid::new_v4());
    let first = admin.ok(&app, STAFF, invite(key)).await["staffInvite"].clone();
    assert_eq!(first["user"]["status"], "INVITED");
    let again = admin.ok(&app, STAFF, invite(key)).await["staffInvite"].clone();
    assert_eq!((&again["user"], &again["invitationUrl"]), (&first["user"], &json!(null)), "told once");
    let second = admin.ok(&app, STAFF, invite(None)).await["staffInvite"].clone();
    assert_eq!(second["user"]["id"], first["user"]["id"]);
    let link = |payload: &serde_json::Value| secret(payload["invitationUrl"].as_str().unwrap());
    let (old, new) = (link(&first), link(&second));

    let accept = |token: &str, password: &str| json!({"token": token, "password": password});
    let nobody = Actor::anonymous();
    assert_eq!(nobody.codes(&app, ACCEPT, accept(&old, PASSWORD)).await, ["LINK_EXPIRED"]);
    assert_eq!(nobody.codes(&app, ACCEPT, accept(&new, "new@example.org")).await, ["WEAK_PASSWORD"]);
    let (one, other) = tokio::join!(
        nobody.run(&app, ACCEPT, accept(&new, PASSWORD)),
        nobody.run(&app, ACCEPT, accept(&new, "quite another sentence")),
    );
    let mut codes = [one.codes(), other.codes()];
    codes.sort();
    assert_eq!(codes, [vec![], vec!["LINK_EXPIRED".to_owned()]], "two tabs, one password");
    let signed = if one.codes().is_empty() { one } else { other };
    let (access, _) = tokens(&signed.data["invitationAccept"]);
    assert_eq!(Actor::holding(&access).ok(&app, ME, json!({})).await["viewer"]["role"], "SPECIALIST");
    assert_eq!(admin.codes(&app, STAFF, invite(None)).await, ["TAKEN"]);
}

/// T34: a link ends after a day.
#[tokio::test]
async fn t34_an_invitation_ends_after_a_day() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let input = json!({"input": {"email": "new@example.org", "name": "New", "role": "SALES"}});
    let invited = admin.ok(&app, STAFF, input).await;
    let token = secret(invited["staffInvite"]["invitationUrl"].as_str().unwrap());
    app.advance(Duration::hours(24));
    let late = Actor::anonymous().codes(&app, ACCEPT, json!({"token": token, "password": PASSWORD})).await;
    assert_eq!(late, ["LINK_EXPIRED"]);
}

/// T42: who may invite whom, as what; nobody invites themselves upwards.
#[tokio::test]
async fn t42_who_may_invite_whom() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.client("Ours").await, app.client("Theirs").await);
    let admin = app.staff(Role::Administrator).await;
    let owner = app.contact(Role::ClientOwner, ours).await;
    let member = app.contact(Role::ClientMember, ours).await;
    let manager = app.on_team(Role::ProjectManager, ours).await;
    let before = user::Entity::find().count(&app.database.db).await.unwrap();
    let input = |client: domain::id::ClientId, role: &str, email: &str| json!({"input": {"clientId": client.global(), "role": role, "email": email, "name": "Someone"}});
    for (actor, client, role, expected) in [
        (&owner, ours, "CLIENT_OWNER", "FORBIDDEN"),
        (&owner, theirs, "CLIENT_MEMBER", "NOT_FOUND"),
        (&owner, domain::id::ClientId::new(), "CLIENT_MEMBER", "NOT_FOUND"),
        (&owner, ours, "ADMINISTRATOR", "INVALID"),
        (&member, ours, "CLIENT_MEMBER", "FORBIDDEN"),
        (&manager, ours, "CLIENT_MEMBER", "FORBIDDEN"),
        (&manager, theirs, "CLIENT_MEMBER", "NOT_FOUND"),
        (&admin, ours, "SALES", "INVALID"),
        (&admin, domain::id::ClientId::new(), "CLIENT_OWNER", "NOT_FOUND"),
    ] {
        let codes = actor.codes(&app, MEMBER, input(client, role, "x@example.org")).await;
        assert_eq!(codes, [expected], "{role}");
    }
    for (actor, role, expected) in [
        (&manager, "SALES", "FORBIDDEN"),
        (&owner, "SPECIALIST", "FORBIDDEN"),
        (&admin, "CLIENT_OWNER", "INVALID"),
    ] {
        let input = json!({"input": {"email": "y@example.org", "name": "Someone", "role": role}});
        assert_eq!(actor.codes(&app, STAFF, input).await, [expected], "{role}");
    }
    assert_eq!(user::Entity::find().count(&app.database.db).await.unwrap(), before, "no trace");
    let made = owner.ok(&app, MEMBER, input(ours, "CLIENT_MEMBER", "m@example.org")).await;
    assert_eq!(made["memberInvite"]["user"]["client"]["name"], "Ours");
    let made = admin.ok(&app, MEMBER, input(theirs, "CLIENT_OWNER", "o@example.org")).await;
    assert_eq!(made["memberInvite"]["user"]["role"], "CLIENT_OWNER");
}

/// T46: an owner does not learn that an address is somebody's elsewhere.
#[tokio::test]
async fn t46_a_taken_address_elsewhere_is_not_told() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.client("Ours").await, app.client("Theirs").await);
    let owner = app.contact(Role::ClientOwner, ours).await;
    let own = app.contact(Role::ClientMember, ours).await;
    let stranger = app.contact(Role::ClientMember, theirs).await;
    let staff = app.staff(Role::Sales).await;
    for (person, expected) in [(&stranger, "INVALID"), (&staff, "INVALID"), (&own, "TAKEN")] {
        let email = app.user_row(person.user.unwrap()).await.email.to_uppercase();
        let input = json!({"input": {"clientId": ours.global(), "email": email, "name": "Someone"}});
        assert_eq!(owner.codes(&app, MEMBER, input).await, [expected]);
    }
}

/// A-1, A-2: who sees whom, and the address of whom.
#[tokio::test]
async fn a2_who_sees_whom() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.client("Ours").await, app.client("Theirs").await);
    let admin = app.staff(Role::Administrator).await;
    let manager = app.on_team(Role::ProjectManager, ours).await;
    let stranger = app.staff(Role::Specialist).await;
    let owner = app.contact(Role::ClientOwner, ours).await;
    let member = app.contact(Role::ClientMember, ours).await;
    let foreign = app.contact(Role::ClientOwner, theirs).await;
    let everybody = [&admin, &manager, &stranger, &owner, &member, &foreign];
    let one = "query($id: ID!) { user(id: $id) { id } }";
    for (actor, seen) in [
        (&admin, [true, true, true, true, true, true]),
        (&manager, [true, true, true, true, true, false]),
        (&stranger, [true, true, true, false, false, false]),
        (&owner, [false, true, false, true, true, false]),
        (&member, [false, true, false, true, true, false]),
        (&foreign, [false, false, false, false, false, true]),
    ] {
        for (person, seen) in everybody.iter().zip(seen) {
            let codes = actor.codes(&app, one, json!({"id": person.id()})).await;
            assert_eq!(codes.is_empty(), seen, "{codes:?}");
            assert!(seen || codes == ["NOT_FOUND"]);
        }
        let count = actor.ok(&app, "{ users { totalCount nodes { id } } }", json!({})).await;
        assert_eq!(count["users"]["totalCount"], seen.iter().filter(|seen| **seen).count());
    }
    let email = "query($id: ID!) { user(id: $id) { email } }";
    for (actor, person, reads) in [
        (&admin, &owner, true),
        (&manager, &owner, true),
        (&stranger, &manager, true),
        (&owner, &member, true),
        (&owner, &manager, false),
        (&member, &owner, false),
        (&member, &member, true),
    ] {
        let answer = actor.run(&app, email, json!({"id": person.id()})).await;
        assert_eq!(answer.data["user"]["email"].is_string(), reads);
        assert_eq!(answer.codes().is_empty(), reads);
    }
    let capacity = "query($id: ID!) { user(id: $id) { capacityMinutes } }";
    for (actor, person, reads) in [
        (&manager, &stranger, true),
        (&stranger, &stranger, true),
        (&stranger, &manager, false),
        (&owner, &manager, false),
    ] {
        let codes = actor.codes(&app, capacity, json!({"id": person.id()})).await;
        assert_eq!(codes.is_empty(), reads, "{codes:?}");
    }
    assert_eq!(
        Actor::anonymous().codes(&app, "{ users { totalCount } }", json!({})).await,
        ["UNAUTHENTICATED"]
    );
}

/// T38: a filter over addresses is refused to those who may not read them, however deep it stands.
#[tokio::test]
async fn t38_a_filter_tells_nothing_that_a_field_does_not() {
    let app = TestApp::start().await;
    let ours = app.client("Ours").await;
    let owner = app.contact(Role::ClientOwner, ours).await;
    let admin = app.staff(Role::Administrator).await;
    let email = app.user_row(admin.user.unwrap()).await.email;
    let query = "query($filter: UserFilter) { users(filter: $filter) { totalCount } }";
    for filter in [
        json!({"email": email}),
        json!({"not": {"or": [{"email": email}]}}),
        json!({"and": [{"role": ["SALES"]}, {"not": {"email": email}}]}),
    ] {
        assert_eq!(owner.codes(&app, query, json!({"filter": filter})).await, ["FORBIDDEN"]);
    }
    let found = admin.ok(&app, query, json!({"filter": {"email": email.to_uppercase()}})).await;
    assert_eq!(found["users"]["totalCount"], 1);
    let found = admin.ok(&app, query, json!({"filter": {"clientId": {"eq": ours.global()}}})).await;
    assert_eq!(found["users"]["totalCount"], 1);
}

/// A-5, T30: whoever is shut out is out with the next request, and in again only by signing in anew.
#[tokio::test]
async fn a5_shut_out_is_out_at_once() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let person = app.staff(Role::Specialist).await;
    let email = app.give_password(&person).await;
    let (access, refresh) = app.sign_in(&email).await;
    admin.ok(&app, DISABLE, json!({"id": person.id()})).await;
    for token in [person.token.as_deref().unwrap(), &access] {
        assert!(!opens(&app, token).await);
    }
    assert_eq!(app.refresh(&refresh).await.codes(), ["LINK_EXPIRED"]);
    assert_eq!(app.try_sign_in("192.0.2.9", &email, PASSWORD).await.codes(), ["SIGN_IN_FAILED"]);
    assert_eq!(admin.codes(&app, DISABLE, json!({"id": person.id()})).await, ["WRONG_STATUS"]);
    let enabled = admin.ok(&app, ENABLE, json!({"id": person.id()})).await;
    assert_eq!(enabled["userEnable"]["user"]["status"], "ACTIVE");
    assert!(!opens(&app, &access).await);
    app.sign_in(&email).await;
}

/// A-5: another role ends what the old one had opened; a place on a team that ends takes its client away.
#[tokio::test]
async fn a5_a_lost_role_or_place_is_lost_at_once() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let admin = app.staff(Role::Administrator).await;
    let person = app.staff(Role::QualityManager).await;
    let clients = "{ clients { totalCount } }";
    assert_eq!(person.ok(&app, clients, json!({})).await["clients"]["totalCount"], 1);
    let role = json!({"id": person.id(), "input": {"expectedVersion": 1, "role": "SPECIALIST"}});
    admin.ok(&app, UPDATE, role).await;
    assert_eq!(person.codes(&app, clients, json!({})).await, ["UNAUTHENTICATED"]);

    let helper = app.staff(Role::Specialist).await;
    let place = app.join(&helper, client, Position::Assistant).await;
    assert_eq!(helper.ok(&app, clients, json!({})).await["clients"]["totalCount"], 1);
    team_member::Entity::delete_by_id(place).exec(&app.database.db).await.unwrap();
    app.rights_changed(&helper);
    assert_eq!(helper.ok(&app, clients, json!({})).await["clients"]["totalCount"], 0);
}

/// T42: somebody stays administrator, also when two remove each other at once.
#[tokio::test]
async fn t42_somebody_stays_administrator() {
    let app = TestApp::start().await;
    let (one, other) = (app.staff(Role::Administrator).await, app.staff(Role::Administrator).await);
    let demote = |actor: &Actor| json!({"id": actor.id(), "input": {"expectedVersion": 1, "role": "SALES"}});
    let (a, b) = tokio::join!(
        one.codes(&app, DISABLE, json!({"id": other.id()})),
        other.codes(&app, UPDATE, demote(&one)),
    );
    assert!(a.is_empty() != b.is_empty(), "{a:?} {b:?}");
    let last = if a.is_empty() { &one } else { &other };
    assert_eq!(last.codes(&app, DISABLE, json!({"id": last.id()})).await, ["LAST_ADMINISTRATOR"]);
    assert_eq!(last.codes(&app, UPDATE, demote(last)).await, ["LAST_ADMINISTRATOR"]);
    assert_eq!(last.ok(&app, ME, json!({})).await["viewer"]["role"], "ADMINISTRATOR");
}

/// T42, T-1: staff and contacts do not change sides, and a place that needs the role holds it.
#[tokio::test]
async fn t42_a_role_stays_on_its_side() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let admin = app.staff(Role::Administrator).await;
    let owner = app.contact(Role::ClientOwner, client).await;
    let manager = app.on_team(Role::ProjectManager, client).await;
    let to =
        |actor: &Actor, role: &str| json!({"id": actor.id(), "input": {"expectedVersion": 1, "role": role}});
    assert_eq!(admin.codes(&app, UPDATE, to(&owner, "SALES")).await, ["INVALID"]);
    assert_eq!(admin.codes(&app, UPDATE, to(&manager, "CLIENT_OWNER")).await, ["INVALID"]);
    assert_eq!(admin.codes(&app, UPDATE, to(&manager, "SALES")).await, ["ROLE_MISMATCH"]);
    assert_eq!(admin.codes(&app, UPDATE, to(&manager, "PROJECT_MANAGER")).await, Vec::<String>::new());
    assert!(opens(&app, manager.token.as_deref().unwrap()).await, "the same role ends nothing");
    for actor in [&owner, &manager] {
        assert_eq!(actor.codes(&app, UPDATE, to(actor, "ADMINISTRATOR")).await, ["FORBIDDEN"]);
    }
    let member = admin.ok(&app, UPDATE, to(&owner, "CLIENT_MEMBER")).await;
    assert_eq!(member["userUpdate"]["user"]["role"], "CLIENT_MEMBER");
}

/// An owner shuts out members of the own company and nobody else.
#[tokio::test]
async fn an_owner_shuts_out_members_alone() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.client("Ours").await, app.client("Theirs").await);
    let owner = app.contact(Role::ClientOwner, ours).await;
    for (person, expected) in [
        (app.contact(Role::ClientOwner, ours).await, "FORBIDDEN"),
        (app.contact(Role::ClientMember, theirs).await, "NOT_FOUND"),
        (app.staff(Role::Sales).await, "NOT_FOUND"),
        (app.on_team(Role::ProjectManager, ours).await, "FORBIDDEN"),
    ] {
        assert_eq!(owner.codes(&app, DISABLE, json!({"id": person.id()})).await, [expected]);
        assert!(opens(&app, person.token.as_deref().unwrap()).await);
    }
    let member = app.contact(Role::ClientMember, ours).await;
    owner.ok(&app, DISABLE, json!({"id": member.id()})).await;
    assert!(!opens(&app, member.token.as_deref().unwrap()).await);
    assert_eq!(member.codes(&app, ENABLE, json!({"id": member.id()})).await, ["UNAUTHENTICATED"]);
}

/// Names, languages and capacities change by version; every fault is named at once; one's own profile is one's own.
#[tokio::test]
async fn people_are_changed_by_version() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let person = app.staff(Role::Specialist).await;
    let input = json!({"id": person.id(), "input": {"expectedVersion": 1, "name": "Ёлкина", "capacityMinutes": null}});
    let done = admin.ok(&app, UPDATE, input.clone()).await;
    assert_eq!(
        done["userUpdate"]["user"],
        json!({"name": "Ёлкина", "role": "SPECIALIST", "version": 2, "capacityMinutes": null})
    );
    assert_eq!(admin.codes(&app, UPDATE, input).await, ["CONFLICT"]);
    let bad = json!({"id": person.id(), "input": {"expectedVersion": 2, "name": " ", "capacityMinutes": -1}});
    assert_eq!(admin.codes(&app, UPDATE, bad).await, ["INVALID", "INVALID"]);
    let profile = "mutation($input: ProfileUpdateInput!) { profileUpdate(input: $input) {
        user { name locale version } errors { code } } }";
    let mine = person.ok(&app, profile, json!({"input": {"expectedVersion": 2, "locale": "EN"}})).await;
    assert_eq!(mine["profileUpdate"]["user"], json!({"name": "Ёлкина", "locale": "EN", "version": 3}));
    let found =
        admin.ok(&app, r#"{ users(filter: {name: {contains: "елки"}}) { totalCount } }"#, json!({})).await;
    assert_eq!(found["users"]["totalCount"], 1);
}

/// I-4: what was changed is on record, before and after, for administrators alone.
#[tokio::test]
async fn i4_changes_are_on_record() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let person = app.staff(Role::Specialist).await;
    let email = app.give_password(&person).await;
    app.sign_in(&email).await;
    let input = json!({"id": person.id(), "input": {"expectedVersion": 1, "name": "New name"}});
    admin.ok(&app, UPDATE, input).await;
    let query = "query($filter: AuditEntryFilter) { auditEntries(filter: $filter) { totalCount nodes {
        action object objectId actor before after user { id } } } }";
    let log = admin.ok(&app, query, json!({"filter": {"objectId": person.id()}})).await;
    let entry = &log["auditEntries"]["nodes"][0];
    assert_eq!(log["auditEntries"]["totalCount"], 1);
    assert_eq!((&entry["action"], &entry["object"]), (&json!("UserUpdate"), &json!("User")));
    assert_eq!((&entry["objectId"], &entry["user"]["id"]), (&json!(person.id()), &json!(admin.id())));
    assert!(entry["after"].as_str().unwrap().contains("New name"));
    assert!(!entry["before"].as_str().unwrap().contains("New name"));
    let sign_ins = admin.ok(&app, query, json!({"filter": {"action": "SignIn"}})).await;
    assert_eq!(sign_ins["auditEntries"]["totalCount"], 1);
    for role in [Role::ProjectManager, Role::QualityManager] {
        let codes = app.staff(role).await.codes(&app, query, json!({})).await;
        assert_eq!(codes, ["FORBIDDEN"]);
    }
    let rows =
        audit::Entity::find().filter(audit::Column::After.contains("argon2")).all(&app.database.db).await;
    assert!(rows.unwrap().is_empty());
}
