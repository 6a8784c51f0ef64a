//! The page at `/`, where it is switched on: an explorer of our own that works without the internet.
//!
//! GraphiQL's own files come in no crate that could be depended on, and from a distribution server
//! they need the internet and execute foreign code beside a token. So this is one small page with what
//! GraphiQL is used for: tabs with ready queries, variables, a token for each tab, completion, the
//! schema to read, and live subscriptions over the socket. It is compiled in, and nothing in it is
//! loaded from anywhere; its content policy names the hashes of its script and style and lets it
//! talk to its own origin only.

use std::sync::Arc;

use aws_lc_rs::digest;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::Api;

const HTML: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A ready query, one tab of the page.
#[derive(Debug, Clone, Serialize)]
pub struct Example {
    /// The tab's name.
    pub title: String,
    pub query: String,
    /// A JSON object.
    pub variables: serde_json::Value,
    /// The token that the tab starts with, without `Bearer`.
    pub token: Option<String>,
}

/// The page as it is sent.
#[derive(Debug)]
pub(super) struct Page {
    html: String,
    policy: HeaderValue,
}

impl Page {
    pub(super) fn new(examples: &[Example]) -> Self {
        // In a script element only "<" could end the text before its time.
        let data =
            serde_json::to_string(examples).unwrap_or_else(|_| "[]".to_owned()).replace('<', "\\u003c");
        // The data goes in last, so that no example is taken for a place to fill.
        let html = HTML.replace("{{style}}", STYLE).replace("{{script}}", SCRIPT).replace("{{data}}", &data);
        let hash = |text: &str| STANDARD.encode(digest::digest(&digest::SHA256, text.as_bytes()));
        let policy = format!(
            "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self' ws: wss:; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'",
            hash(SCRIPT),
            hash(STYLE)
        );
        // Base64 and plain words are header text.
        let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { html, policy }
    }
}

/// Answers `/`.
pub(super) async fn serve(State(api): State<Arc<Api>>) -> Response {
    let Some(page) = &api.page else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = Html(page.html.clone()).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, page.policy.clone());
    response
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Example, Page};

    #[test]
    fn an_example_cannot_leave_its_place() {
        let example = Example {
            title: "</script><script>alert(1)</script>".into(),
            query: "{{script}}".into(),
            variables: json!({"a": "<!--"}),
            token: None,
        };
        let page = Page::new(&[example]);
        assert!(!page.html.contains("<script>alert"));
        assert_eq!(page.html.matches("</script>").count(), 2);
        assert!(page.policy.to_str().is_ok_and(|policy| policy.contains("script-src 'sha256-")));
    }

    #[test]
    fn the_page_loads_nothing_from_elsewhere() {
        let page = Page::new(&[]);
        for foreign in ["http://", "https://", "src=", "@import", "url("] {
            assert!(!page.html.contains(foreign), "{foreign}");
        }
    }
}
