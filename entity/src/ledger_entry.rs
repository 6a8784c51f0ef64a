//! One signed movement of minutes; never changed, never deleted (`B-1`).

use chrono::{DateTime, Utc};
use domain::id::{EngagementId, LedgerEntryId, PaymentId, PeriodId, TimeEntryId};
use domain::ledger::{Counter, EntryKind, GrantCause};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LedgerEntryId,
    pub engagement_id: EngagementId,
    /// The version of the ledger that it made.
    pub number: i32,
    pub period_id: PeriodId,
    pub kind: EntryKind,
    pub counter: Counter,
    /// Signed: what it adds to the balance.
    pub minutes: i32,
    /// Set for a GRANT, and only for it.
    pub cause: Option<GrantCause>,
    pub reverses_id: Option<LedgerEntryId>,
    pub time_entry_id: Option<TimeEntryId>,
    pub payment_id: Option<PaymentId>,
    /// A user or a key; absent for the system.
    pub actor_id: Option<Uuid>,
    pub note: Option<String>,
    pub created_at: DateTime<Utc>,
    pub previous_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::engagement::Entity",
        from = "Column::EngagementId",
        to = "super::engagement::Column::Id"
    )]
    Engagement,
    #[sea_orm(
        belongs_to = "super::period::Entity",
        from = "Column::PeriodId",
        to = "super::period::Column::Id"
    )]
    Period,
    #[sea_orm(
        belongs_to = "super::time_entry::Entity",
        from = "Column::TimeEntryId",
        to = "super::time_entry::Column::Id"
    )]
    TimeEntry,
    #[sea_orm(
        belongs_to = "super::payment::Entity",
        from = "Column::PaymentId",
        to = "super::payment::Column::Id"
    )]
    Payment,
}

impl Related<super::engagement::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Engagement.def()
    }
}

impl Related<super::period::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Period.def()
    }
}

impl Related<super::time_entry::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::TimeEntry.def()
    }
}

impl Related<super::payment::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Payment.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
