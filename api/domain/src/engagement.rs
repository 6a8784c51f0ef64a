//! Engagements: one client buying one tariff, from a date.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where an engagement stands.
    EngagementStatus {
        /// The offer: nothing is bought yet.
        Draft,
        /// Running.
        Active,
        /// Stopped for some days at the client's wish.
        Paused,
        /// The work bought is done.
        Completed,
        /// Ended before its work was done, or never begun.
        Cancelled,
    }
    /// What happens to time logged beyond the balance.
    OveragePolicy {
        /// It is logged and shown as overage.
        Allowed,
        /// It is refused with BALANCE_EXHAUSTED.
        Refused,
        /// It is refused with APPROVAL_NEEDED until the client owner has approved extra minutes for the period.
        AskClient,
    }
}
