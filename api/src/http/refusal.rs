//! What the transports themselves refuse, before a resolver runs: a code of the closed list and a text.

use std::time::Duration;

use async_graphql::{Response, ServerError};
use axum::http::StatusCode;

use crate::graphql::error as code;

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub message: String,
    /// When to come again, where that helps.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after: None }
    }

    /// Too much in too little time.
    pub fn rate(retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(code::RATE_LIMITED, "Too many requests in a short time: wait and try again.")
        }
    }

    /// Every place is taken.
    pub fn busy() -> Self {
        Self {
            retry_after: Some(Duration::from_secs(1)),
            ..Self::new(code::UNAVAILABLE, "The server has as much to do as it can: try again.")
        }
    }

    /// A token was given and is not, or no longer, good.
    pub fn unauthenticated() -> Self {
        Self::new(code::UNAUTHENTICATED, "The token is not valid or no longer valid: sign in again.")
    }

    /// The HTTP status for an answer without data. `strict` is the status-aware media type; with plain
    /// `application/json` a faulty document is an ordinary answer, as old clients expect.
    #[must_use]
    pub fn status(code: &str, strict: bool) -> StatusCode {
        match code {
            code::QUERY_TOO_COMPLEX => StatusCode::BAD_REQUEST,
            code::UNAUTHENTICATED => StatusCode::UNAUTHORIZED,
            code::FORBIDDEN => StatusCode::FORBIDDEN,
            code::RATE_LIMITED => StatusCode::TOO_MANY_REQUESTS,
            code::UNAVAILABLE => StatusCode::SERVICE_UNAVAILABLE,
            code::TIMEOUT => StatusCode::GATEWAY_TIMEOUT,
            code::INTERNAL => StatusCode::INTERNAL_SERVER_ERROR,
            _ if strict => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        }
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        let mut error = ServerError::new(refusal.message, None);
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("code", refusal.code);
        if let Some(wait) = refusal.retry_after {
            extensions.set("retryAfterMs", u32::try_from(wait.as_millis()).unwrap_or(u32::MAX).max(1));
        }
        Self::from_errors(vec![error])
    }
}
