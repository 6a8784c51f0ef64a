//! Reminding people of a working day without their own time (W-8).
//!
//! Reminded are those who log time at all and hold a place on the team of a client with an active engagement, from nine in
//! the morning after, once: the notification's unique key keeps it so, whichever process runs this and however often. Who
//! logs the day before they were reminded is left alone.

use domain::notification::{Content, NotificationKind};
use domain::policy::{Action, Reach, Target, reach};
use domain::user::Role;
use domain::work_day::to_remind_of;

use super::notification::{Audience, Notice, notify, once};
use super::retry;
use crate::app::Call;
use crate::error::Result;
use crate::store;

/// Reminds of the last working day that is to be reminded of (W-8); how many people.
///
/// # Errors
/// The database's own.
pub async fn remind(call: &Call) -> Result<usize> {
    let db = call.app.db.reading();
    let calendar = store::course::calendar(&mut &*db).await?;
    let now = call.now.with_timezone(&call.app.config.time_zone).naive_local();
    let Some(day) = to_remind_of(now, &calendar) else { return Ok(0) };
    let logs_time = |role: &Role| reach(*role, Action::TimeEntryCreate) != Reach::None;
    let roles: Vec<Role> = Role::ALL.iter().copied().filter(logs_time).collect();
    let told = once(NotificationKind::DayUnexplained, &day.to_string());
    let mut reminded = 0;
    for person in store::work_day::silent_on(db, day, &roles, &told).await? {
        reminded += retry(call, (), move |call, ()| async move {
            let permit = call.permit(Action::DayRemind, &Target::PROVIDER)?;
            let mut tx = call.begin().await?;
            let notice = Notice {
                client: None,
                audience: Audience::people([person]),
                content: Content::DayUnexplained { day },
                subject: None,
                once: day.to_string(),
            };
            let told = notify(&call, &mut tx, notice).await?;
            tx.keep(&permit).await?;
            Ok(told)
        })
        .await?;
    }
    Ok(reminded)
}
