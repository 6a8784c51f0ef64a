//! The figures for Prometheus: what they count, and whom they are shown to.

use hourbank::config::Rate;
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::server::Server;
use crate::support::toy::{Toy, toy, toy_with};

async fn page(toy: &Toy) -> String {
    let reply = toy.send("GET", "/metrics", &[], "").await;
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    reply.body
}

/// The figure of a line.
fn figure(page: &str, line: &str) -> f64 {
    let value = page.lines().find_map(|written| written.strip_prefix(line)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("{line} in {page}")).parse().expect("a number")
}

/// L-1, W-1: what was done through the API stands on the page: operations, errors, movements, pushes, the database.
#[tokio::test]
async fn the_page_tells_what_was_done() {
    let app = TestApp::start().await;
    let support = app.support("Vesna").await;
    let server = Server::start(&app).await;
    let owner = support.owner.token.as_deref();
    let mut socket = server.socket(owner).await;
    socket.subscribe("a", "subscription Watch { hourBalanceChanged { remainingMinutes } }").await;
    socket.next("a").await;
    let log = "mutation LogTime($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) { errors { code } } }";
    let input = json!({"engagementId": support.id(), "workedOn": "2026-03-11", "minutes": 10,
        "activity": "CHAT_SUPPORT", "note": "Answered in the chat"});
    server.post(support.specialist.token.as_deref(), log, json!({"input": input})).await;
    socket.next("a").await;
    for _ in 0..3 {
        server.post(owner, "query Home { viewer { role } }", json!({})).await;
    }
    server.post(owner, "query Home { nope }", json!({})).await;
    server.post(owner, "{ viewer { role } }", json!({})).await;
    server.post(None, "query FromNobody { __typename }", json!({})).await;
    hourbank::job::once(&app.app, &hourbank::job::JOBS[0]).await.unwrap();

    let page = crate::support::http::send(server.addr, "GET", "/metrics", &[], "").await.body;
    for (line, value) in [
        ("hourbank_operation_duration_seconds_count{operation=\"Home\",kind=\"query\"}", 4.0),
        ("hourbank_operation_failures_total{operation=\"Home\",kind=\"query\"}", 1.0),
        ("hourbank_operation_duration_seconds_count{operation=\"LogTime\",kind=\"mutation\"}", 1.0),
        ("hourbank_operation_duration_seconds_count{operation=\"Watch\",kind=\"subscription\"}", 1.0),
        ("hourbank_operation_duration_seconds_count{operation=\"anonymous\",kind=\"query\"}", 1.0),
        ("hourbank_operation_duration_seconds_count{operation=\"other\",kind=\"query\"}", 1.0),
        ("hourbank_errors_total{code=\"GRAPHQL_VALIDATION_FAILED\"}", 1.0),
        ("hourbank_ledger_movements_total{kind=\"USAGE\"}", 1.0),
        ("hourbank_sockets", 1.0),
        ("hourbank_subscribers", 1.0),
        ("hourbank_pushes_total", 2.0),
        ("hourbank_operations_in_flight", 0.0),
        ("hourbank_job_duration_seconds_count{job=\"period\"}", 1.0),
        ("hourbank_job_failures_total{job=\"period\"}", 0.0),
        ("process_start_time_seconds", 1_773_230_400.0),
    ] {
        assert_eq!(figure(&page, line), value, "{line} in {page}");
    }
    for line in [
        "hourbank_database_statement_seconds_count",
        "hourbank_database_begin_seconds_count",
        "process_resident_memory_bytes",
        "process_open_fds",
    ] {
        assert!(figure(&page, line) > 0.0, "{line}");
    }
    assert!(page.contains("hourbank_build_info{version=\"0.1.0\",database=\""));
    drop(socket);
}

