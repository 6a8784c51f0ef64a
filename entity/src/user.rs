//! A person who signs in: staff of the provider, or a contact of one client.

use chrono::{DateTime, Utc};
use domain::client::Locale;
use domain::id::{ClientId, UserId};
use domain::user::{Role, UserStatus};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    pub email: String,
    /// The folded address; unique.
    pub email_key: String,
    pub name: String,
    /// The folded name, for sorting and search.
    pub name_key: String,
    pub locale: Locale,
    pub role: Role,
    /// Set for contacts of a client, and only for them.
    pub client_id: Option<ClientId>,
    pub status: UserStatus,
    pub password_hash: Option<String>,
    /// Raised to end every access token at once.
    pub session_version: i32,
    /// Minutes a month that may be reserved (`T-2`).
    pub capacity_minutes: Option<i32>,
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
