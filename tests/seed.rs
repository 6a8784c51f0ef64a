//! Bulk data: whole and true like what the use-cases make, and the same each time.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::balance::Balance;
use domain::id::ClientId;
use domain::user::Role;
use hourbank::app::{App, Call};
use hourbank::auth::Keys;
use hourbank::bus::Bus;
use hourbank::clock::Clock;
use hourbank::graphql::id::Identified;
use hourbank::mail::Mailer;
use hourbank::seed::{self, Scale};
use hourbank::store::Db;
use hourbank::store::course::Which;
use hourbank::usecase;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::support::actor::Actor;
use super::support::app::{TestApp, config};
use super::support::database::{TestDatabase, fresh_on_sqlite, fresh_unmigrated};

const SCALE: Scale = Scale { clients: 6, tasks: 120, entries: 900 };

/// A filled database and an application on it, at one moment.
struct Filled {
    app: Arc<App>,
    database: TestDatabase,
}

async fn filled(seed: u64) -> Filled {
    filled_on(fresh_unmigrated().await, seed).await
}

async fn filled_on(database: TestDatabase, seed: u64) -> Filled {
    let now: DateTime<Utc> = "2026-05-29T11:00:00Z".parse().unwrap();
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

    /// Every balance as it reads.
    async fn balances(&self) -> Vec<Balance> {
        let clients = entity::client::Entity::find().all(&self.database.db).await.unwrap();
        let clients: Vec<ClientId> = clients.iter().map(|row| row.id).collect();
        usecase::hour_balance::read(&self.call(), Which::Clients(&clients)).await.unwrap()
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

/// The same numbers and the same moment make the same data, on either database; other chance makes other data.
#[tokio::test]
async fn equal_seeds_make_equal_balances() {
    let one = filled(7).await.balances().await;
    assert_eq!(one.len(), 6);
    assert_eq!(filled_on(fresh_on_sqlite().await, 7).await.balances().await, one);
    assert_ne!(filled(8).await.balances().await, one);
}

/// Only an empty database is filled.
#[tokio::test]
async fn what_is_filled_is_not_filled_again() {
    let filled = filled(1).await;
    let again = seed::fill(&config(&filled.database.url), SCALE, 1, filled.app.clock.now()).await;
    assert_eq!(again.unwrap_err(), "only an empty database is filled, and this one is not");
    assert_eq!(entity::client::Entity::find().count(&filled.database.db).await.unwrap(), 6);
}

/// The API answers over it: an owner's whole client, and a page of its time.
#[tokio::test]
async fn the_api_answers_over_it() {
    let Filled { app, database } = filled(3).await;
    let db = &database.db;
    let owner = entity::user::Entity::find()
        .filter(entity::user::Column::Email.eq("owner@client-4.example"))
        .one(db)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(owner.role, Role::ClientOwner);
    let client = owner.client_id.unwrap();
    let app = TestApp { app, schema: hourbank::graphql::schema(), database: database.into() };
    let token = usecase::user::token(&app.system(), &owner.email, 600).await.unwrap();
    let document = "query($id: ID!) { client(by: {id: $id}) { name
        hourBalances { remainingMinutes usedMinutes version expiresAt warnings { kind } }
        team { position user { name } }
        plans { title status blocks { title status
            tasks { title status estimateMinutes spentMinutes assignee { name } } } } }
        timeEntries(first: 50) { totalCount totalMinutes nodes { workedOn note user { name } } } }";
    let data = Actor::holding(&token).ok(&app, document, json!({"id": client.global()})).await;
    let blocks = data["client"]["plans"][0]["blocks"].as_array().unwrap();
    assert_eq!(blocks.len(), 10, "{data}");
    let spent = blocks.iter().flat_map(|block| block["tasks"].as_array().unwrap());
    assert!(spent.map(|task| task["spentMinutes"].as_i64().unwrap()).sum::<i64>() > 0);
    assert!(data["client"]["hourBalances"][0]["remainingMinutes"].as_i64().unwrap() > 0);
    assert_eq!(data["client"]["team"].as_array().unwrap().len(), 3);
    assert_eq!(data["timeEntries"]["totalCount"], 150);
}
