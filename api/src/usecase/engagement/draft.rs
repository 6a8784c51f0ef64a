//! An engagement as an offer: written, changed, and not bought yet (E-1, E-2).

use chrono::NaiveDate;
use domain::engagement::{EngagementStatus, OveragePolicy};
use domain::id::{ClientId, EngagementId, PlanId, TariffId, UserId};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::tariff::GrantRule;
use domain::text::Text;
use domain::user::{Role, UserStatus};
use entity::engagement;
use serde::Serialize;
use uuid::Uuid;

use super::super::client::today;
use super::super::patch::{Edited, Patch, set};
use super::super::price::Amount;
use super::{TEXT, bought, check_minutes, check_near, find, summary};
use crate::app::Call;
use crate::bus::Topic;
use crate::bus::rights::Whom;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::engagement::Offer;
use crate::store::{self, Change, Tx};

/// How far away a first day may be wished for, in days.
const WISH: u64 = 3660;
/// The longest length of an engagement's own, in months.
const MONTHS: i32 = 60;

/// What a new offer is made from.
#[derive(Debug, Clone, Serialize)]
pub struct Create {
    pub client_id: ClientId,
    pub tariff_id: TariffId,
    pub plan_id: Option<PlanId>,
    pub seller_id: Option<UserId>,
    pub starts_on: Option<NaiveDate>,
    /// The tariff's list price where absent.
    pub price: Option<Amount>,
    pub sale_note: Option<String>,
    pub own_minutes: Option<i32>,
    pub own_length_months: Option<i32>,
}

/// Writes an offer on the terms that are on sale now (E-1, E-2). Whoever of SALES writes it sells it.
///
/// # Errors
/// NotFound for the client; refused: INVALID fields, a tariff that is TARIFF_WITHDRAWN.
pub async fn create(call: &Call, command: Create, key: Option<Uuid>) -> Result<engagement::Model> {
    let permit = call.permit(Action::EngagementDraft, &Target::client(command.client_id))?;
    let mut tx = call.begin().await?;
    let id = EngagementId::new();
    if let Some(made) = tx.replay(key, "engagementCreate", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(EngagementId).ok_or(Error::NotFound)?;
        return find(call, made).await?.ok_or(Error::NotFound);
    }
    store::client::lock(&tx, command.client_id).await?.ok_or(Error::NotFound)?;
    let Some(offer) = store::engagement::offer(tx.connection(), command.tariff_id).await? else {
        return Err(unknown_tariff().into());
    };
    let now = tx.now();
    let mut row = engagement::Model {
        id,
        client_id: command.client_id,
        service_id: offer.service.id,
        tariff_revision_id: offer.terms.id,
        plan_id: None,
        seller_id: call.actor.user().filter(|user| user.role == Role::Sales).map(|user| user.id),
        status: EngagementStatus::Draft,
        time_zone: None,
        starts_on: None,
        ends_on: None,
        overage_policy: OveragePolicy::Allowed,
        grant_unpaid: false,
        own_minutes: None,
        own_length_months: None,
        price_minor: offer.terms.price_minor,
        currency: offer.terms.currency.clone(),
        sale_note: None,
        started_at: None,
        ended_at: None,
        end_reason: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let update = Update {
        tariff_id: Some(Some(command.tariff_id)),
        plan_id: command.plan_id.map(Some),
        seller_id: command.seller_id.map(Some),
        starts_on: command.starts_on.map(Some),
        price: command.price.map(Some),
        sale_note: command.sale_note.map(Some),
        own_minutes: command.own_minutes.map(Some),
        own_length_months: command.own_length_months.map(Some),
    };
    apply(call, &tx, &mut row, update).await?;
    store::insert(&tx, row.clone()).await?;
    if let Some(seller) = row.seller_id {
        tx.wake(Topic::Rights(Whom::User(seller)));
    }
    let change = Change::of("Engagement", id).after(&summary(&row));
    tx.commit(permit, change.client(row.client_id)).await?;
    Ok(row)
}

/// What changes of an offer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub tariff_id: Patch<TariffId>,
    pub plan_id: Patch<PlanId>,
    pub seller_id: Patch<UserId>,
    pub starts_on: Patch<NaiveDate>,
    pub price: Patch<Amount>,
    pub sale_note: Patch<String>,
    pub own_minutes: Patch<i32>,
    pub own_length_months: Patch<i32>,
}

/// Changes an offer that is not begun (E-2).
///
/// # Errors
/// Refused: WRONG_STATUS once it has begun or was given up, INVALID fields, TARIFF_WITHDRAWN.
pub async fn update(
    call: &Call,
    id: EngagementId,
    expected_version: i32,
    command: Update,
) -> Result<Edited<engagement::Model>> {
    let mut tx = call.begin().await?;
    let before = store::engagement::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::EngagementDraft, &Target::client(before.client_id))?;
    if before.version != expected_version {
        return Ok(Edited::Conflict(before));
    }
    if before.status != EngagementStatus::Draft {
        return Err(Error::refused(ErrorCode::WrongStatus, "Only a draft can be changed."));
    }
    let mut row = before.clone();
    apply(call, &tx, &mut row, command).await?;
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await?;
    if row.seller_id != before.seller_id {
        for seller in [before.seller_id, row.seller_id].into_iter().flatten() {
            tx.wake(Topic::Rights(Whom::User(seller)));
        }
    }
    let change = Change::of("Engagement", id).before(&summary(&before)).after(&summary(&row));
    tx.commit(permit, change.client(row.client_id)).await?;
    Ok(Edited::Done(row))
}

