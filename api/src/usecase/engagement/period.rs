//! The periods of an engagement as the clock has them, whether or not the writer has come by (E-3, B-4).

use std::collections::BTreeMap;

use domain::calendar::local_day;
use domain::course::Step;
use domain::id::{ClientId, PeriodId};
use domain::policy::Action;
use entity::{engagement, period};

use super::super::ledger::{counters, course, set_counters, zone};
use super::super::period::{may_be_due, open, standing};
use crate::app::Call;
use crate::error::Result;
use crate::store;

/// A period that was written, of an engagement that the caller sees, as the clock has it.
///
/// # Errors
/// The caller reads no engagements at all; the database's own.
pub async fn find(call: &Call, id: PeriodId) -> Result<Option<(ClientId, period::Model)>> {
    let db = call.app.db.reading();
    let written = store::by_id::read::<period::Entity, _>(db, &[id]).await?.remove(&id);
    let scope = call.scope(Action::EngagementRead)?;
    let Some(written) = written else { return Ok(None) };
    let Some(row) = store::engagement::find(db, &scope, written.engagement_id).await? else {
        return Ok(None);
    };
    let all = store::ledger::periods(db, row.id).await?;
    let found = as_of_now(call, &row, all).await?.into_iter().find(|period| period.id == id);
    Ok(found.map(|period| (row.client_id, period)))
}

/// All periods, newest first: an ended one reads as expired and one that has begun reads as open with its minutes,
/// before either is written (B-4). `written` are the engagement's periods as they stand.
///
/// # Errors
/// The database's own.
pub async fn as_of_now(
    call: &Call,
    row: &engagement::Model,
    written: Vec<period::Model>,
) -> Result<Vec<period::Model>> {
    let mut periods: BTreeMap<i32, period::Model> =
        written.into_iter().map(|period| (period.number, period)).collect();
    if row.started_at.is_some() {
        let zone = zone(row)?;
        let today = local_day(call.now, zone);
        if may_be_due(row, periods.values().next_back(), today) {
            let grounds = store::course::grounds(&mut call.app.db.reading(), &[row]).await?;
            let paid = grounds.paid(row.id);
            let terms = grounds.terms(row.id);
            let unused =
                |number| terms.iter().rev().find(|(from, _)| *from <= number).map(|(_, terms)| terms.unused);
            let known: Vec<_> = periods
                .values()
                .filter_map(|period| Some(standing(&(period.clone(), unused(period.number)?))))
                .collect();
            let steps = course(row, &grounds, &paid).map(|course| course.due(&known, today));
            for step in steps.into_iter().flatten() {
                let (number, movement) = match step {
                    Step::Open { span, terms, grant } => {
                        periods.insert(span.number, open(row, zone, &span, &terms));
                        (span.number, grant)
                    }
                    Step::Close { number, expiry } => (number, expiry),
                    Step::End => continue,
                };
                if let (Some(period), Some(movement)) = (periods.get_mut(&number), movement)
                    && let Ok(counters) = counters(period).apply(&movement)
                {
                    set_counters(period, counters);
                }
            }
        }
    }
    Ok(periods.into_values().rev().collect())
}
