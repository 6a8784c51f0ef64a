//! The audit log, read (I-4). Every unit of work writes its row by itself.

use domain::id::AuditId;
use domain::policy::{Action, Target};
use entity::audit;

use crate::app::Call;
use crate::error::Result;
use crate::store;
use crate::store::audit::Filter;
use crate::store::page::{Binding, Direction, List, Listed, Page};

/// A page of the log, the newest entries first.
///
/// # Errors
/// The caller may not read it; the database's own.
pub async fn list(
    call: &Call,
    filter: &Filter,
    binding: Binding,
    page: &Page,
) -> Result<Listed<audit::Model>> {
    let _ = call.permit(Action::AuditRead, &Target::PROVIDER)?;
    let order = vec![(audit::Column::At, Direction::Desc), (audit::Column::Id, Direction::Desc)];
    Ok(List { select: store::audit::select(filter), order, binding }.read(&call.app.db, page).await?)
}

/// An entry of the audit log.
///
/// # Errors
/// The caller may not read the log; the database's own.
pub async fn find(call: &Call, id: AuditId) -> Result<Option<audit::Model>> {
    let _ = call.permit(Action::AuditRead, &Target::PROVIDER)?;
    Ok(store::audit::get(call.app.db.reading(), id).await?)
}
