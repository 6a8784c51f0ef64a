//! Partial updates, as inputs and as the answer to a conflict.

use async_graphql::MaybeUndefined;
use domain::refusal::ErrorCode;

use super::error::UserError;
use crate::error::Refusal;
use crate::usecase::patch::Patch;

/// What is absent keeps, null clears.
pub fn patch<T>(value: MaybeUndefined<T>) -> Patch<T> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

/// The error of an edit that somebody else was faster with.
pub fn conflict() -> UserError {
    Refusal::new(ErrorCode::Conflict, "It was changed meanwhile; the payload holds its present state.")
        .at("expectedVersion")
        .into()
}
