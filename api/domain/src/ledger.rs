//! The hour ledger: movements of minutes and the counters that they make.
//!
//! Minutes move only by entries, which are never changed (B-1). A period's counters are a cache of
//! the sum of its entries (B-2): [`Counters::apply`] is the one way to move them, for the write that
//! appends an entry as well as for the check that recomputes all, so the two cannot disagree.
//!
//! A movement carries its signed effect on the net balance; which counter takes it, and with which
//! sign, follows from the counter alone: what is used or expired rises as the balance falls. The
//! version of a balance is the number of its engagement's last movement (B-3), kept by the store.
//! Writers take turns on one engagement there (B-12); nothing here depends on their order but the
//! refusal of overage.
//!
//! `overage` holds the rules of what may be logged beyond the balance, `chain` the bytes that are hashed.

mod chain;
mod overage;

pub use chain::{EntryFacts, canonical};
pub use overage::{LatePaymentSplit, LateUse, LedgerRefusal, OverageDecision, late, late_payment, settle};

use thiserror::Error;

use crate::tariff::UnusedMinutes;
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

/// The counters of one period, in minutes; the default is a period without movements (B-2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Granted, top-ups included; never below 0.
    pub granted: i32,
    /// Carried in (positive) or out (negative).
    pub transferred: i32,
    /// Corrections, either way.
    pub adjusted: i32,
    /// Used; never below 0.
    pub used: i32,
    /// Expired; never below 0.
    pub expired: i32,
}

/// One movement of minutes, before it has a number, an engagement and a cause in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement {
    /// What it is.
    pub kind: EntryKind,
    /// The counter that it changes.
    pub counter: Counter,
    /// The signed effect on the net balance, in minutes; never 0.
    pub minutes: i32,
    /// Why minutes were granted; given exactly for a GRANT.
    pub cause: Option<GrantCause>,
}

/// Why a movement cannot be made or applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LedgerError {
    /// A counter or the balance would pass what 32 bits hold (T16).
    #[error("minutes are out of range")]
    Overflow,
    /// Granted, used or expired would fall below 0.
    #[error("a counter would fall below zero")]
    BelowZero(Counter),
    /// The minutes are 0, or have a sign that the kind does not allow.
    #[error("the minutes of the movement have the wrong sign")]
    WrongMinutes,
    /// The kind does not change that counter, or its cause is missing or too many.
    #[error("the movement does not belong to its counter")]
    Misplaced,
    /// More is reversed than was moved, or a reversal is reversed.
    #[error("the movement cannot be reversed by so much")]
    NotReversible,
}

impl Movement {
    /// Gives `minutes` (above 0) to a period, for a named cause (E-4).
    pub fn grant(minutes: i32, cause: GrantCause) -> Result<Self, LedgerError> {
        Self { kind: EntryKind::Grant, counter: Counter::Granted, minutes, cause: Some(cause) }.checked()
    }

    /// Uses `minutes` (above 0) for logged time.
    pub fn usage(minutes: i32) -> Result<Self, LedgerError> {
        Self::of(EntryKind::Usage, Counter::Used, minutes.checked_neg()).checked()
    }

    /// Lets `minutes` (above 0) of a period expire at its end (B-4).
    pub fn expiry(minutes: i32) -> Result<Self, LedgerError> {
        Self::of(EntryKind::Expiry, Counter::Expired, minutes.checked_neg()).checked()
    }

    /// Corrects the balance by `minutes`, either way but not 0 (W-4, B-7).
    pub fn adjustment(minutes: i32) -> Result<Self, LedgerError> {
        Self::of(EntryKind::Adjustment, Counter::Adjusted, Some(minutes)).checked()
    }

    /// Carries `minutes` into the period (above 0) or out of it (below 0); the other period gets
    /// the opposite (B-7).
    pub fn transfer(minutes: i32) -> Result<Self, LedgerError> {
        Self::of(EntryKind::Transfer, Counter::Transferred, Some(minutes)).checked()
    }

    /// Takes `part` minutes (above 0, at most what it moved) of `original` back, in its counter
    /// (B-2). A reversal itself is not reversed: what it took back is moved anew.
    pub fn reversal_of(original: &Movement, part: i32) -> Result<Self, LedgerError> {
        let whole = original.minutes.unsigned_abs();
        if original.kind == EntryKind::Reversal || part.unsigned_abs() > whole {
            return Err(LedgerError::NotReversible);
        }
        if part <= 0 {
            return Err(LedgerError::WrongMinutes);
        }
        let minutes = if original.minutes > 0 { -part } else { part };
        Self { kind: EntryKind::Reversal, counter: original.counter, minutes, cause: None }.checked()
    }

