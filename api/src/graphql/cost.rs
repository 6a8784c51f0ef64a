//! What an operation costs, before any statement runs.
//!
//! An object costs 1; what lies under a connection counts as often as its page is long (`first` or
//! `last`, variables included, 25 by default), under any other list of objects 10 times; scalars and
//! `__typename` cost nothing. A connection is known by its type's name, and its own fields (`edges`,
//! `nodes`, `pageInfo`) are part of it: the page is counted once, at `edges` or `nodes`, and what an
//! edge leads to is the object that costs. [`Costs`] is read once from the schema's own text, so
//! that it cannot disagree with it. `@skip` and `@include` change nothing: what may be asked is
//! what counts. Fragments are summed once for each spread; the guard in front bounds how many fields
//! that makes. A page past the allowed length is the resolver's to refuse; here it only costs.

use std::collections::HashMap;

use async_graphql::{Name, Value, Variables};
use async_graphql_parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, Field, OperationType, Selection, SelectionSet,
    ServiceDocument, TypeKind, TypeSystemDefinition,
};
use async_graphql_parser::{Positioned, types::OperationDefinition};

/// Most points of one request.
pub const MAX_POINTS: u64 = 20_000;
/// Objects in a page when neither `first` nor `last` is given.
const DEFAULT_PAGE: u64 = 25;
/// Assumed length of a list that is not paged.
const LIST: u64 = 10;

/// What the caller paid and has left; the `rateLimit` field and `extensions.cost` show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// Points of this operation.
    pub requested: u64,
    /// Points left in the caller's bucket.
    pub remaining: u64,
    /// Points of a full bucket.
    pub limit: u64,
    /// When the bucket is full again.
    pub reset_at: chrono::DateTime<chrono::Utc>,
}

/// How a field's type multiplies and where it leads.
#[derive(Debug, Clone)]
struct Leads {
    to: Name,
    list: bool,
    object: bool,
}

/// Types and their fields, as far as cost needs them.
#[derive(Debug, Default)]
pub struct Costs {
    fields: HashMap<Name, HashMap<Name, Leads>>,
}

impl Costs {
    /// Reads a schema's text (`Schema::sdl()`).
    ///
    /// # Errors
    /// The parser's, for a text that is no schema.
    pub fn new(sdl: &str) -> Result<Self, async_graphql_parser::Error> {
        Ok(Self::of(&async_graphql_parser::parse_schema(sdl)?))
    }

    fn of(schema: &ServiceDocument) -> Self {
        let types: Vec<_> = schema
            .definitions
            .iter()
            .filter_map(|definition| match definition {
                TypeSystemDefinition::Type(ty) => Some(&ty.node),
                _ => None,
            })
            .collect();
        let composite = |name: &Name| {
            types.iter().any(|ty| {
                ty.name.node == *name
                    && matches!(ty.kind, TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_))
            })
        };
        let mut fields: HashMap<Name, HashMap<Name, Leads>> = HashMap::new();
        for ty in &types {
            let list = match &ty.kind {
                TypeKind::Object(object) => &object.fields,
                TypeKind::Interface(interface) => &interface.fields,
                _ => continue,
            };
            let known = fields.entry(ty.name.node.clone()).or_default();
            for field in list {
                let (mut base, mut list) = (&field.node.ty.node.base, false);
                let to = loop {
                    match base {
                        BaseType::Named(name) => break name.clone(),
                        BaseType::List(inner) => (base, list) = (&inner.base, true),
                    }
                };
                let object = composite(&to);
                known.insert(field.node.name.node.clone(), Leads { to, list, object });
            }
        }
        Self { fields }
    }

    /// The points of one operation of a document that the guard let through.
    #[must_use]
    pub fn points(&self, document: &ExecutableDocument, name: Option<&str>, variables: &Variables) -> u64 {
        let operation = match &document.operations {
            DocumentOperations::Single(operation) => Some(operation),
            DocumentOperations::Multiple(operations) => match name {
                Some(name) => operations.get(name),
                None => operations.values().next(),
            },
        };
        let Some(operation) = operation.map(|positioned: &Positioned<OperationDefinition>| &positioned.node)
        else {
            return 0;
        };
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        Walk { costs: self, document, operation, variables }.set(&operation.selection_set.node, root, None)
    }
}

struct Walk<'a> {
    costs: &'a Costs,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
}

