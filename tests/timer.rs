//! Timers: time being worked, until it is logged.

use chrono::Duration;
use domain::engagement::OveragePolicy;
use domain::user::Role;
use entity::{time_entry, timer};
use hourbank::graphql::id::Identified;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::story::Support;

const TIMER: &str =
    "timer { activity note startedAt minutes engagement { id } task { id } } errors { code field }";
const STOP: &str = "mutation($input: TimerStopInput!) { timerStop(input: $input) {
    timeEntry { id workedOn minutes activity note task { id } } task { spentMinutes } hourBalance { usedMinutes }
    errors { code field } } }";
const READ: &str = "{ viewer { timer { minutes note engagement { id } task { id } } } }";

async fn start(app: &TestApp, actor: &Actor, support: &Support, more: Value) -> Value {
    let mut input = json!({"engagementId": support.id(), "activity": "CONFIGURATION", "note": "Воронки"});
    input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let start = format!("mutation($input: TimerStartInput!) {{ timerStart(input: $input) {{ {TIMER} }} }}");
    actor.run(app, &start, json!({"input": input})).await.data["timerStart"].clone()
}

async fn stop(app: &TestApp, actor: &Actor, input: Value) -> Value {
    actor.run(app, STOP, json!({"input": input})).await.data["timerStop"].clone()
}

fn codes(payload: &Value) -> Vec<&str> {
    let errors = payload["errors"].as_array().expect("errors");
    errors.iter().map(|error| error["code"].as_str().expect("a code")).collect()
}

async fn count(app: &TestApp) -> (u64, u64) {
    let db = &app.database.db;
    (timer::Entity::find().count(db).await.unwrap(), time_entry::Entity::find().count(db).await.unwrap())
}

/// W-3, W-7: started, changed while it runs, stopped into an entry by the same rules as any other; the same key logs once.
#[tokio::test]
async fn w3_a_timer_becomes_an_entry() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let (_, tasks) = app.tasks(support.client, 1).await;
    let task = tasks[0].global().0;
    let me = &support.specialist;
    assert_eq!(me.ok(&app, READ, json!({})).await["viewer"]["timer"], Value::Null);
    let begun = start(&app, me, &support, json!({"note": null})).await;
    assert_eq!((codes(&begun), &begun["timer"]["minutes"]), (vec![], &json!(1)));
    app.advance(Duration::seconds(10 * 60 + 1));
    let update =
        format!("mutation($input: TimerUpdateInput!) {{ timerUpdate(input: $input) {{ {TIMER} }} }}");
    let changed = json!({"input": {"taskId": task, "activity": "ANALYSIS"}});
    let changed = me.ok(&app, &update, changed).await["timerUpdate"]["timer"].clone();
    assert_eq!((&changed["minutes"], &changed["activity"]), (&json!(11), &json!("ANALYSIS")));
    let seen = me.ok(&app, READ, json!({})).await["viewer"]["timer"].clone();
    assert_eq!(
        seen,
        json!({"minutes": 11, "note": null, "engagement": {"id": support.id()}, "task": {"id": task}})
    );
    // The note is required in the end, and the timer runs on until it is said.
    assert_eq!(codes(&stop(&app, me, json!({})).await), ["INVALID"]);
    assert_eq!(count(&app).await, (1, 0));
    let key = uuid::Uuid::new_v4();
    let last = json!({"note": "Разбор", "idempotencyKey": key});
    let stopped = stop(&app, me, last.clone()).await;
    let entry = &stopped["timeEntry"];
    assert_eq!(
        (&entry["workedOn"], &entry["minutes"], &entry["activity"], &entry["note"], &entry["task"]["id"]),
        (&json!("2026-03-11"), &json!(11), &json!("ANALYSIS"), &json!("Разбор"), &json!(task))
    );
    assert_eq!(
        (&stopped["task"]["spentMinutes"], &stopped["hourBalance"]["usedMinutes"]),
        (&json!(11), &json!(11))
    );
    assert_eq!(stop(&app, me, last).await["timeEntry"]["id"], entry["id"]);
    assert_eq!(codes(&stop(&app, me, json!({"note": "Ещё"})).await), ["WRONG_STATUS"]);
    assert_eq!(count(&app).await, (0, 1));
}

/// W-3: one a person, over all clients; the one that runs is named; discarded, nothing is logged.
#[tokio::test]
async fn w3_one_timer_a_person() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.support("Ours").await, app.support("Theirs").await);
    let me = &ours.specialist;
    app.join(me, theirs.client, domain::team::Position::Developer).await;
    let key = uuid::Uuid::new_v4();
    let first = start(&app, me, &ours, json!({"idempotencyKey": key})).await;
    assert_eq!(first, start(&app, me, &ours, json!({"idempotencyKey": key})).await);
    let second = start(&app, me, &theirs, json!({})).await;
    assert_eq!((codes(&second), &second["timer"]), (vec!["TIMER_RUNNING"], &first["timer"]));
    // Another person's is another timer.
    assert_eq!(codes(&start(&app, &theirs.specialist, &theirs, json!({})).await), Vec::<&str>::new());
    let discard = format!("mutation {{ timerDiscard {{ {TIMER} }} }}");
    let gone = me.ok(&app, &discard, json!({})).await["timerDiscard"]["timer"].clone();
    assert_eq!(gone, first["timer"]);
    assert_eq!(me.codes(&app, &discard, json!({})).await, ["WRONG_STATUS"]);
    // What was started by that key is over, and is not started again.
    assert_eq!(
        start(&app, me, &ours, json!({"idempotencyKey": key})).await,
        json!({"timer": null, "errors": []})
    );
    assert_eq!(count(&app).await, (1, 0));
}

