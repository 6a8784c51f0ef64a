//! A part of a block, or of a client's inbox (`P-4`, `P-5`).

use chrono::{DateTime, Utc};
use domain::id::{BlockId, ClientId, PlanId, TaskId, UserId};
use domain::task::TaskStatus;
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskId,
    pub client_id: ClientId,
    pub plan_id: Option<PlanId>,
    pub block_id: Option<BlockId>,
    pub title: String,
    /// The folded title, for sorting and search.
    pub title_key: String,
    pub description: Option<String>,
    pub status: TaskStatus,
    /// Where it goes back to.
    pub paused_from: Option<TaskStatus>,
    pub position: i32,
    pub urgent: bool,
    pub estimate_minutes: Option<i32>,
    /// Custom code, a figure apart (`P-3`).
    pub development_minutes: Option<i32>,
    /// Warned at, never a stop (`P-6`).
    pub limit_minutes: Option<i32>,
    pub spent_minutes: i32,
    pub assignee_id: Option<UserId>,
    pub requested_by: Option<UserId>,
    pub cancel_reason: Option<String>,
    /// Its id in the client's CRM.
    pub external_id: Option<String>,
    pub external_url: Option<String>,
    pub done_at: Option<DateTime<Utc>>,
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
    #[sea_orm(belongs_to = "super::plan::Entity", from = "Column::PlanId", to = "super::plan::Column::Id")]
    Plan,
    #[sea_orm(belongs_to = "super::block::Entity", from = "Column::BlockId", to = "super::block::Column::Id")]
    Block,
    #[sea_orm(
        belongs_to = "super::user::Entity",
        from = "Column::AssigneeId",
        to = "super::user::Column::Id"
    )]
    Assignee,
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

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Assignee.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
