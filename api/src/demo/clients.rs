//! A client of the demonstration: how it came, who serves it, what it buys, and what is planned for it.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{Days, Months, NaiveDate};
use chrono_tz::Tz;
use domain::calendar::{Weekday, local_day};
use domain::client::WayInKind;
use domain::engagement::OveragePolicy;
use domain::id::{BlockId, ClientId, EngagementId, PlanId, TariffId, TaskId};
use domain::period::{Span, number_on, span};
use domain::plan::PlanKind;
use domain::team::Position;
use domain::user::Role;

use super::people::{Person, Place, Staff};
use super::text::{BLOCKS, Course, FINDINGS, GOALS, PLAN, SALE_NOTE, Story, WISH, said};
use crate::app::App;
use crate::error::{Error, Result};
use crate::usecase::engagement::draft::{self, Create as Offer};
use crate::usecase::engagement::setting::{self, Setting};
use crate::usecase::engagement::start::start;
use crate::usecase::meeting::{self, SetRhythm};
use crate::usecase::payment::Record;
use crate::usecase::price::Amount;
use crate::usecase::reservation::{Set, Share};
use crate::usecase::{block, client, payment, plan, reservation, task, team, way_in};

/// The hours of an audit, in minutes: they are each engagement's own.
const AUDIT_MINUTES: i32 = 1800;

/// A tariff as it is sold.
#[derive(Debug, Clone)]
pub struct Sold {
    pub id: TariffId,
    pub minutes: Option<i32>,
    pub price: String,
}

/// A client that has come.
#[derive(Debug)]
pub struct Served {
    pub story: &'static Story,
    pub id: ClientId,
    pub engagement: EngagementId,
    pub starts_on: NaiveDate,
    pub zone: Tz,
    /// Minutes granted a month, or once.
    pub minutes: i32,
    pub owner: Person,
    pub member: Person,
    /// Places in the list of the staff.
    pub manager: usize,
    pub account: usize,
    pub specialists: Vec<usize>,
    pub plan: PlanId,
    pub blocks: Vec<BlockId>,
    /// The tasks in order, each with the specialist who does it.
    pub tasks: Vec<(TaskId, usize)>,
}

impl Story {
    /// The first day of its engagement, seen from today.
    pub fn starts_on(&self, today: NaiveDate) -> NaiveDate {
        (today + Days::new(self.ends_in)) - Months::new(self.month.unsigned_abs())
    }

    /// Whether nothing happens with it.
    pub fn is_idle(&self) -> bool {
        matches!(self.course, Course::Runs { now: 0, .. })
    }

    /// Whether its engagement begins.
    pub fn begins(&self) -> bool {
        self.course != Course::Offered
    }
}

impl Served {
    /// The month that a day falls into.
    pub fn month(&self, day: NaiveDate) -> Option<Span> {
        number_on(self.starts_on, day).map(|number| span(self.starts_on, number))
    }

    /// Whether it buys support: month after month, with hours held for it.
    pub fn is_support(&self) -> bool {
        self.story.tariff.starts_with("SUPPORT")
    }

