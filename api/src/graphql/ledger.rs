//! The movements that make a balance up.

use async_graphql::{Context, ID, Object};
use domain::balance::Balance;
use domain::client::Locale;
use domain::explain;
use domain::ledger::{Counter, EntryKind, GrantCause};
use domain::policy::Target;
use entity::ledger_entry;

use super::error::field;
use super::id::Identified;
use super::page::{PageArgs, connection};
use super::scalar::DateTime;
use super::time_entry::TimeEntry;
use super::{call, settle};
use crate::error::Result;
use crate::store::ledger::movement;
use crate::store::page::Binding;
use crate::usecase;

/// One movement of minutes; it is never changed nor taken out again.
#[derive(Clone)]
pub struct LedgerEntry {
    row: ledger_entry::Model,
}

impl From<ledger_entry::Model> for LedgerEntry {
    fn from(row: ledger_entry::Model) -> Self {
        Self { row }
    }
}

/// One movement of minutes; it is never changed nor taken out again.
#[Object]
impl LedgerEntry {
    /// The movement's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// Its number in the engagement: the version of the balance that it made.
    async fn number(&self) -> i32 {
        self.row.number
    }

    /// What it is.
    async fn kind(&self) -> EntryKind {
        self.row.kind
    }

    /// The figure of the balance that it changed.
    async fn counter(&self) -> Counter {
        self.row.counter
    }

    /// Its effect on what is left, in minutes: positive adds, negative takes.
    async fn minutes(&self) -> i32 {
        self.row.minutes
    }

    /// Why minutes were granted; null for everything but a GRANT.
    async fn cause(&self) -> Option<GrantCause> {
        self.row.cause
    }

    /// The movement in words.
    async fn text(
        &self,
        #[graphql(desc = "The language.", default_with = "Locale::En")] locale: Locale,
    ) -> String {
        explain::movement(&movement(&self.row), locale)
    }

    /// The time that it was made by, where it was made by time.
    async fn time_entry(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<TimeEntry>> {
        let id = self.row.time_entry_id?;
        field(Box::pin(usecase::time_entry::find(call(ctx), id)).await.map(|row| row.map(TimeEntry::from)))
    }

    /// What was said of it.
    async fn note(&self) -> Option<&str> {
        self.row.note.as_deref()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(
    /// A page of movements.
    LedgerEntryConnection, LedgerEntryEdge, LedgerEntry
);

/// How a balance comes about, in words and figures.
pub struct BalanceExplanation {
    state: Balance,
}

impl BalanceExplanation {
    /// The explanation of a balance.
    pub fn of(state: Balance) -> Self {
        Self { state }
    }
}

/// How a balance comes about, in words and figures.
#[Object]
impl BalanceExplanation {
    /// The balance in one sentence.
    async fn text(
        &self,
        #[graphql(desc = "The language.", default_with = "Locale::En")] locale: Locale,
    ) -> String {
        explain::balance(&self.state.period.counters, locale)
    }

    /// The movements of the current period, the newest first.
    async fn movements(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<LedgerEntryConnection>> {
        let read = async {
            let target = Target::client(self.state.client_id);
            settle(call(ctx), "BalanceExplanation.movements", &target)?;
            let binding = Binding::new(&("movements", self.state.period.id));
            let page = PageArgs { first, after, last, before }.page(binding)?;
            let listed =
                Box::pin(usecase::ledger::movements(call(ctx), self.state.period.id, binding, &page)).await?;
            Result::Ok(Some(LedgerEntryConnection::new(listed, LedgerEntry::from)))
        };
        field(read.await)
    }
}
