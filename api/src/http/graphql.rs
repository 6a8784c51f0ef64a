//! GraphQL over HTTP: `POST /graphql` with JSON, `GET /graphql` for queries.
//!
//! A body counts only as `application/json`: a web page cannot send that across origins without
//! asking first, which is all the defence against forged requests that an API without cookies needs.
//! GET executes queries and, as an event stream, subscriptions; a mutation is 405 there. What is wrong
//! with the HTTP request has its own status whatever the client accepts; for the rest see
//! [`Refusal::status`].

use std::sync::Arc;

use async_graphql::Variables;
use async_graphql_parser::types::OperationType;
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, FromRequestParts, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use axum::response::Response;
use serde::Deserialize;
use tokio::time::timeout;

use super::address::{self, Peer};
use super::answer::Answer;
use super::limits::BODY_BYTES;
use super::negotiate::{self, Media};
use super::operation::{Caller, Operation, Params};
use super::record::Record;
use super::refusal::Refusal;
use super::{Api, RequestId, guard, refuse, reply, sse};
use crate::auth::SessionError;
use crate::graphql::error as code;

/// A refusal with the status that the HTTP request itself earns, if it does.
type Refused = (Refusal, Option<StatusCode>);

/// Answers `/graphql`.
pub(super) async fn serve(
    State(api): State<Arc<Api>>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
) -> Response {
    let mut record = Record::new();
    let (mut parts, body) = request.into_parts();
    let address = address::client(peer.ip(), &parts.headers, &api.app.config.proxies);
    let (media, refused) = match negotiate::accepted(&parts.headers) {
        Some(media) => (media, None),
        None => (
            Media::Graphql,
            Some(bad("None of the accepted media types is offered here.", StatusCode::NOT_ACCEPTABLE)),
        ),
    };
    let answered = match refused {
        Some(refused) => Err(refused),
        None => answer(&api, &id, address, media, &mut parts, body, &mut record).await,
    };
    match answered {
        Ok(Answered::Whole(answer, status)) => {
            record.close(&api, &answer.codes, Some(status.as_u16()));
            reply(answer, media, status)
        }
        // Its record goes with it.
        Ok(Answered::Stream(operation, caller, places)) => {
            sse::respond(&api, *operation, caller, places, record)
        }
        Err((refusal, status)) => {
            let code = refusal.code;
            let response = turn_away(refusal, status, &id, media, &parts.method);
            record.close(&api, code, Some(response.status().as_u16()));
            response
        }
    }
}

/// What becomes of an accepted request.
enum Answered {
    Whole(Answer, StatusCode),
    Stream(Box<Operation>, Caller, sse::Places),
}

