//! Freezing: the report of a week is made, kept and posted in one transaction (R-1, T66).
//!
//! The ledgers of the client's engagements are locked meanwhile, so that the balance, its version and the time listed
//! are of one moment. What makes it happen once is the unique key of client and week. The mails go with the report: the
//! id of each is made of client, week and address, so that it bears the same Message-ID whatever restarts.

use std::collections::HashMap;

use aws_lc_rs::digest;
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use domain::calendar::week_of;
use domain::id::{ClientId, MailId, WeeklyReportId};
use domain::policy::{Action, Target};
use domain::report::schedule::{MOST_WEEKS, Schedule, next_week};
use domain::report::{FORMAT, Seen};
use domain::text::Email;
use entity::{client, weekly_report};

use super::file::{MAIL_DAYS, Subject, links_until};
use super::{content, make, zone};
use crate::app::Call;
use crate::error::{Error, Result};
use crate::mail::{Letter, WeeklyReport};
use crate::store::report::Waiting;
use crate::store::{self, Change, Tx};
use crate::usecase::ledger::Book;
use crate::usecase::{mail, retry};

/// Freezes every report that has fallen due, oldest week first, one transaction each; how many. What was missed is made
/// good within the limits of [`domain::report::schedule`].
///
/// # Errors
/// The first that failed, after all clients were tried.
pub async fn freeze_due(call: &Call) -> Result<usize> {
    let today = call.now.date_naive();
    let back = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN);
    // A day early in one zone is a day late in another.
    let latest = week_of(back(6));
    let waiting =
        store::report::waiting(&call.app.db, back(7 * (MOST_WEEKS + 2)), next_week(today), latest).await?;
    let mut frozen = 0;
    let mut failure = None;
    for client in waiting {
        match catch_up(call, &client).await {
            Ok(count) => frozen += count,
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or(Ok(frozen), Err)
}

/// The weeks of one client in their order; a week that fails keeps those behind it waiting.
async fn catch_up(call: &Call, client: &Waiting) -> Result<usize> {
    let zone: Tz = client.time_zone.parse().unwrap_or(Tz::UTC);
    let mut frozen = 0;
    for week in client.schedule.missing(client.last_week, client.first_served, call.now, zone) {
        let id = client.client;
        let done = retry(call, (), |call, ()| async move { freeze(&call, id, week).await }).await?;
        frozen += usize::from(done);
    }
    Ok(frozen)
}

/// Freezes a week's report of a client and posts its mails; whether it did: not where it stands already, or where no
/// engagement was in force.
///
/// # Errors
/// NotFound without such a client; the database's own.
pub async fn freeze(call: &Call, client: ClientId, week: NaiveDate) -> Result<bool> {
    let permit = call.permit(Action::ReportFreeze, &Target::client(client))?;
    let mut tx = call.begin().await?;
    let until = next_week(week);
    let serving = store::report::serving(tx.connection(), client, week, until).await?;
    if serving.is_empty() {
        return Ok(false);
    }
    let mut balances = HashMap::new();
    for id in serving {
        let book = Book::open(&mut tx, id).await?;
        balances.extend(book.balance(&tx).map(|balance| (id, balance)));
    }
    if store::report::exists(&tx, client, week).await? {
        return Ok(false);
    }
    let client = store::client::get(tx.connection(), client).await?.ok_or(Error::NotFound)?;
    let last = store::report::last(tx.connection(), client.id, week).await?;
    let seen = last.as_ref().map(content).transpose()?.map(|report| Seen::of(&report));
    let asked = make::asked(&client, (week, until), tx.now(), seen.as_ref());
    let found = store::report::read(tx.connection(), &asked).await?;
    let titles = store::report::titles(tx.connection(), &make::terms(&found, &balances)).await?;
    let report = make::report(&client, &asked, tx.now(), seen, found, &balances, &titles);
    let schedule = Schedule { weekday: client.report_weekday, hour: client.report_hour };
    let addresses = match schedule.is_mailed(week, tx.now(), zone(&client)) {
        true => store::report::addresses(tx.connection(), client.id).await?,
        false => Vec::new(),
    };
    let row = weekly_report::Model {
        id: WeeklyReportId::new(),
        client_id: client.id,
        week_starts_on: week,
        time_zone: client.time_zone.clone(),
        locale: client.locale,
        recipient_count: i32::try_from(addresses.len()).unwrap_or(i32::MAX),
        format: FORMAT,
        content: serde_json::to_string(&report).map_err(|error| Error::Internal(error.to_string()))?,
        created_at: tx.now(),
    };
    let id = row.id;
    let summary = serde_json::json!({"week": week, "recipients": row.recipient_count,
        "minutes": report.parts.iter().map(|part| part.minutes()).collect::<Vec<_>>()});
    if !store::report::freeze(&tx, row).await? {
        return Ok(false);
    }
    let expires_at = tx.now() + chrono::Duration::days(MAIL_DAYS);
    let links = links_until(call, Subject::Frozen(id), client.locale, expires_at)?;
    let letter = WeeklyReport { report, links };
    post(call, &mut tx, &client, week, &addresses, letter).await?;
    tx.commit(permit, Change::of("WeeklyReport", id).client(client.id).after(&summary)).await?;
    Ok(true)
}

async fn post(
    call: &Call,
    tx: &mut Tx<'_>,
    client: &client::Model,
    week: NaiveDate,
    addresses: &[String],
    letter: WeeklyReport,
) -> Result<()> {
    for address in addresses {
        let id = mail_id(client.id, week, address);
        let letter = Letter::WeeklyReport(Box::new(letter.clone()));
        mail::post_as(call, tx, id, address, client.locale, letter).await?;
    }
    Ok(())
}

/// The id of the mail of a client and week to an address.
fn mail_id(client: ClientId, week: NaiveDate, address: &str) -> MailId {
    let key = Email::parse(address).map_or_else(|_| address.to_owned(), |email| email.key());
    let hash = digest::digest(&digest::SHA256, format!("weekly report {} {week} {key}", client.0).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    MailId::hashed(bytes)
}
