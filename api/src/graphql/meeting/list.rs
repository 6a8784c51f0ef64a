//! Lists of meetings: what they can be filtered and sorted by.

use async_graphql::{Context, InputObject, Object};
use domain::id::ClientId;
use domain::meeting::{MeetingKind, MeetingStatus};
use entity::meeting;
use serde::Serialize;

use super::super::call;
use super::super::error::field;
use super::super::filter::{DateTimeFilter, IdFilter, OrderDirection};
use super::super::page::{PageArgs, connection};
use super::Meeting;
use crate::store::filter::{Compare, Tree};
use crate::store::meeting::Leaf;
use crate::store::page::{Binding, Direction};
use crate::usecase;

connection!(
    /// A page of meetings.
    MeetingConnection, MeetingEdge, Meeting
);

/// Compares the status of meetings.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct MeetingStatusFilter {
    /// That status.
    eq: Option<MeetingStatus>,
    /// One of these.
    #[graphql(name = "in")]
    one_of: Option<Vec<MeetingStatus>>,
}

/// Which meetings.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct MeetingFilter {
    /// By client.
    client_id: Option<IdFilter>,
    /// By engagement.
    engagement_id: Option<IdFilter>,
    /// By what they are for.
    kind: Option<MeetingKind>,
    /// By status.
    status: Option<MeetingStatusFilter>,
    /// By the moment at which they begin.
    starts_at: Option<DateTimeFilter>,
    /// All of these.
    and: Option<Vec<MeetingFilter>>,
    /// Any of these.
    or: Option<Vec<MeetingFilter>>,
    /// Not this.
    not: Option<Box<MeetingFilter>>,
}

impl MeetingFilter {
    fn tree(self) -> Tree<Leaf> {
        let mut all: Vec<Tree<Leaf>> = Vec::new();
        all.extend(self.client_id.map(|id| Tree::Leaf(Leaf::Client(id.compare()))));
        all.extend(self.engagement_id.map(|id| Tree::Leaf(Leaf::Engagement(id.compare()))));
        all.extend(self.kind.map(|kind| Tree::Leaf(Leaf::Kind(kind))));
        if let Some(status) = self.status {
            all.extend(status.eq.map(|status| Tree::Leaf(Leaf::Status(vec![status]))));
            all.extend(status.one_of.map(|statuses| Tree::Leaf(Leaf::Status(statuses))));
        }
        all.extend(self.starts_at.map(|at| Tree::Leaf(Leaf::StartsAt(at.into()))));
        all.extend(self.and.map(|parts| Tree::All(parts.into_iter().map(Self::tree).collect())));
        all.extend(self.or.map(|parts| Tree::Any(parts.into_iter().map(Self::tree).collect())));
        all.extend(self.not.map(|part| Tree::Not(Box::new(part.tree()))));
        Tree::All(all)
    }
}

/// What meetings can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, Serialize)]
pub enum MeetingOrderField {
    /// By the moment at which they begin.
    StartsAt,
    /// By the moment of the last change.
    UpdatedAt,
}

/// How meetings are sorted.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct MeetingOrder {
    /// What by.
    field: MeetingOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

/// A page of the meetings that the caller sees, of one client or of all; those that begin last come first where no order
/// is given.
pub async fn meetings(
    ctx: &Context<'_>,
    client: Option<ClientId>,
    filter: Option<Box<MeetingFilter>>,
    order_by: Option<Vec<MeetingOrder>>,
    args: PageArgs,
) -> Option<async_graphql::Result<MeetingConnection>> {
    let read = async {
        let binding = Binding::new(&("meetings", client, &filter, &order_by));
        let page = args.page(binding)?;
        let usual =
            || vec![MeetingOrder { field: MeetingOrderField::StartsAt, direction: OrderDirection::Desc }];
        let mut order: Vec<_> = order_by
            .unwrap_or_else(usual)
            .into_iter()
            .map(|by| {
                let column = match by.field {
                    MeetingOrderField::StartsAt => meeting::Column::StartsAt,
                    MeetingOrderField::UpdatedAt => meeting::Column::UpdatedAt,
                };
                (column, by.direction.into())
            })
            .collect();
        order.push((meeting::Column::Id, order.last().map_or(Direction::Asc, |(_, direction)| *direction)));
        let of_client =
            client.map(|id| Tree::Leaf(Leaf::Client(Compare { eq: Some(id), ..Compare::default() })));
        let tree = Tree::All(of_client.into_iter().chain(filter.map(|filter| filter.tree())).collect());
        let listed = Box::pin(usecase::meeting::list(call(ctx), Some(&tree), order, binding, &page)).await?;
        Ok(Some(MeetingConnection::new(listed, Meeting::from)))
    };
    field(read.await)
}

/// Queries of meetings.
#[derive(Default)]
pub struct MeetingQuery;

#[Object]
impl MeetingQuery {
    /// The meetings that the caller sees, the last ones first where no order is given.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn meetings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where absent.")] filter: Option<Box<MeetingFilter>>,
        #[graphql(desc = "How they are sorted.")] order_by: Option<Vec<MeetingOrder>>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<MeetingConnection>> {
        meetings(ctx, None, filter, order_by, PageArgs { first, after, last, before }).await
    }
}
