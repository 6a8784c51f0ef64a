//! An engagement's book, open for writing: its ledger's head is locked, its periods are in hand.
//!
//! Every movement goes through [`Book::record`], which numbers it, chains it and changes the counters with it (B-1,
//! B-2, B-3); [`Book::save`] writes all of it in the transaction that opened the book. Whoever holds the lock is alone
//! with the engagement (B-12), so that a decision on the counters stays true until the commit.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use chrono_tz::Tz;
use domain::balance::Balance;
use domain::calendar::local_day;
use domain::course::Course;
use domain::id::{EngagementId, LedgerEntryId, PaymentId, PeriodId, TimeEntryId};
use domain::ledger::{Counters, Movement};
use domain::policy::Action;
use domain::tariff::{DrawScope, UnusedMinutes};
use entity::{engagement, ledger_entry, ledger_head, period};

use super::hour_balance;
use super::period::Numbers;
use crate::app::Call;
use crate::bus::Topic;
use crate::error::{Error, Result};
use crate::store::course::{Grounds, Standing};
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::{self, Tx, Write};

/// What a movement belongs to.
#[derive(Debug, Clone, Default)]
pub struct Cause {
    pub reverses: Option<LedgerEntryId>,
    pub time_entry: Option<TimeEntryId>,
    pub payment: Option<PaymentId>,
    pub note: Option<String>,
}

/// An engagement's ledger and periods, locked.
#[derive(Debug)]
pub struct Book {
    pub engagement: engagement::Model,
    pub draw_scope: DrawScope,
    pub zone: Tz,
    /// Today in the engagement's zone.
    pub today: NaiveDate,
    pub(super) periods: BTreeMap<i32, (period::Model, UnusedMinutes)>,
    pub(super) opened: BTreeSet<i32>,
    pub(super) touched: BTreeSet<i32>,
    /// The calendar has ended the engagement.
    pub(super) has_ended: bool,
    /// Opening the book made something true that was due.
    pub(super) has_rolled: bool,
    head: ledger_head::Model,
    read_at: i32,
    entries: Vec<ledger_entry::Model>,
}

impl Book {
    /// Locks an engagement's ledger and makes true what the calendar has made due (E-3, E-4, B-4).
    ///
    /// # Errors
    /// NotFound where there is no such engagement or it was never started; the database's own.
    pub async fn open(tx: &mut Tx<'_>, id: EngagementId) -> Result<Self> {
        let head = store::ledger::lock_head(tx, id).await?.ok_or(Error::NotFound)?;
        let standing = store::course::standing(tx.connection(), id).await?;
        let Standing { engagement, draw_scope, periods, .. } = standing.ok_or(Error::NotFound)?;
        let zone = zone(&engagement)?;
        let today = local_day(tx.now(), zone);
        let mut book = Self {
            read_at: head.version,
            head,
            draw_scope,
            zone,
            today,
            periods: periods.into_iter().map(|(period, unused)| (period.number, (period, unused))).collect(),
            opened: BTreeSet::new(),
            touched: BTreeSet::new(),
            has_ended: false,
            has_rolled: false,
            entries: Vec::new(),
            engagement,
        };
        if super::period::may_be_due(&book.engagement, book.last(), today) {
            let grounds = store::course::grounds(&mut tx.connection(), &[&book.engagement]).await?;
            book.roll(tx, &grounds)?;
            // Written at once, so that what follows can hang on the new periods.
            book.save(tx).await?;
        }
        Ok(book)
    }

    /// The newest period.
    pub fn last(&self) -> Option<&period::Model> {
        self.periods.last_key_value().map(|(_, (period, _))| period)
    }

    /// The period that runs today.
    pub fn running(&self) -> Option<&period::Model> {
        self.last().filter(|period| period.closed_at.is_none() && self.today < period.ends_on)
    }

    /// A period in hand: open, or the last.
    pub fn period(&self, number: i32) -> Option<&period::Model> {
        self.periods.get(&number).map(|(period, _)| period)
    }

