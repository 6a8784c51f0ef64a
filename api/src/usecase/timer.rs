//! Timers: time that is being worked, until it is logged (W-3).
//!
//! A person has one, kept so by a unique key of the table, however many of their devices start one at once. Stopping it
//! logs through the very use-case that logs all time, in one transaction with the end of the timer: what is refused (the
//! balance exhausted, the day full, the note missing) leaves the timer running, so that nothing is lost. A timer has no
//! version: it is its person's alone, and what they said last is what counts. Whoever has left the client's team can still
//! discard one.

use domain::calendar::local_day;
use domain::engagement::EngagementStatus;
use domain::id::{EngagementId, TaskId, TimeEntryId, TimerId, UserId};
use domain::policy::{Action, Permit, Scope, Target};
use domain::refusal::ErrorCode;
use domain::time_entry::{Activity, Note};
use domain::timer::minutes_worked;
use entity::{engagement, timer};
use serde::Serialize;
use uuid::Uuid;

use super::ledger::zone;
use super::patch::{Patch, set_required};
use super::time_entry::{self, Log, Logged, check_task, log_within, not_served};
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change, Tx, dialect};

/// The caller's running timer; nobody but a person has one.
///
/// # Errors
/// The database's own.
pub async fn own(call: &Call) -> Result<Option<timer::Model>> {
    let Some(person) = call.actor.user_id() else { return Ok(None) };
    Ok(store::timer::of(call.app.db.reading(), person).await?)
}

/// What a timer is started for.
#[derive(Debug, Clone, Serialize)]
pub struct Start {
    pub engagement_id: EngagementId,
    pub task_id: Option<TaskId>,
    pub activity: Activity,
    pub note: Option<String>,
}

/// Starts the caller's timer (W-3), by the right to log one's own time. The same key and input start one; none is given
/// back where it has been stopped since.
///
/// # Errors
/// Refused: TIMER_RUNNING, NOT_SERVED for an engagement that serves no time today, NOT_FOUND for a task that is not the
/// client's, INVALID note.
pub async fn start(call: &Call, command: Start, key: Option<Uuid>) -> Result<Option<timer::Model>> {
    let tx = call.begin().await?;
    let id = TimerId::new();
    let engagement = store::engagement::find(tx.connection(), &Scope::All, command.engagement_id).await?;
    let engagement = engagement.ok_or(Error::NotFound)?;
    let person = call.actor.user_id();
    let target = Target::client(engagement.client_id).owned_by(person);
    let permit = call.permit(Action::TimeEntryCreate, &target)?;
    let person = person.ok_or_else(|| Error::Internal("only people have timers".to_owned()))?;
    if let Some(made) = tx.replay(key, "timerStart", &command, &[id.0]).await? {
        drop(tx);
        return Ok(own(call).await?.filter(|timer| made.contains(&timer.id.0)));
    }
    let mut refusals = Refusals::default();
    if let Some(running) = store::timer::of(tx.connection(), person).await? {
        refusals.push(is_running(&running));
    }
    if !serves_today(&tx, &engagement) {
        refusals.push(Refusal { field: vec!["engagementId".into()], ..not_served(&engagement) });
    }
    let row = timer::Model {
        id,
        user_id: person,
        engagement_id: engagement.id,
        task_id: command.task_id,
        activity: command.activity,
        note: note(command.note.as_deref(), &mut refusals),
        started_at: tx.now(),
    };
    check_own_task(&tx, &row, &engagement, &mut refusals).await?;
    refusals.check()?;
    let lost_race = |error| dialect::on_unique(error, "uq_timer_user_id", "timer.user_id", is_running(&row));
    store::insert(&tx, row.clone()).await.map_err(lost_race)?;
    tx.commit(permit, Change::of("Timer", id).client(engagement.client_id).after(&command)).await?;
    Ok(Some(row))
}

/// What changes of a running timer; its engagement stays, since another client's time is another timer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub task_id: Patch<TaskId>,
    pub activity: Patch<Activity>,
    pub note: Patch<String>,
}

/// Changes what the caller's timer runs for.
///
/// # Errors
/// Refused: WRONG_STATUS where none runs, NOT_FOUND for a task that is not the client's, INVALID note.
pub async fn update(call: &Call, command: Update) -> Result<timer::Model> {
    let (tx, before, _) = running(call).await?;
    let engagement = store::engagement::find(tx.connection(), &Scope::All, before.engagement_id).await?;
    let engagement = engagement.ok_or(Error::NotFound)?;
    let target = Target::client(engagement.client_id).owned_by(Some(before.user_id));
    let permit = call.permit(Action::TimeEntryCreate, &target)?;
    let mut refusals = Refusals::default();
    let mut row = before.clone();
    set_required(&mut row.activity, command.activity, "activity", &mut refusals);
    if let Some(said) = command.note {
        row.note = note(said.as_deref(), &mut refusals);
    }
    if let Some(task) = command.task_id {
        row.task_id = task;
        check_own_task(&tx, &row, &engagement, &mut refusals).await?;
    }
    refusals.check()?;
    store::update(&tx, row.clone()).await?;
    let change = Change::of("Timer", row.id).before(&summary(&before)).after(&summary(&row));
    tx.commit(permit, change).await?;
    Ok(row)
}

