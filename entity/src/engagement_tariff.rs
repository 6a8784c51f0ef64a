//! The terms of an engagement from a period on (`E-5`).

use chrono::{DateTime, Utc};
use domain::id::{EngagementId, TariffRevisionId, UserId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "engagement_tariff")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub engagement_id: EngagementId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_period: i32,
    pub tariff_revision_id: TariffRevisionId,
    pub created_by: Option<UserId>,
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
    #[sea_orm(
        belongs_to = "super::tariff_revision::Entity",
        from = "Column::TariffRevisionId",
        to = "super::tariff_revision::Column::Id"
    )]
    TariffRevision,
}

impl Related<super::engagement::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Engagement.def()
    }
}

impl Related<super::tariff_revision::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::TariffRevision.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
