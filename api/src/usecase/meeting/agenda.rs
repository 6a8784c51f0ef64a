//! The agenda: points that are raised, wait for a meeting, and are carried on until they are done (M-1).

use domain::id::{ClientId, EngagementId, MeetingId, MeetingItemId, TaskId};
use domain::meeting::{AGENDA, AgendaSource};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use entity::{meeting, meeting_item};
use serde::Serialize;
use uuid::Uuid;

use super::{find_item, open, take_turn};
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change, Tx};
use crate::usecase::field::{self, WORDS};

/// Whose next meeting a point is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// The next one of this engagement.
    Engagement(ClientId, EngagementId),
    /// The next one of any of the client's engagements.
    Client(ClientId),
}

/// A point of an agenda, with what it is about where that has an id.
#[derive(Debug, Clone)]
pub struct Point {
    pub text: String,
    pub source: AgendaSource,
    pub task_id: Option<TaskId>,
    pub question_id: Option<Uuid>,
    pub report_answer_id: Option<Uuid>,
}

impl Point {
    /// A point that is about nothing else.
    pub fn of(source: AgendaSource, text: String) -> Self {
        Self { text, source, task_id: None, question_id: None, report_answer_id: None }
    }
}

/// Puts a point on the agenda of the next meeting; where none is planned yet, or its agenda is full, it waits for the
/// one after. The right to raise it was decided before; the caller commits.
///
/// # Errors
/// NotFound where there is no such client; the database's own.
pub async fn raise(tx: &Tx<'_>, whose: For, point: Point) -> Result<meeting_item::Model> {
    let (client, engagement) = match whose {
        For::Engagement(client, engagement) => (client, Some(engagement)),
        For::Client(client) => (client, None),
    };
    take_turn(tx, client).await?;
    let next = store::meeting::next(tx, client, engagement, None).await?;
    put(tx, MeetingItemId::new(), client, engagement, next, point).await
}

async fn put(
    tx: &Tx<'_>,
    id: MeetingItemId,
    client: ClientId,
    engagement: Option<EngagementId>,
    meeting: Option<MeetingId>,
    point: Point,
) -> Result<meeting_item::Model> {
    let (count, last) = store::meeting_item::agenda(tx, meeting, client).await?;
    let (meeting, last) = match meeting {
        Some(_) if count >= AGENDA as u64 => (None, store::meeting_item::agenda(tx, None, client).await?.1),
        meeting => (meeting, last),
    };
    let row = meeting_item::Model {
        id,
        client_id: client,
        engagement_id: engagement,
        meeting_id: meeting,
        position: last + 1,
        text: point.text,
        source: point.source,
        task_id: point.task_id,
        question_id: point.question_id,
        report_answer_id: point.report_answer_id,
        raised_by: tx.actor_id().map(domain::id::UserId),
        done: false,
        created_at: tx.now(),
    };
    store::insert(tx, row.clone()).await?;
    Ok(row)
}

/// Gives a meeting that was just planned what has waited for it.
pub(super) async fn gather(tx: &Tx<'_>, meeting: &meeting::Model) -> Result<()> {
    let (client, engagement) = (meeting.client_id, meeting.engagement_id);
    let waiting = store::meeting_item::waiting(tx, client, engagement, AGENDA).await?;
    Ok(store::meeting_item::put(tx, &waiting, Some(meeting.id), 0).await?)
}

/// Carries what is not done on to the next meeting, or lets it wait for one.
pub(super) async fn carry_on(tx: &Tx<'_>, meeting: &meeting::Model) -> Result<()> {
    let items = store::meeting_item::of(tx, meeting.id).await?;
    let left: Vec<MeetingItemId> = items.iter().filter(|item| !item.done).map(|item| item.id).collect();
    if left.is_empty() {
        return Ok(());
    }
    let (client, engagement) = (meeting.client_id, Some(meeting.engagement_id));
    let next = store::meeting::next(tx, client, engagement, Some(meeting.id)).await?;
    let room = match next {
        Some(_) => AGENDA.saturating_sub(
            usize::try_from(store::meeting_item::agenda(tx, next, client).await?.0).unwrap_or(AGENDA),
        ),
        None => 0,
    };
    let (fit, wait) = left.split_at(room.min(left.len()));
    for (items, onto) in [(fit, next), (wait, None)] {
        if !items.is_empty() {
            let (_, last) = store::meeting_item::agenda(tx, onto, client).await?;
            store::meeting_item::put(tx, items, onto, last).await?;
        }
    }
    Ok(())
}

