//! One's days, and what of them is explained (W-8).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::calendar::{Calendar, local_day};
use domain::policy::{Action, Target};
use domain::work_day::{WorkDay, work_days};

use crate::app::Call;
use crate::error::{Error, Result};
use crate::store;

/// The most days at once.
const MOST: i64 = 31;

/// The caller's days from `from` to the one before `until`, over all clients (W-8). Two statements.
///
/// # Errors
/// BadInput for no days or more than 31; Forbidden for whoever logs no time; the database's own.
pub async fn own(call: &Call, from: NaiveDate, until: NaiveDate) -> Result<Vec<WorkDay>> {
    let me = call.actor.user_id();
    let _ = call.permit(Action::WorkDayRead, &Target { client: None, owner: me })?;
    let me = me.ok_or_else(|| Error::Internal("only people have days".to_owned()))?;
    let length = (until - from).num_days();
    if !(1..=MOST).contains(&length) {
        return Err(Error::BadInput(format!("Name 1 to {MOST} days.")));
    }
    let db = call.app.db.reading();
    let holidays = store::calendar::days(db, from, until).await?;
    let calendar = Calendar { days: holidays.into_iter().map(|row| (row.day, row.working)).collect() };
    let logged = store::work_day::logged(db, me, from, until).await?;
    let logged: BTreeMap<NaiveDate, i32> = logged.into_iter().map(|row| (row.day, row.minutes)).collect();
    let config = &call.app.config;
    let today = local_day(call.now, config.time_zone);
    Ok(work_days(from, until, today, config.work_day_minutes, &calendar, &logged))
}