    /// The period that a day falls into, in hand.
    pub fn period_on(&self, day: NaiveDate) -> Option<&period::Model> {
        self.periods
            .values()
            .map(|(period, _)| period)
            .find(|period| period.starts_on <= day && day < period.ends_on)
    }

    /// Takes a closed period of the past into hand.
    pub fn take(&mut self, period: period::Model, unused: UnusedMinutes) {
        self.periods.entry(period.number).or_insert((period, unused));
    }

    /// The period as it will be written, for what is no movement (approved overage).
    ///
    /// # Errors
    /// Internal where the period is not in hand.
    pub fn period_mut(&mut self, number: i32) -> Result<&mut period::Model> {
        self.touched.insert(number);
        self.periods
            .get_mut(&number)
            .map(|(period, _)| period)
            .ok_or_else(|| Error::Internal(format!("period {number} is not in hand")))
    }

    /// Records a movement in a period: its entry and its effect on the counters.
    ///
    /// # Errors
    /// Internal where the movement breaks a rule of the ledger: the callers decide before.
    pub fn record(
        &mut self,
        tx: &Tx<'_>,
        number: i32,
        movement: Movement,
        cause: Cause,
    ) -> Result<LedgerEntryId> {
        let period = self.period_mut(number)?;
        let fault = |error: domain::ledger::LedgerError| Error::Internal(format!("ledger: {error}"));
        let counters = counters(period).apply(&movement).map_err(fault)?;
        set_counters(period, counters);
        let period_id = period.id;
        let mut entry = ledger_entry::Model {
            id: LedgerEntryId::new(),
            engagement_id: self.engagement.id,
            number: self.head.version + 1,
            period_id,
            kind: movement.kind,
            counter: movement.counter,
            minutes: movement.minutes,
            cause: movement.cause,
            reverses_id: cause.reverses,
            time_entry_id: cause.time_entry,
            payment_id: cause.payment,
            actor_id: tx.actor_id(),
            note: cause.note,
            created_at: tx.now(),
            previous_hash: self.head.last_hash.clone(),
            hash: Vec::new(),
        };
        entry.hash = store::ledger::hash(&entry);
        self.head.version = entry.number;
        self.head.last_hash.clone_from(&entry.hash);
        let id = entry.id;
        self.entries.push(entry);
        Ok(id)
    }

    /// Writes what was recorded: new periods, movements, counters, the head.
    ///
    /// # Errors
    /// Unavailable where somebody else moved the head, which the lock prevents; the database's own.
    pub async fn save(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let writes = self.writes(tx);
        store::write::run(tx.connection(), writes).await?;
        if std::mem::take(&mut self.has_ended) {
            store::engagement::end(tx, &self.engagement).await?;
        }
        tx.wake(Topic::Balance(self.engagement.client_id, self.engagement.id));
        Ok(())
    }

    /// Leaves the same for the unit's end, where nothing before it reads the ledger again.
    pub fn save_at_last(&mut self, tx: &mut Tx<'_>) {
        let writes = self.writes(tx);
        tx.at_last(writes);
        tx.wake(Topic::Balance(self.engagement.client_id, self.engagement.id));
    }

    fn writes(&mut self, tx: &mut Tx<'_>) -> Vec<Write> {
        let mut writes = Vec::new();
        let opened = std::mem::take(&mut self.opened);
        let touched: Vec<i32> =
            std::mem::take(&mut self.touched).into_iter().filter(|number| !opened.contains(number)).collect();
        let periods = |numbers: &mut dyn Iterator<Item = i32>| -> Vec<period::Model> {
            numbers.filter_map(|number| Some(self.periods.get(&number)?.0.clone())).collect()
        };
        let opened = periods(&mut opened.into_iter());
        if !opened.is_empty() {
            writes.push(Write::insert(opened));
        }
        writes.extend(periods(&mut touched.into_iter()).iter().map(store::ledger::saving_period));
        if !self.entries.is_empty() {
            self.entries.iter().for_each(|entry| tx.moved(entry.kind));
            writes.push(Write::insert(std::mem::take(&mut self.entries)));
        }
        if self.head.version != self.read_at {
            writes.push(store::ledger::moving_head(self.read_at, &self.head));
            self.read_at = self.head.version;
        }
        writes
    }

