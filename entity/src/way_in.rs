//! How a client came to support: an implementation completed, or an audit with its findings (`C-1`).

use chrono::{DateTime, NaiveDate, Utc};
use domain::client::WayInKind;
use domain::id::{ClientId, UserId, WayInId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "way_in")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WayInId,
    pub client_id: ClientId,
    pub kind: WayInKind,
    pub completed_on: NaiveDate,
    /// Never absent for an audit.
    pub findings: Option<String>,
    pub note: Option<String>,
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
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
