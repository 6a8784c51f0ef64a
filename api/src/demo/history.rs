//! Three months of history, day by day.
//!
//! The use-cases are given a clock that stands at each morning in turn, so that months open, expire and are paid as
//! they would have been. The database is filled without waiting for the disk: if this fails it is thrown away.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveTime, Utc, Weekday};
use domain::calendar::local_day;
use domain::user::Role;

use super::clients::{Served, Sold};
use super::people::Staff;
use super::text::{Course, GIVEN_UP, PRICES, STORIES, said};
use super::work::Work;
use crate::app::{App, Call};
use crate::auth::Keys;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::mail::Mailer;
use crate::store::Db;
use crate::usecase::engagement::end::cancel;
use crate::usecase::price::Amount;
use crate::usecase::{mail, meeting, period, report, tariff};

/// Days at the end whose reports the server makes.
const REPORTED: u64 = 7;

/// Everybody, once the history is written.
#[derive(Debug)]
pub struct Cast {
    pub staff: Staff,
    /// In the order of [`STORIES`].
    pub clients: Vec<Work>,
}

/// Writes the history up to `now` into the database of the settings, whose tables it brings up first.
///
/// # Errors
/// What the database or a use-case says; then the database is of no use.
pub async fn write(config: &Config, now: DateTime<Utc>) -> std::result::Result<Cast, String> {
    let today = local_day(now, config.time_zone);
    let first = STORIES.iter().map(|story| story.starts_on(today)).min().unwrap_or(today);
    let clock = Clock::fixed(morning(first));
    let db = Db::open_for_filling(&config.database).await.map_err(|error| error.to_string())?;
    // Nothing is signed or mailed here, so the keys can be forgotten.
    let keys = Keys::ephemeral()?;
    let app = App::wire(config.clone(), db, Bus::local(), clock, keys, Mailer::memory());
    app.migrate().await?;
    let cast = tell(&app, first, now).await.map_err(|error| format!("the demonstration: {error}"));
    app.db.clone().close().await;
    cast
}

/// Ten in the morning in Moscow, when it is the same day for everyone in the story.
fn morning(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() + Duration::hours(7)
}

async fn tell(app: &Arc<App>, first: NaiveDate, now: DateTime<Utc>) -> Result<Cast> {
    let mut staff = Staff::hire(app).await?;
    let tariffs = tariffs(app, &staff).await?;
    let mut clients: Vec<Option<Work>> = STORIES.iter().map(|_| None).collect();
    let today = local_day(now, app.config.time_zone);
    for day in first.iter_days().take_while(|day| *day <= today) {
        // The last morning may not have come yet.
        app.clock.advance(morning(day).min(now) - app.clock.now());
        pass(app, day + Days::new(REPORTED) <= today).await?;
        for (at, story) in STORIES.iter().enumerate() {
            if let Some(work) = &mut clients[at] {
                serve(app, &staff, &tariffs, work, (day, today)).await?;
            } else if story.starts_on(today) <= day {
                let served = Served::come(app, &mut staff, &tariffs, (at, story)).await?;
                clients[at] = Some(Work::new(served));
            }
        }
    }
    app.clock.advance(now - app.clock.now());
    Ok(Cast { staff, clients: clients.into_iter().flatten().collect() })
}

/// What runs by itself on a morning. The last weeks' reports are left to the server, whose mails are read; those of the
/// past nobody waits for.
async fn pass(app: &Arc<App>, is_long_ago: bool) -> Result<()> {
    let call = Call::system(app, "demo");
    period::roll_all(&call).await?;
    meeting::plan_due(&call).await?;
    if is_long_ago {
        report::freeze_due(&call).await?;
    }
    mail::send_due(&call).await?;
    Ok(())
}

/// One day of a client.
async fn serve(
    app: &Arc<App>,
    staff: &Staff,
    tariffs: &HashMap<String, Sold>,
    work: &mut Work,
    (day, today): (NaiveDate, NaiveDate),
) -> Result<()> {
    let story = work.client.story;
    if !story.begins() || work.has_ended {
        return Ok(());
    }
    if matches!(story.course, Course::GivenUp { .. }) && day + Days::new(7) >= today {
        let account = staff.people[work.client.account].call(app);
        let reason = said(story.locale, GIVEN_UP).to_owned();
        cancel(&account, work.client.engagement, reason).await?;
        work.has_ended = true;
        return Ok(());
    }
    let Some(month) = work.client.month(day) else { return Ok(()) };
    if work.client.is_support() && day + Days::new(2) == month.ends_on {
        let tariff = tariffs.get(story.tariff).ok_or(Error::NotFound)?;
        work.client.pay(app, staff, tariff, month.number + 1).await?;
    }
    // Just after midnight it may be the day before in the west still.
    let has_begun = day <= local_day(app.clock.now(), work.client.zone);
    if !has_begun || matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        return Ok(());
    }
    work.meet(app, staff, day).await?;
    work.day(app, staff, day, today).await
}

/// The tariffs by their codes, each with a price from today on.
async fn tariffs(app: &Arc<App>, staff: &Staff) -> Result<HashMap<String, Sold>> {
    let administrator = staff.one(Role::Administrator, 0).call(app);
    let prices: HashMap<&str, &str> = PRICES.iter().copied().collect();
    let mut sold = HashMap::new();
    for (row, terms) in tariff::list(&administrator, false).await? {
        let Some(price) = prices.get(row.code.as_str()) else { continue };
        let amount = Amount { amount: (*price).to_owned(), currency: "RUB".to_owned() };
        let revise = tariff::Revise { price: Some(Some(amount)), ..tariff::Revise::default() };
        tariff::revise(&administrator, row.id, row.version, revise).await?;
        sold.insert(row.code, Sold { id: row.id, minutes: terms.minutes, price: (*price).to_owned() });
    }
    Ok(sold)
}
