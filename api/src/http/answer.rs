//! The one form of every GraphQL answer, whichever transport carries it.
//!
//! Errors get what the API promises: a code, the request's id, at most five of them with at most 200
//! characters each, one FORBIDDEN for a field however many rows it was refused on, and no internal
//! text. An error without a code comes from the library: before execution it is a fault of the
//! document, afterwards a value that an input type refused, or else ours, and then it is logged and
//! hidden.

use std::collections::BTreeMap;

use async_graphql::{PathSegment, Pos, Response, ServerError, Value};
use chrono::SecondsFormat;
use serde::Serialize;

use crate::error::unquoted;
use crate::graphql::cost::Charge;
use crate::graphql::error as code;

const MAX_ERRORS: usize = 5;
const MAX_MESSAGE: usize = 200;
/// What INTERNAL says instead of what happened.
pub const HIDDEN: &str = "Something went wrong on our side. Tell us the request id if it happens again.";

/// An answer, ready to be sent.
#[derive(Debug)]
pub struct Answer {
    pub json: String,
    /// The first error's code if nothing was executed: the answer then has no `data`.
    pub refused: Option<String>,
    /// Errors of an answer before execution, as the socket protocol wants them.
    pub errors: String,
    /// The caller lost the right to what was executed as a whole.
    pub lost: bool,
    /// The codes of all errors, joined by commas.
    pub codes: String,
    /// Some of it could not be had now: the database was away.
    pub away: bool,
    /// When to come again, in milliseconds, if the first error says so.
    pub retry_after_ms: Option<u64>,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [OneError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: BTreeMap<String, Value>,
}

#[derive(Serialize)]
struct OneError {
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Pos>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    path: Vec<PathSegment>,
    extensions: BTreeMap<String, Value>,
}

impl Answer {
    /// Shapes what the library answered.
    #[must_use]
    pub fn new(response: Response, request_id: &str, charge: Option<Charge>) -> Self {
        let Response { data, errors, mut extensions, .. } = response;
        let before = is_undone(&data, &errors)
            || data == Value::Null && !errors.is_empty() && errors.iter().all(|error| error.path.is_empty());
        let errors = shape(errors, request_id, before);
        let code_of = |error: &OneError| match error.extensions.get("code") {
            Some(Value::String(code)) => code.clone(),
            _ => code::INTERNAL.to_owned(),
        };
        if let Some(charge) = charge {
            extensions.insert("cost".into(), cost(&charge));
        }
        let first = errors.first();
        let lost = !before
            && errors.iter().any(|error| {
                error.path.len() == 1
                    && [code::UNAUTHENTICATED, code::FORBIDDEN].contains(&code_of(error).as_str())
            });
        let away =
            errors.iter().any(|error| [code::UNAVAILABLE, code::TIMEOUT].contains(&code_of(error).as_str()));
        let retry_after_ms = first.and_then(|error| match error.extensions.get("retryAfterMs") {
            Some(Value::Number(number)) => number.as_u64(),
            _ => None,
        });
        let body = Body { data: (!before).then_some(&data), errors: &errors, extensions };
        // Values are numbers, texts, lists and objects with text keys: they always have a JSON form.
        let text = |json: serde_json::Result<String>| json.unwrap_or_default();
        Self {
            json: text(serde_json::to_string(&body)),
            refused: if before { first.map(code_of) } else { None },
            errors: if before { text(serde_json::to_string(&errors)) } else { String::new() },
            lost,
            codes: errors.iter().map(code_of).collect::<Vec<_>>().join(","),
            away,
            retry_after_ms,
        }
    }
}

fn shape(errors: Vec<ServerError>, request_id: &str, before: bool) -> Vec<OneError> {
    let mut forbidden: Vec<Vec<String>> = Vec::new();
    let mut shaped = Vec::with_capacity(errors.len().min(MAX_ERRORS));
    for error in errors {
        let mut extensions = values(&error);
        let known = matches!(extensions.get("code"), Some(Value::String(_)));
        let class = if known { None } else { Some(classify(&error, before)) };
        if let Some(class) = class {
            extensions.insert("code".into(), Value::from(class));
        }
        let internal = extensions.get("code") == Some(&Value::from(code::INTERNAL));
        if internal {
            tracing::error!(message = unquoted(&error.message), path = path(&error), "an operation failed");
            extensions.retain(|name, _| name == "code");
        }
        if extensions.get("code") == Some(&Value::from(code::FORBIDDEN)) {
            let fields: Vec<String> = error
                .path
                .iter()
                .filter_map(|segment| match segment {
                    PathSegment::Field(name) => Some(name.clone()),
                    PathSegment::Index(_) => None,
                })
                .collect();
            if !fields.is_empty() && forbidden.contains(&fields) {
                continue;
            }
            forbidden.push(fields);
        }
        if shaped.len() < MAX_ERRORS {
            extensions.insert("requestId".into(), Value::from(request_id));
            let message = if internal { HIDDEN.to_owned() } else { cut(error.message) };
            shaped.push(OneError { message, locations: error.locations, path: error.path, extensions });
        }
    }
    shaped
}

/// Whether nothing at all was done because it cannot be done now: then the request as a whole is told so, and whoever
/// stands in front of us sees it by the status.
fn is_undone(data: &Value, errors: &[ServerError]) -> bool {
    let Value::Object(fields) = data else { return false };
    let unavailable = Value::from(code::UNAVAILABLE);
    let is_so = |error: &ServerError| {
        error.path.len() == 1
            && error.extensions.as_ref().and_then(|extensions| extensions.get("code")) == Some(&unavailable)
    };
    !errors.is_empty() && errors.iter().all(is_so) && fields.values().all(|field| *field == Value::Null)
}

/// Where an error lies, for the log: names that hold letters, digits and underscores alone.
fn path(error: &ServerError) -> String {
    let parts = error.path.iter().map(|segment| match segment {
        PathSegment::Field(name) => name.chars().take(40).collect(),
        PathSegment::Index(index) => index.to_string(),
    });
    parts.take(10).collect::<Vec<_>>().join(".")
}

/// The code of an error that has none.
fn classify(error: &ServerError, before: bool) -> &'static str {
    let message = error.message.as_str();
    let starts = |texts: &[&str]| texts.iter().any(|text| message.starts_with(text));
    if before {
        let limits = [
            "Query is too complex",
            "Query is nested too deep",
            "The recursion depth",
            "The amount of aliases",
        ];
        return match message {
            _ if starts(&limits) => code::QUERY_TOO_COMPLEX,
            _ if starts(&["Invalid value for argument"]) => code::BAD_USER_INPUT,
            _ => code::GRAPHQL_VALIDATION_FAILED,
        };
    }
    // Resolvers' errors carry their cause along; those of input types have none and begin like this.
    let input = ["Failed to parse \"", "Expected input type \"", "Variable "];
    if error.source.is_none() && starts(&input) { code::BAD_USER_INPUT } else { code::INTERNAL }
}