    /// `minutes` is absent where its sign could not be turned; 0 is refused by the check.
    fn of(kind: EntryKind, counter: Counter, minutes: Option<i32>) -> Self {
        Self { kind, counter, minutes: minutes.unwrap_or(0), cause: None }
    }

    /// The movement itself if kind, counter, sign and cause belong together (B-1).
    fn checked(self) -> Result<Self, LedgerError> {
        let (counter, sign) = match self.kind {
            EntryKind::Grant => (Counter::Granted, 1),
            EntryKind::Usage => (Counter::Used, -1),
            EntryKind::Expiry => (Counter::Expired, -1),
            EntryKind::Adjustment => (Counter::Adjusted, 0),
            EntryKind::Transfer => (Counter::Transferred, 0),
            EntryKind::Reversal => (self.counter, 0),
        };
        if counter != self.counter || self.cause.is_some() != (self.kind == EntryKind::Grant) {
            return Err(LedgerError::Misplaced);
        }
        if self.minutes == 0 || (sign != 0 && self.minutes.signum() != sign) {
            return Err(LedgerError::WrongMinutes);
        }
        Ok(self)
    }
}

impl Counters {
    /// What may be used in the period: granted + transferred + adjusted, in minutes (B-6).
    pub fn available(self) -> i32 {
        clamp(self.available_wide())
    }

    /// The balance before it is split into remaining and overage, in minutes (B-2).
    pub fn net(self) -> i32 {
        clamp(self.net_wide())
    }

    /// Minutes left, never below 0 (B-2, B-7).
    pub fn remaining(self) -> i32 {
        self.net().max(0)
    }

    /// Minutes used beyond the balance; 0 while anything is left (B-2, B-7).
    pub fn overage(self) -> i32 {
        self.net().saturating_neg().max(0)
    }

    /// The counters after one movement (B-2).
    ///
    /// # Errors
    /// A movement whose parts do not belong together; a counter or sum that leaves the range; a
    /// counter below 0 that cannot be: granted, used, expired.
    pub fn apply(self, movement: &Movement) -> Result<Self, LedgerError> {
        let Movement { counter, minutes, .. } = movement.checked()?;
        let mut next = self;
        let (value, moved) = match counter {
            Counter::Granted => (&mut next.granted, self.granted.checked_add(minutes)),
            Counter::Transferred => (&mut next.transferred, self.transferred.checked_add(minutes)),
            Counter::Adjusted => (&mut next.adjusted, self.adjusted.checked_add(minutes)),
            Counter::Used => (&mut next.used, self.used.checked_sub(minutes)),
            Counter::Expired => (&mut next.expired, self.expired.checked_sub(minutes)),
        };
        *value = moved.ok_or(LedgerError::Overflow)?;
        let signed = matches!(counter, Counter::Transferred | Counter::Adjusted);
        if !signed && *value < 0 {
            return Err(LedgerError::BelowZero(counter));
        }
        let exact = |sum: i64| sum.unsigned_abs() <= i32::MAX as u64;
        if exact(next.available_wide()) && exact(next.net_wide()) {
            Ok(next)
        } else {
            Err(LedgerError::Overflow)
        }
    }

    /// The counters as an ended period reads, whether or not its expiry is written yet: what was
    /// left stands as expired where the tariff lets it expire (B-4).
    pub fn ended(self, unused: UnusedMinutes) -> Self {
        match unused {
            UnusedMinutes::Expire => Self { expired: self.expired.saturating_add(self.remaining()), ..self },
            UnusedMinutes::Keep => self,
        }
    }

    fn available_wide(self) -> i64 {
        i64::from(self.granted) + i64::from(self.transferred) + i64::from(self.adjusted)
    }

    fn net_wide(self) -> i64 {
        self.available_wide() - i64::from(self.used) - i64::from(self.expired)
    }
}

/// The EXPIRY of a period whose unused minutes end with it; none where nothing is left (B-4, B-9).
pub fn expire(counters: Counters) -> Option<Movement> {
    Movement::expiry(counters.remaining()).ok()
}

/// Exact for counters made by `apply`, which refuses sums beyond the range.
fn clamp(sum: i64) -> i32 {
    sum.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

#[cfg(test)]
mod tests;
