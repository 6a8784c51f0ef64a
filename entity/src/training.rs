//! A lesson for a client's people (`K-2`).

use chrono::{DateTime, Utc};
use domain::id::{BlockId, ClientId, TaskId, TrainingId, UserId};
use domain::knowledge::TrainingStatus;
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "training")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TrainingId,
    pub client_id: ClientId,
    pub block_id: Option<BlockId>,
    pub task_id: Option<TaskId>,
    pub title: String,
    /// The folded title, for sorting and search.
    pub title_key: String,
    pub description: Option<String>,
    pub status: TrainingStatus,
    pub starts_at: DateTime<Utc>,
    pub place: Option<String>,
    pub trainer_id: UserId,
    /// Whether it is for all of the client's people rather than for those who are named.
    pub everyone: bool,
    pub cancel_reason: Option<String>,
    /// When it was recorded as held, or cancelled.
    pub closed_at: Option<DateTime<Utc>>,
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
    #[sea_orm(belongs_to = "super::block::Entity", from = "Column::BlockId", to = "super::block::Column::Id")]
    Block,
    #[sea_orm(belongs_to = "super::task::Entity", from = "Column::TaskId", to = "super::task::Column::Id")]
    Task,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::TrainerId", to = "super::user::Column::Id")]
    Trainer,
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
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

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Trainer.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
