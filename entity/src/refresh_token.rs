//! A refresh token of a sign-in; only its hash is kept (`A-3`).

use chrono::{DateTime, Utc};
use domain::id::{RefreshTokenId, SignInId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RefreshTokenId,
    pub sign_in_id: SignInId,
    /// SHA-256 of the token; unique.
    pub token_hash: Vec<u8>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub spent_at: Option<DateTime<Utc>>,
    pub successor_id: Option<RefreshTokenId>,
    /// The successor, encrypted under a key that only the spent token gives; for a short while.
    pub successor_sealed: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::sign_in::Entity",
        from = "Column::SignInId",
        to = "super::sign_in::Column::Id"
    )]
    SignIn,
}

impl Related<super::sign_in::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::SignIn.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
