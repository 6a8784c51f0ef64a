//! Another tariff from the next period on, and who is held for its minutes then (E-5, T-2).

use std::collections::BTreeSet;

use domain::engagement::{EngagementStatus, Length};
use domain::id::{EngagementId, ReservationId, TariffId, UserId};
use domain::period::span;
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::reservation::sums_to;
use domain::tariff::{StartCondition, StartConditions};

use domain::text::Text;
use entity::{engagement, engagement_tariff, reservation};
use serde::Serialize;

use super::super::ledger::Book;
use super::{TEXT, bought, capacity, open_due};
use crate::app::Call;
use crate::bus::Topic;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::engagement::Offer;
use crate::store::{self, Change, Tx};

/// What changes with the next period.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeTariff {
    pub tariff_id: TariffId,
    /// Who is held for how many minutes a month from then on.
    pub reservations: Vec<(UserId, i32)>,
    /// Why an administrator lets someone's capacity be passed.
    pub override_reason: Option<String>,
}

/// Moves an engagement to another tariff with its next period; a change named before for that period is replaced.
///
/// # Errors
/// Refused: WRONG_STATUS unless it runs on; INVALID or TARIFF_WITHDRAWN for the tariff; RESERVATIONS_MISMATCH,
/// CAPACITY_EXCEEDED, INVALID for the reservations.
pub async fn change(call: &Call, id: EngagementId, command: ChangeTariff) -> Result<engagement::Model> {
    let mut tx = call.begin().await?;
    let before = store::engagement::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::EngagementManage, &Target::client(before.client_id))?;
    let overriding = match command.override_reason {
        Some(_) => Some(call.permit(Action::CapacityOverride, &Target::client(before.client_id))?),
        None => None,
    };
    let (before, book) = open_due(&mut tx, before).await?;
    let current = bought(&tx, &before).await?;
    let runs_on = before.status == EngagementStatus::Active
        && before.ends_on.is_none()
        && Length::of(current.terms.length_months.or(before.own_length_months)) == Length::UntilCancelled;
    let (Some(book), true) = (book, runs_on) else {
        return Err(Error::refused(
            ErrorCode::WrongStatus,
            "Only an engagement that runs on into a next period can change its tariff.",
        ));
    };
    let next = next_period(&book);
    let mut refusals = Refusals::default();
    let offer = check_tariff(&tx, &before, command.tariff_id, &mut refusals).await?;
    let reason = command
        .override_reason
        .as_ref()
        .and_then(|reason| refusals.take("capacityOverrideReason", Text::parse(reason, TEXT)));
    if let Some(offer) = &offer {
        check_reservations(&tx, &before, offer, next, &command, &mut refusals).await?;
    }
    refusals.check()?;
    let Some(offer) = offer else { return Err(Error::NotFound) };

    let now = tx.now();
    let terms = engagement_tariff::Model {
        engagement_id: id,
        from_period: next,
        tariff_revision_id: offer.terms.id,
        created_by: call.actor.user_id(),
        created_at: now,
    };
    store::engagement::set_terms(&tx, terms).await?;
    store::reservation::clear_from(&tx, id, next).await?;
    let reason_text = reason.map(String::from);
    for (user_id, minutes) in command.reservations {
        let held = reservation::Model {
            id: ReservationId::new(),
            engagement_id: id,
            user_id,
            minutes,
            from_period: next,
            until_period: None,
            override_by: reason_text.as_ref().and(call.actor.user_id()),
            override_reason: reason_text.clone(),
            created_at: now,
        };
        store::insert(&tx, held).await?;
    }
    let mut row = before.clone();
    row.version += 1;
    row.updated_at = now;
    store::update(&tx, row.clone()).await?;
    tx.wake(Topic::Balance(row.client_id, id));
    let after = serde_json::json!({"fromPeriod": next, "tariffRevision": offer.terms.id, "overrideReason": reason_text});
    let change = || Change::of("Engagement", id).after(&after).client(row.client_id);
    let done = [Some(permit), overriding].into_iter().flatten().map(|permit| (permit, change()));
    tx.commit_all(done).await?;
    Ok(row)
}

/// The number of the period that comes next: the first one where none has begun.
fn next_period(book: &Book) -> i32 {
    book.last().map_or(1, |last| last.number + 1)
}

async fn check_tariff(
    tx: &Tx<'_>,
    row: &engagement::Model,
    id: TariffId,
    refusals: &mut Refusals,
) -> Result<Option<Offer>> {
    let mut refuse = |code, text| refusals.push(Refusal::new(code, text).at("tariffId"));
    let fits = |offer: &Offer| {
        offer.service.id == row.service_id && Length::of(offer.terms.length_months) == Length::UntilCancelled
    };
    let Some(offer) = store::engagement::offer(tx.connection(), id).await?.filter(fits) else {
        refuse(ErrorCode::Invalid, "The engagement's service has no such tariff.");
        return Ok(None);
    };
    if offer.tariff.withdrawn_at.is_some() {
        refuse(ErrorCode::TariffWithdrawn, "This tariff is withdrawn.");
    }
    Ok(Some(offer))
}

/// The reservations of the next period sum to the new tariff, are of people of the team, each once and above 0, and
/// pass nobody's capacity without an administrator's word (T-2).
async fn check_reservations(
    tx: &Tx<'_>,
    row: &engagement::Model,
    offer: &Offer,
    next: i32,
    command: &ChangeTariff,
    refusals: &mut Refusals,
) -> Result<()> {
    let wanted = &command.reservations;
    let mut refuse = |code, text| refusals.push(Refusal::new(code, text).at("reservations"));
    let conditions: StartConditions = offer
        .service
        .start_conditions
        .parse()
        .map_err(|error| Error::Internal(format!("service {}: {error}", offer.service.code)))?;
    let must_sum = conditions.0.contains(&StartCondition::Reservations);
    let minutes: Vec<i32> = wanted.iter().map(|(_, minutes)| *minutes).collect();
    if must_sum && !sums_to(&minutes, offer.terms.minutes) {
        refuse(ErrorCode::ReservationsMismatch, "The reservations do not sum to the tariff's minutes.");
    }
    let people: BTreeSet<UserId> = wanted.iter().map(|(user, _)| *user).collect();
    if people.len() != wanted.len() || wanted.iter().any(|(_, minutes)| *minutes <= 0) {
        refuse(ErrorCode::Invalid, "Each person is reserved once, for at least a minute.");
    }
    let Some(starts_on) = row.starts_on else { return Ok(()) };
    let from = span(starts_on, next).starts_on;
    let team = store::start::team_on(tx.connection(), row.client_id, from).await?;
    if people.iter().any(|person| team.iter().all(|(user, _)| user != person)) {
        refuse(ErrorCode::Invalid, "Somebody is not on the client's team then.");
    }
    let passed = capacity::passed(tx, wanted, from, row.id).await?;
    if !passed.is_empty() && command.override_reason.is_none() {
        refuse(ErrorCode::CapacityExceeded, "Somebody would be held for more than their capacity.");
    }
    Ok(())
}
