//! What a client asks about a time entry, and the answer (W-5).
//!
//! A question is answered once, by the author of the time or the client's project manager; the entry stands as it is, or is
//! corrected with the question named, whose answer is then the reason of the correction. A question follows its entry to
//! the correction and keeps which entry it was asked of, so that it is found where the time is looked at. Where no entry of
//! the client's stands in its place (it was withdrawn, or moved to another client), the reason answers all that was open:
//! nothing is left waiting about time that is gone. An open question stands on the agenda of the next meeting (M-1).

use domain::id::{TimeEntryId, TimeEntryQuestionId, UserId};
use domain::meeting::AgendaSource;
use domain::notification::Content;
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::team::Position;
use entity::{client, time_entry, time_entry_question, user};
use serde::Serialize;
use uuid::Uuid;

use super::field::{self, WORDS};
use super::meeting::{self, For, Point};
use super::notification::{Audience, Notice, notify};
use crate::app::Call;
use crate::bus::Topic;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change, Tx, by_id};

/// The most questions about an entry: they are a plain list.
const MOST: usize = 20;

/// One visible question: whoever reads the notes of time reads what was asked about it.
///
/// # Errors
/// The caller reads no notes at all; the database's own.
pub async fn find(call: &Call, id: TimeEntryQuestionId) -> Result<Option<time_entry_question::Model>> {
    let scope = call.scope(Action::TimeNoteRead)?;
    Ok(store::time_entry_question::find(call.app.db.reading(), &scope, id).await?)
}

/// What is asked.
#[derive(Debug, Clone, Serialize)]
pub struct Ask {
    pub entry: TimeEntryId,
    pub text: String,
}

/// A question with the entry that it is about.
pub type Asked = (time_entry_question::Model, time_entry::Model);

/// Asks about an entry (W-5); its author and the client's project manager are told.
///
/// # Errors
/// Refused: WRONG_STATUS for an entry that was corrected, INVALID for the text or the twenty-first question.
pub async fn ask(call: &Call, command: Ask, key: Option<Uuid>) -> Result<Asked> {
    let mut tx = call.begin().await?;
    let entry = store::time_entry::lock(&tx, command.entry).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::TimeEntryQuestion, &Target::client(entry.client_id))?;
    let id = TimeEntryQuestionId::new();
    if let Some(made) = tx.replay(key, "timeEntryQuestion", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(TimeEntryQuestionId).ok_or(Error::NotFound)?;
        let row = find(call, made).await?.ok_or(Error::NotFound)?;
        let entry = super::time_entry::find(call, row.time_entry_id).await?.ok_or(Error::NotFound)?;
        return Ok((row, entry));
    }
    let mut refusals = Refusals::default();
    if entry.corrected_at.is_some() {
        let message = "This entry was corrected: ask about the one that stands.";
        refusals.push(Refusal::new(ErrorCode::WrongStatus, message).at("id"));
    }
    if store::time_entry_question::lock_of_entry(&tx, entry.id).await?.len() >= MOST {
        let message = format!("At most {MOST} questions are asked about an entry.");
        refusals.push(Refusal::new(ErrorCode::Invalid, message).at("id"));
    }
    let text = field::text(&mut refusals, "text", &command.text, WORDS);
    refusals.check()?;
    let asked_by = person(call)?;
    let row = time_entry_question::Model {
        id,
        client_id: entry.client_id,
        time_entry_id: entry.id,
        asked_of_id: entry.id,
        asked_by,
        text: text.unwrap_or_default(),
        asked_at: tx.now(),
        answered_by: None,
        answer: None,
        answered_at: None,
    };
    store::insert(&tx, row.clone()).await?;
    let point = Point {
        task_id: entry.task_id,
        question_id: Some(id.0),
        ..Point::of(AgendaSource::Question, row.text.clone())
    };
    meeting::raise(&tx, For::Engagement(entry.client_id, entry.engagement_id), point).await?;
    tx.wake(Topic::TimeEntry(entry.client_id, entry.id));
    let content = Content::EntryQuestioned {
        client: client_name(&tx, &entry).await?,
        by: name(&tx, asked_by).await?,
        worked_on: entry.worked_on,
        minutes: entry.minutes,
        question: row.text.clone(),
    };
    let audience = Audience::people([entry.user_id]).and(Audience::places(&[Position::ProjectManager]));
    notify(call, &mut tx, notice(&row, audience, content)).await?;
    let change = Change::of("TimeEntryQuestion", id).client(entry.client_id).after(&command);
    tx.commit(permit, change).await?;
    Ok((row, entry))
}

