//! Reservations: minutes a month that members of a team hold for an engagement (T-2).
//!
//! They hold from one period to another. Setting them from a period on leaves what was held before as it was, and ends
//! where the next change of the tariff begins, since that change names its own. Those of a service that asks for them
//! sum to the tariff's minutes. What a person holds over all engagements stays within their monthly capacity (none
//! stated: no limit) unless an administrator says otherwise, with a reason that is kept. People are locked while their
//! hours are counted, so that two engagements cannot take the same ones at once.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::calendar::local_day;
use domain::engagement::EngagementStatus;
use domain::id::{EngagementId, ReservationId, UserId};
use domain::period::{number_on, span};
use domain::policy::{Action, Permit, Target};
use domain::refusal::ErrorCode;
use domain::reservation::{Held, peak, sums_to};
use domain::tariff::{StartCondition, StartConditions};
use domain::text::Text;
use entity::{engagement, reservation, tariff_revision};
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;

use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change, Tx};

/// The most people that share an engagement.
const PEOPLE: usize = 50;
/// Minutes of the longest month.
const MONTH: i32 = 31 * 24 * 60;
/// A hundred years of months.
const PERIODS: i32 = 1200;

/// What one person holds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Share {
    pub user_id: UserId,
    pub minutes: i32,
}

/// Who holds how much, from a period on.
#[derive(Debug, Clone, Serialize)]
pub struct Set {
    pub from_period: i32,
    pub shares: Vec<Share>,
    /// Why capacity may be passed.
    pub override_reason: Option<String>,
}

/// A visible reservation.
///
/// # Errors
/// The caller reads none at all; the database's own.
pub async fn find(call: &Call, id: ReservationId) -> Result<Option<reservation::Model>> {
    let scope = call.scope(Action::ReservationRead)?;
    Ok(store::reservation::find(call.app.db.reading(), &scope, id).await?)
}

/// Replaces an engagement's reservations from a period on (T-2); what stands from then on.
///
/// # Errors
/// Refused: see [`replace`].
pub async fn set(
    call: &Call,
    id: EngagementId,
    command: Set,
    key: Option<Uuid>,
) -> Result<Vec<reservation::Model>> {
    let tx = call.begin().await?;
    let engagement = store::engagement::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::ReservationManage, &Target::client(engagement.client_id))?;
    let from = command.from_period;
    if tx.replay(key, "reservationsSet", &(id, &command), &[id.0]).await?.is_some() {
        let all = store::reservation::of_engagement(tx.connection(), id).await?;
        return Ok(all.into_iter().filter(|row| row.until_period.is_none_or(|until| until > from)).collect());
    }
    let change = Change::of("Engagement", id).client(engagement.client_id).after(&command);
    let (rows, allowed) = replace(call, &tx, &engagement, command).await?;
    let overridden = allowed.map(|allowed| (allowed, Change::of("Engagement", id)));
    tx.commit_all([(permit, change)].into_iter().chain(overridden)).await?;
    Ok(rows)
}

