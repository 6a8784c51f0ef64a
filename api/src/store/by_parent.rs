//! Rows that hang on others, in order, for many of those at once: what plain lists of the schema are read with.
//!
//! The right to see them comes from what they hang on, so nothing here asks who reads.

use std::collections::HashMap;

use domain::id::{
    BlockId, ClientId, EngagementId, MeetingId, PlanId, ServiceId, TariffId, TaskId, TimeEntryId, TrainingId,
};
use entity::{
    block, block_dependency, engagement, engagement_tariff, goal, instruction, meeting_item,
    meeting_participant, meeting_rhythm, payment, payment_period, period, plan, reservation, sign_off,
    stage_norm, tariff_revision, task, team_member, time_entry_question, training, training_person, way_in,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::by_id::Key;

/// A table whose rows hang on something of key `K`.
pub trait Hanging<K>: EntityTrait {
    /// The column that names what they hang on.
    fn parent() -> Self::Column;
    /// How the rows of one parent are sorted.
    fn order() -> Vec<Self::Column>;
    /// What a row hangs on.
    fn key(row: &Self::Model) -> Option<K>;
}

macro_rules! hanging {
    ($($table:ident on $id:ident by $column:ident $field:ident, sorted by $($order:ident)+;)+) => {$(
        impl Hanging<$id> for $table::Entity {
            fn parent() -> $table::Column {
                $table::Column::$column
            }

            fn order() -> Vec<$table::Column> {
                vec![$($table::Column::$order),+]
            }

            fn key(row: &$table::Model) -> Option<$id> {
                row.$field.into()
            }
        }
    )+};
}

hanging! {
    team_member on ClientId by ClientId client_id, sorted by Id;
    way_in on ClientId by ClientId client_id, sorted by Id;
    stage_norm on ServiceId by ServiceId service_id, sorted by Stage;
    tariff_revision on TariffId by TariffId tariff_id, sorted by Id;
    reservation on EngagementId by EngagementId engagement_id, sorted by Id;
    plan on ClientId by ClientId client_id, sorted by CreatedAt Id;
    goal on PlanId by PlanId plan_id, sorted by Position Id;
    block on PlanId by PlanId plan_id, sorted by Position Id;
    block_dependency on BlockId by BlockId block_id, sorted by DependsOnId;
    task on BlockId by BlockId block_id, sorted by Position Id;
    sign_off on PlanId by PlanId plan_id, sorted by CreatedAt Id;
    sign_off on BlockId by BlockId block_id, sorted by CreatedAt Id;
    sign_off on TaskId by TaskId task_id, sorted by CreatedAt Id;
    time_entry_question on TimeEntryId by TimeEntryId time_entry_id, sorted by AskedAt Id;
    engagement on ClientId by ClientId client_id, sorted by Id;
    engagement_tariff on EngagementId by EngagementId engagement_id, sorted by FromPeriod;
    period on EngagementId by EngagementId engagement_id, sorted by Number;
    payment on EngagementId by EngagementId engagement_id, sorted by Id;
    payment_period on EngagementId by EngagementId engagement_id, sorted by PeriodNumber;
    meeting_rhythm on EngagementId by EngagementId engagement_id, sorted by EngagementId;
    meeting_participant on MeetingId by MeetingId meeting_id, sorted by UserId;
    meeting_item on MeetingId by MeetingId meeting_id, sorted by Position Id;
    instruction on BlockId by BlockId block_id, sorted by TitleKey Id;
    instruction on TaskId by TaskId task_id, sorted by TitleKey Id;
    training on BlockId by BlockId block_id, sorted by StartsAt Id;
    training on TaskId by TaskId task_id, sorted by StartsAt Id;
    training_person on TrainingId by TrainingId training_id, sorted by Position Id;
}

/// The rows that hang on these keys, in one statement.
///
/// # Errors
/// The database's own.
pub async fn read<E, K>(db: &impl ConnectionTrait, keys: &[K]) -> Result<HashMap<K, Vec<E::Model>>, DbErr>
where
    E: Hanging<K>,
    K: Key,
{
    let mut select = E::find().filter(E::parent().is_in(keys.iter().copied()));
    for column in E::order() {
        select = select.order_by_asc(column);
    }
    let mut found: HashMap<K, Vec<E::Model>> = HashMap::new();
    for row in select.all(db).await? {
        if let Some(key) = E::key(&row) {
            found.entry(key).or_default().push(row);
        }
    }
    Ok(found)
}
