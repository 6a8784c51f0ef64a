//! The product's side: the use-cases themselves, on a database of their own, under a clock moved by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::client::WayInKind;
use domain::engagement::EngagementStatus;
use domain::id::{ClientId, EngagementId, PlanId, SignInId, TariffId, TimeEntryId, UserId};
use domain::policy::{Actor, UserActor};
use domain::time_entry::Activity;
use domain::user::Role;
use entity::{client, engagement, ledger_head, user};
use hourbank::app::{App, Call};
use hourbank::auth::Keys;
use hourbank::bus::Bus;
use hourbank::clock::Clock;
use hourbank::error::{Error, Result};
use hourbank::mail::Mailer;
use hourbank::store::{self, Db};
use hourbank::usecase::engagement::setting::Setting;
use hourbank::usecase::engagement::tariff::ChangeTariff;
use hourbank::usecase::engagement::{draft, end, setting, start, tariff};
use hourbank::usecase::price::Amount;
use hourbank::usecase::reservation::{self, Share};
use hourbank::usecase::time_entry::{self, Correct, Log};
use hourbank::usecase::{hour_balance, overage, payment, period, top_up, verify};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::book::{Engagement, Period};
use super::operation::{Kind, Operation, PEOPLE};
use super::reference::Reference;
use crate::support::app::{TestApp, config};
use crate::support::database::TestDatabase;
use crate::support::ready::{development_plan, way_in};

/// A client, and who is held for its hours.
struct Served {
    client: ClientId,
    plan: PlanId,
    holder: UserId,
    owner: Arc<Actor>,
}

/// A provider with some clients; engagements and entries in the order in which they were made.
pub struct World {
    app: TestApp,
    clients: Vec<Served>,
    administrator: Arc<Actor>,
    people: Vec<Arc<Actor>>,
    tariffs: BTreeMap<String, TariffId>,
    engagements: Vec<EngagementId>,
    entries: Vec<TimeEntryId>,
}

impl World {
    /// The same people and clients as the reference has, on a database of its own.
    pub async fn new(database: TestDatabase, reference: &Reference) -> Self {
        let clock = Clock::fixed(reference.now);
        let db = Db::open_for_filling(&database.url).await.unwrap();
        let config = config(&database.url);
        let app = App::wire(config, db, Bus::local(), clock, Keys::ephemeral().unwrap(), Mailer::memory());
        let app = TestApp { app, schema: hourbank::graphql::schema(), database: database.into() };
        let mut clients = Vec::new();
        for zone in &reference.zones {
            let client = app.client(zone.name()).await;
            let zone = Expr::value(zone.name());
            let update = client::Entity::update_many().col_expr(client::Column::TimeZone, zone);
            update.filter(client::Column::Id.eq(client)).exec(&app.database.db).await.unwrap();
            way_in(&app, client, WayInKind::Implementation).await;
            let plan = development_plan(&app, client).await;
            let manager = app.on_team(Role::ProjectManager, client).await;
            app.on_team(Role::AccountManager, client).await;
            app.on_team(Role::Specialist, client).await;
            let owner = app.contact(Role::ClientOwner, client).await.user.unwrap();
            let owner = actor(owner, Role::ClientOwner, Some(client), &[]);
            clients.push(Served { client, plan, holder: manager.user.unwrap(), owner });
        }
        let all: Vec<ClientId> = clients.iter().map(|served| served.client).collect();
        let administrator = app.staff(Role::Administrator).await.user.unwrap();
        let administrator = actor(administrator, Role::Administrator, None, &[]);
        let mut people = Vec::new();
        for _ in 0..PEOPLE {
            people.push(actor(app.staff(Role::Specialist).await.user.unwrap(), Role::Specialist, None, &all));
        }
        let unbound =
            user::Entity::update_many().col_expr(user::Column::CapacityMinutes, Expr::value(None::<i32>));
        unbound.exec(&app.database.db).await.unwrap();
        let tariffs = store::tariff::all(app.app.db.reading(), false).await.unwrap();
        let tariffs = tariffs.into_iter().map(|(tariff, _)| (tariff.code, tariff.id)).collect();
        Self { app, clients, administrator, people, tariffs, engagements: Vec::new(), entries: Vec::new() }
    }

    fn call(&self, actor: &Arc<Actor>) -> Call {
        Call::new(Arc::clone(&self.app.app), Arc::clone(actor), "model".to_owned())
    }

    fn boss(&self) -> Call {
        self.call(&self.administrator)
    }

