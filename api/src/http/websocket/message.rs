//! The messages of `graphql-transport-ws`, and the codes with which a socket is closed.

use std::borrow::Cow;

use axum::extract::ws::Message;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::http::answer::Answer;
use crate::http::guard;
use crate::http::operation::Params;

/// The sub-protocol's name.
pub const PROTOCOL: &str = "graphql-transport-ws";
/// Longest id of an operation; clients use counters and UUIDs.
const MAX_ID: usize = 128;

/// Why a socket is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    pub code: u16,
    pub reason: Cow<'static, str>,
}

impl Close {
    pub const TOO_LONG: Self = Self::new(1009, "The message is longer than 64 KiB");
    pub const RESTART: Self = Self::new(1012, "Service restart");
    /// Who asks cannot be told now; clients come back by themselves.
    pub const TRY_AGAIN: Self = Self::new(1013, "Try again later");
    pub const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    /// The session is over; come back with another token.
    pub const FORBIDDEN: Self = Self::new(4403, "Forbidden");
    pub const PROTOCOL: Self = Self::new(4406, "Subprotocol not acceptable");
    pub const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    pub const SECOND_INIT: Self = Self::new(4429, "Too many initialisation requests");
    pub const TOO_MANY: Self = Self::new(4429, "Too many requests");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    pub const fn bad(reason: &'static str) -> Self {
        Self::new(4400, reason)
    }

    /// A close frame holds 123 bytes of reason, so a long id is left out.
    pub fn duplicate(id: &str) -> Self {
        let reason = if id.len() <= 64 {
            format!("Subscriber for {id} already exists").into()
        } else {
            Cow::Borrowed("Subscriber already exists")
        };
        Self { code: 4409, reason }
    }
}

/// What a client sends.
#[derive(Debug)]
pub enum Incoming {
    /// With the value of `authorization`, if there is one.
    Init(Option<String>),
    Ping(Option<Map<String, Value>>),
    Pong,
    Subscribe(String, Params),
    Complete(String),
}

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    payload: Option<Map<String, Value>>,
}

impl Incoming {
    /// Reads a message.
    ///
    /// # Errors
    /// 4400 for what is none of the protocol's messages.
    pub fn read(json: &[u8]) -> Result<Self, Close> {
        const JUNK: Close = Close::bad("Invalid message received");
        guard::variables::scan(json).map_err(|_| JUNK)?;
        if json.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(JUNK);
        }
        let Raw { kind, id, payload } = serde_json::from_slice(json).map_err(|_| JUNK)?;
        let id = id.filter(|id| !id.is_empty() && id.len() <= MAX_ID);
        match (kind.as_str(), id, payload) {
            ("connection_init", _, payload) => Ok(Self::Init(authorization(payload.unwrap_or_default())?)),
            ("ping", _, payload) => Ok(Self::Ping(payload)),
            ("pong", ..) => Ok(Self::Pong),
            ("complete", Some(id), _) => Ok(Self::Complete(id)),
            ("subscribe", Some(id), Some(payload)) => {
                let params: Params = serde_json::from_value(Value::Object(payload)).map_err(|_| JUNK)?;
                if !params.asks() {
                    return Err(JUNK);
                }
                Ok(Self::Subscribe(id, params))
            }
            _ => Err(JUNK),
        }
    }
}

/// Keys of the payload are read without regard to case.
fn authorization(payload: Map<String, Value>) -> Result<Option<String>, Close> {
    let mut values = payload
        .into_iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (None | Some(Value::Null), None) => Ok(None),
        (Some(Value::String(value)), None) => Ok(Some(value)),
        // Given, but not good.
        _ => Err(Close::FORBIDDEN),
    }
}

pub fn ack() -> Message {
    Message::text(r#"{"type":"connection_ack"}"#)
}

pub fn ping() -> Message {
    Message::text(r#"{"type":"ping"}"#)
}

pub fn pong(payload: Option<&Map<String, Value>>) -> Message {
    match payload.and_then(|payload| serde_json::to_string(payload).ok()) {
        Some(payload) => Message::text(format!(r#"{{"type":"pong","payload":{payload}}}"#)),
        None => Message::text(r#"{"type":"pong"}"#),
    }
}

pub fn next(id: &str, answer: &Answer) -> Message {
    Message::text(format!(r#"{{"id":{},"type":"next","payload":{}}}"#, Value::from(id), answer.json))
}

pub fn error(id: &str, answer: &Answer) -> Message {
    Message::text(format!(r#"{{"id":{},"type":"error","payload":{}}}"#, Value::from(id), answer.errors))
}

pub fn complete(id: &str) -> Message {
    Message::text(format!(r#"{{"id":{},"type":"complete"}}"#, Value::from(id)))
}

#[cfg(test)]
mod tests {
    use super::{Close, Incoming};

    #[test]
    fn t48_junk_is_4400() {
        for junk in [
            "",
            "{}",
            "[]",
            "null",
            "junk",
            r#"["ping"]"#,
            r#"{"type":"unknown"}"#,
            r#"{"type":"start","id":"1"}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":["{a}"]}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":null}}"#,
            r#"{"type":"connection_init","payload":"x"}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"ping","payload":{"a":"\ud800"}}"#,
        ] {
            assert_eq!(Incoming::read(junk.as_bytes()).expect_err(junk).code, 4400, "{junk}");
        }
        assert!(
            Incoming::read(format!(r#"{{"type":"ping","payload":{}"#, "{\"a\":".repeat(9_000)).as_bytes())
                .is_err()
        );
    }

    #[test]
    fn the_token_is_found_in_any_case() {
        for key in ["authorization", "Authorization", "AUTHORIZATION"] {
            let json = format!(r#"{{"type":"connection_init","payload":{{"{key}":"Bearer x"}}}}"#);
            assert!(
                matches!(Incoming::read(json.as_bytes()), Ok(Incoming::Init(Some(token))) if token == "Bearer x")
            );
        }
        let two = br#"{"type":"connection_init","payload":{"authorization":"a","Authorization":"b"}}"#;
        assert_eq!(Incoming::read(two).expect_err("two"), Close::FORBIDDEN);
        assert!(matches!(Incoming::read(br#"{"type":"connection_init"}"#), Ok(Incoming::Init(None))));
    }
}
