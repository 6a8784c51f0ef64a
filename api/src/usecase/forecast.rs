//! Where an engagement's hours go at the pace of the last four weeks (B-13).
//!
//! What a forecast is made from is read for any number of engagements together, in a fixed number of statements; the
//! balance that it is made on comes with whoever shows it, so that both figures are of one moment.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use domain::advisor::{Offer, better_for_pace};
use domain::balance::Balance;
use domain::calendar::{Calendar, local_day};
use domain::forecast::{self, Facts, look_back};
use domain::id::{EngagementId, PlanId, TariffId, TariffRevisionId};
use domain::plan::remaining_minutes;
use entity::{engagement, plan, tariff_revision};

use super::advice;
use super::ledger::zone;
use crate::app::Call;
use crate::error::Result;
use crate::store::tariff::OnSale;
use crate::store::{self, by_id};

/// What a forecast of one engagement is made from.
#[derive(Debug, Clone)]
pub struct Basis {
    zone: Tz,
    starts_on: NaiveDate,
    /// Minutes drawn within the days looked back on.
    drawn_minutes: i64,
    plan_minutes: Option<i32>,
    /// The tariff of the terms that stand last, those of a period to come included.
    tariff: Option<TariffId>,
    shared: Arc<Shared>,
}

/// What the forecasts of one reading have in common.
#[derive(Debug, Default)]
struct Shared {
    calendar: Calendar,
    offers: Vec<(Offer, OnSale)>,
}

/// A forecast and what it was made from.
#[derive(Debug, Clone)]
pub struct Forecast {
    pub figures: forecast::Forecast,
    /// What is left of the plan; none without a plan or an estimate.
    pub plan_minutes: Option<i32>,
    /// The tariff that would fit this pace better; none where the present one does, or where no other could.
    pub better: Option<OnSale>,
}

/// The forecast of a balance.
pub fn of(basis: &Basis, balance: &Balance) -> Forecast {
    let today = local_day(balance.as_of, basis.zone);
    let facts = Facts {
        today,
        starts_on: basis.starts_on,
        period_ends_on: balance.period.ends_on,
        remaining_minutes: balance.period.counters.remaining(),
        plan_minutes: basis.plan_minutes,
    };
    let figures = forecast::forecast(&facts, basis.drawn_minutes, &basis.shared.calendar);
    let offers: Vec<Offer> = basis.shared.offers.iter().map(|(offer, _)| *offer).collect();
    let better = figures
        .monthly_minutes
        .zip(basis.tariff)
        .and_then(|(minutes, tariff)| better_for_pace(minutes, today, tariff, &offers));
    let found = |id| basis.shared.offers.iter().find(|(offer, _)| offer.tariff == id);
    Forecast {
        figures,
        plan_minutes: basis.plan_minutes,
        better: better.and_then(found).map(|(_, on_sale)| on_sale.clone()),
    }
}

/// What the forecasts of started engagements are made from; the right to their balances is settled already. Ten
/// statements at the most, however many engagements.
///
/// # Errors
/// The database's own.
pub async fn bases(call: &Call, ids: &[EngagementId]) -> Result<HashMap<EngagementId, Basis>> {
    let db = call.app.db.reading();
    let engagements = by_id::read::<engagement::Entity, EngagementId>(db, ids).await?;
    let days: HashMap<EngagementId, (Tz, NaiveDate, NaiveDate, NaiveDate)> = engagements
        .values()
        .filter_map(|row| {
            let (zone, starts_on) = (zone(row).ok()?, row.starts_on?);
            let (from, until) = look_back(starts_on, local_day(call.now, zone));
            Some((row.id, (zone, starts_on, from, until)))
        })
        .collect();
    let today = call.now.date_naive();
    let earliest = days.values().map(|(.., from, _)| *from).min().unwrap_or(today);
    let latest = days.values().map(|(.., until)| *until).max().unwrap_or(today);
    let mut drawn: BTreeMap<EngagementId, i64> = BTreeMap::new();
    for (id, day, minutes) in store::time_entry::drawn_by_day(db, ids, earliest, latest).await? {
        if days.get(&id).is_some_and(|(.., from, until)| *from <= day && day < *until) {
            *drawn.entry(id).or_default() += minutes;
        }
    }
    let plans = plans(call, &engagements).await?;
    let tariffs = tariffs(call, &engagements).await?;
    let shared = Arc::new(Shared {
        calendar: store::course::calendar(&mut &*db).await?,
        offers: advice::offers(call).await?,
    });
    let services: BTreeSet<_> = shared.offers.iter().map(|(_, (tariff, _))| tariff.service_id).collect();
    let basis = |row: &engagement::Model| {
        let (zone, starts_on, ..) = *days.get(&row.id)?;
        Some(Basis {
            zone,
            starts_on,
            drawn_minutes: drawn.get(&row.id).copied().unwrap_or(0),
            plan_minutes: row.plan_id.and_then(|plan| plans.get(&plan).copied().flatten()),
            // Of another service there is nothing to change to.
            tariff: tariffs.get(&row.id).copied().filter(|_| services.contains(&row.service_id)),
            shared: Arc::clone(&shared),
        })
    };
    Ok(engagements.values().filter_map(|row| Some((row.id, basis(row)?))).collect())
}

/// What is left of the plans that engagements work on.
async fn plans(
    call: &Call,
    engagements: &HashMap<EngagementId, engagement::Model>,
) -> Result<HashMap<PlanId, Option<i32>>> {
    let ids: BTreeSet<PlanId> = engagements.values().filter_map(|row| row.plan_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let db = call.app.db.reading();
    let ids: Vec<PlanId> = ids.into_iter().collect();
    let rows: Vec<plan::Model> = by_id::read::<plan::Entity, PlanId>(db, &ids).await?.into_values().collect();
    let efforts = store::plan::efforts(db, &rows).await?;
    let left = |row: &plan::Model| remaining_minutes(row.status, efforts.get(&row.id)?);
    Ok(rows.iter().map(|row| (row.id, left(row))).collect())
}

/// The tariff of each engagement's last terms.
async fn tariffs(
    call: &Call,
    engagements: &HashMap<EngagementId, engagement::Model>,
) -> Result<HashMap<EngagementId, TariffId>> {
    let db = call.app.db.reading();
    let ids: Vec<EngagementId> = engagements.keys().copied().collect();
    let mut terms: HashMap<EngagementId, TariffRevisionId> =
        engagements.values().map(|row| (row.id, row.tariff_revision_id)).collect();
    let changes = store::by_parent::read::<entity::engagement_tariff::Entity, EngagementId>(db, &ids).await?;
    for (id, rows) in changes {
        terms.extend(rows.last().map(|last| (id, last.tariff_revision_id)));
    }
    let revisions: Vec<TariffRevisionId> =
        terms.values().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let revisions = by_id::read::<tariff_revision::Entity, TariffRevisionId>(db, &revisions).await?;
    let tariff = |terms: &TariffRevisionId| revisions.get(terms).map(|row| row.tariff_id);
    Ok(terms.iter().filter_map(|(id, terms)| Some((*id, tariff(terms)?))).collect())
}
