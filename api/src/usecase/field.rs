//! Fields as people fill them in: parsed once, each fault named by its field.

use domain::refusal::ErrorCode;
use domain::text::Text;

use crate::error::{Error, Refusal, Refusals};

/// The longest title.
pub const TITLE: usize = 300;
/// The longest free text.
pub const TEXT: usize = 10_000;
/// The longest comment, reason or goal.
pub const WORDS: usize = 4_000;
/// The most minutes that one figure of a plan or task can be: a good 1,600 hours, so that no sum leaves its column.
pub const MINUTES: i32 = 100_000;

/// A text that may not be empty.
pub fn text(refusals: &mut Refusals, field: &'static str, value: &str, most: usize) -> Option<String> {
    refusals.take(field, Text::parse(value, most)).map(String::from)
}

/// A figure in minutes, 0 to [`MINUTES`].
pub fn minutes(refusals: &mut Refusals, field: &'static str, value: Option<i32>) -> Option<i32> {
    let fits = value.is_none_or(|minutes| (0..=MINUTES).contains(&minutes));
    if !fits {
        refusals.push(
            Refusal::new(ErrorCode::Invalid, format!("A figure in minutes lies between 0 and {MINUTES}."))
                .at(field),
        );
    }
    value.filter(|_| fits)
}

/// The words that a return or a cancelling cannot do without.
pub fn reason(refusals: &mut Refusals, field: &'static str, value: &str) -> Option<String> {
    if value.trim().is_empty() {
        refusals.push(Refusal::new(ErrorCode::ReasonRequired, "Say why: the others will read it.").at(field));
        return None;
    }
    text(refusals, field, value, WORDS)
}

/// An address on the web.
pub fn url(refusals: &mut Refusals, field: &'static str, value: &str) -> Option<String> {
    let value = text(refusals, field, value, 2000)?;
    if value.starts_with("https://") || value.starts_with("http://") {
        return Some(value);
    }
    refusals.push(Refusal::new(ErrorCode::Invalid, "An address starts with https:// or http://.").at(field));
    None
}

/// A rule's words as a sentence.
pub fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// The refusal of a step that the status does not take.
pub fn wrong_status(cause: impl std::fmt::Display) -> Refusal {
    Refusal::new(ErrorCode::WrongStatus, sentence(&cause.to_string()))
}

/// The refusal of something that is named in an input and is not there.
pub fn not_here(field: &'static str, message: &str) -> Error {
    Error::refused_at(field, ErrorCode::Invalid, message)
}
