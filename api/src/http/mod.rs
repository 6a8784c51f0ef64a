//! The transports: GraphQL over HTTP, over a WebSocket and over an event stream, and what stands beside them.
//!
//! The library executes; everything between the wire and `execute` is here, because its own transports
//! run mutations over GET, take batches, ignore body limits and never drop a peer that stops
//! reading. From the outside in:
//!
//! - [`serve`] puts the real schema behind all of it;
//! - [`server`] accepts connections, bounds them and lets them end when the process stops;
//! - this file routes, gives each request its id, catches panics, sets headers, and answers CORS;
//! - [`graphql`], [`sse`] and [`websocket`] translate their protocol into one [`operation`];
//! - [`live`] makes an operation of each event of a subscription;
//! - [`guard`], [`persisted`], [`meter`] and the cost decide whether it is executed;
//! - [`answer`] gives what comes back its one form.
//!
//! No cookies anywhere: who asks is said in `Authorization` or `connection_init`, so a foreign page has
//! nothing to borrow. Bodies are never decompressed. HTTP/1 only.

pub mod address;
pub mod answer;
pub mod graphiql;
pub mod graphql;
pub mod guard;
pub mod limits;
mod live;
pub mod meter;
mod metrics;
pub mod negotiate;
pub mod operation;
pub mod origin;
pub mod persisted;
mod place;
mod record;
pub mod refusal;
mod report;
pub mod serve;
pub mod server;
pub mod sse;
pub mod websocket;

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{ObjectType, Request as Operation, Response as Outcome, Schema, SubscriptionType};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Router, body::Body};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{Semaphore, watch};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::{Instrument, error_span, field};
use uuid::Uuid;

use self::answer::Answer;
use self::graphiql::Example;
use self::limits::Limits;
use self::meter::Meter;
use self::origin::Origins;
use self::persisted::Documents;
use self::place::Places;
use self::refusal::Refusal;
use crate::app::App;
use crate::graphql::cost::Costs;
use crate::graphql::error as code;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// How long `/ready` waits for the database.
const READY: Duration = Duration::from_secs(1);

/// What executes operations; any schema does.
pub trait Engine: Send + Sync {
    fn execute(&self, request: Operation) -> BoxFuture<'static, Outcome>;
    fn stream(&self, request: Operation) -> BoxStream<'static, Outcome>;
    /// The schema's text, from which costs are read.
    fn sdl(&self) -> String;
}

impl<Q, M, S> Engine for Schema<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    fn execute(&self, request: Operation) -> BoxFuture<'static, Outcome> {
        let schema = self.clone();
        async move { Self::execute(&schema, request).await }.boxed()
    }

    fn stream(&self, request: Operation) -> BoxStream<'static, Outcome> {
        self.execute_stream(request).boxed()
    }

    fn sdl(&self) -> String {
        Self::sdl(self)
    }
}

/// What the transports are made of.
pub struct Setup {
    pub app: Arc<App>,
    /// The address that was really bound.
    pub address: SocketAddr,
    pub engine: Arc<dyn Engine>,
    /// Answers documents of nothing but `__schema` and `__type`; without it introspection is off.
    pub introspection: Option<Arc<dyn Engine>>,
    /// Only these documents are executed for users and the anonymous; partner keys are free.
    pub documents: Option<Vec<String>>,
    pub limits: Limits,
    /// Turns true when the process is to stop.
    pub stopping: watch::Receiver<bool>,
    /// Ready queries for the page at `/`.
    pub examples: Vec<Example>,
}

/// The transports' shared state.
pub struct Api {
    app: Arc<App>,
    engine: Arc<dyn Engine>,
    introspection: Option<Arc<dyn Engine>>,
    costs: Costs,
    documents: Documents,
    known: guard::Known,
    limits: Limits,
    origins: Origins,
    points: Meter,
    anonymous: Meter,
    in_flight: Arc<Semaphore>,
    places: Places,
    stopping: watch::Receiver<bool>,
    /// Turns true when nothing more is accepted.
    closing: watch::Sender<bool>,
    page: Option<graphiql::Page>,
}

