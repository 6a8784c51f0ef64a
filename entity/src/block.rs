//! A part of a plan, in order of priority (`P-2`, `P-10`).

use chrono::{DateTime, Utc};
use domain::block::BlockStatus;
use domain::id::{BlockId, ClientId, PlanId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "block")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BlockId,
    pub plan_id: PlanId,
    pub client_id: ClientId,
    pub title: String,
    pub description: Option<String>,
    pub status: BlockStatus,
    pub position: i32,
    /// The sum of its tasks, as the next two.
    pub estimate_minutes: i32,
    pub development_minutes: i32,
    pub spent_minutes: i32,
    /// Counts the edits, from 1; an update names the one it saw.
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::plan::Entity", from = "Column::PlanId", to = "super::plan::Column::Id")]
    Plan,
    #[sea_orm(
        belongs_to = "super::client::Entity",
        from = "Column::ClientId",
        to = "super::client::Column::Id"
    )]
    Client,
}

impl Related<super::plan::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Plan.def()
    }
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
