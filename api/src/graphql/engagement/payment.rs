//! Payments on record.

use async_graphql::{Context, ID, Object};
use entity::payment;

use super::super::error::field;
use super::super::id::Identified;
use super::super::request;
use super::super::scalar::{Date, DateTime, Money};
use super::super::user::User;
use super::Engagement;

/// A payment on record, for one or more periods of one engagement.
#[derive(Clone)]
pub struct Payment {
    row: payment::Model,
}

impl From<payment::Model> for Payment {
    fn from(row: payment::Model) -> Self {
        Self { row }
    }
}

/// A payment on record, for one or more periods of one engagement.
#[Object]
impl Payment {
    /// The payment's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The engagement that it is for.
    async fn engagement(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Engagement>> {
        let engagement = request(ctx).loaders.engagement(self.row.engagement_id).await;
        field(engagement.map(|found| found.map(Engagement::from)))
    }

    /// The payer's reference, once in an engagement.
    async fn reference(&self) -> &str {
        &self.row.reference
    }

    /// The day on which it was paid.
    async fn paid_on(&self) -> Date {
        Date(self.row.paid_on)
    }

    /// What was paid.
    async fn amount(&self) -> Option<Money> {
        Money::of(Some(self.row.amount_minor), Some(&self.row.currency))
    }

    /// The numbers of the periods that it is for, in order.
    async fn periods(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<i32>>> {
        field(request(ctx).loaders.paid_periods_of(self.row.engagement_id).await.map(|paid| {
            let mut numbers: Vec<i32> = paid
                .into_iter()
                .filter(|paid| paid.payment_id == self.row.id)
                .map(|paid| paid.period_number)
                .collect();
            numbers.sort_unstable();
            Some(numbers)
        }))
    }

    /// Minutes that came too late to be granted: their period had ended, and no other one ran.
    async fn unused_minutes(&self) -> i32 {
        self.row.unused_minutes
    }

    /// Who recorded it. Null where the system did.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        field(
            async {
                let Some(id) = self.row.recorded_by else { return Ok(None) };
                Ok(request(ctx).loaders.user(id).await?.map(User::from))
            }
            .await,
        )
    }

    /// When it was recorded.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }
}
