//! Meetings planned by hand, and what is changed of those to come: moved, called off (M-1).

use chrono::{DateTime, Days, Utc};
use domain::calendar::local_day;
use domain::engagement::EngagementStatus;
use domain::id::{EngagementId, MeetingId, UserId};
use domain::meeting::{DURATION, MeetingKind, MeetingStatus};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use entity::{engagement, meeting};
use serde::Serialize;
use uuid::Uuid;

use super::told::{What, tell};
use super::{agenda, change, find, open, people, take, take_turn};
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Tx};
use crate::usecase::field;
use crate::usecase::ledger::zone;
use crate::usecase::patch::{Edited, Patch, set, set_required};

/// The longest place or link.
pub(super) const PLACE: usize = 2000;
/// How many days back a meeting that nobody planned can be put on record, and how many ahead one is planned.
const BACK: u64 = 31;
const AHEAD: u64 = 366;

/// A meeting to be planned.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    pub engagement_id: EngagementId,
    pub kind: MeetingKind,
    pub starts_at: DateTime<Utc>,
    pub duration_minutes: i32,
    pub place: Option<String>,
    /// The project managers and the client's owners where absent.
    pub participant_ids: Option<Vec<UserId>>,
}

/// An engagement, whoever asks.
pub(super) async fn engagement(tx: &Tx<'_>, id: EngagementId) -> Result<engagement::Model> {
    store::engagement::get(tx.connection(), id).await?.ok_or(Error::NotFound)
}

/// Plans a meeting by hand (M-1). One that was held unplanned is planned for its time, and then held.
///
/// # Errors
/// Refused: WRONG_STATUS while the engagement is a draft or once it has ended; NOT_SERVED, INVALID fields.
pub async fn plan(call: &Call, command: Plan, key: Option<Uuid>) -> Result<meeting::Model> {
    let mut tx = call.begin().await?;
    let engagement = engagement(&tx, command.engagement_id).await?;
    let client = engagement.client_id;
    let permit = call.permit(Action::MeetingManage, &Target::client(client))?;
    let id = MeetingId::new();
    if let Some(made) = tx.replay(key, "meetingPlan", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(MeetingId).ok_or(Error::NotFound)?;
        return find(call, made).await?.ok_or(Error::NotFound);
    }
    take_turn(&tx, client).await?;
    let mut refusals = Refusals::default();
    running(&engagement, &mut refusals);
    let mut row = blank(&tx, id, &engagement, command.kind, command.starts_at, command.duration_minutes);
    served(&engagement, &row, call.now, &mut refusals)?;
    lasts(row.duration_minutes, "durationMinutes", &mut refusals);
    row.place = command.place.and_then(|place| field::text(&mut refusals, "place", &place, PLACE));
    let today = local_day(call.now, zone(&engagement)?);
    let people = match &command.participant_ids {
        Some(named) => people::named(&tx, client, today, named, &mut refusals).await?,
        None => {
            let client = store::client::get(tx.connection(), client).await?.ok_or(Error::NotFound)?;
            people::usual(&tx, &client, today).await?
        }
    };
    refusals.check()?;
    write_new(call, &mut tx, &engagement, &row, &people).await?;
    tx.commit(permit, change(None, &row)).await?;
    Ok(row)
}

/// Writes a meeting with its people, who are told, and with what has waited for it.
pub(super) async fn write_new(
    call: &Call,
    tx: &mut Tx<'_>,
    engagement: &engagement::Model,
    row: &meeting::Model,
    people: &[UserId],
) -> Result<()> {
    store::insert(tx, row.clone()).await?;
    store::meeting::set_participants(tx, row.id, people).await?;
    agenda::gather(tx, row).await?;
    tell(call, tx, engagement, row, What::IsPlanned).await
}

/// A meeting to come, of nothing else yet.
pub(super) fn blank(
    tx: &Tx<'_>,
    id: MeetingId,
    engagement: &engagement::Model,
    kind: MeetingKind,
    starts_at: DateTime<Utc>,
    duration_minutes: i32,
) -> meeting::Model {
    meeting::Model {
        id,
        client_id: engagement.client_id,
        engagement_id: engagement.id,
        kind,
        status: MeetingStatus::Planned,
        planned_on: None,
        starts_at,
        duration_minutes,
        place: None,
        satisfaction: None,
        notes: None,
        cancel_reason: None,
        created_by: tx.actor_id().map(UserId),
        closed_at: None,
        closed_by: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    }
}

fn running(engagement: &engagement::Model, refusals: &mut Refusals) {
    let words = match engagement.status {
        EngagementStatus::Draft => "The engagement has not begun.",
        EngagementStatus::Completed | EngagementStatus::Cancelled => "The engagement has ended.",
        EngagementStatus::Active | EngagementStatus::Paused => return,
    };
    refusals.push(Refusal::new(ErrorCode::WrongStatus, words).at("engagementId"));
}

