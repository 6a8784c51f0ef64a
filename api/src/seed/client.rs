//! A client of the bulk data: what was agreed with it, who serves it and what is planned. Its work is `work`'s.

use chrono::{DateTime, Days, Duration, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::calendar::{local_day, midnight};
use domain::client::{CrmKind, Locale, SetUpBy, WayInKind};
use domain::engagement::{EngagementStatus, OveragePolicy};
use domain::id::{ClientId, EngagementId, PlanId, ServiceId, UserId};
use domain::plan::{PlanKind, PlanStatus, SignOffDecision};
use domain::team::Position;
use domain::text::fold;
use domain::user::Role;
use entity::{
    client, engagement, engagement_tariff, goal, plan, reservation, sign_off, tariff_revision, team_member,
    user, way_in,
};

use super::random::Random;
use super::staff::{Person, Staff};
use super::text::{GOALS, LINES, PLAN, company, said};
use crate::store::tariff::OnSale;

const ZONES: [Tz; 8] = [
    chrono_tz::Europe::Moscow,
    chrono_tz::Europe::Moscow,
    chrono_tz::Europe::Moscow,
    chrono_tz::Asia::Yekaterinburg,
    chrono_tz::Asia::Novosibirsk,
    chrono_tz::Asia::Almaty,
    chrono_tz::Europe::Berlin,
    chrono_tz::Asia::Vladivostok,
];
/// Clients of this zone are written to in English.
const ENGLISH: Tz = chrono_tz::Europe::Berlin;

/// The roubles of an hour, in minor units.
const HOUR_MINOR: i64 = 230_000;
/// What one client adds to an account manager's month, in minutes: twenty fill it.
const ACCOUNT_MINUTES: i32 = 480;

/// The facts that everything about a client follows from.
#[derive(Debug)]
pub struct Facts {
    pub id: ClientId,
    pub engagement: EngagementId,
    pub plan: PlanId,
    pub owner: UserId,
    pub account: UserId,
    pub locale: Locale,
    pub zone: Tz,
    /// Today for the client.
    pub today: NaiveDate,
    pub starts_on: NaiveDate,
    pub started_at: DateTime<Utc>,
    pub service: ServiceId,
    pub terms: tariff_revision::Model,
    /// Minutes granted a month.
    pub minutes: i32,
    /// Those who log time, as places in the list of the staff: the project manager first, the account manager last.
    pub team: Vec<usize>,
}

/// The rows about clients, but for their work.
#[derive(Debug, Default)]
pub struct Agreed {
    pub clients: Vec<client::Model>,
    pub contacts: Vec<user::Model>,
    pub ways_in: Vec<way_in::Model>,
    pub members: Vec<team_member::Model>,
    pub plans: Vec<plan::Model>,
    pub goals: Vec<goal::Model>,
    pub sign_offs: Vec<sign_off::Model>,
    pub engagements: Vec<engagement::Model>,
    pub terms: Vec<engagement_tariff::Model>,
    pub reservations: Vec<reservation::Model>,
}

impl Agreed {
    /// The n-th client comes, one to three years before `now`, and buys support on these terms.
    pub fn come(
        &mut self,
        staff: &mut Staff,
        random: &mut Random,
        (n, now): (usize, DateTime<Utc>),
        (tariff, terms): &OnSale,
        hash: &str,
    ) -> Facts {
        let zone = *random.pick(&ZONES);
        let today = local_day(now, zone);
        let ago = Months::new(random.between(12, 35).unsigned_abs());
        let starts_on = (today - ago) - Days::new(random.below(31) as u64);
        let started_at = midnight(starts_on, zone) + Duration::hours(9);
        let came_at = started_at - Duration::days(14);
        let minutes = terms.minutes.unwrap_or(0);
        let locale = if zone == ENGLISH { Locale::En } else { Locale::Ru };

        let specialists = if minutes > 4_000 { 3 } else { 1 };
        let mut shares = vec![(staff.hold(Role::ProjectManager, minutes / 4), minutes / 4)];
        let each = (minutes - minutes / 4) / specialists;
        for _ in 0..specialists {
            shares.push((staff.hold(Role::Specialist, each), each));
        }
        let account = staff.hold(Role::AccountManager, ACCOUNT_MINUTES);
        let team: Vec<usize> = shares.iter().map(|(who, _)| *who).chain([account]).collect();

        let id = random.id(came_at);
        let contact = |role, word: &str, random: &mut Random| {
            let email = format!("{word}@client-{}.example", n + 1);
            Person { email, role, client: Some(id), locale }.row(random, came_at, hash)
        };
        let owner = contact(Role::ClientOwner, "owner", random);
        let member = contact(Role::ClientMember, "member", random);
        let facts = Facts {
            id,
            engagement: random.id(came_at),
            plan: random.id(came_at),
            owner: owner.id,
            account: staff.people[account].id,
            locale,
            zone,
            today,
            starts_on,
            started_at,
            service: tariff.service_id,
            terms: terms.clone(),
            minutes,
            team,
        };
        self.contacts.extend([owner, member]);
        self.enter(&facts, staff, random, (n, came_at));
        self.plan(&facts, random, came_at);
        self.buy(&facts, staff, random, came_at, &shares);
        facts
    }

    fn enter(&mut self, facts: &Facts, staff: &Staff, random: &mut Random, (n, at): (usize, DateTime<Utc>)) {
        let line = *random.pick(&LINES);
        let name = company(n, line, facts.locale);
        self.clients.push(client::Model {
            id: facts.id,
            name_key: fold(&name),
            name,
            external_id: Some(format!("client-{}", n + 1)),
            crm_kind: *random.pick(CrmKind::ALL),
            crm_url: Some(format!("https://crm.client-{}.example", n + 1)),
            set_up_by: SetUpBy::Provider,
            licences: Some(random.between(3, 80)),
            line_of_business: Some(said(facts.locale, line).to_owned()),
            goals: Some(said(facts.locale, GOALS[0]).to_owned()),
            contact_id: Some(facts.owner),
            locale: facts.locale,
            time_zone: facts.zone.name().to_owned(),
            chat_url: Some(format!("https://chat.client-{}.example/support", n + 1)),
            report_weekday: domain::calendar::Weekday::Monday,
            report_hour: 9,
            created_by: Some(staff.first(Role::Sales)),
            version: 1,
            created_at: at,
            updated_at: at,
        });
        self.ways_in.push(way_in::Model {
            id: random.id(at),
            client_id: facts.id,
            kind: WayInKind::Implementation,
            completed_on: facts.starts_on - Days::new(20),
            findings: None,
            note: None,
            recorded_by: Some(staff.first(Role::Administrator)),
            created_at: at,
        });
        let last = facts.team.len() - 1;
        for (place, who) in facts.team.iter().enumerate() {
            let position = match place {
                0 => Position::ProjectManager,
                place if place == last => Position::AccountManager,
                _ => Position::SupportSpecialist,
            };
            self.members.push(team_member::Model {
                id: random.id(at),
                client_id: facts.id,
                user_id: staff.people[*who].id,
                position,
                starts_on: local_day(at, facts.zone),
                ends_on: None,
                version: 1,
                created_at: at,
                updated_at: at,
            });
        }
    }

    fn plan(&mut self, facts: &Facts, random: &mut Random, at: DateTime<Utc>) {
        self.plans.push(plan::Model {
            id: facts.plan,
            client_id: facts.id,
            kind: PlanKind::Development,
            title: said(facts.locale, PLAN).to_owned(),
            status: PlanStatus::InProgress,
            revision: 1,
            estimate_minutes: Some(facts.minutes * 24),
            version: 4,
            created_at: at,
            updated_at: facts.started_at,
        });
        for (position, goal) in GOALS.into_iter().enumerate() {
            self.goals.push(goal::Model {
                id: random.id(at),
                plan_id: facts.plan,
                position: position as i32 + 1,
                text: said(facts.locale, goal).to_owned(),
            });
        }
        self.sign_offs.push(sign_off::Model {
            id: random.id(at),
            client_id: facts.id,
            plan_id: Some(facts.plan),
            block_id: None,
            task_id: None,
            revision: 1,
            decision: SignOffDecision::Approved,
            user_id: facts.owner,
            comment: None,
            in_meeting: false,
            created_at: at + Duration::days(3),
        });
    }

    fn buy(
        &mut self,
        facts: &Facts,
        staff: &Staff,
        random: &mut Random,
        at: DateTime<Utc>,
        shares: &[(usize, i32)],
    ) {
        self.engagements.push(engagement::Model {
            id: facts.engagement,
            client_id: facts.id,
            service_id: facts.service,
            tariff_revision_id: facts.terms.id,
            plan_id: Some(facts.plan),
            seller_id: Some(staff.first(Role::Sales)),
            status: EngagementStatus::Active,
            time_zone: Some(facts.zone.name().to_owned()),
            starts_on: Some(facts.starts_on),
            ends_on: None,
            overage_policy: OveragePolicy::Allowed,
            grant_unpaid: false,
            own_minutes: None,
            own_length_months: None,
            price_minor: Some(facts.price_minor()),
            currency: Some("RUB".to_owned()),
            sale_note: None,
            started_at: Some(facts.started_at),
            ended_at: None,
            end_reason: None,
            version: 2,
            created_at: at,
            updated_at: facts.started_at,
        });
        self.terms.push(engagement_tariff::Model {
            engagement_id: facts.engagement,
            from_period: 1,
            tariff_revision_id: facts.terms.id,
            created_by: Some(facts.account),
            created_at: facts.started_at,
        });
        for (who, minutes) in shares {
            self.reservations.push(reservation::Model {
                id: random.id(at),
                engagement_id: facts.engagement,
                user_id: staff.people[*who].id,
                minutes: *minutes,
                from_period: 1,
                until_period: None,
                override_by: None,
                override_reason: None,
                created_at: at,
            });
        }
    }
}

impl Facts {
    /// What a month costs.
    pub fn price_minor(&self) -> i64 {
        HOUR_MINOR * i64::from(self.minutes) / 60
    }
}
