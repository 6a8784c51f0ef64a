//! One engagement of the reference: its months, each five numbers, and the rules of a single movement.
//!
//! What is written stands here; what the calendar has made due is made true by `rolled` in mind, and written by the next
//! operation that succeeds, as B-4 has it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;
use domain::engagement::OveragePolicy;

use super::operation::Kind;

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
    pub has_own: bool,
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
    pub kind: Kind,
    pub is_granted_unpaid: bool,
    /// Minutes of a month, from a period's number on.
    pub minutes: BTreeMap<i32, i32>,
}

/// The same day of a later month, or the last one of a shorter month (E-3).
fn months_later(day: NaiveDate, months: i32) -> NaiveDate {
    let month = day.year() * 12 + day.month0() as i32 + months;
    let of = |day| NaiveDate::from_ymd_opt(month.div_euclid(12), month.rem_euclid(12) as u32 + 1, day);
    (28..=day.day()).rev().find_map(of).or_else(|| of(day.day())).unwrap()
}

/// W-4: the third working day behind a period's last day is the last for its authors.
pub fn is_late(ends_on: NaiveDate, today: NaiveDate) -> bool {
    let is_worked = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    ends_on.iter_days().filter(is_worked).nth(2).unwrap() < today
}

/// B-7, on what a change does to a period as a whole.
pub fn judge(policy: OveragePolicy, before: &Period, after: &Period) -> Result<(), Refused> {
    let (over_before, over) = ((-before.net()).max(0), (-after.net()).max(0));
    match policy {
        OveragePolicy::Refused if over > over_before => refuse("BalanceExhausted"),
        OveragePolicy::AskClient if over > over_before && over > before.approved => refuse("ApprovalNeeded"),
        _ => Ok(()),
    }
}

pub fn refuse<T>(code: &'static str) -> Result<T, Refused> {
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
    pub fn period(&mut self, number: usize) -> &mut Period {
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

    pub fn grant(&mut self, number: usize, minutes: i32) {
        self.period(number).granted += minutes;
        self.version += i32::from(minutes != 0);
    }

    pub fn expire(&mut self, number: usize) {
        let left = self.period(number).net().max(0);
        self.period(number).expired += left;
        self.period(number).is_closed = true;
        self.version += i32::from(left != 0);
    }

    /// Uses minutes, or gives them back where there are fewer than none.
    pub fn take(&mut self, number: usize, minutes: i32) {
        self.period(number).used += minutes;
        self.version += i32::from(minutes != 0);
    }

    pub fn adjust(&mut self, minutes: i32) {
        let last = self.periods.len();
        self.period(last).adjusted += minutes;
        self.version += i32::from(minutes != 0);
    }

    pub fn running(&self, today: NaiveDate) -> Option<usize> {
        let last = self.periods.len();
        (last > 0 && !self.has_ended && !self.periods[last - 1].is_closed && today < self.ends(last))
            .then_some(last)
    }

    pub fn serves(&self, day: NaiveDate) -> Option<usize> {
        let number = (1..=self.periods.len()).find(|n| self.begins(*n) <= day && day < self.ends(*n))?;
        self.ends_on.is_none_or(|end| day < end).then_some(number)
    }

    pub fn is_closed(&self, number: usize, today: NaiveDate) -> bool {
        self.periods[number - 1].is_closed || self.ends(number) <= today
    }
}

/// E-4: what has begun is granted at once; what has ended gets what it overused, and the running period the rest.
pub fn pay(
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
