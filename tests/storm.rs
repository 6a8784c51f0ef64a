//! Many at once: what a storm of callers and streams costs the database (T51).

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use domain::balance::Balance;
use domain::user::Role;
use futures_util::future::join_all;
use futures_util::{Stream, StreamExt};
use hourbank::app::Call;
use hourbank::auth::Session;
use hourbank::error::{Error, Result};
use hourbank::usecase::hour_balance::watch_balances;
use tokio::time::timeout;

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::story::Support;

type Balances = Pin<Box<dyn Stream<Item = Result<Balance>> + Send>>;

async fn session(app: &TestApp, who: &Actor) -> Arc<Session> {
    let header = format!("Bearer {}", who.token.as_deref().expect("signed in"));
    Arc::new(app.app.sessions.open(Some(&header)).await.expect("a good token"))
}

/// A subscription past its first value.
async fn open(app: &TestApp, who: &Actor, support: &Support) -> Balances {
    let session = session(app, who).await;
    let call = Call::new(Arc::clone(&app.app), session.actor(), "storm".to_owned());
    let mut balances = watch_balances(&call, session, Some(support.client)).await.expect("seen").boxed();
    balances.next().await.expect("the balance at once").expect("a balance");
    balances
}

async fn members(app: &TestApp, support: &Support, count: usize) -> Vec<Actor> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(app.contact(Role::ClientMember, support.client).await);
    }
    all
}

/// T51: three hundred streams of a hundred people that come back at once cost a few statements, not a thousand.
#[tokio::test]
async fn t51_a_reconnect_storm_reads_together() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let people = members(&app, &support, 100).await;
    let storm = (0..300).map(|n| open(&app, &people[n % 100], &support));
    let (statements, open) = app.count(join_all(storm)).await;
    assert_eq!(open.len(), 300);
    assert!(statements <= 40, "{statements} statements");
}

/// A-5, T51: a change of one person's rights ends their streams at once, and costs the same however many others there
/// are.
#[tokio::test]
async fn a5_a_change_of_rights_is_read_once() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let (ended, stopping) = tokio::sync::watch::channel(false);
    tokio::spawn(hourbank::usecase::hour_balance::keep(Arc::clone(&app.app), stopping));
    let mut open_streams = Vec::new();
    for who in &members(&app, &support, 50).await {
        open_streams.push(open(&app, who, &support).await);
    }
    let mut theirs = Vec::new();
    for _ in 0..50 {
        theirs.push(open(&app, &support.specialist, &support).await);
    }
    let change = async {
        app.leave(&support.specialist, support.client).await;
        join_all(theirs.iter_mut().map(|stream| timeout(Duration::from_secs(5), stream.next()))).await
    };
    let (statements, ends) = app.count(change).await;
    for end in ends {
        assert!(matches!(end, Ok(Some(Err(Error::Denied(_))))), "{end:?}");
    }
    assert!(statements <= 10, "{statements} statements");
    let still =
        timeout(Duration::from_millis(200), join_all(open_streams.iter_mut().map(|open| open.next())));
    assert!(still.await.is_err(), "the others go on");
    ended.send_replace(true);
}
