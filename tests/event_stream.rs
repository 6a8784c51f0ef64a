//! Operations as event streams.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::support::http::{JSON, Reply};
use crate::support::toy::{Toy, toy, toy_with};

async fn events(toy: &Toy, query: &str, token: &str) -> Reply {
    let token = format!("Bearer {token}");
    let headers = [JSON, ("accept", "text/event-stream"), ("authorization", token.as_str())];
    toy.send("POST", "/graphql", &headers, &json!({"query": query}).to_string()).await
}

#[tokio::test]
async fn t54_an_event_stream_carries_an_operation() {
    let toy = toy().await;
    let reply = events(&toy, "subscription { count(to: 2) }", &toy.token).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/event-stream; charset=utf-8")));
    assert_eq!(
        (
            reply.body.matches("event: next\n").count(),
            reply.body.matches("event: complete\ndata:\n\n").count()
        ),
        (2, 1)
    );
    assert!(events(&toy, "mutation { bump }", &toy.token).await.body.contains(r#""bump":1"#));
    assert!(events(&toy, "{ nope }", &toy.token).await.body.contains("GRAPHQL_VALIDATION_FAILED"));
    assert_eq!(
        events(&toy, &format!("{{ a(x: {}) }}", "[".repeat(5_000)), &toy.token).await.code(),
        "QUERY_TOO_COMPLEX"
    );
    let get = toy
        .send("GET", "/graphql?query=subscription%7Bcount(to:1)%7D", &[("accept", "text/event-stream")], "")
        .await;
    assert!(get.body.contains(r#"{"count":1}"#), "{get:?}");
    assert_eq!(toy.query("subscription { count(to: 1) }").await.status, 400);
}

#[tokio::test]
async fn t49_an_event_stream_ends_with_its_session() {
    let toy = toy_with(
        |limits| {
            limits.session_check = Duration::from_millis(50);
            limits.heartbeat = Duration::from_millis(100);
        },
        |_| {},
    )
    .await;
    let ending = async {
        sleep(Duration::from_millis(400)).await;
        toy.app.end_sign_ins(&toy.user).await;
    };
    let (reply, ()) = tokio::join!(events(&toy, "subscription { ticks { at } }", &toy.token), ending);
    assert!(
        reply.body.contains("UNAUTHENTICATED") && reply.body.contains("event: complete"),
        "{}",
        reply.body
    );
    assert!(reply.body.matches(":\n\n").count() >= 3);
}

/// T52: an event of which a part could not be had breaks the stream off, before it is sent and without its `complete`.
#[tokio::test]
async fn t52_a_gap_in_an_event_breaks_the_stream_off() {
    let toy = toy().await;
    let reply = events(&toy, "subscription { gaps { part } }", &toy.token).await;
    assert!(reply.body.contains(r#"{"part":1}"#), "{reply:?}");
    assert!(!reply.body.contains("UNAVAILABLE") && !reply.body.contains("event: complete"), "{reply:?}");
}
