//! From a request's parameters to an answer: what the three transports share.
//!
//! In this order, each step cheaper than the next: the document by text or hash, the guard, its variables,
//! its cost, the caller's bucket; then execution. A mutation runs in a task of its own, so that a
//! client that hangs up cannot stop it between its commit and what follows; a query ends with its
//! client. A panic in a resolver becomes INTERNAL and touches nobody else.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Request, Response, Variables};
use async_graphql_parser::types::OperationType;
use chrono::TimeDelta;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::time::timeout;
use tracing::{Instrument, Span, debug_span, field};

use super::answer::Answer;
use super::guard::Prepared;
use super::record::{Record, count_errors};
use super::refusal::Refusal;
use super::{Api, address, guard};
use crate::app::App;
use crate::auth::Session;
use crate::graphql::cost::{Charge, MAX_POINTS};
use crate::graphql::{self, error as code};

/// A GraphQL request's parameters, as all transports send them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Params {
    pub query: Option<String>,
    pub operation_name: Option<String>,
    #[serde(default)]
    pub variables: Option<Variables>,
    pub extensions: Option<Map<String, Value>>,
}

/// Who asks, from where.
#[derive(Debug, Clone)]
pub struct Caller {
    pub session: Arc<Session>,
    pub address: IpAddr,
    pub request_id: Arc<str>,
}

/// An operation that may be executed.
#[derive(Debug)]
pub struct Operation {
    pub(super) prepared: Arc<Prepared>,
    pub(super) variables: Variables,
    pub(super) caller: Caller,
    pub charge: Charge,
    span: Span,
}

impl Operation {
    /// Whether it asks, changes or watches.
    pub fn kind(&self) -> OperationType {
        self.prepared.kind
    }
}

/// The library's request for a document that may be executed. Its text is not needed any more: the guard judged the tree.
pub(super) fn request(
    prepared: &Prepared,
    variables: Variables,
    caller: &Caller,
    context: graphql::Request,
    charge: Charge,
) -> Request {
    let context = context.from_address(Some(caller.address));
    let mut request = Request::new("").variables(variables).data(context).data(charge);
    request.operation_name.clone_from(&prepared.name);
    request.set_parsed_query(prepared.document.clone());
    request
}

impl Params {
    /// Whether there is anything to execute: a document, or the hash of one.
    pub(super) fn asks(&self) -> bool {
        self.query.is_some() || self.extensions.as_ref().is_some_and(|all| all.contains_key("persistedQuery"))
    }

    /// Reads the parameters from JSON.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for what is no such object, `QUERY_TOO_COMPLEX` for one that nests too deeply.
    pub fn read(json: &[u8]) -> Result<Self, Refusal> {
        guard::variables::scan(json)?;
        // The reader would take an array for the fields in order.
        match json.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => {}
            Some(b'[') => {
                return Err(Refusal::new(
                    code::BAD_USER_INPUT,
                    "Batches are not accepted: send one operation a request.",
                ));
            }
            _ => return Err(Refusal::new(code::BAD_USER_INPUT, "The request is not a JSON object.")),
        }
        serde_json::from_slice(json).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Refusal::new(
                code::BAD_USER_INPUT,
                format!("The request is not a valid GraphQL request ({place})."),
            )
        })
    }
}

impl Api {
    /// Counts a request without a good token against its address.
    ///
    /// # Errors
    /// `RATE_LIMITED`.
    pub(super) fn admit_anonymous(&self, address: IpAddr) -> Result<(), Refusal> {
        self.anonymous.take(&address::key(address), 1).map(drop).map_err(|wait| {
            self.refused("anonymous");
            Refusal::rate(wait)
        })
    }

    /// Checks a request and charges for it.
    ///
    /// # Errors
    /// Whatever the guard, the cost or the caller's bucket refuses.
    pub(super) fn prepare(
        &self,
        params: Params,
        caller: &Caller,
        record: &mut Record,
    ) -> Result<Operation, Refusal> {
        record.asked_by(&caller.session);
        let listed_only = !caller.session.principal.starts_with("key:");
        let asked = self.documents.find(params.query.as_deref(), params.extensions.as_ref(), listed_only)?;
        let name = params.operation_name.filter(|name| !name.is_empty());
        let prepared = self.known.inspect(&asked.text, name.as_deref())?;
        record.found(&prepared);
        let variables = params.variables.unwrap_or_default();
        guard::variables::check(&variables)?;
        if prepared.introspection && self.introspection.is_none() {
            return Err(Refusal::new(code::GRAPHQL_VALIDATION_FAILED, "Introspection is switched off here."));
        }
        let points = self.costs.points(&prepared.document, prepared.name.as_deref(), &variables);
        record.costs(points);
        if points > MAX_POINTS {
            let message = format!("The operation costs {points} points; a request may cost {MAX_POINTS}.");
            return Err(Refusal::new(code::QUERY_TOO_COMPLEX, message));
        }
        let charge = self.charge(points, caller)?;
        self.documents.keep(asked);

        let span =
            debug_span!("operation", operation = record.name(), kind = record.kind(), codes = field::Empty);
        Ok(Operation { prepared, variables, caller: caller.clone(), charge, span })
    }

