//! The outcome of a meeting, in one step: what was said, what becomes of tasks, and everyone's time (M-1).
//!
//! Each part is done by the very function that does it alone, with the right that it takes alone; all that is refused is
//! told at once, by its place in the input, and then nothing of it happens.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::balance::Balance;
use domain::calendar::local_day;
use domain::id::{ClientId, MeetingId, MeetingItemId, SatisfactionId, TaskId, TimeEntryId, UserId};
use domain::meeting::{MeetingStatus, SatisfactionSource};
use domain::policy::{Action, Permit, Target};
use domain::refusal::ErrorCode;
use entity::{block, meeting, task, user};
use serde::Serialize;
use uuid::Uuid;

use super::time::{Wanted, log_all};
use super::{agenda, change, find, open, take};
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::course::Which;
use crate::store::{self, Change, Tx, Write};
use crate::usecase::field::{self, TEXT};
use crate::usecase::hour_balance;
use crate::usecase::ledger::{Book, zone};
use crate::usecase::patch::Edited;
use crate::usecase::satisfaction::{self, Figure};
use crate::usecase::task::{Create, Move, Request, Step, Written};
use crate::usecase::task::{create_within, plan_of, reposition_within, request_within, step_within};
use crate::usecase::time_entry::{Entered, Logged};

/// The most changes of one kind in one outcome.
const EACH: usize = 50;

/// A task that came up and waits in the inbox.
#[derive(Debug, Clone, Serialize)]
pub struct Ask {
    pub title: String,
    pub description: Option<String>,
}

/// Whose time is logged.
#[derive(Debug, Clone, Serialize)]
pub struct HoldTime {
    pub note: String,
    /// Who took part for other minutes than the meeting lasted; 0 for who was not there.
    pub people: Vec<(UserId, i32)>,
}

/// What came out of a meeting.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Hold {
    /// How long it was; as planned where absent.
    pub duration_minutes: Option<i32>,
    pub notes: Option<String>,
    pub satisfaction: Option<i32>,
    pub done: Vec<MeetingItemId>,
    pub cancel: Vec<(TaskId, String)>,
    pub request: Vec<Ask>,
    pub create: Vec<Create>,
    pub moves: Vec<(TaskId, Move)>,
    pub accept: Vec<(TaskId, Option<String>)>,
    pub time: Option<HoldTime>,
}

/// A meeting that was held, and all that this touched.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub meeting: meeting::Model,
    pub tasks: Vec<task::Model>,
    pub blocks: Vec<block::Model>,
    pub entries: Vec<Logged>,
    /// The engagement's hours afterwards, where time was logged.
    pub balance: Option<Balance>,
}

impl Outcome {
    fn of(meeting: meeting::Model) -> Self {
        Self { meeting, tasks: Vec::new(), blocks: Vec::new(), entries: Vec::new(), balance: None }
    }
}

/// What a unit of work gathers on its way to the commit.
#[derive(Default)]
struct Doing {
    refusals: Refusals,
    changes: Vec<(Permit, Change)>,
    tasks: BTreeMap<TaskId, task::Model>,
    blocks: BTreeMap<Uuid, block::Model>,
}

impl Doing {
    /// Keeps what was done to a task, or why it was not.
    fn part(&mut self, list: &'static str, at: usize, written: Result<Written>) -> Result<()> {
        if let Some(Written { touched, permit, change }) = self.refusals.gather(list, at, written)? {
            self.changes.push((permit, change));
            self.tasks.insert(touched.task.id, touched.task);
            for block in [touched.block, touched.left].into_iter().flatten() {
                self.blocks.insert(block.id.0, block);
            }
        }
        Ok(())
    }
}

