//! How a client's satisfaction stands: its last two figures (`M-1`).

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::{ClientId, ClientSatisfactionId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_satisfaction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClientSatisfactionId,
    pub client_id: ClientId,
    pub latest_score: i32,
    pub latest_on: NaiveDate,
    pub previous_score: Option<i32>,
    pub previous_on: Option<NaiveDate>,
    /// The latest less the one before; 0 with the first.
    pub change: i32,
    /// How many figures there are.
    pub figures: i32,
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
