//! Limits that hold, on the real server: slow connections, spoofed addresses, doubtful requests, too many sign-ins.

use std::time::{Duration, Instant};

use domain::user::Role;
use entity::sign_in_attempt;
use hourbank::app::App;
use hourbank::auth::Keys;
use hourbank::bus::Bus;
use hourbank::mail::Mailer;
use hourbank::store::Db;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::app::TestApp;
use crate::support::http::{self, JSON, Reply};
use crate::support::people::SIGN_IN;
use crate::support::server::Server;
use crate::support::toy::{toy, toy_with};

const ASK: &str =
    "mutation($email: String!) { passwordResetRequest(input: {email: $email}) { errors { code } } }";

/// T14: hundreds of connections that say nothing, or too little, keep nobody from being answered, and are gone in time.
#[tokio::test]
async fn t14_hundreds_of_slow_connections_harm_nobody() {
    let toy = toy_with(|limits| limits.header = Duration::from_secs(4), |_| {}).await;
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let mut held = Vec::new();
    for n in 0..600 {
        let mut stream = TcpStream::connect(toy.address).await.expect("connected");
        let begun = match n % 12 {
            0 => head.to_owned(),
            1 => format!("{head}content-length: 100\r\n\r\n{{"),
            _ => String::new(),
        };
        stream.write_all(begun.as_bytes()).await.expect("written");
        held.push(stream);
    }
    toy.canary().await;
    for stream in held.iter_mut().skip(2).take(10) {
        let mut rest = Vec::new();
        // Whatever it sends first, it ends; slow bodies have longer.
        let _ = timeout(Duration::from_secs(6), stream.read_to_end(&mut rest)).await;
    }
    let mut idle = held.swap_remove(599);
    let mut rest = Vec::new();
    timeout(Duration::from_secs(6), idle.read_to_end(&mut rest)).await.expect("cut off").expect("closed");
    toy.canary().await;
}

/// T14: no address takes every connection; a trusted proxy, behind which everybody is, may.
#[tokio::test]
async fn t14_an_address_has_its_share_of_connections() {
    let limit = |limits: &mut hourbank::config::Limits| limits.connections_per_address = Some(3);
    let toy = toy_with(limit, |_| {}).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(TcpStream::connect(toy.address).await.expect("connected"));
    }
    let closed = async |address| {
        let mut fourth = TcpStream::connect(address).await.expect("connected");
        timeout(Duration::from_millis(500), fourth.read_to_end(&mut Vec::new())).await.is_ok()
    };
    assert!(closed(toy.address).await);
    let proxied =
        toy_with(limit, |config| config.proxies = vec!["127.0.0.1".parse().expect("a network")]).await;
    for _ in 0..3 {
        held.push(TcpStream::connect(proxied.address).await.expect("connected"));
    }
    assert!(!closed(proxied.address).await);
}

