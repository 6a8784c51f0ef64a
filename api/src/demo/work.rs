//! The work for a client: time logged at the pace of its story, and tasks that move on with it.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::engagement::OveragePolicy;
use domain::id::{BlockId, TaskId};
use domain::meeting::MeetingStatus;
use domain::time_entry::Activity;

use super::clients::Served;
use super::people::{Person, Staff};
use super::text::{Both, Course, INTERNAL, LEADING, MARKS, MEETING, REPLY, WORK, said};
use crate::app::App;
use crate::error::{Error, Result};
use crate::store::filter::{Compare, Tree};
use crate::store::meeting::Leaf;
use crate::store::page::{Binding, DEFAULT, Direction, Page};
use crate::usecase::comment::{self, Subject};
use crate::usecase::meeting::{self, Hold, HoldTime};
use crate::usecase::overage::{self, Approve};
use crate::usecase::time_entry::{Log, Logged, log};
use crate::usecase::top_up::{TopUp, top_up};
use crate::usecase::{block, task};

/// How many entries a task takes before it moves on.
const PACE: usize = 5;
/// The longest entry, in minutes.
const LONGEST: i32 = 240;
/// The entries of one client on one day.
const MOST_A_DAY: usize = 3;
/// The tasks of a block.
const TASKS: usize = 4;
/// The tasks that stay open at the plan's end.
const OPEN: usize = 7;
/// The extra minutes that an asked client approves.
const APPROVED: i32 = 240;

/// A client and how far its work has come.
#[derive(Debug)]
pub struct Work {
    pub client: Served,
    pub has_ended: bool,
    /// The number of the month that is counted, and the minutes logged in it.
    month: (i32, i32),
    /// All entries so far.
    entries: usize,
    /// The task in work, by its place in the plan.
    current: usize,
    is_topped_up: bool,
    is_approved: bool,
    /// How many meetings were held.
    meetings: usize,
}

impl Work {
    /// Nothing done yet.
    pub fn new(client: Served) -> Self {
        Self {
            client,
            has_ended: false,
            month: (0, 0),
            entries: 0,
            current: 0,
            is_topped_up: false,
            is_approved: false,
            meetings: 0,
        }
    }

    /// The task in work and who does it.
    pub fn task(&self) -> Option<(TaskId, usize)> {
        self.client.tasks.get(self.current).copied()
    }

    /// A working day: what is missing to the story's pace is logged, if it is enough for an entry.
    pub async fn day(
        &mut self,
        app: &Arc<App>,
        staff: &Staff,
        day: NaiveDate,
        today: NaiveDate,
    ) -> Result<()> {
        let Some(month) = self.client.month(day) else { return Ok(()) };
        if self.month.0 != month.number {
            self.month = (month.number, 0);
        }
        let runs_now = self.client.story.month == month.number;
        let (percent, until) = match self.client.story.course {
            Course::Runs { now, .. } if runs_now => (now, today.succ_opt().unwrap_or(today)),
            Course::Runs { before, .. } | Course::GivenUp { before } => (before, month.ends_on),
            Course::Offered => return Ok(()),
        };
        let (passed, length) = ((day - month.starts_on).num_days() + 1, (until - month.starts_on).num_days());
        let wanted = i64::from(self.client.minutes) * i64::from(percent) * passed / (100 * length.max(1));
        let wanted = i32::try_from(wanted).unwrap_or(0);
        for _ in 0..MOST_A_DAY {
            let missing = wanted - self.month.1;
            if missing < (self.client.minutes / 16).min(LONGEST) {
                break;
            }
            if self.entries == 0 {
                self.begin(app, staff).await?;
            }
            let minutes = (missing - missing % 5).min(LONGEST);
            if runs_now {
                self.before_the_limit(app, staff, minutes).await?;
            }
            self.log(app, staff, day, minutes).await?;
            self.month.1 += minutes;
            if self.entries.is_multiple_of(PACE) {
                self.move_on(app, staff).await?;
            }
        }
        Ok(())
    }

    /// Holds the meetings whose time has come: the client is asked how satisfied it is, and the time is logged where the
    /// balance lets it.
    pub async fn meet(&mut self, app: &Arc<App>, staff: &Staff, day: NaiveDate) -> Result<()> {
        let call = staff.people[self.client.manager].call(app);
        let past = Tree::All(vec![
            Tree::Leaf(Leaf::Engagement(Compare { eq: Some(self.client.engagement), ..Compare::default() })),
            Tree::Leaf(Leaf::Status(vec![MeetingStatus::Planned])),
            Tree::Leaf(Leaf::StartsAt(Compare { lt: Some(call.now), ..Compare::default() })),
        ]);
        let page = Page { limit: DEFAULT, ..Page::default() };
        let order = meeting::by_start(Direction::Asc);
        let found = meeting::list(&call, Some(&past), order, Binding::new(&"demo"), &page).await?;
        for one in found.rows {
            let words = || said(self.client.story.locale, MEETING).to_owned();
            let mark = MARKS[self.meetings % MARKS.len()];
            let outcome = Hold { satisfaction: Some(mark), notes: Some(words()), ..Hold::default() };
            let time = Some(HoldTime { note: words(), people: Vec::new() });
            let whole = Hold { time, ..outcome.clone() };
            let minutes = match meeting::hold(&call, one.id, one.version, whole, None).await {
                Err(Error::Refused(_)) => {
                    meeting::hold(&call, one.id, one.version, outcome, None).await?;
                    0
                }
                held => {
                    held?;
                    one.duration_minutes
                }
            };
            if self.client.month(day).is_some_and(|month| month.number == self.month.0) {
                self.month.1 += minutes;
            }
            self.meetings += 1;
        }
        Ok(())
    }

