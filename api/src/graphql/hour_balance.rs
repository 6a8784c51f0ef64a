//! Hour balances, asked for and live.

use async_graphql::{Context, ID, Object, Subscription};
use domain::alert::WarningKind;
use domain::balance::Balance;
use domain::id::ClientId;
use futures_util::{Stream, StreamExt, stream};

use super::engagement::{Engagement, Period};
use super::error::field;
use super::event::events;
use super::forecast::BalanceForecast;
use super::id::{Gid, balance as balance_id};
use super::ledger::BalanceExplanation;
use super::scalar::DateTime;
use super::{call, error, request};
use crate::usecase;

/// The state of an engagement's current hours. Balances of different engagements are never added into one number.
///
/// Every push is the whole state: key it by `id` and replace it at an equal or higher `version`.
#[derive(Clone)]
pub struct HourBalance {
    state: Balance,
}

impl From<Balance> for HourBalance {
    fn from(state: Balance) -> Self {
        Self { state }
    }
}

/// The state of an engagement's current hours. Balances of different engagements are never added into one number.
///
/// Every push is the whole state: key it by `id` and replace it at an equal or higher `version`.
#[Object]
impl HourBalance {
    /// The balance's id: one for each engagement, the same through all its periods.
    pub async fn id(&self) -> ID {
        balance_id(self.state.engagement_id)
    }

    /// The engagement that the hours belong to.
    async fn engagement(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Engagement>> {
        let engagement = request(ctx).loaders.engagement(self.state.engagement_id).await;
        field(engagement.map(|found| found.map(Engagement::from)))
    }

    /// The current period.
    async fn period(&self) -> Option<Period> {
        Some(Period::of(self.state.client_id, usecase::hour_balance::period_row(&self.state)))
    }

    /// How the balance comes about, in words and figures.
    async fn explain(&self) -> Option<BalanceExplanation> {
        Some(BalanceExplanation::of(self.state.clone()))
    }

    /// Where the hours go at the pace of the last four weeks.
    async fn forecast(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<BalanceForecast>> {
        let basis = request(ctx).loaders.forecast(self.state.engagement_id).await;
        field(basis.map(|basis| basis.map(|basis| usecase::forecast::of(&basis, &self.state).into())))
    }

    /// Minutes granted to the current period, top-ups included.
    async fn granted_minutes(&self) -> i32 {
        self.state.period.counters.granted
    }

    /// Minutes carried into the current period (positive) or out of it (negative).
    async fn transferred_minutes(&self) -> i32 {
        self.state.period.counters.transferred
    }

    /// Minutes of corrections, either way.
    async fn adjusted_minutes(&self) -> i32 {
        self.state.period.counters.adjusted
    }

    /// Minutes used by logged time.
    async fn used_minutes(&self) -> i32 {
        self.state.period.counters.used
    }

    /// Minutes that expired with the period's end.
    async fn expired_minutes(&self) -> i32 {
        self.state.period.counters.expired
    }

    /// Minutes left: granted + transferred + adjusted − used − expired, never below zero.
    async fn remaining_minutes(&self) -> i32 {
        self.state.period.counters.remaining()
    }

    /// Minutes used beyond the balance; zero while anything remains.
    async fn overage_minutes(&self) -> i32 {
        self.state.period.counters.overage()
    }

    /// Counts the movements of the engagement through all its periods; it never falls.
    async fn version(&self) -> i32 {
        self.state.version
    }

    /// The moment at which this was read.
    async fn as_of(&self) -> DateTime {
        self.state.as_of.into()
    }

    /// When unused minutes end; null where they are kept until the engagement ends.
    async fn expires_at(&self) -> Option<DateTime> {
        self.state.expires_at.map(DateTime::from)
    }

    /// What the balance warns of now.
    async fn warnings(&self) -> Vec<BalanceWarning> {
        self.state.warnings.iter().map(|kind| BalanceWarning { kind: *kind }).collect()
    }
}

/// Something that the client should know of a balance.
pub struct BalanceWarning {
    kind: WarningKind,
}

/// Something that the client should know of a balance.
#[Object]
impl BalanceWarning {
    /// What it is.
    async fn kind(&self) -> WarningKind {
        self.kind
    }
}

/// Live balances.
#[derive(Default)]
pub struct HourBalanceSubscription;

#[Subscription]
impl HourBalanceSubscription {
    /// Each current balance of the client at once (of each active or paused engagement), then its whole new state after
    /// every movement and whenever the clock changes what it reads. Without `clientId`: of every client that the caller
    /// sees, as they come and go. A slow reader gets the newest state, not a queue of old ones. Ends with an error once
    /// the right to it is lost.
    async fn hour_balance_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose balances; absent: of every client that the caller sees.")] client_id: Option<
            Gid<ClientId>,
        >,
    ) -> impl Stream<Item = Option<async_graphql::Result<HourBalance>>> + use<> {
        let session = request(ctx).session();
        let client = client_id.map(|id| id.0);
        let source = async {
            match Box::pin(usecase::hour_balance::watch_balances(call(ctx), session, client)).await {
                Ok(balances) => balances
                    .map(|balance| Some(balance.map(HourBalance::from).map_err(error::top_level)))
                    .left_stream(),
                Err(refusal) => stream::iter([Some(Err(error::top_level(refusal)))]).right_stream(),
            }
        };
        events(ctx, source).await
    }
}
