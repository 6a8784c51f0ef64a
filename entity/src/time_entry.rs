//! Who did what for how many minutes, on which day (`W-1`). A corrected entry is history and no longer counts (`W-4`).

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::{ClientId, EngagementId, PeriodId, TaskId, TimeEntryId, UserId};
use domain::stage::Stage;
use domain::time_entry::Activity;
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "time_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TimeEntryId,
    pub client_id: ClientId,
    pub engagement_id: EngagementId,
    pub period_id: PeriodId,
    pub task_id: Option<TaskId>,
    /// Whose time it is.
    pub user_id: UserId,
    /// Who wrote it down.
    pub logged_by: UserId,
    /// A day of the client's calendar.
    pub worked_on: NaiveDate,
    pub minutes: i32,
    pub activity: Activity,
    pub note: String,
    pub stage: Option<Stage>,
    /// As the service said when it was logged (`W-6`).
    pub draws_on_balance: bool,
    pub corrects_id: Option<TimeEntryId>,
    pub corrected_at: Option<DateTime<Utc>>,
    pub corrected_by: Option<UserId>,
    pub correction_reason: Option<String>,
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
    #[sea_orm(
        belongs_to = "super::engagement::Entity",
        from = "Column::EngagementId",
        to = "super::engagement::Column::Id"
    )]
    Engagement,
    #[sea_orm(
        belongs_to = "super::period::Entity",
        from = "Column::PeriodId",
        to = "super::period::Column::Id"
    )]
    Period,
    #[sea_orm(belongs_to = "super::task::Entity", from = "Column::TaskId", to = "super::task::Column::Id")]
    Task,
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::UserId", to = "super::user::Column::Id")]
    User,
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl Related<super::engagement::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Engagement.def()
    }
}

impl Related<super::period::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Period.def()
    }
}

impl Related<super::task::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Task.def()
    }
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