impl Walk<'_> {
    /// `page` is the page length while directly under a connection.
    fn set(&self, set: &SelectionSet, of: &str, page: Option<u64>) -> u64 {
        set.items.iter().fold(0, |sum: u64, selection| {
            sum.saturating_add(match &selection.node {
                Selection::Field(field) => self.field(&field.node, of, page),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map_or(of, |on| on.node.on.node.as_str());
                    self.set(&inline.node.selection_set.node, on, page)
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                    fragment.map_or(0, |fragment| {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.set(&fragment.node.selection_set.node, on, page)
                    })
                }
            })
        })
    }

    fn field(&self, field: &Field, of: &str, page: Option<u64>) -> u64 {
        let name = field.name.node.as_str();
        // A field that the schema does not have is refused by validation; what has no parts costs nothing.
        let Some(leads) =
            self.costs.fields.get(of).and_then(|fields| fields.get(name)).filter(|leads| leads.object)
        else {
            return 0;
        };
        let (to, set) = (leads.to.as_str(), &field.selection_set.node);
        if to.ends_with("Connection") {
            return 1u64.saturating_add(self.set(set, to, Some(self.page(field))));
        }
        if to.ends_with("Edge") && leads.list {
            return self.set(set, to, None).saturating_mul(page.unwrap_or(LIST));
        }
        if to == "PageInfo" {
            return 0;
        }
        let one = 1u64.saturating_add(self.set(set, to, None));
        match (leads.list, page) {
            (true, Some(page)) => one.saturating_mul(page),
            (true, None) => one.saturating_mul(LIST),
            (false, _) => one,
        }
    }

    /// A negative or absurd length costs nothing more, since the resolver refuses it.
    fn page(&self, field: &Field) -> u64 {
        let asked = ["first", "last"].into_iter().filter_map(|name| {
            let value = field.get_argument(name)?.node.clone();
            match value.into_const_with(|name| self.variable(&name).ok_or(())) {
                Ok(Value::Number(number)) => number.as_u64(),
                _ => None,
            }
        });
        asked.max().unwrap_or(DEFAULT_PAGE)
    }

    fn variable(&self, name: &Name) -> Option<Value> {
        self.variables.get(name).cloned().or_else(|| {
            let definition =
                self.operation.variable_definitions.iter().find(|d| d.node.name.node == *name)?;
            Some(definition.node.default_value.as_ref()?.node.clone())
        })
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Variables;
    use serde_json::json;

    use super::Costs;

    const SDL: &str = "
        type Query { viewer: Viewer clients(first: Int, last: Int): ClientConnection tariffs: [Tariff!] node: Node tags: [String!] }
        type Viewer { id: ID! }
        type Tariff { id: ID! }
        interface Node { id: ID! }
        type ClientConnection { edges: [ClientEdge!]! nodes: [Client!]! pageInfo: PageInfo! totalCount: Int! }
        type ClientEdge { node: Client cursor: String! }
        type PageInfo { hasNextPage: Boolean! }
        type Client implements Node { id: ID! owner: Viewer clients(first: Int): ClientConnection }
    ";

    fn points(query: &str, variables: serde_json::Value) -> u64 {
        let costs = Costs::new(SDL).expect("a schema");
        let document = async_graphql_parser::parse_query(query).expect("a document");
        costs.points(&document, None, &Variables::from_json(variables))
    }

    #[test]
    fn t8_each_object_costs_one_times_its_page() {
        for (query, expected) in [
            ("{ __typename }", 0),
            ("{ tags }", 0),
            ("{ viewer { id } }", 1),
            ("{ tariffs { id } }", 10),
            ("{ clients { totalCount pageInfo { hasNextPage } } }", 1),
            ("{ clients { nodes { id } } }", 26),
            ("{ clients(first: 10) { edges { cursor node { id owner { id } } } } }", 21),
            ("{ clients(last: 3) { nodes { id } } }", 4),
            (
                "{ clients(first: 100) { nodes { clients(first: 100) { nodes { id } } } } }",
                1 + 100 * (1 + 1 + 100),
            ),
            ("{ node { ... on Client { owner { id } } } }", 2),
            ("{ ...A ...A } fragment A on Query { viewer { id } }", 2),
            (
                "{ clients(first: 2147483647) { nodes { clients(first: 2147483647) { nodes { clients(first: 2147483647) { nodes { id } } } } } } }",
                u64::MAX,
            ),
        ] {
            assert_eq!(points(query, json!({})), expected, "{query}");
        }
    }

    #[test]
    fn t8_variables_count_as_what_they_stand_for() {
        let query = "query($n: Int = 7) { clients(first: $n) { nodes { id } } }";
        assert_eq!(points(query, json!({"n": 50})), 51);
        assert_eq!(points(query, json!({})), 8);
        assert_eq!(points(query, json!({"n": null})), 26);
        assert_eq!(points(query, json!({"n": -5})), 26);
        assert_eq!(points(query, json!({"n": "x"})), 26);
    }
}