/// The same inside a unit of work, for whoever changes the tariff with it; the override's permit is to be committed.
///
/// # Errors
/// Refused: WRONG_STATUS of an engagement that is over, PERIOD_CLOSED before the running period, INVALID people or
/// minutes, RESERVATIONS_MISMATCH, CAPACITY_EXCEEDED. Forbidden: a reason to pass the capacity from anyone but an
/// administrator.
pub async fn replace(
    call: &Call,
    tx: &Tx<'_>,
    engagement: &engagement::Model,
    command: Set,
) -> Result<(Vec<reservation::Model>, Option<Permit>)> {
    let today = local_day(call.now, zone(engagement));
    let mut refusals = Refusals::default();
    check_period(engagement, command.from_period, today, &mut refusals);
    check_shares(tx, engagement, &command.shares, call.now, &mut refusals).await?;
    let (terms, until) = terms(tx, engagement, command.from_period).await?;
    let minutes: Vec<i32> = command.shares.iter().map(|share| share.minutes).collect();
    if asks_for_reservations(tx, engagement).await? && !sums_to(&minutes, terms.minutes) {
        let wanted = terms.minutes.unwrap_or(0);
        let text = format!("The reservations do not sum to the tariff's {wanted} minutes.");
        refusals.push(Refusal::new(ErrorCode::ReservationsMismatch, text).at("reservations"));
    }
    let reason = command
        .override_reason
        .and_then(|reason| refusals.take("overrideReason", Text::parse(&reason, 2000)).map(String::from));
    refusals.check()?;

    let people: Vec<UserId> = command.shares.iter().map(|share| share.user_id).collect();
    let people = store::reservation::lock_people(tx, &people).await?;
    let mut new: Vec<_> = command
        .shares
        .iter()
        .map(|share| reservation::Model {
            id: ReservationId::new(),
            engagement_id: engagement.id,
            user_id: share.user_id,
            minutes: share.minutes,
            from_period: command.from_period,
            until_period: until,
            override_by: None,
            override_reason: None,
            created_at: tx.now(),
        })
        .collect();
    let standing = store::reservation::of_engagement(tx.connection(), engagement.id).await?;
    let (gone, kept) = make_room(&standing, command.from_period, until);

    let ids: Vec<UserId> = people.iter().map(|person| person.id).collect();
    let elsewhere = store::reservation::of_people(tx.connection(), &ids).await?;
    let mut over = BTreeSet::new();
    for row in &new {
        let capacity =
            people.iter().find(|person| person.id == row.user_id).and_then(|person| person.capacity_minutes);
        let Some(wanted) = held(row, engagement, today) else { continue };
        let others = elsewhere
            .iter()
            .filter(|(other, _)| other.user_id == row.user_id && other.engagement_id != engagement.id)
            .filter_map(|(other, engagement)| held(other, engagement, today));
        let all: Vec<Held> = others.chain([wanted]).collect();
        if capacity.is_some_and(|capacity| peak(&all, wanted.from.max(today), wanted.until) > capacity) {
            over.insert(row.user_id);
        }
    }
    let allowed = match (&reason, over.is_empty()) {
        (_, true) => None,
        (None, false) => {
            return Err(Error::refused_at(
                "reservations",
                ErrorCode::CapacityExceeded,
                "Someone would hold more than their monthly capacity; an administrator may allow it with a reason.",
            ));
        }
        (Some(_), false) => {
            Some(call.permit(Action::CapacityOverride, &Target::client(engagement.client_id))?)
        }
    };
    for row in new.iter_mut().filter(|row| over.contains(&row.user_id)) {
        row.override_by = call.actor.user_id();
        row.override_reason = reason.clone();
    }
    store::reservation::replace(tx, &gone, &kept, &new).await?;
    Ok((new, allowed))
}

fn check_period(engagement: &engagement::Model, from: i32, today: NaiveDate, refusals: &mut Refusals) {
    if matches!(engagement.status, EngagementStatus::Completed | EngagementStatus::Cancelled) {
        refusals.push(Refusal::new(ErrorCode::WrongStatus, "The engagement is over."));
    }
    let running = engagement
        .starts_on
        .filter(|_| engagement.status != EngagementStatus::Draft)
        .and_then(|start| number_on(start, today))
        .unwrap_or(1);
    if !(1..=PERIODS).contains(&from) {
        refusals.push(Refusal::new(ErrorCode::Invalid, "Periods count from 1.").at("fromPeriod"));
    } else if from < running {
        refusals.push(Refusal::new(ErrorCode::PeriodClosed, "That period is over.").at("fromPeriod"));
    }
}

