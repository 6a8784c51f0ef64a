//! One client buying one tariff, from a day; in DRAFT it is the offer (`E-2`).

use chrono::{DateTime, NaiveDate, Utc};
use domain::engagement::{EngagementStatus, OveragePolicy};
use domain::id::{ClientId, EngagementId, PlanId, ServiceId, TariffRevisionId, UserId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "engagement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EngagementId,
    pub client_id: ClientId,
    pub service_id: ServiceId,
    /// The terms it was bought on.
    pub tariff_revision_id: TariffRevisionId,
    pub plan_id: Option<PlanId>,
    pub seller_id: Option<UserId>,
    pub status: EngagementStatus,
    /// The client's, fixed at the start.
    pub time_zone: Option<String>,
    pub starts_on: Option<NaiveDate>,
    /// The first day no longer served.
    pub ends_on: Option<NaiveDate>,
    /// `B-7`.
    pub overage_policy: OveragePolicy,
    /// Whether periods after the first are granted without payment (`E-4`).
    pub grant_unpaid: bool,
    /// Minutes of an engagement whose tariff states none.
    pub own_minutes: Option<i32>,
    pub own_length_months: Option<i32>,
    /// Minor units of the currency.
    pub price_minor: Option<i64>,
    pub currency: Option<String>,
    pub sale_note: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub end_reason: Option<String>,
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
    #[sea_orm(
        belongs_to = "super::service::Entity",
        from = "Column::ServiceId",
        to = "super::service::Column::Id"
    )]
    Service,
    #[sea_orm(
        belongs_to = "super::tariff_revision::Entity",
        from = "Column::TariffRevisionId",
        to = "super::tariff_revision::Column::Id"
    )]
    TariffRevision,
    #[sea_orm(belongs_to = "super::plan::Entity", from = "Column::PlanId", to = "super::plan::Column::Id")]
    Plan,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::SellerId", to = "super::user::Column::Id")]
    Seller,
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl Related<super::service::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Service.def()
    }
}

impl Related<super::tariff_revision::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::TariffRevision.def()
    }
}

impl Related<super::plan::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Plan.def()
    }
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Seller.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
