//! The sums of a report's part: by task, by person, by kind of work. The largest stands first.

use std::collections::BTreeMap;
use std::hash::Hash;

use super::{Part, Row, TaskName};
use crate::id::UserId;
use crate::time_entry::Activity;

/// What a sum is over, and its minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total<'a, T> {
    pub of: T,
    pub minutes: i32,
    pub rows: Vec<&'a Row>,
}

/// A person of a report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    pub id: UserId,
    pub name: String,
}

/// The minutes of some rows.
pub fn minutes<'a>(rows: impl IntoIterator<Item = &'a Row>) -> i32 {
    rows.into_iter().fold(0, |sum, row| sum.saturating_add(row.minutes))
}

impl Part {
    /// All minutes of the days reported.
    pub fn minutes(&self) -> i32 {
        minutes(&self.rows)
    }

    /// Those of them that drew on the balance (W-6).
    pub fn drawn_minutes(&self) -> i32 {
        minutes(self.rows.iter().filter(|row| row.draws_on_balance))
    }

    /// What the weeks before have become longer, or shorter where it is below zero.
    pub fn changed_minutes(&self) -> i32 {
        self.changes.iter().fold(0, |sum, change| sum.saturating_add(change.minutes()))
    }

    /// By task; time without one comes last.
    pub fn by_task(&self) -> Vec<Total<'_, Option<TaskName>>> {
        let mut totals = self.by(|row| row.task.clone());
        totals.sort_by_key(|total| total.of.is_none());
        totals
    }

    /// By person.
    pub fn by_person(&self) -> Vec<Total<'_, Person>> {
        self.by(|row| Person { id: row.user_id, name: row.user.clone() })
    }

    /// By kind of work.
    pub fn by_activity(&self) -> Vec<Total<'_, Activity>> {
        self.by(|row| row.activity)
    }

    fn by<T: Clone + Ord + Hash>(&self, of: impl Fn(&Row) -> T) -> Vec<Total<'_, T>> {
        let mut sums: BTreeMap<T, Vec<&Row>> = BTreeMap::new();
        for row in &self.rows {
            sums.entry(of(row)).or_default().push(row);
        }
        let mut totals: Vec<_> = sums
            .into_iter()
            .map(|(of, rows)| Total { of, minutes: minutes(rows.iter().copied()), rows })
            .collect();
        totals.sort_by_key(|total| std::cmp::Reverse(total.minutes));
        totals
    }
}
