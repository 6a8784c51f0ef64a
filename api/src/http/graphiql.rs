//! The page.
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use super::Api;

/// A ready query, one tab of the page.
#[derive(Debug, Clone, Serialize)]
pub struct Example {
    pub title: String,
    pub query: String,
    pub variables: serde_json::Value,
    /// Whose token the tab starts with.
    pub token: Option<String>,
}

#[derive(Debug)]
pub struct Page {
    html: String,
}

impl Page {
    #[must_use]
    pub fn new(_examples: &[Example]) -> Self {
        Self { html: String::new() }
    }
}

pub(super) async fn serve(State(api): State<Arc<Api>>) -> Response {
    match &api.page {
        Some(page) => Html(page.html.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
