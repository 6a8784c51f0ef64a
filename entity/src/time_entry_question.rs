//! What a client asked about an entry, and the answer (`W-5`).

use chrono::{DateTime, Utc};
use domain::id::{ClientId, TimeEntryId, TimeEntryQuestionId, UserId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "time_entry_question")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TimeEntryQuestionId,
    pub client_id: ClientId,
    /// The entry that stands now: a question follows corrections.
    pub time_entry_id: TimeEntryId,
    /// The entry as it was when it was asked about.
    pub asked_of_id: TimeEntryId,
    pub asked_by: UserId,
    pub text: String,
    pub asked_at: DateTime<Utc>,
    /// Answered whole or not at all.
    pub answered_by: Option<UserId>,
    pub answer: Option<String>,
    pub answered_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
