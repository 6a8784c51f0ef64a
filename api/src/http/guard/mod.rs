//! The guard in front of every document, one for HTTP, WebSocket and SSE.
//!
//! Three steps, each linear in the document, and all of them before a resolver, a statement or the
//! library's own validation sees anything:
//!
//! 1. [`lex`]: size, tokens, nesting, and what is written in selections, in a loop over the bytes,
//!    since the parser recurses and a deep document would end the process;
//! 2. one parse, whose result is handed on, so that nothing is parsed twice and the guard judges
//!    exactly the tree that is executed;
//! 3. [`shape`]: fragments (defined, used, no cycle), fields and depth after expansion (each fragment
//!    is summed once, so doubling fragments cost nothing), operations, mutation roots. Expanded sizes
//!    bound what the library's validation can be made to do.
//!
//! A passed limit is `QUERY_TOO_COMPLEX`; what is no GraphQL is `GRAPHQL_PARSE_FAILED`; what breaks a
//! rule of the language is `GRAPHQL_VALIDATION_FAILED`. `@skip` and `@include` change no count.
//! [`Known`] remembers what has passed, since front-ends send the same few documents again and again.
//! [`variables`] does the same for the JSON beside the document.

mod known;
pub mod lex;
mod shape;
pub mod variables;

use async_graphql_parser::types::{ExecutableDocument, OperationType};
pub use known::Known;

use super::refusal::Refusal;
use crate::graphql::error as code;

/// A fault of the text at a byte offset; the message names line and column.
fn syntax(text: &str, at: usize, what: &str) -> Refusal {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
    Refusal::new(code::GRAPHQL_PARSE_FAILED, format!("Syntax error at {line}:{column}: {what}."))
}

fn limit(message: impl Into<String>) -> Refusal {
    Refusal::new(code::QUERY_TOO_COMPLEX, message)
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(code::GRAPHQL_VALIDATION_FAILED, message)
}

/// A document that may be executed, with the operation that was chosen.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub document: ExecutableDocument,
    /// The chosen operation's name where it has one.
    pub name: Option<String>,
    pub kind: OperationType,
    /// It asks for `__schema` or `__type`, and then, `__typename` aside, for nothing else.
    pub introspection: bool,
}

/// Checks a document and chooses its operation (T1–T6, T10, T11).
///
/// # Errors
/// A [`Refusal`] with `QUERY_TOO_COMPLEX`, `GRAPHQL_PARSE_FAILED` or `GRAPHQL_VALIDATION_FAILED`.
pub fn inspect(text: &str, operation_name: Option<&str>) -> Result<Prepared, Refusal> {
    lex::scan(text)?;
    let document = async_graphql_parser::parse_query(text).map_err(|error| {
        let place = error.positions().next();
        let place = place.map_or(String::new(), |pos| format!(" at {}:{}", pos.line, pos.column));
        Refusal::new(
            code::GRAPHQL_PARSE_FAILED,
            format!("Syntax error{place}: this is not a GraphQL document."),
        )
    })?;
    shape::check(document, operation_name)
}

#[cfg(test)]
mod tests;
