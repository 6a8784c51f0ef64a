//! A service offered: its norms and start conditions are data, not code.

use chrono::{DateTime, Utc};
use domain::id::ServiceId;
use domain::plan::PlanKind;
use domain::tariff::DrawScope;
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ServiceId,
    pub code: String,
    pub name_en: String,
    pub name_ru: String,
    /// The kind of plan that its engagements work on.
    pub plan_kind: Option<PlanKind>,
    /// Whose minutes draw on the balance (`W-6`).
    pub draw_scope: DrawScope,
    /// Names of `StartCondition`, joined by commas (`E-2`).
    pub start_conditions: String,
    /// Projects that one specialist carries at once (`T-3`).
    pub project_limit: Option<i32>,
    /// A specialist's minutes a month for one project (`T-4`).
    pub monthly_norm_minutes: Option<i32>,
    /// Whether work and contact are checked daily (`Q-1`).
    pub daily_checks: bool,
    /// Counts the edits, from 1; an update names the one it saw.
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
