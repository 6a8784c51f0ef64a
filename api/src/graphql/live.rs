//! Live tasks, time entries and plans.

use async_graphql::{Context, Subscription};
use domain::id::{ClientId, PlanId};
use futures_util::{Stream, StreamExt, stream};

use super::error::top_level;
use super::event::events;
use super::id::Gid;
use super::plan::Plan;
use super::task::Task;
use super::time_entry::TimeEntry;
use super::{call, request};
use crate::error::Error;
use crate::usecase;
use crate::usecase::watch::{self, Watched, changes};

type Item<T> = Option<async_graphql::Result<T>>;

/// Live tasks, time entries and plans.
#[derive(Default)]
pub struct LiveSubscription;

#[Subscription]
impl LiveSubscription {
    /// Each task as it is after a change, from now on. Without `clientId`: of every client that the caller sees.
    async fn task_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose tasks; absent: of every client that the caller sees.")] client_id: Option<
            Gid<ClientId>,
        >,
    ) -> impl Stream<Item = Item<Task>> + use<> {
        events(ctx, begin(ctx, watch::tasks(client_id.map(|id| id.0)), Task::from)).await
    }

    /// Each time entry as it is after it was logged, corrected or taken back, from now on. Without `clientId`: of every
    /// client that the caller sees.
    async fn time_entry_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose time; absent: of every client that the caller sees.")] client_id: Option<
            Gid<ClientId>,
        >,
    ) -> impl Stream<Item = Item<TimeEntry>> + use<> {
        events(ctx, begin(ctx, watch::time_entries(client_id.map(|id| id.0)), TimeEntry::from)).await
    }

    /// The plan after each change of it, its blocks or its tasks, from now on.
    async fn plan_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which plan.")] plan_id: Gid<PlanId>,
    ) -> impl Stream<Item = Item<Plan>> + use<> {
        let plan = plan_id.0;
        let source = async {
            let seen = Box::pin(usecase::plan::find(call(ctx), plan))
                .await
                .and_then(|plan| plan.ok_or(Error::NotFound));
            match seen {
                Ok(row) => begin(ctx, watch::plan(row.client_id, plan), Plan::from).await.right_stream(),
                Err(refusal) => stream::iter([Some(Err(top_level(refusal)))]).left_stream(),
            }
        };
        events(ctx, source).await
    }
}

/// Begins to watch, or says why not.
pub async fn begin<K, M, T>(
    ctx: &Context<'_>,
    watched: Watched<K, M>,
    show: fn(M) -> T,
) -> impl Stream<Item = Item<T>> + use<K, M, T>
where
    K: Send + 'static,
    M: Send + 'static,
    T: Send + 'static,
{
    let reaches = call(ctx).scope(watched.action).and_then(|scope| match watched.client {
        Some(client) if !scope.reaches(client) => Err(Error::NotFound),
        _ => Ok(()),
    });
    match reaches {
        Ok(()) => changes(call(ctx), request(ctx).session(), watched)
            .map(move |change| Some(change.map(show).map_err(top_level)))
            .left_stream(),
        Err(refusal) => stream::iter([Some(Err(top_level(refusal)))]).right_stream(),
    }
}
