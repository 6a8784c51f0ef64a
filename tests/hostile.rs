//! Bad input and bad manners: each is refused or cut off, and a query beside it is answered as ever.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::support::http::JSON;
use crate::support::toy::{toy, toy_with};
use crate::support::wire::Wire;

#[tokio::test]
async fn t1_no_nesting_ends_the_process() {
    let toy = toy().await;
    for text in [
        format!("{{ echo(text: {}", "[".repeat(8_000)),
        format!("{{ echo(text: {}1{}) }}", "[".repeat(2_000), "]".repeat(2_000)),
        format!("{{ echo(text: {}", "{a:".repeat(4_000)),
        format!("query($a: {}Int) {{ hello }}", "[".repeat(4_000)),
        format!("query($a: Int = {}) {{ hello }}", "[".repeat(4_000)),
        format!("{{ hello @include(if: {}) }}", "[".repeat(4_000)),
        "{ tree ".repeat(2_000),
        "{".repeat(16_000),
    ] {
        let reply = toy.query(&text).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "QUERY_TOO_COMPLEX"));
    }
    let deep = |n: usize| {
        format!(r#"{{"query":"{{ hello }}","variables":{{"a":{}{}}}}}"#, "[".repeat(n), "]".repeat(n))
    };
    let post = [JSON];
    for n in [40, 127, 128, 129, 30_000] {
        assert_eq!(toy.send("POST", "/graphql", &post, &deep(n)).await.code(), "QUERY_TOO_COMPLEX");
    }
    assert_eq!(toy.send("POST", "/graphql", &post, &deep(20)).await.status, 200);
    let mut wire = toy.socket().await;
    wire.subscribe("1", &format!("{{ echo(text: {}", "[".repeat(8_000))).await;
    assert_eq!(wire.message().await["payload"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
    toy.canary().await;
}

#[tokio::test]
async fn t2_no_document_within_the_limits_takes_long() {
    let toy = toy().await;
    let spreads = |fragment: &str| {
        (0..9)
            .map(|n| format!("fragment F{n} on Tree {{ ...F{} ...F{} }} ", n + 1, n + 1))
            .collect::<String>()
            + fragment
    };
    for text in [
        format!("{{ tree {{ ...F0 }} }} {}", spreads("fragment F9 on Tree { leaf }")),
        format!("{{ {} }}", "hello ".repeat(1_000)),
        format!("{{ {} }}", "tree { leaf } ".repeat(400)),
        format!("{{ {} }}", "tree { tree { leaf } tree { leaf } } ".repeat(100)),
        (0..10).map(|n| format!("query Q{n} {{ {} }} ", "hello ".repeat(99))).collect(),
    ] {
        let begin = Instant::now();
        let reply = toy
            .post(&json!({"query": text, "operationName": text.starts_with("query").then_some("Q0")}))
            .await;
        assert!(begin.elapsed() < Duration::from_secs(1), "{:?} for {}", begin.elapsed(), &text[..60]);
        assert!([200, 400].contains(&reply.status), "{reply:?}");
    }
    toy.canary().await;
}

#[tokio::test]
async fn t8_cost_is_refused_with_its_number() {
    let toy = toy().await;
    let reply = toy.query("{ clients(first: 20000) { nodes { id } } }").await;
    assert_eq!(reply.code(), "QUERY_TOO_COMPLEX");
    let message = reply.json()["errors"][0]["message"].to_string();
    assert!(message.contains("20001") && message.contains("20000"), "{message}");
}

#[tokio::test]
async fn t9_a_batch_is_refused() {
    let toy = toy().await;
    let one = json!({"query": "{ hello }"});
    for body in
        [json!([one]), json!([]), json!(vec![one; 100]), json!(["{ hello }"]), json!("x"), json!(null)]
    {
        let reply = toy.post(&body).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "BAD_USER_INPUT"), "{body}");
    }
}

#[tokio::test]
async fn t11_one_document_tries_one_password() {
    let toy = toy().await;
    let many: String = (0..2).map(|n| format!("a{n}: signIn(password: \"{n}\") ")).collect();
    assert_eq!(toy.query(&format!("mutation {{ {many} }}")).await.code(), "QUERY_TOO_COMPLEX");
    assert_eq!(
        toy.query("mutation { a: bump b: bump c: bump d: bump e: bump f: bump }").await.code(),
        "QUERY_TOO_COMPLEX"
    );
    assert_eq!(toy.query("{ bumps }").await.json()["data"]["bumps"], 0);
}

#[tokio::test]
async fn t12_no_name_is_suggested() {
    let toy = toy().await;
    for typo in ["helo", "viwer", "client", "trees"] {
        let body = toy.query(&format!("{{ {typo} }}")).await.body;
        assert!(!body.contains("Did you mean") && !body.contains("hello"), "{body}");
    }
}