fn turn_away(
    refusal: Refusal,
    status: Option<StatusCode>,
    id: &str,
    media: Media,
    method: &Method,
) -> Response {
    let mut response = refuse(refusal, id, media, status);
    match status {
        Some(StatusCode::METHOD_NOT_ALLOWED) => {
            let allowed = if method == Method::GET { "POST" } else { "GET, POST" };
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
        }
        // The rest of the body is not read, so the connection cannot be used again.
        Some(StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) => {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    response
}

async fn answer(
    api: &Arc<Api>,
    id: &Arc<str>,
    address: std::net::IpAddr,
    media: Media,
    parts: &mut Parts,
    body: Body,
    record: &mut Record,
) -> Result<Answered, Refused> {
    let params = match parts.method {
        Method::POST => read_body(api, &parts.headers, body).await?,
        Method::GET => read_query(parts).await?,
        _ => return Err(bad("Use POST, or GET for queries.", StatusCode::METHOD_NOT_ALLOWED)),
    };
    let session = match api.app.sessions.open(authorization(&parts.headers)?).await {
        Ok(session) => Arc::new(session),
        Err(SessionError::Unavailable) => return Err(plain(Refusal::busy())),
        Err(SessionError::Unauthenticated) => {
            api.admit_anonymous(address).map_err(plain)?;
            return Err(plain(Refusal::unauthenticated()));
        }
    };
    if session.principal == "anonymous" {
        api.admit_anonymous(address).map_err(plain)?;
    }
    if !params.asks() {
        return Err(bad("The request has no query.", StatusCode::BAD_REQUEST));
    }
    let caller = Caller { session, address, request_id: id.clone() };
    let operation = api.prepare(params, &caller, record).map_err(plain)?;
    match operation.kind() {
        OperationType::Mutation if parts.method == Method::GET => {
            Err(bad("Mutations are sent by POST.", StatusCode::METHOD_NOT_ALLOWED))
        }
        _ if media == Media::Events => {
            let places = sse::places(api, &operation, &caller).map_err(plain)?;
            Ok(Answered::Stream(Box::new(operation), caller, places))
        }
        OperationType::Subscription => {
            let message = "Subscriptions are answered as text/event-stream, or on the WebSocket.";
            Err((Refusal::new(code::GRAPHQL_VALIDATION_FAILED, message), Some(StatusCode::BAD_REQUEST)))
        }
        _ => {
            let answer = api.execute(operation).await;
            let status = answer
                .refused
                .as_deref()
                .map_or(StatusCode::OK, |code| Refusal::status(code, media.is_strict()));
            Ok(Answered::Whole(answer, status))
        }
    }
}

fn bad(message: &str, status: StatusCode) -> Refused {
    (Refusal::new(code::BAD_USER_INPUT, message), Some(status))
}

/// A refusal whose status follows from its code.
fn plain(refusal: Refusal) -> Refused {
    (refusal, None)
}

/// The token's header; two of them or one that is no text is a token that is not good.
pub(super) fn authorization(headers: &HeaderMap) -> Result<Option<&str>, Refused> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next().map(HeaderValue::to_str), values.next()) {
        (None, _) => Ok(None),
        (Some(Ok(value)), None) => Ok(Some(value)),
        _ => Err(plain(Refusal::unauthenticated())),
    }
}

async fn read_body(api: &Api, headers: &HeaderMap, body: Body) -> Result<Params, Refused> {
    if !negotiate::is_json(headers) {
        return Err(bad("The body must be application/json in UTF-8.", StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(bad("Compressed bodies are not read.", StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let too_large = || bad("The body is longer than 64 KiB.", StatusCode::PAYLOAD_TOO_LARGE);
    let told =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > BODY_BYTES as u64) {
        return Err(too_large());
    }
    let bytes = match timeout(api.limits.body, to_bytes(body, BODY_BYTES)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(too_large()),
        Err(_) => return Err(bad("The body took too long to arrive.", StatusCode::REQUEST_TIMEOUT)),
    };
    Params::read(&bytes).map_err(malformed)
}

/// The parameters of a GET, of which two are JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryString {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

async fn read_query(parts: &mut Parts) -> Result<Params, Refused> {
    let Ok(Query(string)) = Query::<QueryString>::from_request_parts(parts, &()).await else {
        return Err(bad("The query string is not valid.", StatusCode::BAD_REQUEST));
    };
    let wrong =
        |what: &str| bad(&format!("The parameter {what} is not a JSON object."), StatusCode::BAD_REQUEST);
    let variables = match string.variables.filter(|text| !text.is_empty()) {
        Some(text) => {
            guard::variables::scan(text.as_bytes()).map_err(malformed)?;
            serde_json::from_str::<Option<Variables>>(&text).map_err(|_| wrong("variables"))?
        }
        None => None,
    };
    let extensions = match string.extensions.filter(|text| !text.is_empty()) {
        Some(text) => {
            guard::variables::scan(text.as_bytes()).map_err(malformed)?;
            serde_json::from_str(&text).map_err(|_| wrong("extensions"))?
        }
        None => None,
    };
    Ok(Params { query: string.query, operation_name: string.operation_name, variables, extensions })
}

/// What is no GraphQL request is a bad request for every client.
fn malformed(refusal: Refusal) -> Refused {
    (refusal, Some(StatusCode::BAD_REQUEST))
}
