//! Balances: the state of an engagement's current month, with its version and warnings (B-2 to B-7).
//!
//! What the calendar has made due is read as done (B-4): a month that has begun reads as current and an ended one as
//! expired from the first second on, at the version that the ledger has, whether or not the writer has come by.

mod newest;
mod watch;

use std::collections::HashMap;

pub use watch::{keep, watch_balances};

use chrono::{DateTime, Utc};
use domain::alert::warnings;
use domain::balance::{Balance, CurrentPeriod};
use domain::calendar::local_day;
use domain::course::Step;
use domain::id::{ClientId, EngagementId};
use domain::policy::Action;
use domain::tariff::UnusedMinutes;
use entity::{engagement, period};

use crate::app::Call;
use crate::error::Result;
use crate::store::course::{Grounds, Standing, Which};
use crate::store::{self, Flat};
use crate::usecase::ledger::{counters, course, set_counters, zone};
use crate::usecase::period::{may_be_due, open, standing};

/// The balance of a standing; none before the first period begins.
pub fn of_standing(standing: &Standing, grounds: &Grounds, now: DateTime<Utc>) -> Option<Balance> {
    let (period, unused) = current(standing, grounds, now)?;
    let counters = counters(&period);
    Some(Balance {
        engagement_id: standing.engagement.id,
        client_id: standing.engagement.client_id,
        version: standing.version,
        as_of: now,
        expires_at: (unused == UnusedMinutes::Expire).then_some(period.ends_at),
        warnings: warnings(&counters, period.ends_at, unused, now),
        period: CurrentPeriod {
            id: period.id,
            number: period.number,
            starts_on: period.starts_on,
            ends_on: period.ends_on,
            starts_at: period.starts_at,
            ends_at: period.ends_at,
            terms: period.tariff_revision_id,
            approved_overage_minutes: period.approved_overage_minutes,
            counters,
        },
    })
}

/// The newest period after all that is due, made in mind.
fn current(
    standing_row: &Standing,
    grounds: &Grounds,
    now: DateTime<Utc>,
) -> Option<(period::Model, UnusedMinutes)> {
    let engagement = &standing_row.engagement;
    let zone = zone(engagement).ok()?;
    let today = local_day(now, zone);
    let mut newest = standing_row.periods.last().cloned();
    if !may_be_due(engagement, newest.as_ref().map(|(period, _)| period), today) {
        return newest;
    }
    let paid = grounds.paid(engagement.id);
    let known: Vec<_> = standing_row.periods.iter().map(standing).collect();
    for step in course(engagement, grounds, &paid)?.due(&known, today) {
        match step {
            Step::Open { span, terms, grant } => {
                let mut row = open(engagement, zone, &span, &terms);
                if let Some(counters) = grant.and_then(|grant| counters(&row).apply(&grant).ok()) {
                    set_counters(&mut row, counters);
                }
                newest = Some((row, terms.unused));
            }
            Step::Close { number, expiry } => {
                if let Some((row, _)) = newest.as_mut().filter(|(row, _)| row.number == number) {
                    if let Some(counters) = expiry.and_then(|expiry| counters(row).apply(&expiry).ok()) {
                        set_counters(row, counters);
                    }
                    row.closed_at = Some(now);
                }
            }
            Step::End => {}
        }
    }
    newest
}

/// The current balances of some engagements, whoever asks: for the rules and for whoever settled the right before.
/// One statement, and four more where the calendar has made anything due.
///
/// # Errors
/// The database's own.
pub async fn read(call: &Call, which: Which<'_>) -> Result<Vec<Balance>> {
    let mut flat = Flat::lend(&call.app.db).await?;
    read_through(call, &mut flat, which).await
}

/// The same through a connection in hand.
///
/// # Errors
/// The database's own.
pub async fn read_through(call: &Call, flat: &mut Flat, which: Which<'_>) -> Result<Vec<Balance>> {
    let standings = store::course::standings(flat, which).await?;
    let due: Vec<&engagement::Model> = standings
        .iter()
        .filter(|standing| {
            let last = standing.periods.last().map(|(period, _)| period);
            zone(&standing.engagement)
                .is_ok_and(|zone| may_be_due(&standing.engagement, last, local_day(call.now, zone)))
        })
        .map(|standing| &standing.engagement)
        .collect();
    let grounds = match due.as_slice() {
        [] => Grounds::default(),
        due => store::course::grounds(flat, due).await?,
    };
    Ok(standings.iter().filter_map(|standing| of_standing(standing, &grounds, call.now)).collect())
}

/// The visible balance of an engagement that has been started.
///
/// # Errors
/// The caller reads no balances at all; the database's own.
pub async fn find(call: &Call, engagement: EngagementId) -> Result<Option<Balance>> {
    let scope = call.scope(Action::BalanceRead)?;
    let balances = read(call, Which::Engagements(&[engagement])).await?;
    Ok(balances.into_iter().find(|balance| scope.holds(balance.client_id, None)))
}

/// The current period as a row: written already, or as it will be.
pub fn period_row(balance: &Balance) -> period::Model {
    let current = &balance.period;
    let mut row = period::Model {
        id: current.id,
        engagement_id: balance.engagement_id,
        number: current.number,
        starts_on: current.starts_on,
        ends_on: current.ends_on,
        starts_at: current.starts_at,
        ends_at: current.ends_at,
        tariff_revision_id: current.terms,
        granted_minutes: 0,
        transferred_minutes: 0,
        adjusted_minutes: 0,
        used_minutes: 0,
        expired_minutes: 0,
        approved_overage_minutes: current.approved_overage_minutes,
        closed_at: None,
    };
    set_counters(&mut row, current.counters);
    row
}

/// The balances of some clients, by client; the right to them is settled already.
///
/// # Errors
/// The database's own.
pub async fn of_clients(call: &Call, clients: &[ClientId]) -> Result<HashMap<ClientId, Vec<Balance>>> {
    let mut balances: HashMap<ClientId, Vec<Balance>> = HashMap::new();
    for balance in read(call, Which::Clients(clients)).await? {
        balances.entry(balance.client_id).or_default().push(balance);
    }
    Ok(balances)
}
