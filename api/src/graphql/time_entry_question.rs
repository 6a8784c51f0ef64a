//! Questions about time entries.

use async_graphql::{Context, ID, InputObject, Object};
use domain::id::{TimeEntryId, TimeEntryQuestionId};
use entity::time_entry_question;
use uuid::Uuid;

use super::error::{answer, field, payload};
use super::id::{Gid, Identified};
use super::scalar::DateTime;
use super::time_entry::TimeEntry;
use super::user::User;
use super::{call, request};
use crate::usecase;
use crate::usecase::time_entry_question::Ask;

/// What a client asks about a time entry, and the answer.
#[derive(Clone)]
pub struct TimeEntryQuestion {
    row: time_entry_question::Model,
}

impl From<time_entry_question::Model> for TimeEntryQuestion {
    fn from(row: time_entry_question::Model) -> Self {
        Self { row }
    }
}

/// What a client asks about a time entry, and the answer.
#[Object]
impl TimeEntryQuestion {
    /// The question's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The entry that it is about now: a question follows its entry to the correction.
    async fn time_entry(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<TimeEntry>> {
        entry(ctx, self.row.time_entry_id).await
    }

    /// The entry as it was when it was asked about.
    async fn asked_of(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<TimeEntry>> {
        entry(ctx, self.row.asked_of_id).await
    }

    /// Who asks.
    async fn asked_by(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        field(request(ctx).loaders.user(self.row.asked_by).await.map(|row| row.map(User::from)))
    }

    /// What is asked, at most 4000 characters.
    async fn text(&self) -> &str {
        &self.row.text
    }

    /// When it was asked.
    async fn asked_at(&self) -> DateTime {
        self.row.asked_at.into()
    }

    /// Who answered; null while it is open.
    async fn answered_by(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        let id = self.row.answered_by?;
        field(request(ctx).loaders.user(id).await.map(|row| row.map(User::from)))
    }

    /// The answer; where the entry was corrected for it, the reason of the correction. Null while it is open.
    async fn answer(&self) -> Option<&str> {
        self.row.answer.as_deref()
    }

    /// When it was answered; null while it is open.
    async fn answered_at(&self) -> Option<DateTime> {
        self.row.answered_at.map(DateTime)
    }
}

/// Whoever sees a question sees the time that it is about.
async fn entry(ctx: &Context<'_>, id: TimeEntryId) -> Option<async_graphql::Result<TimeEntry>> {
    field(request(ctx).loaders.time_entry(id).await.map(|row| row.map(TimeEntry::from)))
}

/// A question about a time entry.
#[derive(InputObject)]
pub struct TimeEntryQuestionInput {
    /// What is asked, at most 4000 characters.
    text: String,
    /// Makes a retry harmless: the same key and input ask once.
    idempotency_key: Option<Uuid>,
}

/// The answer to a question about a time entry.
#[derive(InputObject)]
pub struct TimeEntryQuestionAnswerInput {
    /// The answer, at most 4000 characters.
    answer: String,
}

payload! {
    /// The outcome of asking about a time entry.
    TimeEntryQuestionPayload {
        /// The question.
        question: TimeEntryQuestion,
        /// The entry that it is about.
        time_entry: TimeEntry,
    }
}

payload! {
    /// The outcome of answering a question about a time entry.
    TimeEntryQuestionAnswerPayload {
        /// The question with its answer.
        question: TimeEntryQuestion,
        /// The entry that it is about.
        time_entry: TimeEntry,
    }
}

/// Changes of questions about time.
#[derive(Default)]
pub struct TimeEntryQuestionMutation;

#[Object]
impl TimeEntryQuestionMutation {
    /// Asks about a time entry that stands; its author and the client's project manager are told. At most 20 questions are
    /// asked about an entry.
    async fn time_entry_question(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry.")] id: Gid<TimeEntryId>,
        #[graphql(desc = "What is asked.")] input: TimeEntryQuestionInput,
    ) -> Option<async_graphql::Result<TimeEntryQuestionPayload>> {
        let key = input.idempotency_key;
        let command = Ask { entry: id.0, text: input.text };
        let asked = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::time_entry_question::ask(&call, command, key).await
        }))
        .await;
        answer(asked.map(|(question, entry)| TimeEntryQuestionPayload {
            question: Some(question.into()),
            time_entry: Some(entry.into()),
            errors: Vec::new(),
        }))
    }

    /// Answers a question and lets the entry stand; whoever asked is told. To correct the entry instead, name the question
    /// in `timeEntryCorrect`; taking it back answers what is open by itself.
    async fn time_entry_question_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which question.")] id: Gid<TimeEntryQuestionId>,
        #[graphql(desc = "The answer.")] input: TimeEntryQuestionAnswerInput,
    ) -> Option<async_graphql::Result<TimeEntryQuestionAnswerPayload>> {
        let answered = Box::pin(usecase::retry(call(ctx), input.answer, move |call, words| async move {
            usecase::time_entry_question::answer(&call, id.0, words).await
        }))
        .await;
        answer(answered.map(|(question, entry)| TimeEntryQuestionAnswerPayload {
            question: Some(question.into()),
            time_entry: Some(entry.into()),
            errors: Vec::new(),
        }))
    }
}
