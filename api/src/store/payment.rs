//! Payments and the periods that they are for.

use domain::id::{EngagementId, PaymentId, PeriodId};
use domain::ledger::{EntryKind, GrantCause};
use entity::{ledger_entry, payment, payment_period};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter,
};

use super::tx::Tx;

/// A payment by id, whoever asks: the right to see it comes from its engagement.
///
/// # Errors
/// The database's own.
pub async fn get(db: &impl ConnectionTrait, id: PaymentId) -> Result<Option<payment::Model>, DbErr> {
    payment::Entity::find_by_id(id).one(db).await
}

/// A payment of an engagement by the payer's reference.
///
/// # Errors
/// The database's own.
pub async fn of_reference(
    db: &impl ConnectionTrait,
    engagement: EngagementId,
    reference: &str,
) -> Result<Option<payment::Model>, DbErr> {
    payment::Entity::find()
        .filter(payment::Column::EngagementId.eq(engagement))
        .filter(payment::Column::Reference.eq(reference))
        .one(db)
        .await
}

/// All that is paid of an engagement: which payment is for which period.
///
/// # Errors
/// The database's own.
pub async fn paid_periods(
    db: &impl ConnectionTrait,
    engagement: EngagementId,
) -> Result<Vec<payment_period::Model>, DbErr> {
    payment_period::Entity::find().filter(payment_period::Column::EngagementId.eq(engagement)).all(db).await
}

/// Says which periods a payment is for.
///
/// # Errors
/// The database's own: a period that another payment is for already.
pub async fn add_periods(tx: &Tx<'_>, rows: Vec<payment_period::Model>) -> Result<(), DbErr> {
    let rows = rows.into_iter().map(|row| row.into_active_model().reset_all());
    payment_period::Entity::insert_many(rows).exec_without_returning(tx.connection()).await.map(|_| ())
}

/// Whether the minutes of a period's own were granted already.
///
/// # Errors
/// The database's own.
pub async fn is_granted(db: &impl ConnectionTrait, period: PeriodId) -> Result<bool, DbErr> {
    let grants = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::PeriodId.eq(period))
        .filter(ledger_entry::Column::Kind.eq(EntryKind::Grant))
        .filter(ledger_entry::Column::Cause.eq(GrantCause::Period))
        .count(db)
        .await?;
    Ok(grants > 0)
}