    /// Takes an operation's points, at least one, from the caller's bucket.
    fn charge(&self, points: u64, caller: &Caller) -> Result<Charge, Refusal> {
        let key = match caller.session.principal.as_str() {
            "anonymous" => address::key(caller.address),
            principal => principal.to_owned(),
        };
        let rate = self.points.rate();
        let taken = u32::try_from(points.max(1)).unwrap_or(u32::MAX);
        let remaining = self.points.take(&key, taken).map_err(|wait| {
            self.refused("points");
            Refusal::rate(wait)
        })?;
        let missing = rate.burst.saturating_sub(remaining);
        let full_in = Duration::from_secs_f64(f64::from(missing) / f64::from(rate.per_second.max(1)));
        let full_in = TimeDelta::from_std(full_in).unwrap_or_default();
        Ok(Charge {
            requested: points,
            remaining: remaining.into(),
            limit: rate.burst.into(),
            reset_at: self.app.clock.now() + full_in,
        })
    }

    /// Executes a query or a mutation within its time.
    pub(super) async fn execute(&self, operation: Operation) -> Answer {
        let Operation { prepared, variables, caller, charge, span } = operation;
        let (kind, request_id) = (prepared.kind, &caller.request_id);
        let Ok(place) = self.in_flight.clone().try_acquire_owned() else {
            self.refused("in_flight");
            return Answer::new(Refusal::busy().into(), request_id, Some(charge));
        };
        let context = graphql::Request::new(&self.app, &caller.session, request_id);
        let request = request(&prepared, variables, &caller, context, charge);
        let engine = self.engine_for(prepared.introspection).clone();
        let limit = self.limits.operation;
        let app = Arc::clone(&self.app);
        let work = async move {
            let _place = place;
            let work = std::pin::pin!(AssertUnwindSafe(engine.execute(request)).catch_unwind());
            // Dropped before the work: a client that hangs up leaves a connection in the middle of something.
            let unfinished = Unfinished(Some(app));
            let response = match timeout(limit, work).await {
                Ok(Ok(response)) => response,
                Ok(Err(_)) => panicked(),
                Err(_) => return timed_out(kind),
            };
            unfinished.done();
            response
        };
        let work = work.instrument(span.clone());
        let response = if kind == OperationType::Mutation {
            tokio::spawn(work).await.unwrap_or_else(|_| panicked())
        } else {
            work.await
        };
        let answer = Answer::new(response, request_id, Some(charge));
        if !answer.codes.is_empty() {
            span.record("codes", &answer.codes);
        }
        answer
    }

    /// Runs any operation; queries and mutations answer once.
    pub(super) fn stream(
        self: &Arc<Self>,
        operation: Operation,
        record: Record,
    ) -> BoxStream<'static, Answer> {
        let api = self.clone();
        if operation.kind() != OperationType::Subscription {
            return futures_util::stream::once(async move {
                let answer = api.execute(operation).await;
                record.close(&api, &answer.codes, None);
                answer
            })
            .boxed();
        }
        let held = api.app.metrics.subscriptions.hold();
        let mut record = Some(record);
        let (charge, request_id) = (operation.charge, Arc::clone(&operation.caller.request_id));
        let events = AssertUnwindSafe(api.live(operation)).catch_unwind();
        events
            .enumerate()
            .map(move |(n, event)| {
                let _ = &held;
                // The subscription was paid for once, at its start.
                let charge = (n == 0).then_some(charge);
                let answer = Answer::new(event.unwrap_or_else(|_| panicked()), &request_id, charge);
                api.app.metrics.pushes.count();
                match record.take() {
                    Some(record) => record.close(&api, &answer.codes, None),
                    None => count_errors(&api.app.metrics, &answer.codes),
                }
                answer
            })
            .boxed()
    }

    /// Counts what a limit turned away.
    pub(super) fn refused(&self, limit: &str) {
        self.app.metrics.refused.of(limit).count();
    }

    fn engine_for(&self, introspection: bool) -> &Arc<dyn super::Engine> {
        match &self.introspection {
            Some(engine) if introspection => engine,
            _ => &self.engine,
        }
    }
}

/// An operation on the database that may be given up in its middle.
struct Unfinished(Option<Arc<App>>);

impl Unfinished {
    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(app) = &self.0 {
            app.db.doubt();
        }
    }
}

fn panicked() -> Response {
    Refusal::new(code::INTERNAL, "a resolver panicked").into()
}

fn timed_out(kind: OperationType) -> Response {
    let message = match kind {
        OperationType::Mutation => {
            "The operation took too long. Whether it took effect is unknown: send it again with the same idempotencyKey."
        }
        _ => "The operation took too long.",
    };
    Refusal::new(code::TIMEOUT, message).into()
}
