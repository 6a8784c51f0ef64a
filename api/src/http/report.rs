//! `GET /reports/TOKEN`: a report's file behind its signed link.
//!
//! The token says all: what, in which form, until when. Whatever is wrong with it, the answer is the same 404, so that
//! nothing can be learned from it. Nobody is asked who they are; the address is metered like that of everyone without a
//! token. The page runs no script and loads nothing, wherever its words come from.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::address::{self, Peer};
use super::negotiate::Media;
use super::refusal::Refusal;
use super::{Api, RequestId, refuse};
use crate::app::Call;
use crate::usecase::report::{Document, Format, open};

/// What the page may do: show itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/// Answers `/reports/TOKEN`.
pub(super) async fn serve(
    State(api): State<Arc<Api>>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(Peer(peer)): Extension<Peer>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let address = address::client(peer.ip(), &headers, &api.app.config.proxies);
    if let Err(refusal) = api.admit_anonymous(address) {
        return refuse(refusal, &id, Media::Json, None);
    }
    let Ok(_place) = api.in_flight.clone().try_acquire_owned() else {
        api.refused("in_flight");
        return refuse(Refusal::busy(), &id, Media::Json, None);
    };
    let call = Call::system(&api.app, "report file");
    match api.app.db.in_time(open(&call, &token)).await {
        Ok(Some(document)) => hand_over(document),
        Ok(None) => (StatusCode::NOT_FOUND, "there is nothing here, or no longer\n").into_response(),
        Err(error) => {
            tracing::warn!(error = error.for_log(), "a report's file could not be made");
            refuse(Refusal::busy(), &id, Media::Json, None)
        }
    }
}

fn hand_over(document: Document) -> Response {
    let Document { name, form, bytes } = document;
    let (kind, place) = match form {
        Format::Html => ("text/html; charset=utf-8", "inline"),
        Format::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment"),
        Format::Csv => ("text/csv; charset=utf-8", "attachment"),
    };
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // The name holds days and letters of ours alone.
    if let Ok(value) = HeaderValue::from_str(&format!("{place}; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
