//! Teams and ways in: who serves a client, and how it came to support.

use chrono::Duration;
use domain::engagement::EngagementStatus;
use domain::id::{ClientId, TeamMemberId, UserId};
use domain::team::Position;
use domain::user::Role;
use hourbank::graphql::id::Identified;
use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::app::TestApp;

const ADD: &str = "mutation($input: TeamMemberAddInput!) { teamMemberAdd(input: $input) {
    teamMember { id position startsOn user { id } } client { team { id } } errors { code field } } }";
const REPLACE: &str =
    "mutation($id: ID!, $input: TeamMemberReplaceInput!) { teamMemberReplace(id: $id, input: $input) {
    teamMember { position startsOn endsOn user { id } } replaced { endsOn } errors { code } } }";
const END: &str = "mutation($id: ID!) { teamMemberEnd(id: $id) { teamMember { endsOn } errors { code } } }";
const SEE: &str = "query($id: ID!) { client(by: {id: $id}) { name } }";

fn id(user: &Actor) -> Value {
    json!(user.user.unwrap().global())
}

fn place(client: ClientId, user: &Actor, position: &str) -> Value {
    json!({"input": {"clientId": client.global(), "userId": id(user), "position": position}})
}

/// T-1, A-1: whoever is put on the team sees the client at once, and no longer once the place has ended.
#[tokio::test]
async fn a_place_opens_and_closes_the_door() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let admin = app.staff(Role::Administrator).await;
    let specialist = app.staff(Role::Specialist).await;
    let see = json!({"id": client.global()});
    assert_eq!(specialist.codes(&app, SEE, see.clone()).await, ["NOT_FOUND"]);
    let added = admin.ok(&app, ADD, place(client, &specialist, "SUPPORT_SPECIALIST")).await;
    let member = &added["teamMemberAdd"]["teamMember"];
    assert_eq!(member["startsOn"], "2026-03-11");
    specialist.ok(&app, SEE, see.clone()).await;
    let ended = admin.ok(&app, END, json!({"id": member["id"]})).await;
    assert_eq!(ended["teamMemberEnd"]["teamMember"]["endsOn"], "2026-03-11");
    assert_eq!(specialist.codes(&app, SEE, see).await, ["NOT_FOUND"]);
    assert_eq!(admin.codes(&app, END, json!({"id": member["id"]})).await, ["WRONG_STATUS"]);
    let team =
        "query($id: ID!) { client(by: {id: $id}) { team { id } all: team(includeEnded: true) { id } } }";
    let found = admin.ok(&app, team, json!({"id": client.global()})).await;
    assert_eq!(found["client"]["team"], json!([]));
    assert_eq!(found["client"]["all"], json!([{"id": member["id"]}]));
}

/// T-1, A-5: days are the client's: after midnight in Moscow a place of today is held though it is yesterday in UTC.
#[tokio::test]
async fn a_place_begins_with_the_clients_day() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let admin = app.staff(Role::Administrator).await;
    let specialist = app.staff(Role::Specialist).await;
    app.advance(Duration::hours(10));
    let added = admin.ok(&app, ADD, place(client, &specialist, "ASSISTANT")).await;
    assert_eq!(added["teamMemberAdd"]["teamMember"]["startsOn"], "2026-03-12");
    specialist.ok(&app, SEE, json!({"id": client.global()})).await;
    let member = added["teamMemberAdd"]["teamMember"]["id"].clone();
    admin.ok(&app, END, json!({"id": member})).await;
    assert_eq!(specialist.codes(&app, SEE, json!({"id": client.global()})).await, ["NOT_FOUND"]);
}

/// T-1: managing positions need their role, contacts have no place, nobody holds the same place twice.
#[tokio::test]
async fn a_position_has_its_conditions() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let admin = app.staff(Role::Administrator).await;
    let (specialist, owner) =
        (app.staff(Role::Specialist).await, app.contact(Role::ClientOwner, client).await);
    for (user, position, code) in [
        (&specialist, "PROJECT_MANAGER", "ROLE_MISMATCH"),
        (&specialist, "ACCOUNT_MANAGER", "ROLE_MISMATCH"),
        (&owner, "ASSISTANT", "INVALID"),
    ] {
        assert_eq!(admin.codes(&app, ADD, place(client, user, position)).await, [code], "{position}");
    }
    admin.ok(&app, ADD, place(client, &specialist, "DEVELOPER")).await;
    assert_eq!(admin.codes(&app, ADD, place(client, &specialist, "DEVELOPER")).await, ["TAKEN"]);
    let nobody = json!({"input": {"clientId": client.global(), "userId": UserId::new().global(), "position": "REVIEWER"}});
    assert_eq!(admin.codes(&app, ADD, nobody).await, ["INVALID"]);
    let nowhere = place(ClientId::new(), &specialist, "DEVELOPER");
    assert_eq!(admin.codes(&app, ADD, nowhere).await, ["NOT_FOUND"]);
}

