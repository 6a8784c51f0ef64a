//! Ends: of readers that stop, of clients that go, of the process itself.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::support::toy::{toy, toy_with};
use crate::support::wire::{frame, unread, unread_and_unbuffered};

#[tokio::test]
async fn t71_a_stop_drains() {
    let mut toy = toy_with(|limits| limits.drain = Duration::from_secs(5), |_| {}).await;
    let mut wire = toy.socket().await;
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
    assert!(timeout(Duration::from_secs(3), &mut toy.server).await.is_ok());
    assert!(TcpStream::connect(toy.address).await.is_err());
}

/// T71: a server that is asked to stop says so to whoever balances the load, and serves on while that one turns away:
/// each answer ends its connection, and only then are the door and the sockets closed.
#[tokio::test]
async fn t71_a_stop_is_announced_before_it_comes() {
    let mut toy = toy_with(|limits| limits.linger = Duration::from_secs(2), |_| {}).await;
    let mut wire = toy.socket().await;
    let ready = toy.send("GET", "/ready", &[], "").await;
    assert_eq!((ready.status, ready.body.as_str()), (200, "ready\n"));
    toy.stop.send(true).expect("listening");
    assert_eq!(toy.send("GET", "/ready", &[], "").await.status, 503);
    assert_eq!(toy.send("GET", "/live", &[], "").await.status, 200);
    // The connection is kept by whoever asked, and ended by the answer.
    let body = r#"{"query":"{ hello }"}"#;
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answered =
        timeout(Duration::from_secs(1), toy.raw(request.as_bytes())).await.expect("the connection ends");
    assert_eq!((answered.status, answered.header("connection")), (200, Some("close")));
    wire.subscribe("1", "subscription { ticks { at } }").await;
    wire.next("1").await;
    assert_eq!(wire.closed().await, Some(1012));
    drop(wire);
    assert!(timeout(Duration::from_secs(3), &mut toy.server).await.is_ok());
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
    assert_eq!(toy.bumps().await, 1);
}

#[tokio::test]
async fn t50_a_reader_that_stops_is_dropped() {
    let mut toy = toy_with(|limits| limits.send = Duration::from_millis(500), |_| {}).await;
    let mut stalled = unread(toy.address).await;
    let query =
        r#"{"type":"subscribe","id":"1","payload":{"query":"subscription{ticks(bytes:200000){pad}}"}}"#;
    frame(&mut stalled, query).await;
    let mut sse = TcpStream::connect(toy.address).await.expect("connected");
    let body = r#"{"query":"subscription { ticks(bytes: 200000) { pad } }"}"#;
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ";
    sse.write_all(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes()).await.expect("written");
    sleep(Duration::from_millis(800)).await;
    toy.canary().await;
    sleep(Duration::from_millis(2_500)).await;
    toy.stop.send(true).expect("listening");
    // Both connections are gone already, so there is nothing to drain.
    assert!(timeout(Duration::from_millis(500), &mut toy.server).await.is_ok());
    drop((stalled, sse));
}

/// Small messages would fit into the kernel's buffers for minutes.
#[tokio::test]
async fn t50_a_reader_that_stops_is_dropped_while_the_kernel_still_takes_bytes() {
    let mut toy = toy_with(|limits| limits.send = Duration::from_millis(500), |_| {}).await;
    let mut stalled = unread_and_unbuffered(toy.address).await;
    frame(&mut stalled, r#"{"type":"subscribe","id":"1","payload":{"query":"subscription{ticks{at}}"}}"#)
        .await;
    sleep(Duration::from_millis(3_000)).await;
    toy.stop.send(true).expect("listening");
    assert!(timeout(Duration::from_millis(500), &mut toy.server).await.is_ok());
    drop(stalled);
}

#[tokio::test]
async fn t50_a_slow_reader_gets_the_newest_state() {
    let toy = toy().await;
    let mut wire = toy.socket().await;
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
