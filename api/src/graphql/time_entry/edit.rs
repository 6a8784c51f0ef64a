//! Logging and correcting time.

use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use domain::id::{EngagementId, TaskId, TimeEntryId, TimeEntryQuestionId, UserId};
use domain::time_entry::Activity;
use uuid::Uuid;

use super::super::call;
use super::super::error::{answer, payload};
use super::super::hour_balance::HourBalance;
use super::super::id::Gid;
use super::super::patch::patch;
use super::super::scalar::Date;
use super::super::task::Task;
use super::TimeEntry;
use crate::usecase;
use crate::usecase::time_entry::{Correct, Log, Logged};

/// Time to log.
#[derive(InputObject)]
pub struct TimeEntryCreateInput {
    /// The engagement that the work was done for.
    engagement_id: Gid<EngagementId>,
    /// Whose time it is; the caller's where absent. Another's: ADMINISTRATOR only.
    user_id: Option<Gid<UserId>>,
    /// The task that the work belongs to.
    task_id: Option<Gid<TaskId>>,
    /// The day on which the work was done, in the client's time zone; not in the future.
    worked_on: Date,
    /// Minutes, 1 to 1440; a person has at most 24 hours a day over all clients.
    minutes: i32,
    /// The kind of work.
    activity: Activity,
    /// What was done, in words that the client reads; required, at most 2000 characters.
    note: String,
    /// Makes a retry harmless: the same key and input log once.
    idempotency_key: Option<Uuid>,
}

/// What an entry should have been; what is absent stays.
#[derive(InputObject)]
pub struct TimeEntryCorrectInput {
    /// Why; required, at most 2000 characters. The client reads it.
    reason: String,
    /// Another engagement: ADMINISTRATOR only.
    engagement_id: Option<Gid<EngagementId>>,
    /// Another task; null takes the task away.
    task_id: MaybeUndefined<Gid<TaskId>>,
    /// Another day.
    worked_on: Option<Date>,
    /// Other minutes, 1 to 1440.
    minutes: Option<i32>,
    /// Another kind of work.
    activity: Option<Activity>,
    /// Another note.
    note: Option<String>,
    /// An open question about the entry that the reason answers.
    answers_question_id: Option<Gid<TimeEntryQuestionId>>,
    /// Makes a retry harmless.
    idempotency_key: Option<Uuid>,
}

/// Taking an entry back.
#[derive(InputObject)]
pub struct TimeEntryWithdrawInput {
    /// Why; required, at most 2000 characters. The client reads it; it answers every question about the entry that is
    /// still open.
    reason: String,
    /// Makes a retry harmless.
    idempotency_key: Option<Uuid>,
}

payload! {
    /// The outcome of logging time.
    TimeEntryCreatePayload {
        /// The entry.
        time_entry: TimeEntry,
        /// The task that the work belongs to, with what it has taken now.
        task: Task,
        /// The engagement's balance afterwards; null where no period runs.
        hour_balance: HourBalance,
    }
}

payload! {
    /// The outcome of correcting time.
    TimeEntryCorrectPayload {
        /// The entry that stands now.
        time_entry: TimeEntry,
        /// The task that the work belongs to, with what it has taken now.
        task: Task,
        /// The engagement's balance afterwards; null where no period runs.
        hour_balance: HourBalance,
    }
}

payload! {
    /// The outcome of taking time back.
    TimeEntryWithdrawPayload {
        /// The entry, taken back.
        time_entry: TimeEntry,
        /// The engagement's balance afterwards; null where no period runs.
        hour_balance: HourBalance,
    }
}

/// Changes of time.
#[derive(Default)]
pub struct TimeEntryMutation;

#[Object]
impl TimeEntryMutation {
    /// Logs time: every minute counts and is shown to the client. A day's work is paid from the period that the day
    /// falls into. Beyond the balance it depends on the engagement's overage policy: BALANCE_EXHAUSTED or
    /// APPROVAL_NEEDED.
    async fn time_entry_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The time.")] input: TimeEntryCreateInput,
    ) -> Option<async_graphql::Result<TimeEntryCreatePayload>> {
        let key = input.idempotency_key;
        let command = Log {
            engagement_id: input.engagement_id.0,
            user_id: input.user_id.map(|id| id.0),
            task_id: input.task_id.map(|id| id.0),
            worked_on: input.worked_on.0,
            minutes: input.minutes,
            activity: input.activity,
            note: input.note,
        };
        let logged = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::time_entry::log(&call, command, key).await
        }))
        .await;
        answer(logged.map(|Logged { entry, user, task, balance }| TimeEntryCreatePayload {
            task: task.clone().map(Task::from),
            time_entry: Some(TimeEntry::logged(entry, user, task)),
            hour_balance: balance.map(HourBalance::from),
            errors: Vec::new(),
        }))
    }

    /// Corrects an entry: the old one is taken back and a new one logged in its place, with the reason; its history
    /// stays. Its author or the client's project manager in an open period, an administrator beyond it.
    async fn time_entry_correct(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry.")] id: Gid<TimeEntryId>,
        #[graphql(desc = "What it should have been.")] input: TimeEntryCorrectInput,
    ) -> Option<async_graphql::Result<TimeEntryCorrectPayload>> {
        let key = input.idempotency_key;
        let command = Correct {
            reason: input.reason,
            engagement_id: input.engagement_id.map(|id| id.0),
            task_id: patch(input.task_id).map(|task| task.map(|id| id.0)),
            worked_on: input.worked_on.map(|day| day.0),
            minutes: input.minutes,
            activity: input.activity,
            note: input.note,
            answers_question_id: input.answers_question_id.map(|id| id.0),
        };
        let logged = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::time_entry::correct(&call, id.0, command, key).await
        }))
        .await;
        answer(logged.map(|Logged { entry, user, task, balance }| TimeEntryCorrectPayload {
            task: task.clone().map(Task::from),
            time_entry: Some(TimeEntry::logged(entry, user, task)),
            hour_balance: balance.map(HourBalance::from),
            errors: Vec::new(),
        }))
    }

    /// Takes an entry back without logging anew, with the reason; its history stays.
    async fn time_entry_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry.")] id: Gid<TimeEntryId>,
        #[graphql(desc = "Why.")] input: TimeEntryWithdrawInput,
    ) -> Option<async_graphql::Result<TimeEntryWithdrawPayload>> {
        let key = input.idempotency_key;
        let logged = Box::pin(usecase::retry(call(ctx), input.reason, move |call, reason| async move {
            usecase::time_entry::withdraw(&call, id.0, reason, key).await
        }))
        .await;
        answer(logged.map(|Logged { entry, user, task, balance }| TimeEntryWithdrawPayload {
            time_entry: Some(TimeEntry::logged(entry, user, task)),
            hour_balance: balance.map(HourBalance::from),
            errors: Vec::new(),
        }))
    }
}
