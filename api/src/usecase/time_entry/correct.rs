//! Correcting time: what was logged is taken back and logged anew, with a reason (W-4).

use chrono::NaiveDate;
use domain::id::{EngagementId, TaskId, TimeEntryId, TimeEntryQuestionId};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::text::Text;
use domain::time_entry::{
    Activity, CorrectionFacts, CorrectionRefused, EntryMinutes, Note, TimeEntryRefused, check_correction,
    check_day,
};
use domain::user::Role;
use entity::{task, time_entry};
use serde::Serialize;
use uuid::Uuid;

use super::log::{draws, place, reaches_closed};
use super::shift::{Side, held, judge, take_back, use_anew, within};
use super::{Logged, check_task, entry_refused, find, is_closed};
use crate::app::Call;
use crate::bus::Topic;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change, Tx};
use crate::usecase::hour_balance;
use crate::usecase::ledger::Book;
use crate::usecase::time_entry_question;

/// The longest reason.
const REASON: usize = 2000;

/// What an entry should have been; what is absent stays.
#[derive(Debug, Clone, Serialize)]
pub struct Correct {
    pub engagement_id: Option<EngagementId>,
    /// Absent keeps, null takes the task away.
    pub task_id: Option<Option<TaskId>>,
    pub worked_on: Option<NaiveDate>,
    pub minutes: Option<i32>,
    pub activity: Option<Activity>,
    pub note: Option<String>,
    pub reason: String,
    /// An open question about the entry that the reason answers (W-5).
    pub answers_question_id: Option<TimeEntryQuestionId>,
}

/// Corrects an entry (W-4): in an open period by REVERSAL and USAGE; where a closed one is touched, or two
/// engagements, by an administrator, the difference being an ADJUSTMENT of the running period.
///
/// # Errors
/// Refused: REASON_REQUIRED, WRONG_STATUS for an entry that was corrected before, and all that logging refuses (B-7 on
/// the net effect); Forbidden for others' time.
pub async fn correct(call: &Call, id: TimeEntryId, command: Correct, key: Option<Uuid>) -> Result<Logged> {
    replace(call, id, Replacement::Corrected(Box::new(command)), key).await
}

/// Takes an entry back without logging anew (W-4).
///
/// # Errors
/// As [`correct`].
pub async fn withdraw(call: &Call, id: TimeEntryId, reason: String, key: Option<Uuid>) -> Result<Logged> {
    replace(call, id, Replacement::Withdrawn { reason }, key).await
}

#[derive(Debug, Clone, Serialize)]
enum Replacement {
    Corrected(Box<Correct>),
    Withdrawn { reason: String },
}

