//! What can go wrong, told apart by who can do something about it.
//!
//! The rules refuse with small errors of their own; a use-case turns them into [`Refusal`]s, with the input's field
//! at fault. Everything else is for the operator: it keeps its cause for the log, and callers see a code alone.

use std::borrow::Cow;

use domain::policy::Denied;
use domain::refusal::ErrorCode;

/// The result of a use-case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One thing that a person can mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: ErrorCode,
    pub message: String,
    /// The path of the input's field at fault.
    pub field: Vec<Cow<'static, str>>,
}

impl Refusal {
    /// A refusal of the change as a whole.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: Vec::new() }
    }

    /// The same, naming the field of the input; of something inside of an input, from the inside out.
    pub fn at(mut self, field: &'static str) -> Self {
        self.field.insert(0, Cow::Borrowed(field));
        self
    }

    /// The same, as a fault of one element of a list in the input.
    pub fn of(mut self, list: &'static str, at: usize) -> Self {
        self.field.insert(0, Cow::Owned(at.to_string()));
        self.at(list)
    }
}

/// Why a use-case did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Nothing of that id, as far as the caller may know.
    #[error("not found")]
    NotFound,
    /// The policy says no.
    #[error(transparent)]
    Denied(Denied),
    /// The change breaks a rule; all broken rules at once.
    #[error("refused: {0:?}")]
    Refused(Vec<Refusal>),
    /// A query's argument has no meaning (a cursor of another list, two page sizes at once).
    #[error("{0}")]
    BadInput(String),
    /// The database is away, too busy or out of room: the same at once would not help.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The transaction lost a race, or its connection before the commit: nothing happened, and the same may succeed.
    #[error("lost: {0}")]
    Lost(String),
    /// It may or may not have happened: only the same idempotency key can tell.
    #[error("outcome unknown: {0}")]
    Unknown(String),
    /// A fault of ours.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// One refusal alone.
    pub fn refused(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused(vec![Refusal::new(code, message)])
    }

    /// One refusal of a field.
    pub fn refused_at(field: &'static str, code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused(vec![Refusal::new(code, message).at(field)])
    }

    /// What the log may say: no text that a caller gave, and nothing quoted, since faults quote values (T24).
    pub fn for_log(&self) -> String {
        match self {
            Self::Refused(refusals) => {
                let codes: Vec<String> =
                    refusals.iter().map(|refusal| format!("{:?}", refusal.code)).collect();
                format!("refused: {}", codes.join(", "))
            }
            Self::BadInput(_) => "bad input".to_owned(),
            other => unquoted(&other.to_string()),
        }
    }

    /// Whether the same transaction may succeed when run again from its beginning.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Lost(_))
    }
}

/// A fault's words without what it quotes, on one line and cut. Quoted names of the program's own kind, such as a
/// constraint's, stay: small letters, dots, and an underscore at the least.
pub fn unquoted(text: &str) -> String {
    let mut said = String::new();
    let mut rest = text;
    while let Some(at) = quote(rest) {
        let open = rest[at..].chars().next().unwrap_or('"');
        let close = match open {
            '(' => ')',
            '«' => '»',
            same => same,
        };
        said.push_str(&rest[..at]);
        let inside = &rest[at + open.len_utf8()..];
        let (quoted, after) = inside.split_once(close).unwrap_or((inside, ""));
        said.push_str(if is_a_name(quoted) { quoted } else { "…" });
        rest = after;
    }
    said.push_str(rest);
    said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

/// Where a quote opens; an apostrophe within a word is none.
fn quote(text: &str) -> Option<usize> {
    let mut before = ' ';
    text.char_indices().find_map(|(at, c)| {
        let opens = matches!(c, '"' | '`' | '(' | '«') || (c == '\'' && !before.is_alphanumeric());
        before = c;
        opens.then_some(at)
    })
}

fn is_a_name(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
    text.len() < 64 && text.contains('_') && text.chars().all(is_plain)
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unseen => Self::NotFound,
            other => Self::Denied(other),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

/// Collects refusals so that a caller learns of all of them at once.
#[derive(Debug, Default)]
pub struct Refusals(Vec<Refusal>);

impl Refusals {
    /// Keeps a refusal.
    pub fn push(&mut self, refusal: Refusal) {
        self.0.push(refusal);
    }

    /// Keeps a refusal unless it was told already.
    pub fn push_once(&mut self, refusal: Refusal) {
        if !self.0.contains(&refusal) {
            self.0.push(refusal);
        }
    }

    /// Keeps what one element of a list in the input was refused for, and goes on without it. What it names and is not
    /// there is a refusal too.
    ///
    /// # Errors
    /// All that is no refusal.
    pub fn gather<T>(&mut self, list: &'static str, at: usize, done: Result<T>) -> Result<Option<T>> {
        match done {
            Ok(done) => return Ok(Some(done)),
            Err(Error::Refused(refusals)) => {
                self.0.extend(refusals.into_iter().map(|refusal| refusal.of(list, at)));
            }
            Err(Error::NotFound) => {
                let nothing = Refusal::new(ErrorCode::NotFound, "There is nothing of this id.");
                self.push(nothing.of(list, at));
            }
            Err(other) => return Err(other),
        }
        Ok(None)
    }

    /// Keeps the refusal of a field and goes on without its value.
    pub fn take<T, E: std::fmt::Display>(
        &mut self,
        field: &'static str,
        value: std::result::Result<T, E>,
    ) -> Option<T> {
        value.map_err(|error| self.push(Refusal::new(ErrorCode::Invalid, error.to_string()).at(field))).ok()
    }

    /// Ends in an error where anything was refused.
    pub fn check(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Refused(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T24, T67: what a database or a reader quotes is left out, and nothing forges a line.
    #[test]
    fn faults_are_told_without_values() {
        for (fault, told) in [
            ("invalid input syntax for type uuid: \"Secret-1\"", "invalid input syntax for type uuid: …"),
            ("violates unique constraint \"user_email_key\"", "violates unique constraint user_email_key"),
            ("Key (email)=(anna@example.org) already exists", "Key …=… already exists"),
            ("invalid type: string `a\"b`, expected", "invalid type: string …, expected"),
            ("never closed \"anna@example.org", "never closed …"),
            ("one\nERROR two", "one ERROR two"),
            ("it doesn't open: 'anna'", "it doesn't open: …"),
        ] {
            assert_eq!(unquoted(fault), told);
        }
        let refused = Error::refused_at("name", ErrorCode::Invalid, "Anna is no name");
        assert_eq!(refused.for_log(), "refused: Invalid");
    }
}
