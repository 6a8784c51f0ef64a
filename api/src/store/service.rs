//! Services and the norms of their stages.

use domain::engagement::EngagementStatus;
use domain::id::{ClientId, ServiceId};
use entity::{engagement, service, stage_norm};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::tx::Tx;

/// All services, by code.
///
/// # Errors
/// The database's own.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<service::Model>, DbErr> {
    service::Entity::find().order_by_asc(service::Column::Code).all(db).await
}

/// A service by its id.
///
/// # Errors
/// The database's own.
pub async fn get(db: &impl ConnectionTrait, id: ServiceId) -> Result<Option<service::Model>, DbErr> {
    service::Entity::find_by_id(id).one(db).await
}

/// A service by its code.
///
/// # Errors
/// The database's own.
pub async fn by_code(db: &impl ConnectionTrait, code: &str) -> Result<Option<service::Model>, DbErr> {
    service::Entity::find().filter(service::Column::Code.eq(code)).one(db).await
}

/// The service, locked until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: ServiceId) -> Result<Option<service::Model>, DbErr> {
    service::Entity::find_by_id(id).lock_exclusive().one(tx.connection()).await
}

/// The norms of a service's stages.
///
/// # Errors
/// The database's own.
pub async fn norms(db: &impl ConnectionTrait, id: ServiceId) -> Result<Vec<stage_norm::Model>, DbErr> {
    stage_norm::Entity::find().filter(stage_norm::Column::ServiceId.eq(id)).all(db).await
}

/// Replaces the norms of a service's stages.
///
/// # Errors
/// The database's own.
pub async fn set_norms(tx: &Tx<'_>, id: ServiceId, norms: &[stage_norm::Model]) -> Result<(), DbErr> {
    stage_norm::Entity::delete_many()
        .filter(stage_norm::Column::ServiceId.eq(id))
        .exec(tx.connection())
        .await?;
    if !norms.is_empty() {
        let rows = norms.iter().map(|norm| norm.clone().into_active_model());
        stage_norm::Entity::insert_many(rows).exec_without_returning(tx.connection()).await?;
    }
    Ok(())
}

/// The services of a client's running engagements.
///
/// # Errors
/// The database's own.
pub async fn running(db: &impl ConnectionTrait, client: ClientId) -> Result<Vec<service::Model>, DbErr> {
    let services: Vec<ServiceId> = engagement::Entity::find()
        .select_only()
        .column(engagement::Column::ServiceId)
        .filter(engagement::Column::ClientId.eq(client))
        .filter(engagement::Column::Status.is_in([EngagementStatus::Active, EngagementStatus::Paused]))
        .into_tuple()
        .all(db)
        .await?;
    service::Entity::find().filter(service::Column::Id.is_in(services)).all(db).await
}