#[tokio::test]
async fn t13_a_long_body_is_refused_unread() {
    let toy = toy().await;
    let head = |rest: &str| {
        format!("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{rest}\r\n")
    };
    let told = toy.raw(head("content-length: 67108864\r\n").as_bytes()).await;
    assert_eq!(told.status, 413);
    let chunk = format!("{:x}\r\n{}\r\n", 40_000, "x".repeat(40_000));
    let untold = toy.raw((head("transfer-encoding: chunked\r\n") + &chunk + &chunk).as_bytes()).await;
    assert_eq!(untold.status, 413);
    let squeezed = toy
        .send("POST", "/graphql", &[("content-type", "application/json"), ("content-encoding", "gzip")], "x")
        .await;
    assert_eq!(squeezed.status, 415);
    assert_eq!(
        toy.query(&format!("{{ hello }} #{}", "x".repeat(16 * 1024))).await.code(),
        "QUERY_TOO_COMPLEX"
    );
    toy.canary().await;
}

#[tokio::test]
async fn t14_slow_senders_are_cut_off() {
    let limit = |limits: &mut hourbank::http::limits::Limits| {
        limits.header = Duration::from_millis(300);
        limits.body = Duration::from_millis(300);
    };
    let toy = toy_with(limit, |_| {}).await;
    let mut idle = TcpStream::connect(toy.address).await.expect("connected");
    let mut headers = TcpStream::connect(toy.address).await.expect("connected");
    headers.write_all(b"POST /graphql HTTP/1.1\r\nhost: x\r\n").await.expect("written");
    let body = toy.raw(b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{");
    let reply = timeout(Duration::from_secs(2), body).await.expect("cut off");
    assert_eq!(reply.status, 408);
    for stream in [&mut idle, &mut headers] {
        let mut rest = Vec::new();
        assert!(timeout(Duration::from_secs(2), stream.read_to_end(&mut rest)).await.is_ok());
    }
    toy.canary().await;
}

#[tokio::test]
async fn t14_connections_are_counted() {
    let toy = toy_with(|limits| limits.connections = 3, |_| {}).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(TcpStream::connect(toy.address).await.expect("connected"));
    }
    sleep(Duration::from_millis(100)).await;
    let mut fourth = TcpStream::connect(toy.address).await.expect("connected");
    let mut rest = Vec::new();
    assert!(timeout(Duration::from_secs(1), fourth.read_to_end(&mut rest)).await.is_ok());
    drop(held);
    sleep(Duration::from_millis(100)).await;
    toy.canary().await;
    // Sockets keep their place.
    let sockets = [toy.socket().await, toy.socket().await, toy.socket().await];
    assert!(Wire::open(toy.address, &[]).await.is_err());
    drop(sockets);
}

#[tokio::test]
async fn t15_odd_text_is_refused_or_returned_as_it_came() {
    let toy = toy().await;
    let post = |body: Vec<u8>| {
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            toy.token,
            body.len()
        );
        [head.into_bytes(), body].concat()
    };
    for body in [
        b"{\"query\":\"{ hello }\xff\"}".to_vec(),
        b"{\"query\":\"{ hello }\",\"variables\":{\"a\":\"\xed\xa0\x80\"}}".to_vec(),
        br#"{"query":"{ hello }","variables":{"a":"\ud800"}}"#.to_vec(),
        b"\xef\xbb\xbf{\"query\":\"{ hello }\"}".to_vec(),
        b"{\"query\":\"{ hello }\"".to_vec(),
        b"".to_vec(),
        br#"{"query":"{ echo(text: \"\\ud800\") }"}"#.to_vec(),
        br#"{"query":"{ echo(text: \"\\u0000\") }"}"#.to_vec(),
        br#"{"query":"{ echo(text: \"\u0000\") }"}"#.to_vec(),
        br#"{"query":"query($t:String!){ echo(text: $t) }","variables":{"t":"\u0000"}}"#.to_vec(),
        br#"{"query":"{ number(number: 1e400) }"}"#.to_vec(),
        br#"{"query":"query($n:Int!){ number(number: $n) }","variables":{"n":1e400}}"#.to_vec(),
    ] {
        let reply = toy.raw(&post(body.clone())).await;
        assert!(
            (400..500).contains(&reply.status) || reply.code() == "BAD_USER_INPUT",
            "{}: {reply:?}",
            String::from_utf8_lossy(&body)
        );
    }
    for text in [
        "\u{feff}",
        "\u{202e}abc",
        "\u{1}",
        "é😀",
        &"я".repeat(20_000),
        "\u{fffe}",
        "'; DROP TABLE client; --",
    ] {
        let reply = toy
            .post(&json!({"query": "query($t:String!){ echo(text: $t) }", "variables": {"t": text}}))
            .await;
        assert_eq!(reply.json()["data"]["echo"], *text);
    }
}

#[tokio::test]
async fn t16_numbers_out_of_range_are_the_callers_mistake() {
    let toy = toy().await;
    for number in [
        "2147483648",
        "-2147483649",
        "9223372036854775808",
        "1e308",
        "1.5",
        "99999999999999999999999999",
        "\"NaN\"",
        "true",
        "null",
        "[1,2]",
        "{a:1}",
    ] {
        let literal = toy.query(&format!("{{ number(number: {number}) }}")).await;
        assert!(
            ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"].contains(&literal.code().as_str()),
            "{number}: {literal:?}"
        );
        if serde_json::from_str::<serde_json::Value>(number).is_ok() {
            let body = format!(
                r#"{{"query":"query($n:Int!){{ number(number: $n) }}","variables":{{"n":{number}}}}}"#
            );
            let variable = toy.send("POST", "/graphql", &[JSON], &body).await;
            assert_eq!(variable.code(), "BAD_USER_INPUT", "{number}: {variable:?}");
        }
    }
}