async fn check_shares(
    tx: &Tx<'_>,
    engagement: &engagement::Model,
    shares: &[Share],
    now: DateTime<Utc>,
    refusals: &mut Refusals,
) -> Result<()> {
    let client = store::client::lock(tx, engagement.client_id).await?.ok_or(Error::NotFound)?;
    let today = super::client::today(&client, now);
    let team = store::team::of_client(tx.connection(), client.id).await?;
    let is_on_team = |share: &Share| {
        team.iter().any(|place| place.user_id == share.user_id && place.ends_on.is_none_or(|end| today < end))
    };
    let people: BTreeSet<UserId> = shares.iter().map(|share| share.user_id).collect();
    for (wrong, text) in [
        (shares.len() > PEOPLE, "At most 50 people share an engagement."),
        (people.len() < shares.len(), "A person is named once."),
        (shares.iter().any(|share| !(1..=MONTH).contains(&share.minutes)), "Minutes a month are 1 to 44640."),
        (!shares.iter().all(is_on_team), "Only people of the client's team hold minutes for it."),
    ] {
        if wrong {
            refusals.push(Refusal::new(ErrorCode::Invalid, text).at("reservations"));
        }
    }
    Ok(())
}

/// The terms in force in a period, and the first later period with terms of its own (E-5).
async fn terms(
    tx: &Tx<'_>,
    engagement: &engagement::Model,
    period: i32,
) -> Result<(tariff_revision::Model, Option<i32>)> {
    let changes = store::tariff::of_engagement(tx.connection(), engagement.id).await?;
    let next = changes.iter().map(|(from, _)| *from).find(|from| *from > period);
    let now = changes.into_iter().rev().find(|(from, _)| *from <= period);
    if let Some((_, terms)) = now {
        return Ok((terms, next));
    }
    let first = store::tariff::revision(tx.connection(), engagement.tariff_revision_id).await?;
    Ok((first.ok_or_else(|| Error::Internal("an engagement without terms".to_owned()))?, next))
}

async fn asks_for_reservations(tx: &Tx<'_>, engagement: &engagement::Model) -> Result<bool> {
    let service =
        store::service::get(tx.connection(), engagement.service_id).await?.ok_or(Error::NotFound)?;
    let conditions: StartConditions =
        service.start_conditions.parse().map_err(|error| Error::Internal(format!("{error}")))?;
    Ok(conditions.0.contains(&StartCondition::Reservations))
}

/// What goes and what is shortened for reservations of the periods from `from` to the one before `until`.
fn make_room(
    standing: &[reservation::Model],
    from: i32,
    until: Option<i32>,
) -> (Vec<reservation::Model>, Vec<reservation::Model>) {
    let is_before = |row: &reservation::Model| row.from_period < from;
    let is_behind = |row: &reservation::Model| until.is_some_and(|until| row.from_period >= until);
    let gone = standing.iter().filter(|row| !is_before(row) && !is_behind(row)).cloned().collect();
    let reaches_in = |row: &&reservation::Model| row.until_period.is_none_or(|end| end > from);
    let shortened = standing
        .iter()
        .filter(|row| is_before(row))
        .filter(reaches_in)
        .map(|row| reservation::Model { until_period: Some(from), ..row.clone() })
        .collect();
    (gone, shortened)
}

/// The days over which a reservation is held; none where nothing came or comes of it. A draft holds from its planned
/// start, or from today.
pub fn held(row: &reservation::Model, engagement: &engagement::Model, today: NaiveDate) -> Option<Held> {
    let is_over = matches!(engagement.status, EngagementStatus::Completed | EngagementStatus::Cancelled);
    let ended = is_over.then_some(engagement.ended_at).flatten();
    let end = engagement.ends_on.or(ended.map(|moment| local_day(moment, zone(engagement))));
    if is_over && engagement.started_at.is_none() {
        return None;
    }
    let start = engagement.starts_on.unwrap_or(today);
    let from = span(start, row.from_period).starts_on;
    let until = row.until_period.map(|period| span(start, period).starts_on);
    let until = match (until, end) {
        (Some(until), Some(end)) => Some(until.min(end)),
        (until, end) => until.or(end),
    };
    Some(Held { from, until, minutes: row.minutes })
        .filter(|held| held.until.is_none_or(|until| held.from < until))
}

fn zone(engagement: &engagement::Model) -> Tz {
    engagement.time_zone.as_deref().and_then(|zone| zone.parse().ok()).unwrap_or(Tz::UTC)
}
