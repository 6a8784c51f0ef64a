//! A point of an agenda (`M-1`).

use chrono::{DateTime, Utc};
use domain::id::{ClientId, EngagementId, MeetingId, MeetingItemId, TaskId, UserId};
use domain::meeting::AgendaSource;
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meeting_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MeetingItemId,
    pub client_id: ClientId,
    /// The engagement whose next meeting it waits for; any of the client's where absent.
    pub engagement_id: Option<EngagementId>,
    /// None while it waits for a meeting to be planned.
    pub meeting_id: Option<MeetingId>,
    pub position: i32,
    pub text: String,
    pub source: AgendaSource,
    pub task_id: Option<TaskId>,
    pub question_id: Option<Uuid>,
    pub report_answer_id: Option<Uuid>,
    pub raised_by: Option<UserId>,
    pub done: bool,
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
    #[sea_orm(belongs_to = "super::task::Entity", from = "Column::TaskId", to = "super::task::Column::Id")]
    Task,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::RaisedBy", to = "super::user::Column::Id")]
    RaisedBy,
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

impl Related<super::task::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Task.def()
    }
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::RaisedBy.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