    /// The balance as of now; none where no period runs.
    pub fn balance(&self, tx: &Tx<'_>) -> Option<Balance> {
        hour_balance::of_standing(
            &Standing {
                engagement: self.engagement.clone(),
                version: self.head.version,
                draw_scope: self.draw_scope,
                periods: self.periods.values().cloned().collect(),
            },
            &Grounds::default(),
            tx.now(),
        )
    }

    fn roll(&mut self, tx: &Tx<'_>, grounds: &Grounds) -> Result<()> {
        let paid = grounds.paid(self.engagement.id);
        let Some(course) = course(&self.engagement, grounds, &paid) else { return Ok(()) };
        let standing: Vec<_> = self.periods.values().map(super::period::standing).collect();
        for step in course.due(&standing, self.today) {
            self.has_rolled = true;
            self.take_step(tx, step)?;
        }
        Ok(())
    }
}

/// A page of a period's movements, the newest first; the caller sees the balance already.
///
/// # Errors
/// The database's own.
pub async fn movements(
    call: &Call,
    period: PeriodId,
    binding: Binding,
    page: &Page,
) -> Result<Listed<ledger_entry::Model>> {
    let select = store::ledger::of_period(period);
    let order = vec![(ledger_entry::Column::Number, Direction::Desc)];
    Ok(List { select, order, binding }.read(&call.app.db, page).await?)
}

/// One movement that the caller may see.
///
/// # Errors
/// The caller reads no movements at all; the database's own.
pub async fn find(call: &Call, id: LedgerEntryId) -> Result<Option<ledger_entry::Model>> {
    let scope = call.scope(Action::MovementRead)?;
    let found = store::ledger::find(call.app.db.reading(), id).await?;
    Ok(found
        .filter(|(_, engagement)| {
            engagement.as_ref().is_some_and(|engagement| scope.holds(engagement.client_id, None))
        })
        .map(|(entry, _)| entry))
}

/// What an engagement's course follows from; none before it was started.
pub fn course<'a>(
    engagement: &engagement::Model,
    grounds: &'a Grounds,
    paid: &'a Numbers,
) -> Option<Course<'a>> {
    Some(Course {
        starts_on: engagement.starts_on?,
        ends_on: engagement.ends_on,
        own_minutes: engagement.own_minutes,
        own_length_months: engagement.own_length_months,
        grant_unpaid: engagement.grant_unpaid,
        terms: grounds.terms(engagement.id),
        paid,
        calendar: &grounds.calendar,
    })
}

/// The zone that an engagement's days are counted in.
///
/// # Errors
/// Internal where the stored name is none.
pub fn zone(engagement: &engagement::Model) -> Result<Tz> {
    let name = engagement.time_zone.as_deref().unwrap_or("UTC");
    name.parse()
        .map_err(|_| Error::Internal(format!("engagement {:?} has no known time zone", engagement.id)))
}

/// A period's counters.
pub fn counters(period: &period::Model) -> Counters {
    Counters {
        granted: period.granted_minutes,
        transferred: period.transferred_minutes,
        adjusted: period.adjusted_minutes,
        used: period.used_minutes,
        expired: period.expired_minutes,
    }
}

pub(super) fn set_counters(period: &mut period::Model, counters: Counters) {
    period.granted_minutes = counters.granted;
    period.transferred_minutes = counters.transferred;
    period.adjusted_minutes = counters.adjusted;
    period.used_minutes = counters.used;
    period.expired_minutes = counters.expired;
}
