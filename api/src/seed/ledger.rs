//! Events become rows: logged time, and the movements, numbered and chained for each engagement (B-1, B-3).

use std::mem::take;

use domain::client::Locale;
use domain::id::{ClientId, EngagementId, PeriodId, TaskId, UserId};
use entity::{ledger_entry, ledger_head, time_entry};

use super::random::Random;
use super::text;
use super::work::{Event, Time, What};
use crate::store;

/// One client's ledger as it grows.
#[derive(Debug)]
pub struct Book {
    client: ClientId,
    engagement: EngagementId,
    locale: Locale,
    tasks: Vec<TaskId>,
    version: i32,
    last_hash: Vec<u8>,
}

/// Rows that can be written: the time first, then the movements, which name it.
#[derive(Debug, Default)]
pub struct Batch {
    pub entries: Vec<time_entry::Model>,
    pub movements: Vec<ledger_entry::Model>,
}

impl Book {
    /// A ledger without movements.
    pub fn new(client: ClientId, engagement: EngagementId, locale: Locale, tasks: Vec<TaskId>) -> Self {
        Self { client, engagement, locale, tasks, version: 0, last_hash: vec![0; 32] }
    }

    /// Takes an event down.
    pub fn write(&mut self, event: &Event, people: &[UserId], random: &mut Random, batch: &mut Batch) {
        let period = PeriodId::nth(self.engagement, event.period);
        let (movement, time) = match event.what {
            What::Grant(movement) | What::Expiry(movement) => (movement, None),
            What::Time(time) => (time.movement, Some(self.entry(event, &time, period, people, random))),
        };
        let mut row = ledger_entry::Model {
            id: random.id(event.at),
            engagement_id: self.engagement,
            number: self.version + 1,
            period_id: period,
            kind: movement.kind,
            counter: movement.counter,
            minutes: movement.minutes,
            cause: movement.cause,
            reverses_id: None,
            time_entry_id: time.as_ref().map(|entry| entry.id),
            payment_id: None,
            actor_id: time.as_ref().map(|entry| entry.logged_by.0),
            note: None,
            created_at: event.at,
            previous_hash: take(&mut self.last_hash),
            hash: Vec::new(),
        };
        row.hash = store::ledger::hash(&row);
        self.version = row.number;
        self.last_hash.clone_from(&row.hash);
        batch.movements.push(row);
        batch.entries.extend(time);
    }

    fn entry(
        &self,
        event: &Event,
        time: &Time,
        period: PeriodId,
        people: &[UserId],
        random: &mut Random,
    ) -> time_entry::Model {
        let (activity, note) = text::done(time.done.0.into(), time.done.1.into(), self.locale);
        let who = people[time.who as usize];
        time_entry::Model {
            id: random.id(event.at),
            client_id: self.client,
            engagement_id: self.engagement,
            period_id: period,
            task_id: time.task.map(|at| self.tasks[at as usize]),
            user_id: who,
            logged_by: who,
            worked_on: time.day,
            minutes: time.minutes,
            activity,
            note,
            stage: None,
            draws_on_balance: true,
            corrects_id: None,
            corrected_at: None,
            corrected_by: None,
            correction_reason: None,
            created_at: event.at,
        }
    }

    /// Where the ledger stands.
    pub fn head(self) -> ledger_head::Model {
        ledger_head::Model {
            engagement_id: self.engagement,
            version: self.version,
            last_hash: self.last_hash,
        }
    }
}