/// The extensions as a map; the library lets them be read by name or serialised, nothing else.
fn values(error: &ServerError) -> BTreeMap<String, Value> {
    let Some(extensions) = &error.extensions else { return BTreeMap::new() };
    match async_graphql::to_value(extensions) {
        Ok(Value::Object(map)) => map.into_iter().map(|(name, value)| (name.to_string(), value)).collect(),
        _ => BTreeMap::new(),
    }
}

fn cut(mut message: String) -> String {
    if let Some((at, _)) = message.char_indices().nth(MAX_MESSAGE) {
        let end = message.char_indices().nth(MAX_MESSAGE - 1).map_or(at, |(at, _)| at);
        message.truncate(end);
        message.push('…');
    }
    message
}

fn cost(charge: &Charge) -> Value {
    let values = [
        ("requested", Value::from(charge.requested)),
        ("remaining", Value::from(charge.remaining)),
        ("limit", Value::from(charge.limit)),
        ("resetAt", Value::from(charge.reset_at.to_rfc3339_opts(SecondsFormat::Millis, true))),
    ];
    Value::Object(values.into_iter().map(|(name, value)| (async_graphql::Name::new(name), value)).collect())
}

#[cfg(test)]
mod tests {
    use async_graphql::{PathSegment, Response, ServerError, Value};

    use super::{Answer, HIDDEN};

    fn at(message: &str, code: Option<&str>, path: &[&str]) -> ServerError {
        let mut error = ServerError::new(message, None);
        error.path = path
            .iter()
            .map(|part| part.parse().map_or_else(|_| PathSegment::Field((*part).into()), PathSegment::Index))
            .collect();
        if let Some(code) = code {
            error.extensions.get_or_insert_default().set("code", code);
        }
        error
    }

    fn answer(data: Value, errors: Vec<ServerError>) -> (Answer, serde_json::Value) {
        let mut response = Response::new(data);
        response.errors = errors;
        let answer = Answer::new(response, "r1", None);
        let json = serde_json::from_str(&answer.json).expect("JSON");
        (answer, json)
    }

    #[test]
    fn an_error_tells_code_and_request() {
        let (answer, json) = answer(Value::Null, vec![at("Unknown field", None, &[])]);
        assert_eq!(answer.refused.as_deref(), Some("GRAPHQL_VALIDATION_FAILED"));
        assert_eq!(json["errors"][0]["extensions"]["requestId"], "r1");
        assert!(json.get("data").is_none());
    }

    #[test]
    fn internal_text_never_leaves() {
        let (answer, json) = answer(
            Value::Null,
            vec![at("SELECT * FROM user", None, &["a"]), at("secret", Some("INTERNAL"), &["b"])],
        );
        assert_eq!(answer.refused, None);
        assert!(!answer.json.contains("SELECT") && !answer.json.contains("secret"));
        assert_eq!(json["errors"][0]["message"], HIDDEN);
        assert_eq!(json["data"], serde_json::Value::Null);
    }

    #[test]
    fn a_refused_value_is_the_callers() {
        let (_, json) = answer(Value::Null, vec![at("Failed to parse \"Date\": no date", None, &["a"])]);
        assert_eq!(json["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }

    #[test]
    fn errors_are_few_and_short() {
        let many = (0..9).map(|n| at(&"é".repeat(300), Some("NOT_FOUND"), &["a", &n.to_string()])).collect();
        let (_, json) = answer(Value::from(1), many);
        let errors = json["errors"].as_array().expect("a list");
        assert_eq!(errors.len(), 5);
        assert_eq!(errors[0]["message"].as_str().map(|text| text.chars().count()), Some(200));
    }

    #[test]
    fn a_refused_field_is_told_once() {
        let row = |n: usize, field: &str| at("no", Some("FORBIDDEN"), &["list", &n.to_string(), field]);
        let errors = (0..50).flat_map(|n| [row(n, "price"), row(n, "note")]).collect();
        let (_, json) = answer(Value::from(1), errors);
        assert_eq!(json["errors"].as_array().map(Vec::len), Some(2));
    }
}
