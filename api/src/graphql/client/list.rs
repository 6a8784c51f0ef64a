//! Which clients: by id, and in lists with what they can be filtered and sorted by.

use async_graphql::{Context, InputObject, Object, OneofObject};
use domain::client::{CrmKind, SetUpBy};
use domain::id::ClientId;
use entity::client;
use serde::Serialize;

use super::super::asked::Asked;
use super::super::call;
use super::super::error::{field, found};
use super::super::filter::{IdFilter, OrderDirection, TextFilter};
use super::super::id::Gid;
use super::super::page::{PageArgs, connection};
use super::{Client, listed, wanted};
use crate::store::client::Leaf;
use crate::store::filter::Tree;
use crate::store::page::{Binding, Direction};
use crate::usecase;

connection!(
    /// A page of clients.
    ClientConnection, ClientEdge, Client
);

/// Names a client in one of two ways.
#[derive(OneofObject)]
pub enum ClientBy {
    /// By its id.
    Id(Gid<ClientId>),
    /// By its id in the provider's other systems.
    ExternalId(String),
}

/// Which clients.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct ClientFilter {
    /// By id.
    id: Option<IdFilter>,
    /// By name.
    name: Option<TextFilter>,
    /// By the id in the provider's other systems.
    external_id: Option<String>,
    /// By CRM.
    crm_kind: Option<CrmKind>,
    /// By who set the CRM up.
    set_up_by: Option<SetUpBy>,
    /// All of these.
    and: Option<Vec<ClientFilter>>,
    /// Any of these.
    or: Option<Vec<ClientFilter>>,
    /// Not this.
    not: Option<Box<ClientFilter>>,
}

impl ClientFilter {
    fn tree(self) -> Tree<Leaf> {
        let mut all: Vec<Tree<Leaf>> = Vec::new();
        all.extend(self.id.map(|id| Tree::Leaf(Leaf::Id(id.compare()))));
        all.extend(self.name.map(|name| Tree::Leaf(Leaf::Name(name.into()))));
        all.extend(self.external_id.map(|id| Tree::Leaf(Leaf::ExternalId(id))));
        all.extend(self.crm_kind.map(|kind| Tree::Leaf(Leaf::CrmKind(kind))));
        all.extend(self.set_up_by.map(|by| Tree::Leaf(Leaf::SetUpBy(by))));
        all.extend(self.and.map(|parts| Tree::All(parts.into_iter().map(Self::tree).collect())));
        all.extend(self.or.map(|parts| Tree::Any(parts.into_iter().map(Self::tree).collect())));
        all.extend(self.not.map(|part| Tree::Not(Box::new(part.tree()))));
        Tree::All(all)
    }
}

/// What clients can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, Serialize)]
pub enum ClientOrderField {
    /// By name, without regard to case.
    Name,
    /// By the moment of creation.
    CreatedAt,
}

/// How clients are sorted.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ClientOrder {
    /// What by.
    field: ClientOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

/// The order where none is asked for.
pub fn by_name() -> Vec<(client::Column, Direction)> {
    vec![(client::Column::NameKey, Direction::Asc), (client::Column::Id, Direction::Asc)]
}

/// Queries of clients.
#[derive(Default)]
pub struct ClientQuery;

#[Object]
impl ClientQuery {
    /// One client.
    async fn client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: ClientBy,
    ) -> Option<async_graphql::Result<Client>> {
        let by = match by {
            ClientBy::Id(id) => usecase::tree::By::Id(id.0),
            ClientBy::ExternalId(id) => usecase::tree::By::ExternalId(id),
        };
        let wanted = wanted(&Asked::of(ctx));
        found(
            Box::pin(usecase::tree::find(call(ctx), &by, wanted)).await.map(|found| found.map(Client::from)),
        )
    }

    /// The clients that the caller sees, by name where no order is given.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn clients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where absent.")] filter: Option<Box<ClientFilter>>,
        #[graphql(desc = "How they are sorted.")] order_by: Option<Vec<ClientOrder>>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<ClientConnection>> {
        field(
            async {
                let binding = Binding::new(&("clients", &filter, &order_by));
                let page = PageArgs { first, after, last, before }.page(binding)?;
                let mut order: Vec<_> = order_by
                    .unwrap_or_else(|| {
                        vec![ClientOrder { field: ClientOrderField::Name, direction: OrderDirection::Asc }]
                    })
                    .into_iter()
                    .map(|by| {
                        let column = match by.field {
                            ClientOrderField::Name => client::Column::NameKey,
                            ClientOrderField::CreatedAt => client::Column::CreatedAt,
                        };
                        (column, by.direction.into())
                    })
                    .collect();
                order.push((client::Column::Id, Direction::Asc));
                let filter = filter.map(|filter| filter.tree());
                let wanted = listed(&Asked::of(ctx));
                let listed =
                    Box::pin(usecase::tree::list(call(ctx), filter.as_ref(), order, binding, &page, wanted))
                        .await?;
                Ok(Some(ClientConnection::new(listed, Client::from)))
            }
            .await,
        )
    }
}
