//! One version of a tariff's terms; never changed, so that whoever bought it keeps it (`E-1`).

use chrono::{DateTime, Utc};
use domain::id::{TariffId, TariffRevisionId, UserId};
use domain::tariff::{GrantRule, UnusedMinutes};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tariff_revision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TariffRevisionId,
    pub tariff_id: TariffId,
    pub number: i32,
    /// A month, or a working day, as the grant rule says; absent where the engagement states its own.
    pub minutes: Option<i32>,
    pub grant_rule: GrantRule,
    /// Absent: until cancelled.
    pub length_months: Option<i32>,
    pub unused: UnusedMinutes,
    /// Minor units of the currency.
    pub price_minor: Option<i64>,
    pub currency: Option<String>,
    pub created_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::tariff::Entity",
        from = "Column::TariffId",
        to = "super::tariff::Column::Id"
    )]
    Tariff,
}

impl Related<super::tariff::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Tariff.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