/// T-1: the project manager adds and ends helpers; the other places are an administrator's.
#[tokio::test]
async fn helpers_are_the_project_managers() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let manager = app.on_team(Role::ProjectManager, client).await;
    let account = app.on_team(Role::AccountManager, client).await;
    let stranger = app.staff(Role::ProjectManager).await;
    let owner = app.contact(Role::ClientOwner, client).await;
    let helper = app.staff(Role::Specialist).await;
    for (who, position, code) in [
        (&manager, "SUPPORT_SPECIALIST", "FORBIDDEN"),
        (&account, "ASSISTANT", "FORBIDDEN"),
        (&owner, "ASSISTANT", "FORBIDDEN"),
        (&stranger, "ASSISTANT", "NOT_FOUND"),
        (&Actor::anonymous(), "ASSISTANT", "UNAUTHENTICATED"),
    ] {
        assert_eq!(who.codes(&app, ADD, place(client, &helper, position)).await, [code]);
    }
    for position in ["ASSISTANT", "CONFIGURATOR", "DEVELOPER"] {
        let added = manager.ok(&app, ADD, place(client, &helper, position)).await;
        manager.ok(&app, END, json!({"id": added["teamMemberAdd"]["teamMember"]["id"]})).await;
    }
    let needed = app.join(&helper, client, Position::SupportSpecialist).await;
    assert_eq!(manager.codes(&app, END, json!({"id": needed.global()})).await, ["FORBIDDEN"]);
    assert_eq!(stranger.codes(&app, END, json!({"id": needed.global()})).await, ["NOT_FOUND"]);
    assert_eq!(stranger.codes(&app, END, json!({"id": TeamMemberId::new().global()})).await, ["NOT_FOUND"]);
}

/// T-1: the last one in a position that a running support needs is replaced, not removed, and by a third person.
#[tokio::test]
async fn the_last_one_is_replaced() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let admin = app.staff(Role::Administrator).await;
    let (manager, account, first, second) = (
        app.staff(Role::ProjectManager).await,
        app.staff(Role::AccountManager).await,
        app.staff(Role::Specialist).await,
        app.staff(Role::Specialist).await,
    );
    app.join(&manager, client, Position::ProjectManager).await;
    app.join(&account, client, Position::AccountManager).await;
    let place = app.join(&first, client, Position::SupportSpecialist).await;
    app.engagement(client, "SUPPORT_20", EngagementStatus::Active).await;
    let place = json!(place.global());

    assert_eq!(admin.codes(&app, END, json!({"id": place})).await, ["POSITION_REQUIRED"]);
    let by = |user: &Actor| json!({"id": place, "input": {"userId": id(user)}});
    assert_eq!(admin.codes(&app, REPLACE, by(&manager)).await, ["TEAM_INCOMPLETE"]);
    let replaced = admin.ok(&app, REPLACE, by(&second)).await["teamMemberReplace"].clone();
    assert_eq!(replaced["replaced"]["endsOn"], "2026-03-11");
    assert_eq!(replaced["teamMember"]["startsOn"], "2026-03-11");
    assert_eq!(replaced["teamMember"]["user"]["id"], id(&second));
    let see = json!({"id": client.global()});
    assert_eq!(first.codes(&app, SEE, see.clone()).await, ["NOT_FOUND"]);
    second.ok(&app, SEE, see).await;
}

/// T-1: the same key and input fill one place.
#[tokio::test]
async fn a_place_is_filled_once_under_one_key() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let admin = app.staff(Role::Administrator).await;
    let helper = app.staff(Role::Specialist).await;
    let mut input = place(client, &helper, "DEVELOPER");
    input["input"]["idempotencyKey"] = json!(uuid::Uuid::new_v4());
    assert_eq!(admin.ok(&app, ADD, input.clone()).await, admin.ok(&app, ADD, input).await);
}

const RECORD: &str = "mutation($input: WayInRecordInput!) { wayInRecord(input: $input) {
    wayIn { kind completedOn findings note } client { waysIn { kind } } errors { code field } } }";

/// C-1: an administrator records an implementation, and an audit with its findings only.
#[tokio::test]
async fn a_way_in_is_recorded() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let admin = app.staff(Role::Administrator).await;
    let way = |kind: &str, on: &str, findings: Value| json!({"input": {"clientId": client.global(), "kind": kind, "completedOn": on, "findings": findings, "note": "Ours alone"}});
    for (input, code) in [
        (way("AUDIT", "2026-03-01", Value::Null), "INVALID"),
        (way("AUDIT", "2026-03-01", json!("  ")), "INVALID"),
        (way("IMPLEMENTATION", "2026-03-12", Value::Null), "FUTURE_DAY"),
    ] {
        assert_eq!(admin.codes(&app, RECORD, input).await, [code]);
    }
    admin.ok(&app, RECORD, way("IMPLEMENTATION", "2025-12-31", Value::Null)).await;
    let audit = admin.ok(&app, RECORD, way("AUDIT", "2026-03-11", json!("Funnels are set up well"))).await;
    assert_eq!(
        audit["wayInRecord"]["client"]["waysIn"],
        json!([{"kind": "AUDIT"}, {"kind": "IMPLEMENTATION"}])
    );

    let manager = app.on_team(Role::ProjectManager, client).await;
    assert_eq!(
        manager.codes(&app, RECORD, way("IMPLEMENTATION", "2026-01-01", Value::Null)).await,
        ["FORBIDDEN"]
    );
    let read = "query($id: ID!) { client(by: {id: $id}) { waysIn { findings note } } }";
    let seen = manager.ok(&app, read, json!({"id": client.global()})).await;
    assert_eq!(
        seen["client"]["waysIn"][0],
        json!({"findings": "Funnels are set up well", "note": "Ours alone"})
    );
    // the provider's own note stays with the staff.
    let owner = app.contact(Role::ClientOwner, client).await;
    let answer = owner.run(&app, read, json!({"id": client.global()})).await;
    assert!(answer.codes().iter().all(|code| code == "FORBIDDEN"));
    assert_eq!(
        answer.data["client"]["waysIn"][0],
        json!({"findings": "Funnels are set up well", "note": null})
    );
}
