//! The ledger: nothing is lost, nothing doubled, and `verify` finds what was tampered with.

use chrono::Duration;
use domain::engagement::OveragePolicy;
use domain::id::PeriodId;
use entity::{ledger_entry, period, task, time_entry};
use hourbank::error::Error;
use hourbank::graphql::id::Identified;
use hourbank::store::course::Which;
use hourbank::store::ledger::saving_period;
use hourbank::store::write::run;
use hourbank::usecase::hour_balance;
use hourbank::usecase::verify::verify;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, TransactionTrait,
};
use serde_json::json;
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::story::Support;

const LOG: &str = "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) {
    timeEntry { id } hourBalance { remainingMinutes version } errors { code } } }";

fn entry(support: &Support, minutes: i32, key: Uuid) -> serde_json::Value {
    json!({"input": {"engagementId": support.id(), "workedOn": "2026-03-11", "minutes": minutes,
        "activity": "CONFIGURATION", "note": "Worked", "idempotencyKey": key}})
}

/// B-12, W-7, T56: sixty-four write at once on one client, each twice under its key: no minute is lost or doubled.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_writers_lose_nothing() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let (_, tasks) = app.tasks(support.client, 1).await;
    let mut writers = Vec::new();
    for _ in 0..64 {
        writers.push(app.on_team(domain::user::Role::Specialist, support.client).await);
    }
    let task_id = tasks[0].global().0;
    let all = writers.iter().zip(1..).map(|(writer, minutes)| {
        let mut input = entry(&support, minutes, Uuid::new_v4());
        input["input"]["taskId"] = json!(task_id);
        let app = &app;
        async move {
            let (first, second) =
                tokio::join!(writer.ok(app, LOG, input.clone()), writer.ok(app, LOG, input.clone()));
            assert_eq!(
                first["timeEntryCreate"]["timeEntry"]["id"],
                second["timeEntryCreate"]["timeEntry"]["id"]
            );
        }
    });
    futures_util::future::join_all(all).await;
    let sum: i32 = (1..=64).sum();
    let periods = app.periods(support.engagement.id).await;
    assert_eq!(periods.iter().map(|period| period.used_minutes).sum::<i32>(), sum);
    assert_eq!(time_entry::Entity::find().count(&app.database.db).await.unwrap(), 64);
    let spent =
        task::Entity::find_by_id(tasks[0]).one(&app.database.db).await.unwrap().unwrap().spent_minutes;
    assert_eq!(spent, sum);
    assert_eq!(verify(&app.system()).await.unwrap(), Vec::<String>::new());
}

/// B-7, T55: an engagement that refuses overage takes exactly what fits, however many want the last hour.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_hour_is_given_once() {
    let app = TestApp::start().await;
    let support = app.support_with("Ours", OveragePolicy::Refused, "2026-03-05".parse().unwrap(), &[1]).await;
    support.specialist.ok(&app, LOG, entry(&support, 1140, Uuid::new_v4())).await;
    let mut writers = Vec::new();
    for _ in 0..20 {
        writers.push(app.on_team(domain::user::Role::Specialist, support.client).await);
    }
    let all = writers.iter().map(|writer| writer.codes(&app, LOG, entry(&support, 7, Uuid::new_v4())));
    let codes = futures_util::future::join_all(all).await;
    let taken = codes.iter().filter(|codes| codes.is_empty()).count();
    assert_eq!(taken, 60 / 7);
    assert!(codes.iter().flatten().all(|code| code == "BALANCE_EXHAUSTED"), "{codes:?}");
    let balance = app.balance(&support).await;
    assert_eq!((balance.period.counters.remaining(), balance.period.counters.overage()), (60 % 7, 0));
    assert_eq!(verify(&app.system()).await.unwrap(), Vec::<String>::new());
}

/// B-1, T60: the database itself refuses to change what was recorded.
#[tokio::test]
async fn recorded_movements_cannot_be_changed() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    support.specialist.ok(&app, LOG, entry(&support, 10, Uuid::new_v4())).await;
    for sql in [
        "UPDATE ledger_entry SET minutes = 1",
        "DELETE FROM ledger_entry",
        "UPDATE audit SET action = 'x'",
        "DELETE FROM audit",
    ] {
        let refused = app.database.db.execute_unprepared(sql).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
}

/// B-2, T61: a counter that drifts from its entries is found.
#[tokio::test]
async fn a_drifting_counter_is_found() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    support.specialist.ok(&app, LOG, entry(&support, 10, Uuid::new_v4())).await;
    assert_eq!(verify(&app.system()).await.unwrap(), Vec::<String>::new());
    app.database.db.execute_unprepared("UPDATE period SET used_minutes = used_minutes + 1").await.unwrap();
    let faults = verify(&app.system()).await.unwrap();
    assert_eq!(faults.len(), 1, "{faults:?}");
    app.database.db.execute_unprepared("UPDATE period SET used_minutes = used_minutes - 1").await.unwrap();
    app.database.db.execute_unprepared("UPDATE user_day SET minutes = 11").await.unwrap();
    assert_eq!(verify(&app.system()).await.unwrap().len(), 1);
}

