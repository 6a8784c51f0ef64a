//! Which process runs a job, until when.

use chrono::{DateTime, Utc};
use entity::job_lease;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

/// A run of a job that has ended.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    pub name: &'a str,
    pub holder: Uuid,
    pub every_seconds: i32,
    /// What went wrong, where something did.
    pub failure: Option<&'a str>,
}

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
        ..Default::default()
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

/// Notes how a job's run ended.
///
/// # Errors
/// The database's own.
pub async fn note(db: &impl ConnectionTrait, run: Run<'_>, now: DateTime<Utc>) -> Result<(), DbErr> {
    let (last_run_at, failed_at) = match run.failure {
        None => (Some(now), None),
        Some(_) => (None, Some(now)),
    };
    let row = job_lease::ActiveModel {
        name: Set(run.name.to_owned()),
        holder: Set(run.holder.to_string()),
        until: Set(now),
        last_run_at: Set(last_run_at),
        every_seconds: Set(Some(run.every_seconds)),
        failed_at: Set(failed_at),
        last_error: Set(run.failure.map(str::to_owned)),
    };
    let noted: &[job_lease::Column] = match run.failure {
        None => &[job_lease::Column::LastRunAt, job_lease::Column::EverySeconds],
        Some(_) => {
            &[job_lease::Column::FailedAt, job_lease::Column::LastError, job_lease::Column::EverySeconds]
        }
    };
    job_lease::Entity::insert(row)
        .on_conflict(
            OnConflict::column(job_lease::Column::Name).update_columns(noted.iter().copied()).to_owned(),
        )
        .exec_without_returning(db)
        .await
        .map(|_| ())
}

/// Every job that has run, by name.
///
/// # Errors
/// The database's own.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<job_lease::Model>, DbErr> {
    job_lease::Entity::find().order_by_asc(job_lease::Column::Name).all(db).await
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
