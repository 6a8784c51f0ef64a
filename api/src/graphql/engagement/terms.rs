//! The terms that engagements run on.

use async_graphql::{Context, Object};
use domain::tariff::{GrantRule, UnusedMinutes};
use entity::{engagement_tariff, tariff_revision};

use super::super::error::field;
use super::super::request;
use super::super::scalar::Money;

/// The terms of a tariff as they were bought; a later revision of the tariff leaves them as they are.
#[derive(Clone)]
pub struct EngagementTerms {
    row: tariff_revision::Model,
}

impl From<tariff_revision::Model> for EngagementTerms {
    fn from(row: tariff_revision::Model) -> Self {
        Self { row }
    }
}

/// The terms of a tariff as they were bought; a later revision of the tariff leaves them as they are.
#[Object]
impl EngagementTerms {
    /// Which revision of the tariff's terms they are, from 1.
    async fn revision(&self) -> i32 {
        self.row.number
    }

    /// Minutes of a month or of a working day, as the grant rule says. Null where the engagement states its own.
    async fn minutes(&self) -> Option<i32> {
        self.row.minutes
    }

    /// How many minutes a period is granted.
    async fn grant_rule(&self) -> GrantRule {
        self.row.grant_rule
    }

    /// The length in months. Null: until cancelled, or the engagement's own.
    async fn length_months(&self) -> Option<i32> {
        self.row.length_months
    }

    /// What becomes of minutes unused at a period's end.
    async fn unused(&self) -> UnusedMinutes {
        self.row.unused
    }

    /// The list price of these terms; what the client pays is the engagement's own. Null where none is stated.
    async fn list_price(&self) -> Option<Money> {
        Money::of(self.row.price_minor, self.row.currency.as_deref())
    }
}

/// The terms of an engagement from a period on.
#[derive(Clone)]
pub struct EngagementTariff {
    row: engagement_tariff::Model,
}

impl From<engagement_tariff::Model> for EngagementTariff {
    fn from(row: engagement_tariff::Model) -> Self {
        Self { row }
    }
}

/// The terms of an engagement from a period on.
#[Object]
impl EngagementTariff {
    /// The number of the first period that they count for.
    async fn from_period(&self) -> i32 {
        self.row.from_period
    }

    /// The terms.
    async fn terms(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<EngagementTerms>> {
        let terms = request(ctx).loaders.tariff_revision(self.row.tariff_revision_id).await;
        field(terms.map(|found| found.map(EngagementTerms::from)))
    }
}
