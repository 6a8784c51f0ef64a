//! The provider's staff, hired as clients need them: as many as hold the hours reserved, and their days.
//!
//! Nobody holds more than a month's capacity (T-2) and nobody's day has more than 24 hours (W-1), so the staff grows with
//! the hours sold. Clients of one size are spread over a few people at a time, as they would come in one after another.

use chrono::{DateTime, NaiveDate, Utc};
use domain::client::Locale;
use domain::id::{ClientId, UserId};
use domain::text::fold;
use domain::user::{Role, UserStatus};
use entity::{user, user_day};

use super::random::Random;
use super::text::name;

/// Minutes a month that somebody can be held for: 160 hours.
const CAPACITY: i32 = 9_600;
/// Minutes of a day that one would work; more only where there is no other way.
const LONG_DAY: i32 = 600;
const DAY: i32 = 1_440;

/// Some people of one role who still have time.
#[derive(Debug)]
struct Bench {
    role: Role,
    /// Places in the list of all, each with the minutes left.
    open: Vec<(usize, i32)>,
    next: usize,
}

/// Everyone who works for the provider.
#[derive(Debug)]
pub struct Staff {
    pub people: Vec<user::Model>,
    /// Minutes of each person by day, counted from `first_day`.
    days: Vec<Vec<u16>>,
    first_day: NaiveDate,
    benches: Vec<Bench>,
    random: Random,
    hash: String,
    since: DateTime<Utc>,
}

impl Staff {
    /// The first people: an administrator, a quality manager, two in sales.
    pub fn new(random: Random, hash: &str, first_day: NaiveDate) -> Self {
        let bench = |role, size| Bench { role, open: vec![(usize::MAX, 0); size], next: 0 };
        let mut staff = Self {
            people: Vec::new(),
            days: Vec::new(),
            first_day,
            benches: vec![
                bench(Role::ProjectManager, 4),
                bench(Role::AccountManager, 2),
                bench(Role::Specialist, 8),
            ],
            random,
            hash: hash.to_owned(),
            since: first_day.and_time(chrono::NaiveTime::MIN).and_utc(),
        };
        for role in [Role::Administrator, Role::QualityManager, Role::Sales, Role::Sales] {
            staff.hire(role);
        }
        staff
    }

    fn hire(&mut self, role: Role) -> usize {
        let word = match role {
            Role::ProjectManager => "manager",
            Role::AccountManager => "account",
            Role::Specialist => "specialist",
            Role::Sales => "sales",
            Role::QualityManager => "quality",
            _ => "admin",
        };
        let number = self.people.iter().filter(|person| person.role == role).count() + 1;
        let email = format!("{word}-{number}@hourbank.example");
        let contact = Person { email, role, client: None, locale: Locale::Ru };
        let capacity = matches!(role, Role::ProjectManager | Role::Specialist).then_some(CAPACITY);
        let mut person = contact.row(&mut self.random, self.since, &self.hash);
        person.capacity_minutes = capacity;
        self.people.push(person);
        self.days.push(Vec::new());
        self.people.len() - 1
    }

    /// Holds minutes a month of somebody of a role; consecutive calls find different people. The place in the list.
    pub fn hold(&mut self, role: Role, minutes: i32) -> usize {
        let at = self.benches.iter().position(|bench| bench.role == role).expect("a role with a bench");
        let bench = &mut self.benches[at];
        let seat = bench.next % bench.open.len();
        bench.next += 1;
        if bench.open[seat].1 < minutes {
            let hired = self.hire(role);
            self.benches[at].open[seat] = (hired, CAPACITY);
        }
        let (who, left) = &mut self.benches[at].open[seat];
        *left -= minutes;
        *who
    }

    /// Gives minutes of a day to one of a team, the first choice if it has the time, or as many as one still has: who,
    /// and how many. None where the day is full for all.
    pub fn work(
        &mut self,
        team: &[usize],
        choice: usize,
        day: NaiveDate,
        minutes: i32,
    ) -> Option<(usize, i32)> {
        let at = usize::try_from((day - self.first_day).num_days()).ok()?;
        let turns = || (0..team.len()).map(|turn| team[(choice + turn) % team.len()]);
        for who in turns() {
            if self.days[who].len() <= at {
                self.days[who].resize(at + 1, 0);
            }
        }
        let taken = |who: usize| i32::from(self.days[who][at]);
        let who = turns()
            .find(|who| taken(*who) + minutes <= LONG_DAY)
            .or_else(|| turns().min_by_key(|who| taken(*who)))?;
        let minutes = minutes.min(DAY - taken(who));
        if minutes <= 0 {
            return None;
        }
        self.days[who][at] += minutes as u16;
        Some((who, minutes))
    }

    /// Somebody of the first people.
    pub fn first(&self, role: Role) -> UserId {
        self.people.iter().find(|person| person.role == role).map_or(self.people[0].id, |person| person.id)
    }

    /// The days that have any time.
    pub fn day_rows(&self) -> Vec<user_day::Model> {
        let rows = self.people.iter().zip(&self.days).flat_map(|(person, days)| {
            let days = self.first_day.iter_days().zip(days).filter(|(_, minutes)| **minutes > 0);
            days.map(|(day, minutes)| user_day::Model { user_id: person.id, day, minutes: (*minutes).into() })
        });
        rows.collect()
    }
}

/// A person to write down.
#[derive(Debug)]
pub struct Person {
    pub email: String,
    pub role: Role,
    pub client: Option<ClientId>,
    pub locale: Locale,
}

impl Person {
    /// The row of a person who can sign in.
    pub fn row(self, random: &mut Random, at: DateTime<Utc>, hash: &str) -> user::Model {
        let name = name(random, self.locale);
        user::Model {
            id: random.id(at),
            email_key: fold(&self.email),
            email: self.email,
            name_key: fold(&name),
            name,
            locale: self.locale,
            role: self.role,
            client_id: self.client,
            status: UserStatus::Active,
            password_hash: Some(hash.to_owned()),
            session_version: 1,
            capacity_minutes: None,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }
}
