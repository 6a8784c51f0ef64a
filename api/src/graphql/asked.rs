//! What a document asks for below a field: the way by which hot trees are read in a few flat statements.

use async_graphql::{Context, Lookahead, SelectionField};

/// A field of the document, wherever it stands in the answer: under any alias, in any fragment.
pub struct Asked<'a> {
    fields: Vec<SelectionField<'a>>,
}

impl<'a> Asked<'a> {
    /// The field that is being resolved.
    pub fn of(ctx: &'a Context<'a>) -> Self {
        Self::from(&ctx.look_ahead())
    }

    /// What is asked for below under that name; nothing may be.
    pub fn at(&self, name: &str) -> Self {
        let below = |field: &SelectionField<'a>| Lookahead::from(*field).field(name).selection_fields();
        Self { fields: self.fields.iter().flat_map(below).collect() }
    }

    /// This field and another one, which lead to the same type.
    pub fn and(mut self, other: Self) -> Self {
        self.fields.extend(other.fields);
        self
    }

    /// Whether it is asked for at all.
    pub fn exists(&self) -> bool {
        !self.fields.is_empty()
    }

    /// Whether it is asked for, always without an argument.
    pub fn is_plain(&self) -> bool {
        self.exists() && self.fields.iter().all(|field| field.arguments().is_ok_and(|all| all.is_empty()))
    }

    /// Whether nothing below it is asked for but these fields.
    pub fn only(&self, names: &[&str]) -> bool {
        let mut below = self.fields.iter().flat_map(SelectionField::selection_set);
        below.all(|field| field.name() == "__typename" || names.contains(&field.name()))
    }
}

impl<'a> From<&Lookahead<'a>> for Asked<'a> {
    fn from(ahead: &Lookahead<'a>) -> Self {
        Self { fields: ahead.selection_fields() }
    }
}
