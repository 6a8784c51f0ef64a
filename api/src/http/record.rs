//! What the log and the figures tell of an operation: one line, one observation.
//!
//! Told are the operation's name (cut), kind, duration, cost, the codes of its errors, the caller's id and the HTTP
//! status; never its text, its variables or who the caller is (T24). The request's id stands on the span around it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql_parser::types::OperationType;

use super::Api;
use super::guard::Prepared;
use crate::auth::Session;
use crate::metric::{Metrics, Series};

/// Characters of a name that are logged; names hold nothing but letters, digits and underscores.
const NAME: usize = 64;
/// Names that stand for what has none or is too much.
const UNNAMED: &str = "anonymous";

/// An operation from its arrival to its answer.
#[derive(Debug)]
pub(super) struct Record {
    begin: Instant,
    name: Option<String>,
    kind: Option<OperationType>,
    cost: u64,
    session: Option<Arc<Session>>,
}

impl Record {
    /// Something has arrived.
    pub(super) fn new() -> Self {
        Self { begin: Instant::now(), name: None, kind: None, cost: 0, session: None }
    }

    /// Somebody asks.
    pub(super) fn asked_by(&mut self, session: &Arc<Session>) {
        self.session = Some(Arc::clone(session));
    }

    /// It has turned out to be an operation.
    pub(super) fn found(&mut self, prepared: &Prepared) {
        self.name = prepared.name.as_deref().map(|name| name.chars().take(NAME).collect());
        self.kind = Some(prepared.kind);
    }

    /// It costs so much.
    pub(super) fn costs(&mut self, points: u64) {
        self.cost = points;
    }

    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    pub(super) fn kind(&self) -> &'static str {
        match self.kind {
            Some(OperationType::Query) => "query",
            Some(OperationType::Mutation) => "mutation",
            Some(OperationType::Subscription) => "subscription",
            None => "",
        }
    }

    /// It is answered: with its data, with errors of these codes, or with both. A subscription is with its first event.
    pub(super) fn close(self, api: &Api, codes: &str, status: Option<u16>) {
        let took = self.begin.elapsed();
        self.observe(&api.app.metrics, codes, took);
        let principal = self.session.as_deref().map_or("", |session| session.principal.as_str());
        tracing::info!(
            operation = self.name(),
            kind = self.kind(),
            principal,
            cost = self.cost,
            codes,
            status,
            micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "request"
        );
    }

    fn observe(&self, metrics: &Metrics, codes: &str, took: Duration) {
        count_errors(metrics, codes);
        let Some(kind) = self.kind else { return };
        let is_known = self.session.as_deref().is_some_and(|session| session.principal != "anonymous");
        let operation = match self.name.as_deref() {
            None => metrics.operations.of(UNNAMED),
            // Whoever is signed in may bring new names, until there are too many.
            Some(name) if is_known => metrics.operations.of(name),
            Some(name) => metrics.operations.of_known(name),
        };
        let Series { took: times, failed } = match kind {
            OperationType::Query => &operation.query,
            OperationType::Mutation => &operation.mutation,
            OperationType::Subscription => &operation.subscription,
        };
        times.observe(took);
        if !codes.is_empty() {
            failed.count();
        }
    }
}

/// Counts errors by code: all that an answer holds, joined by commas.
pub(super) fn count_errors(metrics: &Metrics, codes: &str) {
    for code in codes.split(',').filter(|code| !code.is_empty()) {
        metrics.errors.of(code).count();
    }
}
