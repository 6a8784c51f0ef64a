//! How clients came to support.

use domain::id::WayInId;
use domain::policy::Scope;
use entity::way_in;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::visible;

/// A visible way in by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: WayInId,
) -> Result<Option<way_in::Model>, DbErr> {
    way_in::Entity::find_by_id(id).filter(visible::of_client(scope, way_in::Column::ClientId)).one(db).await
}