#[tokio::test]
async fn t22_ambiguous_requests_are_refused() {
    let toy = toy().await;
    let start = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let body = r#"{"query":"mutation { bump }"}"#;
    let smuggled = format!(
        "0\r\n\r\nPOST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    for request in [
        format!("{start}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!"),
        format!("{start}content-length: +5\r\n\r\nhello"),
        format!("{start}transfer-encoding: xchunked\r\ncontent-length: 5\r\n\r\nhello"),
        format!("{start}content-length: 5\r\n obs: fold\r\n\r\nhello"),
        format!("{start}x: a\0b\r\ncontent-length: 0\r\n\r\n"),
        format!("{start}content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n{smuggled}"),
        format!("{start}{}\r\n", "x: y\r\n".repeat(101)),
        format!("{start}x: {}\r\n\r\n", "y".repeat(70_000)),
        "GARBAGE\r\n\r\n".to_owned(),
    ] {
        let reply = timeout(Duration::from_secs(15), toy.raw(request.as_bytes())).await.expect("closed");
        assert!((400..500).contains(&reply.status) || reply.status == 0, "{request:.60}: {reply:?}");
    }
    assert_eq!(toy.query("{ bumps }").await.json()["data"]["bumps"], 0);
}

#[tokio::test]
async fn an_operation_has_its_time() {
    let toy = toy_with(|limits| limits.operation = Duration::from_millis(200), |_| {}).await;
    let reply = toy.query("{ slow }").await;
    assert_eq!((reply.status, reply.code().as_str()), (504, "TIMEOUT"));
    assert_eq!(toy.query("mutation { lateBump }").await.code(), "TIMEOUT");
    toy.canary().await;
}

#[tokio::test]
async fn a_panic_is_internal_and_stays_alone() {
    let toy = toy().await;
    let reply = toy.query("{ panics }").await;
    assert_eq!((reply.status, reply.code().as_str()), (500, "INTERNAL"));
    assert!(!reply.body.contains("canary"));
    let mut wire = toy.socket().await;
    wire.subscribe("1", "{ panics }").await;
    assert_eq!(wire.message().await["payload"][0]["extensions"]["code"], "INTERNAL");
    wire.subscribe("2", "{ hello }").await;
    assert_eq!(wire.message().await["payload"]["data"]["hello"], "world");
}

#[tokio::test]
async fn t33_a_full_server_says_come_again() {
    let toy = toy_with(|limits| limits.operations = 1, |_| {}).await;
    let body = json!({"query": "mutation { lateBump }"});
    let second = async {
        sleep(Duration::from_millis(100)).await;
        toy.query("{ hello }").await
    };
    let (_, reply) = tokio::join!(toy.post(&body), second);
    assert_eq!(
        (reply.status, reply.code().as_str(), reply.header("retry-after")),
        (503, "UNAVAILABLE", Some("1"))
    );
    toy.canary().await;
}

#[tokio::test]
async fn t51_buckets_run_dry_and_say_when_to_come_again() {
    let limit = |limits: &mut hourbank::http::limits::Limits| {
        limits.points.burst = 30;
        limits.points.per_second = 1;
        limits.anonymous.burst = 3;
        limits.anonymous.per_second = 1;
    };
    let toy = toy_with(limit, |_| {}).await;
    let query = json!({"query": "{ clients { nodes { id } } }"});
    assert_eq!(toy.post(&query).await.status, 200);
    let reply = toy.post(&query).await;
    assert_eq!((reply.status, reply.code().as_str()), (429, "RATE_LIMITED"));
    let wait = reply.json()["errors"][0]["extensions"]["retryAfterMs"].as_u64().expect("a time");
    assert!((20_000..=22_000).contains(&wait) && reply.header("retry-after").is_some(), "{wait}");
    assert_eq!(toy.post_as(&toy.other().await, &query).await.status, 200, "everybody has a bucket");
    for status in [401, 401, 401, 429] {
        assert_eq!(toy.post_as("nonsense", &query).await.status, status);
    }
    assert_eq!(
        toy.send(
            "POST",
            "/graphql",
            &[("x-forwarded-for", "9.9.9.9"), ("content-type", "application/json")],
            "{\"query\":\"{a}\"}"
        )
        .await
        .status,
        429
    );
    let proxied =
        toy_with(limit, |config| config.proxies = vec!["127.0.0.1".parse().expect("a network")]).await;
    for n in 0..9 {
        let address = format!("9.9.9.{n}");
        let headers = [("x-forwarded-for", address.as_str()), ("content-type", "application/json")];
        assert_eq!(proxied.send("POST", "/graphql", &headers, "{\"query\":\"{hello}\"}").await.status, 200);
    }
}
