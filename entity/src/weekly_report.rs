//! A week's report to a client, frozen (`R-1`): one for each client and week, never changed.

use chrono::{DateTime, NaiveDate, Utc};
use domain::client::Locale;
use domain::id::{ClientId, WeeklyReportId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "weekly_report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WeeklyReportId,
    pub client_id: ClientId,
    /// The week's Monday.
    pub week_starts_on: NaiveDate,
    /// The client's zone when it was made.
    pub time_zone: String,
    /// The language in which it was mailed.
    pub locale: Locale,
    /// To how many addresses it was mailed.
    pub recipient_count: i32,
    /// The form of `content`.
    pub format: i32,
    /// What it holds, as JSON.
    pub content: String,
    /// When it was frozen: its cut-off.
    pub created_at: DateTime<Utc>,
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
