//! What a client's person answered to a report (`R-4`); never changed, a later answer stands beside it.

use chrono::{DateTime, Utc};
use domain::id::{ClientId, ReportAnswerId, UserId, WeeklyReportId};
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "report_answer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReportAnswerId,
    pub report_id: WeeklyReportId,
    pub client_id: ClientId,
    pub user_id: UserId,
    /// 1 to 5.
    pub satisfaction: i32,
    pub comment: Option<String>,
    /// What should be different from now on.
    pub changes_wanted: Option<String>,
    pub created_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::weekly_report::Entity",
        from = "Column::ReportId",
        to = "super::weekly_report::Column::Id"
    )]
    Report,
    #[sea_orm(
        belongs_to = "super::client::Entity",
        from = "Column::ClientId",
        to = "super::client::Column::Id"
    )]
    Client,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::UserId", to = "super::user::Column::Id")]
    User,
}

impl Related<super::weekly_report::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Report.def()
    }
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
