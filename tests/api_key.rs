//! Keys of partners.

use chrono::Duration;
use domain::user::Role;
use entity::api_key;
use hourbank::graphql::id::Identified;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::people::opens;

const CREATE: &str = "mutation($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) {
    key apiKey { id name expiresAt clients { name } createdBy { id } } errors { code field } } }";
const REVOKE: &str = "mutation($id: ID!) { apiKeyRevoke(id: $id) { apiKey { revokedAt } errors { code } } }";

async fn make(app: &TestApp, admin: &Actor, input: Value) -> (String, Actor) {
    let made = admin.ok(app, CREATE, json!({"input": input})).await["apiKeyCreate"].clone();
    (made["apiKey"]["id"].as_str().unwrap().to_owned(), Actor::holding(made["key"].as_str().unwrap()))
}

/// A-4, T35: a key is shown once, kept as a hash, and tells when it was last used.
#[tokio::test]
async fn a4_a_key_is_shown_once() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let client = app.client("Ours").await;
    let input = json!({"input": {"name": "CRM", "clientIds": [client.global()], "idempotencyKey": uuid::Uuid::new_v4()}});
    let made = admin.ok(&app, CREATE, input.clone()).await["apiKeyCreate"].clone();
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("hbk_"));
    assert_eq!(made["apiKey"]["clients"], json!([{"name": "Ours"}]));
    let again = admin.ok(&app, CREATE, input).await["apiKeyCreate"].clone();
    assert_eq!((&again["apiKey"], &again["key"]), (&made["apiKey"], &Value::Null));
    let row = api_key::Entity::find().one(&app.database.db).await.unwrap().unwrap();
    assert_eq!(row.secret_hash.len(), 32);
    assert!(row.last_used_at.is_none());

    let partner = Actor::holding(key);
    let viewer =
        "{ viewer { role user { id } apiKey { name clients { name } } clients { nodes { name } } } }";
    let seen = partner.ok(&app, viewer, json!({})).await;
    assert_eq!(
        seen["viewer"],
        json!({"role": null, "user": null, "apiKey": {"name": "CRM", "clients": [{"name": "Ours"}]},
            "clients": {"nodes": [{"name": "Ours"}]}})
    );
    let listed = admin.ok(&app, "{ apiKeys { totalCount nodes { lastUsedAt } } }", json!({})).await;
    assert_eq!(listed["apiKeys"]["nodes"][0]["lastUsedAt"], "2026-03-11T12:00:00.000Z");
}

/// T36: a key reads its clients and nothing more; who made it is not its business.
#[tokio::test]
async fn t36_a_key_reads_its_clients_alone() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let (ours, theirs) = (app.client("Ours").await, app.client("Theirs").await);
    let (_, partner) = make(&app, &admin, json!({"name": "CRM", "clientIds": [ours.global()]})).await;
    let one = "query($id: ID!) { client(by: {id: $id}) { name } }";
    assert_eq!(partner.ok(&app, one, json!({"id": ours.global()})).await["client"]["name"], "Ours");
    assert_eq!(partner.codes(&app, one, json!({"id": theirs.global()})).await, ["NOT_FOUND"]);
    for forbidden in [
        "{ users { totalCount } }",
        "{ apiKeys { totalCount } }",
        "{ auditEntries { totalCount } }",
        "{ viewer { apiKey { createdBy { name } } } }",
        "{ clients { nodes { reportRecipients } } }",
    ] {
        assert_eq!(partner.codes(&app, forbidden, json!({})).await, ["FORBIDDEN"], "{forbidden}");
    }
    let input = json!({"input": {"name": "More", "clientIds": [theirs.global()]}});
    assert_eq!(partner.codes(&app, CREATE, input).await, ["FORBIDDEN"]);
}

/// A-5, T36: a revoked or expired key, or one with another secret, opens nothing, at once.
#[tokio::test]
async fn a5_a_revoked_key_opens_nothing() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let client = app.client("Ours").await.global();
    let (id, partner) = make(&app, &admin, json!({"name": "CRM", "clientIds": [client]})).await;
    let key = partner.token.clone().unwrap();
    assert!(opens(&app, &key).await);
    let last = if key.ends_with('A') { "B" } else { "A" };
    for forged in
        [format!("{}{last}", &key[..key.len() - 1]), key[..key.len() - 1].to_owned(), format!("{key}A")]
    {
        assert!(!opens(&app, &forged).await);
    }
    admin.ok(&app, REVOKE, json!({"id": id})).await;
    assert!(!opens(&app, &key).await);
    assert_eq!(admin.codes(&app, REVOKE, json!({"id": id})).await, ["WRONG_STATUS"]);

    let end = app.now() + Duration::hours(1);
    let (_, partner) =
        make(&app, &admin, json!({"name": "Day", "clientIds": [client], "expiresAt": end})).await;
    let key = partner.token.unwrap();
    assert!(opens(&app, &key).await);
    app.app.clock.advance(Duration::hours(1));
    assert!(!opens(&app, &key).await, "also where its rights were read a moment ago");
}

/// every fault is named at once, and administrators alone have to do with keys.
#[tokio::test]
async fn a4_keys_are_an_administrators() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let client = app.client("Ours").await;
    let unknown = domain::id::ClientId::new().global();
    let past = app.now();
    let input = json!({"input": {"name": " ", "clientIds": [client.global(), unknown], "expiresAt": past}});
    assert_eq!(admin.codes(&app, CREATE, input).await, ["INVALID", "INVALID", "INVALID"]);
    let empty = json!({"input": {"name": "CRM", "clientIds": []}});
    assert_eq!(admin.codes(&app, CREATE, empty).await, ["INVALID"]);
    for actor in [
        app.on_team(Role::ProjectManager, client).await,
        app.contact(Role::ClientOwner, client).await,
        app.staff(Role::QualityManager).await,
    ] {
        let input = json!({"input": {"name": "CRM", "clientIds": [client.global()]}});
        assert_eq!(actor.codes(&app, CREATE, input).await, ["FORBIDDEN"]);
        assert_eq!(actor.codes(&app, "{ apiKeys { totalCount } }", json!({})).await, ["FORBIDDEN"]);
    }
    assert!(api_key::Entity::find().all(&app.database.db).await.unwrap().is_empty());
}
