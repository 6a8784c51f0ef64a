//! Timers.

use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use domain::id::{EngagementId, TaskId};
use domain::refusal::ErrorCode;
use domain::time_entry::Activity;
use domain::timer::minutes_run;
use entity::timer;
use uuid::Uuid;

use super::call;
use super::engagement::Engagement;
use super::error::{answer, field, payload, top_level};
use super::hour_balance::HourBalance;
use super::id::Gid;
use super::patch::patch;
use super::scalar::DateTime;
use super::task::Task;
use super::time_entry::TimeEntry;
use crate::error::Error;
use crate::usecase;
use crate::usecase::time_entry::Logged;
use crate::usecase::timer::{Start, Stop, Update};

/// A timer that runs: time being worked, until it is stopped and logged. A person has one at the most.
#[derive(Clone)]
pub struct Timer {
    row: timer::Model,
}

impl From<timer::Model> for Timer {
    fn from(row: timer::Model) -> Self {
        Self { row }
    }
}

/// A timer that runs: time being worked, until it is stopped and logged. A person has one at the most.
#[Object]
impl Timer {
    /// The engagement that the work is done for; null where the caller sees it no longer.
    async fn engagement(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Engagement>> {
        let found = Box::pin(usecase::engagement::find(call(ctx), self.row.engagement_id)).await;
        field(found.map(|row| row.map(Engagement::from)))
    }

    /// The task that the work belongs to; null where none is named, or where the caller sees it no longer.
    async fn task(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Task>> {
        let id = self.row.task_id?;
        field(Box::pin(usecase::task::find(call(ctx), id)).await.map(|row| row.map(Task::from)))
    }

    /// The kind of work.
    async fn activity(&self) -> Activity {
        self.row.activity
    }

    /// What is being done; null until it is said, at the latest when the timer is stopped.
    async fn note(&self) -> Option<&str> {
        self.row.note.as_deref()
    }

    /// When it was started. Its time is logged for that day in the client's time zone, also where it runs past midnight.
    async fn started_at(&self) -> DateTime {
        self.row.started_at.into()
    }

    /// Minutes that it has run by now, rounded up, at least 1.
    async fn minutes(&self, ctx: &Context<'_>) -> i32 {
        minutes_run(self.row.started_at, call(ctx).now)
    }
}

/// What a timer is started for.
#[derive(InputObject)]
pub struct TimerStartInput {
    /// The engagement that the work is done for.
    engagement_id: Gid<EngagementId>,
    /// The task that the work belongs to.
    task_id: Option<Gid<TaskId>>,
    /// The kind of work.
    activity: Activity,
    /// What is being done, at most 2000 characters; it can be said later.
    note: Option<String>,
    /// Makes a retry harmless: the same key and input start one timer.
    idempotency_key: Option<Uuid>,
}

/// What changes of a running timer; what is absent stays.
#[derive(InputObject)]
pub struct TimerUpdateInput {
    /// Another task; null takes the task away.
    task_id: MaybeUndefined<Gid<TaskId>>,
    /// Another kind of work.
    activity: MaybeUndefined<Activity>,
    /// Another note; null takes it away.
    note: MaybeUndefined<String>,
}

/// How a timer ends in an entry.
#[derive(InputObject)]
pub struct TimerStopInput {
    /// What was done, in words that the client reads; the timer's own note where absent, required where it has none.
    note: Option<String>,
    /// Fewer minutes than the timer has run, where not all of it was work; required where it has run for more than 24
    /// hours.
    minutes: Option<i32>,
    /// Makes a retry harmless: the same key and input log once.
    idempotency_key: Option<Uuid>,
}

payload! {
    /// The outcome of starting a timer.
    TimerStartPayload {
        /// The timer; where one was running already, that one.
        timer: Timer,
    }
}

payload! {
    /// The outcome of changing a timer.
    TimerUpdatePayload {
        /// The timer as it runs on.
        timer: Timer,
    }
}

payload! {
    /// The outcome of stopping a timer; refused, it runs on.
    TimerStopPayload {
        /// The entry that it became.
        time_entry: TimeEntry,
        /// The task that the work belongs to, with what it has taken now.
        task: Task,
        /// The engagement's balance afterwards; null where no period runs.
        hour_balance: HourBalance,
    }
}

payload! {
    /// The outcome of discarding a timer.
    TimerDiscardPayload {
        /// The timer as it was.
        timer: Timer,
    }
}

/// Changes of timers.
#[derive(Default)]
pub struct TimerMutation;

#[Object]
impl TimerMutation {
    /// Starts the caller's timer. Refused with TIMER_RUNNING while one runs, which is then in the payload.
    async fn timer_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is started for.")] input: TimerStartInput,
    ) -> Option<async_graphql::Result<TimerStartPayload>> {
        let key = input.idempotency_key;
        let command = Start {
            engagement_id: input.engagement_id.0,
            task_id: input.task_id.map(|id| id.0),
            activity: input.activity,
            note: input.note,
        };
        let started = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::timer::start(&call, command, key).await
        }))
        .await;
        let is_running = matches!(&started, Err(Error::Refused(refusals))
            if refusals.iter().any(|refusal| refusal.code == ErrorCode::TimerRunning));
        let payload = |timer: Option<timer::Model>| TimerStartPayload {
            timer: timer.map(Timer::from),
            errors: Vec::new(),
        };
        let mut answer = answer(started.map(payload));
        if is_running {
            let running = match Box::pin(usecase::timer::own(call(ctx))).await {
                Ok(running) => running,
                Err(error) => return Some(Err(top_level(error))),
            };
            if let Some(Ok(refused)) = &mut answer {
                refused.timer = running.map(Timer::from);
            }
        }
        answer
    }

    /// Changes what the caller's timer runs for; its engagement stays.
    async fn timer_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: TimerUpdateInput,
    ) -> Option<async_graphql::Result<TimerUpdatePayload>> {
        let command = Update {
            task_id: patch(input.task_id).map(|task| task.map(|id| id.0)),
            activity: patch(input.activity),
            note: patch(input.note),
        };
        let updated = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::timer::update(&call, command).await
        }))
        .await;
        answer(updated.map(|row| TimerUpdatePayload { timer: Some(row.into()), errors: Vec::new() }))
    }

    /// Stops the caller's timer and logs its time as `timeEntryCreate` would, for the day on which it was started. What is
    /// refused leaves it running.
    async fn timer_stop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it ends.")] input: TimerStopInput,
    ) -> Option<async_graphql::Result<TimerStopPayload>> {
        let key = input.idempotency_key;
        let command = Stop { note: input.note, minutes: input.minutes };
        let logged = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::timer::stop(&call, command, key).await
        }))
        .await;
        answer(logged.map(|Logged { entry, user, task, balance }| TimerStopPayload {
            task: task.clone().map(Task::from),
            time_entry: Some(TimeEntry::logged(entry, user, task)),
            hour_balance: balance.map(HourBalance::from),
            errors: Vec::new(),
        }))
    }

    /// Ends the caller's timer without logging anything.
    async fn timer_discard(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<TimerDiscardPayload>> {
        let discarded = Box::pin(usecase::retry(call(ctx), (), move |call, ()| async move {
            usecase::timer::discard(&call).await
        }))
        .await;
        answer(discarded.map(|row| TimerDiscardPayload { timer: Some(row.into()), errors: Vec::new() }))
    }
}
