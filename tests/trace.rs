//! Traces: what a collector is sent, and when nothing is.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::collector::told;
use crate::support::http::{self, JSON};
use crate::support::server::Server;

const LOG: &str =
    "mutation LogTime($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) { errors { code } } }";

/// A trace of this test's own.
fn trace() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

fn named<'a>(spans: &'a [Value], name: &str) -> Vec<&'a Value> {
    spans.iter().filter(|span| span["name"] == name).collect()
}

fn value(span: &Value, key: &str) -> Option<String> {
    let found = span["attributes"].as_array()?.iter().find(|value| value["key"] == key);
    found.map(|value| value["value"]["stringValue"].as_str().unwrap().to_owned())
}

/// L-5: a request that comes with a trace goes on with it: request, operation and transaction lie within each other, and
/// tell what they are.
#[tokio::test]
async fn a_trace_goes_on_through_the_layers() {
    let app = TestApp::start().await;
    let support = app.support("Vesna").await;
    let server = Server::start(&app).await;
    let input = json!({"engagementId": support.id(), "workedOn": "2026-03-11", "minutes": 10,
        "activity": "CHAT_SUPPORT", "note": "Answered in the chat"});
    let bearer = format!("Bearer {}", support.specialist.token.as_deref().unwrap());
    let (good, bad, unkept) = (trace(), trace(), trace());
    let send = async |document: &str, trace: &str, flags: &str| {
        let parent = format!("00-{trace}-b7ad6b7169203331-{flags}");
        let headers = [JSON, ("authorization", bearer.as_str()), ("traceparent", parent.as_str())];
        let body = json!({"query": document, "variables": {"input": input}}).to_string();
        http::send(server.addr, "POST", "/graphql", &headers, &body).await
    };
    assert_eq!(send(LOG, &unkept, "00").await.status, 200);
    assert_eq!(send(LOG, &good, "01").await.status, 200);
    send("query Wrong { node(id: \"x\") { id } }", &bad, "01").await;

    let spans = told().spans.of(&good).await;
    let (request, operation) = (named(&spans, "request"), named(&spans, "operation"));
    assert_eq!((request.len(), operation.len()), (1, 1), "{spans:#?}");
    assert_eq!((&request[0]["parentSpanId"], &request[0]["kind"]), (&json!("b7ad6b7169203331"), &json!(2)));
    assert_eq!(operation[0]["parentSpanId"], request[0]["spanId"]);
    assert_eq!(value(operation[0], "operation").as_deref(), Some("LogTime"));
    assert_eq!(value(operation[0], "kind").as_deref(), Some("mutation"));
    assert!(value(request[0], "request_id").is_some_and(|id| id.len() == 32));
    let transactions = named(&spans, "transaction");
    assert!(!transactions.is_empty());
    for transaction in transactions {
        assert_eq!(transaction["parentSpanId"], operation[0]["spanId"]);
        assert!(value(transaction, "action").is_some_and(|action| !action.is_empty()));
        let nanos = |span: &Value, key: &str| span[key].as_str().unwrap().parse::<u64>().unwrap();
        assert!(nanos(operation[0], "startTimeUnixNano") <= nanos(transaction, "startTimeUnixNano"));
        assert!(nanos(transaction, "endTimeUnixNano") >= nanos(transaction, "startTimeUnixNano"));
    }
    let spans = told().spans.of(&bad).await;
    let failed = named(&spans, "operation");
    assert_eq!(failed[0]["status"]["code"], 2);
    assert_eq!(value(failed[0], "codes").as_deref(), Some("BAD_USER_INPUT"));
    assert!(!told().spans.text().contains(&unkept), "the caller said that it is not to be kept");
}
