//! The demonstration: what it promises to whoever starts it.

use std::collections::BTreeSet;

use chrono::{DateTime, Months, Utc};
use domain::alert::WarningKind;
use hourbank::app::{App, Call};
use hourbank::auth::Keys;
use hourbank::bus::Bus;
use hourbank::clock::Clock;
use hourbank::mail::Mailer;
use hourbank::store::Db;
use hourbank::store::course::Which;
use hourbank::{demo, usecase};
use sea_orm::EntityTrait;

use super::support::app::config;
use super::support::database::{TestDatabase, fresh};

/// The demonstration as it stands at a moment, and the database that it stands in.
struct Shown {
    app: std::sync::Arc<App>,
    cast: demo::history::Cast,
    database: TestDatabase,
}

async fn shown(now: &str) -> Shown {
    let database = fresh().await;
    let config = config(&database.url);
    let now: DateTime<Utc> = now.parse().unwrap();
    let cast = demo::history::write(&config, now).await.unwrap();
    let db = Db::open(&database.url, 4).await.unwrap();
    let keys = Keys::ephemeral().unwrap();
    let app = App::wire(config, db, Bus::local(), Clock::fixed(now), keys, Mailer::memory());
    Shown { app, cast, database }
}

/// B-2, B-4, B-6, B-7: the history keeps the ledger's rules and shows balances of every kind.
#[tokio::test]
async fn the_history_is_whole_and_its_balances_differ() {
    let shown = shown("2026-05-29T11:00:00Z").await;
    let call = Call::system(&shown.app, "test");
    assert_eq!(usecase::verify::verify(&call).await.unwrap(), Vec::<String>::new());

    let entries = entity::time_entry::Entity::find().all(&shown.database.db).await.unwrap();
    let days: BTreeSet<_> = entries.iter().map(|entry| entry.worked_on).collect();
    let (first, last) = (*days.first().unwrap(), *days.last().unwrap());
    assert!(first + Months::new(3) <= last, "{first} to {last}");
    assert_eq!(last, call.now.date_naive(), "work goes on today");

    let clients: Vec<_> = entity::client::Entity::find()
        .all(&shown.database.db)
        .await
        .unwrap()
        .iter()
        .map(|row| row.id)
        .collect();
    assert!(clients.len() >= 12);
    let balances = usecase::hour_balance::read(&call, Which::Clients(&clients)).await.unwrap();
    let any = |is: &dyn Fn(&domain::balance::Balance) -> bool| balances.iter().any(is);
    assert!(any(&|balance| balance.period.counters.overage() > 0));
    assert!(any(&|balance| balance.warnings.contains(&WarningKind::ExpiresInAWeek)));
    assert!(any(&|balance| balance.warnings.contains(&WarningKind::NearlyUsed)));
    assert!(any(&|balance| balance.expires_at.is_none()));
    assert!(any(&|balance| balance.warnings.is_empty()));
    let periods = entity::period::Entity::find().all(&shown.database.db).await.unwrap();
    assert!(periods.iter().any(|period| period.expired_minutes > 0));
}

/// a token of each role opens the API, and all but the provider's own reach the same client.
#[tokio::test]
async fn everyone_has_a_token() {
    // A working day has begun in Moscow, and not yet in Berlin.
    let shown = shown("2026-03-31T21:30:00Z").await;
    let sign_ins = demo::sign_ins(&shown.app, &shown.cast).await.unwrap();
    let roles: BTreeSet<&str> = sign_ins.iter().map(|one| one.role.as_str()).collect();
    assert_eq!(
        roles,
        BTreeSet::from([
            "ACCOUNT_MANAGER",
            "ADMINISTRATOR",
            "CLIENT_MEMBER",
            "CLIENT_OWNER",
            "PARTNER",
            "PROJECT_MANAGER",
            "QUALITY_MANAGER",
            "SALES",
            "SPECIALIST",
        ])
    );
    let mut common: Option<BTreeSet<String>> = None;
    for one in &sign_ins {
        let session = shown.app.sessions.open(Some(&format!("Bearer {}", one.token))).await.unwrap();
        let scope = session.actor().scope(domain::policy::Action::ClientRead).unwrap();
        if let domain::policy::Scope::Clients(clients) | domain::policy::Scope::Own(_, clients) = scope {
            let clients: BTreeSet<String> = clients.iter().map(|id| id.0.to_string()).collect();
            common = Some(common.map_or(clients.clone(), |common| &common & &clients));
        }
    }
    let own = shown.cast.clients[0].client.id.0.to_string();
    assert!(common.unwrap().contains(&own));
}
