//! Warnings on a balance, computed from its state.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a balance warns of.
    WarningKind {
        /// 80 % of the period's minutes are used.
        NearlyUsed,
        /// All of the period's minutes are used.
        AllUsed,
        /// More than a tenth is unused and the period ends within seven days.
        ExpiresInAWeek,
        /// More than a tenth is unused and the period ends within two days.
        ExpiresInTwoDays,
    }
}
