//! How the jobs do, for whoever keeps the servers running.

use domain::policy::{Action, Target};
use entity::job_lease;

use crate::app::Call;
use crate::error::Result;
use crate::store;

/// The jobs that have run, by name.
///
/// # Errors
/// The caller may not read them; the database's own.
pub async fn list(call: &Call) -> Result<Vec<job_lease::Model>> {
    let _ = call.permit(Action::OperationRead, &Target::PROVIDER)?;
    Ok(store::job_lease::all(call.app.db.reading()).await?)
}
