//! A company served (`C-4`).

use chrono::{DateTime, Utc};
use domain::calendar::Weekday;
use domain::client::{CrmKind, Locale, SetUpBy};
use domain::id::{ClientId, UserId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClientId,
    pub name: String,
    /// The folded name, for sorting and search.
    pub name_key: String,
    /// Its id in an outside system; unique.
    pub external_id: Option<String>,
    pub crm_kind: CrmKind,
    pub crm_url: Option<String>,
    pub set_up_by: SetUpBy,
    pub licences: Option<i32>,
    pub line_of_business: Option<String>,
    pub goals: Option<String>,
    /// The contact responsible.
    pub contact_id: Option<UserId>,
    pub locale: Locale,
    /// IANA name; days and months are counted in it.
    pub time_zone: String,
    /// The shared chat (`C-8`).
    pub chat_url: Option<String>,
    /// The day of the week on which its report is made (`R-1`).
    pub report_weekday: Weekday,
    /// The hour of that day, 0 to 23, in the client's time zone.
    pub report_hour: i32,
    /// Sees the client when in sales.
    pub created_by: Option<UserId>,
    /// Counts the edits, from 1; an update names the one it saw.
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
