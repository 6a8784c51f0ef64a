//! What is right, in plain arithmetic: a second opinion on the ledger, written from the rules and not from the product's
//! code. Months are counted by hand, a period is five numbers, and every operation is a paragraph.
//!
//! `engagements` holds what is written; what the calendar has made due is made true by `rolled` in mind, and written by
//! the next operation that succeeds, as B-4 has it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;
use domain::engagement::OveragePolicy;

use super::operation::{Change, Kind, Operation};

/// Why an operation is refused: the codes.
pub type Refused = BTreeSet<&'static str>;

/// A month of an engagement, or the whole of an audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Period {
    pub granted: i32,
    pub adjusted: i32,
    pub used: i32,
    pub expired: i32,
    /// Extra minutes that the client approved.
    pub approved: i32,
    pub is_closed: bool,
    /// Its own minutes have been granted.
    has_own: bool,
}

impl Period {
    /// What is left, or below zero what is over.
    pub fn net(&self) -> i32 {
        self.granted + self.adjusted - self.used - self.expired
    }
}

#[derive(Debug, Clone)]
pub struct Engagement {
    pub client: usize,
    pub zone: Tz,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
    pub has_ended: bool,
    /// Counts the movements.
    pub version: i32,
    pub periods: Vec<Period>,
    pub policy: OveragePolicy,
    pub paid: BTreeMap<u32, (NaiveDate, BTreeSet<i32>)>,
    kind: Kind,
    is_granted_unpaid: bool,
    /// Minutes of a month, from a period's number on.
    minutes: BTreeMap<i32, i32>,
}

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

/// The same day of a later month, or the last one of a shorter month (E-3).
fn months_later(day: NaiveDate, months: i32) -> NaiveDate {
    let month = day.year() * 12 + day.month0() as i32 + months;
    let of = |day| NaiveDate::from_ymd_opt(month.div_euclid(12), month.rem_euclid(12) as u32 + 1, day);
    (28..=day.day()).rev().find_map(of).or_else(|| of(day.day())).unwrap()
}

/// W-4: the third working day behind a period's last day is the last for its authors.
fn is_late(ends_on: NaiveDate, today: NaiveDate) -> bool {
    let is_worked = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    ends_on.iter_days().filter(is_worked).nth(2).unwrap() < today
}

/// B-7, on what a change does to a period as a whole.
fn judge(policy: OveragePolicy, before: &Period, after: &Period) -> Result<(), Refused> {
    let (over_before, over) = ((-before.net()).max(0), (-after.net()).max(0));
    match policy {
        OveragePolicy::Refused if over > over_before => refuse("BalanceExhausted"),
        OveragePolicy::AskClient if over > over_before && over > before.approved => refuse("ApprovalNeeded"),
        _ => Ok(()),
    }
}

fn refuse<T>(code: &'static str) -> Result<T, Refused> {
    Err(BTreeSet::from([code]))
}

