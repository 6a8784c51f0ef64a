//! The provider's calendar.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::holiday::Country;
use entity::holiday;
use uuid::Uuid;

use super::call;
use super::error::{answer, field, payload};
use super::scalar::Date;
use crate::usecase;

/// A day that differs from Monday to Friday.
#[derive(Clone, SimpleObject)]
pub struct Holiday {
    /// The day.
    day: Date,
    /// True for a working day moved onto a weekend, false for a holiday.
    working: bool,
    /// What the day is called.
    name: String,
}

impl From<holiday::Model> for Holiday {
    fn from(row: holiday::Model) -> Self {
        Self { day: row.day.into(), working: row.working, name: row.name }
    }
}

/// A day to be set.
#[derive(InputObject)]
pub struct HolidayInput {
    /// The day.
    day: Date,
    /// True for a working day moved onto a weekend, false for a holiday.
    #[graphql(default)]
    working: bool,
    /// What the day is called, at most 200 characters.
    name: String,
}

/// Days to be set.
#[derive(InputObject)]
pub struct HolidaySetInput {
    /// The days, at most 366; those that stand are replaced.
    days: Vec<HolidayInput>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// Days to be cleared.
#[derive(InputObject)]
pub struct HolidayClearInput {
    /// The days, at most 366.
    days: Vec<Date>,
}

/// A country's calendar of a year.
#[derive(InputObject)]
pub struct CalendarLoadInput {
    /// Whose public holidays.
    country: Country,
    /// Of which year, 2000 to 2099.
    year: i32,
}

payload! {
    /// The outcome of setting days.
    HolidaySetPayload {
        /// The days as they stand now.
        holidays: Vec<Holiday>,
    }
}

payload! {
    /// The outcome of clearing days.
    HolidayClearPayload {
        /// The days that are as their weekday is now.
        days: Vec<Date>,
    }
}

payload! {
    /// The outcome of loading a calendar.
    CalendarLoadPayload {
        /// All days of the year that differ from Monday to Friday.
        holidays: Vec<Holiday>,
    }
}

fn all(rows: Vec<holiday::Model>) -> Vec<Holiday> {
    rows.into_iter().map(Holiday::from).collect()
}

/// Queries of the calendar.
#[derive(Default)]
pub struct CalendarQuery;

#[Object]
impl CalendarQuery {
    /// The days of a year that differ from Monday to Friday.
    async fn holidays(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which year, 2000 to 2099.")] year: i32,
    ) -> Option<async_graphql::Result<Vec<Holiday>>> {
        field(Box::pin(usecase::calendar::holidays(call(ctx), year)).await.map(|rows| Some(all(rows))))
    }

    /// The number of working days: Monday to Friday, less the holidays and plus the days moved; 0 for an empty range.
    async fn working_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The first day no longer counted, as `endsOn` of a period.")] to: Date,
    ) -> Option<async_graphql::Result<i32>> {
        field(Box::pin(usecase::calendar::working_days(call(ctx), from.0, to.0)).await.map(Some))
    }
}

/// Changes of the calendar.
#[derive(Default)]
pub struct CalendarMutation;

#[Object]
impl CalendarMutation {
    /// Sets days: holidays, and working days moved onto a weekend.
    async fn holiday_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The days.")] input: HolidaySetInput,
    ) -> Option<async_graphql::Result<HolidaySetPayload>> {
        let key = input.idempotency_key;
        let day = |day: HolidayInput| usecase::calendar::Day {
            day: day.day.0,
            working: day.working,
            name: day.name,
        };
        let days: Vec<_> = input.days.into_iter().map(day).collect();
        let set = Box::pin(usecase::retry(call(ctx), days, move |call, days| async move {
            usecase::calendar::set(&call, days, key).await
        }))
        .await;
        answer(set.map(|rows| HolidaySetPayload { holidays: Some(all(rows)), errors: Vec::new() }))
    }

    /// Takes days out of the calendar: they are as their weekday is.
    async fn holiday_clear(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The days.")] input: HolidayClearInput,
    ) -> Option<async_graphql::Result<HolidayClearPayload>> {
        let days: Vec<_> = input.days.into_iter().map(|day| day.0).collect();
        let cleared = Box::pin(usecase::retry(call(ctx), days, move |call, days| async move {
            usecase::calendar::clear(&call, days).await
        }))
        .await;
        answer(cleared.map(|days| HolidayClearPayload {
            days: Some(days.into_iter().map(Date).collect()),
            errors: Vec::new(),
        }))
    }

    /// Loads the public holidays that a country's law fixes for every year. Days that stand already are kept; what a
    /// decree of the year moves is set by `holidaySet`.
    async fn calendar_load(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which calendar.")] input: CalendarLoadInput,
    ) -> Option<async_graphql::Result<CalendarLoadPayload>> {
        let loaded = Box::pin(usecase::retry(
            call(ctx),
            (input.country, input.year),
            move |call, (country, year)| async move { usecase::calendar::load(&call, country, year).await },
        ))
        .await;
        answer(loaded.map(|rows| CalendarLoadPayload { holidays: Some(all(rows)), errors: Vec::new() }))
    }
}
