//! What keeps the rest running, for administrators: mails on their way, and jobs.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::TimeDelta;
use domain::id::MailId;
use domain::notification::MailStatus;
use entity::{job_lease, mail};

use super::call;
use super::error::{answer, field, payload};
use super::id::{Gid, Identified};
use super::page::{PageArgs, connection};
use super::scalar::DateTime;
use crate::store::page::Binding;
use crate::usecase;

/// A mail on its way or sent; its words are kept encrypted until then and shown to nobody.
#[derive(Clone)]
pub struct Mail {
    row: mail::Model,
}

impl From<mail::Model> for Mail {
    fn from(row: mail::Model) -> Self {
        Self { row }
    }
}

/// A mail on its way or sent; its words are kept encrypted until then and shown to nobody.
#[Object]
impl Mail {
    /// The mail's id, which its Message-ID begins with.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// What it is: INVITATION, NOTIFICATION and so on.
    async fn kind(&self) -> &str {
        &self.row.kind
    }

    /// The address that it goes to.
    async fn recipient(&self) -> &str {
        &self.row.recipient
    }

    /// Where it stands.
    async fn status(&self) -> MailStatus {
        usecase::mail::status(&self.row)
    }

    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.row.attempts
    }

    /// When it is tried next; null where it was sent or given up.
    async fn next_try_at(&self) -> Option<DateTime> {
        (usecase::mail::status(&self.row) == MailStatus::Waiting).then(|| self.row.next_try_at.into())
    }

    /// Why it was not sent the last time; null once it was.
    async fn last_error(&self) -> Option<&str> {
        self.row.last_error.as_deref()
    }

    /// When it was posted.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it was handed over; null until then.
    async fn sent_at(&self) -> Option<DateTime> {
        self.row.sent_at.map(DateTime::from)
    }
}

connection!(
    /// A page of mails.
    MailConnection, MailEdge, Mail
);

/// Work that the servers do again and again by themselves.
#[derive(SimpleObject)]
pub struct Job {
    /// Its name, by which `hourbank job NAME` runs it by hand.
    name: String,
    /// How often it runs at the least, in seconds; null before its first run.
    every_seconds: Option<i32>,
    /// When it last came to its end.
    last_run_at: Option<DateTime>,
    /// When it runs next at the latest; null before its first run.
    next_run_at: Option<DateTime>,
    /// When it last failed.
    failed_at: Option<DateTime>,
    /// What its last failure said, without what people wrote.
    last_error: Option<String>,
}

impl From<job_lease::Model> for Job {
    fn from(row: job_lease::Model) -> Self {
        let next = row.last_run_at.zip(row.every_seconds);
        Self {
            name: row.name,
            every_seconds: row.every_seconds,
            last_run_at: row.last_run_at.map(DateTime::from),
            next_run_at: next.map(|(last, every)| (last + TimeDelta::seconds(every.into())).into()),
            failed_at: row.failed_at.map(DateTime::from),
            last_error: row.last_error,
        }
    }
}

/// Queries of what keeps the rest running.
#[derive(Default)]
pub struct OperationQuery;

#[Object]
impl OperationQuery {
    /// Mails, the newest first; what was sent is kept for 30 days.
    async fn mails(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Those that stand so; all where absent.")] status: Option<MailStatus>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<MailConnection>> {
        field(
            async {
                let binding = Binding::new(&("mails", &status));
                let page = PageArgs { first, after, last, before }.page(binding)?;
                let listed = Box::pin(usecase::mail::list(call(ctx), status, binding, &page)).await?;
                Ok(Some(MailConnection::new(listed, Mail::from)))
            }
            .await,
        )
    }

    /// The jobs that have run, by name.
    async fn jobs(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Job>>> {
        let jobs = Box::pin(usecase::job::list(call(ctx))).await;
        field(jobs.map(|rows| Some(rows.into_iter().map(Job::from).collect())))
    }
}

payload! {
    /// The outcome of having a mail tried again.
    MailRetryPayload {
        /// The mail as it stands now.
        mail: Mail,
    }
}

/// Changes of what keeps the rest running.
#[derive(Default)]
pub struct OperationMutation;

#[Object]
impl OperationMutation {
    /// Has a mail tried again that was given up, as if it were new.
    async fn mail_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which mail.")] id: Gid<MailId>,
    ) -> Option<async_graphql::Result<MailRetryPayload>> {
        let done = Box::pin(usecase::retry(call(ctx), id.0, |call, id| async move {
            usecase::mail::send_again(&call, id).await
        }))
        .await;
        answer(done.map(|row| MailRetryPayload { mail: Some(row.into()), errors: Vec::new() }))
    }
}