impl Api {
    /// # Errors
    /// If the schema's text is no schema.
    pub fn new(setup: Setup) -> Result<Arc<Self>, async_graphql_parser::Error> {
        let Setup { app, address, engine, introspection, documents, limits, stopping, examples } = setup;
        let config = &app.config;
        Ok(Arc::new(Self {
            costs: Costs::new(&engine.sdl())?,
            documents: Documents::new(documents.as_deref()),
            known: guard::Known::default(),
            origins: Origins::new(&config.origins, &config.base_url(), address),
            points: Meter::new(limits.points),
            anonymous: Meter::new(limits.anonymous),
            places: Places::default(),
            in_flight: Arc::new(Semaphore::new(limits.operations)),
            page: config.graphiql.then(|| graphiql::Page::new(&examples)),
            app,
            engine,
            introspection,
            limits,
            stopping,
            closing: watch::Sender::new(false),
        }))
    }

    /// The process was asked to stop; what comes is still answered.
    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Turns true when nothing more is accepted: what is open ends.
    fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }
}

/// Waits until the process is to stop; forever if nobody can say so any more.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    if stopping.wait_for(|stopping| *stopping).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// A request's own id, made here; one that a client sends is not taken over.
#[derive(Debug, Clone)]
struct RequestId(Arc<str>);

/// Everything that is served.
pub fn router(api: Arc<Api>) -> Router {
    let origins = api.origins.clone();
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| origins.allows(origin)))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT, TRACEPARENT])
        .expose_headers([REQUEST_ID, header::RETRY_AFTER])
        .max_age(Duration::from_secs(600));
    Router::new()
        .route("/graphql", any(graphql::serve))
        .route("/graphql/ws", get(websocket::upgrade))
        .route("/live", get(|| async { "ok\n" }))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics::serve))
        .route("/reports/{token}", get(report::serve))
        .route("/", get(graphiql::serve))
        .layer(cors)
        .layer(from_fn_with_state(api.clone(), edge))
        .with_state(api)
}

/// The outermost layer: the id, panics, and headers of every answer.
async fn edge(State(api): State<Arc<Api>>, mut request: Request, next: Next) -> Response {
    let id: Arc<str> = Uuid::now_v7().simple().to_string().into();
    request.extensions_mut().insert(RequestId(id.clone()));
    // A chunked body that names a length as well is dropped of it before we see it, and whoever passed it on may have
    // gone by that: nothing behind it is read (T22).
    let is_last = request.headers().contains_key(header::TRANSFER_ENCODING);
    let span = error_span!("request", request_id = &*id, traceparent = field::Empty);
    if let Some(parent) = traceparent(request.headers()) {
        span.record("traceparent", parent);
    }
    let response = AssertUnwindSafe(next.run(request).instrument(span)).catch_unwind().await;
    let mut response = response.unwrap_or_else(|_| {
        let refusal = Refusal::new(code::INTERNAL, "a handler panicked");
        refuse(refusal, &id, negotiate::Media::Json, None)
    });
    api.app.metrics.responses.of(response.status().as_str()).count();
    let headers = response.headers_mut();
    if is_last {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if api.is_stopping() {
        // The next request finds a server that stays; an upgrade says its own word here.
        headers.entry(header::CONNECTION).or_insert(HeaderValue::from_static("close"));
    }
    if api.app.config.base_url().starts_with("https://") {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// The trace that the request is a part of, if its header is of the form that the W3C gave it.
fn traceparent(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(TRACEPARENT)?.to_str().ok()?;
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let is_one = lengths == [2, 32, 16, 2] && text.chars().all(|c| c == '-' || is_hex(c));
    is_one.then_some(text)
}

async fn ready(State(api): State<Arc<Api>>) -> (StatusCode, &'static str) {
    if api.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    if api.app.db.answers(READY).await {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
    }
}

/// A refusal as a whole HTTP answer, with the status that its code has or the one given.
fn refuse(
    refusal: Refusal,
    request_id: &str,
    media: negotiate::Media,
    status: Option<StatusCode>,
) -> Response {
    let status = status.unwrap_or_else(|| Refusal::status(refusal.code, media.is_strict()));
    reply(Answer::new(refusal.into(), request_id, None), media, status)
}

/// An answer as a whole HTTP answer.
fn reply(answer: Answer, media: negotiate::Media, status: StatusCode) -> Response {
    // A stream that never began is refused in JSON.
    let media = if media == negotiate::Media::Events { negotiate::Media::Json } else { media };
    let mut response = (status, Body::from(answer.json)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(millis) = answer.retry_after_ms {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(millis.div_ceil(1_000).max(1)));
    }
    response
}