/// T51: names come from clients, so there are only so many of them, and the unknown bring none.
#[tokio::test]
async fn t51_clients_cannot_make_the_page_grow() {
    let toy = toy().await;
    for n in 0..130 {
        toy.query(&format!("query Name{n} {{ hello }}")).await;
    }
    toy.query(&format!("query {} {{ hello }}", "x".repeat(200))).await;
    let page = page(&toy).await;
    let names = page.lines().filter(|line| line.starts_with("hourbank_operation_failures_total{")).count();
    assert_eq!(names, 101, "a hundred and the rest");
    let rest = "hourbank_operation_duration_seconds_count{operation=\"other\",kind=\"query\"}";
    assert!(figure(&page, rest) > 30.0);
}

/// T14, T51: what a limit turns away is counted by the limit.
#[tokio::test]
async fn what_is_turned_away_is_counted() {
    let toy = toy_with(|limits| limits.points = Rate { burst: 2, per_second: 1 }, |_| {}).await;
    for _ in 0..4 {
        toy.query("{ hello }").await;
    }
    let page = page(&toy).await;
    assert!(figure(&page, "hourbank_refused_total{limit=\"points\"}") >= 1.0);
    assert!(figure(&page, "hourbank_responses_total{status=\"429\"}") >= 1.0);
    assert!(figure(&page, "hourbank_errors_total{code=\"RATE_LIMITED\"}") >= 1.0);
}

/// Trusted proxies, networks of the figures, headers, and the status.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], u16);

/// T21: the figures answer loopback alone; no header makes anybody else look local, nor a proxy its clients.
#[tokio::test]
async fn t21_the_page_is_for_loopback() {
    const THERE: &str = "203.0.113.7";
    let table: [Case<'_>; 16] = [
        ("", "127.0.0.0/8", &[], 200),
        // A proxy that nobody named speaks for somebody: for whom cannot be known.
        ("", "127.0.0.0/8", &[("x-forwarded-for", THERE)], 403),
        ("", "127.0.0.0/8", &[("x-forwarded-for", "127.0.0.1")], 403),
        ("", "127.0.0.0/8", &[("x-real-ip", "127.0.0.1")], 403),
        ("", "127.0.0.0/8", &[("forwarded", "for=127.0.0.1")], 403),
        ("", "127.0.0.0/8", &[("via", "1.1 proxy")], 403),
        // One that is named is believed, about the last it adds.
        ("127.0.0.1", "127.0.0.0/8", &[("x-forwarded-for", THERE)], 403),
        ("127.0.0.1", "127.0.0.0/8", &[("x-forwarded-for", "127.0.0.1, 203.0.113.7")], 403),
        ("127.0.0.1", "127.0.0.0/8", &[("x-forwarded-for", "203.0.113.7, 127.0.0.1")], 403),
        ("127.0.0.1", "127.0.0.0/8", &[("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", THERE)], 403),
        ("127.0.0.1", "127.0.0.0/8", &[], 200),
        // What it leaves open is not taken for local.
        ("127.0.0.1", "127.0.0.0/8", &[("x-real-ip", THERE)], 403),
        ("127.0.0.1", "127.0.0.0/8", &[("x-forwarded-for", "unknown")], 403),
        // Told otherwise.
        ("127.0.0.1", "203.0.113.0/24", &[("x-forwarded-for", THERE)], 200),
        ("", "203.0.113.0/24", &[], 403),
        ("", "203.0.113.0/24", &[("x-forwarded-for", THERE)], 403),
    ];
    for (proxies, metrics, headers, status) in table {
        let networks = |text: &str| text.split(',').filter_map(|network| network.parse().ok()).collect();
        let toy = toy_with(
            |_| {},
            |config| (config.proxies, config.metrics) = (networks(proxies), networks(metrics)),
        )
        .await;
        let reply = toy.send("GET", "/metrics", headers, "").await;
        assert_eq!(reply.status, status, "proxies {proxies}, metrics {metrics}, {headers:?}");
        assert_eq!(reply.body.contains("hourbank_"), status == 200);
    }
}
