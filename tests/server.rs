//! The real schema across the wire.

use domain::user::Role;
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::server::Server;

/// L-5: one application, asked over HTTP and over a socket.
#[tokio::test]
async fn the_real_schema_answers_over_http_and_over_a_socket() {
    let app = TestApp::start().await;
    let client = app.client("Vesna").await;
    let owner = app.contact(Role::ClientOwner, client).await;
    let server = Server::start(&app).await;
    let token = owner.token.as_deref();
    let document = "query ($n: Int) { clients(first: $n) { totalCount nodes { name } } }";

    let reply = server.post(token, document, json!({"n": 5})).await;
    assert_eq!(reply.json()["data"]["clients"]["nodes"][0]["name"], "Vesna", "{reply:?}");
    assert_eq!(reply.json()["extensions"]["cost"]["requested"], 6);
    let limit = server.post(token, "{ rateLimit { requested remaining limit } }", json!({})).await.json();
    let (shown, said) = (&limit["data"]["rateLimit"], &limit["extensions"]["cost"]);
    for figure in ["requested", "remaining", "limit"] {
        assert_eq!(shown[figure], said[figure], "{limit}");
    }

    let mut socket = server.socket(token).await;
    socket.subscribe_with("a", document, json!({"n": 5})).await;
    assert_eq!(socket.next("a").await["data"], reply.json()["data"]);

    let nobody = server.post(None, document, json!({})).await;
    assert_eq!(nobody.code(), "UNAUTHENTICATED", "{nobody:?}");
}

/// T4: what the schema holds is told only where that is switched on.
#[tokio::test]
async fn introspection_follows_its_setting() {
    let document = "{ __schema { queryType { name } } }";
    let off = TestApp::start().await;
    let reply = Server::start(&off).await.post(None, document, json!({})).await;
    assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED");

    let on = TestApp::start_with(|config| config.introspection = true).await;
    let reply = Server::start(&on).await.post(None, document, json!({})).await;
    assert_eq!(reply.json()["data"]["__schema"]["queryType"]["name"], "Query");
}

/// T71: a server asked to stop says so to its sockets.
#[tokio::test]
async fn a_stop_closes_sockets_with_1012() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut socket = server.socket(None).await;
    server.stop();
    assert_eq!(socket.closed().await, Some(1012));
}

/// T18: where the settings name a file of documents, users execute those alone; partners' keys are free.
#[tokio::test]
async fn the_file_of_documents_is_the_list() {
    let file = std::env::temp_dir().join(format!("documents-{}.json", uuid::Uuid::new_v4()));
    std::fs::write(&file, r#"["{ __typename }"]"#).expect("the temporary folder takes a file");
    let app = TestApp::start_with(|config| config.documents_file = Some(file.clone())).await;
    let user = app.staff(Role::Sales).await;
    let key = app.partner_key(&user).await;
    let server = Server::start(&app).await;
    let token = user.token.as_deref();
    assert_eq!(server.post(token, "{ __typename }", json!({})).await.json()["data"]["__typename"], "Query");
    assert_eq!(server.post(token, "{ a: __typename }", json!({})).await.code(), "FORBIDDEN");
    assert_eq!(server.post(Some(&key), "{ a: __typename }", json!({})).await.json()["data"]["a"], "Query");
    std::fs::remove_file(&file).expect("the file is there");
}

/// L-1, L-5: time logged over HTTP moves the balance that a socket shows.
#[tokio::test]
async fn time_logged_over_http_moves_the_balance_on_a_socket() {
    let app = TestApp::start().await;
    let support = app.support("Vesna").await;
    let server = Server::start(&app).await;
    let mut socket = server.socket(support.owner.token.as_deref()).await;
    socket.subscribe("a", "subscription { hourBalanceChanged { remainingMinutes version } }").await;
    let first = socket.next("a").await["data"]["hourBalanceChanged"].clone();
    assert_eq!(first["remainingMinutes"], 1200);

    let log =
        "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) { errors { code } } }";
    let input = json!({"engagementId": support.id(), "workedOn": "2026-03-11", "minutes": 10,
        "activity": "CHAT_SUPPORT", "note": "Answered in the chat"});
    let reply = server.post(support.specialist.token.as_deref(), log, json!({"input": input})).await;
    assert_eq!(reply.json()["data"]["timeEntryCreate"]["errors"], json!([]), "{reply:?}");
    let second = socket.next("a").await["data"]["hourBalanceChanged"].clone();
    assert_eq!(second["remainingMinutes"], 1190);
    assert!(second["version"].as_i64() > first["version"].as_i64());
}
