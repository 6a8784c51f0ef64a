//! A warning on a period's balance that was told (`B-5`, `B-6`).

use chrono::{DateTime, Utc};
use domain::alert::WarningKind;
use domain::id::PeriodId;
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "balance_warning")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub period_id: PeriodId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: WarningKind,
    /// Minutes that there were to use: more of them arm the warning again.
    pub available_minutes: i32,
    pub told_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::period::Entity",
        from = "Column::PeriodId",
        to = "super::period::Column::Id"
    )]
    Period,
}

impl Related<super::period::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Period.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
