//! What is right, in plain arithmetic: a second opinion on the ledger, written from the rules and not from the product's
//! code. Months are counted by hand, a period is five numbers (`book`), and every operation is a paragraph.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::engagement::OveragePolicy;

use super::book::{Engagement, Refused, is_late, judge, pay, refuse};
use super::operation::{Change, Kind, Operation};

#[derive(Debug, Clone)]
pub struct Entry {
    pub engagement: usize,
    pub person: usize,
    pub day: NaiveDate,
    pub minutes: i32,
    pub is_corrected: bool,
}

#[derive(Debug, Clone)]
pub struct Reference {
    pub now: DateTime<Utc>,
    pub zones: Vec<Tz>,
    pub engagements: Vec<Engagement>,
    pub entries: Vec<Entry>,
    days: BTreeMap<(usize, NaiveDate), i32>,
}

impl Reference {
    pub fn new(now: DateTime<Utc>, zones: Vec<Tz>) -> Self {
        Self { now, zones, engagements: Vec::new(), entries: Vec::new(), days: BTreeMap::new() }
    }

    /// Does an operation, or says why not.
    pub fn apply(&mut self, operation: &Operation) -> Result<(), Refused> {
        let now = self.now;
        if let Some(at) = operation.engagement() {
            let mut book = self.engagements[at].rolled(now);
            if self.on(&mut book, at, operation)? {
                self.engagements[at] = book;
            }
            return Ok(());
        }
        match operation {
            Operation::Advance { minutes } => self.now += chrono::Duration::minutes(*minutes),
            Operation::Start { client, kind, starts_on } => self.start(*client, *kind, *starts_on),
            Operation::Correct { entry, by_administrator, change } => {
                self.correct(*entry, *by_administrator, change.as_ref())?;
            }
            _ => unreachable!("all others are on an engagement"),
        }
        Ok(())
    }

    fn start(&mut self, client: usize, kind: Kind, starts_on: NaiveDate) {
        let minutes = match kind {
            Kind::Support { minutes } | Kind::Audit { minutes, .. } => minutes,
        };
        let zone = self.zones[client];
        let today = self.now.with_timezone(&zone).date_naive();
        let engagement = Engagement {
            client,
            zone,
            starts_on,
            ends_on: None,
            has_ended: false,
            version: 0,
            periods: Vec::new(),
            policy: OveragePolicy::Allowed,
            paid: BTreeMap::from([(0, (today.min(starts_on), BTreeSet::from([1])))]),
            kind,
            is_granted_unpaid: false,
            minutes: BTreeMap::from([(1, minutes)]),
        };
        self.engagements.push(engagement.rolled(self.now));
    }

