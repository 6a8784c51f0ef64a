//! What can be done to ledgers, and a row of chance that does it.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use domain::engagement::OveragePolicy;
use hourbank::seed::random::Random;

use super::book::Engagement;
use super::reference::Reference;

/// Months of the four tariffs of support, in minutes.
pub const TARIFFS: [i32; 4] = [1200, 2400, 4800, 7200];
/// How many people log time.
pub const PEOPLE: usize = 4;

/// What is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Support { minutes: i32 },
    Audit { minutes: i32, months: i32 },
}

/// What an entry should have been; what is absent stays.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    pub engagement: Option<usize>,
    pub day: Option<NaiveDate>,
    pub minutes: Option<i32>,
}

/// Engagements and entries by their place in the order in which they were made.
#[derive(Debug, Clone)]
pub enum Operation {
    Advance {
        minutes: i64,
    },
    Start {
        client: usize,
        kind: Kind,
        starts_on: NaiveDate,
    },
    Log {
        engagement: usize,
        person: usize,
        day: NaiveDate,
        minutes: i32,
        by_administrator: bool,
    },
    /// Without a change the entry is withdrawn.
    Correct {
        entry: usize,
        by_administrator: bool,
        change: Option<Change>,
    },
    Pay {
        engagement: usize,
        reference: u32,
        paid_on: NaiveDate,
        periods: BTreeSet<i32>,
    },
    TopUp {
        engagement: usize,
        minutes: i32,
    },
    Approve {
        engagement: usize,
        minutes: i32,
    },
    SetPolicy {
        engagement: usize,
        policy: OveragePolicy,
    },
    SetUnpaid {
        engagement: usize,
        is_on: bool,
    },
    ChangeTariff {
        engagement: usize,
        minutes: i32,
    },
    Cancel {
        engagement: usize,
    },
    Roll {
        engagement: usize,
    },
}

impl Operation {
    /// The one engagement that it is on.
    pub fn engagement(&self) -> Option<usize> {
        match self {
            Self::Advance { .. } | Self::Start { .. } | Self::Correct { .. } => None,
            Self::Log { engagement, .. }
            | Self::Pay { engagement, .. }
            | Self::TopUp { engagement, .. }
            | Self::Approve { engagement, .. }
            | Self::SetPolicy { engagement, .. }
            | Self::SetUnpaid { engagement, .. }
            | Self::ChangeTariff { engagement, .. }
            | Self::Cancel { engagement }
            | Self::Roll { engagement } => Some(*engagement),
        }
    }

    /// Its kind, for the report.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Advance { .. } => "advance",
            Self::Start { .. } => "start",
            Self::Log { .. } => "log",
            Self::Correct { change: None, .. } => "withdraw",
            Self::Correct { change: Some(change), .. } if change.engagement.is_some() => "move",
            Self::Correct { .. } => "correct",
            Self::Pay { .. } => "pay",
            Self::TopUp { .. } => "top up",
            Self::Approve { .. } => "approve",
            Self::SetPolicy { .. } => "set policy",
            Self::SetUnpaid { .. } => "set unpaid",
            Self::ChangeTariff { .. } => "change tariff",
            Self::Cancel { .. } => "cancel",
            Self::Roll { .. } => "roll",
        }
    }

    /// The next one, by chance and by what there is.
    pub fn choose(random: &mut Random, world: &Reference) -> Self {
        let living: Vec<usize> = (0..world.engagements.len())
            .filter(|at| !world.engagements[*at].rolled(world.now).has_ended)
            .collect();
        if living.len() < world.zones.len() * 2 && (living.is_empty() || random.happens(4)) {
            return start(random, world);
        }
        // Now and then one that has ended, or is forgotten: late time and late corrections.
        let engagement =
            if random.happens(10) { random.below(world.engagements.len()) } else { *random.pick(&living) };
        let book = &world.engagements[engagement];
        match random.below(100) {
            0..12 => advance(random),
            12..54 => Self::Log {
                engagement,
                person: random.below(PEOPLE),
                day: day(random, world, book),
                minutes: minutes(random),
                by_administrator: random.happens(30),
            },
            54..77 if !world.entries.is_empty() => correct(random, world),
            77..86 => pay(random, world, engagement),
            86..89 => Self::TopUp { engagement, minutes: random.between(1, 1200) },
            89..91 => Self::Approve { engagement, minutes: random.between(1, 300) },
            91..93 => Self::SetPolicy { engagement, policy: *random.pick(OveragePolicy::ALL) },
            93..95 => Self::SetUnpaid { engagement, is_on: random.happens(50) },
            95..97 => Self::ChangeTariff { engagement, minutes: *random.pick(&TARIFFS) },
            97 => Self::Cancel { engagement },
            _ => Self::Roll { engagement },
        }
    }
}

