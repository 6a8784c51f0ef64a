//! The inputs that filters are made of, the same for every list.

use async_graphql::{InputObject, InputType};
use chrono::{NaiveDate, Utc};
use serde::Serialize;

use super::id::{Gid, Identified};
use super::scalar::{Date, DateTime};
use crate::store::filter::{Compare, TextCompare};
use crate::store::page::Direction;

/// Compares text without regard to case, and ё as е.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct TextFilter {
    /// The same text.
    pub eq: Option<String>,
    /// One of these texts.
    #[graphql(name = "in")]
    pub one_of: Option<Vec<String>>,
    /// Holds this text.
    pub contains: Option<String>,
}

impl From<TextFilter> for TextCompare {
    fn from(filter: TextFilter) -> Self {
        Self { eq: filter.eq, one_of: filter.one_of, contains: filter.contains }
    }
}

/// Compares whole numbers.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct IntFilter {
    /// Equal.
    pub eq: Option<i32>,
    /// At least.
    pub gte: Option<i32>,
    /// Less than.
    pub lt: Option<i32>,
}

impl From<IntFilter> for Compare<i32> {
    fn from(filter: IntFilter) -> Self {
        Self { eq: filter.eq, gte: filter.gte, lt: filter.lt, one_of: None }
    }
}

/// Compares days.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct DateFilter {
    /// That day.
    pub eq: Option<Date>,
    /// That day or later.
    pub gte: Option<Date>,
    /// Before that day.
    pub lt: Option<Date>,
}

impl From<DateFilter> for Compare<NaiveDate> {
    fn from(filter: DateFilter) -> Self {
        let day = |day: Option<Date>| day.map(NaiveDate::from);
        Self { eq: day(filter.eq), gte: day(filter.gte), lt: day(filter.lt), one_of: None }
    }
}

/// Compares moments.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct DateTimeFilter {
    /// That moment or later.
    pub gte: Option<DateTime>,
    /// Before that moment.
    pub lt: Option<DateTime>,
}

impl From<DateTimeFilter> for Compare<chrono::DateTime<Utc>> {
    fn from(filter: DateTimeFilter) -> Self {
        let moment = |moment: Option<DateTime>| moment.map(chrono::DateTime::from);
        Self { gte: moment(filter.gte), lt: moment(filter.lt), eq: None, one_of: None }
    }
}

/// Compares ids.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct IdFilter {
    /// That one.
    pub eq: Option<async_graphql::ID>,
    /// One of these; at most 100.
    #[graphql(name = "in")]
    pub one_of: Option<Vec<async_graphql::ID>>,
}

impl IdFilter {
    /// The ids of the wanted type; those of other types match nothing.
    pub fn compare<T: Identified>(self) -> Compare<T> {
        let read = |id: async_graphql::ID| {
            let value = async_graphql::Value::String(id.0);
            <Gid<T> as InputType>::parse(Some(value)).ok().map(|gid| gid.0)
        };
        let nothing = Some(Vec::new());
        let eq = self.eq.map(read);
        Compare {
            one_of: match (&eq, self.one_of) {
                (Some(None), _) => nothing,
                (_, ids) => ids.map(|ids| ids.into_iter().take(100).filter_map(read).collect()),
            },
            eq: eq.flatten(),
            gte: None,
            lt: None,
        }
    }
}

/// Which way a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, Serialize)]
pub enum OrderDirection {
    /// Smallest first.
    Asc,
    /// Largest first.
    Desc,
}

impl From<OrderDirection> for Direction {
    fn from(direction: OrderDirection) -> Self {
        match direction {
            OrderDirection::Asc => Self::Asc,
            OrderDirection::Desc => Self::Desc,
        }
    }
}
