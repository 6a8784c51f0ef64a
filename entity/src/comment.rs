//! A comment on a plan, block, task, time entry or report (`P-11`).

use chrono::{DateTime, Utc};
use domain::id::{BlockId, ClientId, CommentId, PlanId, TaskId, TimeEntryId, UserId, WeeklyReportId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "comment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CommentId,
    pub client_id: ClientId,
    /// Exactly one of plan, block, task, time entry and report is set.
    pub plan_id: Option<PlanId>,
    pub block_id: Option<BlockId>,
    pub task_id: Option<TaskId>,
    pub time_entry_id: Option<TimeEntryId>,
    pub report_id: Option<WeeklyReportId>,
    pub author_id: UserId,
    pub body: String,
    /// Seen by staff only.
    pub internal: bool,
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
    #[sea_orm(belongs_to = "super::plan::Entity", from = "Column::PlanId", to = "super::plan::Column::Id")]
    Plan,
    #[sea_orm(belongs_to = "super::block::Entity", from = "Column::BlockId", to = "super::block::Column::Id")]
    Block,
    #[sea_orm(belongs_to = "super::task::Entity", from = "Column::TaskId", to = "super::task::Column::Id")]
    Task,
    #[sea_orm(
        belongs_to = "super::time_entry::Entity",
        from = "Column::TimeEntryId",
        to = "super::time_entry::Column::Id"
    )]
    TimeEntry,
    #[sea_orm(
        belongs_to = "super::weekly_report::Entity",
        from = "Column::ReportId",
        to = "super::weekly_report::Column::Id"
    )]
    Report,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::AuthorId", to = "super::user::Column::Id")]
    Author,
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl Related<super::plan::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Plan.def()
    }
}

impl Related<super::block::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Block.def()
    }
}

impl Related<super::task::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Task.def()
    }
}

impl Related<super::time_entry::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::TimeEntry.def()
    }
}

impl Related<super::weekly_report::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Report.def()
    }
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Author.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
