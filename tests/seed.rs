//! Bulk data: whole and true like what the use-cases make, and the same each time.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::id::ClientId;
use hourbank::app::{App, Call};
use hourbank::auth::Keys;
use hourbank::bus::Bus;
use hourbank::clock::Clock;
use hourbank::mail::Mailer;
use hourbank::seed::{self, Scale};
use hourbank::store::Db;
use hourbank::store::course::Which;
use hourbank::usecase;
use sea_orm::{EntityTrait, PaginatorTrait};

use super::support::app::config;
use super::support::database::{TestDatabase, fresh_unmigrated};

const SCALE: Scale = Scale { clients: 6, tasks: 120, entries: 900 };

/// A filled database and an application on it, at one moment.
struct Filled {
    app: Arc<App>,
    database: TestDatabase,
}

async fn filled(seed: u64) -> Filled {
    let now: DateTime<Utc> = "2026-05-29T11:00:00Z".parse().unwrap();
    let database = fresh_unmigrated().await;
    let config = config(&database.url);
    seed::fill(&config, SCALE, seed, now).await.unwrap();
    let db = Db::open(&database.url, 4).await.unwrap();
    let keys = Keys::ephemeral().unwrap();
    let app = App::wire(config, db, Bus::local(), Clock::fixed(now), keys, Mailer::memory());
    Filled { app, database }
}

impl Filled {
    fn call(&self) -> Call {
        Call::system(&self.app, "test")
    }

    /// Every balance as it reads, in words.
    async fn balances(&self) -> Vec<String> {
        let clients = entity::client::Entity::find().all(&self.database.db).await.unwrap();
        let clients: Vec<ClientId> = clients.iter().map(|row| row.id).collect();
        let balances = usecase::hour_balance::read(&self.call(), Which::Clients(&clients)).await.unwrap();
        balances.iter().map(|balance| format!("{balance:?}")).collect()
    }
}

/// B-2, W-1, T60: counters, chain, totals and days are true; the numbers are those asked for.
#[tokio::test]
async fn what_is_seeded_verifies() {
    let filled = filled(1).await;
    assert_eq!(usecase::verify::verify(&filled.call()).await.unwrap(), Vec::<String>::new());
    let db = &filled.database.db;
    assert_eq!(entity::client::Entity::find().count(db).await.unwrap(), 6);
    assert_eq!(entity::task::Entity::find().count(db).await.unwrap(), 120);
    assert_eq!(entity::time_entry::Entity::find().count(db).await.unwrap(), 900);
    let days = entity::user_day::Entity::find().all(db).await.unwrap();
    let worked: i32 = days.iter().map(|day| day.minutes).sum();
    let logged: i32 =
        entity::time_entry::Entity::find().all(db).await.unwrap().iter().map(|row| row.minutes).sum();
    assert_eq!(worked, logged);
}

/// E-3, E-4, B-4: the calendar has made nothing due that is not there already, and the balances live.
#[tokio::test]
async fn the_calendar_finds_nothing_to_do() {
    let filled = filled(2).await;
    assert_eq!(usecase::period::roll_all(&filled.call()).await.unwrap(), 0);
    let periods = entity::period::Entity::find().all(&filled.database.db).await.unwrap();
    assert!(periods.iter().any(|period| period.expired_minutes > 0));
    assert!(periods.iter().filter(|period| period.closed_at.is_none()).count() == 6);
    let running = periods.iter().filter(|period| period.closed_at.is_none());
    assert!(running.clone().all(|period| period.used_minutes < period.granted_minutes));
    assert!(running.clone().any(|period| period.used_minutes > 0));
}
