//! The work for a client: its tasks, its months, and the time logged, which is spread over their working days.
//!
//! Minutes follow from the month: most use six to ten tenths of their hours, a few go beyond, and the month that runs
//! stays behind the calendar, so that its balance is alive. Tasks are worked on one after another.

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, Utc, Weekday};
use domain::block::BlockStatus;
use domain::calendar::midnight;
use domain::course::Terms;
use domain::id::{BlockId, TaskId};
use domain::ledger::{Counters, GrantCause, Movement, expire};
use domain::period::span;
use domain::task::TaskStatus;
use domain::text::fold;
use entity::{block, engagement, payment, payment_period, period, task};

use super::client::Facts;
use super::random::Random;
use super::staff::Staff;
use super::text::{self, BLOCKS, said};
use crate::usecase::period::open;

/// What happens in a ledger.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    pub at: DateTime<Utc>,
    /// The client's place in the list of all.
    pub client: u32,
    /// The period's number.
    pub period: i32,
    pub what: What,
}

/// A movement, and the time behind it.
#[derive(Debug, Clone, Copy)]
pub enum What {
    Grant(Movement),
    Expiry(Movement),
    Time(Time),
}

/// Time that somebody logged.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    pub day: NaiveDate,
    pub minutes: i32,
    pub movement: Movement,
    /// A place in the list of the staff.
    pub who: u32,
    /// A place in the client's list of tasks.
    pub task: Option<u32>,
    /// Places in the lists of what can be done.
    pub done: (u8, u8),
}

/// The rows and events of the work.
#[derive(Debug, Default)]
pub struct Worked {
    pub blocks: Vec<block::Model>,
    pub tasks: Vec<task::Model>,
    pub payments: Vec<payment::Model>,
    pub paid: Vec<payment_period::Model>,
    pub periods: Vec<period::Model>,
    pub events: Vec<Event>,
}

/// How much work a client has.
#[derive(Debug, Clone, Copy)]
pub struct Amount {
    pub tasks: usize,
    pub entries: usize,
}

impl Worked {
    /// All that was done for a client until `now`. Returns the tasks' ids.
    ///
    /// # Errors
    /// There is more to log than its team has hours.
    pub fn work(
        &mut self,
        facts: &Facts,
        engagement: &engagement::Model,
        staff: &mut Staff,
        random: &mut Random,
        (client, amount, now): (u32, Amount, DateTime<Utc>),
    ) -> Result<Vec<TaskId>, String> {
        let mut tasks = tasks(facts, staff, random, amount.tasks, now);
        // Those in a plan come first; the last of them have not been begun.
        let begun = tasks.iter().take_while(|task| is_begun(task.status)).count();
        let days = days(facts, random, amount.entries);
        let terms = terms(facts);
        let mut entries = 0..amount.entries;
        for number in 1.. {
            let span = span(facts.starts_on, number);
            if span.starts_on > facts.today {
                break;
            }
            let mut row = open(engagement, facts.zone, &span, &terms);
            let of_month = entries.start
                ..entries.start + days[entries.clone()].partition_point(|day| span.contains(*day));
            entries.start = of_month.end;
            let grant =
                Movement::grant(facts.minutes, GrantCause::Period).map_err(|error| error.to_string())?;
            self.pay(facts, random, number, span.starts_on);
            self.events.push(Event { at: row.starts_at, client, period: number, what: What::Grant(grant) });

            let mut left = budget(facts, random, &row, now).max(of_month.len() as i32);
            for at in of_month.clone() {
                let still = (of_month.end - at) as i32;
                let minutes = portion(random, left, still);
                let choice = choice(random, facts.team.len());
                let day = days[at];
                let (who, minutes) = staff.work(&facts.team, choice, day, minutes).ok_or(
                    "so many entries do not fit into the days of so few people: more clients are needed",
                )?;
                left = (left - minutes).max(still - 1);
                let task = (begun > 0 && !random.happens(10)).then(|| {
                    let about = at * begun / amount.entries.max(1) + random.below(3);
                    about.min(begun - 1)
                });
                if let Some(task) = task {
                    tasks[task].spent_minutes += minutes;
                }
                row.used_minutes += minutes;
                let logged_at =
                    midnight(day, facts.zone) + Duration::seconds(random.between(9 * 3600, 20 * 3600).into());
                let done = (random.below(text::WORK.0) as u8, random.below(text::WORK.1) as u8);
                let movement = Movement::usage(minutes).map_err(|error| error.to_string())?;
                let time =
                    Time { day, minutes, movement, who: who as u32, task: task.map(|at| at as u32), done };
                self.events.push(Event {
                    at: logged_at.min(now),
                    client,
                    period: number,
                    what: What::Time(time),
                });
            }
            row.granted_minutes = grant.minutes;
            if span.ends_on <= facts.today {
                row.closed_at = Some(row.ends_at);
                if let Some(expiry) = expire(counters(&row)) {
                    row.expired_minutes = -expiry.minutes;
                    self.events.push(Event {
                        at: row.ends_at,
                        client,
                        period: number,
                        what: What::Expiry(expiry),
                    });
                }
            }
            self.periods.push(row);
        }
        let ids = tasks.iter().map(|task| task.id).collect();
        self.plan(facts, random, tasks);
        Ok(ids)
    }