async fn replace(
    call: &Call,
    id: TimeEntryId,
    replacement: Replacement,
    key: Option<Uuid>,
) -> Result<Logged> {
    let mut tx = call.begin().await?;
    let new_id = TimeEntryId::new();
    if let Some(made) = tx.replay(key, "timeEntryCorrect", &(id, &replacement), &[new_id.0, id.0]).await? {
        drop(tx);
        return again(call, &made).await;
    }
    let old = store::time_entry::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let target = Target::client(old.client_id).owned_by(Some(old.user_id));
    let permit = call.permit(Action::TimeEntryCorrect, &target)?;
    let mut refusals = Refusals::default();
    if old.corrected_at.is_some() {
        refusals.push(Refusal::new(ErrorCode::WrongStatus, "This entry was corrected already.").at("id"));
    }
    let (reason, answers, command) = match replacement {
        Replacement::Corrected(command) => {
            (command.reason.clone(), command.answers_question_id, Some(command))
        }
        Replacement::Withdrawn { reason } => (reason, None, None),
    };
    let Ok(reason) = Text::parse(&reason, REASON).map(String::from) else {
        return Err(Error::refused_at(
            "reason",
            ErrorCode::ReasonRequired,
            "Say why, in at most 2000 characters.",
        ));
    };
    let moves_to = command
        .as_ref()
        .and_then(|command| command.engagement_id)
        .filter(|other| *other != old.engagement_id);
    let (mut from, mut to) = open_books(&mut tx, &old, moves_to).await?;
    if let Some(other) = &to {
        let there = Target::client(other.engagement.client_id).owned_by(Some(old.user_id));
        let _ = call.permit(Action::TimeEntryCorrect, &there)?;
    }

    let new = match &command {
        None => None,
        Some(command) => {
            let book = to.as_mut().unwrap_or(&mut from);
            Some(draft(call, &tx, book, &old, command, new_id, &mut refusals).await?)
        }
    };
    let from_number = number_of(&tx, &mut from, &old).await?;
    refusals.check()?;
    let new = new.flatten();
    let from_closed = from.period(from_number).is_some_and(|period| is_closed(period, from.today));
    let to_closed = match &new {
        None => false,
        Some((_, _, number)) => {
            let book = to.as_ref().unwrap_or(&from);
            book.period(*number).is_some_and(|period| is_closed(period, book.today))
        }
    };
    may_correct(call, &old, from_closed, to_closed, to.is_some())?;

    let (mut old, new_row, task) = (
        old,
        new.as_ref().map(|(row, _, _)| row.clone()),
        new.as_ref().and_then(|(_, task, _)| task.clone()),
    );
    days(&tx, &old, new_row.as_ref()).await?;
    let old_drawn = if old.draws_on_balance { old.minutes } else { 0 };
    let new_drawn = new_row.as_ref().filter(|row| row.draws_on_balance).map_or(0, |row| row.minutes);
    if let Some(row) = &new_row {
        store::insert(&tx, row.clone()).await?;
    }
    let entry_id = new_row.as_ref().map_or(old.id, |row| row.id);
    let before = held(&from);
    match to.as_mut() {
        None => {
            let mut side = Side { number: from_number, closed: from_closed, book: from };
            let target = new.as_ref().map_or(from_number, |(_, _, number)| *number);
            within(&tx, &mut side, target, to_closed, &old, entry_id, old_drawn, new_drawn).await?;
            from = side.book;
        }
        Some(other) => {
            let target = new.as_ref().map_or(from_number, |(_, _, number)| *number);
            let there = held(other);
            take_back(&tx, &mut from, from_number, from_closed, &old, entry_id, old_drawn).await?;
            use_anew(&tx, other, target, to_closed, entry_id, new_drawn)?;
            judge(other, &there)?;
            other.save(&mut tx).await?;
        }
    }
    judge(&from, &before)?;
    from.save(&mut tx).await?;

    old.corrected_at = Some(tx.now());
    old.corrected_by = call.actor.user_id();
    old.correction_reason = Some(reason);
    store::update(&tx, old.clone()).await?;
    let reason = old.correction_reason.as_deref().unwrap_or_default();
    time_entry_question::settle(call, &mut tx, &old, new_row.as_ref(), answers, reason).await?;
    let task = totals(&tx, &old, old_drawn, new_row.as_ref(), task, new_drawn).await?;

    let balance = to.as_ref().unwrap_or(&from).balance(&tx);
    for entry in std::iter::once(&old).chain(new_row.as_ref()) {
        tx.wake(Topic::TimeEntry(entry.client_id, entry.id));
        if let Some(task) = entry.task_id {
            tx.wake(Topic::Task(entry.client_id, task));
        }
    }
    let change = Change::of("TimeEntry", old.id)
        .client(old.client_id)
        .before(&summary(&old))
        .after(&new_row.as_ref().map(summary));
    tx.commit(permit, change).await?;
    Ok(Logged { entry: new_row.unwrap_or(old), user: None, task, balance })
}

/// Opens the books of the one or two engagements, the locks taken in the order of their ids.
async fn open_books(
    tx: &mut Tx<'_>,
    old: &time_entry::Model,
    other: Option<EngagementId>,
) -> Result<(Book, Option<Book>)> {
    match other {
        None => Ok((Book::open(tx, old.engagement_id).await?, None)),
        Some(other) if other < old.engagement_id => {
            let to = Book::open(tx, other).await?;
            Ok((Book::open(tx, old.engagement_id).await?, Some(to)))
        }
        Some(other) => {
            let from = Book::open(tx, old.engagement_id).await?;
            Ok((from, Some(Book::open(tx, other).await?)))
        }
    }
}

type Draft = (time_entry::Model, Option<task::Model>, i32);

/// The entry as it should have been; none where it is refused.
async fn draft(
    call: &Call,
    tx: &Tx<'_>,
    book: &mut Book,
    old: &time_entry::Model,
    command: &Correct,
    id: TimeEntryId,
    refusals: &mut Refusals,
) -> Result<Option<Draft>> {
    let client = book.engagement.client_id;
    let task_id = command.task_id.unwrap_or(old.task_id);
    let worked_on = command.worked_on.unwrap_or(old.worked_on);
    let activity = command.activity.unwrap_or(old.activity);
    let found = store::time_entry::person_and_task(tx, old.user_id, task_id).await?;
    let task = found.and_then(|(_, task)| task);
    if let Some(refusal) = check_task(task_id, task.as_ref(), client) {
        refusals.push(refusal);
    }
    let minutes = EntryMinutes::parse(command.minutes.unwrap_or(old.minutes))
        .map_err(|refusal| refusals.push(entry_refused(refusal)))
        .ok();
    let note = refusals.take("note", Note::parse(command.note.as_deref().unwrap_or(&old.note)));
    if let Err(refusal) = check_day(worked_on, book.today) {
        refusals.push(entry_refused(refusal));
    }
    // A closed period is looked up without the term for late entries: who may touch it is decided by its own rule.
    let number = place(tx, book, worked_on, true, refusals).await?;
    let (Some(minutes), Some(note), Some(number)) = (minutes, note, number) else { return Ok(None) };
    let period_id = book.period(number).ok_or(Error::NotFound)?.id;
    let row = time_entry::Model {
        id,
        client_id: client,
        engagement_id: book.engagement.id,
        period_id,
        task_id,
        user_id: old.user_id,
        logged_by: call.actor.user_id().unwrap_or(old.user_id),
        worked_on,
        minutes: minutes.get(),
        activity,
        note: note.as_str().to_owned(),
        stage: old.stage,
        draws_on_balance: draws(tx, book, old.user_id, worked_on, activity).await?,
        corrects_id: Some(old.id),
        corrected_at: None,
        corrected_by: None,
        correction_reason: None,
        created_at: tx.now(),
    };
    Ok(Some((row, task, number)))
}

