//! A key that an actor has used, and what it made; a replay reads that again with today's rights.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait,
};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    /// Who used the key: it is the actor's own.
    #[sea_orm(primary_key, auto_increment = false)]
    pub actor_key: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Uuid,
    pub operation: String,
    /// SHA-256 of the input, so that another input is noticed.
    pub input_hash: Vec<u8>,
    /// JSON list of ids.
    pub made: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
