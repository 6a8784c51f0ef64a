//! Which process runs a job, until when.

use chrono::{DateTime, Utc};
use entity::job_lease;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

/// Takes the lease of a job until a moment, or keeps it; whether it was to be had: nobody holds it, its term is over, or
/// it is the holder's own.
///
/// # Errors
/// The database's own.
pub async fn take(
    db: &impl ConnectionTrait,
    name: &str,
    holder: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let row = job_lease::ActiveModel {
        name: Set(name.to_owned()),
        holder: Set(holder.to_string()),
        until: Set(until),
        last_run_at: Set(None),
    };
    let held = |column| Expr::col((job_lease::Entity, column));
    let to_be_had =
        held(job_lease::Column::Until).lte(now).or(held(job_lease::Column::Holder).eq(holder.to_string()));
    let taken = job_lease::Entity::insert(row)
        .on_conflict(
            OnConflict::column(job_lease::Column::Name)
                .update_columns([job_lease::Column::Holder, job_lease::Column::Until])
                .action_and_where(to_be_had)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(taken == 1)
}

/// Notes that a job has run to its end.
///
/// # Errors
/// The database's own.
pub async fn ran(db: &impl ConnectionTrait, name: &str, now: DateTime<Utc>) -> Result<(), DbErr> {
    job_lease::Entity::update_many()
        .col_expr(job_lease::Column::LastRunAt, Expr::value(now))
        .filter(job_lease::Column::Name.eq(name))
        .exec(db)
        .await
        .map(|_| ())
}

/// Gives back all that a holder has, so that another need not wait for the terms to end.
///
/// # Errors
/// The database's own.
pub async fn give_back(db: &impl ConnectionTrait, holder: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    job_lease::Entity::update_many()
        .col_expr(job_lease::Column::Until, Expr::value(now))
        .filter(job_lease::Column::Holder.eq(holder.to_string()))
        .exec(db)
        .await
        .map(|_| ())
}