/// The number of the period that an entry was paid from, taken into hand.
async fn number_of(tx: &Tx<'_>, book: &mut Book, old: &time_entry::Model) -> Result<i32> {
    if book.period_on(old.worked_on).is_none()
        && let Some((period, unused)) =
            store::period::by_day(tx.connection(), old.engagement_id, old.worked_on).await?
    {
        book.take(period, unused);
    }
    book.period_on(old.worked_on)
        .map(|period| period.number)
        .ok_or_else(|| Error::Internal("time without its period".to_owned()))
}

fn may_correct(
    call: &Call,
    old: &time_entry::Model,
    from_closed: bool,
    to_closed: bool,
    changes_engagement: bool,
) -> Result<()> {
    let actor = call.actor.user();
    let facts = CorrectionFacts {
        is_author: call.actor.user_id() == Some(old.user_id),
        is_project_manager: actor
            .is_some_and(|user| user.role == Role::ProjectManager && user.team.contains(&old.client_id)),
        is_administrator: reaches_closed(call, old.client_id),
        from_closed,
        to_closed,
        changes_engagement,
    };
    check_correction(&facts).map_err(|refusal| match refusal {
        CorrectionRefused::NotYours => Error::Denied(domain::policy::Denied::Forbidden),
        CorrectionRefused::AdministratorOnly => Error::refused_at(
            "id",
            ErrorCode::PeriodClosed,
            "Only an administrator corrects time of a closed period or between engagements.",
        ),
    })
}

/// Moves the person's days: one change where the day stays.
async fn days(tx: &Tx<'_>, old: &time_entry::Model, new: Option<&time_entry::Model>) -> Result<()> {
    let adding = |day, minutes| store::time_entry::adding_to_day(old.user_id, day, minutes);
    let full = || entry_refused(TimeEntryRefused::DayFull);
    let writes = match new {
        Some(new) if new.worked_on == old.worked_on => {
            vec![adding(old.worked_on, new.minutes - old.minutes).or(full())]
        }
        Some(new) => {
            let taken = adding(old.worked_on, -old.minutes).if_any();
            vec![taken, adding(new.worked_on, new.minutes).or(full())]
        }
        None => vec![adding(old.worked_on, -old.minutes).if_any()],
    };
    store::write::run(tx.connection(), writes).await
}

/// Moves the totals of the old and the new task; the new one as it is afterwards.
async fn totals(
    tx: &Tx<'_>,
    old: &time_entry::Model,
    old_drawn: i32,
    new: Option<&time_entry::Model>,
    task: Option<task::Model>,
    new_drawn: i32,
) -> Result<Option<task::Model>> {
    if new.is_some_and(|new| new.task_id == old.task_id) {
        return spend(tx, task, new_drawn - old_drawn).await;
    }
    if let Some(before) = old.task_id {
        let before = store::time_entry::person_and_task(tx, old.user_id, Some(before)).await?;
        spend(tx, before.and_then(|(_, task)| task), -old_drawn).await?;
    }
    spend(tx, task, new_drawn).await
}

/// The outcome of an earlier request with the same key, read with today's rights.
async fn again(call: &Call, made: &[Uuid]) -> Result<Logged> {
    for id in made {
        if let Some(entry) = find(call, TimeEntryId(*id)).await? {
            let balances =
                hour_balance::read(call, store::course::Which::Engagements(&[entry.engagement_id])).await?;
            return Ok(Logged { entry, user: None, task: None, balance: balances.into_iter().next() });
        }
    }
    Err(Error::NotFound)
}

fn summary(entry: &time_entry::Model) -> impl Serialize + use<> {
    serde_json::json!({
        "id": entry.id, "engagementId": entry.engagement_id, "taskId": entry.task_id, "workedOn": entry.worked_on,
        "minutes": entry.minutes, "activity": entry.activity, "reason": entry.correction_reason,
    })
}

/// Adds to what a task and its block have taken; the task as it is afterwards.
async fn spend(tx: &Tx<'_>, task: Option<task::Model>, minutes: i32) -> Result<Option<task::Model>> {
    let Some(mut task) = task else { return Ok(None) };
    if minutes != 0 {
        store::ledger::spend(tx, task.id, minutes).await?;
        task.spent_minutes += minutes;
    }
    Ok(Some(task))
}
