//! A payment on record (`E-4`).

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::{EngagementId, PaymentId, UserId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PaymentId,
    pub engagement_id: EngagementId,
    /// The payer's own; once in an engagement.
    pub reference: String,
    pub paid_on: NaiveDate,
    /// Minor units of the currency.
    pub amount_minor: i64,
    pub currency: String,
    pub recorded_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
    /// Minutes that came too late for any period.
    pub unused_minutes: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::engagement::Entity",
        from = "Column::EngagementId",
        to = "super::engagement::Column::Id"
    )]
    Engagement,
}

impl Related<super::engagement::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Engagement.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
