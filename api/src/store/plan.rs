//! Plans and their goals.

use std::collections::HashMap;

use domain::id::{GoalId, PlanId};
use domain::plan::{Effort, PlanKind};
use domain::policy::Scope;
use domain::task::TaskStatus;
use entity::{goal, plan, task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::tx::Tx;
use super::visible;

/// A visible plan by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: PlanId,
) -> Result<Option<plan::Model>, DbErr> {
    plan::Entity::find_by_id(id).filter(visible::of_client(scope, plan::Column::ClientId)).one(db).await
}

/// The plan, locked until the transaction ends. Everything that changes the shape or order of what is in a plan
/// takes this lock first, then the task's, then the block's.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: PlanId) -> Result<Option<plan::Model>, DbErr> {
    plan::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx.connection()).await
}

/// The texts of a plan's goals, in order.
///
/// # Errors
/// The database's own.
pub async fn goals(db: &impl ConnectionTrait, id: PlanId) -> Result<Vec<String>, DbErr> {
    goal::Entity::find()
        .select_only()
        .column(goal::Column::Text)
        .filter(goal::Column::PlanId.eq(id))
        .order_by_asc(goal::Column::Position)
        .into_tuple()
        .all(db)
        .await
}

/// Replaces a plan's goals.
///
/// # Errors
/// The database's own.
pub async fn set_goals(tx: &Tx<'_>, id: PlanId, goals: &[String]) -> Result<(), DbErr> {
    goal::Entity::delete_many().filter(goal::Column::PlanId.eq(id)).exec(tx.connection()).await?;
    let rows: Vec<_> = goals
        .iter()
        .zip(1..)
        .map(|(text, position)| goal::ActiveModel {
            id: Set(GoalId::new()),
            plan_id: Set(id),
            position: Set(position),
            text: Set(text.clone()),
        })
        .collect();
    if !rows.is_empty() {
        goal::Entity::insert_many(rows).exec_without_returning(tx.connection()).await?;
    }
    Ok(())
}

/// How many tasks of a plan are neither done nor cancelled.
///
/// # Errors
/// The database's own.
pub async fn open_tasks(db: &impl ConnectionTrait, id: PlanId) -> Result<u64, DbErr> {
    task::Entity::find()
        .filter(task::Column::PlanId.eq(id))
        .filter(task::Column::Status.is_not_in([TaskStatus::Done, TaskStatus::Cancelled]))
        .count(db)
        .await
}

/// What is known of the time that plans take, by plan. In an implementation the specialist's own minutes are what is
/// estimated, so developments are left out there (P-3). One statement.
///
/// # Errors
/// The database's own.
pub async fn efforts(
    db: &impl ConnectionTrait,
    plans: &[plan::Model],
) -> Result<HashMap<PlanId, Effort>, DbErr> {
    let open = "status NOT IN ('DONE', 'CANCELLED')";
    let own = "COALESCE(estimate_minutes, 0)";
    let all = "(COALESCE(estimate_minutes, 0) + COALESCE(development_minutes, 0))";
    let rest = |of: &str| {
        let left = format!("{of} - spent_minutes");
        Expr::cust(format!("CAST(SUM(CASE WHEN {open} AND {left} > 0 THEN {left} ELSE 0 END) AS BIGINT)"))
    };
    let estimated = format!("{open} AND (estimate_minutes IS NOT NULL OR development_minutes IS NOT NULL)");
    let sums: Vec<(PlanId, i64, i64, i64, i64)> = task::Entity::find()
        .select_only()
        .column(task::Column::PlanId)
        .column_as(Expr::cust("CAST(SUM(spent_minutes) AS BIGINT)"), "spent")
        .column_as(
            Expr::cust(format!("CAST(SUM(CASE WHEN {estimated} THEN 1 ELSE 0 END) AS BIGINT)")),
            "count",
        )
        .column_as(rest(own), "own")
        .column_as(rest(all), "whole")
        .filter(task::Column::PlanId.is_in(plans.iter().map(|plan| plan.id)))
        .group_by(task::Column::PlanId)
        .into_tuple()
        .all(db)
        .await?;
    let mut efforts: HashMap<PlanId, Effort> = plans
        .iter()
        .map(|plan| (plan.id, Effort { estimate_minutes: plan.estimate_minutes, ..Effort::default() }))
        .collect();
    let kinds: HashMap<PlanId, PlanKind> = plans.iter().map(|plan| (plan.id, plan.kind)).collect();
    for (plan, spent, estimated, own, whole) in sums {
        let Some(effort) = efforts.get_mut(&plan) else { continue };
        let rest = if kinds.get(&plan) == Some(&PlanKind::Implementation) { own } else { whole };
        effort.spent_minutes = spent;
        effort.rest_minutes = (estimated > 0).then_some(rest);
    }
    Ok(efforts)
}
