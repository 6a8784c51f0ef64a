//! `GET /metrics`: the figures of this process, for Prometheus.
//!
//! Answered where the caller's address lies in one of the networks of the settings, loopback by default. A proxy that
//! is trusted is asked who its client is. One that is not trusted must not make its clients look as if they came from
//! here: whatever names a forwarded client without having a right to is refused, wherever it comes from (T21).

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Api;
use super::address::{self, Peer};
use crate::config::{Config, Network};
use crate::metric::{Metrics, Page};
use crate::store::db::{Counts, Pool};

/// Headers by which proxies say for whom they ask.
const FORWARDED: [&str; 4] = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];

/// Answers `/metrics`.
pub(super) async fn serve(
    State(api): State<Arc<Api>>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
) -> Response {
    if !admits(&api.app.config, peer.ip(), &headers) {
        return (StatusCode::FORBIDDEN, "these figures are not for your address\n").into_response();
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page(&api)).into_response()
}

fn admits(config: &Config, peer: IpAddr, headers: &HeaderMap) -> bool {
    let lies_in = |networks: &[Network], address| networks.iter().any(|network| network.contains(address));
    let is_forwarded = FORWARDED.iter().any(|name| headers.contains_key(*name));
    let client = address::client(peer, headers, &config.proxies);
    // A trusted proxy that does not say for whom in the way that it is believed has said nothing.
    if is_forwarded && (!lies_in(&config.proxies, peer) || lies_in(&config.proxies, client)) {
        return false;
    }
    lies_in(&config.metrics, client)
}

fn page(api: &Api) -> String {
    let mut page = Page::default();
    let app = &api.app;
    process(&mut page, &app.metrics);
    let backend = format!("{:?}", app.db.backend()).to_lowercase();
    page.family("hourbank_build_info", "gauge", "The version that runs, and on what.");
    page.sample("hourbank_build_info", &[("version", env!("CARGO_PKG_VERSION")), ("database", &backend)], 1);
    operations(&mut page, &app.metrics);
    let in_flight = api.limits.operations.saturating_sub(api.in_flight.available_permits());
    page.single("hourbank_operations_in_flight", "gauge", "Operations being executed.", in_flight);
    live(&mut page, &app.metrics);
    database(&mut page, app.db.counts(), &app.db.pools());
    jobs(&mut page, &app.metrics);
    page.into_text()
}

fn operations(page: &mut Page, metrics: &Metrics) {
    let kinds = || {
        metrics.operations.all().flat_map(|(name, operation)| {
            [
                (name, "query", &operation.query),
                (name, "mutation", &operation.mutation),
                (name, "subscription", &operation.subscription),
            ]
        })
    };
    let seen = || kinds().filter(|(_, _, series)| series.took.count() > 0);
    let name = "hourbank_operation_duration_seconds";
    page.family(name, "histogram", "Operations by name and kind; a subscription until its first event.");
    for (operation, kind, series) in seen() {
        page.histogram(name, &[("operation", operation), ("kind", kind)], &series.took);
    }
    let name = "hourbank_operation_failures_total";
    page.family(name, "counter", "Operations answered with errors.");
    for (operation, kind, series) in seen() {
        page.sample(name, &[("operation", operation), ("kind", kind)], series.failed.get());
    }
    for (name, help, label, figures) in [
        ("hourbank_errors_total", "Errors at the top of answers.", "code", &metrics.errors),
        ("hourbank_responses_total", "HTTP answers.", "status", &metrics.responses),
        ("hourbank_refused_total", "What was turned away by a limit.", "limit", &metrics.refused),
    ] {
        page.family(name, "counter", help);
        for (value, figure) in figures.all().filter(|(_, figure)| figure.get() > 0) {
            page.sample(name, &[(label, value)], figure.get());
        }
    }
}

