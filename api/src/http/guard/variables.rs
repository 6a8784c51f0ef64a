//! The JSON beside the document: how deep it nests, and that no string holds U+0000.
//!
//! The depth is read from the bytes in a loop before anything parses them, well under the 128 at
//! which the JSON reader stops by itself, so that neither it nor what walks its values afterwards
//! meets a depth that was not meant. U+0000 has no place in PostgreSQL's text and is refused in every
//! string (T15).

use async_graphql::{Value, Variables};

use super::limit;
use crate::graphql::error as code;
use crate::http::refusal::Refusal;

/// Most open `{` and `[` of a request's JSON; two of them are the request and its variables.
pub const MAX_NESTING: usize = 26;

/// Refuses JSON that nests too deeply; whether it is JSON at all is the reader's question.
///
/// # Errors
/// `QUERY_TOO_COMPLEX`.
pub fn scan(json: &[u8]) -> Result<(), Refusal> {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_NESTING {
                    return Err(limit(format!("The request's JSON nests deeper than {MAX_NESTING}.")));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Refuses U+0000 in any string of the variables.
///
/// # Errors
/// `BAD_USER_INPUT`, naming the variable.
pub fn check(variables: &Variables) -> Result<(), Refusal> {
    for (name, value) in variables.iter() {
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match value {
                Value::String(text) if text.contains('\0') => {
                    let message =
                        format!("The variable \"{name}\" holds U+0000, which is not accepted in strings.");
                    return Err(Refusal::new(code::BAD_USER_INPUT, message));
                }
                Value::List(list) => open.extend(list),
                Value::Object(object) => open.extend(object.values()),
                _ => {}
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use async_graphql::Variables;
    use serde_json::json;

    #[test]
    fn t1_deep_json_is_refused_before_it_is_read() {
        for n in [27, 2_000, 60_000] {
            assert_eq!(super::scan("[".repeat(n).as_bytes()).expect_err("deep").code, "QUERY_TOO_COMPLEX");
            assert!(super::scan("{\"a\":".repeat(n).as_bytes()).is_err());
        }
        assert!(super::scan(br#"{"query":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[[[[[["}"#).is_ok());
    }

    #[test]
    fn t15_nul_in_a_variable_is_named() {
        let variables = Variables::from_json(json!({"a": [{"b": "x\u{0}y"}]}));
        let refusal = super::check(&variables).expect_err("refused");
        assert_eq!(refusal.code, "BAD_USER_INPUT");
        assert!(refusal.message.contains("\"a\""));
        assert!(super::check(&Variables::from_json(json!({"a": "\u{202e}\u{feff}"}))).is_ok());
    }
}