/// T21: links in mails come from the settings, whatever a request says of where it was sent to.
#[tokio::test]
async fn t21_links_are_not_the_callers_to_choose() {
    let app = TestApp::start().await;
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    let server = Server::start(&app).await;
    let body = json!({"query": ASK, "variables": {"email": email}}).to_string();
    let request = format!(
        "POST http://evil.example/graphql HTTP/1.1\r\nhost: evil.example\r\nx-forwarded-host: evil.example\r\n\
         x-forwarded-proto: http\r\nforwarded: host=evil.example\r\norigin: https://evil.example\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(http::raw(server.addr, request.as_bytes()).await.status, 200);
    let mails = app.mails().await;
    let text = &mails.last().expect("a mail").words.text;
    assert!(text.contains("https://hours.example/password-reset#") && !text.contains("evil"), "{text}");
}

/// T21, T32: no header buys further tries: they are counted by the address that the connection or its proxy shows.
#[tokio::test]
async fn t21_no_header_buys_further_tries() {
    let tries = async |server: &Server, header: &str| {
        let mut codes = Vec::new();
        for n in 0..12 {
            let value = format!("198.51.100.{n}");
            let input = json!({"input": {"email": "anna@example.org", "password": "wrong horse battery"}});
            let body = json!({"query": SIGN_IN, "variables": input}).to_string();
            let value = if header == "forwarded" { format!("for={value}") } else { value };
            let reply = http::send(server.addr, "POST", "/graphql", &[JSON, (header, &value)], &body).await;
            codes.push(
                reply.json()["data"]["signIn"]["errors"][0]["code"].as_str().expect("a code").to_owned(),
            );
        }
        codes
    };
    for header in
        ["x-forwarded-for", "x-real-ip", "forwarded", "x-client-ip", "cf-connecting-ip", "true-client-ip"]
    {
        let app = TestApp::start().await;
        let codes = tries(&Server::start(&app).await, header).await;
        assert_eq!(
            (codes[9].as_str(), codes[10].as_str()),
            ("SIGN_IN_FAILED", "TOO_MANY_ATTEMPTS"),
            "{header}"
        );
    }
    let app =
        TestApp::start_with(|config| config.proxies = vec!["127.0.0.1".parse().expect("a network")]).await;
    let server = Server::start(&app).await;
    assert!(tries(&server, "x-forwarded-for").await.iter().all(|code| code == "SIGN_IN_FAILED"));
    assert_eq!(tries(&server, "x-real-ip").await.last().expect("a code"), "TOO_MANY_ATTEMPTS");
}

fn answers(reply: &Reply) -> usize {
    format!("{}\r\n\r\n{}", reply.head, reply.body).matches("HTTP/1.1 ").count()
}

/// T22: what two servers may read in two ways is refused or read once, and the connection ends with it: nothing that
/// hides behind it is ever taken for a request.
#[tokio::test]
async fn t22_nothing_is_smuggled() {
    let toy = toy().await;
    let hidden_body = r#"{"query":"mutation { bump }"}"#;
    let hidden = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{hidden_body}",
        hidden_body.len()
    );
    let start = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let chunk = format!("{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len());
    let chunked = "transfer-encoding: chunked\r\n";
    for (name, request) in [
        ("CL.TE", format!("{start}content-length: 6\r\n{chunked}\r\n0\r\n\r\n{hidden}")),
        ("TE.CL", format!("{start}{chunked}content-length: 4\r\n\r\n{chunk}")),
        ("TE.CL, the chunk behind", format!("{start}{chunked}content-length: 4\r\n\r\n0\r\n\r\n{hidden}")),
        ("TE.TE", format!("{start}{chunked}transfer-encoding: x\r\n\r\n0\r\n\r\n{hidden}")),
        ("TE identity", format!("{start}transfer-encoding: identity\r\ncontent-length: 0\r\n\r\n{hidden}")),
        ("TE with a tab", format!("{start}transfer-encoding:\tchunked\r\ncontent-length: 0\r\n\r\n{hidden}")),
        ("TE twice in one", format!("{start}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{hidden}")),
        (
            "TE with a space before the colon",
            format!("{start}transfer-encoding : chunked\r\n\r\n0\r\n\r\n{hidden}"),
        ),
        (
            "two lengths",
            format!("{start}content-length: 0\r\ncontent-length: {}\r\n\r\n{hidden}", hidden.len()),
        ),
        ("two lengths in one", format!("{start}content-length: 0, 5\r\n\r\n{hidden}")),
        ("a signed length", format!("{start}content-length: +0\r\n\r\n{hidden}")),
        ("a negative length", format!("{start}content-length: -1\r\n\r\n{hidden}")),
        ("a length too long", format!("{start}content-length: 18446744073709551616\r\n\r\n{hidden}")),
        ("a folded header", format!("{start}x: a\r\n content-length: 0\r\n\r\n{hidden}")),
        ("a bare return", format!("{start}x: a\rcontent-length: 0\r\n\r\n{hidden}")),
        ("a NUL", format!("{start}x: a\0b\r\ncontent-length: 0\r\n\r\n{hidden}")),
        ("a header without a name", format!("{start}: a\r\ncontent-length: 0\r\n\r\n{hidden}")),
        ("a chunk's size that is none", format!("{start}{chunked}\r\nzz\r\n{hidden}")),
        ("a chunk's size that overflows", format!("{start}{chunked}\r\nfffffffffffffffff\r\n{hidden}")),
        (
            "HTTP/1.0 in chunks",
            format!(
                "POST /graphql HTTP/1.0\r\ncontent-type: application/json\r\n{chunked}\r\n0\r\n\r\n{hidden}"
            ),
        ),
        ("an odd version", format!("POST /graphql HTTP/9.9\r\nhost: x\r\n\r\n{hidden}")),
        ("a space too many", format!("POST  /graphql HTTP/1.1\r\nhost: x\r\n\r\n{hidden}")),
    ] {
        let reply = timeout(Duration::from_secs(5), toy.raw(request.as_bytes())).await;
        let reply = reply.unwrap_or_else(|_| panic!("{name}: left open"));
        assert!((400..500).contains(&reply.status), "{name}: {reply:?}");
        assert_eq!(answers(&reply), 1, "{name}: {reply:?}");
    }
    assert_eq!(toy.bumps().await, 0);
    toy.canary().await;
}

/// T22: too many headers, or too long ones, are refused before they are all read.
#[tokio::test]
async fn t22_a_flood_of_headers_is_refused() {
    let toy = toy().await;
    let long = "y".repeat(8 * 1024);
    for (headers, line) in [(100, long.as_str()), (101, "y"), (5_000, "y"), (1, &*"y".repeat(100_000))] {
        let mut stream = TcpStream::connect(toy.address).await.expect("connected");
        let mut request = "GET /graphql HTTP/1.1\r\nhost: x\r\n".to_owned();
        (0..headers).for_each(|n| request += &format!("x-{n}: {line}\r\n"));
        // The server may have hung up before all is written.
        let _ = stream.write_all(request.as_bytes()).await;
        let _ = stream.write_all(b"\r\n").await;
        let mut answer = Vec::new();
        let read = timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "left open");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{headers}: {answer}");
    }
    toy.canary().await;
}

