//! The second half of the guard: limits on the parsed document.
//!
//! Recursion here follows braces only, of which [`super::lex`] admits 24; from fragment to fragment
//! it goes by sums that are worked out once each, in an order in which every fragment comes after
//! those that it spreads. A fragment that never gets its turn stands on a cycle.

use std::collections::HashMap;

use async_graphql_parser::Positioned;
use async_graphql_parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};

use super::lex::{MAX_FIELDS, MAX_NESTING};
use super::{Prepared, invalid, limit};
use crate::http::refusal::Refusal;

const MAX_FRAGMENTS: usize = 20;
const MAX_OPERATIONS: usize = 10;
const MAX_MUTATION_ROOTS: usize = 5;
/// Root fields that test or change a secret: one in a document, so that aliases try no list of passwords.
const MAX_SECRET_ROOTS: usize = 1;

/// What a selection set holds, its fragments included.
#[derive(Default, Clone, Copy)]
struct Sum {
    fields: usize,
    depth: usize,
    roots: usize,
    secrets: usize,
    /// Root fields `__schema` and `__type`, and those that are neither these nor `__typename`.
    introspection: usize,
    data: usize,
}

/// What is written in one definition, without its fragments.
#[derive(Default)]
struct Own<'a> {
    sum: Sum,
    /// Fragment, depth at which it is spread, and whether that is the definition's root.
    spreads: Vec<(&'a str, usize, bool)>,
}

pub(super) fn check(document: ExecutableDocument, operation_name: Option<&str>) -> Result<Prepared, Refusal> {
    if document.operations.iter().len() > MAX_OPERATIONS {
        return Err(limit(format!("The document has more than {MAX_OPERATIONS} operations.")));
    }
    if document.fragments.len() > MAX_FRAGMENTS {
        return Err(limit(format!("The document has more than {MAX_FRAGMENTS} fragments.")));
    }
    let (name, chosen) = choose(&document, operation_name)?;
    let kind = chosen.node.ty;
    let fragments = fragments(&document)?;
    let operations: Vec<_> = document
        .operations
        .iter()
        .map(|(_, op)| (std::ptr::eq(op, chosen), op.node.ty, own(&op.node.selection_set)))
        .collect();

    all_used(&fragments, operations.iter().map(|(.., own)| own))?;

    let sums = sums(&fragments)?;
    // All operations are validated, so all count.
    let (mut fields, mut secrets, mut root) = (0usize, 0, Sum::default());
    for (is_chosen, ty, own) in &operations {
        let sum = total(own, &sums);
        fields = fields.saturating_add(sum.fields);
        if sum.depth > MAX_NESTING {
            return Err(limit(format!("The document nests deeper than {MAX_NESTING} with its fragments.")));
        }
        if *ty == OperationType::Mutation {
            secrets += sum.secrets;
        }
        if *is_chosen {
            root = sum;
        }
    }
    if fields > MAX_FIELDS {
        return Err(limit(format!("The document has more than {MAX_FIELDS} fields with its fragments.")));
    }
    if secrets > MAX_SECRET_ROOTS {
        return Err(limit("A document may try one sign-in, token or password at a time."));
    }
    match kind {
        OperationType::Mutation if root.roots > MAX_MUTATION_ROOTS => {
            return Err(limit(format!("A mutation may have {MAX_MUTATION_ROOTS} root fields.")));
        }
        OperationType::Subscription if root.roots != 1 => {
            return Err(invalid("A subscription has exactly one root field."));
        }
        _ => {}
    }
    // They are answered by another schema than data is.
    let introspection = kind == OperationType::Query && root.introspection > 0;
    if introspection && root.data > 0 {
        return Err(invalid("Ask for the schema in a document of its own."));
    }
    let name = name.map(str::to_owned);
    Ok(Prepared { name, kind, introspection, document })
}

type Chosen<'a> = (Option<&'a str>, &'a Positioned<OperationDefinition>);

/// Exactly one operation is executed: the named one, or the only one (T10).
fn choose<'a>(document: &'a ExecutableDocument, wanted: Option<&str>) -> Result<Chosen<'a>, Refusal> {
    let mut operations = document.operations.iter().map(|(name, op)| (name.map(|n| n.as_str()), op));
    let found = match wanted {
        Some(wanted) => operations.find(|(name, _)| *name == Some(wanted)),
        None if operations.len() > 1 => {
            return Err(invalid("The document has several operations: say which by operationName."));
        }
        None => operations.next(),
    };
    found.ok_or_else(|| invalid("The document has no operation of that name."))
}