/// Mostly hours, at times days, seldom a month or two in which nobody came by.
fn advance(random: &mut Random) -> Operation {
    let minutes = match random.below(20) {
        0..12 => random.between(1, 720),
        12..19 => random.between(720, 10 * 1440),
        _ => random.between(20 * 1440, 70 * 1440),
    };
    Operation::Advance { minutes: minutes.into() }
}

fn start(random: &mut Random, world: &Reference) -> Operation {
    let client = random.below(world.zones.len());
    let today = world.now.with_timezone(&world.zones[client]).date_naive();
    let kind = if random.happens(75) {
        Kind::Support { minutes: *random.pick(&TARIFFS) }
    } else {
        Kind::Audit { minutes: random.between(60, 3000), months: random.between(1, 3) }
    };
    let starts_on = today + Days::new(random.below(60) as u64) - Days::new(40);
    Operation::Start { client, kind, starts_on }
}

/// Mostly a day of this week; some of the months before, some that have not come or were never served.
fn day(random: &mut Random, world: &Reference, book: &Engagement) -> NaiveDate {
    let today = book.today(world.now);
    let day = match random.below(20) {
        0..10 => today - Days::new(random.below(4) as u64),
        10..18 => today - Days::new(random.below(45) as u64),
        18 => today + Days::new(random.below(3) as u64),
        _ => today - Days::new(random.below(200) as u64),
    };
    if random.happens(85) { day.max(book.starts_on) } else { day }
}

fn minutes(random: &mut Random) -> i32 {
    match random.below(50) {
        0 => *random.pick(&[0, -5, 1441]),
        1..10 => random.between(300, 1440),
        _ => random.between(1, 300),
    }
}

fn correct(random: &mut Random, world: &Reference) -> Operation {
    // The newest are corrected most.
    let newest = world.entries.len().min(40);
    let entry = match random.happens(80) {
        true => world.entries.len() - 1 - random.below(newest),
        false => random.below(world.entries.len()),
    };
    let by_administrator = random.happens(60);
    if random.happens(15) {
        return Operation::Correct { entry, by_administrator, change: None };
    }
    let own = world.entries[entry].engagement;
    let engagement =
        random.happens(20).then(|| random.below(world.engagements.len())).filter(|other| *other != own);
    let book = &world.engagements[engagement.unwrap_or(own)];
    let change = Change {
        engagement,
        day: random.happens(40).then(|| day(random, world, book)),
        minutes: random.happens(70).then(|| minutes(random)),
    };
    Operation::Correct { entry, by_administrator, change: Some(change) }
}

/// Mostly the next periods that are not paid yet; at times the same payment again, or one that is wrong.
fn pay(random: &mut Random, world: &Reference, engagement: usize) -> Operation {
    let book = &world.engagements[engagement];
    let today = book.today(world.now);
    if random.happens(8) {
        let known: Vec<u32> = book.paid.keys().copied().collect();
        let reference = *random.pick(&known);
        let (paid_on, periods) = book.paid[&reference].clone();
        let paid_on = if random.happens(70) { paid_on } else { today };
        return Operation::Pay { engagement, reference, paid_on, periods };
    }
    let paid: BTreeSet<i32> = book.paid.values().flat_map(|(_, periods)| periods.iter().copied()).collect();
    let mut next = (1..).filter(|number| !paid.contains(number));
    let mut periods = BTreeSet::from([next.next().unwrap()]);
    if random.happens(25) {
        periods.extend(next.take(random.below(3)));
    }
    if random.happens(5) {
        periods.insert(random.between(0, 6));
    }
    let paid_on = if random.happens(4) { today + Days::new(1) } else { today };
    Operation::Pay { engagement, reference: book.paid.len() as u32, paid_on, periods }
}
