//! The outcome of a meeting, in one mutation.

use async_graphql::{Context, InputObject, Object};
use domain::id::{BlockId, MeetingId, MeetingItemId, TaskId, UserId};
use uuid::Uuid;

use super::super::block::Block;
use super::super::call;
use super::super::error::{answer, payload};
use super::super::hour_balance::HourBalance;
use super::super::id::Gid;
use super::super::patch::conflict;
use super::super::task::Task;
use super::super::time_entry::TimeEntry;
use super::Meeting;
use crate::usecase;
use crate::usecase::meeting::{Ask, Hold, HoldTime, Outcome};
use crate::usecase::patch::Edited;
use crate::usecase::task::{Create, Move};

/// A task that the client gave up.
#[derive(InputObject)]
pub struct MeetingTaskCancelInput {
    /// Which task.
    task_id: Gid<TaskId>,
    /// Why; required, at most 4,000 characters.
    reason: String,
}

/// A task that the client asked for; it waits in the inbox.
#[derive(InputObject)]
pub struct MeetingTaskRequestInput {
    /// Its title, at most 300 characters.
    title: String,
    /// What it is about, at most 10,000 characters.
    description: Option<String>,
}

/// A task that is planned into a block at once.
#[derive(InputObject)]
pub struct MeetingTaskCreateInput {
    /// The block that it is part of.
    block_id: Gid<BlockId>,
    /// Its title, at most 300 characters.
    title: String,
    /// What it is about, at most 10,000 characters.
    description: Option<String>,
    /// What it is expected to take in minutes, 0 to 100,000.
    estimate_minutes: Option<i32>,
    /// Who is to do it: a person on the client's team.
    assignee_id: Option<Gid<UserId>>,
    /// The task of the block that it is put before; last where absent.
    before: Option<Gid<TaskId>>,
}

/// A task that comes sooner or later than it would have.
#[derive(InputObject)]
pub struct MeetingTaskMoveInput {
    /// Which task.
    task_id: Gid<TaskId>,
    /// Another block of its plan; where absent it stays in its block or inbox.
    block_id: Option<Gid<BlockId>>,
    /// The task of the block or inbox that it is put before; last where absent.
    before: Option<Gid<TaskId>>,
}

/// A task that the client accepted.
#[derive(InputObject)]
pub struct MeetingTaskAcceptInput {
    /// Which task.
    task_id: Gid<TaskId>,
    /// Words to it, at most 4,000 characters.
    comment: Option<String>,
}

/// Somebody who took part for other minutes than the meeting lasted.
#[derive(InputObject)]
pub struct MeetingPersonTimeInput {
    /// Who: one of the provider's people in the meeting.
    user_id: Gid<UserId>,
    /// Minutes, 1 to 1440; 0 for who was not there.
    minutes: i32,
}

/// The time of all of the provider's people in the meeting, as MEETING.
#[derive(InputObject)]
pub struct MeetingTimeInput {
    /// What was done, in words that the client reads; required, at most 2000 characters.
    note: String,
    /// Who took part for other minutes than the meeting lasted; everyone for all of it where absent.
    people: Option<Vec<MeetingPersonTimeInput>>,
}

/// What came out of a meeting: whole, or not at all. What is refused is told with its place in here.
#[derive(InputObject)]
pub struct MeetingHoldInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// How long it was, 5 to 600 minutes; as planned where absent.
    duration_minutes: Option<i32>,
    /// What was said, for both sides; at most 10,000 characters.
    notes: Option<String>,
    /// How satisfied the client is, 1 to 5.
    satisfaction: Option<i32>,
    /// The points of the agenda that need no other meeting; the others go on to the next one.
    done_item_ids: Option<Vec<Gid<MeetingItemId>>>,
    /// Tasks given up; at most 50. Needs the right to cancel them.
    cancel: Option<Vec<MeetingTaskCancelInput>>,
    /// Tasks asked for, into the inbox; at most 50. Needs the right to ask.
    request: Option<Vec<MeetingTaskRequestInput>>,
    /// Tasks planned into blocks; at most 50. Needs the right to plan.
    create: Option<Vec<MeetingTaskCreateInput>>,
    /// Tasks with another priority, in this order; at most 50. Needs the right to order work.
    #[graphql(name = "move")]
    moves: Option<Vec<MeetingTaskMoveInput>>,
    /// Tasks that the client accepted in the meeting; at most 50. Needs the right to record that.
    accept: Option<Vec<MeetingTaskAcceptInput>>,
    /// Logs everyone's time; nobody's where absent. Beyond the balance it depends on the engagement's overage policy:
    /// BALANCE_EXHAUSTED or APPROVAL_NEEDED, and then nothing of the outcome is recorded.
    time: Option<MeetingTimeInput>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

