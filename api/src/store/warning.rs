//! Which warnings on balances were told.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::alert::WarningKind;
use domain::id::PeriodId;
use domain::notification::NotificationKind;
use entity::{balance_warning, notification, period};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::Db;
use super::tx::Tx;

/// Periods asked about in one statement.
const CHUNK: usize = 1_000;

/// What was told of some periods.
///
/// # Errors
/// The database's own.
pub async fn told(db: &Db, periods: &[PeriodId]) -> Result<HashSet<(PeriodId, WarningKind)>, DbErr> {
    let mut told = HashSet::new();
    for some in periods.chunks(CHUNK) {
        let rows = balance_warning::Entity::find()
            .filter(balance_warning::Column::PeriodId.is_in(some.iter().copied()))
            .all(db.reading())
            .await?;
        told.extend(rows.into_iter().map(|row| (row.period_id, row.kind)));
    }
    Ok(told)
}

/// Whether a period is written already.
///
/// # Errors
/// The database's own.
pub async fn is_written(tx: &Tx<'_>, id: PeriodId) -> Result<bool, DbErr> {
    Ok(period::Entity::find_by_id(id).one(tx.connection()).await?.is_some())
}

/// Marks a warning as told; whether it was not yet.
///
/// # Errors
/// The database's own.
pub async fn mark(tx: &Tx<'_>, row: balance_warning::Model) -> Result<bool, DbErr> {
    let columns = [balance_warning::Column::PeriodId, balance_warning::Column::Kind];
    let new = balance_warning::Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(new == 1)
}

/// Takes the marks of a period's warnings on used hours away, but for those that stand. What was told of its end was
/// told for good.
///
/// # Errors
/// The database's own.
pub async fn unmark(tx: &Tx<'_>, period: PeriodId, standing: &[WarningKind]) -> Result<(), DbErr> {
    let over =
        [WarningKind::NearlyUsed, WarningKind::AllUsed].into_iter().filter(|kind| !standing.contains(kind));
    balance_warning::Entity::delete_many()
        .filter(balance_warning::Column::PeriodId.eq(period))
        .filter(balance_warning::Column::Kind.is_in(over))
        .exec(tx.connection())
        .await
        .map(|_| ())
}

/// The periods closed since a moment in which more was used than there was, and of which nobody was told.
///
/// # Errors
/// The database's own.
pub async fn overdrawn(db: &Db, since: DateTime<Utc>) -> Result<Vec<period::Model>, DbErr> {
    let sum = [period::Column::TransferredMinutes, period::Column::AdjustedMinutes]
        .into_iter()
        .fold(Expr::col(period::Column::GrantedMinutes), |sum, column| sum.add(Expr::col(column)));
    let net = [period::Column::UsedMinutes, period::Column::ExpiredMinutes]
        .into_iter()
        .fold(sum, |net, column| net.sub(Expr::col(column)));
    let told = Query::select()
        .expr(Expr::val(1))
        .from(notification::Entity)
        .and_where(notification::Column::Kind.eq(NotificationKind::OverageLeft))
        .and_where(
            Expr::col((notification::Entity, notification::Column::ObjectId))
                .equals((period::Entity, period::Column::Id)),
        )
        .take();
    period::Entity::find()
        .filter(period::Column::ClosedAt.gte(since))
        .filter(net.lt(0))
        .filter(Expr::exists(told).not())
        .order_by_asc(period::Column::Id)
        .all(db.reading())
        .await
}