/// Records a meeting as held, with all that came out of it: whole, or not at all.
///
/// # Errors
/// Refused: WRONG_STATUS where it was held or cancelled, FUTURE_DAY, INVALID fields, and whatever the parts are refused
/// for alone, BALANCE_EXHAUSTED and APPROVAL_NEEDED among them (B-7). Forbidden where a part takes a right that the
/// caller does not have.
pub async fn hold(
    call: &Call,
    id: MeetingId,
    expected_version: i32,
    command: Hold,
    key: Option<Uuid>,
) -> Result<Edited<Outcome>> {
    let mut tx = call.begin().await?;
    let seen = store::meeting::get(&tx, id).await?.ok_or(Error::NotFound)?;
    let (client, engagement) = (seen.client_id, seen.engagement_id);
    call.permit(Action::MeetingManage, &Target::client(client)).map(drop)?;
    let staff = staff(&tx, id).await?;
    let new = New::for_them(&command, &staff);
    if let Some(made) = tx.replay(key, "meetingHold", &(id, expected_version, &command), &new.ids(id)).await?
    {
        drop(tx);
        return again(call, &made).await.map(Edited::Done);
    }
    let mut book = match command.time {
        Some(_) => Some(Book::open(&mut tx, engagement).await?),
        None => None,
    };
    let (before, permit) = take(call, &tx, id).await?;
    if before.version != expected_version {
        return Ok(Edited::Conflict(Outcome::of(before)));
    }
    let mut doing = Doing::default();
    open(&before, &mut doing.refusals);
    let day = day_of(call, &tx, &before, &mut doing.refusals).await?;
    let mut row = before.clone();
    words(&mut row, &command, &mut doing.refusals);
    let items = store::meeting_item::of(&tx, id).await?;
    for (at, item) in command.done.iter().enumerate() {
        if !items.iter().any(|held| held.id == *item) {
            let words = "It is not on the meeting's agenda.";
            doing.refusals.push(Refusal::new(ErrorCode::Invalid, words).of("doneItemIds", at));
        }
    }
    tasks(call, &mut tx, client, &command, &new, &mut doing).await?;
    let mut entries = Vec::new();
    if let (Some(book), Some(time)) = (book.as_mut(), &command.time) {
        let wanted = Wanted { engagement, day, minutes: row.duration_minutes, time, staff: &staff };
        entries =
            log_all(call, &mut tx, book, &wanted, &new.entries, &mut doing.refusals, &mut doing.changes)
                .await?;
    }
    std::mem::take(&mut doing.refusals).check()?;

    row.status = MeetingStatus::Held;
    row.closed_at = Some(tx.now());
    row.closed_by = call.actor.user_id();
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await?;
    store::meeting_item::mark_done(&tx, &command.done).await?;
    agenda::carry_on(&tx, &row).await?;
    if let Some(score) = command.satisfaction {
        let figure = Figure {
            client_id: client,
            engagement_id: Some(engagement),
            source: SatisfactionSource::Meeting,
            score,
            note: None,
            meeting_id: Some(id),
            report_answer_id: None,
        };
        satisfaction::record(&tx, SatisfactionId::new(), figure).await?;
    }
    let mut balance = None;
    if let Some(mut book) = book {
        tx.at_last(
            entries.iter().map(|entered| Write::insert(vec![entered.entry.clone()])).collect::<Vec<_>>(),
        );
        book.save_at_last(&mut tx);
        balance = book.balance(&tx);
    }
    let mut changes = vec![(permit, change(Some(&before), &row))];
    changes.extend(doing.changes);
    tx.commit_all(changes).await?;
    let entries = entries
        .into_iter()
        .map(|Entered { entry, user, task, .. }| Logged { entry, user: Some(user), task, balance: None })
        .collect();
    let (tasks, blocks) = (doing.tasks.into_values().collect(), doing.blocks.into_values().collect());
    Ok(Edited::Done(Outcome { meeting: row, tasks, blocks, entries, balance }))
}

/// The ids of what is about to be made, known before anything is written.
struct New {
    entries: Vec<TimeEntryId>,
    requests: Vec<TaskId>,
    creations: Vec<TaskId>,
    touched: Vec<TaskId>,
}

impl New {
    fn for_them(command: &Hold, staff: &[user::Model]) -> Self {
        let touched = command.cancel.iter().map(|(id, _)| *id);
        let touched = touched.chain(command.moves.iter().map(|(id, _)| *id));
        Self {
            entries: command.time.iter().flat_map(|_| staff).map(|_| TimeEntryId::new()).collect(),
            requests: command.request.iter().map(|_| TaskId::new()).collect(),
            creations: command.create.iter().map(|_| TaskId::new()).collect(),
            touched: touched.chain(command.accept.iter().map(|(id, _)| *id)).collect(),
        }
    }

    fn ids(&self, meeting: MeetingId) -> Vec<Uuid> {
        let tasks = self.requests.iter().chain(&self.creations).chain(&self.touched).map(|id| id.0);
        std::iter::once(meeting.0).chain(self.entries.iter().map(|id| id.0)).chain(tasks).collect()
    }
}

/// The outcome of an earlier request with the same key, read with today's rights.
async fn again(call: &Call, made: &[Uuid]) -> Result<Outcome> {
    let Some((meeting, others)) = made.split_first() else { return Err(Error::NotFound) };
    let meeting = find(call, MeetingId(*meeting)).await?.ok_or(Error::NotFound)?;
    let of = [meeting.engagement_id];
    let mut outcome = Outcome::of(meeting);
    let mut tasks = BTreeMap::new();
    for id in others {
        if let Some(entry) = crate::usecase::time_entry::find(call, TimeEntryId(*id)).await? {
            outcome.entries.push(Logged { entry, user: None, task: None, balance: None });
        } else if let Some(task) = crate::usecase::task::find(call, TaskId(*id)).await? {
            tasks.insert(task.id, task);
        }
    }
    outcome.tasks = tasks.into_values().collect();
    if !outcome.entries.is_empty() {
        outcome.balance = hour_balance::read(call, Which::Engagements(&of)).await?.into_iter().next();
    }
    Ok(outcome)
}

