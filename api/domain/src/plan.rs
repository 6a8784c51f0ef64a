//! Plans and their sign-off.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a plan is for.
    PlanKind {
        /// Support: goals, directions and tasks, changed at any time.
        Development,
        /// An implementation document, signed off by both sides.
        Implementation,
    }
    /// Where a plan stands.
    PlanStatus {
        /// Being written.
        Draft,
        /// With the provider's reviewer (implementation only).
        AdminReview,
        /// With the client.
        ClientReview,
        /// Approved by the client.
        Approved,
        /// Estimated and its terms agreed (implementation only).
        Estimated,
        /// Being worked on.
        InProgress,
        /// All done.
        Completed,
    }
    /// What a person said of a revision.
    SignOffDecision {
        /// Approved, accepted or confirmed.
        Approved,
        /// Returned with a comment.
        Returned,
    }
}
