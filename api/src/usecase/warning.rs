//! Warnings before hours run out or expire, told to both sides (B-5, B-6), and overage that waits for a decision (B-7).
//!
//! Which warnings stand follows from the balance alone; what was told is kept beside the period, so that each is told
//! once however often and wherever this runs. Hours added that bring a balance below a threshold take the mark away in
//! their own transaction, which arms the warning again. A warning is told at most a few seconds after it stands; the
//! live balance shows it at once.

use std::collections::HashSet;

use chrono::Duration;
use domain::alert::WarningKind;
use domain::balance::Balance;
use domain::id::PeriodId;
use domain::notification::Content;
use domain::policy::{Action, Scope, Target};
use domain::team::Position;
use entity::{balance_warning, period};

use super::ledger::{Book, counters};
use super::notification::{Audience, Notice, notify};
use super::{hour_balance, retry};
use crate::app::Call;
use crate::error::Result;
use crate::store::course::Which;
use crate::store::{self, Tx};

/// How long after its end a period's overage is brought up.
const OVERAGE_DAYS: i64 = 7;

/// Tells what stands and was not told; how many warnings were.
///
/// # Errors
/// The first that failed, after all were tried.
pub async fn run(call: &Call) -> Result<usize> {
    let warned: Vec<Balance> = hour_balance::read(call, Which::Scope(&Scope::All))
        .await?
        .into_iter()
        .filter(|balance| !balance.warnings.is_empty())
        .collect();
    let periods: Vec<PeriodId> = warned.iter().map(|balance| balance.period.id).collect();
    let told: HashSet<(PeriodId, WarningKind)> = store::warning::told(&call.app.db, &periods).await?;
    let mut count = 0;
    let mut failure = None;
    let mut note = |outcome: Result<usize>| match outcome {
        Ok(told) => count += told,
        Err(error) => failure = Some(error),
    };
    for balance in warned {
        if balance.warnings.iter().all(|kind| told.contains(&(balance.period.id, *kind))) {
            continue;
        }
        note(retry(call, balance, |call, balance| async move { tell(&call, &balance).await }).await);
    }
    let since = call.now - Duration::days(OVERAGE_DAYS);
    for period in store::warning::overdrawn(&call.app.db, since).await? {
        note(retry(call, period, |call, period| async move { tell_overage(&call, &period).await }).await);
    }
    failure.map_or(Ok(count), Err)
}

/// Tells the warnings of a balance that were not told; of several the last says all.
async fn tell(call: &Call, balance: &Balance) -> Result<usize> {
    let permit = call.permit(Action::Remind, &Target::PROVIDER)?;
    let mut tx = call.begin().await?;
    // A month that has begun is written by whoever writes first; then there is what to mark.
    if !store::warning::is_written(&tx, balance.period.id).await? {
        return Ok(0);
    }
    let counters = balance.period.counters;
    let mut new = Vec::new();
    for kind in &balance.warnings {
        let row = balance_warning::Model {
            period_id: balance.period.id,
            kind: *kind,
            available_minutes: counters.available(),
            told_at: tx.now(),
        };
        if store::warning::mark(&tx, row).await? {
            new.push(*kind);
        }
    }
    let Some(client) = store::client::get(tx.connection(), balance.client_id).await? else { return Ok(0) };
    if new.contains(&WarningKind::AllUsed) {
        new.retain(|kind| *kind != WarningKind::NearlyUsed);
    }
    let mut told = 0;
    for kind in new {
        let client = client.name.clone();
        let content = match kind {
            WarningKind::NearlyUsed => {
                Content::HoursNearlyUsed { client, remaining_minutes: counters.remaining() }
            }
            WarningKind::AllUsed => Content::HoursUsed { client, overage_minutes: counters.overage() },
            WarningKind::ExpiresInAWeek | WarningKind::ExpiresInTwoDays => {
                let last_day = balance.period.ends_on.pred_opt().unwrap_or(balance.period.ends_on);
                Content::HoursEnding { client, minutes: counters.remaining(), on: last_day }
            }
        };
        let notice = Notice {
            client: Some(balance.client_id),
            audience: Audience::owners()
                .and(Audience::places(&[Position::ProjectManager, Position::AccountManager])),
            content,
            subject: Some(("Engagement", balance.engagement_id.0)),
            once: format!("{} {kind:?} {}", balance.period.id.0, counters.available()),
        };
        notify(call, &mut tx, notice).await?;
        told += 1;
    }
    tx.keep(&permit).await?;
    Ok(told)
}

/// Asks the account manager what becomes of the overage of a period that has ended (B-7).
async fn tell_overage(call: &Call, period: &period::Model) -> Result<usize> {
    let permit = call.permit(Action::Remind, &Target::PROVIDER)?;
    let mut tx = call.begin().await?;
    let Some((_, Some(client))) = store::check::with_client(&tx, period.engagement_id).await? else {
        return Ok(0);
    };
    let notice = Notice {
        client: Some(client.id),
        audience: Audience::places(&[Position::AccountManager]),
        content: Content::OverageLeft {
            client: client.name,
            minutes: counters(period).overage(),
            ended_on: period.ends_on.pred_opt().unwrap_or(period.ends_on),
        },
        subject: Some(("Period", period.id.0)),
        once: period.id.0.to_string(),
    };
    let told = notify(call, &mut tx, notice).await?;
    if told > 0 {
        tx.keep(&permit).await?;
    }
    Ok(told.min(1))
}

/// Arms the warnings again that hours just added brought to an end (B-6).
///
/// # Errors
/// The database's own.
pub(super) async fn arm(tx: &Tx<'_>, book: &Book) -> Result<()> {
    let Some(balance) = book.balance(tx) else { return Ok(()) };
    Ok(store::warning::unmark(tx, balance.period.id, &balance.warnings).await?)
}
