//! What an operation cost, and what its caller has left.

use async_graphql::{Context, Object};
use domain::policy::Action;

use super::call;
use super::cost::Charge;
use super::error::field;
use super::scalar::DateTime;

/// What this operation cost, and what the caller has left. One point is one object, times the size of its page.
pub struct RateLimit {
    charge: Charge,
}

/// What this operation cost, and what the caller has left. One point is one object, times the size of its page.
#[Object]
impl RateLimit {
    /// Points of this operation.
    async fn requested(&self) -> i32 {
        points(self.charge.requested)
    }

    /// Points left to the caller.
    async fn remaining(&self) -> i32 {
        points(self.charge.remaining)
    }

    /// Points that the caller has when nothing was used for a while.
    async fn limit(&self) -> i32 {
        points(self.charge.limit)
    }

    /// When that many are there again.
    async fn reset_at(&self) -> DateTime {
        self.charge.reset_at.into()
    }
}

fn points(points: u64) -> i32 {
    i32::try_from(points).unwrap_or(i32::MAX)
}

/// Queries of the caller's limits.
#[derive(Default)]
pub struct RateLimitQuery;

#[Object]
impl RateLimitQuery {
    /// What this operation cost, and what the caller has left; the same stands in `extensions.cost` of every answer.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<RateLimit>> {
        let charge = ctx.data_opt::<Charge>().copied();
        let allowed = call(ctx).scope(Action::ViewerRead);
        field(allowed.map(|_| charge.map(|charge| RateLimit { charge })))
    }
}
