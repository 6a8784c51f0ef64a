//! What the checks of a working day found of an engagement (`Q-1`).

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::EngagementId;
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "daily_check")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub engagement_id: EngagementId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: NaiveDate,
    /// Time was logged for the day.
    pub worked: bool,
    /// The client was talked to.
    pub in_contact: bool,
    pub checked_at: DateTime<Utc>,
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
