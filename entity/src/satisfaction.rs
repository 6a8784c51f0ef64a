//! A figure of a client's satisfaction, 1 to 5 (`M-1`, `R-4`).

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::{ClientId, EngagementId, MeetingId, SatisfactionId, UserId};
use domain::meeting::SatisfactionSource;
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "satisfaction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SatisfactionId,
    pub client_id: ClientId,
    pub engagement_id: Option<EngagementId>,
    pub meeting_id: Option<MeetingId>,
    pub report_answer_id: Option<Uuid>,
    pub source: SatisfactionSource,
    pub score: i32,
    pub note: Option<String>,
    /// The client's day.
    pub on_day: NaiveDate,
    pub recorded_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
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
    #[sea_orm(
        belongs_to = "super::meeting::Entity",
        from = "Column::MeetingId",
        to = "super::meeting::Column::Id"
    )]
    Meeting,
    #[sea_orm(
        belongs_to = "super::user::Entity",
        from = "Column::RecordedBy",
        to = "super::user::Column::Id"
    )]
    RecordedBy,
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

impl Related<super::meeting::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Meeting.def()
    }
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::RecordedBy.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