fn fragments(document: &ExecutableDocument) -> Result<HashMap<&str, Own<'_>>, Refusal> {
    let fragments: HashMap<&str, Own<'_>> = document
        .fragments
        .iter()
        .map(|(name, fragment)| (name.as_str(), own(&fragment.node.selection_set)))
        .collect();
    if fragments.contains_key("on") {
        return Err(invalid("A fragment cannot be called \"on\"."));
    }
    Ok(fragments)
}

/// Every fragment is reached from an operation or another fragment, and every spread finds its fragment.
fn all_used<'o>(
    fragments: &'o HashMap<&str, Own<'o>>,
    operations: impl Iterator<Item = &'o Own<'o>>,
) -> Result<(), Refusal> {
    let mut reached: Vec<&str> = Vec::with_capacity(fragments.len());
    let mut open: Vec<&Own<'_>> = operations.collect();
    while let Some(own) = open.pop() {
        for (name, ..) in &own.spreads {
            let Some(fragment) = fragments.get(name) else {
                return Err(invalid(format!("The fragment \"{name}\" is not defined.")));
            };
            if !reached.contains(name) {
                reached.push(name);
                open.push(fragment);
            }
        }
    }
    match fragments.keys().find(|name| !reached.contains(name)) {
        Some(name) => Err(invalid(format!("The fragment \"{name}\" is not used."))),
        None => Ok(()),
    }
}

/// The sums of all fragments, each worked out once.
fn sums<'a>(fragments: &HashMap<&'a str, Own<'a>>) -> Result<HashMap<&'a str, Sum>, Refusal> {
    let mut sums: HashMap<&str, Sum> = HashMap::with_capacity(fragments.len());
    while sums.len() < fragments.len() {
        let before = sums.len();
        for (name, own) in fragments {
            if !sums.contains_key(name) && own.spreads.iter().all(|(of, ..)| sums.contains_key(of)) {
                let sum = total(own, &sums);
                sums.insert(name, sum);
            }
        }
        if sums.len() == before {
            return Err(invalid("A fragment spreads itself."));
        }
    }
    Ok(sums)
}

fn total(own: &Own<'_>, sums: &HashMap<&str, Sum>) -> Sum {
    let mut total = own.sum;
    for (name, depth, at_root) in &own.spreads {
        let part = sums.get(name).copied().unwrap_or_default();
        total.fields = total.fields.saturating_add(part.fields);
        total.depth = total.depth.max(depth + part.depth);
        if *at_root {
            total.roots = total.roots.saturating_add(part.roots);
            total.secrets = total.secrets.saturating_add(part.secrets);
            total.introspection = total.introspection.saturating_add(part.introspection);
            total.data = total.data.saturating_add(part.data);
        }
    }
    total
}

fn own(set: &Positioned<SelectionSet>) -> Own<'_> {
    let mut own = Own::default();
    collect(&set.node, 1, true, &mut own);
    own
}

fn collect<'a>(set: &'a SelectionSet, depth: usize, at_root: bool, own: &mut Own<'a>) {
    own.sum.depth = own.sum.depth.max(depth);
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let field = &field.node;
                own.sum.fields += 1;
                if at_root {
                    count_root(field.name.node.as_str(), &mut own.sum);
                }
                if !field.selection_set.node.items.is_empty() {
                    collect(&field.selection_set.node, depth + 1, false, own);
                }
            }
            Selection::FragmentSpread(spread) => {
                own.spreads.push((spread.node.fragment_name.node.as_str(), depth - 1, at_root));
            }
            Selection::InlineFragment(inline) => {
                collect(&inline.node.selection_set.node, depth, at_root, own)
            }
        }
    }
}

fn count_root(name: &str, sum: &mut Sum) {
    sum.roots += 1;
    match name {
        "__schema" | "__type" => sum.introspection += 1,
        "__typename" => {}
        _ => sum.data += 1,
    }
    let secret = matches!(name, "signIn" | "tokenRefresh") || name.starts_with("passwordReset");
    sum.secrets += usize::from(secret);
}