    /// The payment of a month, recorded a few days before it begins.
    fn pay(&mut self, facts: &Facts, random: &mut Random, number: i32, starts_on: NaiveDate) {
        let paid_on = starts_on - Days::new(1 + random.below(5) as u64);
        let at = midnight(paid_on, facts.zone) + Duration::hours(11);
        let row = payment::Model {
            id: random.id(at),
            engagement_id: facts.engagement,
            reference: format!("{}-{number}", paid_on.format("%Y%m%d")),
            paid_on,
            amount_minor: facts.price_minor(),
            currency: "RUB".to_owned(),
            recorded_by: Some(facts.account),
            created_at: at,
            unused_minutes: 0,
        };
        self.paid.push(payment_period::Model {
            payment_id: row.id,
            engagement_id: facts.engagement,
            period_number: number,
        });
        self.payments.push(row);
    }

    /// The blocks of the plan with the sums of their tasks.
    fn plan(&mut self, facts: &Facts, random: &mut Random, tasks: Vec<task::Model>) {
        let planned = tasks.iter().filter(|task| task.plan_id.is_some()).count();
        let each = planned.div_ceil(BLOCKS.len()).max(1);
        let mut tasks = tasks.into_iter();
        for (place, title) in BLOCKS.into_iter().enumerate() {
            let id: BlockId = random.id(facts.started_at);
            let mut of_block: Vec<task::Model> =
                tasks.by_ref().take(each.min(planned.saturating_sub(place * each))).collect();
            let mut row = block::Model {
                id,
                plan_id: facts.plan,
                client_id: facts.id,
                title: said(facts.locale, title).to_owned(),
                description: None,
                status: block_status(&of_block),
                position: place as i32 + 1,
                estimate_minutes: 0,
                development_minutes: 0,
                spent_minutes: 0,
                version: 1,
                created_at: facts.started_at,
                updated_at: facts.started_at,
            };
            for (position, task) in of_block.iter_mut().enumerate() {
                task.block_id = Some(id);
                task.position = position as i32 + 1;
                row.spent_minutes += task.spent_minutes;
                if task.status != TaskStatus::Cancelled {
                    row.estimate_minutes += task.estimate_minutes.unwrap_or(0);
                    row.development_minutes += task.development_minutes.unwrap_or(0);
                }
            }
            self.blocks.push(row);
            self.tasks.extend(of_block);
        }
        // What is left was asked for and not planned yet.
        self.tasks.extend(tasks);
    }
}

fn counters(row: &period::Model) -> Counters {
    Counters { granted: row.granted_minutes, used: row.used_minutes, ..Counters::default() }
}

fn terms(facts: &Facts) -> Terms {
    Terms {
        revision: facts.terms.id,
        rule: facts.terms.grant_rule,
        minutes: facts.terms.minutes,
        length_months: facts.terms.length_months,
        unused: facts.terms.unused,
    }
}

fn is_begun(status: TaskStatus) -> bool {
    matches!(status, TaskStatus::Done | TaskStatus::InReview | TaskStatus::InProgress)
}