/// T22: an absolute address in the request line is read as HTTP says it is, and decides nothing.
#[tokio::test]
async fn t22_an_absolute_address_decides_nothing() {
    let toy = toy().await;
    for target in
        ["http://evil.example/graphql?query=%7Bhello%7D", "http://127.0.0.1:1/graphql?query=%7Bhello%7D"]
    {
        let reply = toy.send("GET", target, &[], "").await;
        assert_eq!(reply.json()["data"]["hello"], "world", "{target}: {reply:?}");
        assert!(reply.header("location").is_none() && !reply.body.contains("evil"));
    }
    assert_eq!(toy.send("CONNECT", "evil.example:443", &[], "").await.status / 100, 4);
}

/// T23: there is no HTTP/2: its preface is refused and the connection closed, and the upgrade to it is passed over.
#[tokio::test]
async fn t23_http_1_only() {
    let toy = toy().await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let reply = timeout(Duration::from_secs(5), toy.raw(preface)).await.expect("closed");
    assert!([0, 400, 505].contains(&reply.status) && !reply.head.contains("HTTP/2"), "{reply:?}");
    let upgrade = [
        ("connection", "upgrade, http2-settings"),
        ("upgrade", "h2c"),
        ("http2-settings", "AAMAAABkAAQAAP__"),
    ];
    let reply = toy.send("GET", "/graphql?query=%7Bhello%7D", &upgrade, "").await;
    assert!(reply.status == 200 && reply.head.starts_with("HTTP/1.1"), "{reply:?}");
    toy.canary().await;
}

/// T32: the count of tries is the database's, so that several servers have one between them.
#[tokio::test]
async fn t32_several_servers_count_together() {
    let app = TestApp::start().await;
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    let mut servers = Vec::new();
    for _ in 0..3 {
        let config = crate::support::app::config(&app.database.url);
        let db = Db::open(&config.database, 4).await.unwrap();
        let keys = Keys::ephemeral().unwrap();
        servers.push(App::wire(config, db, Bus::local(), app.app.clock.clone(), keys, Mailer::memory()));
    }
    let tries =
        (0..15).map(|n| {
            let call = hourbank::app::Call {
                address: Some("192.0.2.9".parse().unwrap()),
                ..hourbank::app::Call::new(
                    servers[n % 3].clone(),
                    std::sync::Arc::new(domain::policy::Actor::Anonymous),
                    "test".to_owned(),
                )
            };
            let email = email.clone();
            async move {
                hourbank::usecase::sign_in::sign_in(&call, &email, "wrong horse battery".to_owned()).await
            }
        });
    let done = futures_util::future::join_all(tries).await;
    let refused = |code: &str| {
        let is = |result: &hourbank::error::Result<_>| {
            result.as_ref().err().is_some_and(|error| error.for_log().contains(code))
        };
        done.iter().filter(|result| is(result)).count()
    };
    assert_eq!((refused("SignInFailed"), refused("TooManyAttempts")), (10, 5));
}

/// T33: more sign-ins than can be checked are told to come again, at once and uncounted, and a plain query beside them
/// is answered as ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t33_a_flood_of_sign_ins_is_turned_away() {
    let app = TestApp::start_with(|config| {
        config.limits.password_threads = Some(1);
        config.limits.password_queue = 9;
    })
    .await;
    let server = Server::start(&app).await;
    let address = server.addr;
    let flood = futures_util::future::join_all((0..200).map(|n| async move {
        let input =
            json!({"input": {"email": format!("nobody{n}@example.org"), "password": "wrong horse battery"}});
        http::post(address, None, &json!({"query": SIGN_IN, "variables": input})).await
    }));
    let beside = async {
        let mut took = Vec::new();
        for _ in 0..40 {
            let begin = Instant::now();
            let reply = http::post(address, None, &json!({"query": "{ __typename }"})).await;
            assert_eq!(reply.status, 200);
            took.push(begin.elapsed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        took.sort_unstable();
        took
    };
    let (replies, took) = tokio::join!(flood, beside);
    let served = replies.iter().filter(|reply| reply.status == 200).count();
    let turned_away: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 503).collect();
    assert_eq!(served + turned_away.len(), 200);
    assert!(served >= 10 && turned_away.len() > 100, "{served} served");
    for reply in turned_away {
        assert_eq!(
            (reply.code().as_str(), reply.header("retry-after")),
            ("UNAVAILABLE", Some("1")),
            "{reply:?}"
        );
        assert_eq!(reply.json()["errors"][0]["extensions"]["retryAfterMs"], 1_000);
    }
    let counted = sign_in_attempt::Entity::find().count(&app.database.db).await.unwrap();
    assert_eq!(counted, served as u64, "being turned away is no try");
    // Other tests run beside this one; alone it is a few milliseconds.
    assert!(took[took.len() / 2] < Duration::from_millis(250), "{took:?}");
}
