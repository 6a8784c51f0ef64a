//! The provider's calendar: the days that differ from Monday to Friday (E-9).
//!
//! A country's calendar gives a start and never overwrites a day that stands already: what a decree of the year moves
//! is set by hand. Grants already made keep the working days that they were made with.

use chrono::{Datelike, NaiveDate};
use domain::holiday::{Country, of_year};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::text::Text;
use entity::holiday;
use serde::Serialize;
use uuid::Uuid;

use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change};

/// The longest name of a day.
const NAME: usize = 200;
/// The most days set or cleared at once.
const MOST: usize = 366;

/// A year that the calendar knows.
fn year_of(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    if !(2000..2100).contains(&year) {
        return None;
    }
    Some((NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year + 1, 1, 1)?))
}

/// The days of a year that differ from Monday to Friday.
///
/// # Errors
/// A year before 2000 or after 2099; the caller reads no calendar.
pub async fn holidays(call: &Call, year: i32) -> Result<Vec<holiday::Model>> {
    call.scope(Action::CalendarRead)?;
    let (from, until) = year_of(year).ok_or_else(|| Error::BadInput("A year is 2000 to 2099.".to_owned()))?;
    Ok(store::calendar::days(call.app.db.reading(), from, until).await?)
}

/// The number of working days from `from` to the day before `until` (E-9).
///
/// # Errors
/// More than a hundred years; the caller reads no calendar.
pub async fn working_days(call: &Call, from: NaiveDate, until: NaiveDate) -> Result<i32> {
    call.scope(Action::CalendarRead)?;
    if (until - from).num_days() > 36_525 {
        return Err(Error::BadInput("At most a hundred years are counted.".to_owned()));
    }
    Ok(store::course::calendar(&mut call.app.db.reading()).await?.working_days(from, until))
}

/// A day to be set.
#[derive(Debug, Clone, Serialize)]
pub struct Day {
    pub day: NaiveDate,
    pub working: bool,
    pub name: String,
}

/// Sets days, working or not (E-9); those that stand are replaced.
///
/// # Errors
/// Refused: INVALID names or years, the same day twice, more than 366 days.
pub async fn set(call: &Call, days: Vec<Day>, key: Option<Uuid>) -> Result<Vec<holiday::Model>> {
    let permit = call.permit(Action::CalendarManage, &Target::PROVIDER)?;
    let tx = call.begin().await?;
    let mut refusals = Refusals::default();
    check_days(&days.iter().map(|day| day.day).collect::<Vec<_>>(), &mut refusals);
    let mut rows = Vec::new();
    for day in &days {
        if let Some(name) = refusals.take("days", Text::parse(&day.name, NAME)) {
            rows.push(holiday::Model { day: day.day, working: day.working, name: name.into() });
        }
    }
    refusals.check()?;
    if tx.replay(key, "holidaySet", &days, &[]).await?.is_some() {
        return Ok(rows);
    }
    store::calendar::set(&tx, &rows, false).await?;
    tx.commit(permit, Change::of_kind("Holiday").after(&days)).await?;
    Ok(rows)
}

/// Takes days out of the calendar: they are as their weekday is (E-9).
///
/// # Errors
/// Refused: more than 366 days, the same day twice.
pub async fn clear(call: &Call, days: Vec<NaiveDate>) -> Result<Vec<NaiveDate>> {
    let permit = call.permit(Action::CalendarManage, &Target::PROVIDER)?;
    let tx = call.begin().await?;
    let mut refusals = Refusals::default();
    check_days(&days, &mut refusals);
    refusals.check()?;
    store::calendar::clear(&tx, &days).await?;
    tx.commit(permit, Change::of_kind("Holiday").before(&days)).await?;
    Ok(days)
}

/// Loads a country's public holidays of a year (E-9); days that stand already are kept as they are. Returns the year.
///
/// # Errors
/// Refused: a year before 2000 or after 2099.
pub async fn load(call: &Call, country: Country, year: i32) -> Result<Vec<holiday::Model>> {
    let permit = call.permit(Action::CalendarManage, &Target::PROVIDER)?;
    let (from, until) = year_of(year)
        .ok_or_else(|| Error::refused_at("year", ErrorCode::Invalid, "A year is 2000 to 2099."))?;
    let tx = call.begin().await?;
    let rows: Vec<_> = of_year(country, year)
        .into_iter()
        .map(|(day, name)| holiday::Model { day, working: false, name: name.to_owned() })
        .collect();
    store::calendar::set(&tx, &rows, true).await?;
    let days = store::calendar::days(tx.connection(), from, until).await?;
    let after = serde_json::json!({"country": country, "year": year});
    tx.commit(permit, Change::of_kind("Holiday").after(&after)).await?;
    Ok(days)
}

fn check_days(days: &[NaiveDate], refusals: &mut Refusals) {
    let mut refuse = |text| refusals.push(Refusal::new(ErrorCode::Invalid, text).at("days"));
    if days.is_empty() || days.len() > MOST {
        refuse("Name 1 to 366 days.");
    }
    if days.iter().any(|day| year_of(day.year()).is_none()) {
        refuse("A year is 2000 to 2099.");
    }
    let mut sorted = days.to_vec();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        refuse("A day is named once.");
    }
}
