//! The rhythm of an engagement: when its weekly meeting is (M-1).

use domain::calendar::{Weekday, local_day, week_of};
use domain::engagement::EngagementStatus;
use domain::id::EngagementId;
use domain::meeting::{MeetingStatus, Rhythm};
use domain::policy::{Action, Permit, Target};
use domain::refusal::ErrorCode;
use entity::{engagement, meeting, meeting_rhythm};

use super::plan::{PLACE, engagement, lasts};
use super::told::{What, tell};
use super::{change, schedule, take_turn};
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change, Tx};
use crate::usecase::field;
use crate::usecase::ledger::zone;

/// A rhythm to be set.
#[derive(Debug, Clone)]
pub struct SetRhythm {
    pub weekday: Weekday,
    /// 0 to 23.
    pub hour: i32,
    /// 0 to 59.
    pub minute: i32,
    pub duration_minutes: i32,
    pub place: Option<String>,
}

/// What the rules see of a rhythm.
pub(super) fn rule(row: &meeting_rhythm::Model) -> Rhythm {
    Rhythm { weekday: row.weekday, minute_of_day: row.minute_of_day }
}

/// Sets the rhythm of an engagement, a draft's as well. What the old one planned and nobody moved follows it within its
/// week; what is due is planned at once.
///
/// # Errors
/// Refused: INVALID fields; WRONG_STATUS once the engagement has ended.
pub async fn set(call: &Call, id: EngagementId, command: SetRhythm) -> Result<engagement::Model> {
    let mut tx = call.begin().await?;
    let engagement = engagement(&tx, id).await?;
    let target = Target::client(engagement.client_id);
    let permit = call.permit(Action::MeetingManage, &target)?;
    take_turn(&tx, engagement.client_id).await?;
    let mut refusals = Refusals::default();
    if matches!(engagement.status, EngagementStatus::Completed | EngagementStatus::Cancelled) {
        refusals.push(Refusal::new(ErrorCode::WrongStatus, "The engagement has ended."));
    }
    for (value, most, name) in [(command.hour, 23, "hour"), (command.minute, 59, "minute")] {
        if !(0..=most).contains(&value) {
            let words = format!("It lies between 0 and {most}.");
            refusals.push(Refusal::new(ErrorCode::Invalid, words).at(name));
        }
    }
    lasts(command.duration_minutes, "durationMinutes", &mut refusals);
    let place = command.place.and_then(|place| field::text(&mut refusals, "place", &place, PLACE));
    refusals.check()?;
    let before = store::meeting::rhythm(tx.connection(), id).await?;
    let row = meeting_rhythm::Model {
        engagement_id: id,
        client_id: engagement.client_id,
        weekday: command.weekday,
        minute_of_day: command.hour * 60 + command.minute,
        duration_minutes: command.duration_minutes,
        place,
        set_by: call.actor.user_id(),
        version: before.as_ref().map_or(1, |before| before.version + 1),
        created_at: before.as_ref().map_or(tx.now(), |before| before.created_at),
        updated_at: tx.now(),
    };
    let mut changes = vec![(permit, audited(before.as_ref(), Some(&row)))];
    match before {
        Some(before) => {
            store::update(&tx, row.clone()).await?;
            follow(call, &mut tx, &engagement, &before, &row, &mut changes).await?;
        }
        None => store::insert(&tx, row.clone()).await?,
    }
    for made in schedule::fill(call, &mut tx, &engagement, &row).await? {
        changes.push((call.permit(Action::MeetingManage, &target)?, change(None, &made)));
    }
    tx.commit_all(changes).await?;
    Ok(engagement)
}

/// Moves what the rhythm planned for weeks to come to where it would plan it now.
async fn follow(
    call: &Call,
    tx: &mut Tx<'_>,
    engagement: &engagement::Model,
    before: &meeting_rhythm::Model,
    after: &meeting_rhythm::Model,
    changes: &mut Vec<(Permit, Change)>,
) -> Result<()> {
    let zone = zone(engagement)?;
    let planned = store::meeting::by_rhythm(tx, engagement.id, week_of(local_day(tx.now(), zone))).await?;
    for old in &planned {
        let Some(day) = old.planned_on else { continue };
        let was = rule(before).in_week_of(day, zone);
        let is_as_planned = was.is_some_and(|slot| slot.starts_at == old.starts_at);
        let Some(slot) = rule(after).in_week_of(day, zone) else { continue };
        let is_free = planned.iter().all(|other| other.id == old.id || other.planned_on != Some(slot.day));
        let is_served = engagement.starts_on.is_none_or(|first| first <= slot.day)
            && engagement.ends_on.is_none_or(|end| slot.day < end);
        if old.status != MeetingStatus::Planned || !is_as_planned || !is_free || !is_served {
            continue;
        }
        if slot.starts_at <= tx.now() || old.starts_at <= tx.now() {
            continue;
        }
        let row = meeting::Model {
            planned_on: Some(slot.day),
            starts_at: slot.starts_at,
            duration_minutes: after.duration_minutes,
            place: after.place.clone(),
            version: old.version + 1,
            updated_at: tx.now(),
            ..old.clone()
        };
        store::update(tx, row.clone()).await?;
        if row.starts_at != old.starts_at {
            tell(call, tx, engagement, &row, What::WasMoved).await?;
        }
        let permit = call.permit(Action::MeetingManage, &Target::client(row.client_id))?;
        changes.push((permit, change(Some(old), &row)));
    }
    Ok(())
}

/// Ends the rhythm of an engagement; what is planned stays until somebody calls it off.
///
/// # Errors
/// The database's own.
pub async fn clear(call: &Call, id: EngagementId) -> Result<engagement::Model> {
    let tx = call.begin().await?;
    let engagement = engagement(&tx, id).await?;
    let permit = call.permit(Action::MeetingManage, &Target::client(engagement.client_id))?;
    take_turn(&tx, engagement.client_id).await?;
    let before = store::meeting::rhythm(tx.connection(), id)
        .await?
        .ok_or_else(|| Error::refused(ErrorCode::WrongStatus, "The engagement has no rhythm of meetings."))?;
    store::meeting::clear_rhythm(&tx, id).await?;
    tx.commit(permit, audited(Some(&before), None)).await?;
    Ok(engagement)
}

fn audited(before: Option<&meeting_rhythm::Model>, after: Option<&meeting_rhythm::Model>) -> Change {
    let summary = |row: &meeting_rhythm::Model| {
        serde_json::json!({
            "weekday": row.weekday, "minuteOfDay": row.minute_of_day, "durationMinutes": row.duration_minutes,
            "place": row.place,
        })
    };
    let of = before.or(after).map(|row| (row.engagement_id, row.client_id));
    let mut change = match of {
        Some((engagement, client)) => Change::of("MeetingRhythm", engagement).client(client),
        None => Change::of_kind("MeetingRhythm"),
    };
    if let Some(before) = before {
        change = change.before(&summary(before));
    }
    if let Some(after) = after {
        change = change.after(&summary(after));
    }
    change
}