    /// The client comes: it is written down by sales, gets its team and contacts, a plan, and an offer, which begins on
    /// this very day unless the story says otherwise.
    pub async fn come(
        app: &Arc<App>,
        staff: &mut Staff,
        tariffs: &HashMap<String, Sold>,
        (at, story): (usize, &'static Story),
    ) -> Result<Self> {
        let tariff = tariffs.get(story.tariff).ok_or(Error::NotFound)?;
        let zone = story.zone.parse().map_err(|_| Error::Internal(format!("no zone {}", story.zone)))?;
        let id = enter(app, staff, story).await?;
        let contact = |who, name, role| {
            let place = Place { company: Some(id), locale: story.locale, capacity_minutes: None };
            let email = format!("{who}@{}", story.domain);
            let hash = staff.hash.clone();
            async move { Person::enter(app, (&email, name), role, place, &hash).await }
        };
        let owner = contact("owner", story.owner, Role::ClientOwner).await?;
        let member = contact("member", story.member, Role::ClientMember).await?;
        let seller = staff.nth(Role::Sales, 0);
        staff.people[seller].bring(id);
        let manager = staff.nth(Role::ProjectManager, at);
        let account = staff.nth(Role::AccountManager, at);
        let mut specialists = vec![staff.nth(Role::Specialist, at)];
        if tariff.minutes.is_some_and(|minutes| minutes > 4000) {
            specialists.push(staff.nth(Role::Specialist, at + 1));
        }
        let mut served = Self {
            story,
            id,
            engagement: EngagementId::new(),
            starts_on: local_day(app.clock.now(), zone),
            zone,
            minutes: tariff.minutes.unwrap_or(AUDIT_MINUTES),
            owner,
            member,
            manager,
            account,
            specialists,
            plan: PlanId::new(),
            blocks: Vec::new(),
            tasks: Vec::new(),
        };
        served.staff(app, staff).await?;
        served.plan(app, staff, at).await?;
        served.buy(app, staff, tariff).await?;
        Ok(served)
    }

    async fn staff(&self, app: &Arc<App>, staff: &mut Staff) -> Result<()> {
        let administrator = staff.one(Role::Administrator, 0).call(app);
        let places = [(self.manager, Position::ProjectManager), (self.account, Position::AccountManager)];
        let specialists = self.specialists.iter().map(|one| (*one, Position::SupportSpecialist));
        for (who, position) in places.into_iter().chain(specialists) {
            let add =
                team::Add { client_id: self.id, user_id: staff.people[who].id, position, starts_on: None };
            team::add(&administrator, add, None).await?;
            staff.people[who].join(self.id);
        }
        if let Some(kind) = self.story.way_in {
            let findings = said(self.story.locale, FINDINGS);
            let record = way_in::Record {
                client_id: self.id,
                kind,
                completed_on: self.starts_on - Days::new(6),
                findings: (kind == WayInKind::Audit).then(|| findings.to_owned()),
                note: None,
            };
            way_in::record(&administrator, record, None).await?;
        }
        Ok(())
    }

    async fn plan(&mut self, app: &Arc<App>, staff: &Staff, at: usize) -> Result<()> {
        let locale = self.story.locale;
        let manager = staff.people[self.manager].call(app);
        let create = plan::Create {
            client_id: self.id,
            kind: PlanKind::Development,
            title: said(locale, PLAN).to_owned(),
            goals: GOALS.iter().map(|goal| said(locale, *goal).to_owned()).collect(),
            estimate_minutes: Some(self.minutes * 3),
        };
        self.plan = plan::create(&manager, create, None).await?.id;
        let blocks = if self.story.begins() { 3 } else { 1 };
        for n in 0..blocks {
            let (title, tasks) = BLOCKS[(at + n) % BLOCKS.len()];
            let create = block::Create {
                plan_id: self.plan,
                title: said(locale, title).to_owned(),
                description: None,
                before: None,
            };
            let block = block::create(&manager, create, None).await?.block.id;
            self.blocks.push(block);
            for (m, title) in tasks.into_iter().enumerate() {
                let assignee = self.specialists[(n + m) % self.specialists.len()];
                let create = task::Create {
                    block_id: block,
                    title: said(locale, title).to_owned(),
                    description: None,
                    estimate_minutes: Some((self.minutes / 400 + m as i32 + 1) * 60),
                    development_minutes: (m == 3).then_some(240),
                    assignee_id: Some(staff.people[assignee].id),
                    external_id: None,
                    external_url: None,
                    before: None,
                };
                let made = task::create(&manager, create, None).await?;
                self.tasks.push((made.task.id, assignee));
            }
        }
        plan::step(&manager, self.plan, plan::Step::Submit).await?;
        if self.story.begins() {
            let approve = plan::Step::Approve { revision: 1, comment: None };
            plan::step(&self.owner.call(app), self.plan, approve).await?;
            plan::step(&manager, self.plan, plan::Step::Start).await?;
        }
        let wish = task::Request {
            client_id: self.id,
            title: said(locale, WISH).to_owned(),
            description: None,
            external_id: None,
            external_url: None,
        };
        task::request(&self.member.call(app), wish, None).await?;
        Ok(())
    }

    async fn buy(&mut self, app: &Arc<App>, staff: &Staff, tariff: &Sold) -> Result<()> {
        let is_own = tariff.minutes.is_none();
        let offer = Offer {
            client_id: self.id,
            tariff_id: tariff.id,
            plan_id: self.is_support().then_some(self.plan),
            seller_id: None,
            starts_on: Some(self.starts_on),
            price: None,
            sale_note: Some(said(self.story.locale, SALE_NOTE).to_owned()),
            own_minutes: is_own.then_some(AUDIT_MINUTES),
            own_length_months: is_own.then_some(1),
        };
        self.engagement = draft::create(&staff.one(Role::Sales, 0).call(app), offer, None).await?.id;
        if !self.story.begins() {
            return Ok(());
        }
        let account = staff.people[self.account].call(app);
        if self.is_support() {
            let set = Set { from_period: 1, shares: self.shares(staff), override_reason: None };
            reservation::set(&account, self.engagement, set, None).await?;
        }
        self.pay(app, staff, tariff, 1).await?;
        start(&account, self.engagement, Some(self.starts_on)).await?;
        if self.is_support() && !self.story.is_idle() {
            let rhythm = SetRhythm {
                weekday: Weekday::ALL[1 + self.manager % 4],
                hour: 11,
                minute: 0,
                duration_minutes: 30,
                place: Some(format!("https://meet.{}/weekly", self.story.domain)),
            };
            meeting::set(&staff.people[self.manager].call(app), self.engagement, rhythm).await?;
        }
        if self.story.policy != OveragePolicy::Allowed {
            let policy = Setting::OveragePolicy(self.story.policy);
            setting::set(&account, self.engagement, policy).await?;
        }
        Ok(())
    }

    /// Who is held for how many of its minutes: a quarter is the project manager's.
    fn shares(&self, staff: &Staff) -> Vec<Share> {
        let led = self.minutes / 4;
        let each = (self.minutes - led) / self.specialists.len().max(1) as i32;
        let specialists = self.specialists.iter().map(|one| (*one, each));
        [(self.manager, led)]
            .into_iter()
            .chain(specialists)
            .map(|(who, minutes)| Share { user_id: staff.people[who].id, minutes })
            .collect()
    }

    /// Records the payment of a month.
    pub async fn pay(&self, app: &Arc<App>, staff: &Staff, tariff: &Sold, number: i32) -> Result<()> {
        let record = Record {
            engagement_id: self.engagement,
            reference: format!("{}-{number}", self.story.domain),
            paid_on: local_day(app.clock.now(), self.zone),
            amount: Amount { amount: tariff.price.clone(), currency: "RUB".to_owned() },
            periods: vec![number],
        };
        payment::record(&staff.people[self.account].call(app), record, None).await?;
        Ok(())
    }
}

async fn enter(app: &Arc<App>, staff: &Staff, story: &Story) -> Result<ClientId> {
    let create = client::Create {
        name: story.name.to_owned(),
        external_id: Some(story.domain.to_owned()),
        crm_kind: story.crm,
        crm_url: Some(format!("https://crm.{}", story.domain)),
        set_up_by: story.set_up_by,
        licences: Some(story.licences),
        line_of_business: Some(story.line.to_owned()),
        goals: Some(said(story.locale, GOALS[0]).to_owned()),
        locale: story.locale,
        time_zone: story.zone.to_owned(),
        report_recipients: vec![format!("owner@{}", story.domain)],
        chat_url: Some(format!("https://chat.{}/hourbank", story.domain)),
    };
    Ok(client::create(&staff.one(Role::Sales, 0).call(app), create, None).await?.id)
}