/// A point that somebody adds by hand.
#[derive(Debug, Clone, Serialize)]
pub struct Add {
    pub engagement_id: EngagementId,
    /// The engagement's next meeting where absent.
    pub meeting_id: Option<MeetingId>,
    pub task_id: Option<TaskId>,
    pub text: String,
}

/// Adds a point by hand, by either side (M-1).
///
/// # Errors
/// Refused: INVALID text, meeting or task; WRONG_STATUS where the meeting was held or cancelled.
pub async fn add(call: &Call, command: Add, key: Option<Uuid>) -> Result<meeting_item::Model> {
    let tx = call.begin().await?;
    let engagement = super::plan::engagement(&tx, command.engagement_id).await?;
    let client = engagement.client_id;
    let permit = call.permit(Action::MeetingItemAdd, &Target::client(client))?;
    let id = MeetingItemId::new();
    if let Some(made) = tx.replay(key, "meetingItemAdd", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(MeetingItemId).ok_or(Error::NotFound)?;
        return find_item(call, made).await?.ok_or(Error::NotFound);
    }
    take_turn(&tx, client).await?;
    let mut refusals = Refusals::default();
    let text = field::text(&mut refusals, "text", &command.text, WORDS);
    if let Some(task) = command.task_id
        && store::task::get(&tx, task).await?.is_none_or(|task| task.client_id != client)
    {
        refusals.push(Refusal::new(ErrorCode::Invalid, "The client has no such task.").at("taskId"));
    }
    let meeting = match command.meeting_id {
        None => store::meeting::next(&tx, client, Some(engagement.id), None).await?,
        Some(id) => {
            let found = store::meeting::lock(&tx, id).await?;
            match found.filter(|meeting| meeting.engagement_id == engagement.id) {
                Some(meeting) => {
                    open(&meeting, &mut refusals);
                    if store::meeting_item::agenda(&tx, Some(id), client).await?.0 >= AGENDA as u64 {
                        let words = format!("An agenda holds at most {AGENDA} points.");
                        refusals.push(Refusal::new(ErrorCode::Invalid, words).at("meetingId"));
                    }
                }
                None => refusals.push(
                    Refusal::new(ErrorCode::Invalid, "The engagement has no such meeting.").at("meetingId"),
                ),
            }
            Some(id)
        }
    };
    refusals.check()?;
    let source = if command.task_id.is_some() { AgendaSource::Task } else { AgendaSource::Manual };
    let point = Point { task_id: command.task_id, ..Point::of(source, text.unwrap_or_default()) };
    let row = put(&tx, id, client, Some(engagement.id), meeting, point).await?;
    let after = serde_json::json!({"meetingId": row.meeting_id, "text": row.text, "taskId": row.task_id});
    tx.commit(permit, Change::of("MeetingItem", id).client(client).after(&after)).await?;
    Ok(row)
}

/// Removes a point that is not done: whoever raised it, or who manages meetings.
///
/// # Errors
/// Refused: WRONG_STATUS once it is done.
pub async fn remove(call: &Call, id: MeetingItemId) -> Result<meeting_item::Model> {
    let tx = call.begin().await?;
    let seen = store::meeting_item::get(&tx, id).await?.ok_or(Error::NotFound)?;
    let target = Target::client(seen.client_id).owned_by(seen.raised_by);
    let permit = call.permit(Action::MeetingItemRemove, &target)?;
    take_turn(&tx, seen.client_id).await?;
    let row = store::meeting_item::get(&tx, id).await?.ok_or(Error::NotFound)?;
    if row.done {
        return Err(Error::refused(ErrorCode::WrongStatus, "It was talked about and is done."));
    }
    store::meeting_item::remove(&tx, id).await?;
    let before = serde_json::json!({"meetingId": row.meeting_id, "text": row.text, "taskId": row.task_id});
    tx.commit(permit, Change::of("MeetingItem", id).client(row.client_id).before(&before)).await?;
    Ok(row)
}
