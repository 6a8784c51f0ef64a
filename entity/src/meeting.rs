//! A call or visit (`M-1`).

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::{ClientId, EngagementId, MeetingId, UserId};
use domain::meeting::{MeetingKind, MeetingStatus};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meeting")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MeetingId,
    pub client_id: ClientId,
    pub engagement_id: EngagementId,
    pub kind: MeetingKind,
    pub status: MeetingStatus,
    /// The local day that a rhythm planned it for; it stays when the meeting is moved.
    pub planned_on: Option<NaiveDate>,
    pub starts_at: DateTime<Utc>,
    pub duration_minutes: i32,
    pub place: Option<String>,
    pub satisfaction: Option<i32>,
    pub notes: Option<String>,
    pub cancel_reason: Option<String>,
    pub created_by: Option<UserId>,
    /// When it was recorded as held, or cancelled.
    pub closed_at: Option<DateTime<Utc>>,
    pub closed_by: Option<UserId>,
    /// Counts the edits, from 1; an update names the one it saw.
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::client::Entity",
        from = "Column::ClientId",
        to = "super::client::Column::Id"
    )]
    Client,
    #[sea_orm(
        belongs_to = "super::engagement::Entity",
        from = "Column::EngagementId",
        to = "super::engagement::Column::Id"
    )]
    Engagement,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::CreatedBy", to = "super::user::Column::Id")]
    CreatedBy,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::ClosedBy", to = "super::user::Column::Id")]
    ClosedBy,
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl Related<super::engagement::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Engagement.def()
    }
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::CreatedBy.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
