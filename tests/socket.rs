//! The socket: every operation, every way to break the protocol.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::time::{sleep, timeout};

use crate::support::toy::{toy, toy_with};
use crate::support::wire::{Wire, unread};

#[tokio::test]
async fn a_socket_carries_every_kind_of_operation() {
    let toy = toy().await;
    let mut wire = toy.socket().await;
    wire.subscribe("a", "subscription { count(to: 3) }").await;
    wire.subscribe("b", "mutation { bump }").await;
    wire.subscribe("c", "{ who }").await;
    wire.subscribe("d", "{ nope }").await;
    let mut seen: Vec<Value> = Vec::new();
    while seen.iter().filter(|m| m["type"] != "next").count() < 4 {
        seen.push(wire.message().await);
    }
    let of = |id: &str| seen.iter().filter(|m| m["id"] == id).collect::<Vec<_>>();
    assert_eq!(
        of("a").iter().map(|m| &m["payload"]["data"]["count"]).collect::<Vec<_>>(),
        [&json!(1), &json!(2), &json!(3), &Value::Null]
    );
    assert_eq!(of("b")[0]["payload"]["data"]["bump"], 1);
    assert_eq!(of("c")[0]["payload"]["data"]["who"], format!("user:{}", toy.user.user.expect("a person").0));
    assert_eq!((&of("d")[0]["type"], of("d").len()), (&json!("error"), 1));
    assert_eq!(of("d")[0]["payload"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    // A completed operation says nothing more, and its id is free again.
    wire.subscribe("t", "subscription { ticks { at } }").await;
    assert_eq!(wire.message().await["id"], "t");
    wire.send(&json!({"type": "complete", "id": "t"})).await;
    wire.send(&json!({"type": "ping", "payload": {"a": 1}})).await;
    let mut last = wire.message().await;
    while last["type"] != "pong" {
        last = wire.message().await;
    }
    assert_eq!(last["payload"]["a"], 1);
    wire.subscribe("t", "{ hello }").await;
    assert_eq!(wire.message().await["payload"]["data"]["hello"], "world");
}

#[tokio::test]
async fn t48_a_broken_protocol_has_its_code() {
    let toy = toy_with(|limits| limits.init = Duration::from_millis(300), |_| {}).await;
    let init = json!({"type": "connection_init"});
    let ticks =
        json!({"type": "subscribe", "id": "1", "payload": {"query": "subscription { ticks { at } }"}});
    let long = "x".repeat(64 * 1024 + 1);
    let cases: Vec<(u16, Vec<String>)> = vec![
        (4408, vec![]),
        (4401, vec![ticks.to_string()]),
        (4429, vec![init.to_string(), init.to_string()]),
        (4409, vec![init.to_string(), ticks.to_string(), ticks.to_string()]),
        (4400, vec!["junk".into()]),
        (4400, vec![init.to_string(), json!({"type": "subscribe", "id": "1"}).to_string()]),
        (1009, vec![long.clone()]),
        (1009, vec![init.to_string(), json!({"type": "ping", "payload": {"a": long}}).to_string()]),
        (
            4403,
            vec![
                json!({"type": "connection_init", "payload": {"authorization": "Bearer nonsense"}})
                    .to_string(),
            ],
        ),
        (
            4429,
            std::iter::once(init.to_string())
                .chain((0..60).map(|_| r#"{"type":"ping"}"#.to_owned()))
                .collect(),
        ),
    ];
    for (code, messages) in cases {
        let mut wire = Wire::open(toy.address, &[]).await.expect("connected");
        for message in &messages {
            wire.text(message).await;
        }
        assert_eq!(
            wire.closed().await,
            Some(code),
            "{}",
            messages.first().map_or("", |m| &m[..m.len().min(80)])
        );
    }
    let mut wire = Wire::open(toy.address, &[]).await.expect("connected");
    let _ = wire.0.send(tokio_tungstenite::tungstenite::Message::binary(vec![1, 2, 3])).await;
    assert_eq!(wire.closed().await, Some(4400));
    let mut wire = Wire::open_as(toy.address, &[], None).await.expect("connected");
    assert_eq!(wire.closed().await, Some(4406));
}

#[tokio::test]
async fn t51_a_socket_has_twenty_operations() {
    let toy = toy().await;
    let mut wire = toy.socket().await;
    for n in 0..21 {
        wire.subscribe(&n.to_string(), "subscription { ticks(bytes: 1) { at } }").await;
    }
    loop {
        let message = wire.message().await;
        if message["type"] == "error" {
            assert_eq!(
                (&message["id"], &message["payload"][0]["extensions"]["code"]),
                (&json!("20"), &json!("RATE_LIMITED"))
            );
            break;
        }
    }
}

#[tokio::test]
async fn a_quiet_socket_is_pinged_and_a_silent_one_dropped() {
    let toy = toy_with(|limits| limits.ping = Duration::from_millis(100), |_| {}).await;
    let mut wire = toy.socket().await;
    assert_eq!(wire.message().await["type"], "ping");
    // Nothing reads here, so nothing answers.
    let mut silent = unread(toy.address).await;
    sleep(Duration::from_millis(600)).await;
    let mut rest = Vec::new();
    assert!(timeout(Duration::from_secs(1), silent.read_to_end(&mut rest)).await.is_ok());
}

#[tokio::test]
async fn the_socket_ends_when_the_client_says_so() {
    let toy = toy().await;
    let mut wire = toy.socket().await;
    wire.0.close(None).await.expect("closed");
    let rest =
        timeout(Duration::from_secs(2), async { while wire.0.next().await.is_some_and(|m| m.is_ok()) {} })
            .await;
    assert!(rest.is_ok());
}

/// T52: an event of which a part could not be had closes the socket: whoever comes again is shown the whole state.
#[tokio::test]
async fn t52_a_gap_in_an_event_closes_with_1013() {
    let toy = toy().await;
    let mut wire = toy.socket().await;
    wire.subscribe("1", "subscription { gaps { part } }").await;
    assert_eq!(wire.next("1").await["data"]["gaps"]["part"], 1);
    assert_eq!(wire.closed().await, Some(1013));
}
