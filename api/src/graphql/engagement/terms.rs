//! The terms that engagements run on.

use async_graphql::{Context, Object};
use entity::engagement_tariff;

use super::super::error::field;
use super::super::request;
use super::super::tariff::{self, Tariff, TariffRevision};

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

    /// The tariff, as it is on sale now; `terms` holds what was bought.
    async fn tariff(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Tariff>> {
        field(tariff::of_revision(ctx, self.row.tariff_revision_id).await)
    }

    /// The terms.
    async fn terms(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<TariffRevision>> {
        let terms = request(ctx).loaders.tariff_revision(self.row.tariff_revision_id).await;
        field(terms.map(|found| found.map(TariffRevision::from)))
    }
}