impl Engagement {
    pub fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        now.with_timezone(&self.zone).date_naive()
    }

    /// The first day of a period, by its number.
    pub fn begins(&self, number: usize) -> NaiveDate {
        months_later(self.starts_on, number as i32 - 1)
    }

    /// The first day behind it.
    pub fn ends(&self, number: usize) -> NaiveDate {
        match self.kind {
            Kind::Support { .. } => self.begins(number + 1),
            Kind::Audit { months, .. } => months_later(self.starts_on, months),
        }
    }

    fn own_minutes(&self, number: usize) -> i32 {
        *self.minutes.range(..=number as i32).next_back().unwrap().1
    }

    fn is_paid(&self, number: usize) -> bool {
        self.paid.values().any(|(_, periods)| periods.contains(&(number as i32)))
    }

    /// Numbers are from 1.
    fn period(&mut self, number: usize) -> &mut Period {
        &mut self.periods[number - 1]
    }

    /// E-3, E-4, B-4: what is due by today, done in order.
    pub fn rolled(&self, now: DateTime<Utc>) -> Self {
        let (mut this, today) = (self.clone(), self.today(now));
        let is_support = matches!(self.kind, Kind::Support { .. });
        while !this.has_ended {
            let last = this.periods.len();
            if is_support && last > 0 && !this.periods[last - 1].is_closed && this.ends(last) <= today {
                this.expire(last);
            }
            let next = last + 1;
            let opens = this.begins(next) <= today
                && this.ends_on.is_none_or(|end| this.begins(next) < end)
                && (is_support || next == 1);
            if !opens {
                this.has_ended = this.ends_on.is_some_and(|end| end <= today);
                break;
            }
            this.periods.push(Period::default());
            if this.is_paid(next) || (this.is_granted_unpaid && next > 1) {
                this.grant(next, this.own_minutes(next));
                this.period(next).has_own = true;
            }
        }
        this
    }

    fn grant(&mut self, number: usize, minutes: i32) {
        self.period(number).granted += minutes;
        self.version += i32::from(minutes != 0);
    }

    fn expire(&mut self, number: usize) {
        let left = self.period(number).net().max(0);
        self.period(number).expired += left;
        self.period(number).is_closed = true;
        self.version += i32::from(left != 0);
    }

    /// Uses minutes, or gives them back where there are fewer than none.
    fn take(&mut self, number: usize, minutes: i32) {
        self.period(number).used += minutes;
        self.version += i32::from(minutes != 0);
    }

    fn adjust(&mut self, minutes: i32) {
        let last = self.periods.len();
        self.period(last).adjusted += minutes;
        self.version += i32::from(minutes != 0);
    }

    fn running(&self, today: NaiveDate) -> Option<usize> {
        let last = self.periods.len();
        (last > 0 && !self.has_ended && !self.periods[last - 1].is_closed && today < self.ends(last))
            .then_some(last)
    }

    fn serves(&self, day: NaiveDate) -> Option<usize> {
        let number = (1..=self.periods.len()).find(|n| self.begins(*n) <= day && day < self.ends(*n))?;
        self.ends_on.is_none_or(|end| day < end).then_some(number)
    }

    fn is_closed(&self, number: usize, today: NaiveDate) -> bool {
        self.periods[number - 1].is_closed || self.ends(number) <= today
    }
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

/// E-4: what has begun is granted at once; what has ended gets what it overused, and the running period the rest.
fn pay(
    book: &mut Engagement,
    today: NaiveDate,
    reference: u32,
    paid_on: NaiveDate,
    periods: &BTreeSet<i32>,
) -> Result<bool, Refused> {
    let known = book.paid.get(&reference);
    if known.is_some_and(|known| *known == (paid_on, periods.clone())) {
        return Ok(false);
    }
    let is_had = |number: &i32| match book.kind {
        Kind::Audit { .. } => *number == 1 && book.ends_on.is_none_or(|end| book.starts_on < end),
        Kind::Support { .. } => {
            (1..=600).contains(number) && book.ends_on.is_none_or(|end| book.begins(*number as usize) < end)
        }
    };
    let mut codes = Refused::new();
    codes.extend((paid_on > today).then_some("FutureDay"));
    codes.extend((periods.is_empty() || !periods.iter().all(is_had)).then_some("Invalid"));
    codes.extend(known.is_some().then_some("Taken"));
    codes.extend(periods.iter().any(|number| book.is_paid(*number as usize)).then_some("AlreadyPaid"));
    if !codes.is_empty() {
        return Err(codes);
    }
    book.paid.insert(reference, (paid_on, periods.clone()));
    let running = book.running(today);
    let begun: Vec<usize> =
        periods.iter().map(|number| *number as usize).filter(|n| *n <= book.periods.len()).collect();
    let over: Vec<i32> = begun.iter().map(|number| (-book.periods[number - 1].net()).max(0)).collect();
    for (number, over) in begun.into_iter().zip(over) {
        let minutes = book.own_minutes(number);
        if book.periods[number - 1].has_own {
            continue;
        }
        if running == Some(number) {
            book.grant(number, minutes);
            book.period(number).has_own = true;
        } else {
            book.grant(number, over.min(minutes));
            if let Some(running) = running {
                book.grant(running, minutes - over.min(minutes));
            }
        }
    }
    Ok(true)
}
