//! Tariffs and the revisions of their terms.

use domain::id::{EngagementId, TariffId, TariffRevisionId};
use entity::{engagement_tariff, tariff, tariff_revision};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::tx::Tx;

/// A tariff with the terms on sale.
pub type OnSale = (tariff::Model, tariff_revision::Model);

fn on_sale() -> sea_orm::SelectTwo<tariff_revision::Entity, tariff::Entity> {
    let newest = Expr::col((tariff_revision::Entity, tariff_revision::Column::Number))
        .equals((tariff::Entity, tariff::Column::Revision));
    Select::find_also_related(tariff_revision::Entity::find(), tariff::Entity).filter(newest)
}

fn paired(rows: Vec<(tariff_revision::Model, Option<tariff::Model>)>) -> Vec<OnSale> {
    rows.into_iter().filter_map(|(revision, tariff)| Some((tariff?, revision))).collect()
}

/// All tariffs in their order, withdrawn ones only where asked for.
///
/// # Errors
/// The database's own.
pub async fn all(db: &impl ConnectionTrait, withdrawn: bool) -> Result<Vec<OnSale>, DbErr> {
    let mut select = on_sale();
    if !withdrawn {
        select = select.filter(tariff::Column::WithdrawnAt.is_null());
    }
    let rows = select.order_by_asc(tariff::Column::Position).order_by_asc(tariff::Column::Code).all(db);
    Ok(paired(rows.await?))
}

/// A tariff with the terms on sale.
///
/// # Errors
/// The database's own.
pub async fn get(db: &impl ConnectionTrait, id: TariffId) -> Result<Option<OnSale>, DbErr> {
    let rows = on_sale().filter(tariff::Column::Id.eq(id)).all(db).await?;
    Ok(paired(rows).pop())
}

/// The terms that a revision states.
///
/// # Errors
/// The database's own.
pub async fn revision(
    db: &impl ConnectionTrait,
    id: TariffRevisionId,
) -> Result<Option<tariff_revision::Model>, DbErr> {
    tariff_revision::Entity::find_by_id(id).one(db).await
}

/// The tariff, locked until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: TariffId) -> Result<Option<tariff::Model>, DbErr> {
    tariff::Entity::find_by_id(id).lock_exclusive().one(tx.connection()).await
}

/// The position behind all others.
///
/// # Errors
/// The database's own.
pub async fn next_position(db: &impl ConnectionTrait) -> Result<i32, DbErr> {
    let last: Option<Option<i32>> = tariff::Entity::find()
        .select_only()
        .column_as(tariff::Column::Position.max(), "last")
        .into_tuple()
        .one(db)
        .await?;
    Ok(last.flatten().unwrap_or(0).saturating_add(1))
}

/// The terms of an engagement, by the period from which they count, in order (E-5).
///
/// # Errors
/// The database's own.
pub async fn of_engagement(
    db: &impl ConnectionTrait,
    id: EngagementId,
) -> Result<Vec<(i32, tariff_revision::Model)>, DbErr> {
    let rows = engagement_tariff::Entity::find()
        .filter(engagement_tariff::Column::EngagementId.eq(id))
        .order_by_asc(engagement_tariff::Column::FromPeriod)
        .find_also_related(tariff_revision::Entity)
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|(row, terms)| Some((row.from_period, terms?))).collect())
}
