//! A member's minutes a month held for an engagement (`T-2`).

use chrono::{DateTime, Utc};
use domain::id::{EngagementId, ReservationId, UserId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reservation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReservationId,
    pub engagement_id: EngagementId,
    pub user_id: UserId,
    pub minutes: i32,
    pub from_period: i32,
    /// The first period in which they are no longer held.
    pub until_period: Option<i32>,
    /// The administrator who let the capacity be passed.
    pub override_by: Option<UserId>,
    pub override_reason: Option<String>,
    pub created_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::engagement::Entity",
        from = "Column::EngagementId",
        to = "super::engagement::Column::Id"
    )]
    Engagement,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::UserId", to = "super::user::Column::Id")]
    User,
}

impl Related<super::engagement::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Engagement.def()
    }
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
