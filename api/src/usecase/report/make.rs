//! From rows to the report's value. Names are those of this moment; a frozen report keeps them.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use domain::balance::Balance;
use domain::calendar::{local_day, midnight};
use domain::id::EngagementId;
use domain::report::{
    Facts, Hours, Logged, Month, Part, Report, Row, Seen, Served, TaskName, Title, Work, assemble, serves,
};
use domain::stage::Stage;
use domain::tariff::UnusedMinutes;
use entity::{client, engagement, period, task, time_entry};

use super::zone;
use crate::app::Call;
use crate::error::Result;
use crate::store::course::Which;
use crate::store::report::{Asked, Found};
use crate::store::{self};
use crate::usecase::hour_balance;
use crate::usecase::ledger::counters;

/// Balances by engagement.
pub(super) type Balances = HashMap<EngagementId, Balance>;

/// What is asked of the rows for some days of a client.
pub(super) fn asked(
    client: &client::Model,
    (from, until): (NaiveDate, NaiveDate),
    now: DateTime<Utc>,
    seen: Option<&Seen>,
) -> Asked {
    let zone = zone(client);
    Asked {
        client: client.id,
        from,
        until,
        between: (midnight(from, zone), midnight(until, zone)),
        today: local_day(now, zone),
        past: seen.map(|seen| (seen.doubt_from(), seen.until)),
        engagement: None,
        stage: None,
    }
}

/// A report of any days as things stand now.
pub(super) async fn preview(
    call: &Call,
    client: &client::Model,
    from: NaiveDate,
    until: NaiveDate,
    engagement: Option<EngagementId>,
    stage: Option<Stage>,
) -> Result<Report> {
    let asked = Asked { engagement, stage, ..asked(client, (from, until), call.now, None) };
    let found = store::report::read(call.app.db.reading(), &asked).await?;
    let ids: Vec<_> = found.engagements.iter().map(|(row, _)| row.id).collect();
    let balances = hour_balance::read(call, Which::Engagements(&ids)).await?;
    let balances = balances.into_iter().map(|balance| (balance.engagement_id, balance)).collect();
    let titles = store::report::titles(call.app.db.reading(), &terms(&found, &balances)).await?;
    Ok(report(client, &asked, call.now, None, found, &balances, &titles))
}

/// The terms whose names are needed.
pub(super) fn terms(found: &Found, balances: &Balances) -> BTreeSet<domain::id::TariffRevisionId> {
    found.engagements.iter().map(|(row, _)| terms_of(row, balances)).collect()
}

fn terms_of(row: &engagement::Model, balances: &Balances) -> domain::id::TariffRevisionId {
    balances.get(&row.id).map_or(row.tariff_revision_id, |balance| balance.period.terms)
}

/// The report.
pub(super) fn report(
    client: &client::Model,
    asked: &Asked,
    made_at: DateTime<Utc>,
    seen: Option<Seen>,
    found: Found,
    balances: &Balances,
    titles: &HashMap<domain::id::TariffRevisionId, store::report::Titled>,
) -> Report {
    let mut engagements = Vec::new();
    for (row, service) in &found.engagements {
        let name = |en: &str, ru: &str| Title { en: en.to_owned(), ru: ru.to_owned() };
        let tariff = titles.get(&terms_of(row, balances));
        let work = row.plan_id.and_then(|plan| found.work.get(&plan));
        let list = |tasks: Option<&Vec<task::Model>>| -> Vec<Work> {
            tasks.into_iter().flatten().map(|task| of_task(task, &found)).collect()
        };
        let of_this = |(period, _): &&(period::Model, UnusedMinutes)| period.engagement_id == row.id;
        let part = Part {
            engagement_id: row.id,
            service: service
                .as_ref()
                .map_or_else(|| name("", ""), |service| name(&service.name_en, &service.name_ru)),
            tariff: tariff.map_or_else(|| name("", ""), |(en, ru)| name(en, ru)),
            rows: Vec::new(),
            changes: Vec::new(),
            done: list(work.map(|work| &work.done)),
            in_work: list(work.map(|work| &work.in_work)),
            next: list(work.map(|work| &work.next)),
            planned: work.map_or(0, |work| i32::try_from(work.planned).unwrap_or(i32::MAX)),
            hours: balances.get(&row.id).and_then(|balance| hours(balance, asked.today)),
            ended: found
                .ended
                .iter()
                .filter(of_this)
                .map(|(period, unused)| month(period, *unused))
                .collect(),
        };
        let in_force = serves(row.starts_on, row.ends_on, asked.from, asked.until);
        engagements.push((row.starts_on, row.id, Served { in_force, part }));
    }
    engagements.sort_by_key(|(starts_on, id, _)| (*starts_on, *id));
    assemble(Facts {
        client: client.name.clone(),
        from: asked.from,
        until: asked.until,
        made_at,
        time_zone: client.time_zone.clone(),
        seen,
        engagements: engagements.into_iter().map(|(_, _, served)| served).collect(),
        entries: found.entries.iter().map(|entry| logged(entry, &found)).collect(),
    })
}

fn logged(entry: &time_entry::Model, found: &Found) -> Logged {
    Logged {
        engagement_id: entry.engagement_id,
        row: Row {
            id: entry.id,
            worked_on: entry.worked_on,
            user_id: entry.user_id,
            user: found.people.get(&entry.user_id).cloned().unwrap_or_default(),
            task: entry
                .task_id
                .and_then(|id| found.tasks.get(&id).map(|title| TaskName { id, title: title.clone() })),
            activity: entry.activity,
            minutes: entry.minutes,
            note: entry.note.clone(),
            draws_on_balance: entry.draws_on_balance,
            stage: entry.stage,
        },
        created_at: entry.created_at,
        corrected_at: entry.corrected_at,
        corrects: entry.corrects_id,
        reason: entry.correction_reason.clone(),
    }
}

fn of_task(task: &task::Model, found: &Found) -> Work {
    Work {
        task_id: task.id,
        title: task.title.clone(),
        block: found.blocks.get(&task.id).cloned(),
        status: task.status,
        urgent: task.urgent,
        spent_minutes: task.spent_minutes,
        estimate_minutes: task.estimate_minutes,
        assignee: task.assignee_id.and_then(|id| found.people.get(&id).cloned()),
    }
}

/// The running period's hours; a period that is over is told as a month that has ended.
fn hours(balance: &Balance, today: NaiveDate) -> Option<Hours> {
    let period = &balance.period;
    let counters = &period.counters;
    (today < period.ends_on).then(|| Hours {
        starts_on: period.starts_on,
        ends_on: period.ends_on,
        granted_minutes: counters.available(),
        used_minutes: counters.used,
        remaining_minutes: counters.remaining(),
        overage_minutes: counters.overage(),
        last_day: balance.expires_at.and_then(|_| period.ends_on.pred_opt()),
        version: balance.version,
    })
}

fn month(period: &period::Model, unused: UnusedMinutes) -> Month {
    let counters = counters(period);
    // What the calendar has made due reads as done (B-4).
    let counters = if period.closed_at.is_none() { counters.ended(unused) } else { counters };
    Month {
        starts_on: period.starts_on,
        ends_on: period.ends_on,
        granted_minutes: counters.available(),
        used_minutes: counters.used,
        expired_minutes: counters.expired,
        overage_minutes: counters.overage(),
    }
}
