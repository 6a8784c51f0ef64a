//! Partial updates: what is absent keeps, null clears.

use crate::error::{Refusal, Refusals};
use domain::refusal::ErrorCode;

/// A field of a partial update: absent, cleared, or a new value.
pub type Patch<T> = Option<Option<T>>;

/// An edit of something that may have been changed meanwhile.
#[derive(Debug)]
pub enum Edited<M> {
    Done(M),
    /// Somebody else was first; this is the present state.
    Conflict(M),
}

/// Sets a column that may be empty.
pub fn set<T>(slot: &mut Option<T>, patch: Patch<T>) {
    if let Some(value) = patch {
        *slot = value;
    }
}

/// Sets a column that may not be empty; null is refused.
pub fn set_required<T>(slot: &mut T, patch: Patch<T>, field: &'static str, refusals: &mut Refusals) {
    match patch {
        None => {}
        Some(Some(value)) => *slot = value,
        Some(None) => refusals.push(Refusal::new(ErrorCode::Invalid, "This cannot be empty.").at(field)),
    }
}
