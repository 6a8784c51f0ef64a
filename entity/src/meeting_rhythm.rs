//! When the weekly meeting of an engagement is (`M-1`).

use chrono::{DateTime, Utc};
use domain::calendar::Weekday;
use domain::id::{ClientId, EngagementId, UserId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meeting_rhythm")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub engagement_id: EngagementId,
    pub client_id: ClientId,
    pub weekday: Weekday,
    /// Minutes after midnight in the engagement's zone.
    pub minute_of_day: i32,
    pub duration_minutes: i32,
    pub place: Option<String>,
    pub set_by: Option<UserId>,
    /// Counts the edits, from 1; an update names the one it saw.
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
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
        belongs_to = "super::client::Entity",
        from = "Column::ClientId",
        to = "super::client::Column::Id"
    )]
    Client,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::SetBy", to = "super::user::Column::Id")]
    SetBy,
}

impl Related<super::engagement::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Engagement.def()
    }
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::SetBy.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
