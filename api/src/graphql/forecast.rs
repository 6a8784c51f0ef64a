//! Forecasts of balances.

use async_graphql::Object;

use super::scalar::Date;
use super::tariff::Tariff;
use crate::usecase::forecast::Forecast;

/// Where the hours go at the pace of the last four weeks: minutes drawn on the balance in the last 28 whole days (fewer in
/// a younger engagement), by working day. Without such minutes there is no pace, and nothing is foretold.
pub struct BalanceForecast {
    forecast: Forecast,
}

impl From<Forecast> for BalanceForecast {
    fn from(forecast: Forecast) -> Self {
        Self { forecast }
    }
}

/// Where the hours go at the pace of the last four weeks: minutes drawn on the balance in the last 28 whole days (fewer in
/// a younger engagement), by working day. Without such minutes there is no pace, and nothing is foretold.
#[Object]
impl BalanceForecast {
    /// Minutes of a month at this pace; null without a pace.
    async fn monthly_minutes(&self) -> Option<i32> {
        self.forecast.figures.monthly_minutes
    }

    /// The working day on which the period's minutes run out; null where they last to its end, and without a pace.
    async fn runs_out_on(&self) -> Option<Date> {
        self.forecast.figures.runs_out_on.map(Date)
    }

    /// Minutes that will be left at the period's end, zero where they run out before; null without a pace.
    async fn left_minutes(&self) -> Option<i32> {
        self.forecast.figures.left_minutes
    }

    /// What is left of the estimate of the engagement's plan, in minutes; null without a plan or an estimate.
    async fn plan_minutes(&self) -> Option<i32> {
        self.forecast.plan_minutes
    }

    /// The working day on which the rest of the plan is done; null without a pace, a plan or an estimate, and beyond ten
    /// years.
    async fn plan_done_on(&self) -> Option<Date> {
        self.forecast.figures.plan_done_on.map(Date)
    }

    /// The tariff on sale that would fit this pace better; null where the present one fits, or the one already named for
    /// the next period, and where the service knows no other.
    async fn better_tariff(&self) -> Option<Tariff> {
        self.forecast.better.clone().map(Tariff::from)
    }
}
