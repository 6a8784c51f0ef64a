//! The tariff advisor.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, InputObject, Object};
use domain::advisor::{AdviceReason, Row};
use domain::client::Locale;
use domain::id::{PlanId, TariffId};

use super::call;
use super::error::field;
use super::id::Gid;
use super::scalar::{Date, Money, MoneyInput};
use super::tariff::Tariff;
use crate::usecase;
use crate::usecase::advice::{Advice, Asked};

/// What advice is asked for: `minutes` or `planId`, one of the two.
#[derive(InputObject)]
pub struct TariffAdviceInput {
    /// All that is to be done, 1 to 20,000,000 minutes.
    minutes: Option<i32>,
    /// A plan, for what is left of its estimate.
    plan_id: Option<Gid<PlanId>>,
    /// The first day of the first month; today where absent.
    starts_on: Option<Date>,
    /// The last day on which work may still be done.
    ends_by: Option<Date>,
    /// Calls a week that the client can hold, 0 to 100: the more is done in a month, the more is to be talked about.
    calls_per_week: Option<i32>,
    /// What a month may cost, in the currency of the list prices.
    monthly_budget: Option<MoneyInput>,
}

/// What the support tariffs on sale come to, the best first: within the budget, then in time, then with no more calls
/// than the client can hold, then with less left unused, then sooner.
pub struct TariffAdvice {
    advice: Advice,
}

/// What the support tariffs on sale come to, the best first: within the budget, then in time, then with no more calls
/// than the client can hold, then with less left unused, then sooner.
#[Object]
impl TariffAdvice {
    /// The minutes that it was reckoned with: those asked for, or what is left of the plan.
    async fn minutes(&self) -> i32 {
        self.advice.wish.minutes
    }

    /// The first day of the first month.
    async fn starts_on(&self) -> Date {
        self.advice.wish.starts_on.into()
    }

    /// One row a tariff; none where nothing is left to be done.
    async fn rows(&self) -> Option<Vec<TariffAdviceRow>> {
        let tariffs: HashMap<TariffId, Tariff> =
            self.advice.tariffs.iter().map(|on_sale| (on_sale.0.id, on_sale.clone().into())).collect();
        let tariffs = Arc::new(tariffs);
        let row = |row: &Row| TariffAdviceRow { row: row.clone(), tariffs: Arc::clone(&tariffs) };
        Some(self.advice.rows.iter().map(row).collect())
    }
}

/// What one tariff comes to.
pub struct TariffAdviceRow {
    row: Row,
    tariffs: Arc<HashMap<TariffId, Tariff>>,
}

/// What one tariff comes to.
#[Object]
impl TariffAdviceRow {
    /// The tariff.
    async fn tariff(&self) -> Option<Tariff> {
        self.tariffs.get(&self.row.tariff).cloned()
    }

    /// How many months.
    async fn months(&self) -> i32 {
        self.row.months
    }

    /// Minutes left unused in the last month.
    async fn unused_minutes(&self) -> i32 {
        self.row.unused_minutes
    }

    /// All months by the list price; null for a tariff without one.
    async fn total_price(&self) -> Option<Money> {
        self.row.total_price.map(Money::from)
    }

    /// The first day no longer served, as of a period; null beyond the year 9999.
    async fn ends_on(&self) -> Option<Date> {
        self.row.ends_on.map(Date)
    }

    /// Calls a week that a month of so many hours takes: one up to 40, two up to 80, three beyond.
    async fn calls_per_week(&self) -> i32 {
        self.row.calls_a_week
    }

    /// Whether a month costs no more than the budget; null where none was named, or where the tariff has no price or one
    /// in another currency, which speaks for nothing.
    async fn within_budget(&self) -> Option<bool> {
        self.row.within_budget
    }

    /// Whether all is done by the day wished for; null where none was named.
    async fn in_time(&self) -> Option<bool> {
        self.row.in_time
    }

    /// Whether the client can hold the calls; null where nothing was said of them.
    async fn enough_contact(&self) -> Option<bool> {
        self.row.enough_contact
    }

    /// A tariff that takes fewer months, costs less and leaves less unused; null where none does. Such a row is never
    /// recommended.
    async fn dominated_by(&self) -> Option<Tariff> {
        self.row.dominated_by.and_then(|id| self.tariffs.get(&id).cloned())
    }

    /// Whether it is the one to take: the first that no other beats.
    async fn recommended(&self) -> bool {
        self.row.recommended
    }

    /// What speaks against it; empty where nothing does.
    async fn reasons(&self) -> Vec<TariffAdviceReason> {
        self.row.reasons().into_iter().map(|code| TariffAdviceReason { code }).collect()
    }
}

/// What speaks against a tariff.
pub struct TariffAdviceReason {
    code: AdviceReason,
}

/// What speaks against a tariff.
#[Object]
impl TariffAdviceReason {
    /// The reason, for programs.
    async fn code(&self) -> AdviceReason {
        self.code
    }

    /// The reason, for people.
    async fn text(
        &self,
        #[graphql(desc = "The language.", default_with = "Locale::Ru")] locale: Locale,
    ) -> &'static str {
        self.code.text(locale)
    }
}

/// Queries of the advisor.
#[derive(Default)]
pub struct AdviceQuery;

#[Object]
impl AdviceQuery {
    /// What the support tariffs on sale come to for so many minutes, or for the rest of a plan that the caller sees.
    async fn tariff_advice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and what is wished of it.")] input: TariffAdviceInput,
    ) -> Option<async_graphql::Result<TariffAdvice>> {
        let asked = Asked {
            minutes: input.minutes,
            plan: input.plan_id.map(|id| id.0),
            starts_on: input.starts_on.map(|day| day.0),
            ends_by: input.ends_by.map(|day| day.0),
            calls_a_week: input.calls_per_week,
            monthly_budget: input.monthly_budget.map(Into::into),
        };
        let advice = Box::pin(usecase::advice::advice(call(ctx), asked)).await;
        field(advice.map(|advice| Some(TariffAdvice { advice })))
    }
}
