//! Which clients, and in which order.

use async_graphql::InputObject;
use domain::client::{CrmKind, SetUpBy};
use serde::Serialize;

use super::super::filter::{IdFilter, OrderDirection, TextFilter};
use crate::store::client::Leaf;
use crate::store::filter::Tree;

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
    pub(super) fn tree(self) -> Tree<Leaf> {
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
    pub field: ClientOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Asc")]
    pub direction: OrderDirection,
}
