//! One's days.

use async_graphql::{Context, Object, SimpleObject};
use domain::work_day;

use super::call;
use super::error::field;
use super::scalar::Date;
use crate::usecase;

/// A day of the caller: how much of it is explained by the time that they logged, over all clients.
#[derive(SimpleObject)]
pub struct WorkDay {
    /// The day, as the clients' time zones have it in each entry.
    day: Date,
    /// Whether the provider's calendar has it as a working day.
    is_working_day: bool,
    /// Minutes logged.
    logged_minutes: i32,
    /// Minutes that a working day expects, a setting of the server (480 by itself); zero on other days.
    expected_minutes: i32,
    /// Minutes expected and not logged; zero on days to come.
    unexplained_minutes: i32,
}

impl From<work_day::WorkDay> for WorkDay {
    fn from(day: work_day::WorkDay) -> Self {
        Self {
            day: day.day.into(),
            is_working_day: day.is_working_day,
            logged_minutes: day.logged_minutes,
            expected_minutes: day.expected_minutes,
            unexplained_minutes: day.unexplained_minutes,
        }
    }
}

/// Queries of days.
#[derive(Default)]
pub struct WorkDayQuery;

#[Object]
impl WorkDayQuery {
    /// The caller's own days in their order, at most 31, each with how much of it is explained.
    async fn work_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The first day no longer counted, as `endsOn` of a period.")] to: Date,
    ) -> Option<async_graphql::Result<Vec<WorkDay>>> {
        let days = Box::pin(usecase::work_day::own(call(ctx), from.0, to.0)).await;
        field(days.map(|days| Some(days.into_iter().map(WorkDay::from).collect())))
    }
}