/// W-3, B-7, W-1: what logging refuses leaves the timer running.
#[tokio::test]
async fn w3_a_refused_stop_loses_nothing() {
    let app = TestApp::start().await;
    let starts = "2026-03-05".parse().expect("a day");
    let support = app.support_with("Ours", OveragePolicy::Refused, starts, &[]).await;
    let me = &support.specialist;
    start(&app, me, &support, json!({})).await;
    app.advance(Duration::minutes(30));
    assert_eq!(codes(&stop(&app, me, json!({})).await), ["BALANCE_EXHAUSTED"]);
    assert_eq!(count(&app).await, (1, 0));
    let other = app.support("Theirs").await;
    app.join(me, other.client, domain::team::Position::Developer).await;
    let full = json!({"input": {"engagementId": other.id(), "workedOn": "2026-03-11", "minutes": 1440,
        "activity": "ANALYSIS", "note": "Сутки"}});
    me.ok(&app, crate::support::ready::LOG, full).await;
    assert_eq!(codes(&stop(&app, me, json!({})).await), ["DAY_FULL"]);
    assert_eq!(me.ok(&app, READ, json!({})).await["viewer"]["timer"]["minutes"], 30);
}

/// W-3: past midnight the time is the day's on which it was started, as the client counts days; beyond 24 hours the person
/// says how much it was; never more than ran.
#[tokio::test]
async fn w3_midnight_and_forgotten_timers() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let me = &support.specialist;
    // 23:30 in Moscow.
    app.advance(Duration::minutes(8 * 60 + 30));
    start(&app, me, &support, json!({})).await;
    app.advance(Duration::minutes(90));
    assert_eq!(codes(&stop(&app, me, json!({"minutes": 91})).await), ["INVALID"]);
    let entry = stop(&app, me, json!({})).await["timeEntry"].clone();
    assert_eq!((&entry["workedOn"], &entry["minutes"]), (&json!("2026-03-11"), &json!(90)));
    start(&app, me, &support, json!({})).await;
    app.advance(Duration::hours(24) + Duration::seconds(1));
    let refused = stop(&app, me, json!({"note": " "})).await;
    assert_eq!(
        refused["errors"],
        json!([{"code": "INVALID", "field": ["note"]}, {"code": "INVALID", "field": ["minutes"]}])
    );
    let entry = stop(&app, me, json!({"minutes": 45})).await["timeEntry"].clone();
    assert_eq!((&entry["workedOn"], &entry["minutes"]), (&json!("2026-03-12"), &json!(45)));
}

/// W-3, A-1: by the right to log one's own time; whoever left the team sees its client no longer and can only discard.
#[tokio::test]
async fn w3_who_may() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let stranger = app.staff(Role::Specialist).await;
    assert_eq!(codes(&start(&app, &stranger, &support, json!({})).await), ["NOT_FOUND"]);
    let quality = app.staff(Role::QualityManager).await;
    let any = "mutation { timerDiscard { errors { code } } }";
    for other in [&support.owner, &quality] {
        assert_eq!(other.codes(&app, any, json!({})).await, ["FORBIDDEN"]);
    }
    let (_, theirs) = app.tasks(app.client("Theirs").await, 1).await;
    let wrong =
        start(&app, &support.specialist, &support, json!({"taskId": theirs[0].global(), "note": ""})).await;
    assert_eq!(codes(&wrong), ["INVALID", "NOT_FOUND"]);
    let me = &support.specialist;
    start(&app, me, &support, json!({})).await;
    app.leave(me, support.client).await;
    let seen = me.ok(&app, READ, json!({})).await["viewer"]["timer"].clone();
    assert_eq!((&seen["engagement"], &seen["minutes"]), (&Value::Null, &json!(1)));
    assert_eq!(codes(&stop(&app, me, json!({})).await), ["NOT_FOUND"]);
    me.ok(&app, any, json!({})).await;
    let draft =
        app.engagement(support.client, "SUPPORT_20", domain::engagement::EngagementStatus::Draft).await;
    let admin = app.staff(Role::Administrator).await;
    let input = json!({"engagementId": draft.id.global()});
    let refused = start(&app, &admin, &support, input).await;
    assert_eq!(refused["errors"], json!([{"code": "NOT_SERVED", "field": ["engagementId"]}]));
}

/// W-3: started or stopped on two devices at once it is one timer and one entry.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w3_two_devices_at_once() {
    let app = std::sync::Arc::new(TestApp::start().await);
    let support = std::sync::Arc::new(app.support("Ours").await);
    app.settle(&support.specialist).await;
    for round in ["start", "stop"] {
        let both = (0..4).map(|_| {
            let (app, support) = (std::sync::Arc::clone(&app), std::sync::Arc::clone(&support));
            tokio::spawn(async move {
                let me = &support.specialist;
                let done = match round {
                    "start" => start(&app, me, &support, json!({})).await,
                    _ => stop(&app, me, json!({})).await,
                };
                codes(&done).into_iter().map(str::to_owned).collect::<Vec<_>>()
            })
        });
        let mut refused = Vec::new();
        for one in both.collect::<Vec<_>>() {
            refused.extend(one.await.unwrap());
        }
        let code = if round == "start" { "TIMER_RUNNING" } else { "WRONG_STATUS" };
        assert_eq!(refused, [code; 3], "{round}");
    }
    assert_eq!(count(&app).await, (0, 1));
}
