//! Clients: what is known of a company served.

use domain::user::Role;
use serde_json::json;

use crate::support::app::TestApp;

const CREATE: &str = "mutation($input: ClientCreateInput!) { clientCreate(input: $input) { client { id name version } errors { code field } } }";

/// C-4: an administrator creates a client, and the same key and input make one client.
#[tokio::test]
async fn a_client_is_created_once_under_one_key() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let input = json!({"input": {"name": "Ёлка и Ко", "crmKind": "BITRIX24", "setUpBy": "PROVIDER",
        "reportRecipients": ["a@example.org", "A@example.org"], "idempotencyKey": uuid::Uuid::new_v4()}});
    let first = admin.ok(&app, CREATE, input.clone()).await;
    let second = admin.ok(&app, CREATE, input.clone()).await;
    assert_eq!(first, second);
    let mut other = input;
    other["input"]["name"] = json!("Another");
    assert_eq!(admin.codes(&app, CREATE, other).await, ["IDEMPOTENCY_KEY_REUSED"]);
    let found = admin
        .ok(&app, r#"{ clients(filter: {name: {contains: "елка"}}) { totalCount nodes { name reportRecipients } } }"#, json!({}))
        .await;
    assert_eq!(found["clients"]["totalCount"], 1);
    assert_eq!(found["clients"]["nodes"][0]["reportRecipients"], json!(["a@example.org"]));
}

/// C-4: every faulty field is named at once, and nothing is written.
#[tokio::test]
async fn every_fault_is_named_at_once() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let answer = admin
        .run(
            &app,
            CREATE,
            json!({"input": {"name": " ", "crmKind": "OTHER", "setUpBy": "OTHER", "licences": -1,
            "timeZone": "Mars/Base", "crmUrl": "javascript:alert(1)"}}),
        )
        .await;
    let fields: Vec<_> = answer.data["clientCreate"]["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"][0].clone())
        .collect();
    for field in ["name", "licences", "timeZone", "crmUrl"] {
        assert!(fields.contains(&json!(field)), "{field} in {fields:?}");
    }
    assert_eq!(admin.ok(&app, "{ clients { totalCount } }", json!({})).await["clients"]["totalCount"], 0);
}

/// A-1, A-2: whoever is off the team, and another client's owner, see nothing, however they ask.
#[tokio::test]
async fn a_stranger_finds_nothing() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.client("Ours").await, app.client("Theirs").await);
    let id = admin_id(&app, "Ours").await;
    for stranger in [
        app.staff(Role::ProjectManager).await,
        app.contact(Role::ClientOwner, theirs).await,
        app.staff(Role::Sales).await,
    ] {
        let answer =
            stranger.run(&app, "query($id: ID!) { client(by: {id: $id}) { name } }", json!({"id": id})).await;
        assert_eq!(answer.codes(), ["NOT_FOUND"]);
        let listed = stranger
            .ok(&app, r#"{ clients(filter: {name: {eq: "ours"}}) { totalCount nodes { id } } }"#, json!({}))
            .await;
        assert_eq!(listed["clients"], json!({"totalCount": 0, "nodes": []}));
    }
    let owner = app.contact(Role::ClientOwner, ours).await;
    assert_eq!(
        owner.ok(&app, "{ clients { nodes { name } } }", json!({})).await["clients"]["nodes"],
        json!([{"name": "Ours"}])
    );
}

async fn admin_id(app: &TestApp, name: &str) -> String {
    let admin = app.staff(Role::Administrator).await;
    let found = admin
        .ok(
            app,
            "query($name: String!) { clients(filter: {name: {eq: $name}}) { nodes { id } } }",
            json!({"name": name}),
        )
        .await;
    found["clients"]["nodes"][0]["id"].as_str().unwrap().to_owned()
}

/// A change meets the version that the caller saw, or the state that it did not; null clears, absent keeps.
#[tokio::test]
async fn a_partial_update_keeps_what_is_absent() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    app.client("Theirs").await;
    let manager = app.on_team(Role::ProjectManager, client).await;
    let id = admin_id(&app, "Ours").await;
    let theirs = admin_id(&app, "Theirs").await;
    let update = "mutation($id: ID!, $input: ClientUpdateInput!) {
        clientUpdate(id: $id, input: $input) { client { version goals chatUrl } errors { code } } }";
    let variables = json!({"id": id, "input": {"expectedVersion": 1, "goals": "Grow"}});
    let done = manager.ok(&app, update, variables.clone()).await;
    assert_eq!(
        done["clientUpdate"]["client"],
        json!({"version": 2, "goals": "Grow", "chatUrl": "https://chat.example/1"})
    );
    let conflict = manager.run(&app, update, variables).await;
    assert_eq!(conflict.codes(), ["CONFLICT"]);
    assert_eq!(conflict.data["clientUpdate"]["client"]["version"], 2);
    let unsent = "mutation($id: ID!, $goals: String, $chat: String) {
        clientUpdate(id: $id, input: {expectedVersion: 2, goals: $goals, chatUrl: $chat}) { client { goals chatUrl } errors { code } } }";
    let cleared = manager.ok(&app, unsent, json!({"id": id, "goals": null})).await;
    assert_eq!(
        cleared["clientUpdate"]["client"],
        json!({"goals": null, "chatUrl": "https://chat.example/1"})
    );
    let admin = app.staff(Role::Administrator).await;
    let untouched = admin
        .ok(&app, "query($id: ID!) { client(by: {id: $id}) { name version } }", json!({"id": theirs}))
        .await;
    assert_eq!(untouched["client"], json!({"name": "Theirs", "version": 1}));
}

/// T7: pages neither skip nor repeat, in both directions, and a cursor of another list is refused.
#[tokio::test]
async fn pages_go_on_where_they_ended() {
    let app = TestApp::start().await;
    for name in ["Альфа", "Бета", "Ёж", "Жук", "Zeta"] {
        app.client(name).await;
    }
    let admin = app.staff(Role::Administrator).await;
    let page = "query($first: Int, $after: String, $last: Int, $before: String) {
        clients(first: $first, after: $after, last: $last, before: $before) {
            nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let first = admin.ok(&app, page, json!({"first": 2})).await["clients"].clone();
    assert_eq!(first["nodes"], json!([{"name": "Zeta"}, {"name": "Альфа"}]));
    let second =
        admin.ok(&app, page, json!({"first": 2, "after": first["pageInfo"]["endCursor"]})).await["clients"]
            .clone();
    assert_eq!(second["nodes"], json!([{"name": "Бета"}, {"name": "Ёж"}]));
    assert_eq!(second["pageInfo"]["hasNextPage"], true);
    let back = admin
        .ok(
            &app,
            page,
            json!({"last": 2, "before": second["pageInfo"]["startCursor"]}),
        )
        .await["clients"]
        .clone();
    assert_eq!(back["nodes"], first["nodes"]);
    let other =
        r#"query($after: String) { clients(after: $after, filter: {crmKind: OTHER}) { nodes { name } } }"#;
    assert_eq!(
        admin.codes(&app, other, json!({"after": first["pageInfo"]["endCursor"]})).await,
        ["BAD_USER_INPUT"]
    );
    for bad in
        [json!({"first": 0}), json!({"first": 101}), json!({"first": -1}), json!({"first": 1, "last": 1})]
    {
        assert_eq!(admin.codes(&app, page, bad).await, ["BAD_USER_INPUT"]);
    }
}
