//! The provider's calendar: the days that differ from Monday to Friday.

use chrono::NaiveDate;
use entity::holiday;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::tx::Tx;

/// The days from `from` to the day before `until`, in order.
///
/// # Errors
/// The database's own.
pub async fn days(
    db: &impl ConnectionTrait,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<holiday::Model>, DbErr> {
    holiday::Entity::find()
        .filter(holiday::Column::Day.gte(from))
        .filter(holiday::Column::Day.lt(until))
        .order_by_asc(holiday::Column::Day)
        .all(db)
        .await
}

/// Writes days; those already there are replaced, or kept where `keep`.
///
/// # Errors
/// The database's own.
pub async fn set(tx: &Tx<'_>, days: &[holiday::Model], keep: bool) -> Result<(), DbErr> {
    if days.is_empty() {
        return Ok(());
    }
    let mut conflict = OnConflict::column(holiday::Column::Day);
    if keep {
        conflict.do_nothing();
    } else {
        conflict.update_columns([holiday::Column::Working, holiday::Column::Name]);
    }
    holiday::Entity::insert_many(days.iter().map(|day| day.clone().into_active_model()))
        .on_conflict(conflict)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Takes days away.
///
/// # Errors
/// The database's own.
pub async fn clear(tx: &Tx<'_>, days: &[NaiveDate]) -> Result<(), DbErr> {
    holiday::Entity::delete_many()
        .filter(holiday::Column::Day.is_in(days.iter().copied()))
        .exec(tx.connection())
        .await?;
    Ok(())
}
