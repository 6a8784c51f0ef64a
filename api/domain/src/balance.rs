//! The state of an engagement's current hours, as it is shown, pushed and compared (B-2, B-3, L-1).

use chrono::{DateTime, NaiveDate, Utc};

use crate::alert::{WarningKind, next_change_at};
use crate::id::{ClientId, EngagementId, PeriodId, TariffRevisionId};
use crate::ledger::Counters;

/// The days and figures of the period that a balance is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentPeriod {
    pub id: PeriodId,
    pub number: i32,
    pub starts_on: NaiveDate,
    /// The first day that no longer belongs to it.
    pub ends_on: NaiveDate,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub terms: TariffRevisionId,
    pub approved_overage_minutes: i32,
    pub counters: Counters,
}

/// The whole state of an engagement's hours at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    pub engagement_id: EngagementId,
    pub client_id: ClientId,
    pub period: CurrentPeriod,
    /// Counts the engagement's movements through all its periods (B-3).
    pub version: i32,
    pub as_of: DateTime<Utc>,
    /// When unused minutes end; none where they are kept.
    pub expires_at: Option<DateTime<Utc>>,
    pub warnings: Vec<WarningKind>,
}

impl Balance {
    /// Whether two states read alike, the moment of reading aside: a push that would say the same is not sent (L-1).
    pub fn reads_like(&self, other: &Self) -> bool {
        Self { as_of: other.as_of, ..self.clone() } == *other
    }

    /// The next moment at which the clock alone changes what it reads: a warning, the period's end.
    pub fn changes_at(&self) -> Option<DateTime<Utc>> {
        next_change_at(self.period.ends_at, self.as_of)
    }
}
