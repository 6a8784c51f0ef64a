//! Filters as data: a tree of typed leaves, which a table's store turns into a condition.

use domain::text::fold;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{ColumnTrait, Condition, Value};

/// Leaves joined by and, or and not.
#[derive(Debug, Clone)]
pub enum Tree<L> {
    Leaf(L),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

impl<L> Tree<L> {
    /// Whether any of its leaves is of a kind.
    pub fn any(&self, is: &impl Fn(&L) -> bool) -> bool {
        match self {
            Self::Leaf(inner) => is(inner),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.any(is)),
            Self::Not(part) => part.any(is),
        }
    }

    /// The condition, each leaf by `leaf`.
    pub fn condition(&self, leaf: &impl Fn(&L) -> Condition) -> Condition {
        match self {
            Self::Leaf(inner) => leaf(inner),
            Self::All(parts) => {
                parts.iter().fold(Condition::all(), |all, part| all.add(part.condition(leaf)))
            }
            Self::Any(parts) if parts.is_empty() => Condition::all().add(Expr::val(1).eq(0)),
            Self::Any(parts) => {
                parts.iter().fold(Condition::any(), |any, part| any.add(part.condition(leaf)))
            }
            Self::Not(part) => Condition::all().add(part.condition(leaf)).not(),
        }
    }
}

/// A comparison of one column; what is absent does not restrict.
#[derive(Debug, Clone, PartialEq)]
pub struct Compare<T> {
    pub eq: Option<T>,
    pub one_of: Option<Vec<T>>,
    pub gte: Option<T>,
    pub lt: Option<T>,
}

impl<T> Default for Compare<T> {
    fn default() -> Self {
        Self { eq: None, one_of: None, gte: None, lt: None }
    }
}

impl<T: Into<Value> + Clone> Compare<T> {
    /// The comparison on a column.
    pub fn on(&self, column: impl ColumnTrait) -> Condition {
        let mut all = Condition::all();
        if let Some(value) = &self.eq {
            all = all.add(column.eq(value.clone()));
        }
        if let Some(values) = &self.one_of {
            all = all.add(column.is_in(values.iter().cloned()));
        }
        if let Some(value) = &self.gte {
            all = all.add(column.gte(value.clone()));
        }
        if let Some(value) = &self.lt {
            all = all.add(column.lt(value.clone()));
        }
        all
    }
}

/// A comparison of text by its folded form, so that both databases answer alike.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TextCompare {
    pub eq: Option<String>,
    pub one_of: Option<Vec<String>>,
    pub contains: Option<String>,
}

impl TextCompare {
    /// The comparison on a column that holds folded text.
    pub fn on(&self, key: impl ColumnTrait) -> Condition {
        let mut all = Condition::all();
        if let Some(value) = &self.eq {
            all = all.add(key.eq(fold(value)));
        }
        if let Some(values) = &self.one_of {
            all = all.add(key.is_in(values.iter().map(|value| fold(value))));
        }
        if let Some(value) = &self.contains {
            let mut escaped = String::new();
            for c in fold(value).chars() {
                if matches!(c, '%' | '_' | '\\') {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
            all = all.add(key.like(LikeExpr::new(format!("%{escaped}%")).escape('\\')));
        }
        all
    }
}
