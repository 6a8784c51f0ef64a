//! The bytes of one ledger entry, for the hash that chains it to the one before.
//!
//! The encoding is fixed for ever: a version byte, then each field in a fixed order. Fields of
//! fixed length stand bare, optional ones behind a byte 0 or 1, text behind its length. So no two
//! different entries share their bytes, and a value moved from one field to the next shows (B-1).
//! Codes of enumerations are written out here and do not follow the order of their declaration.
//! The store hashes the bytes; nothing is hashed in this crate.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Counter, EntryKind, GrantCause, Movement};
use crate::id::{EngagementId, LedgerEntryId, PaymentId, PeriodId, TimeEntryId};

/// Everything of one entry that its hash vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryFacts<'a> {
    /// Whose ledger it is.
    pub engagement_id: EngagementId,
    /// The version that it made (B-3).
    pub number: i32,
    /// The period whose counters it changed.
    pub period_id: PeriodId,
    /// Kind, counter, signed minutes and cause.
    pub movement: Movement,
    /// The entry that it takes back.
    pub reverses_id: Option<LedgerEntryId>,
    /// The logged time behind it.
    pub time_entry_id: Option<TimeEntryId>,
    /// The payment behind it.
    pub payment_id: Option<PaymentId>,
    /// The user or key that made it; none for the system.
    pub actor_id: Option<Uuid>,
    /// Words given with it.
    pub note: Option<&'a str>,
    /// When it was made; whole milliseconds count.
    pub created_at: DateTime<Utc>,
    /// The hash of the entry before it; zeros for the first.
    pub previous_hash: [u8; 32],
}

const VERSION: u8 = 1;

/// The unambiguous bytes of an entry, stable over releases.
pub fn canonical(facts: &EntryFacts<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(200);
    bytes.push(VERSION);
    bytes.extend(facts.previous_hash);
    bytes.extend(facts.engagement_id.0.as_bytes());
    bytes.extend(facts.number.to_be_bytes());
    bytes.extend(facts.period_id.0.as_bytes());
    bytes.push(kind_code(facts.movement.kind));
    bytes.push(counter_code(facts.movement.counter));
    bytes.extend(facts.movement.minutes.to_be_bytes());
    bytes.push(facts.movement.cause.map_or(0, cause_code));
    put_id(&mut bytes, facts.reverses_id.map(Uuid::from));
    put_id(&mut bytes, facts.time_entry_id.map(Uuid::from));
    put_id(&mut bytes, facts.payment_id.map(Uuid::from));
    put_id(&mut bytes, facts.actor_id);
    match facts.note {
        None => bytes.push(0),
        Some(note) => {
            bytes.push(1);
            bytes.extend((note.len() as u64).to_be_bytes());
            bytes.extend(note.as_bytes());
        }
    }
    bytes.extend(facts.created_at.timestamp_millis().to_be_bytes());
    bytes
}

fn put_id(bytes: &mut Vec<u8>, id: Option<Uuid>) {
    bytes.push(u8::from(id.is_some()));
    bytes.extend(id.iter().flat_map(|id| id.as_bytes()));
}

fn kind_code(kind: EntryKind) -> u8 {
    match kind {
        EntryKind::Grant => 1,
        EntryKind::Usage => 2,
        EntryKind::Reversal => 3,
        EntryKind::Adjustment => 4,
        EntryKind::Expiry => 5,
        EntryKind::Transfer => 6,
    }
}

fn counter_code(counter: Counter) -> u8 {
    match counter {
        Counter::Granted => 1,
        Counter::Transferred => 2,
        Counter::Adjusted => 3,
        Counter::Used => 4,
        Counter::Expired => 5,
    }
}

fn cause_code(cause: GrantCause) -> u8 {
    match cause {
        GrantCause::Period => 1,
        GrantCause::LatePayment => 2,
        GrantCause::TopUp => 3,
        GrantCause::Extension => 4,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn facts() -> EntryFacts<'static> {
        EntryFacts {
            engagement_id: EngagementId(Uuid::from_u128(1)),
            number: 7,
            period_id: PeriodId(Uuid::from_u128(2)),
            movement: Movement::grant(60, GrantCause::TopUp).expect("a grant"),
            reverses_id: None,
            time_entry_id: None,
            payment_id: None,
            actor_id: None,
            note: None,
            created_at: DateTime::UNIX_EPOCH,
            previous_hash: [0; 32],
        }
    }

    /// B-1: the bytes of a release are the bytes of every later one.
    #[test]
    fn b1_bytes_are_fixed() {
        let bytes = canonical(&EntryFacts { note: Some("ok"), ..facts() });
        let mut expected = vec![1];
        expected.extend([0; 32]);
        expected.extend(1u128.to_be_bytes());
        expected.extend([0, 0, 0, 7]);
        expected.extend(2u128.to_be_bytes());
        expected.extend([1, 1, 0, 0, 0, 60, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, b'o', b'k']);
        expected.extend([0; 8]);
        assert_eq!(bytes, expected);
    }

    /// B-1: a change of any field changes the bytes, and the same value in another field differs.
    #[test]
    fn b1_every_field_counts() {
        let id = Uuid::from_u128(9);
        let usage = Movement::usage(60).expect("a usage");
        let all = [
            facts(),
            EntryFacts { engagement_id: id.into(), ..facts() },
            EntryFacts { number: 8, ..facts() },
            EntryFacts { period_id: id.into(), ..facts() },
            EntryFacts { movement: usage, ..facts() },
            EntryFacts { movement: Movement { kind: EntryKind::Reversal, ..usage }, ..facts() },
            EntryFacts { movement: Movement { counter: Counter::Expired, ..usage }, ..facts() },
            EntryFacts { movement: Movement { minutes: -61, ..usage }, ..facts() },
            EntryFacts { movement: Movement::grant(60, GrantCause::Period).expect("a grant"), ..facts() },
            EntryFacts { reverses_id: Some(id.into()), ..facts() },
            EntryFacts { time_entry_id: Some(id.into()), ..facts() },
            EntryFacts { payment_id: Some(id.into()), ..facts() },
            EntryFacts { actor_id: Some(id), ..facts() },
            EntryFacts { note: Some(""), ..facts() },
            EntryFacts { note: Some("\0"), ..facts() },
            EntryFacts { created_at: DateTime::UNIX_EPOCH + chrono::TimeDelta::milliseconds(1), ..facts() },
            EntryFacts { previous_hash: [1; 32], ..facts() },
        ];
        let distinct: BTreeSet<_> = all.iter().map(canonical).collect();
        assert_eq!(distinct.len(), all.len());
    }
}
