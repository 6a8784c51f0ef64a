//! The start of an engagement: all its unmet conditions at once, or its first period (E-2, E-4).
//!
//! Conditions are judged by the domain on facts that are read here; who is held for how much is read with the people
//! locked. Implementations can be offered and paid for, but are not begun in this version.

use chrono::NaiveDate;
use domain::engagement::{EngagementEvent, EngagementStatus, Length, next, unmet_codes};
use domain::id::{EngagementId, UserId};
use domain::plan::PlanKind;
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::reservation::{Held, peak};
use domain::tariff::{GrantRule, StartConditions};
use entity::{engagement, engagement_tariff, reservation, user};

use super::super::client::today;
use super::super::ledger::Book;
use super::super::reservation::held;
use super::{bought, check_near, summary};
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::engagement::Offer;
use crate::store::start::Found;
use crate::store::{self, Change};

/// How far from today an engagement may begin, in days.
const YEAR: u64 = 366;

/// Starts a draft (E-2): its zone and first day are fixed, its first period opens once that day has come.
///
/// # Errors
/// Refused: WRONG_STATUS, and every start condition that is unmet, each by its own code.
pub async fn start(call: &Call, id: EngagementId, starts_on: Option<NaiveDate>) -> Result<engagement::Model> {
    let mut tx = call.begin().await?;
    let before = store::engagement::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::EngagementManage, &Target::client(before.client_id))?;
    let offer = bought(&tx, &before).await?;
    let length = Length::of(offer.terms.length_months.or(before.own_length_months));
    let status = next(before.status, EngagementEvent::Start, length)
        .map_err(|error| Error::refused(ErrorCode::WrongStatus, error.to_string()))?;
    let client = store::client::get(tx.connection(), before.client_id).await?.ok_or(Error::NotFound)?;
    let today = today(&client, tx.now());
    let day = starts_on.or(before.starts_on).unwrap_or(today);
    let mut found = store::start::found(tx.connection(), &before, &client, &offer, day).await?;
    let people: Vec<UserId> = found.reserved.iter().map(|held| held.user_id).collect();
    let people = store::reservation::lock_people(&tx, &people).await?;
    let elsewhere = store::reservation::of_people(tx.connection(), &ids(&people)).await?;
    found.facts.capacity_exceeded_without_override = is_passed(&before, &found, today, &people, &elsewhere);
    let mut refusals = Refusals::default();
    check_near(day, today, YEAR, "startsOn", &mut refusals);
    for code in unmet(&before, &offer, &found)? {
        refusals.push(refusal(code));
    }
    refusals.check()?;

    let mut row = before.clone();
    row.status = status;
    row.time_zone = Some(client.time_zone);
    row.starts_on = Some(day);
    row.started_at = Some(tx.now());
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await?;
    let terms = engagement_tariff::Model {
        engagement_id: id,
        from_period: 1,
        tariff_revision_id: row.tariff_revision_id,
        created_by: call.actor.user_id(),
        created_at: tx.now(),
    };
    store::engagement::set_terms(&tx, terms).await?;
    let mut book = Book::open(&mut tx, id).await?;
    book.save(&mut tx).await?;
    let change = Change::of("Engagement", id).before(&summary(&before)).after(&summary(&row));
    tx.commit(permit, change.client(row.client_id)).await?;
    Ok(row)
}

/// The codes of what a draft lacks for starting on its day, or today where it names none; empty for all others.
///
/// # Errors
/// The database's own.
pub async fn unmet_now(call: &Call, row: &engagement::Model) -> Result<Vec<ErrorCode>> {
    if row.status != EngagementStatus::Draft {
        return Ok(Vec::new());
    }
    let db = call.app.db.reading();
    let offer = store::engagement::bought(db, row.tariff_revision_id).await?.ok_or(Error::NotFound)?;
    let client = store::client::get(db, row.client_id).await?.ok_or(Error::NotFound)?;
    let day = row.starts_on.unwrap_or_else(|| today(&client, call.now));
    let mut found = store::start::found(db, row, &client, &offer, day).await?;
    let people: Vec<UserId> = found.reserved.iter().map(|held| held.user_id).collect();
    let people: Vec<_> = store::by_id::read::<user::Entity, _>(db, &people).await?.into_values().collect();
    let elsewhere = store::reservation::of_people(db, &ids(&people)).await?;
    let today = today(&client, call.now);
    found.facts.capacity_exceeded_without_override = is_passed(row, &found, today, &people, &elsewhere);
    unmet(row, &offer, &found)
}

