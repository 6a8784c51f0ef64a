//! A person's running timer (`W-3`); one at the most.

use chrono::{DateTime, Utc};
use domain::id::{EngagementId, TaskId, TimerId, UserId};
use domain::time_entry::Activity;
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "timer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TimerId,
    pub user_id: UserId,
    pub engagement_id: EngagementId,
    pub task_id: Option<TaskId>,
    pub activity: Activity,
    /// Required only once it is stopped.
    pub note: Option<String>,
    pub started_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
