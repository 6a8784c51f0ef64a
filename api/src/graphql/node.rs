//! Nodes: everything with an id can be read again by it, with the same rights as on the way on which it was found.
//!
//! A noun joins with a variant, and with the use-case that finds one by its id.

use async_graphql::{Context, ID, Interface, Object};

use super::api_key::ApiKey;
use super::audit::AuditEntry;
use super::block::Block;
use super::comment::Comment;
use super::engagement::{Engagement, Payment, Period};
use super::error::{found, top_level};
use super::hour_balance::HourBalance;
use super::id::{Kind, Named, decode};
use super::ledger::LedgerEntry;
use super::notification::Notification;
use super::operation::Mail;
use super::plan::Plan;
use super::report::{ReportAnswer, WeeklyReport};
use super::reservation::Reservation;
use super::service::Service;
use super::sign_off::SignOff;
use super::tariff::{Tariff, TariffRevision};
use super::task::Task;
use super::team::TeamMember;
use super::time_entry::TimeEntry;
use super::user::User;
use super::way_in::WayIn;
use super::{call, client::Client};
use crate::app::Call;
use crate::error::{Error, Result};
use crate::usecase;

/// The most ids read at once.
const MOST: usize = 100;

/// Something with an id of its own.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Its id: opaque, and unique over all types."))]
#[allow(clippy::large_enum_variant, reason = "it lives for one answer")]
pub enum Node {
    /// A client.
    Client(Client),
    /// A person.
    User(User),
    /// A place in a team.
    TeamMember(TeamMember),
    /// A way in.
    WayIn(WayIn),
    /// A service.
    Service(Service),
    /// A tariff.
    Tariff(Tariff),
    /// One version of a tariff's terms.
    TariffRevision(TariffRevision),
    /// An engagement.
    Engagement(Engagement),
    /// A month of an engagement.
    Period(Period),
    /// A payment.
    Payment(Payment),
    /// Minutes held for an engagement.
    Reservation(Reservation),
    /// A plan.
    Plan(Plan),
    /// A block.
    Block(Block),
    /// A task.
    Task(Task),
    /// A sign-off.
    SignOff(SignOff),
    /// A comment.
    Comment(Comment),
    /// A time entry.
    TimeEntry(TimeEntry),
    /// A partner's key.
    ApiKey(ApiKey),
    /// One change on record.
    AuditEntry(AuditEntry),
    /// One movement of minutes.
    LedgerEntry(LedgerEntry),
    /// The balance of an engagement.
    HourBalance(HourBalance),
    /// Something that the caller was told.
    Notification(Notification),
    /// A mail.
    Mail(Mail),
    /// A week's report.
    WeeklyReport(WeeklyReport),
    /// An answer to a report.
    ReportAnswer(ReportAnswer),
}

async fn fetch(call: &Call, id: &str) -> Result<Option<Node>> {
    let named = decode(id).ok_or_else(|| Error::BadInput("This is no id.".to_owned()))?;
    let (kind, id) = match named {
        Named::Row(kind, id) => (kind, id),
        Named::Balance(engagement) => {
            let balance = Box::pin(usecase::hour_balance::find(call, engagement)).await?;
            return Ok(balance.map(|balance| Node::HourBalance(balance.into())));
        }
    };
    Ok(match kind {
        Kind::Client => {
            Box::pin(usecase::client::find(call, id.into())).await?.map(|row| Node::Client(row.into()))
        }
        Kind::User => Box::pin(usecase::user::find(call, id.into())).await?.map(|row| Node::User(row.into())),
        Kind::ApiKey => {
            Box::pin(usecase::api_key::find(call, id.into())).await?.map(|key| Node::ApiKey(key.into()))
        }
        Kind::AuditEntry => {
            Box::pin(usecase::audit::find(call, id.into())).await?.map(|row| Node::AuditEntry(row.into()))
        }
        Kind::TeamMember => {
            Box::pin(usecase::team::find(call, id.into())).await?.map(|row| Node::TeamMember(row.into()))
        }
        Kind::WayIn => {
            Box::pin(usecase::way_in::find(call, id.into())).await?.map(|row| Node::WayIn(row.into()))
        }
        Kind::Service => {
            Box::pin(usecase::service::find(call, id.into())).await?.map(|row| Node::Service(row.into()))
        }
        Kind::Tariff => {
            Box::pin(usecase::tariff::find(call, id.into())).await?.map(|row| Node::Tariff(row.into()))
        }
        Kind::TariffRevision => Box::pin(usecase::tariff::revision(call, id.into()))
            .await?
            .map(|row| Node::TariffRevision(row.into())),
        Kind::Engagement => Box::pin(usecase::engagement::find(call, id.into()))
            .await?
            .map(|row| Node::Engagement(row.into())),
        Kind::Period => Box::pin(usecase::engagement::period::find(call, id.into()))
            .await?
            .map(|(client, row)| Node::Period(Period::of(client, row))),
        Kind::Payment => {
            Box::pin(usecase::payment::find(call, id.into())).await?.map(|row| Node::Payment(row.into()))
        }
        Kind::LedgerEntry => {
            Box::pin(usecase::ledger::find(call, id.into())).await?.map(|row| Node::LedgerEntry(row.into()))
        }
        Kind::Reservation => Box::pin(usecase::reservation::find(call, id.into()))
            .await?
            .map(|row| Node::Reservation(row.into())),
        Kind::Plan => Box::pin(usecase::plan::find(call, id.into())).await?.map(|row| Node::Plan(row.into())),
        Kind::Block => {
            Box::pin(usecase::block::find(call, id.into())).await?.map(|row| Node::Block(row.into()))
        }
        Kind::Task => Box::pin(usecase::task::find(call, id.into())).await?.map(|row| Node::Task(row.into())),
        Kind::SignOff => {
            Box::pin(usecase::sign_off::find(call, id.into())).await?.map(|row| Node::SignOff(row.into()))
        }
        Kind::Comment => {
            Box::pin(usecase::comment::find(call, id.into())).await?.map(|row| Node::Comment(row.into()))
        }
        Kind::TimeEntry => {
            Box::pin(usecase::time_entry::find(call, id.into())).await?.map(|row| Node::TimeEntry(row.into()))
        }
        Kind::Mail => Box::pin(usecase::mail::find(call, id.into())).await?.map(|row| Node::Mail(row.into())),
        Kind::Notification => Box::pin(usecase::notification::find(call, id.into()))
            .await?
            .map(|row| Node::Notification(row.into())),
        Kind::WeeklyReport => {
            Box::pin(usecase::report::find(call, id.into())).await?.map(|row| Node::WeeklyReport(row.into()))
        }
        Kind::ReportAnswer => Box::pin(usecase::report::find_answer(call, id.into()))
            .await?
            .map(|row| Node::ReportAnswer(row.into())),
        _ => None,
    })
}

/// Queries of anything by its id.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything that has an id, read again by it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Option<async_graphql::Result<Node>> {
        found(fetch(call(ctx), &id).await)
    }

    /// Several at once, in the order of the ids; null with an error for each that is not there.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Their ids, at most 100.")] ids: Vec<ID>,
    ) -> async_graphql::Result<Vec<Option<async_graphql::Result<Node>>>> {
        if ids.len() > MOST {
            return Err(top_level(Error::BadInput(format!("At most {MOST} ids are read at once."))));
        }
        let mut nodes = Vec::with_capacity(ids.len());
        for id in &ids {
            nodes.push(found(fetch(call(ctx), id).await));
        }
        Ok(nodes)
    }
}
