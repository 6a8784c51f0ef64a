//! Time as people log it (W-1, W-2, W-6, W-7), and how it is corrected (W-4).
//!
//! Logging writes the entry, the movement that it makes, and every stored total, in one transaction under the lock of
//! the engagement's ledger. What was logged is never rewritten: a correction takes the old entry back and logs anew.

mod correct;
mod log;
mod shift;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::balance::Balance;
use domain::id::{TaskId, TimeEntryId};
use domain::ledger::LedgerRefusal;
use domain::policy::{Action, Scope};
use domain::refusal::ErrorCode;
use domain::team::Position;
use domain::time_entry::{DrawReason, TimeEntryRefused, draws_on_balance};
use entity::{engagement, period, task, time_entry, user};

pub use correct::{Correct, correct, withdraw};
pub use log::{Entered, Log, enter, log};
pub(in crate::usecase) use log::{again, log_within};

use crate::app::Call;
use crate::error::{Refusal, Result};
use crate::store::course::Which;
use crate::store::filter::Tree;
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::time_entry::Leaf;
use crate::store::{self, Flat};

/// What a change of logged time touched.
#[derive(Debug, Clone)]
pub struct Logged {
    pub entry: time_entry::Model,
    /// The person whose time it is, where the transaction had them in hand.
    pub user: Option<user::Model>,
    pub task: Option<task::Model>,
    /// The engagement's balance afterwards; none where no period runs.
    pub balance: Option<Balance>,
}

/// One visible entry, corrected ones included.
///
/// # Errors
/// The caller reads no time at all; the database's own.
pub async fn find(call: &Call, id: TimeEntryId) -> Result<Option<time_entry::Model>> {
    let scope = call.scope(Action::TimeEntryRead)?;
    Ok(store::time_entry::find(call.app.db.reading(), &scope, id).await?)
}

/// What to read along with entries, brief.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    pub user: bool,
    pub task: bool,
}

/// The entries that a caller may list by a filter: by questions only those whose notes they read, so that none is told of
/// by its being listed or not (W-5). Whoever reads the notes of an entry reads the entry.
fn scope(call: &Call, filter: Option<&Tree<Leaf>>) -> Result<Scope> {
    let scope = call.scope(Action::TimeEntryRead)?;
    let by_questions = filter.is_some_and(|tree| tree.any(&|leaf| matches!(leaf, Leaf::OpenQuestion(_))));
    if by_questions { call.scope(Action::TimeNoteRead) } else { Ok(scope) }
}

/// A page of the visible entries that stand, each with whose it is and what it was for where that was wanted.
///
/// # Errors
/// As [`find`].
pub async fn list(
    call: &Call,
    filter: Option<&Tree<Leaf>>,
    order: Vec<(time_entry::Column, Direction)>,
    binding: Binding,
    page: &Page,
    wanted: Wanted,
) -> Result<Listed<(time_entry::Model, Option<user::Model>, Option<task::Model>)>> {
    let scope = scope(call, filter)?;
    let select = store::time_entry::select(&scope, filter);
    let mut flat = Flat::lend(&call.app.db).await?;
    let listed = List { select, order, binding }
        .read_through(&call.app.db, &mut flat, page, store::time_entry::row)
        .await?;
    let users: BTreeSet<_> =
        listed.rows.iter().filter(|_| wanted.user).map(|entry| entry.user_id.0).collect();
    let users = store::tree::users_by_id(&mut flat, &users.into_iter().collect::<Vec<_>>()).await?;
    let tasks: BTreeSet<_> =
        listed.rows.iter().filter(|_| wanted.task).filter_map(|entry| Some(entry.task_id?.0)).collect();
    let tasks = store::tree::tasks_by_id(&mut flat, &tasks.into_iter().collect::<Vec<_>>()).await?;
    Ok(listed.map(|entry| {
        let user = users.get(&entry.user_id).cloned();
        let task = entry.task_id.and_then(|task| tasks.get(&task).cloned());
        (entry, user, task)
    }))
}

/// Minutes of all visible entries that pass a filter.
///
/// # Errors
/// As [`find`].
pub async fn total_minutes(call: &Call, filter: Option<&Tree<Leaf>>) -> Result<i64> {
    let scope = scope(call, filter)?;
    let select = store::time_entry::select(&scope, filter);
    Ok(store::time_entry::total_minutes(call.app.db.reading(), select).await?)
}

/// The entries that an entry replaced, newest first; the caller sees the entry already.
///
/// # Errors
/// The database's own.
pub async fn history(call: &Call, entry: &time_entry::Model) -> Result<Vec<time_entry::Model>> {
    Ok(store::time_entry::history(call.app.db.reading(), entry).await?)
}

/// Why an entry did or did not draw on the balance (B-11, W-6).
///
/// # Errors
/// The database's own.
pub async fn explain(call: &Call, entry: &time_entry::Model) -> Result<Option<DrawReason>> {
    let mut flat = Flat::lend(&call.app.db).await?;
    let found = store::course::standings(&mut flat, Which::Engagements(&[entry.engagement_id])).await?;
    let Some(standing) = found.into_iter().next() else {
        return Ok(None);
    };
    // The place that counted when the time was logged: the team may have changed since.
    let positions: &[Position] =
        if entry.draws_on_balance { &[Position::ImplementationSpecialist] } else { &[] };
    Ok(Some(draws_on_balance(standing.draw_scope, positions, entry.activity).1))
}

/// The task of an entry, if it is one of the client's.
pub(super) fn check_task(
    task: Option<TaskId>,
    found: Option<&task::Model>,
    client: domain::id::ClientId,
) -> Option<Refusal> {
    let is_theirs = found.is_some_and(|task| task.client_id == client);
    (task.is_some() && !is_theirs)
        .then(|| Refusal::new(ErrorCode::NotFound, "The client has no such task.").at("taskId"))
}

pub(super) fn not_served(engagement: &engagement::Model) -> Refusal {
    let message = match engagement.ends_on {
        Some(end) => format!("The engagement serves days before {end}."),
        None => "The engagement does not serve this day.".to_owned(),
    };
    Refusal::new(ErrorCode::NotServed, message).at("workedOn")
}

fn refused(refusal: LedgerRefusal) -> Refusal {
    let code = match refusal {
        LedgerRefusal::BalanceExhausted => ErrorCode::BalanceExhausted,
        LedgerRefusal::ApprovalNeeded => ErrorCode::ApprovalNeeded,
    };
    Refusal::new(code, capital(&refusal.to_string())).at("minutes")
}

fn entry_refused(refusal: TimeEntryRefused) -> Refusal {
    let (code, field) = match refusal {
        TimeEntryRefused::WrongMinutes => (ErrorCode::Invalid, "minutes"),
        TimeEntryRefused::FutureDay => (ErrorCode::FutureDay, "workedOn"),
        TimeEntryRefused::DayFull => (ErrorCode::DayFull, "minutes"),
    };
    Refusal::new(code, capital(&refusal.to_string())).at(field)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>() + ".").unwrap_or_default()
}

/// Whether a period is behind: closed, or over and waiting for the clock's work.
fn is_closed(period: &period::Model, today: NaiveDate) -> bool {
    period.closed_at.is_some() || period.ends_on <= today
}
