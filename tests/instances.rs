//! Several instances on one PostgreSQL: it does not matter which of them takes a write (L-4).

use std::collections::BTreeSet;
use std::time::{Duration as Wait, Instant};

use chrono::Duration;
use domain::engagement::OveragePolicy;
use domain::id::EngagementId;
use domain::ledger::EntryKind;
use domain::user::Role;
use entity::{ledger_entry, refresh_token, time_entry};
use futures_util::future::join_all;
use hourbank::graphql::id::Identified;
use hourbank::{job, usecase};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::Uuid;

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::instance::{Instance, instances};
use crate::support::people::tokens;
use crate::support::server::Server;
use crate::support::story::Support;
use crate::support::wire::Wire;

const WATCH: &str = "subscription($client: ID) { hourBalanceChanged(clientId: $client) { usedMinutes remainingMinutes version } }";
const LOG: &str = "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) {
    timeEntry { id } errors { code } } }";

fn entry(app: &TestApp, engagement: &str, minutes: i32, key: Uuid, days_ago: i64) -> Value {
    let day = (app.now() - Duration::days(days_ago)).date_naive();
    json!({"input": {"engagementId": engagement, "workedOn": day, "minutes": minutes,
        "activity": "MEETING", "note": "Met", "idempotencyKey": key}})
}

async fn log(app: &TestApp, who: &Actor, support: &Support, minutes: i32) {
    who.ok(app, LOG, entry(app, &support.id(), minutes, Uuid::new_v4(), 0)).await;
}

/// Logs as a client does that wants to know: what is not settled is asked again under the same key, anywhere.
async fn settled(all: &[Instance], at: usize, who: &Actor, input: Value) -> Vec<String> {
    for attempt in 0.. {
        let codes = who.codes(&all[(at + attempt) % all.len()].app, LOG, input.clone()).await;
        if !codes.iter().any(|code| code == "UNAVAILABLE" || code == "INTERNAL") {
            return codes;
        }
        assert!(attempt < 20, "never settled: {codes:?}");
    }
    Vec::new()
}

async fn watch(socket: &mut Wire, support: &Support) {
    let client = support.client.global().0;
    socket.subscribe_with("a", WATCH, json!({"client": client})).await;
    assert_eq!(socket.next("a").await["data"]["hourBalanceChanged"]["usedMinutes"], 0);
}

/// Waits until the balance reads so many used minutes; versions never fall on the way (T53).
async fn reads(socket: &mut Wire, used: i32) {
    let mut version = -1;
    let reading = async {
        loop {
            let push = socket.next("a").await["data"]["hourBalanceChanged"].clone();
            assert!(push["version"].as_i64() >= Some(version), "{push}");
            version = push["version"].as_i64().unwrap();
            if push["usedMinutes"] == used {
                return;
            }
        }
    };
    timeout(Wait::from_secs(8), reading).await.expect("well before the slow timer's thirty seconds");
}

async fn entries(app: &TestApp, engagement: EngagementId, kind: EntryKind) -> u64 {
    let of = ledger_entry::Entity::find().filter(ledger_entry::Column::EngagementId.eq(engagement));
    of.filter(ledger_entry::Column::Kind.eq(kind)).count(&app.database.db).await.unwrap()
}