/// Two thirds of a client's tasks are done, some are in work, the rest is planned, given up, or only asked for.
fn tasks(
    facts: &Facts,
    staff: &Staff,
    random: &mut Random,
    count: usize,
    now: DateTime<Utc>,
) -> Vec<task::Model> {
    let life = now - facts.started_at;
    let moment = |part: usize| facts.started_at + life * (part.min(count) as i32) / (count.max(1) as i32);
    let make = |n: usize| {
        let status = match n * 100 / count.max(1) {
            0..66 => TaskStatus::Done,
            66..69 => TaskStatus::InReview,
            69..74 => TaskStatus::InProgress,
            97.. => TaskStatus::Requested,
            _ if random.happens(8) => TaskStatus::Cancelled,
            _ => TaskStatus::Planned,
        };
        let at = moment(n / 2);
        let is_asked = status == TaskStatus::Requested;
        let title = text::task(random, facts.locale);
        let last = facts.team.len() - 1;
        let done_at = (status == TaskStatus::Done).then(|| moment(n + n / 2 + 1));
        task::Model {
            id: random.id(at),
            client_id: facts.id,
            plan_id: (!is_asked).then_some(facts.plan),
            block_id: None,
            title_key: fold(&title),
            title,
            description: None,
            status,
            paused_from: None,
            position: n as i32 + 1,
            urgent: random.happens(3),
            estimate_minutes: (!is_asked).then(|| random.between(1, 32) * 30),
            development_minutes: (!is_asked && random.happens(5)).then_some(240),
            limit_minutes: None,
            spent_minutes: 0,
            assignee_id: (!is_asked).then(|| staff.people[facts.team[random.below(last)]].id),
            requested_by: is_asked.then_some(facts.owner),
            cancel_reason: (status == TaskStatus::Cancelled)
                .then(|| said(facts.locale, text::NOT_NEEDED).to_owned()),
            external_id: None,
            external_url: None,
            done_at,
            version: if is_begun(status) { 3 } else { 1 },
            created_at: at,
            updated_at: done_at.unwrap_or(at),
        }
    };
    (0..count).map(make).collect()
}

fn block_status(tasks: &[task::Model]) -> BlockStatus {
    let closed = |task: &task::Model| matches!(task.status, TaskStatus::Done | TaskStatus::Cancelled);
    if !tasks.is_empty() && tasks.iter().all(closed) {
        BlockStatus::Confirmed
    } else if tasks.iter().any(|task| is_begun(task.status)) {
        BlockStatus::InProgress
    } else {
        BlockStatus::Planned
    }
}

/// The days of so many entries: working days from the first to today, in order.
fn days(facts: &Facts, random: &mut Random, count: usize) -> Vec<NaiveDate> {
    let is_worked = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let days: Vec<NaiveDate> =
        facts.starts_on.iter_days().take_while(|day| *day <= facts.today).filter(is_worked).collect();
    let place = |n: usize| (n * 1000 + random.below(1000)) * days.len() / (count * 1000);
    (0..count).map(place).map(|at| days[at]).collect()
}

/// The minutes to be used of a month: of the one that runs, as much as the calendar has reached at the most.
fn budget(facts: &Facts, random: &mut Random, row: &period::Model, now: DateTime<Utc>) -> i32 {
    let percent = if random.happens(8) { random.between(100, 112) } else { random.between(60, 100) };
    if row.ends_on > facts.today {
        let gone = (now - row.starts_at).num_minutes().max(0);
        let whole = (row.ends_at - row.starts_at).num_minutes().max(1);
        return (i64::from(facts.minutes) * gone / whole * i64::from(percent.min(90)) / 100) as i32;
    }
    (i64::from(facts.minutes) * i64::from(percent) / 100) as i32
}

/// Who of a team does something: mostly its specialists, at times the account manager, who is the last.
fn choice(random: &mut Random, team: usize) -> usize {
    match random.below(20) {
        0 => team - 1,
        1..6 => 0,
        _ => 1 + random.below(team.saturating_sub(2)),
    }
}

/// One of so many entries that share what is left: half as much as an even share up to half as much again, in steps of
/// five minutes where they are long enough; at least a minute.
fn portion(random: &mut Random, left: i32, still: i32) -> i32 {
    let even = left / still.max(1);
    let minutes = if still == 1 { left } else { even * random.between(50, 150) / 100 };
    let rounded = if minutes >= 15 { minutes / 5 * 5 } else { minutes };
    rounded.clamp(1, 480)
}
