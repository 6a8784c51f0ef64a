//! Logging time: a first entry.

use chrono::NaiveDate;
use domain::engagement::EngagementStatus;
use domain::id::{ClientId, EngagementId, TaskId, TimeEntryId, UserId};
use domain::ledger::{Movement, late, settle};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::tariff::DrawScope;
use domain::time_entry::{
    Activity, EntryMinutes, Note, TimeEntryRefused, check_day, check_late, draws_on_balance,
};
use domain::user::UserStatus;
use entity::{task, time_entry};
use serde::Serialize;
use uuid::Uuid;

use super::{Logged, check_task, entry_refused, find, is_closed, not_served, refused};
use crate::app::Call;
use crate::bus::Topic;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change, Tx, Write};
use crate::usecase::hour_balance;
use crate::usecase::ledger::{Book, Cause, counters};

/// Time to log.
#[derive(Debug, Clone, Serialize)]
pub struct Log {
    pub engagement_id: EngagementId,
    /// Whose time; the caller's where absent.
    pub user_id: Option<UserId>,
    pub task_id: Option<TaskId>,
    pub worked_on: NaiveDate,
    pub minutes: i32,
    pub activity: Activity,
    pub note: String,
}

/// Logs time (W-1, W-2): the entry, the movement that it makes (W-6, B-9), the totals of task and block, at once.
/// A day of a closed period is paid from that period (W-4). The same key and input log once (W-7).
///
/// # Errors
/// Refused: INVALID, FUTURE_DAY, NOT_SERVED, PERIOD_CLOSED, DAY_FULL, BALANCE_EXHAUSTED or APPROVAL_NEEDED (B-7),
/// NOT_FOUND for a task that is not the client's; Forbidden for another's time.
pub async fn log(call: &Call, command: Log, key: Option<Uuid>) -> Result<Logged> {
    let tx = call.begin().await?;
    let id = TimeEntryId::new();
    if let Some(made) = tx.replay(key, "timeEntryCreate", &command, &[id.0]).await? {
        drop(tx);
        return again(call, made).await;
    }
    log_within(call, tx, id, command).await
}

/// The same in a unit of work that is begun already, to its commit; refused, nothing of it happened.
///
/// # Errors
/// As [`log`].
pub(in crate::usecase) async fn log_within(
    call: &Call,
    mut tx: Tx<'_>,
    id: TimeEntryId,
    command: Log,
) -> Result<Logged> {
    let person = command.user_id.or(call.actor.user_id());
    let mut book = Book::open(&mut tx, command.engagement_id).await?;
    let client = book.engagement.client_id;
    let permit = call.permit(Action::TimeEntryCreate, &Target::client(client).owned_by(person))?;
    let person = person.ok_or(Error::NotFound)?;

    let entered = enter(call, &mut tx, &mut book, id, person, &command).await?;
    let Entered { entry, user, task, day } = entered;
    tx.at_last([day, Write::insert(vec![entry.clone()])]);
    book.save_at_last(&mut tx);
    let spent = if entry.draws_on_balance { entry.minutes } else { 0 };
    let task = task.map(|task| task::Model { spent_minutes: task.spent_minutes + spent, ..task });
    if let Some(task) = task.as_ref().filter(|_| spent != 0) {
        tx.at_last(store::ledger::spending(call.app.db.backend(), task.id, spent));
    }
    let balance = book.balance(&tx);
    if let Some(task) = &task {
        tx.wake(Topic::Task(client, task.id));
    }
    tx.commit(permit, Change::of("TimeEntry", id).client(client).after(&command)).await?;
    Ok(Logged { entry, user: Some(user), task, balance })
}

/// An entry that waits to be written, with whose it is and what it was for.
pub struct Entered {
    pub entry: time_entry::Model,
    pub user: entity::user::Model,
    pub task: Option<task::Model>,
    /// Fills the person's day, or refuses where it is full.
    pub day: Write,
}