/// How a timer ends in an entry.
#[derive(Debug, Clone, Serialize)]
pub struct Stop {
    /// In place of the timer's own.
    pub note: Option<String>,
    /// Fewer minutes than it has run; required beyond 24 hours.
    pub minutes: Option<i32>,
}

/// Stops the caller's timer and logs its time (W-1, W-3): the minutes that it ran, rounded up, for the day on which it was
/// started.
///
/// # Errors
/// Refused: WRONG_STATUS where none runs, INVALID minutes or note, and all that logging refuses; the timer then runs on.
pub async fn stop(call: &Call, command: Stop, key: Option<Uuid>) -> Result<Logged> {
    let me = own_time(call)?;
    let tx = call.begin().await?;
    let id = TimeEntryId::new();
    if let Some(made) = tx.replay(key, "timerStop", &command, &[id.0]).await? {
        drop(tx);
        return time_entry::again(call, made).await;
    }
    let timer = store::timer::lock(&tx, me).await?.ok_or_else(none_runs)?;
    let engagement = store::engagement::find(tx.connection(), &Scope::All, timer.engagement_id).await?;
    let zone = zone(&engagement.ok_or(Error::NotFound)?)?;
    let mut refusals = Refusals::default();
    let note = command.note.or(timer.note).unwrap_or_default();
    let _ = refusals.take("note", Note::parse(&note));
    let minutes = minutes_worked(timer.started_at, tx.now(), command.minutes).map_err(|refused| {
        let message = super::field::wrong_status(refused).message;
        refusals.push(Refusal::new(ErrorCode::Invalid, message).at("minutes"));
    });
    refusals.check()?;
    let entry = Log {
        engagement_id: timer.engagement_id,
        user_id: None,
        task_id: timer.task_id,
        worked_on: local_day(timer.started_at, zone),
        minutes: minutes.unwrap_or_default(),
        activity: timer.activity,
        note,
    };
    store::timer::delete(&tx, timer.id).await?;
    log_within(call, tx, id, entry).await
}

/// Ends the caller's timer without logging anything; what it was.
///
/// # Errors
/// Refused: WRONG_STATUS where none runs.
pub async fn discard(call: &Call) -> Result<timer::Model> {
    let (tx, row, permit) = running(call).await?;
    store::timer::delete(&tx, row.id).await?;
    tx.commit(permit, Change::of("Timer", row.id).before(&summary(&row))).await?;
    Ok(row)
}

/// The caller, who may have a timer.
fn own_time(call: &Call) -> Result<UserId> {
    let me = call.actor.user_id();
    let _ = call.permit(Action::TimerUse, &Target { client: None, owner: me })?;
    me.ok_or_else(|| Error::Internal("only people have timers".to_owned()))
}

/// The caller's timer, locked, and the right to it.
async fn running(call: &Call) -> Result<(Tx<'_>, timer::Model, Permit)> {
    let me = own_time(call)?;
    let permit = call.permit(Action::TimerUse, &Target::person(me))?;
    let tx = call.begin().await?;
    let row = store::timer::lock(&tx, me).await?.ok_or_else(none_runs)?;
    Ok((tx, row, permit))
}

fn none_runs() -> Error {
    Error::refused(ErrorCode::WrongStatus, "No timer is running.")
}

fn is_running(timer: &timer::Model) -> Refusal {
    let since = timer.started_at.format("%Y-%m-%d %H:%M UTC");
    let message = format!("A timer is running since {since}: stop it or discard it first.");
    Refusal::new(ErrorCode::TimerRunning, message)
}

/// Whether time of today can be logged for an engagement.
fn serves_today(tx: &Tx<'_>, engagement: &engagement::Model) -> bool {
    let is_running = matches!(engagement.status, EngagementStatus::Active | EngagementStatus::Paused);
    let Ok(zone) = zone(engagement) else { return false };
    let today = local_day(tx.now(), zone);
    is_running
        && engagement.starts_on.is_some_and(|first| first <= today)
        && engagement.ends_on.is_none_or(|end| today < end)
}

/// A note that may still be missing.
fn note(said: Option<&str>, refusals: &mut Refusals) -> Option<String> {
    let note = refusals.take("note", Note::parse(said?))?;
    Some(note.as_str().to_owned())
}

async fn check_own_task(
    tx: &Tx<'_>,
    row: &timer::Model,
    engagement: &engagement::Model,
    refusals: &mut Refusals,
) -> Result<()> {
    let found = store::time_entry::person_and_task(tx, row.user_id, row.task_id).await?;
    let task = found.and_then(|(_, task)| task);
    if let Some(refusal) = check_task(row.task_id, task.as_ref(), engagement.client_id) {
        refusals.push(refusal);
    }
    Ok(())
}

fn summary(row: &timer::Model) -> impl Serialize + use<> {
    serde_json::json!({
        "engagementId": row.engagement_id, "taskId": row.task_id, "activity": row.activity, "startedAt": row.started_at,
    })
}