    /// Does an operation; the codes where it is refused.
    ///
    /// # Errors
    /// In words, where it neither was done nor refused.
    pub async fn apply(
        &mut self,
        operation: &Operation,
        reference: &Reference,
    ) -> std::result::Result<std::result::Result<(), BTreeSet<String>>, String> {
        match self.run(operation, reference).await {
            Ok(()) => Ok(Ok(())),
            Err(Error::Refused(refusals)) => {
                Ok(Err(refusals.into_iter().map(|refusal| format!("{:?}", refusal.code)).collect()))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    async fn run(&mut self, operation: &Operation, reference: &Reference) -> Result<()> {
        let id = |at: &usize| self.engagements[*at];
        match operation {
            Operation::Advance { minutes } => self.app.app.clock.advance(Duration::minutes(*minutes)),
            Operation::Start { client, kind, starts_on } => {
                let made = self.start(*client, *kind, *starts_on, reference.now).await?;
                self.engagements.push(made);
            }
            Operation::Log { engagement, person, day, minutes, by_administrator } => {
                let log = Log {
                    engagement_id: id(engagement),
                    user_id: self.people[*person].user_id(),
                    task_id: None,
                    worked_on: *day,
                    minutes: *minutes,
                    activity: Activity::Testing,
                    note: "Tested".to_owned(),
                };
                let call = if *by_administrator { self.boss() } else { self.call(&self.people[*person]) };
                let logged = time_entry::log(&call, log, None).await?;
                self.entries.push(logged.entry.id);
            }
            Operation::Correct { entry, by_administrator, change } => {
                let person = &self.people[reference.entries[*entry].person];
                let call = if *by_administrator { self.boss() } else { self.call(person) };
                let (entry, reason) = (self.entries[*entry], "Mistaken".to_owned());
                let Some(change) = change else {
                    time_entry::withdraw(&call, entry, reason, None).await?;
                    return Ok(());
                };
                let correct = Correct {
                    engagement_id: change.engagement.as_ref().map(id),
                    task_id: None,
                    worked_on: change.day,
                    minutes: change.minutes,
                    activity: None,
                    note: None,
                    reason,
                    answers_question_id: None,
                };
                let logged = time_entry::correct(&call, entry, correct, None).await?;
                self.entries.push(logged.entry.id);
            }
            Operation::Pay { engagement, reference, paid_on, periods } => {
                let periods = periods.iter().copied().collect();
                payment::record(&self.boss(), paid(id(engagement), *reference, *paid_on, periods), None)
                    .await?;
            }
            Operation::TopUp { engagement, minutes } => {
                let (engagement_id, minutes) = (id(engagement), *minutes);
                let command = top_up::TopUp { engagement_id, minutes, payment_reference: None, note: None };
                top_up::top_up(&self.boss(), command, None).await?;
            }
            Operation::Approve { engagement, minutes } => {
                let owner = &self.clients[reference.engagements[*engagement].client].owner;
                let command = overage::Approve { engagement_id: id(engagement), minutes: *minutes };
                overage::approve(&self.call(owner), command, None).await?;
            }
            Operation::SetPolicy { engagement, policy } => {
                setting::set(&self.boss(), id(engagement), Setting::OveragePolicy(*policy)).await?;
            }
            Operation::SetUnpaid { engagement, is_on } => {
                setting::set(&self.boss(), id(engagement), Setting::GrantUnpaid(*is_on)).await?;
            }
            Operation::ChangeTariff { engagement, minutes } => {
                let user_id = self.clients[reference.engagements[*engagement].client].holder;
                let command = ChangeTariff {
                    tariff_id: self.support(*minutes),
                    shares: vec![Share { user_id, minutes: *minutes }],
                    override_reason: None,
                };
                tariff::change(&self.boss(), id(engagement), command).await?;
            }
            Operation::Cancel { engagement } => {
                end::cancel(&self.boss(), id(engagement), "Enough".to_owned()).await?;
            }
            Operation::Roll { engagement } => {
                period::roll(&self.app.system(), id(engagement)).await?;
            }
        }
        Ok(())
    }

    fn support(&self, minutes: i32) -> TariffId {
        self.tariffs[&format!("SUPPORT_{}", minutes / 60)]
    }

    async fn start(
        &self,
        client: usize,
        kind: Kind,
        starts_on: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<EngagementId> {
        let (served, boss) = (&self.clients[client], self.boss());
        let (tariff_id, own) = match kind {
            Kind::Support { minutes } => (self.support(minutes), None),
            Kind::Audit { minutes, months } => (self.tariffs["AUDIT"], Some((minutes, months))),
        };
        let offer = draft::Create {
            client_id: served.client,
            tariff_id,
            plan_id: own.is_none().then_some(served.plan),
            seller_id: None,
            starts_on: Some(starts_on),
            price: None,
            sale_note: None,
            own_minutes: own.map(|own| own.0),
            own_length_months: own.map(|own| own.1),
        };
        let id = draft::create(&boss, offer, None).await?.id;
        if let Kind::Support { minutes } = kind {
            let shares = vec![Share { user_id: served.holder, minutes }];
            let set = reservation::Set { from_period: 1, shares, override_reason: None };
            reservation::set(&boss, id, set, None).await?;
        }
        let zone = client::Entity::find_by_id(served.client)
            .one(&self.app.database.db)
            .await
            .unwrap()
            .unwrap()
            .time_zone;
        let today = now.with_timezone(&zone.parse::<chrono_tz::Tz>().unwrap()).date_naive();
        payment::record(&boss, paid(id, 0, today.min(starts_on), vec![1]), None).await?;
        start::start(&boss, id, Some(starts_on)).await?;
        Ok(id)
    }

    /// Where the balance of an engagement, as it reads now, is not what the reference says (B-3, B-4).
    pub async fn misread(&self, at: usize, reference: &Reference) -> Option<String> {
        let written = &reference.engagements[at];
        let expected = written.rolled(reference.now);
        let which = [self.engagements[at]];
        let read =
            hour_balance::read(&self.app.system(), store::course::Which::Engagements(&which)).await.unwrap();
        let shown = read.first().map(|balance| {
            let of = &balance.period;
            (
                of.number,
                of.starts_on,
                of.ends_on,
                balance.version,
                shown(&of.counters, of.approved_overage_minutes),
            )
        });
        let last = expected.periods.len();
        let right = expected.periods.last().map(|period| {
            (last as i32, expected.begins(last), expected.ends(last), written.version, figures(period))
        });
        (shown != right).then(|| format!("engagement {at} reads {shown:?}, right is {right:?}"))
    }

    /// Where what is written of an engagement is not what the reference says (B-2).
    pub async fn miswritten(&self, at: usize, reference: &Reference) -> Option<String> {
        let right = state(&reference.engagements[at]);
        let written = self.state(at).await;
        (written != right).then(|| format!("engagement {at} holds {written}, right is {right}"))
    }

    /// All that is written of an engagement's hours, in words.
    pub async fn state(&self, at: usize) -> String {
        let (id, db) = (self.engagements[at], &self.app.database.db);
        let row = engagement::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
        let head = ledger_head::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
        let mut words = words(row.status == EngagementStatus::Cancelled, row.ends_on, head.version);
        for period in store::ledger::periods(db, id).await.unwrap() {
            assert_eq!(period.transferred_minutes, 0, "nothing transfers yet");
            let counters = domain::ledger::Counters {
                granted: period.granted_minutes,
                transferred: 0,
                adjusted: period.adjusted_minutes,
                used: period.used_minutes,
                expired: period.expired_minutes,
            };
            let figures = shown(&counters, period.approved_overage_minutes);
            words += &format!(" {figures:?}{}", if period.closed_at.is_some() { "!" } else { "" });
        }
        words
    }

    /// Makes a counter of the first engagement's newest period wrong by a minute.
    pub async fn falsify(&self) {
        let (id, db) = (self.engagements[0], &self.app.database.db);
        let last = store::ledger::periods(db, id).await.unwrap().pop().unwrap();
        let used = Expr::value(last.used_minutes + 1);
        let update =
            entity::period::Entity::update_many().col_expr(entity::period::Column::UsedMinutes, used);
        update.filter(entity::period::Column::Id.eq(last.id)).exec(db).await.unwrap();
    }

    /// What `verify` finds.
    pub async fn faults(&self) -> Vec<String> {
        verify::verify(&self.app.system()).await.unwrap()
    }
}

fn paid(
    engagement_id: EngagementId,
    reference: u32,
    paid_on: NaiveDate,
    periods: Vec<i32>,
) -> payment::Record {
    let amount = Amount { amount: "100".to_owned(), currency: "RUB".to_owned() };
    payment::Record { engagement_id, reference: format!("payment {reference}"), paid_on, amount, periods }
}

fn actor(id: UserId, role: Role, company: Option<ClientId>, team: &[ClientId]) -> Arc<Actor> {
    Arc::new(Actor::User(UserActor {
        id,
        sign_in: SignInId::new(),
        role,
        company,
        team: team.iter().copied().collect(),
        reviews: BTreeSet::new(),
        brought: BTreeSet::new(),
        viewed_by: None,
    }))
}

/// Granted, adjusted, used, expired, approved.
type Figures = [i32; 5];

fn figures(period: &Period) -> Figures {
    [period.granted, period.adjusted, period.used, period.expired, period.approved]
}

fn shown(counters: &domain::ledger::Counters, approved: i32) -> Figures {
    [counters.granted, counters.adjusted, counters.used, counters.expired, approved]
}

fn words(has_ended: bool, ends_on: Option<NaiveDate>, version: i32) -> String {
    format!("{} until {ends_on:?}, version {version}:", if has_ended { "ended" } else { "runs" })
}

fn state(engagement: &Engagement) -> String {
    let mut words = words(engagement.has_ended, engagement.ends_on, engagement.version);
    for period in &engagement.periods {
        words += &format!(" {:?}{}", figures(period), if period.is_closed { "!" } else { "" });
    }
    words
}
