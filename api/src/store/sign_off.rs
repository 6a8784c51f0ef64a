//! Sign-offs: who said what of which revision. Rows are only ever added.

use domain::id::{PlanId, SignOffId};
use domain::policy::Scope;
use entity::sign_off;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};

use super::visible;

/// A visible sign-off by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: SignOffId,
) -> Result<Option<sign_off::Model>, DbErr> {
    let visible = visible::of_client(scope, sign_off::Column::ClientId);
    sign_off::Entity::find_by_id(id).filter(visible).one(db).await
}

/// Whether this revision of a plan has been approved or returned by anybody.
///
/// # Errors
/// The database's own.
pub async fn is_signed_off(db: &impl ConnectionTrait, plan: PlanId, revision: i32) -> Result<bool, DbErr> {
    let count = sign_off::Entity::find()
        .filter(sign_off::Column::PlanId.eq(plan))
        .filter(sign_off::Column::Revision.eq(revision))
        .count(db)
        .await?;
    Ok(count > 0)
}
