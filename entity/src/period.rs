//! One month of an engagement, with the counters that its entries sum to (`E-3`, `B-2`).

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::{EngagementId, PeriodId, TariffRevisionId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "period")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PeriodId,
    pub engagement_id: EngagementId,
    /// From 1.
    pub number: i32,
    pub starts_on: NaiveDate,
    /// The first day of the next period.
    pub ends_on: NaiveDate,
    /// Midnight of `starts_on` in the engagement's zone.
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub tariff_revision_id: TariffRevisionId,
    pub granted_minutes: i32,
    pub transferred_minutes: i32,
    pub adjusted_minutes: i32,
    pub used_minutes: i32,
    pub expired_minutes: i32,
    /// Extra minutes that the client owner approved (`B-7`).
    pub approved_overage_minutes: i32,
    pub closed_at: Option<DateTime<Utc>>,
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
