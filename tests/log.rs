//! What is logged, and above all what is not (T24, T67).

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::collector::told;
use crate::support::http::{self, JSON};
use crate::support::people::{PASSWORD, SIGN_IN, secret};
use crate::support::server::Server;
use crate::support::wire::Wire;

const LOG: &str = "mutation LogTimeAndNote($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) { errors { code } } }";
const ASK: &str =
    "mutation Reset($email: String!) { passwordResetRequest(input: {email: $email}) { errors { code } } }";

/// What was written about what was done, and what none of it may hold.
struct Left {
    app: TestApp,
    metrics: String,
    canaries: Vec<String>,
}

/// Does what people do, well and badly, with something to recognise in every place that takes a text.
async fn live() -> Left {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let support = app.support("Canary-Client-Name").await;
    let (owner, specialist) =
        (support.owner.token.clone().unwrap(), support.specialist.token.clone().unwrap());
    let mut canaries: Vec<String> =
        vec!["Canary".into(), "canary".into(), owner.clone(), specialist.clone(), PASSWORD.into()];

    // Sign-ins, right and wrong, and a link by mail.
    let email = app.give_password(&support.owner).await;
    canaries.push(email.clone());
    for (email, password) in
        [(email.as_str(), PASSWORD), (&email, "Canary-Wrong-Password"), ("canary@example.org", PASSWORD)]
    {
        let reply =
            server.post(None, SIGN_IN, json!({"input": {"email": email, "password": password}})).await;
        let payload = reply.json()["data"]["signIn"].clone();
        canaries.extend(
            ["accessToken", "refreshToken"]
                .iter()
                .filter_map(|name| Some(payload[name].as_str()?.to_owned())),
        );
    }
    server.post(None, ASK, json!({"email": email})).await;
    let mails = app.mails().await;
    canaries.push(secret(&mails.last().expect("a mail").words.text));

    // Time with a note, an idempotency key, and odd text that would forge a line.
    let key = uuid::Uuid::new_v4().to_string();
    canaries.push(key.clone());
    let input = json!({"engagementId": support.id(), "workedOn": "2026-03-11", "minutes": 10, "activity": "CHAT_SUPPORT",
        "note": "Canary-Note\nERROR hourbank: canary forged a line\r\n", "idempotencyKey": key});
    for _ in 0..2 {
        server.post(Some(&specialist), LOG, json!({"input": input})).await;
    }
    // Texts where they do not belong: literals, variables, the query string, headers, paths, broken JSON and GraphQL.
    let admin = app.staff(domain::user::Role::Administrator).await.token.unwrap();
    for document in [
        "{ clients(filter: {name: {contains: \"Canary-Literal\"}}) { nodes { name } } }",
        "{ node(id: \"Canary-Id\") { id } }",
        "query { canaryField }",
        "{ clients(first: \"Canary\") { totalCount } }",
        "{ clients { nodes { name",
    ] {
        server.post(Some(&admin), document, json!({"canary": "Canary-Variable"})).await;
    }
    let partner = app.partner_key(&app.staff(domain::user::Role::Administrator).await).await;
    canaries.push(partner.clone());
    server.post(Some(&partner), "query Partner { viewer { role } }", json!({})).await;
    server.post(Some("Canary-Token"), "{ __typename }", json!({})).await;
    for (method, target, headers, body) in [
        ("GET", "/graphql?query=%7BCanaryQuery%7D&variables=Canary", vec![("cookie", "Canary-Cookie")], ""),
        ("GET", "/Canary-Path?token=Canary", vec![], ""),
        ("POST", "/graphql", vec![JSON], "{\"query\": \"Canary"),
        (
            "POST",
            "/graphql",
            vec![JSON, ("user-agent", "Canary-Agent"), ("traceparent", "Canary")],
            "[\"Canary\"]",
        ),
        ("POST", "/graphql", vec![("content-type", "text/Canary")], "Canary"),
    ] {
        http::send(server.addr, method, target, &headers, body).await;
    }
    // Sockets, with a good and a bad greeting.
    let mut socket = server.socket(Some(&owner)).await;
    socket
        .subscribe("Canary-Subscription", "subscription Watch { hourBalanceChanged { remainingMinutes } }")
        .await;
    socket.next("Canary-Subscription").await;
    socket.subscribe("b", "{ echo(text: \"Canary\") }").await;
    socket.text("Canary is no JSON").await;
    let mut bad = Wire::greeting(server.addr, Some("Canary-Socket-Token")).await;
    bad.closed().await;
    // A database that fails in the middle of it.
    app.database.db.execute_unprepared("ALTER TABLE time_entry RENAME TO time_entry_away").await.unwrap();
    let again = json!({"engagementId": support.id(), "workedOn": "2026-03-11", "minutes": 5, "activity": "CHAT_SUPPORT",
        "note": "Canary-Lost-Note"});
    let trace = format!("00-{}-b7ad6b7169203331-01", uuid::Uuid::new_v4().simple());
    let bearer = format!("Bearer {specialist}");
    let headers = [JSON, ("authorization", bearer.as_str()), ("traceparent", trace.as_str())];
    let body = json!({"query": LOG, "variables": {"input": again}}).to_string();
    let lost = http::send(server.addr, "POST", "/graphql", &headers, &body).await;
    told().spans.of(&trace[3..35]).await;
    assert_eq!(lost.code(), "INTERNAL", "{lost:?}");
    let metrics = http::send(server.addr, "GET", "/metrics", &[], "").await.body;
    Left { app, metrics, canaries }
}

