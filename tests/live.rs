//! Live operations: the socket, the event stream, readers that stop, and the life of a process.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::hostile::canary;
use crate::toy::{Reply, Toy, toy, toy_with};
use crate::transport::{JSON, bumps};
use crate::wire::Wire;

#[tokio::test]
async fn a_socket_carries_every_kind_of_operation() {
    let toy = toy().await;
    let mut wire = Wire::ready(&toy, "user:1").await;
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
    assert_eq!(of("c")[0]["payload"]["data"]["who"], "user:1");
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
async fn t45_each_event_has_a_request_of_its_own() {
    let toy = toy().await;
    let reply = events(&toy, "subscription { requests { isFresh } }", "user:1").await;
    assert_eq!(reply.body.matches(r#""isFresh":true"#).count(), 2, "{reply:?}");
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
        let mut wire = Wire::open(&toy, &[]).await.expect("connected");
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
    let mut wire = Wire::open(&toy, &[]).await.expect("connected");
    let _ = wire.0.send(tokio_tungstenite::tungstenite::Message::binary(vec![1, 2, 3])).await;
    assert_eq!(wire.closed().await, Some(4400));
    let mut wire = Wire::open_as(&toy, &[], None).await.expect("connected");
    assert_eq!(wire.closed().await, Some(4406));
}

#[tokio::test]
async fn t51_a_socket_has_twenty_operations() {
    let toy = toy().await;
    let mut wire = Wire::ready(&toy, "user:1").await;
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
async fn t49_a_session_that_ends_closes_its_socket() {
    let toy = toy_with(|limits| limits.session_check = Duration::from_millis(50), |_| {}).await;
    let mut gone = Wire::ready(&toy, "user:gone").await;
    let soon = chrono::DateTime::timestamp(&toy.app.now()) + 1;
    let mut expired = Wire::ready(&toy, &format!("user:2@{soon}")).await;
    gone.subscribe("1", "subscription { ticks { at } }").await;
    gone.message().await;
    toy.app.gone.lock().expect("not poisoned").insert("user:gone".into());
    assert_eq!(timeout(Duration::from_secs(2), gone.closed()).await, Ok(Some(4403)));
    assert_eq!(timeout(Duration::from_secs(3), expired.closed()).await, Ok(Some(4403)));
    let mut loser = Wire::ready(&toy, "user:3").await;
    loser.subscribe("1", "subscription { loses }").await;
    assert_eq!(loser.message().await["payload"]["data"]["loses"], 1);
    assert_eq!(loser.closed().await, Some(4403));
}

#[tokio::test]
async fn a_quiet_socket_is_pinged_and_a_silent_one_dropped() {
    let toy = toy_with(|limits| limits.ping = Duration::from_millis(100), |_| {}).await;
    let mut wire = Wire::ready(&toy, "user:1").await;
    assert_eq!(wire.message().await["type"], "ping");
    // Nothing reads here, so nothing answers.
    let mut silent = toy.handshake().await;
    sleep(Duration::from_millis(600)).await;
    let mut rest = Vec::new();
    assert!(timeout(Duration::from_secs(1), silent.read_to_end(&mut rest)).await.is_ok());
}

async fn events(toy: &Toy, query: &str, token: &str) -> Reply {
    let token = format!("Bearer {token}");
    let headers = [JSON, ("accept", "text/event-stream"), ("authorization", token.as_str())];
    toy.send("POST", "/graphql", &headers, &json!({"query": query}).to_string()).await
}

#[tokio::test]
async fn t54_an_event_stream_carries_an_operation() {
    let toy = toy().await;
    let reply = events(&toy, "subscription { count(to: 2) }", "user:1").await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/event-stream; charset=utf-8")));
    assert_eq!(
        (
            reply.body.matches("event: next\n").count(),
            reply.body.matches("event: complete\ndata:\n\n").count()
        ),
        (2, 1)
    );
    assert!(events(&toy, "mutation { bump }", "user:1").await.body.contains(r#""bump":1"#));
    assert!(events(&toy, "{ nope }", "user:1").await.body.contains("GRAPHQL_VALIDATION_FAILED"));
    assert_eq!(
        events(&toy, &format!("{{ a(x: {}) }}", "[".repeat(5_000)), "user:1").await.code(),
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
    let app = toy.app.clone();
    tokio::spawn(async move {
        sleep(Duration::from_millis(400)).await;
        app.gone.lock().expect("not poisoned").insert("user:9".into());
    });
    let reply = events(&toy, "subscription { ticks { at } }", "user:9").await;
    assert!(
        reply.body.contains("UNAUTHENTICATED") && reply.body.contains("event: complete"),
        "{}",
        reply.body
    );
    assert!(reply.body.matches(":\n\n").count() >= 3);
}

#[tokio::test]
async fn t71_a_stop_drains() {
    let toy = toy_with(|limits| limits.drain = Duration::from_secs(5), |_| {}).await;
    let mut wire = Wire::ready(&toy, "user:1").await;
    let body = json!({"query": "mutation { lateBump }"});
    let late = toy.post(&body);
    let stop = async {
        sleep(Duration::from_millis(150)).await;
        toy.stop.send(true).expect("listening");
    };
    let (reply, ()) = tokio::join!(late, stop);
    assert_eq!(reply.json()["data"]["lateBump"], 1, "an accepted request is answered");
    assert_eq!(wire.closed().await, Some(1012));
    drop(wire);
    let mut server = toy.server;
    assert!(timeout(Duration::from_secs(3), &mut server).await.is_ok());
    assert!(TcpStream::connect(toy.address).await.is_err());
}

#[tokio::test]
async fn t71_a_mutation_outlives_its_client() {
    let toy = toy().await;
    let body = r#"{"query":"mutation { lateBump }"}"#;
    let mut stream = TcpStream::connect(toy.address).await.expect("connected");
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.expect("written");
    sleep(Duration::from_millis(150)).await;
    drop(stream);
    sleep(Duration::from_millis(700)).await;
    assert_eq!(bumps(&toy).await, 1);
}

#[tokio::test]
async fn the_socket_ends_when_the_client_says_so() {
    let toy = toy().await;
    let mut wire = Wire::ready(&toy, "user:1").await;
    wire.0.close(None).await.expect("closed");
    let rest =
        timeout(Duration::from_secs(2), async { while wire.0.next().await.is_some_and(|m| m.is_ok()) {} })
            .await;
    assert!(rest.is_ok());
}

#[tokio::test]
async fn t50_a_reader_that_stops_is_dropped() {
    let toy = toy_with(|limits| limits.send = Duration::from_millis(500), |_| {}).await;
    let mut stalled = toy.handshake().await;
    let query =
        r#"{"type":"subscribe","id":"1","payload":{"query":"subscription{ticks(bytes:500000){pad}}"}}"#;
    toy.frame(&mut stalled, query).await;
    let mut sse = TcpStream::connect(toy.address).await.expect("connected");
    let body = r#"{"query":"subscription { ticks(bytes: 500000) { pad } }"}"#;
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ";
    sse.write_all(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes()).await.expect("written");
    canary(&toy).await;
    sleep(Duration::from_secs(3)).await;
    toy.stop.send(true).expect("listening");
    // Both connections are gone already, so there is nothing to drain.
    let mut server = toy.server;
    assert!(timeout(Duration::from_millis(500), &mut server).await.is_ok());
    drop((stalled, sse));
}

#[tokio::test]
async fn t50_a_slow_reader_gets_the_newest_state() {
    let toy = toy().await;
    let mut wire = Wire::ready(&toy, "user:1").await;
    wire.subscribe("1", "subscription { ticks(bytes: 300000) { at pad } }").await;
    sleep(Duration::from_secs(2)).await;
    let mut behind = 0;
    let mut last = 0;
    for _ in 0..40 {
        let at = wire.message().await["payload"]["data"]["ticks"]["at"].as_i64().expect("a number");
        assert!(at > last, "in order");
        behind += i64::from(at - last > 500);
        last = at;
    }
    assert!(behind >= 1, "what could not be sent was skipped, not kept");
}
