//! The daily checks, told to whom they concern.

use chrono::{Days, NaiveDate};
use domain::calendar::{local_day, midnight};
use domain::check::{due_day, idle_since};
use domain::id::EngagementId;
use domain::notification::Content;
use domain::policy::{Action, Target};
use domain::team::Position;
use domain::user::Role;
use entity::{client, daily_check, engagement};

use super::notification::{Audience, Notice, notify};
use super::retry;
use crate::app::Call;
use crate::error::Result;
use crate::store;

/// Checks what is due; how many engagements were found wanting.
///
/// # Errors
/// The first that failed, after all were tried.
pub async fn run(call: &Call) -> Result<usize> {
    let zone = call.app.config.time_zone;
    let calendar = store::course::calendar(&mut call.app.db.reading()).await?;
    let now = call.now.with_timezone(&zone).naive_local();
    let mut found = 0;
    let mut failure = None;
    let mut note = |outcome: Result<usize>| match outcome {
        Ok(told) => found += told,
        Err(error) => failure = Some(error),
    };
    if let Some(day) = due_day(now, &calendar) {
        let from = midnight(day, zone);
        for id in store::check::unchecked(&call.app.db, day, from).await? {
            note(retry(call, (), move |call, ()| async move { check(&call, id, day).await }).await);
        }
    }
    if calendar.is_working_day(now.date())
        && let Some(since) = idle_since(now.date(), &calendar)
    {
        for (engagement, client) in store::check::idle(&call.app.db, midnight(since, zone), since).await? {
            let Some(client) = client else { continue };
            note(
                retry(call, (engagement, client), move |call, (engagement, client)| async move {
                    report_idle(&call, &engagement, &client, since).await
                })
                .await,
            );
        }
    }
    failure.map_or(Ok(found), Err)
}

/// Checks an engagement for a day.
async fn check(call: &Call, id: EngagementId, day: NaiveDate) -> Result<usize> {
    let permit = call.permit(Action::Remind, &Target::PROVIDER)?;
    let mut tx = call.begin().await?;
    let Some((engagement, Some(client))) = store::check::with_client(&tx, id).await? else { return Ok(0) };
    let zone = call.app.config.time_zone;
    let (worked, with_client) = store::check::worked(&tx, id, day).await?;
    let until = midnight(day.checked_add_days(Days::new(1)).unwrap_or(day), zone);
    let in_contact =
        with_client || store::check::commented(&tx, client.id, midnight(day, zone), until).await?;
    let kept = daily_check::Model { engagement_id: id, day, worked, in_contact, checked_at: tx.now() };
    if !store::check::keep(&tx, kept).await? {
        return Ok(0);
    }
    let name = || client.name.clone();
    let mut told = 0;
    for content in [
        (!worked).then(|| Content::WorkMissing { client: name(), day }),
        (!in_contact).then(|| Content::ContactMissing { client: name(), day }),
    ]
    .into_iter()
    .flatten()
    {
        let notice = Notice {
            client: Some(client.id),
            audience: Audience::places(&[
                Position::ProjectManager,
                Position::ImplementationSpecialist,
                Position::Reviewer,
            ])
            .and(Audience::roles(&[Role::QualityManager])),
            content,
            subject: Some(("Engagement", engagement.id.0)),
            once: format!("{} {day}", engagement.id.0),
        };
        told += notify(call, &mut tx, notice).await?.min(1);
    }
    tx.keep(&permit).await?;
    Ok(told)
}

/// Reports an idle client, once for each stretch.
async fn report_idle(
    call: &Call,
    engagement: &engagement::Model,
    client: &client::Model,
    since: NaiveDate,
) -> Result<usize> {
    let permit = call.permit(Action::Remind, &Target::PROVIDER)?;
    let mut tx = call.begin().await?;
    let last = store::check::last_heard(&tx, client.id).await?.or(engagement.started_at);
    let zone = call.app.config.time_zone;
    let since = last.map_or(since, |last| local_day(last, zone));
    let notice = Notice {
        client: Some(client.id),
        audience: Audience::places(&[Position::AccountManager]),
        content: Content::ClientIdle { client: client.name.clone(), since },
        subject: Some(("Engagement", engagement.id.0)),
        once: format!("{} {}", engagement.id.0, last.map_or(0, |last| last.timestamp())),
    };
    let told = notify(call, &mut tx, notice).await?.min(1);
    if told > 0 {
        tx.keep(&permit).await?;
    }
    Ok(told)
}
