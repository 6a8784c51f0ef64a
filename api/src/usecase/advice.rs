//! The tariff advisor (E-7): what the support tariffs on sale come to for so many minutes, or for the rest of a plan.
//!
//! Support tariffs are those of the services that work on a development plan and grant the same minutes every month,
//! whatever they are called. List prices are public, so whoever reads the catalogue may ask; a plan only who reads it.

use chrono::NaiveDate;
use domain::advisor::{Offer, Row, Wish, advise};
use domain::calendar::local_day;
use domain::id::PlanId;
use domain::money::{Currency, Money};
use domain::plan::{PlanKind, remaining_minutes};
use domain::policy::Action;
use domain::refusal::ErrorCode;
use domain::tariff::GrantRule;

use super::price::Amount;
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store;
use crate::store::tariff::OnSale;

/// The most minutes that advice is asked for: more than a hundred years of working days.
const MOST: i32 = 20_000_000;
/// The most calls a week that somebody could hold.
const MOST_CALLS: i32 = 100;

/// What advice is asked for: minutes or a plan.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub minutes: Option<i32>,
    pub plan: Option<PlanId>,
    pub starts_on: Option<NaiveDate>,
    pub ends_by: Option<NaiveDate>,
    pub calls_a_week: Option<i32>,
    pub monthly_budget: Option<Amount>,
}

/// Advice: what was reckoned with, and the rows, each with the tariff on sale.
#[derive(Debug, Clone)]
pub struct Advice {
    pub wish: Wish,
    pub rows: Vec<Row>,
    pub tariffs: Vec<OnSale>,
}

/// Advises (E-7). A plan stands for what is left of its estimate; the first day is today where none is named, as the
/// plan's client or the provider counts it.
///
/// # Errors
/// Refused: neither minutes nor a plan or both, or figures without a meaning; NotFound for a plan that the caller does not
/// see.
pub async fn advice(call: &Call, asked: Asked) -> Result<Advice> {
    call.scope(Action::CatalogueRead)?;
    let mut refusals = Refusals::default();
    let mut refuse = |field, text: &str| refusals.push(Refusal::new(ErrorCode::Invalid, text).at(field));
    if asked.minutes.is_some() == asked.plan.is_some() {
        refuse("minutes", "Name minutes or a plan, one of the two.");
    }
    if asked.minutes.is_some_and(|minutes| !(1..=MOST).contains(&minutes)) {
        refuse("minutes", "Minutes are 1 to 20,000,000.");
    }
    if asked.calls_a_week.is_some_and(|calls| !(0..=MOST_CALLS).contains(&calls)) {
        refuse("callsPerWeek", "Calls a week are 0 to 100.");
    }
    let monthly_budget: Option<Money> =
        asked.monthly_budget.as_ref().and_then(|budget| budget.read("monthlyBudget", &mut refusals));
    refusals.check()?;
    let (minutes, zone) = match (asked.minutes, asked.plan) {
        (Some(minutes), _) => (minutes, call.app.config.time_zone),
        (None, Some(plan)) => of_plan(call, plan).await?,
        (None, None) => return Err(Error::Internal("advice on nothing".to_owned())),
    };
    let wish = Wish {
        minutes,
        starts_on: asked.starts_on.unwrap_or_else(|| local_day(call.now, zone)),
        ends_by: asked.ends_by,
        calls_a_week: asked.calls_a_week,
        monthly_budget,
    };
    let offers = offers(call).await?;
    let rows = advise(&wish, &offers.iter().map(|(offer, _)| *offer).collect::<Vec<_>>());
    Ok(Advice { wish, rows, tariffs: offers.into_iter().map(|(_, on_sale)| on_sale).collect() })
}

/// What is left of a visible plan, and the zone in which its client's days are counted.
async fn of_plan(call: &Call, id: PlanId) -> Result<(i32, chrono_tz::Tz)> {
    let plan = super::plan::find(call, id).await?.ok_or(Error::NotFound)?;
    let db = call.app.db.reading();
    let efforts = store::plan::efforts(db, std::slice::from_ref(&plan)).await?;
    let minutes = efforts.get(&plan.id).and_then(|effort| remaining_minutes(plan.status, effort));
    let minutes = minutes.ok_or_else(|| {
        Error::refused_at("planId", ErrorCode::Invalid, "The plan has no estimate yet; name minutes.")
    })?;
    let client = store::client::find(db, &domain::policy::Scope::All, plan.client_id).await?;
    let zone = client.and_then(|client| client.time_zone.parse().ok());
    Ok((minutes, zone.unwrap_or(call.app.config.time_zone)))
}

/// The support tariffs on sale, in their order, as offers. Two statements.
///
/// # Errors
/// The database's own.
pub async fn offers(call: &Call) -> Result<Vec<(Offer, OnSale)>> {
    let db = call.app.db.reading();
    let services = store::service::all(db).await?;
    let is_support = |id| {
        services.iter().any(|service| service.id == id && service.plan_kind == Some(PlanKind::Development))
    };
    let on_sale = store::tariff::all(db, false).await?;
    let offers = on_sale.into_iter().filter(|(tariff, _)| is_support(tariff.service_id)).filter_map(
        |(tariff, terms)| {
            let minutes = terms.minutes.filter(|_| terms.grant_rule == GrantRule::Monthly)?;
            let currency = terms.currency.as_deref().and_then(|code| code.parse::<Currency>().ok());
            let price = terms.price_minor.zip(currency).map(|(minor, currency)| Money { minor, currency });
            Some((Offer { tariff: tariff.id, minutes, price }, (tariff, terms)))
        },
    );
    Ok(offers.collect())
}