    /// What the sides agree on before the hours run out.
    async fn before_the_limit(&mut self, app: &Arc<App>, staff: &Staff, minutes: i32) -> Result<()> {
        let (story, used) = (self.client.story, self.month.1 + minutes);
        if let Some(extra) = story.top_up.filter(|_| !self.is_topped_up && used > self.client.minutes / 2) {
            self.top_up(app, staff, extra).await?;
            self.is_topped_up = true;
        }
        if story.policy == OveragePolicy::AskClient && !self.is_approved && used > self.client.minutes {
            let approve = Approve { engagement_id: self.client.engagement, minutes: APPROVED };
            overage::approve(&self.client.owner.call(app), approve, None).await?;
            self.is_approved = true;
        }
        Ok(())
    }

    /// Adds hours to the running month.
    pub async fn top_up(&self, app: &Arc<App>, staff: &Staff, minutes: i32) -> Result<()> {
        let bought =
            TopUp { engagement_id: self.client.engagement, minutes, payment_reference: None, note: None };
        top_up(&staff.people[self.client.account].call(app), bought, None).await?;
        Ok(())
    }

    /// Logs minutes of whoever's turn it is.
    pub async fn log(
        &mut self,
        app: &Arc<App>,
        staff: &Staff,
        day: NaiveDate,
        minutes: i32,
    ) -> Result<Logged> {
        let n = self.entries;
        let (who, task, (activity, note)) = if n.is_multiple_of(PACE) {
            (&staff.people[self.client.manager], None, LEADING[n / PACE % LEADING.len()])
        } else {
            let (task, who) = self.task().unzip();
            let who = who.or(self.client.specialists.first().copied()).unwrap_or(self.client.manager);
            (&staff.people[who], task, WORK[n % WORK.len()])
        };
        let logged = self.log_as(app, who, (activity, note), task, day, minutes).await?;
        self.entries += 1;
        Ok(logged)
    }

    /// Logs minutes of a person.
    pub async fn log_as(
        &self,
        app: &Arc<App>,
        who: &Person,
        (activity, note): (Activity, Both),
        task_id: Option<TaskId>,
        worked_on: NaiveDate,
        minutes: i32,
    ) -> Result<Logged> {
        let entry = Log {
            engagement_id: self.client.engagement,
            user_id: None,
            task_id,
            worked_on,
            minutes,
            activity,
            note: said(self.client.story.locale, note).to_owned(),
        };
        log(&who.call(app), entry, None).await
    }

    /// Begins the task whose turn it is, and with the first of a block the block.
    async fn begin(&self, app: &Arc<App>, staff: &Staff) -> Result<()> {
        let Some((id, who)) = self.task() else { return Ok(()) };
        let (nth, block) = self.place();
        if nth == 0 {
            let manager = staff.people[self.client.manager].call(app);
            block::step(&manager, block, block::Step::Start).await?;
        }
        task::step(&staff.people[who].call(app), id, task::Step::Start).await?;
        Ok(())
    }

    /// The task in work is shown and accepted, and the next one begins; with the last of a block the block is confirmed.
    /// The plan's last tasks stay open: they are begun, and every second of them is shown.
    async fn move_on(&mut self, app: &Arc<App>, staff: &Staff) -> Result<()> {
        let Some((id, who)) = self.task() else { return Ok(()) };
        let (specialist, manager) =
            (staff.people[who].call(app), staff.people[self.client.manager].call(app));
        let (nth, block) = self.place();
        let say = |text: Both, internal| {
            let body = said(self.client.story.locale, text).to_owned();
            comment::Create { subject: Subject::Task(id), body, internal }
        };
        let stays_open = self.current + OPEN >= self.client.tasks.len();
        if stays_open {
            comment::create(&manager, say(INTERNAL, true), None).await?;
        }
        if !stays_open || nth % 2 == 1 {
            task::step(&specialist, id, task::Step::Submit).await?;
            comment::create(&specialist, say(REPLY, false), None).await?;
        }
        if !stays_open {
            let owner = self.client.owner.call(app);
            let accept = task::Step::Accept { comment: None, in_meeting: false };
            task::step(&owner, id, accept).await?;
            if nth + 1 == TASKS {
                block::step(&manager, block, block::Step::Submit).await?;
                block::step(&owner, block, block::Step::Confirm { comment: None }).await?;
            }
        }
        self.current += 1;
        self.begin(app, staff).await
    }

    /// Which of its block's tasks the one in work is, and the block.
    fn place(&self) -> (usize, BlockId) {
        (self.current % TASKS, self.client.blocks[self.current / TASKS])
    }
}
