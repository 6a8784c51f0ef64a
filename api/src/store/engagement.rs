//! Engagements, the terms of their periods, and the periods themselves.

use domain::engagement::EngagementStatus;
use domain::id::{EngagementId, TariffId, TariffRevisionId};
use domain::policy::Scope;
use entity::{engagement, engagement_tariff, service, tariff, tariff_revision};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use super::tx::Tx;
use super::visible;

/// What stands open: its hours are served.
pub const RUNNING: [EngagementStatus; 2] = [EngagementStatus::Active, EngagementStatus::Paused];

/// A visible engagement by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: EngagementId,
) -> Result<Option<engagement::Model>, DbErr> {
    engagement::Entity::find_by_id(id)
        .filter(visible::of_client(scope, engagement::Column::ClientId))
        .one(db)
        .await
}

/// An engagement by id, whoever asks: for rules, never for answers.
///
/// # Errors
/// The database's own.
pub async fn get(db: &impl ConnectionTrait, id: EngagementId) -> Result<Option<engagement::Model>, DbErr> {
    engagement::Entity::find_by_id(id).one(db).await
}

/// The engagement, locked until the transaction ends; whoever locks its ledger as well locks that afterwards.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: EngagementId) -> Result<Option<engagement::Model>, DbErr> {
    engagement::Entity::find_by_id(id).lock_exclusive().one(tx.connection()).await
}

/// A tariff with its service and the terms that are on sale.
#[derive(Debug, Clone)]
pub struct Offer {
    pub service: service::Model,
    pub tariff: tariff::Model,
    pub terms: tariff_revision::Model,
}

/// A tariff as it is on sale now, withdrawn or not.
///
/// # Errors
/// The database's own.
pub async fn offer(db: &impl ConnectionTrait, id: TariffId) -> Result<Option<Offer>, DbErr> {
    let Some((tariff, terms)) = super::tariff::get(db, id).await? else { return Ok(None) };
    let service = super::service::get(db, tariff.service_id).await?;
    Ok(service.map(|service| Offer { service, tariff, terms }))
}

/// What was bought: the terms of that revision with their tariff and service.
///
/// # Errors
/// The database's own.
pub async fn bought(db: &impl ConnectionTrait, id: TariffRevisionId) -> Result<Option<Offer>, DbErr> {
    let Some(terms) = super::tariff::revision(db, id).await? else { return Ok(None) };
    let Some((tariff, _)) = super::tariff::get(db, terms.tariff_id).await? else { return Ok(None) };
    let service = super::service::get(db, tariff.service_id).await?;
    Ok(service.map(|service| Offer { service, tariff, terms }))
}

/// Names the terms of an engagement from a period on; terms named for that very period before are replaced (E-5).
///
/// # Errors
/// The database's own.
pub async fn set_terms(tx: &Tx<'_>, row: engagement_tariff::Model) -> Result<(), DbErr> {
    use engagement_tariff::Column;
    engagement_tariff::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([Column::EngagementId, Column::FromPeriod])
                .update_columns([Column::TariffRevisionId, Column::CreatedBy, Column::CreatedAt])
                .to_owned(),
        )
        .exec_without_returning(tx.connection())
        .await
        .map(|_| ())
}

/// Writes that an engagement has ended.
///
/// # Errors
/// The database's own.
pub async fn end(tx: &Tx<'_>, engagement: &engagement::Model) -> Result<(), DbErr> {
    engagement::Entity::update_many()
        .set(engagement::ActiveModel {
            status: Set(engagement.status),
            ended_at: Set(engagement.ended_at),
            updated_at: Set(tx.now()),
            version: Set(engagement.version + 1),
            ..Default::default()
        })
        .filter(engagement::Column::Id.eq(engagement.id))
        .exec(tx.connection())
        .await
        .map(|_| ())
}
