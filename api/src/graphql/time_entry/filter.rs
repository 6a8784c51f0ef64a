//! Which time entries, in which order.

use async_graphql::{Enum, InputObject};
use domain::time_entry::Activity;
use entity::time_entry;
use serde::Serialize;

use super::super::filter::{DateFilter, IdFilter, IntFilter, OrderDirection};
use crate::store::filter::Tree;
use crate::store::page::Direction;
use crate::store::time_entry::Leaf;

/// Which time entries.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct TimeEntryFilter {
    /// By client.
    pub client_id: Option<IdFilter>,
    /// By engagement.
    pub engagement_id: Option<IdFilter>,
    /// By task.
    pub task_id: Option<IdFilter>,
    /// By the person whose time it is.
    pub user_id: Option<IdFilter>,
    /// By day.
    pub worked_on: Option<DateFilter>,
    /// By minutes.
    pub minutes: Option<IntFilter>,
    /// One of these kinds of work.
    pub activity_in: Option<Vec<Activity>>,
    /// By whether the minutes were taken from the balance.
    pub draws_on_balance: Option<bool>,
    /// By whether a client's question about it waits for an answer.
    pub has_open_question: Option<bool>,
    /// All of these.
    pub and: Option<Vec<TimeEntryFilter>>,
    /// Any of these.
    pub or: Option<Vec<TimeEntryFilter>>,
    /// Not this.
    pub not: Option<Box<TimeEntryFilter>>,
}

impl TimeEntryFilter {
    /// The same, of one client alone.
    pub fn of_client(client: async_graphql::ID, filter: Option<Box<Self>>) -> Self {
        Self {
            client_id: Some(IdFilter { eq: Some(client), one_of: None }),
            and: filter.map(|filter| vec![*filter]),
            ..Self::default()
        }
    }

    /// The filter as data.
    pub fn tree(self) -> Tree<Leaf> {
        let leaves = [
            self.client_id.map(|id| Leaf::Client(id.compare())),
            self.engagement_id.map(|id| Leaf::Engagement(id.compare())),
            self.task_id.map(|id| Leaf::Task(id.compare())),
            self.user_id.map(|id| Leaf::User(id.compare())),
            self.worked_on.map(|day| Leaf::WorkedOn(day.into())),
            self.minutes.map(|minutes| Leaf::Minutes(minutes.into())),
            self.activity_in.map(Leaf::Activity),
            self.draws_on_balance.map(Leaf::DrawsOnBalance),
            self.has_open_question.map(Leaf::OpenQuestion),
        ];
        let mut all: Vec<Tree<Leaf>> = leaves.into_iter().flatten().map(Tree::Leaf).collect();
        all.extend(self.and.map(|parts| Tree::All(parts.into_iter().map(Self::tree).collect())));
        all.extend(self.or.map(|parts| Tree::Any(parts.into_iter().map(Self::tree).collect())));
        all.extend(self.not.map(|part| Tree::Not(Box::new(part.tree()))));
        Tree::All(all)
    }
}

/// What time entries can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize)]
pub enum TimeEntryOrderField {
    /// By day.
    WorkedOn,
    /// By minutes.
    Minutes,
    /// By the moment of logging.
    CreatedAt,
}

/// How time entries are sorted.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct TimeEntryOrder {
    /// What by.
    field: TimeEntryOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

/// The order asked for, newest day first where none is; the id last.
pub fn order(asked: Option<Vec<TimeEntryOrder>>) -> Vec<(time_entry::Column, Direction)> {
    let asked = asked.unwrap_or_else(|| {
        vec![TimeEntryOrder { field: TimeEntryOrderField::WorkedOn, direction: OrderDirection::Desc }]
    });
    let mut order: Vec<(time_entry::Column, Direction)> = asked
        .into_iter()
        .map(|by| {
            let column = match by.field {
                TimeEntryOrderField::WorkedOn => time_entry::Column::WorkedOn,
                TimeEntryOrderField::Minutes => time_entry::Column::Minutes,
                TimeEntryOrderField::CreatedAt => time_entry::Column::CreatedAt,
            };
            (column, by.direction.into())
        })
        .collect();
    let last = order.last().map_or(Direction::Desc, |(_, direction)| *direction);
    order.push((time_entry::Column::Id, last));
    order
}
