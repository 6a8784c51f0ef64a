//! What is to be done for a client: a development plan or an implementation document (`P-1`).

use chrono::{DateTime, Utc};
use domain::id::{ClientId, PlanId};
use domain::plan::{PlanKind, PlanStatus};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PlanId,
    pub client_id: ClientId,
    pub kind: PlanKind,
    pub title: String,
    pub status: PlanStatus,
    /// From 1; sign-offs are bound to it.
    pub revision: i32,
    /// The overall estimate, given by hand (`C-3`).
    pub estimate_minutes: Option<i32>,
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
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