fn ids(people: &[user::Model]) -> Vec<UserId> {
    people.iter().map(|person| person.id).collect()
}

/// Whether somebody would hold more minutes a month than they have, from the first day on, and no administrator let
/// them (T-2). Who states no capacity has no bounds.
fn is_passed(
    row: &engagement::Model,
    found: &Found,
    today: NaiveDate,
    people: &[user::Model],
    elsewhere: &[(reservation::Model, engagement::Model)],
) -> bool {
    let begun = engagement::Model { starts_on: Some(found.facts.starts_on), ..row.clone() };
    found.reserved.iter().filter(|own| own.override_by.is_none()).any(|own| {
        let capacity = people.iter().find(|person| person.id == own.user_id);
        let Some(capacity) = capacity.and_then(|person| person.capacity_minutes) else { return false };
        let Some(wanted) = held(own, &begun, today) else { return false };
        let others = elsewhere
            .iter()
            .filter(|(other, _)| other.user_id == own.user_id && other.engagement_id != row.id)
            .filter_map(|(other, engagement)| held(other, engagement, today));
        let all: Vec<Held> = others.chain([wanted]).collect();
        peak(&all, wanted.from, wanted.until) > capacity
    })
}

/// All that is unmet, by code (E-2). A service that is not begun in this version has no other conditions.
fn unmet(row: &engagement::Model, offer: &Offer, found: &Found) -> Result<Vec<ErrorCode>> {
    if offer.service.plan_kind == Some(PlanKind::Implementation) {
        return Ok(vec![ErrorCode::ServiceNotOffered]);
    }
    let conditions: StartConditions = offer
        .service
        .start_conditions
        .parse()
        .map_err(|error| Error::Internal(format!("service {}: {error}", offer.service.code)))?;
    let mut codes = unmet_codes(&conditions.0, &found.facts);
    if offer.tariff.withdrawn_at.is_some() {
        codes.push(ErrorCode::TariffWithdrawn);
    }
    let lacks_own = row.own_minutes.is_none() || row.own_length_months.is_none();
    if offer.terms.grant_rule == GrantRule::Once && lacks_own {
        codes.push(ErrorCode::Invalid);
    }
    Ok(codes)
}

/// An unmet condition in words.
fn refusal(code: ErrorCode) -> Refusal {
    let text = match code {
        ErrorCode::WayInMissing => {
            "No implementation by the provider and no audit with findings is on record."
        }
        ErrorCode::PlanMissing => "A development plan with goals and an overall estimate is missing.",
        ErrorCode::ChatLinkMissing => "The shared chat's link is not on record.",
        ErrorCode::ClientOwnerMissing => "No owner of the client is invited.",
        ErrorCode::TeamIncomplete => "The team on the first day lacks a position that the service needs.",
        ErrorCode::ReservationsMismatch => "The reservations do not sum to the tariff's minutes.",
        ErrorCode::CapacityExceeded => "Somebody is held for more than their capacity.",
        ErrorCode::SpecialistOverloaded => "The specialist carries as many projects as the service allows.",
        ErrorCode::PaymentMissing => "The first period's payment is not on record.",
        ErrorCode::StartBeforePayment => "The first period was paid on a later day.",
        ErrorCode::TariffWithdrawn => "The tariff is withdrawn.",
        ErrorCode::ServiceNotOffered => "Engagements of this service stay drafts in this version.",
        _ => "The engagement's own minutes and length are to be stated.",
    };
    let refusal = Refusal::new(code, text);
    if code == ErrorCode::StartBeforePayment { refusal.at("startsOn") } else { refusal }
}