impl MeetingHoldInput {
    fn command(self) -> Hold {
        fn all<T, U>(some: Option<Vec<T>>, make: impl FnMut(T) -> U) -> Vec<U> {
            some.unwrap_or_default().into_iter().map(make).collect()
        }
        Hold {
            duration_minutes: self.duration_minutes,
            notes: self.notes,
            satisfaction: self.satisfaction,
            done: all(self.done_item_ids, |id| id.0),
            cancel: all(self.cancel, |one| (one.task_id.0, one.reason)),
            request: all(self.request, |one| Ask { title: one.title, description: one.description }),
            create: all(self.create, |one| Create {
                block_id: one.block_id.0,
                title: one.title,
                description: one.description,
                estimate_minutes: one.estimate_minutes,
                development_minutes: None,
                assignee_id: one.assignee_id.map(|id| id.0),
                external_id: None,
                external_url: None,
                before: one.before.map(|id| id.0),
            }),
            moves: all(self.moves, |one| {
                let to = Move { block_id: one.block_id.map(|id| id.0), before: one.before.map(|id| id.0) };
                (one.task_id.0, to)
            }),
            accept: all(self.accept, |one| (one.task_id.0, one.comment)),
            time: self.time.map(|time| HoldTime {
                note: time.note,
                people: all(time.people, |person| (person.user_id.0, person.minutes)),
            }),
        }
    }
}

payload! {
    /// The outcome of recording a meeting.
    MeetingHoldPayload {
        /// The meeting as it is now, also where the change met a conflict.
        meeting: Meeting,
        /// The tasks that it touched.
        tasks: Vec<Task>,
        /// The blocks of those tasks, with their sums.
        blocks: Vec<Block>,
        /// The time that was logged.
        time_entries: Vec<TimeEntry>,
        /// The engagement's balance afterwards, where time was logged and a period runs.
        hour_balance: HourBalance,
    }
}

/// Outcomes of meetings.
#[derive(Default)]
pub struct MeetingHoldMutation;

#[Object]
impl MeetingHoldMutation {
    /// Records that a meeting was held and all that came out of it, in one step: what was said, how satisfied the client
    /// is, what becomes of tasks, and everyone's time. Each part needs the right that it takes alone.
    async fn meeting_hold(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which meeting.")] id: Gid<MeetingId>,
        #[graphql(desc = "What came out of it.")] input: MeetingHoldInput,
    ) -> Option<async_graphql::Result<MeetingHoldPayload>> {
        let (version, key) = (input.expected_version, input.idempotency_key);
        let held = Box::pin(usecase::retry(call(ctx), input.command(), move |call, command| async move {
            usecase::meeting::hold(&call, id.0, version, command, key).await
        }))
        .await;
        answer(held.map(|edited| {
            let (outcome, errors) = match edited {
                Edited::Done(outcome) => (outcome, Vec::new()),
                Edited::Conflict(outcome) => (outcome, vec![conflict()]),
            };
            let Outcome { meeting, tasks, blocks, entries, balance } = outcome;
            MeetingHoldPayload {
                meeting: Some(meeting.into()),
                tasks: Some(tasks.into_iter().map(Task::from).collect()),
                blocks: Some(blocks.into_iter().map(Block::from).collect()),
                time_entries: Some(
                    entries.into_iter().map(|one| TimeEntry::logged(one.entry, one.user, one.task)).collect(),
                ),
                hour_balance: balance.map(HourBalance::from),
                errors,
            }
        }))
    }
}
