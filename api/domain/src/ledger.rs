//! The hour ledger.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a movement of minutes is.
    EntryKind {
        /// Minutes given to a period.
        Grant,
        /// Minutes used by logged time.
        Usage,
        /// A movement taken back, in part or whole.
        Reversal,
        /// A correction that belongs to no logged time of the period.
        Adjustment,
        /// Unused minutes ending with their period.
        Expiry,
        /// Minutes carried between periods of one engagement.
        Transfer,
    }
    /// Why minutes were granted.
    GrantCause {
        /// The period's own minutes.
        Period,
        /// A payment recorded after the period's first day.
        LatePayment,
        /// Hours bought in addition.
        TopUp,
        /// A longer term.
        Extension,
    }
    /// The counter of a period that a movement changes.
    Counter {
        /// Minutes granted.
        Granted,
        /// Minutes carried in (positive) or out (negative).
        Transferred,
        /// Corrections.
        Adjusted,
        /// Minutes used.
        Used,
        /// Minutes expired.
        Expired,
    }
}