/// B-2, T60: an owner of the database who alters an entry behind the triggers breaks the chain of hashes.
#[tokio::test]
async fn an_altered_entry_breaks_the_chain() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    for minutes in [10, 20, 30] {
        support.specialist.ok(&app, LOG, entry(&support, minutes, Uuid::new_v4())).await;
    }
    app.without_triggers("UPDATE ledger_entry SET note = 'altered' WHERE number = 2").await;
    let faults = verify(&app.system()).await.unwrap();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("entry 2 was altered"), "{faults:?}");
}

/// B-3, B-4, E-3, E-4: however late anyone comes, each month closes once and opens once, and reads as if it had been on
/// time.
#[tokio::test]
async fn months_missed_are_caught_up_once() {
    let app = TestApp::start().await;
    let support =
        app.support_with("Ours", OveragePolicy::Allowed, "2026-03-05".parse().unwrap(), &[1, 2, 3]).await;
    support.specialist.ok(&app, LOG, entry(&support, 200, Uuid::new_v4())).await;
    app.advance(Duration::days(60));
    // Read before anyone has written: the third month, at the version of the last movement.
    let read = app.balance(&support).await;
    assert_eq!((read.period.number, read.period.counters.remaining(), read.version), (3, 1200, 2));
    let call = app.system();
    let (a, b) =
        tokio::join!(hourbank::usecase::period::roll_all(&call), hourbank::usecase::period::roll_all(&call));
    a.unwrap();
    b.unwrap();
    let written = app.balance(&support).await;
    assert_eq!(written.period, read.period);
    assert_eq!(written.version, 6, "two expiries and two grants");
    let kinds: Vec<_> = ledger_entry::Entity::find()
        .order_by_asc(ledger_entry::Column::Number)
        .all(&app.database.db)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.minutes)
        .collect();
    assert_eq!(kinds, [1200, -200, -1000, 1200, -1200, 1200]);
    assert_eq!(verify(&app.system()).await.unwrap(), Vec::<String>::new());
}

/// B-4: an ended month that nobody has closed yet reads as expired, an unpaid new one as empty.
#[tokio::test]
async fn an_ended_month_reads_as_expired() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    support.specialist.ok(&app, LOG, entry(&support, 200, Uuid::new_v4())).await;
    app.advance(Duration::days(25));
    let read = app.balance(&support).await;
    assert_eq!((read.period.number, read.period.counters.remaining(), read.version), (2, 0, 2));
    assert_eq!(read.period.id, PeriodId::nth(support.engagement.id, 2));
    hourbank::usecase::period::roll_all(&app.system()).await.unwrap();
    let first = period::Entity::find()
        .filter(period::Column::Number.eq(1))
        .one(&app.database.db)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((first.expired_minutes, first.closed_at.is_some()), (1000, true));
}

/// E-2, E-3: a cancelled support serves to the end of its month and no further; late time still finds its month.
#[tokio::test]
async fn nothing_opens_behind_the_end() {
    let app = TestApp::start().await;
    let support =
        app.support_with("Ours", OveragePolicy::Allowed, "2026-02-05".parse().unwrap(), &[1, 2]).await;
    app.database.db.execute_unprepared("UPDATE engagement SET ends_on = '2026-04-05'").await.unwrap();
    support.specialist.ok(&app, LOG, entry(&support, 10, Uuid::new_v4())).await;
    app.advance(Duration::days(26));
    let late = json!({"input": {"engagementId": support.id(), "workedOn": "2026-04-05", "minutes": 5,
        "activity": "CONFIGURATION", "note": "Too late"}});
    assert_eq!(support.specialist.codes(&app, LOG, late).await, ["NOT_SERVED"]);
    hourbank::usecase::period::roll_all(&app.system()).await.unwrap();
    let periods = app.periods(support.engagement.id).await;
    assert_eq!(periods.len(), 2);
    assert!(periods.iter().all(|period| period.closed_at.is_some()));
    let balances = hour_balance::read(&app.system(), Which::Clients(&[support.client])).await.unwrap();
    assert!(balances.is_empty(), "an ended engagement has no current balance");
    let on_its_last_day = json!({"input": {"engagementId": support.id(), "workedOn": "2026-04-04", "minutes": 5,
        "activity": "CONFIGURATION", "note": "On the last day"}});
    support.specialist.ok(&app, LOG, on_its_last_day).await;
    assert_eq!(verify(&app.system()).await.unwrap(), Vec::<String>::new());
}

/// B-3: a write that does not find its row is a fault, alone as in the company of others.
#[tokio::test]
async fn a_write_that_touches_nothing_is_a_fault() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    app.settle(&support.owner).await;
    let there = app.periods(support.engagement.id).await.remove(0);
    let missing = period::Model { id: PeriodId::new(), ..there.clone() };
    for (rows, is_fault) in [
        (vec![&there], false),
        (vec![&missing], true),
        (vec![&there, &missing], true),
        (vec![&missing, &there], true),
    ] {
        let tx = app.app.db.writing().begin().await.unwrap();
        let done = run(&tx, rows.into_iter().map(saving_period).collect()).await;
        assert_eq!(matches!(done, Err(Error::Internal(_))), is_fault, "{done:?}");
        assert_eq!(done.is_err(), is_fault);
        tx.rollback().await.unwrap();
    }
}