async fn verified(app: &TestApp) {
    let faults = usecase::verify::verify(&app.system()).await.expect("the ledger is read");
    assert_eq!(faults.iter().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
}

/// Two instances, and a support whose owner watches it on the first.
async fn watched() -> Option<(Vec<Instance>, Support, Server, Wire)> {
    let all = instances(2).await?;
    let support = all[1].app.support("Ours").await;
    let server = all[0].serve().await;
    let mut socket = server.socket(support.owner.token.as_deref()).await;
    watch(&mut socket, &support).await;
    Some((all, support, server, socket))
}

/// L-4: a write through one instance reaches a subscriber of another at once.
#[tokio::test]
async fn l4_a_write_reaches_the_subscribers_of_the_others() {
    let Some((all, support, _server, mut socket)) = watched().await else { return };
    let (here, there) = (&all[0], &all[1].app);
    let began = Instant::now();
    log(there, &support.manager, &support, 10).await;
    reads(&mut socket, 10).await;
    assert!(began.elapsed() < Wait::from_secs(5), "{:?}", began.elapsed());
    log(&here.app, &support.manager, &support, 5).await;
    reads(&mut socket, 15).await;
}

/// T52, L-4: with the way between the instances broken when the write is made, the subscriber ends with the right
/// balance, on the same socket.
#[tokio::test]
async fn t52_a_write_that_was_not_heard_is_found() {
    let Some((all, support, _server, mut socket)) = watched().await else { return };
    let there = &all[1].app;
    for round in 1..=3 {
        there.deafen().await;
        log(there, &support.manager, &support, 10).await;
        reads(&mut socket, round * 10).await;
    }
}

/// A-5, T44: a right that another instance took ends the stream within five seconds: told, told while nobody could hear
/// it, or never told at all.
#[tokio::test]
async fn a5_a_right_taken_elsewhere_ends_the_stream_in_time() {
    let Some(all) = instances(2).await else { return };
    let (here, there) = (&all[0], &all[1].app);
    let server = here.serve().await;
    for (name, deafen, tell) in [("told", false, true), ("unheard", true, true), ("untold", false, false)] {
        let support = there.support(name).await;
        let mut socket = server.socket(support.specialist.token.as_deref()).await;
        watch(&mut socket, &support).await;
        if deafen {
            there.deafen().await;
        }
        let began = Instant::now();
        if tell {
            there.leave(&support.specialist, support.client).await;
        } else {
            there.leave_unheard(&support.specialist, support.client).await;
        }
        assert_eq!(socket.closed().await, Some(4403), "{name}");
        assert!(began.elapsed() < Wait::from_secs(5), "{name}: {:?}", began.elapsed());
    }
}

/// A-5, T30: whoever is shut out by one instance is refused by the others within five seconds.
#[tokio::test]
async fn a5_whoever_is_shut_out_is_refused_everywhere() {
    let Some(all) = instances(2).await else { return };
    let (here, there) = (&all[0].app, &all[1].app);
    let (admin, person) = (there.staff(Role::Administrator).await, there.staff(Role::Sales).await);
    let viewer = "{ viewer { role } }";
    person.ok(here, viewer, json!({})).await;
    let disable = "mutation($id: ID!) { userDisable(id: $id) { errors { code } } }";
    admin.ok(there, disable, json!({"id": person.id()})).await;
    let refused = async {
        while person.run(here, viewer, json!({})).await.errors.is_empty() {
            tokio::time::sleep(Wait::from_millis(20)).await;
        }
    };
    timeout(Wait::from_secs(5), refused).await.expect("refused within five seconds");
}

/// T29: fifty uses of one refresh token at once, through three instances: one successor.
#[tokio::test]
async fn t29_refreshes_through_three_instances_share_one_successor() {
    let Some(all) = instances(3).await else { return };
    let app = &all[0].app;
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    let (_, first) = app.sign_in(&email).await;
    let uses = (0..50).map(|n| all[n % 3].app.refresh(&first));
    let successors: BTreeSet<String> =
        join_all(uses).await.iter().map(|answer| tokens(&answer.data["tokenRefresh"]).1).collect();
    assert_eq!(successors.len(), 1);
    assert_eq!(refresh_token::Entity::find().count(&app.database.db).await.unwrap(), 2);
    let next = all[2].app.refresh(successors.first().unwrap()).await;
    assert_eq!(next.codes(), Vec::<String>::new(), "nobody was taken for a thief");
}

/// T55, B-7: a hundred entries on the last hour, through three instances: exactly as many as fit.
#[tokio::test]
async fn t55_the_last_hour_is_spent_once() {
    let Some(all) = instances(3).await else { return };
    let app = &all[0].app;
    let day = "2026-03-05".parse().unwrap();
    let support = app.support_with("Ours", OveragePolicy::Refused, day, &[1]).await;
    log(app, &support.manager, &support, 1140).await;
    let writes = (0..100).map(|n| {
        let input = entry(app, &support.id(), 6, Uuid::new_v4(), 0);
        settled(&all, n, &support.specialist, input)
    });
    let outcomes = join_all(writes).await;
    let refused = outcomes.iter().filter(|codes| *codes == &["BALANCE_EXHAUSTED"]).count();
    assert_eq!((outcomes.iter().filter(|codes| codes.is_empty()).count(), refused), (10, 90));
    assert_eq!(app.balance(&support).await.period.counters.used, 1200);
    verified(app).await;
}

/// T58, T59, B-4: the month's roll, missed for three days and then run by three instances at once: everything once.
#[tokio::test]
async fn t59_a_roll_by_three_at_once_is_one() {
    let Some(all) = instances(3).await else { return };
    let app = &all[0].app;
    let mut supports = Vec::new();
    for name in ["One", "Two", "Three"] {
        let support = app.support(name).await;
        log(app, &support.manager, &support, 100).await;
        supports.push(support);
    }
    app.advance(Duration::days(28));
    let roll = job::JOBS.iter().find(|job| job.name == "period").expect("the month's roll");
    for ran in join_all(all.iter().map(|one| job::once(&one.app.app, roll))).await {
        ran.expect("the roll runs, whoever else does");
    }
    for support in &supports {
        let id = support.engagement.id;
        assert_eq!(entries(app, id, EntryKind::Expiry).await, 1);
        assert_eq!(entries(app, id, EntryKind::Grant).await, 1, "the second month is not paid");
        let periods = app.periods(id).await;
        assert_eq!(
            (periods.len(), periods[0].expired_minutes, periods[0].closed_at.is_some()),
            (2, 1100, true)
        );
        assert_eq!(periods[1].starts_on, periods[0].ends_on);
    }
    verified(app).await;
}

/// T56: a request that is still in flight on one instance is waited for by another that gets it again: one entry, and
/// the same answer.
#[tokio::test]
async fn t56_a_key_in_flight_elsewhere_is_waited_for() {
    use sea_orm::{ConnectionTrait, Statement, TransactionTrait};
    let Some(all) = instances(2).await else { return };
    let app = &all[0].app;
    let support = app.support("Ours").await;
    app.settle(&support.specialist).await;
    all[1].app.settle(&support.specialist).await;
    let input = entry(app, &support.id(), 30, Uuid::new_v4(), 0);
    // The ledger is somebody else's for a moment, so that the first cannot end before the second comes.
    let held = app.database.db.begin().await.unwrap();
    let lock = "SELECT * FROM ledger_head WHERE engagement_id = $1 FOR UPDATE";
    let id = support.engagement.id.0;
    held.query_one_raw(Statement::from_sql_and_values(held.get_database_backend(), lock, [id.into()]))
        .await
        .unwrap();
    let first = support.specialist.run(app, LOG, input.clone());
    let second = support.specialist.run(&all[1].app, LOG, input.clone());
    let release = async {
        app.waiting_for_locks(2).await;
        held.commit().await.unwrap();
    };
    let (first, second, ()) = tokio::join!(first, second, release);
    assert_eq!(first.codes(), Vec::<String>::new());
    assert_eq!(first.data["timeEntryCreate"], second.data["timeEntryCreate"]);
    assert_eq!(time_entry::Entity::find().count(&app.database.db).await.unwrap(), 1);
}

/// How many rounds [`b12_writers_through_three_instances_lose_nothing`] takes; the long form takes 200.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a run may take is the run's setting, not the product's"
)]
fn rounds() -> i64 {
    std::env::var("HOURBANK_TEST_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(3)
}

/// B-12, W-7: 64 writers through three instances, every request sent twice under its key: each counts once, and the
/// ledger agrees with its counters.
#[tokio::test]
async fn b12_writers_through_three_instances_lose_nothing() {
    let Some(all) = instances(3).await else { return };
    let app = &all[0].app;
    let support = app.support("Ours").await;
    let mut people = Vec::new();
    for _ in 0..16 {
        people.push(app.on_team(Role::Specialist, support.client).await);
    }
    let rounds = rounds();
    let writer = async |n: usize| {
        for round in 0..rounds {
            let input = entry(app, &support.id(), 1, Uuid::new_v4(), round % 5);
            let who = &people[n % people.len()];
            assert_eq!(settled(&all, n, who, input.clone()).await, Vec::<String>::new());
            assert_eq!(settled(&all, n + 1, who, input).await, Vec::<String>::new(), "the same again");
        }
    };
    let began = Instant::now();
    join_all((0..64).map(writer)).await;
    let written = 64 * rounds;
    println!("{written} entries, each sent twice, in {:?}", began.elapsed());
    assert_eq!(i64::from(app.balance(&support).await.period.counters.used), written);
    assert_eq!(time_entry::Entity::find().count(&app.database.db).await.unwrap() as i64, written);
    verified(app).await;
}
