//! The only file that knows codes: from what went wrong to what a caller is told.
//!
//! What a person can mend stands in a payload's `errors`; everything else is a top-level error with a code out of the
//! closed list below. The text of a fault of ours goes to the log and to nobody else.

use async_graphql::{ErrorExtensions, SimpleObject};
use domain::policy::Denied;
use domain::refusal::ErrorCode;

use crate::error::{Error, Refusal, Result};

/// The document is not GraphQL.
pub const GRAPHQL_PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
/// The document does not fit the schema.
pub const GRAPHQL_VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";
/// An argument has no meaning.
pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
/// No token, or none that is good.
pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
/// Seen, but not allowed.
pub const FORBIDDEN: &str = "FORBIDDEN";
/// Nothing of that id, as far as the caller may know.
pub const NOT_FOUND: &str = "NOT_FOUND";
/// Over a limit of size, depth or cost.
pub const QUERY_TOO_COMPLEX: &str = "QUERY_TOO_COMPLEX";
/// Too many requests, or the cost budget is used up.
pub const RATE_LIMITED: &str = "RATE_LIMITED";
/// The operation took too long.
pub const TIMEOUT: &str = "TIMEOUT";
/// Try again; with the same idempotency key where it was a mutation.
pub const UNAVAILABLE: &str = "UNAVAILABLE";
/// When to try again, in milliseconds: about what a database takes to come back, or to be less busy.
const RETRY_AFTER_MS: u32 = 1_000;
/// A fault of ours.
pub const INTERNAL: &str = "INTERNAL";
/// The hash of a persisted query is not known; send the text with it.
pub const PERSISTED_QUERY_NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";

/// Something that the caller can mend, and where.
#[derive(Debug, Clone, SimpleObject)]
pub struct UserError {
    /// What is wrong, for programs.
    code: ErrorCode,
    /// What is wrong, for people.
    message: String,
    /// The path of the input's field at fault; null where it is the change as a whole.
    field: Option<Vec<String>>,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        let field =
            (!refusal.field.is_empty()).then(|| refusal.field.into_iter().map(String::from).collect());
        Self { code: refusal.code, message: refusal.message, field }
    }
}

/// A payload with nothing in it but errors.
pub trait Payload: Default {
    /// Puts the errors in.
    fn with_errors(errors: Vec<UserError>) -> Self;
}

/// Declares the payload of a mutation: its objects, nullable, and `errors`.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Default, async_graphql::SimpleObject)]
        pub struct $name {
            $($(#[$fdoc])* pub $field: Option<$type>,)*
            /// What was refused, everything at once; empty where the change was made.
            pub errors: Vec<$crate::graphql::error::UserError>,
        }

        #[allow(clippy::needless_update, reason = "a payload may hold errors alone")]
        impl $crate::graphql::error::Payload for $name {
            #[allow(clippy::needless_update, reason = "some payloads hold errors alone")]
            fn with_errors(errors: Vec<$crate::graphql::error::UserError>) -> Self {
                Self { errors, ..Self::default() }
            }
        }
    };
}
pub(crate) use payload;

/// The answer of a mutation: refusals and unseen ids become `errors` of its payload.
pub fn answer<P: Payload>(result: Result<P>) -> Option<async_graphql::Result<P>> {
    Some(match result {
        Ok(payload) => Ok(payload),
        Err(Error::Refused(refusals)) => {
            Ok(P::with_errors(refusals.into_iter().map(UserError::from).collect()))
        }
        Err(Error::NotFound) => Ok(P::with_errors(vec![
            Refusal::new(ErrorCode::NotFound, "There is nothing of this id.").at("id").into(),
        ])),
        Err(error) => Err(top_level(error)),
    })
}

/// The value of a nullable field: null for what is not there, an error for what went wrong.
pub fn field<T>(result: Result<Option<T>>) -> Option<async_graphql::Result<T>> {
    result.map_err(top_level).transpose()
}

/// The value of a nullable field that names one object: one that is not there is NOT_FOUND.
pub fn found<T>(result: Result<Option<T>>) -> Option<async_graphql::Result<T>> {
    field(result.and_then(|found| found.ok_or(Error::NotFound)).map(Some))
}

/// A top-level error with its code.
pub fn top_level(error: Error) -> async_graphql::Error {
    let (code, text) = match &error {
        Error::NotFound => (NOT_FOUND, "There is nothing of this id.".to_owned()),
        Error::Denied(Denied::Unauthenticated) => (UNAUTHENTICATED, "Sign in first.".to_owned()),
        Error::Denied(_) => (FORBIDDEN, "You may not do this.".to_owned()),
        Error::Refused(refusals) => {
            (BAD_USER_INPUT, refusals.first().map_or_else(String::new, |refusal| refusal.message.clone()))
        }
        Error::BadInput(text) => (BAD_USER_INPUT, text.clone()),
        Error::Unavailable(_) | Error::Lost(_) => {
            tracing::warn!(error = error.for_log(), "the database is away or busy");
            (UNAVAILABLE, "Try again in a moment.".to_owned())
        }
        Error::Unknown(_) => {
            tracing::error!(error = error.for_log(), "the outcome of a commit is unknown");
            (
                UNAVAILABLE,
                "It may or may not have been done: try again with the same idempotency key.".to_owned(),
            )
        }
        Error::Internal(_) => {
            tracing::error!(error = error.for_log(), "a fault");
            (INTERNAL, "Something went wrong on our side.".to_owned())
        }
    };
    async_graphql::Error::new(text).extend_with(|_, extensions| {
        extensions.set("code", code);
        if code == UNAVAILABLE {
            extensions.set("retryAfterMs", RETRY_AFTER_MS);
        }
    })
}
