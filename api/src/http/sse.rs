//! Operations as an event stream: graphql-sse in its distinct mode, one operation a request.
//!
//! Events are `next` with an answer and one `complete`; a comment each heartbeat keeps proxies from
//! closing a quiet stream (T54). The session is looked at every two seconds: once it is gone the
//! stream says UNAUTHENTICATED and completes (T49). When the process stops the stream breaks off
//! instead, so that clients connect again. What the guard refuses is an ordinary answer with its
//! status; nothing of a stream has begun then. A reader that stalls is dropped by [`super::server`].

use std::sync::Arc;

use async_graphql_parser::types::OperationType;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, unfold};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tracing::{Instrument, Span};

use super::answer::Answer;
use super::negotiate::Media;
use super::operation::{Caller, Operation};
use super::place::Place;
use super::record::Record;
use super::refusal::Refusal;
use super::{Api, stopped};

/// Asks nginx not to hold events back.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

struct Open {
    api: Arc<Api>,
    caller: Caller,
    answers: BoxStream<'static, Answer>,
    is_live: bool,
    closing: watch::Receiver<bool>,
    heartbeat: Interval,
    check: Interval,
    _places: Places,
}

/// Places of the address and of the principal, where the operation lives on.
pub(super) type Places = (Option<Place>, Option<Place>);

enum State {
    Open(Box<Open>),
    /// One more event, then the end.
    Complete,
    /// The connection breaks off.
    Cut,
    Over,
}

/// Why a body ends without its last chunk.
#[derive(Debug, thiserror::Error)]
#[error("the stream breaks off")]
struct Stopped;

/// Takes the places that the operation needs.
///
/// # Errors
/// The caller has as many live connections as they may.
pub(super) fn places(api: &Api, operation: &Operation, caller: &Caller) -> Result<Places, Refusal> {
    Ok(match operation.kind() {
        OperationType::Subscription => {
            (Some(api.place_of_address(caller.address)?), api.place_of_principal(&caller.session)?)
        }
        _ => (None, None),
    })
}

/// The whole answer; it lives as long as the operation.
pub(super) fn respond(
    api: &Arc<Api>,
    operation: Operation,
    caller: Caller,
    places: Places,
    record: Record,
) -> Response {
    let every = |period| {
        let mut interval = interval_at(Instant::now() + period, period);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        interval
    };
    let open = Open {
        is_live: operation.kind() == OperationType::Subscription,
        answers: api.stream(operation, record),
        closing: api.closing(),
        heartbeat: every(api.limits.heartbeat),
        check: every(api.limits.session_check),
        api: api.clone(),
        caller,
        _places: places,
    };
    // What follows belongs to the request, which is answered as soon as its headers are.
    let span = Span::current();
    let events = unfold((State::Open(Box::new(open)), span), |(state, span)| async move {
        let next = match state {
            State::Open(open) => Some(advance(open).instrument(span.clone()).await),
            State::Complete => Some((Ok("event: complete\ndata:\n\n".to_owned()), State::Over)),
            State::Cut => Some((Err(Stopped), State::Over)),
            State::Over => None,
        };
        next.map(|(event, state)| (event, (state, span)))
    });
    // Sent at once, so that the client knows that it is connected.
    let opened = futures_util::stream::once(async { Ok::<_, Stopped>(":\n\n".to_owned()) });
    let mut response = Body::from_stream(opened.chain(events)).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(Media::Events.content_type()));
    response.headers_mut().insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

async fn advance(mut open: Box<Open>) -> (Result<String, Stopped>, State) {
    loop {
        let Open { answers, is_live, heartbeat, check, closing, api, caller, _places: _ } = &mut *open;
        let event = tokio::select! {
            answer = answers.next() => match answer {
                // The next change may be long in coming: whoever connects again is shown the whole state (T52).
                Some(answer) if answer.away && *is_live => return (Ok(String::new()), State::Cut),
                Some(answer) => next(&answer),
                None => return (Ok(String::new()), State::Complete),
            },
            _ = heartbeat.tick() => ":\n\n".to_owned(),
            _ = check.tick() => {
                if api.app.sessions.alive(&caller.session).await.is_some() {
                    continue;
                }
                let answer = Answer::new(Refusal::unauthenticated().into(), &caller.request_id, None);
                return (Ok(next(&answer)), State::Complete);
            }
            () = stopped(closing) => return (Ok(String::new()), State::Cut),
        };
        return (Ok(event), State::Open(open));
    }
}

/// An answer's JSON has no line breaks of its own, so it is one line of data.
fn next(answer: &Answer) -> String {
    format!("event: next\ndata: {}\n\n", answer.json)
}