    /// An operation on one engagement; whether anything was written.
    fn on(&mut self, book: &mut Engagement, at: usize, operation: &Operation) -> Result<bool, Refused> {
        let today = book.today(self.now);
        let running = book.running(today);
        let is_support = matches!(book.kind, Kind::Support { .. });
        match operation {
            Operation::Log { person, day, minutes, by_administrator, .. } => {
                self.log(book, at, (*person, *day, *minutes), *by_administrator)?;
            }
            Operation::Pay { reference, paid_on, periods, .. } => {
                return pay(book, today, *reference, *paid_on, periods);
            }
            Operation::TopUp { minutes, .. } => match running {
                Some(running) => book.grant(running, *minutes),
                None => return refuse("WrongStatus"),
            },
            Operation::Approve { minutes, .. } => match running {
                Some(running) if book.policy == OveragePolicy::AskClient => {
                    book.period(running).approved += minutes
                }
                _ => return refuse("WrongStatus"),
            },
            Operation::SetPolicy { .. } | Operation::SetUnpaid { .. } if book.has_ended => {
                return refuse("WrongStatus");
            }
            Operation::SetPolicy { policy, .. } => book.policy = *policy,
            Operation::SetUnpaid { is_on, .. } => book.is_granted_unpaid = *is_on,
            Operation::ChangeTariff { minutes, .. } => {
                if !is_support || book.has_ended || book.ends_on.is_some() {
                    return refuse("WrongStatus");
                }
                book.minutes.insert(book.periods.len() as i32 + 1, *minutes);
            }
            Operation::Cancel { .. } => {
                if book.has_ended || book.ends_on.is_some() {
                    return refuse("WrongStatus");
                }
                match running {
                    Some(running) if is_support => book.ends_on = Some(book.ends(running)),
                    _ => {
                        let last = book.periods.len();
                        let end = (last > 0).then(|| book.ends(last).min(today + Days::new(1)));
                        book.ends_on = Some(book.starts_on.max(end.unwrap_or(book.starts_on)));
                        book.has_ended = true;
                        for number in
                            (1..=last).filter(|n| !book.periods[n - 1].is_closed).collect::<Vec<_>>()
                        {
                            book.expire(number);
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(true)
    }

    fn log(
        &mut self,
        book: &mut Engagement,
        at: usize,
        (person, day, minutes): (usize, NaiveDate, i32),
        by_administrator: bool,
    ) -> Result<(), Refused> {
        let today = book.today(self.now);
        let number = book.serves(day);
        let closed = number.is_some_and(|number| book.is_closed(number, today));
        let end =
            number.map(|number| book.ends_on.map_or(book.ends(number), |end| end.min(book.ends(number))));
        let mut codes = Refused::new();
        codes.extend((!(1..=1440).contains(&minutes)).then_some("Invalid"));
        codes.extend((day > today).then_some("FutureDay"));
        codes.extend(number.is_none().then_some("NotServed"));
        let is_too_late = closed && !by_administrator && end.is_some_and(|end| is_late(end, today));
        codes.extend(is_too_late.then_some("PeriodClosed"));
        let (Some(number), true) = (number, codes.is_empty()) else { return Err(codes) };
        let total = self.days.get(&(person, day)).copied().unwrap_or(0) + minutes;
        if total > 1440 {
            return refuse("DayFull");
        }
        let before = book.periods[number - 1].clone();
        if closed {
            // As much of what expired comes back as the entry needs.
            let needed = (minutes - before.net().max(0)).max(0).min(before.expired);
            book.period(number).expired -= needed;
            book.version += i32::from(needed != 0);
        }
        book.take(number, minutes);
        judge(book.policy, &before, &book.periods[number - 1])?;
        self.days.insert((person, day), total);
        self.entries.push(Entry { engagement: at, person, day, minutes, is_corrected: false });
        Ok(())
    }

    /// W-4: taken back, and logged anew unless there is no change.
    fn correct(&mut self, at: usize, by_administrator: bool, change: Option<&Change>) -> Result<(), Refused> {
        let old = self.entries[at].clone();
        let mut from = self.engagements[old.engagement].rolled(self.now);
        let new = change.map(|change| Entry {
            engagement: change.engagement.unwrap_or(old.engagement),
            day: change.day.unwrap_or(old.day),
            minutes: change.minutes.unwrap_or(old.minutes),
            ..old.clone()
        });
        let moved = new.as_ref().map(|new| new.engagement).filter(|other| *other != old.engagement);
        let mut to = moved.map(|other| self.engagements[other].rolled(self.now));

        let there = to.as_ref().unwrap_or(&from);
        let number = new.as_ref().and_then(|new| there.serves(new.day));
        let mut codes = Refused::new();
        codes.extend(old.is_corrected.then_some("WrongStatus"));
        if let Some(new) = &new {
            codes.extend((!(1..=1440).contains(&new.minutes)).then_some("Invalid"));
            codes.extend((new.day > there.today(self.now)).then_some("FutureDay"));
            codes.extend(number.is_none().then_some("NotServed"));
        }
        if !codes.is_empty() {
            return Err(codes);
        }
        let old_number =
            (1..=from.periods.len()).find(|n| from.begins(*n) <= old.day && old.day < from.ends(*n)).unwrap();
        let from_closed = from.is_closed(old_number, from.today(self.now));
        let to_closed = number.is_some_and(|number| there.is_closed(number, there.today(self.now)));
        if !by_administrator && (from_closed || to_closed || moved.is_some()) {
            return refuse("PeriodClosed");
        }
        let mut days = self.days.clone();
        *days.entry((old.person, old.day)).or_default() -= old.minutes;
        if let Some(new) = &new {
            let total = days.entry((new.person, new.day)).or_default();
            *total += new.minutes;
            if *total > 1440 {
                return refuse("DayFull");
            }
        }

        let (before_from, before_to) = (from.clone(), to.clone());
        let minutes = new.as_ref().map_or(0, |new| new.minutes);
        if from_closed && to_closed && to.is_none() {
            from.adjust(old.minutes - minutes);
        } else {
            if from_closed {
                from.adjust(old.minutes)
            } else {
                from.take(old_number, -old.minutes)
            }
            let there = to.as_mut().unwrap_or(&mut from);
            match number {
                Some(_) if to_closed => there.adjust(-minutes),
                Some(number) => there.take(number, minutes),
                None => {}
            }
        }
        for (before, after) in before_to.iter().zip(&to).chain([(&before_from, &from)]) {
            for (was, is) in before.periods.iter().zip(&after.periods) {
                judge(after.policy, was, is)?;
            }
        }
        self.days = days;
        self.engagements[old.engagement] = from;
        if let (Some(other), Some(to)) = (moved, to) {
            self.engagements[other] = to;
        }
        self.entries[at].is_corrected = true;
        self.entries.extend(new);
        Ok(())
    }
}
