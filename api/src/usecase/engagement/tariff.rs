//! Another tariff from the next period on, and who is held for its minutes then (E-5, T-2).

use domain::engagement::{EngagementStatus, Length};
use domain::id::{EngagementId, TariffId};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use entity::{engagement, engagement_tariff};
use serde::Serialize;

use super::super::reservation::{self, Set, Share};
use super::{bought, open_due};
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
    pub shares: Vec<Share>,
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
    // The first period where none has begun.
    let next = book.last().map_or(1, |last| last.number + 1);
    let mut refusals = Refusals::default();
    let offer = check_tariff(&tx, &before, command.tariff_id, &mut refusals).await?;
    refusals.check()?;
    let Some(offer) = offer else { return Err(Error::NotFound) };
    let terms = engagement_tariff::Model {
        engagement_id: id,
        from_period: next,
        tariff_revision_id: offer.terms.id,
        created_by: call.actor.user_id(),
        created_at: tx.now(),
    };
    store::engagement::set_terms(&tx, terms).await?;
    let audited = serde_json::json!({"fromPeriod": next, "change": &command});
    let shares = Set { from_period: next, shares: command.shares, override_reason: command.override_reason };
    let (_, allowed) = reservation::replace(call, &tx, &before, shares).await?;
    let mut row = before.clone();
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await?;
    tx.wake(Topic::Balance(row.client_id, id));
    let change = || Change::of("Engagement", id).after(&audited).client(row.client_id);
    let done = [Some(permit), allowed].into_iter().flatten().map(|permit| (permit, change()));
    tx.commit_all(done).await?;
    Ok(row)
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
