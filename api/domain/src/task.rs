//! Tasks: the parts of a block, or of a client's inbox.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where a task stands.
    TaskStatus {
        /// Asked for by the client, in the inbox.
        Requested,
        /// Planned into a block.
        Planned,
        /// Being worked on.
        InProgress,
        /// Done by the provider, waiting to be accepted.
        InReview,
        /// Stopped for now.
        Paused,
        /// Accepted.
        Done,
        /// Given up, with a reason.
        Cancelled,
    }
}
