//! Media types: what a body may be, and what an answer should be.

use axum::http::{HeaderMap, header};

/// What the answer is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status says whether anything was executed.
    Graphql,
    /// `application/json`: a faulty document is an answer like any other, with 200.
    Json,
    /// Whatever we like: JSON for whoever reads it, with the telling status.
    Any,
    /// `text/event-stream`.
    Events,
}

impl Media {
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Graphql => "application/graphql-response+json; charset=utf-8",
            Self::Json | Self::Any => "application/json; charset=utf-8",
            Self::Events => "text/event-stream; charset=utf-8",
        }
    }

    /// Whether the status tells of a faulty document.
    #[must_use]
    pub fn is_strict(self) -> bool {
        self != Self::Json
    }
}

/// The best of our types for an `Accept` header, nothing if it accepts none of them.
#[must_use]
pub fn accepted(headers: &HeaderMap) -> Option<Media> {
    let lines: Vec<&str> =
        headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok()).collect();
    if lines.is_empty() {
        return Some(Media::Any);
    }
    let mut best: Option<(f32, Media)> = None;
    for range in lines.iter().flat_map(|line| line.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let media = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "application/graphql-response+json" => Media::Graphql,
            "application/json" => Media::Json,
            "application/*" | "*/*" => Media::Any,
            "text/event-stream" => Media::Events,
            _ => continue,
        };
        let (mut weight, mut readable) = (1.0, true);
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => weight = value.trim().parse().unwrap_or(0.0),
                "charset" => readable = is_utf8(value),
                _ => {}
            }
        }
        if readable && weight > 0.0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
            best = Some((weight, media));
        }
    }
    best.map(|(_, media)| media)
}

/// Whether a body is JSON in UTF-8, by its header; nothing else is read (T19).
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(Ok(value)), None) = (values.next().map(|value| value.to_str()), values.next()) else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"))
        && parts
            .filter_map(|part| part.split_once('='))
            .all(|(name, value)| !name.trim().eq_ignore_ascii_case("charset") || is_utf8(value))
}

fn is_utf8(charset: &str) -> bool {
    let charset = charset.trim().trim_matches('"');
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::{Media, accepted, is_json};

    #[test]
    fn the_heaviest_then_the_first_type_wins() {
        for (accept, expected) in [
            ("*/*", Some(Media::Any)),
            ("application/json", Some(Media::Json)),
            ("application/graphql-response+json, application/json;q=0.9", Some(Media::Graphql)),
            ("application/json;q=0.5, application/graphql-response+json;q=0.8", Some(Media::Graphql)),
            ("application/json; charset=utf-8, text/event-stream;q=0.1", Some(Media::Json)),
            ("TEXT/event-stream", Some(Media::Events)),
            ("application/json; charset=latin1", None),
            ("text/html", None),
            ("application/json;q=0", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(accepted(&headers), expected, "{accept}");
        }
        assert_eq!(accepted(&HeaderMap::new()), Some(Media::Any));
    }

    #[test]
    fn t19_only_json_is_a_body() {
        for (content_type, expected) in [
            ("application/json", true),
            ("application/json; charset=UTF-8", true),
            ("Application/JSON;charset=\"utf-8\"", true),
            ("application/json; charset=utf-16", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=application/json", false),
            ("application/jsonp", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            assert_eq!(is_json(&headers), expected, "{content_type}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
