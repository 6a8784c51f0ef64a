//! Sign-offs: who said what of which revision. Rows are only ever added.

use domain::id::PlanId;
use entity::sign_off;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};

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
