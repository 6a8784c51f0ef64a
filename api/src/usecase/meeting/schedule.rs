//! What the rhythms ask for, planned by the system: each meeting once, whoever else plans at the same moment (M-1).

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use domain::calendar::{local_day, week_of};
use domain::engagement::EngagementStatus;
use domain::id::{EngagementId, MeetingId};
use domain::meeting::{MeetingKind, ended};
use domain::policy::{Action, Target};
use entity::{engagement, meeting, meeting_rhythm};

use super::plan::{blank, call_off, engagement, write_new};
use super::rhythm::rule;
use super::{change, people, take_turn};
use crate::app::Call;
use crate::error::{Error, Result};
use crate::store::{self, Tx};
use crate::usecase::ledger::zone;
use crate::usecase::retry;

/// Plans what is due for every engagement that runs, and calls off what lies behind the end of one; one transaction
/// each. Returns how many meetings were planned.
///
/// # Errors
/// The first that failed, after all were tried.
pub async fn plan_due(call: &Call) -> Result<usize> {
    let db = call.app.db.reading();
    // A day early in one zone is a day late in another.
    let from = week_of(call.now.date_naive()) - Days::new(7);
    let days = store::meeting::planned_days(db, from).await?;
    let (mut planned, mut failure) = (0, None);
    for (rhythm, engagement) in store::meeting::rhythms(db).await? {
        let weeks = weeks(days.get(&engagement.id).into_iter().flatten().copied());
        if missing(call, &rhythm, &engagement, &weeks).is_empty() {
            continue;
        }
        match retry(call, engagement.id, |call, id| async move { plan_of(&call, id).await }).await {
            Ok(count) => planned += count,
            Err(error) => failure = Some(error),
        }
    }
    for (meeting, engagement) in store::meeting::of_ending(db, call.now).await? {
        if !lies_behind(&meeting, &engagement)? {
            continue;
        }
        if let Err(error) = retry(call, meeting.id, |call, id| async move { end(&call, id).await }).await {
            failure = Some(error);
        }
    }
    failure.map_or(Ok(planned), Err)
}

fn weeks(days: impl Iterator<Item = NaiveDate>) -> BTreeSet<NaiveDate> {
    days.map(week_of).collect()
}

/// The slots that are due in weeks for which nothing was planned.
fn missing(
    call: &Call,
    rhythm: &meeting_rhythm::Model,
    engagement: &engagement::Model,
    weeks: &BTreeSet<NaiveDate>,
) -> Vec<domain::meeting::Slot> {
    let (Ok(zone), Some(starts_on)) = (zone(engagement), engagement.starts_on) else { return Vec::new() };
    if engagement.status != EngagementStatus::Active {
        return Vec::new();
    }
    let due = rule(rhythm).due(call.now, zone, starts_on, engagement.ends_on);
    due.into_iter().filter(|slot| !weeks.contains(&week_of(slot.day))).collect()
}

/// Plans what is due for one engagement.
async fn plan_of(call: &Call, id: EngagementId) -> Result<usize> {
    let mut tx = call.begin().await?;
    let seen = engagement(&tx, id).await?;
    let target = Target::client(seen.client_id);
    take_turn(&tx, seen.client_id).await?;
    let engagement = engagement(&tx, id).await?;
    let Some(rhythm) = store::meeting::rhythm(tx.connection(), id).await? else { return Ok(0) };
    let made = fill(call, &mut tx, &engagement, &rhythm).await?;
    let mut changes = Vec::new();
    for row in &made {
        changes.push((call.permit(Action::MeetingSchedule, &target)?, change(None, row)));
    }
    if !changes.is_empty() {
        tx.commit_all(changes).await?;
    }
    Ok(made.len())
}

/// Writes the meetings that are due and not there yet; the client's row is locked.
pub(super) async fn fill(
    call: &Call,
    tx: &mut Tx<'_>,
    engagement: &engagement::Model,
    rhythm: &meeting_rhythm::Model,
) -> Result<Vec<meeting::Model>> {
    if engagement.starts_on.is_none() {
        return Ok(Vec::new());
    }
    let today = local_day(tx.now(), zone(engagement)?);
    let planned = store::meeting::by_rhythm(tx, engagement.id, week_of(today)).await?;
    let weeks = weeks(planned.iter().filter_map(|meeting| meeting.planned_on));
    let mut made = Vec::new();
    for slot in missing(call, rhythm, engagement, &weeks) {
        let client = store::client::get(tx.connection(), engagement.client_id).await?;
        let client = client.ok_or(Error::NotFound)?;
        let people = people::usual(tx, &client, today).await?;
        let row = meeting::Model {
            planned_on: Some(slot.day),
            place: rhythm.place.clone(),
            ..blank(
                tx,
                MeetingId::new(),
                engagement,
                MeetingKind::Weekly,
                slot.starts_at,
                rhythm.duration_minutes,
            )
        };
        write_new(call, tx, engagement, &row, &people).await?;
        made.push(row);
    }
    Ok(made)
}

/// Whether a meeting lies on a day that its engagement does not serve any more.
fn lies_behind(meeting: &meeting::Model, engagement: &engagement::Model) -> Result<bool> {
    let is_over = matches!(engagement.status, EngagementStatus::Completed | EngagementStatus::Cancelled);
    let day = local_day(meeting.starts_at, zone(engagement)?);
    Ok(is_over || engagement.ends_on.is_some_and(|end| day >= end))
}

/// Calls off a meeting behind its engagement's end.
async fn end(call: &Call, id: MeetingId) -> Result<()> {
    let mut tx = call.begin().await?;
    let Some(seen) = store::meeting::get(&tx, id).await? else { return Ok(()) };
    let permit = call.permit(Action::MeetingSchedule, &Target::client(seen.client_id))?;
    take_turn(&tx, seen.client_id).await?;
    let Some(before) = store::meeting::lock(&tx, id).await? else { return Ok(()) };
    let engagement = engagement(&tx, before.engagement_id).await?;
    let is_open = domain::meeting::check_open(before.status).is_ok();
    if !is_open || before.starts_at <= tx.now() || !lies_behind(&before, &engagement)? {
        return Ok(());
    }
    let client = store::client::get(tx.connection(), before.client_id).await?.ok_or(Error::NotFound)?;
    let row = call_off(call, &mut tx, &engagement, &before, ended(client.locale).to_owned()).await?;
    tx.commit(permit, change(Some(&before), &row)).await
}