/// Refuses a time that the engagement does not serve, or one that is out of reach.
fn served(
    engagement: &engagement::Model,
    row: &meeting::Model,
    now: DateTime<Utc>,
    refusals: &mut Refusals,
) -> Result<()> {
    let zone = zone(engagement)?;
    let (day, today) = (local_day(row.starts_at, zone), local_day(now, zone));
    if today.checked_sub_days(Days::new(BACK)).is_some_and(|first| day < first)
        || today.checked_add_days(Days::new(AHEAD)).is_some_and(|last| day > last)
    {
        let words = format!("A meeting is at most {BACK} days back and {AHEAD} days ahead.");
        refusals.push(Refusal::new(ErrorCode::Invalid, words).at("startsAt"));
    }
    let begun = engagement.starts_on.is_none_or(|first| first <= day);
    if !begun || engagement.ends_on.is_some_and(|end| day >= end) {
        let words = "The engagement does not serve this day.";
        refusals.push(Refusal::new(ErrorCode::NotServed, words).at("startsAt"));
    }
    Ok(())
}

/// Refuses a length that no meeting has.
pub(super) fn lasts(minutes: i32, field: &'static str, refusals: &mut Refusals) {
    if !DURATION.contains(&minutes) {
        let words = format!("A meeting lasts {} to {} minutes.", DURATION.start(), DURATION.end());
        refusals.push(Refusal::new(ErrorCode::Invalid, words).at(field));
    }
}

/// What changes of a meeting to come.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub starts_at: Patch<DateTime<Utc>>,
    pub duration_minutes: Patch<i32>,
    pub place: Patch<String>,
    pub participant_ids: Patch<Vec<UserId>>,
}

/// Changes a meeting to come; with another time it is moved (M-1). The day that its rhythm planned it for stays, so that
/// the rhythm does not plan it again.
///
/// # Errors
/// Refused: WRONG_STATUS where it was held or cancelled; NOT_SERVED, INVALID fields.
pub async fn update(
    call: &Call,
    id: MeetingId,
    expected_version: i32,
    command: Update,
) -> Result<Edited<meeting::Model>> {
    let mut tx = call.begin().await?;
    let (before, permit) = take(call, &tx, id).await?;
    if before.version != expected_version {
        return Ok(Edited::Conflict(before));
    }
    let engagement = engagement(&tx, before.engagement_id).await?;
    let mut refusals = Refusals::default();
    open(&before, &mut refusals);
    let mut row = before.clone();
    set_required(&mut row.starts_at, command.starts_at, "startsAt", &mut refusals);
    if row.starts_at != before.starts_at {
        served(&engagement, &row, call.now, &mut refusals)?;
    }
    set_required(&mut row.duration_minutes, command.duration_minutes, "durationMinutes", &mut refusals);
    lasts(row.duration_minutes, "durationMinutes", &mut refusals);
    let place =
        command.place.map(|place| place.and_then(|place| field::text(&mut refusals, "place", &place, PLACE)));
    set(&mut row.place, place);
    let mut people = None;
    match command.participant_ids {
        Some(Some(named)) => {
            let today = local_day(call.now, zone(&engagement)?);
            people = Some(people::named(&tx, row.client_id, today, &named, &mut refusals).await?);
        }
        Some(None) => {
            refusals.push(Refusal::new(ErrorCode::Invalid, "This cannot be empty.").at("participantIds"));
        }
        None => {}
    }
    refusals.check()?;
    if let Some(people) = people {
        store::meeting::set_participants(&tx, id, &people).await?;
    }
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await?;
    if row.starts_at != before.starts_at {
        tell(call, &mut tx, &engagement, &row, What::WasMoved).await?;
    }
    // Whoever has joined hears of it for the first time.
    tell(call, &mut tx, &engagement, &row, What::IsPlanned).await?;
    tx.commit(permit, change(Some(&before), &row)).await?;
    Ok(Edited::Done(row))
}

/// Calls a meeting off, with the reason; what was on its agenda goes on to the next one (M-1).
///
/// # Errors
/// Refused: REASON_REQUIRED; WRONG_STATUS where it was held or cancelled.
pub async fn cancel(
    call: &Call,
    id: MeetingId,
    expected_version: i32,
    reason: String,
) -> Result<Edited<meeting::Model>> {
    let mut tx = call.begin().await?;
    let (before, permit) = take(call, &tx, id).await?;
    if before.version != expected_version {
        return Ok(Edited::Conflict(before));
    }
    let mut refusals = Refusals::default();
    open(&before, &mut refusals);
    let reason = field::reason(&mut refusals, "reason", &reason);
    refusals.check()?;
    let engagement = engagement(&tx, before.engagement_id).await?;
    let row = call_off(call, &mut tx, &engagement, &before, reason.unwrap_or_default()).await?;
    tx.commit(permit, change(Some(&before), &row)).await?;
    Ok(Edited::Done(row))
}

/// Writes that a meeting is called off, and tells its people.
pub(super) async fn call_off(
    call: &Call,
    tx: &mut Tx<'_>,
    engagement: &engagement::Model,
    before: &meeting::Model,
    reason: String,
) -> Result<meeting::Model> {
    let row = meeting::Model {
        status: MeetingStatus::Cancelled,
        cancel_reason: Some(reason),
        closed_at: Some(tx.now()),
        closed_by: tx.actor_id().map(UserId),
        version: before.version + 1,
        updated_at: tx.now(),
        ..before.clone()
    };
    store::update(tx, row.clone()).await?;
    agenda::carry_on(tx, &row).await?;
    tell(call, tx, engagement, &row, What::WasCancelled).await?;
    Ok(row)
}