fn live(page: &mut Page, metrics: &Metrics) {
    page.single(
        "hourbank_connections",
        "gauge",
        "Open connections, sockets included.",
        metrics.connections.get(),
    );
    page.single("hourbank_sockets", "gauge", "Open WebSockets.", metrics.sockets.get());
    page.single("hourbank_subscribers", "gauge", "Subscriptions being served.", metrics.subscriptions.get());
    page.single("hourbank_pushes_total", "counter", "Events of subscriptions.", metrics.pushes.get());
    let help = "Connections dropped because nothing was read on them.";
    page.single("hourbank_slow_readers_dropped_total", "counter", help, metrics.stalled.get());
}

fn database(page: &mut Page, counts: &Counts, pools: &[Pool]) {
    let name = "hourbank_database_connections";
    page.family(name, "gauge", "Connections to the database by pool and state.");
    for pool in pools {
        let used = pool.open.saturating_sub(pool.idle);
        for (state, value) in [("idle", pool.idle), ("used", used), ("most", pool.most)] {
            page.sample(name, &[("pool", pool.name), ("state", state)], value);
        }
    }
    for (name, help, histogram) in [
        (
            "hourbank_database_statement_seconds",
            "Statements, the wait for a connection aside.",
            &counts.statements,
        ),
        ("hourbank_database_wait_seconds", "The wait for a connection to read through.", &counts.lent),
        (
            "hourbank_database_begin_seconds",
            "The wait for a transaction to begin, for its connection included.",
            &counts.begun,
        ),
    ] {
        page.family(name, "histogram", help);
        page.histogram(name, &[], histogram);
    }
    page.single(
        "hourbank_database_failures_total",
        "counter",
        "Statements that failed.",
        counts.failed.get(),
    );
    page.family("hourbank_ledger_movements_total", "counter", "Movements of hours committed here.");
    for (kind, figure) in counts.movements.all().filter(|(_, figure)| figure.get() > 0) {
        page.sample("hourbank_ledger_movements_total", &[("kind", kind)], figure.get());
    }
}

fn jobs(page: &mut Page, metrics: &Metrics) {
    let known = || metrics.jobs.all().filter(|(_, job)| job.took.count() > 0);
    page.family("hourbank_job_duration_seconds", "histogram", "Runs of jobs.");
    for (name, job) in known() {
        page.histogram("hourbank_job_duration_seconds", &[("job", name)], &job.took);
    }
    page.family("hourbank_job_failures_total", "counter", "Runs of jobs that failed.");
    for (name, job) in known() {
        page.sample("hourbank_job_failures_total", &[("job", name)], job.failed.get());
    }
    let name = "hourbank_job_last_success_timestamp_seconds";
    page.family(name, "gauge", "When a job last succeeded; 0 where it has not yet.");
    for (job_name, job) in known() {
        page.sample(name, &[("job", job_name)], job.last_success.get());
    }
    page.family("hourbank_mails_total", "counter", "Mails handed over, and tries that failed.");
    page.sample("hourbank_mails_total", &[("outcome", "sent")], metrics.mails_sent.get());
    page.sample("hourbank_mails_total", &[("outcome", "failed")], metrics.mails_failed.get());
}

/// What Linux tells of the process, under the names that every client of Prometheus uses.
fn process(page: &mut Page, metrics: &Metrics) {
    let since = metrics.started_at.timestamp();
    page.single("process_start_time_seconds", "gauge", "When the process started.", since);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
    };
    if let Some(kib) = kib("VmRSS:") {
        page.single("process_resident_memory_bytes", "gauge", "Memory in use.", kib * 1024);
    }
    if let Some(kib) = kib("VmHWM:") {
        page.single("hourbank_peak_memory_bytes", "gauge", "The most that memory was.", kib * 1024);
    }
    if let Ok(entries) = std::fs::read_dir("/proc/self/fd") {
        page.single("process_open_fds", "gauge", "Open files and sockets.", entries.count());
    }
}
