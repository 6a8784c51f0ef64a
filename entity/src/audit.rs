//! Who changed what, when, from what to what (`I-4`); never changed. Names nothing by foreign key: it outlives its objects.

use chrono::{DateTime, Utc};
use domain::id::{AuditId, ClientId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait,
};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditId,
    pub at: DateTime<Utc>,
    /// `user:<uuid>`, `key:<uuid>`, `system:<job>` or `anonymous`.
    pub actor: String,
    pub actor_id: Option<Uuid>,
    pub client_id: Option<ClientId>,
    pub request_id: String,
    pub action: String,
    /// The type changed.
    pub object: String,
    pub object_id: Option<Uuid>,
    /// JSON.
    pub before: Option<String>,
    /// JSON.
    pub after: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