/// Answers a question and lets its entry stand (W-5); whoever asked is told.
///
/// # Errors
/// Refused: WRONG_STATUS where it was answered before, INVALID text; Forbidden for others' time.
pub async fn answer(call: &Call, id: TimeEntryQuestionId, words: String) -> Result<Asked> {
    let mut tx = call.begin().await?;
    let question = store::time_entry_question::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let entry = by_id::read::<time_entry::Entity, _>(tx.connection(), &[question.time_entry_id]).await?;
    let entry = entry.into_values().next().ok_or(Error::NotFound)?;
    let target = Target::client(question.client_id).owned_by(Some(entry.user_id));
    let permit = call.permit(Action::TimeEntryAnswer, &target)?;
    let mut refusals = Refusals::default();
    if question.answered_at.is_some() {
        let message = "This question was answered already.";
        refusals.push(Refusal::new(ErrorCode::WrongStatus, message).at("id"));
    }
    let words = field::text(&mut refusals, "answer", &words, WORDS).unwrap_or_default();
    refusals.check()?;
    let row = give(call, &mut tx, question, &entry, &words).await?;
    tx.wake(Topic::TimeEntry(entry.client_id, entry.id));
    let change = Change::of("TimeEntryQuestion", id).client(row.client_id);
    tx.commit(permit, change.after(&serde_json::json!({"answer": words}))).await?;
    Ok((row, entry))
}

/// Settles the questions about an entry that is being corrected or taken back, within that transaction: they follow to
/// what stands in its place, the named one answered with the reason; where nothing does, all that are open are.
///
/// # Errors
/// Refused: NOT_FOUND for a named question that is not an open one about this entry.
pub(super) async fn settle(
    call: &Call,
    tx: &mut Tx<'_>,
    old: &time_entry::Model,
    new: Option<&time_entry::Model>,
    named: Option<TimeEntryQuestionId>,
    reason: &str,
) -> Result<()> {
    let questions = store::time_entry_question::lock_of_entry(tx, old.id).await?;
    let is_open = |row: &&time_entry_question::Model| row.answered_at.is_none();
    if named.is_some_and(|named| !questions.iter().filter(is_open).any(|row| row.id == named)) {
        let message = "There is no such open question about this entry.";
        return Err(Error::refused_at("answersQuestionId", ErrorCode::NotFound, message));
    }
    let new = new.filter(|new| new.client_id == old.client_id);
    if let Some(new) = new.filter(|_| !questions.is_empty()) {
        store::time_entry_question::follow(tx, old.id, new.id).await?;
    }
    for mut question in questions.into_iter().filter(|row| row.answered_at.is_none()) {
        if new.is_none() || named == Some(question.id) {
            question.time_entry_id = new.map_or(old.id, |new| new.id);
            give(call, tx, question, new.unwrap_or(old), reason).await?;
        }
    }
    Ok(())
}

/// Writes an answer and tells whoever asked.
async fn give(
    call: &Call,
    tx: &mut Tx<'_>,
    question: time_entry_question::Model,
    entry: &time_entry::Model,
    words: &str,
) -> Result<time_entry_question::Model> {
    let by = person(call)?;
    let row = time_entry_question::Model {
        answered_by: Some(by),
        answer: Some(words.to_owned()),
        answered_at: Some(tx.now()),
        ..question
    };
    store::update(tx, row.clone()).await?;
    store::meeting_item::settle_question(tx, row.id.0).await?;
    let content = Content::EntryAnswered {
        client: client_name(tx, entry).await?,
        by: name(tx, by).await?,
        worked_on: entry.worked_on,
        minutes: entry.minutes,
        answer: words.to_owned(),
    };
    notify(call, tx, notice(&row, Audience::people([row.asked_by]), content)).await?;
    Ok(row)
}

fn notice(row: &time_entry_question::Model, audience: Audience, content: Content) -> Notice {
    Notice {
        client: Some(row.client_id),
        audience,
        content,
        subject: Some(("TimeEntry", row.time_entry_id.0)),
        once: row.id.0.to_string(),
    }
}

fn person(call: &Call) -> Result<UserId> {
    call.actor.user_id().ok_or_else(|| Error::Internal("only people ask and answer".to_owned()))
}

async fn name(tx: &Tx<'_>, id: UserId) -> Result<String> {
    let found = by_id::read::<user::Entity, _>(tx.connection(), &[id]).await?;
    Ok(found.into_values().next().ok_or(Error::NotFound)?.name)
}

async fn client_name(tx: &Tx<'_>, entry: &time_entry::Model) -> Result<String> {
    let found = by_id::read::<client::Entity, _>(tx.connection(), &[entry.client_id]).await?;
    Ok(found.into_values().next().ok_or(Error::NotFound)?.name)
}
