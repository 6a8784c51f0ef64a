//! The simulated working day: time is logged every few seconds, tasks move on, hours are bought when they run out.
//!
//! It does nothing that people could not do. What is refused is left at that: the day goes on with the next thing.

use std::sync::Arc;
use std::time::Duration;

use chrono::Days;
use domain::calendar::local_day;
use domain::refusal::ErrorCode;
use domain::task::TaskStatus;

use super::history::Cast;
use super::text::{Course, LEADING, WORK};
use super::work::Work;
use crate::app::App;
use crate::error::{Error, Result};
use crate::usecase::task::{self, Step};

/// Minutes bought when hours have run out.
const BOUGHT: i32 = 600;

/// Works until it is aborted.
pub async fn work(app: Arc<App>, cast: Arc<Cast>) {
    let is_worked_for = |work: &&Work| {
        let story = work.client.story;
        matches!(story.course, Course::Runs { .. }) && !story.is_idle()
    };
    let running: Vec<&Work> = cast.clients.iter().filter(is_worked_for).collect();
    let mut chance = Chance(app.clock.now().timestamp_millis().unsigned_abs() | 1);
    loop {
        tokio::time::sleep(Duration::from_millis(2000 + chance.below(3001) as u64)).await;
        // The first client is the one that is watched: it gets a third of all.
        let work =
            if chance.below(3) == 0 { running.first() } else { running.get(chance.below(running.len())) };
        let Some(work) = work else { return };
        if let Err(error) = step(&app, &cast, work, &mut chance).await {
            tracing::debug!(error = error.for_log(), "a step of the simulated day was refused");
        }
    }
}

async fn step(app: &Arc<App>, cast: &Cast, work: &Work, chance: &mut Chance) -> Result<()> {
    if chance.below(8) == 0 {
        return move_on(app, cast, work, chance).await;
    }
    let minutes = 5 + 5 * chance.below(8) as i32;
    match log(app, cast, work, minutes, chance).await {
        Ok(overage) if overage > BOUGHT => work.top_up(app, &cast.staff, BOUGHT).await,
        Err(Error::Refused(refusals))
            if refusals.iter().any(|refusal| {
                matches!(refusal.code, ErrorCode::BalanceExhausted | ErrorCode::ApprovalNeeded)
            }) =>
        {
            work.top_up(app, &cast.staff, BOUGHT).await
        }
        other => other.map(|_| ()),
    }
}

/// Logs minutes of one of the team, for today or, where their day is full, for a day before; the overage afterwards.
async fn log(app: &Arc<App>, cast: &Cast, work: &Work, minutes: i32, chance: &mut Chance) -> Result<i32> {
    let client = &work.client;
    let leads = chance.below(4) == 0;
    let (who, what, task) = if leads {
        (client.manager, LEADING[chance.below(LEADING.len())], None)
    } else {
        let at = chance.below(client.specialists.len());
        let tasks = &client.tasks[client.tasks.len().saturating_sub(4)..];
        let task = tasks.get(chance.below(4)).map(|(task, _)| *task);
        (client.specialists[at], WORK[chance.below(WORK.len())], task)
    };
    let mut day = local_day(app.clock.now(), client.zone);
    loop {
        match work.log_as(app, &cast.staff.people[who], what, task, day, minutes).await {
            Ok(logged) => {
                return Ok(logged.balance.map_or(0, |balance| balance.period.counters.overage()));
            }
            Err(Error::Refused(refusals))
                if refusals.iter().all(|refusal| refusal.code == ErrorCode::DayFull)
                    && client.month(day) == client.month(day - Days::new(1)) =>
            {
                day = day - Days::new(1);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Takes one of the client's tasks a step on, by whoever's turn it is.
async fn move_on(app: &Arc<App>, cast: &Cast, work: &Work, chance: &mut Chance) -> Result<()> {
    let client = &work.client;
    let Some((id, who)) = client.tasks.get(chance.below(client.tasks.len())).copied() else { return Ok(()) };
    let specialist = cast.staff.people[who].call(app);
    let Some(found) = task::find(&specialist, id).await? else { return Ok(()) };
    let (call, step) = match found.status {
        TaskStatus::Planned => (specialist, Step::Start),
        TaskStatus::InProgress => (specialist, Step::Submit),
        TaskStatus::InReview => (client.owner.call(app), Step::Accept { comment: None, in_meeting: false }),
        _ => return Ok(()),
    };
    task::step(&call, id, step).await?;
    Ok(())
}

/// Chance enough for a demonstration: xorshift.
struct Chance(u64);

impl Chance {
    /// A number from 0 up to and without `end`; 0 where that is 0.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0).checked_rem(end).unwrap_or(0)
    }
}