/// The people of the provider's in a meeting.
async fn staff(tx: &Tx<'_>, id: MeetingId) -> Result<Vec<user::Model>> {
    let people = store::meeting::participants(tx.connection(), id).await?;
    Ok(people.into_iter().filter(|user| !user.role.is_client()).collect())
}

/// The day on which a meeting was, by the engagement's calendar.
async fn day_of(
    call: &Call,
    tx: &Tx<'_>,
    row: &meeting::Model,
    refusals: &mut Refusals,
) -> Result<NaiveDate> {
    let engagement = super::plan::engagement(tx, row.engagement_id).await?;
    let zone = zone(&engagement)?;
    let day = local_day(row.starts_at, zone);
    if day > local_day(call.now, zone) {
        refusals.push(Refusal::new(ErrorCode::FutureDay, "The meeting's day has not come yet."));
    }
    Ok(day)
}

/// What is told of a meeting in words and figures.
fn words(row: &mut meeting::Model, command: &Hold, refusals: &mut Refusals) {
    if let Some(minutes) = command.duration_minutes {
        super::plan::lasts(minutes, "durationMinutes", refusals);
        row.duration_minutes = minutes;
    }
    row.notes = command.notes.as_deref().and_then(|notes| field::text(refusals, "notes", notes, TEXT));
    if let Some(score) = command.satisfaction {
        satisfaction::check(score, "satisfaction", refusals);
        row.satisfaction = Some(score);
    }
    for (name, count) in [
        ("cancel", command.cancel.len()),
        ("request", command.request.len()),
        ("create", command.create.len()),
        ("move", command.moves.len()),
        ("accept", command.accept.len()),
    ] {
        if count > EACH {
            let words = format!("At most {EACH} of them in one outcome.");
            refusals.push(Refusal::new(ErrorCode::Invalid, words).at(name));
        }
    }
}

/// What becomes of tasks: given up, asked for, planned, put elsewhere, accepted.
async fn tasks(
    call: &Call,
    tx: &mut Tx<'_>,
    client: ClientId,
    command: &Hold,
    new: &New,
    doing: &mut Doing,
) -> Result<()> {
    for (at, (id, comment)) in command.accept.iter().take(EACH).enumerate() {
        let step = Step::Accept { comment: comment.clone(), in_meeting: true };
        let written = match ours(tx, client, *id).await {
            Ok(()) => step_within(call, tx, *id, step).await,
            Err(error) => Err(error),
        };
        doing.part("accept", at, written)?;
    }
    for (at, (id, reason)) in command.cancel.iter().take(EACH).enumerate() {
        let step = Step::Cancel { reason: reason.clone() };
        let written = match ours(tx, client, *id).await {
            Ok(()) => step_within(call, tx, *id, step).await,
            Err(error) => Err(error),
        };
        doing.part("cancel", at, written)?;
    }
    for (at, (asked, id)) in command.request.iter().zip(&new.requests).take(EACH).enumerate() {
        let request = Request {
            client_id: client,
            title: asked.title.clone(),
            description: asked.description.clone(),
            external_id: None,
            external_url: None,
        };
        let written = request_within(call, tx, *id, request).await;
        doing.part("request", at, written)?;
    }
    for (at, (created, id)) in command.create.iter().zip(&new.creations).take(EACH).enumerate() {
        let written = match plan_of(tx, created.block_id).await?.filter(|plan| plan.client_id == client) {
            Some(plan) => create_within(call, tx, *id, plan, created.clone()).await,
            None => Err(field::not_here("blockId", "The client has no such block.")),
        };
        doing.part("create", at, written)?;
    }
    for (at, (id, to)) in command.moves.iter().take(EACH).enumerate() {
        let written = match ours(tx, client, *id).await {
            Ok(()) => reposition_within(call, tx, *id, to.clone()).await,
            Err(error) => Err(error),
        };
        doing.part("move", at, written)?;
    }
    Ok(())
}

/// A task of another client is, here, none.
async fn ours(tx: &Tx<'_>, client: ClientId, id: TaskId) -> Result<()> {
    let found = store::task::get(tx, id).await?.filter(|task| task.client_id == client);
    found
        .map(drop)
        .ok_or_else(|| Error::refused_at("taskId", ErrorCode::NotFound, "The client has no such task."))
}
