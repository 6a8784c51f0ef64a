//! Forgetting what was kept for a while only: counted tries, sealed successors, expired tokens, mails that were sent.

use chrono::Duration;
use domain::attempt::WINDOW_MINUTES;
use domain::policy::{Action, Target};

use super::retry;
use crate::app::Call;
use crate::auth::token;
use crate::error::Result;
use crate::store;

/// For how long a sent mail's row shows that it was sent.
const SENT_DAYS: i64 = 30;

/// Sweeps.
///
/// # Errors
/// The database's own.
pub async fn run(call: &Call) -> Result<()> {
    retry(call, (), |call, ()| async move {
        let permit = call.permit(Action::Sweep, &Target::PROVIDER)?;
        let tx = call.begin().await?;
        let now = tx.now();
        let spent = now - Duration::seconds(token::SUCCESSOR_SECONDS);
        store::sign_in::sweep(&tx, now - Duration::minutes(WINDOW_MINUTES), spent).await?;
        store::mail::sweep(&tx, now - Duration::days(SENT_DAYS)).await?;
        tx.keep(&permit).await
    })
    .await
}