/// Enters a person's time into an open book. Several can be entered one after another, of different people: each sees
/// the balance that the one before left. The caller writes day and entry, and saves the book once behind them all.
///
/// # Errors
/// As [`log`].
pub async fn enter(
    call: &Call,
    tx: &mut Tx<'_>,
    book: &mut Book,
    id: TimeEntryId,
    person: UserId,
    command: &Log,
) -> Result<Entered> {
    let client = book.engagement.client_id;
    let mut refusals = Refusals::default();
    let found = store::time_entry::person_and_task(tx, person, command.task_id).await?;
    let is_staff = |user: &entity::user::Model| !user.role.is_client() && user.status == UserStatus::Active;
    let Some((user, task)) = found.filter(|(user, _)| is_staff(user)) else {
        return Err(Error::refused_at("userId", ErrorCode::NotFound, "There is no such member of staff."));
    };
    if let Some(refusal) = check_task(command.task_id, task.as_ref(), client) {
        refusals.push(refusal);
    }
    let minutes =
        EntryMinutes::parse(command.minutes).map_err(|refusal| refusals.push(entry_refused(refusal))).ok();
    let note = refusals.take("note", Note::parse(&command.note));
    if let Err(refusal) = check_day(command.worked_on, book.today) {
        refusals.push(entry_refused(refusal));
    }
    let number = place(tx, book, command.worked_on, reaches_closed(call, client), &mut refusals).await?;
    refusals.check()?;
    let (Some(minutes), Some(note), Some(number)) = (minutes, note, number) else {
        return Err(Error::Internal("time without a refusal or its values".to_owned()));
    };
    let minutes = minutes.get();

    let draws = draws(tx, book, person, command.worked_on, command.activity).await?;
    let period = book.period(number).ok_or(Error::NotFound)?;
    let (closed, period_id, period_counters) = (is_closed(period, book.today), period.id, counters(period));
    let approved = period.approved_overage_minutes;
    let policy = book.engagement.overage_policy;
    let entry = time_entry::Model {
        id,
        client_id: client,
        engagement_id: book.engagement.id,
        period_id,
        task_id: command.task_id,
        user_id: person,
        logged_by: call.actor.user_id().unwrap_or(person),
        worked_on: command.worked_on,
        minutes,
        activity: command.activity,
        note: note.as_str().to_owned(),
        stage: None,
        draws_on_balance: draws,
        corrects_id: None,
        corrected_at: None,
        corrected_by: None,
        correction_reason: None,
        created_at: tx.now(),
    };
    let day = store::time_entry::adding_to_day(person, command.worked_on, minutes)
        .or(entry_refused(TimeEntryRefused::DayFull));
    if draws {
        let cause = Cause { time_entry: Some(id), ..Cause::default() };
        let reversed = if closed {
            late(period_counters, minutes, policy, approved).map(|late| late.expiry_reversed)
        } else {
            settle(period_counters, minutes, 0, policy, approved).map(|_| 0)
        };
        let reversed = match reversed {
            Ok(reversed) => reversed,
            Err(refusal) => {
                // A full day is told first: nothing that the client approves would help.
                store::write::run(tx.connection(), vec![day]).await?;
                return Err(refused(refusal).into());
            }
        };
        give_back(tx, book, number, reversed, id).await?;
        let usage = Movement::usage(minutes).map_err(|error| Error::Internal(error.to_string()))?;
        book.record(tx, number, usage, cause)?;
    }
    tx.wake(Topic::TimeEntry(client, id));
    Ok(Entered { entry, user, task, day })
}

/// The outcome of an earlier request with the same key, read with today's rights.
pub(in crate::usecase) async fn again(call: &Call, made: Vec<Uuid>) -> Result<Logged> {
    let id = made.first().copied().map(TimeEntryId).ok_or(Error::NotFound)?;
    let entry = find(call, id).await?.ok_or(Error::NotFound)?;
    let balances =
        hour_balance::read(call, store::course::Which::Engagements(&[entry.engagement_id])).await?;
    Ok(Logged { entry, user: None, task: None, balance: balances.into_iter().next() })
}

/// Whether the caller may touch time that lies behind: closed periods, moves between engagements (W-4).
pub(super) fn reaches_closed(call: &Call, client: ClientId) -> bool {
    call.permit(Action::ClosedTimeCorrect, &Target::client(client)).is_ok()
}

/// The number of the period that a day is paid from (B-9), taken into hand; none where it is refused (W-4).
pub(super) async fn place(
    tx: &Tx<'_>,
    book: &mut Book,
    day: NaiveDate,
    is_administrator: bool,
    refusals: &mut Refusals,
) -> Result<Option<i32>> {
    if book.engagement.status == EngagementStatus::Draft {
        refusals.push(not_served(&book.engagement));
        return Ok(None);
    }
    if book.period_on(day).is_none()
        && let Some((period, unused)) =
            store::period::by_day(tx.connection(), book.engagement.id, day).await?
    {
        book.take(period, unused);
    }
    // What was given up in the middle of a period serves no day of it from then on.
    let end = book.engagement.ends_on;
    let Some(period) = book.period_on(day).filter(|_| end.is_none_or(|end| day < end)) else {
        refusals.push(not_served(&book.engagement));
        return Ok(None);
    };
    let (number, ends_on) = (period.number, end.map_or(period.ends_on, |end| period.ends_on.min(end)));
    if is_closed(period, book.today) {
        let calendar = store::course::calendar(&mut tx.connection()).await?;
        if let Err(late) = check_late(ends_on, book.today, &calendar, is_administrator) {
            let message = format!("This period was closed; its time could be logged until {}.", late.until);
            refusals.push(Refusal::new(ErrorCode::PeriodClosed, message).at("workedOn"));
            return Ok(None);
        }
    }
    Ok(Some(number))
}

/// Whether time draws on the balance (W-6); where everyone's does, nobody's place need be read.
pub(super) async fn draws(
    tx: &Tx<'_>,
    book: &Book,
    person: UserId,
    day: NaiveDate,
    activity: Activity,
) -> Result<bool> {
    let positions = match book.draw_scope {
        DrawScope::Everyone => Vec::new(),
        DrawScope::ImplementationSpecialist => {
            store::time_entry::positions_on(tx.connection(), person, book.engagement.client_id, day).await?
        }
    };
    Ok(draws_on_balance(book.draw_scope, &positions, activity).0)
}

/// Takes back as much of a period's expiry as late time needs (W-4).
async fn give_back(
    tx: &Tx<'_>,
    book: &mut Book,
    number: i32,
    minutes: i32,
    entry: TimeEntryId,
) -> Result<()> {
    if minutes == 0 {
        return Ok(());
    }
    let period = book.period(number).ok_or(Error::NotFound)?.id;
    let expiry = store::ledger::expiry_of(tx.connection(), period)
        .await?
        .ok_or_else(|| Error::Internal("expired minutes without an expiry".to_owned()))?;
    let reversal = Movement::reversal_of(&store::ledger::movement(&expiry), minutes)
        .map_err(|error| Error::Internal(error.to_string()))?;
    let cause = Cause { reverses: Some(expiry.id), time_entry: Some(entry), ..Cause::default() };
    book.record(tx, number, reversal, cause)?;
    Ok(())
}
