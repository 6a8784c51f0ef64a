//! Looking as a client's contact.

use chrono::Duration;
use domain::user::Role;
use entity::{audit, client};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::people::opens;

const VIEW: &str =
    "mutation($id: ID!) { viewAs(userId: $id) { accessToken expiresAt user { id } errors { code } } }";

async fn look(app: &TestApp, viewer: &Actor, contact: &Actor) -> Actor {
    let begun = viewer.ok(app, VIEW, json!({"id": contact.id()})).await;
    Actor::holding(begun["viewAs"]["accessToken"].as_str().unwrap())
}

/// an administrator looks as a contact: sees what they see, marked, and on record.
#[tokio::test]
async fn a6_one_sees_what_the_contact_sees() {
    let app = TestApp::start().await;
    let (ours, _) = (app.client("Ours").await, app.client("Theirs").await);
    let owner = app.contact(Role::ClientOwner, ours).await;
    let admin = app.staff(Role::Administrator).await;
    let looking = look(&app, &admin, &owner).await;
    let seen = looking
        .ok(&app, "{ viewer { role user { id } viewedBy { id } } clients { nodes { name } } }", json!({}))
        .await;
    assert_eq!(
        seen["viewer"],
        json!({"role": "CLIENT_OWNER", "user": {"id": owner.id()}, "viewedBy": {"id": admin.id()}})
    );
    assert_eq!(seen["clients"]["nodes"], json!([{"name": "Ours"}]));
    let record =
        audit::Entity::find().filter(audit::Column::Action.eq("ViewAs")).all(&app.database.db).await.unwrap();
    assert_eq!(record.len(), 1);
    assert_eq!((record[0].client_id, record[0].actor_id), (Some(ours), admin.user.map(|id| id.0)));
}

/// looking changes nothing but its own end.
#[tokio::test]
async fn a6_looking_is_reading() {
    let app = TestApp::start().await;
    let ours = app.client("Ours").await;
    let owner = app.contact(Role::ClientOwner, ours).await;
    let admin = app.staff(Role::Administrator).await;
    let looking = look(&app, &admin, &owner).await;
    let email = app.user_row(owner.user.unwrap()).await.email;
    for (document, variables) in [
        (
            "mutation($i: ProfileUpdateInput!) { profileUpdate(input: $i) { errors { code } } }",
            json!({"i": {"expectedVersion": 1, "name": "Other"}}),
        ),
        (
            "mutation($i: PasswordChangeInput!) { passwordChange(input: $i) { errors { code } } }",
            json!({"i": {"currentPassword": "x", "newPassword": "quite another sentence"}}),
        ),
        (
            "mutation($i: MemberInviteInput!) { memberInvite(input: $i) { errors { code } } }",
            json!({"i": {"clientId": hourbank::graphql::id::Identified::global(ours), "email": "x@example.org", "name": "X"}}),
        ),
        (VIEW, json!({"id": owner.id()})),
        (
            "mutation($i: SignInInput!) { signIn(input: $i) { errors { code } } }",
            json!({"i": {"email": email, "password": "x"}}),
        ),
    ] {
        assert_eq!(looking.codes(&app, document, variables).await, ["FORBIDDEN"], "{document}");
    }
    assert_eq!(app.user_row(owner.user.unwrap()).await.version, 1);
    assert_eq!(client::Entity::find().all(&app.database.db).await.unwrap()[0].version, 1);
    looking.ok(&app, "mutation { signOut { errors { code } } }", json!({})).await;
    assert!(!opens(&app, looking.token.as_deref().unwrap()).await);
    assert!(opens(&app, owner.token.as_deref().unwrap()).await, "the contact's own sign-in stays");
}

/// a project manager looks as contacts of their own clients; nobody looks as staff.
#[tokio::test]
async fn a6_who_may_look_as_whom() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.client("Ours").await, app.client("Theirs").await);
    let owner = app.contact(Role::ClientOwner, ours).await;
    let foreign = app.contact(Role::ClientOwner, theirs).await;
    let admin = app.staff(Role::Administrator).await;
    let manager = app.on_team(Role::ProjectManager, ours).await;
    let codes =
        async |actor: &Actor, contact: &Actor| actor.codes(&app, VIEW, json!({"id": contact.id()})).await;
    assert_eq!(codes(&manager, &owner).await, Vec::<String>::new());
    assert_eq!(codes(&manager, &foreign).await, ["NOT_FOUND"]);
    assert_eq!(codes(&manager, &admin).await, ["FORBIDDEN"]);
    assert_eq!(codes(&admin, &manager).await, ["INVALID"]);
    for role in [Role::AccountManager, Role::Specialist] {
        assert_eq!(codes(&app.on_team(role, ours).await, &owner).await, ["FORBIDDEN"], "{role:?}");
    }
    assert_eq!(codes(&app.staff(Role::QualityManager).await, &owner).await, ["FORBIDDEN"]);
    assert_eq!(codes(&owner, &app.contact(Role::ClientMember, ours).await).await, ["FORBIDDEN"]);
}

/// looking ends after an hour, and at once where whoever looks could not begin to any more.
#[tokio::test]
async fn a5_looking_ends_with_the_right_to_look() {
    let app = TestApp::start().await;
    let ours = app.client("Ours").await;
    let owner = app.contact(Role::ClientOwner, ours).await;
    let admin = app.staff(Role::Administrator).await;
    let second = app.staff(Role::Administrator).await;
    let update =
        "mutation($id: ID!, $role: Role!) { userUpdate(id: $id, input: {expectedVersion: 1, role: $role}) {
        errors { code } } }";
    let is_open = async |actor: &Actor| opens(&app, actor.token.as_deref().unwrap()).await;

    let looking = look(&app, &second, &owner).await;
    admin.ok(&app, update, json!({"id": second.id(), "role": "QUALITY_MANAGER"})).await;
    assert!(!is_open(&looking).await);

    let disable = "mutation($id: ID!) { userDisable(id: $id) { errors { code } } }";
    let manager = app.on_team(Role::ProjectManager, ours).await;
    let looking = look(&app, &manager, &owner).await;
    admin.ok(&app, disable, json!({"id": manager.id()})).await;
    assert!(!is_open(&looking).await);

    let looking = look(&app, &admin, &owner).await;
    app.advance(Duration::minutes(59));
    assert!(is_open(&looking).await);
    app.advance(Duration::minutes(2));
    assert!(!is_open(&looking).await);

    let looking = look(&app, &admin, &owner).await;
    admin.ok(&app, disable, json!({"id": owner.id()})).await;
    assert!(!is_open(&looking).await);
    let codes = admin.codes(&app, VIEW, json!({"id": owner.id()})).await;
    assert_eq!(codes, ["WRONG_STATUS"]);
    let nothing: Value = Actor::anonymous().run(&app, VIEW, json!({"id": owner.id()})).await.data;
    assert_eq!(nothing, json!({"viewAs": null}));
}
