//! Blocks: the parts of a plan.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where a block stands.
    BlockStatus {
        /// Not begun.
        Planned,
        /// Being worked on.
        InProgress,
        /// Demonstrated, waiting for the client.
        InReview,
        /// Confirmed by the client.
        Confirmed,
    }
}