/// T24: no secret, no address and nothing that anybody wrote is in the log at its most talkative, in the figures or in
/// the traces; in either form of the log.
#[tokio::test]
async fn t24_nothing_personal_is_told() {
    let Left { app, metrics, canaries } = live().await;
    let (json, text, traces) = (told().json.text(), told().text.text(), told().spans.text());
    for (place, told) in [("JSON", &json), ("lines", &text), ("figures", &metrics), ("traces", &traces)] {
        assert!(told.len() > 1_000, "the {place} tell something: {told}");
        for canary in &canaries {
            if let Some(at) = told.find(canary.as_str()) {
                let before = told[..at].rsplit('\n').next().unwrap_or_default();
                panic!("{canary} in the {place}: {before}{}", told[at..].lines().next().unwrap_or_default());
            }
        }
    }
    drop(app);
}

/// T67: each event is one line whatever anybody wrote, and in JSON each of them is an object that names its request.
#[tokio::test]
async fn t67_a_line_is_an_event() {
    let Left { app, .. } = live().await;
    let events: Vec<Value> = told()
        .json
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    let requests: Vec<&Value> =
        events.iter().filter(|event| event["fields"]["message"] == "request").collect();
    let is_ours = |event: &&&Value| event["fields"]["operation"] == "LogTimeAndNote";
    let logged = requests.iter().find(is_ours).expect("it was logged");
    for (field, value) in [("kind", json!("mutation")), ("codes", json!("")), ("status", json!(200))] {
        assert_eq!(logged["fields"][field], value, "{logged}");
    }
    assert!(logged["fields"]["principal"].as_str().is_some_and(|who| who.starts_with("user:")), "{logged}");
    assert!(logged["fields"]["cost"].as_u64().is_some() && logged["fields"]["micros"].as_u64().is_some());
    let id = |event: &Value| {
        let spans = event["spans"].as_array().cloned().unwrap_or_default();
        spans.iter().find_map(|span| Some(span["request_id"].as_str()?.to_owned()))
    };
    assert!(requests.iter().all(|event| id(event).is_some()));
    let lost = requests
        .iter()
        .filter(is_ours)
        .find(|event| event["fields"]["codes"] == "INTERNAL")
        .expect("it failed");
    let fault = |event: &&Value| event["level"] == "ERROR" && id(event) == id(lost);
    assert!(events.iter().any(|event| fault(&event)), "the fault names the request: {lost}");
    assert!(!told().text.text().lines().any(|line| line.starts_with("ERROR")), "a forged line");
    drop(app);
}