/// Puts an update into a row, everything refused at once.
async fn apply(call: &Call, tx: &Tx<'_>, row: &mut engagement::Model, update: Update) -> Result<()> {
    let mut refusals = Refusals::default();
    let offer = take_tariff(tx, row, update.tariff_id, &mut refusals).await?;
    set(&mut row.plan_id, update.plan_id);
    check_plan(tx, row, &offer, &mut refusals).await?;
    if let Some(seller) = update.seller_id {
        check_seller(call, tx, seller, &mut refusals).await?;
        row.seller_id = seller;
    }
    if let Some(Some(day)) = update.starts_on {
        let client = store::client::get(tx.connection(), row.client_id).await?.ok_or(Error::NotFound)?;
        check_near(day, today(&client, tx.now()), WISH, "startsOn", &mut refusals);
    }
    set(&mut row.starts_on, update.starts_on);
    if let Some(price) = update.price {
        let money = price.and_then(|price| price.read("price", &mut refusals));
        row.price_minor = money.map(|money| money.minor);
        row.currency = money.map(|money| money.currency.code().to_owned());
    }
    if let Some(note) = update.sale_note {
        row.sale_note = match note {
            Some(note) => refusals.take("saleNote", Text::parse(&note, TEXT)).map(Into::into),
            None => None,
        };
    }
    take_own(row, update.own_minutes, update.own_length_months, &offer, &mut refusals);
    refusals.check()
}

async fn take_tariff(
    tx: &Tx<'_>,
    row: &mut engagement::Model,
    tariff: Patch<TariffId>,
    refusals: &mut Refusals,
) -> Result<Offer> {
    let Some(tariff) = tariff else { return bought(tx, row).await };
    let found = match tariff {
        Some(id) => store::engagement::offer(tx.connection(), id).await?,
        None => None,
    };
    let Some(offer) = found else {
        refusals.push(unknown_tariff());
        return bought(tx, row).await;
    };
    if offer.tariff.withdrawn_at.is_some() {
        refusals.push(Refusal::new(ErrorCode::TariffWithdrawn, "This tariff is withdrawn.").at("tariffId"));
    }
    row.service_id = offer.service.id;
    row.tariff_revision_id = offer.terms.id;
    Ok(offer)
}

fn unknown_tariff() -> Refusal {
    Refusal::new(ErrorCode::Invalid, "There is no such tariff.").at("tariffId")
}

/// A plan is the client's own and of the kind that the service works on.
pub(super) async fn check_plan(
    tx: &Tx<'_>,
    row: &engagement::Model,
    offer: &Offer,
    refusals: &mut Refusals,
) -> Result<()> {
    let Some(id) = row.plan_id else { return Ok(()) };
    let plan = store::start::plan(tx.connection(), id).await?.map(|(plan, _)| plan);
    match plan.filter(|plan| plan.client_id == row.client_id) {
        None => refusals.push(Refusal::new(ErrorCode::Invalid, "The client has no such plan.").at("planId")),
        Some(plan) if offer.service.plan_kind != Some(plan.kind) => refusals.push(
            Refusal::new(ErrorCode::Invalid, "The service works on another kind of plan.").at("planId"),
        ),
        Some(_) => {}
    }
    Ok(())
}

/// A seller is of the provider's staff; whoever of SALES writes the offer sells it in their own name.
async fn check_seller(
    call: &Call,
    tx: &Tx<'_>,
    seller: Option<UserId>,
    refusals: &mut Refusals,
) -> Result<()> {
    let mut refuse = |text| refusals.push(Refusal::new(ErrorCode::Invalid, text).at("sellerId"));
    if call.actor.user().is_some_and(|user| user.role == Role::Sales && seller != Some(user.id)) {
        refuse("A salesperson sells in their own name.");
        return Ok(());
    }
    if let Some(id) = seller {
        let user = store::user::get(tx.connection(), id).await?;
        if !user.is_some_and(|user| !user.role.is_client() && user.status != UserStatus::Disabled) {
            refuse("The seller is nobody of the provider's staff.");
        }
    }
    Ok(())
}

/// Minutes and length of an engagement's own belong to tariffs that state none (E-4).
fn take_own(
    row: &mut engagement::Model,
    minutes: Patch<i32>,
    months: Patch<i32>,
    offer: &Offer,
    refusals: &mut Refusals,
) {
    if offer.terms.grant_rule != GrantRule::Once {
        for (given, field) in [(minutes, "ownMinutes"), (months, "ownLengthMonths")] {
            if given.flatten().is_some() {
                let text = "The tariff states its minutes and length itself.";
                refusals.push(Refusal::new(ErrorCode::Invalid, text).at(field));
            }
        }
        (row.own_minutes, row.own_length_months) = (None, None);
        return;
    }
    if let Some(Some(minutes)) = minutes {
        check_minutes(minutes, "ownMinutes", refusals);
    }
    if months.flatten().is_some_and(|months| !(1..=MONTHS).contains(&months)) {
        let text = format!("A length is 1 to {MONTHS} months.");
        refusals.push(Refusal::new(ErrorCode::Invalid, text).at("ownLengthMonths"));
    }
    set(&mut row.own_minutes, minutes);
    set(&mut row.own_length_months, months);
}
