//! What is written into the past: corrections, and time logged late.

use chrono::Duration;
use domain::engagement::{EngagementStatus, OveragePolicy};
use domain::team::Position;
use domain::user::Role;
use entity::{audit, block, team_member, time_entry};
use hourbank::graphql::id::Identified;
use hourbank::usecase::{period, verify::verify};
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::story::Support;

const LOG: &str = "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) {
    timeEntry { id } hourBalance { version } errors { code } } }";

const CORRECT: &str =
    "mutation($id: ID!, $input: TimeEntryCorrectInput!) { timeEntryCorrect(id: $id, input: $input) {
    timeEntry { id workedOn } hourBalance { usedMinutes adjustedMinutes overageMinutes version } errors { code } } }";

const WITHDRAW: &str =
    "mutation($id: ID!, $input: TimeEntryWithdrawInput!) { timeEntryWithdraw(id: $id, input: $input) {
    timeEntry { id } hourBalance { usedMinutes adjustedMinutes } errors { code } } }";

fn entry(engagement: &str, day: &str, minutes: i32) -> Value {
    json!({"input": {"engagementId": engagement, "workedOn": day, "minutes": minutes, "activity": "MEETING",
        "note": "Met the head of sales"}})
}

async fn log(app: &TestApp, support: &Support, day: &str, minutes: i32) -> Value {
    let logged = support.specialist.ok(app, LOG, entry(&support.id(), day, minutes)).await;
    logged["timeEntryCreate"]["timeEntry"]["id"].clone()
}

async fn correct(app: &TestApp, who: &Actor, id: &Value, change: Value) -> Value {
    let mut input = json!({"reason": "Another day"});
    input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    who.ok(app, CORRECT, json!({"id": id, "input": input})).await["timeEntryCorrect"].clone()
}

/// What a period holds: granted, adjusted, used, expired.
async fn held(app: &TestApp, support: &Support, place: usize) -> [i32; 4] {
    let period = app.periods(support.engagement.id).await[place].clone();
    [period.granted_minutes, period.adjusted_minutes, period.used_minutes, period.expired_minutes]
}

async fn sql(app: &TestApp, sql: &str) {
    app.database.db.execute_unprepared(sql).await.unwrap();
}

async fn in_order(app: &TestApp) {
    assert_eq!(verify(&app.system()).await.unwrap(), Vec::<String>::new());
}

/// W-4, B-7: moved between an open and a closed period, an entry is reversed or used on the open side and adjusted for
/// on the closed one, by an administrator alone; what takes no more than it gives back passes under any policy.
#[tokio::test]
async fn an_entry_moves_between_an_open_and_a_closed_period() {
    let app = TestApp::start().await;
    let support =
        app.support_with("Ours", OveragePolicy::Allowed, "2026-02-11".parse().unwrap(), &[1, 2]).await;
    let admin = app.staff(Role::Administrator).await;
    log(&app, &support, "2026-03-11", 1190).await;
    let id = log(&app, &support, "2026-03-11", 30).await;
    sql(&app, "UPDATE engagement SET overage_policy = 'REFUSED'").await;
    let move_it = json!({"id": id, "input": {"workedOn": "2026-03-10", "reason": "Another day"}});
    for who in [&support.specialist, &support.manager] {
        assert_eq!(who.codes(&app, CORRECT, move_it.clone()).await, ["PERIOD_CLOSED"]);
    }
    let mut more = move_it.clone();
    more["input"]["minutes"] = json!(31);
    assert_eq!(admin.codes(&app, CORRECT, more).await, ["BALANCE_EXHAUSTED"]);
    assert_eq!(held(&app, &support, 1).await, [1200, 0, 1220, 0]);

    let moved = correct(&app, &admin, &id, json!({"workedOn": "2026-03-10"})).await;
    assert_eq!(moved["hourBalance"]["overageMinutes"], 20);
    assert_eq!(held(&app, &support, 0).await, [1200, 0, 0, 1200]);
    assert_eq!(held(&app, &support, 1).await, [1200, -30, 1190, 0]);
    let back = correct(&app, &admin, &moved["timeEntry"]["id"], json!({"workedOn": "2026-03-11"})).await;
    assert_eq!(back["hourBalance"]["overageMinutes"], 20);
    assert_eq!(held(&app, &support, 1).await, [1200, 0, 1220, 0]);
    in_order(&app).await;
}

/// W-4: moved to another engagement, an entry is reversed where it was and counts where it goes, by an administrator
/// alone; where no period runs there, its last one is adjusted.
#[tokio::test]
async fn an_entry_moves_to_another_engagement() {
    let app = TestApp::start().await;
    let ours = app.support("Ours").await;
    let theirs =
        app.support_with("Theirs", OveragePolicy::Allowed, "2026-02-05".parse().unwrap(), &[1]).await;
    sql(&app, "UPDATE engagement SET ends_on = '2026-03-05' WHERE starts_on = '2026-02-05'").await;
    let open = app.support("Open").await;
    for who in [&ours.specialist, &ours.manager] {
        app.join(who, theirs.client, Position::Developer).await;
        app.join(who, open.client, Position::Developer).await;
    }
    let id = log(&app, &ours, "2026-03-11", 30).await;
    let between_open_ones =
        json!({"id": id, "input": {"engagementId": open.id(), "reason": "Another client"}});
    for who in [&ours.specialist, &ours.manager] {
        assert_eq!(who.codes(&app, CORRECT, between_open_ones.clone()).await, ["PERIOD_CLOSED"]);
    }
    let to_theirs = json!({"engagementId": theirs.id(), "workedOn": "2026-03-04"});
    let mut input = to_theirs.clone();
    input["reason"] = json!("Another client");
    for who in [&ours.specialist, &ours.manager] {
        let codes = who.codes(&app, CORRECT, json!({"id": id, "input": input})).await;
        assert_eq!(codes, ["PERIOD_CLOSED"]);
    }
    assert_eq!(ours.owner.codes(&app, CORRECT, json!({"id": id, "input": input})).await, ["FORBIDDEN"]);
    let admin = app.staff(Role::Administrator).await;
    let moved = correct(&app, &admin, &id, to_theirs).await;
    assert_eq!(held(&app, &ours, 0).await, [1200, 0, 0, 0]);
    assert_eq!(held(&app, &theirs, 0).await, [1200, -30, 0, 1200]);
    // And back: what was adjusted for is given back there.
    let back = json!({"engagementId": ours.id(), "workedOn": "2026-03-10", "minutes": 20});
    correct(&app, &admin, &moved["timeEntry"]["id"], back).await;
    assert_eq!(held(&app, &ours, 0).await, [1200, 0, 20, 0]);
    assert_eq!(held(&app, &theirs, 0).await, [1200, 0, 0, 1200]);
    in_order(&app).await;
}

/// W-4, B-7: a late entry that its period cannot hold is refused whole where the policy refuses, to the minute.
#[tokio::test]
async fn late_time_is_refused_whole() {
    let app = TestApp::start().await;
    let support =
        app.support_with("Ours", OveragePolicy::Refused, "2026-02-11".parse().unwrap(), &[1, 2]).await;
    let late = |minutes| entry(&support.id(), "2026-03-10", minutes);
    assert_eq!(support.specialist.codes(&app, LOG, late(1201)).await, ["BALANCE_EXHAUSTED"]);
    assert_eq!(time_entry::Entity::find().count(&app.database.db).await.unwrap(), 0);
    support.specialist.ok(&app, LOG, late(1000)).await;
    support.specialist.ok(&app, LOG, late(200)).await;
    assert_eq!(held(&app, &support, 0).await, [1200, 0, 1200, 0]);
    assert_eq!(support.manager.codes(&app, LOG, late(1)).await, ["BALANCE_EXHAUSTED"]);
    in_order(&app).await;
}

/// W-1, W-4: what was given up in the middle of its period serves no day behind its end; its last days may be logged
/// for three working days.
#[tokio::test]
async fn nothing_is_logged_behind_the_end() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let first = "2026-02-20".parse().unwrap();
    let audit = app.engagement_from(client, "AUDIT", EngagementStatus::Active, first).await;
    sql(&app, "UPDATE engagement SET own_minutes = 900, own_length_months = 1").await;
    let account = app.on_team(Role::AccountManager, client).await;
    let cancel = "mutation($id: ID!) { engagementCancel(id: $id, input: {reason: \"Enough\"}) {
        engagement { endsOn } errors { code } } }";
    let done = account.ok(&app, cancel, json!({"id": audit.id.global()})).await;
    assert_eq!(done["engagementCancel"]["engagement"]["endsOn"], "2026-03-12");
    let id = audit.id.global().0;
    account.ok(&app, LOG, entry(&id, "2026-03-11", 10)).await;
    app.advance(Duration::days(5));
    assert_eq!(account.codes(&app, LOG, entry(&id, "2026-03-12", 10)).await, ["NOT_SERVED"]);
    account.ok(&app, LOG, entry(&id, "2026-03-11", 10)).await;
    app.advance(Duration::days(1));
    assert_eq!(account.codes(&app, LOG, entry(&id, "2026-03-11", 10)).await, ["PERIOD_CLOSED"]);
    in_order(&app).await;
}

/// B-8, W-4: an audit whose one period is over waits without a trace until it is given up, and has served the period's
/// days.
#[tokio::test]
async fn an_audit_that_is_over_waits() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let first = "2026-02-05".parse().unwrap();
    let row = app.engagement_from(client, "AUDIT", EngagementStatus::Active, first).await;
    sql(&app, "UPDATE engagement SET own_minutes = 900, own_length_months = 1").await;
    sql(&app, "DELETE FROM period WHERE number > 1").await;
    for _ in 0..2 {
        assert_eq!(period::roll_all(&app.system()).await.unwrap(), 0);
    }
    assert_eq!(audit::Entity::find().count(&app.database.db).await.unwrap(), 0);
    let account = app.on_team(Role::AccountManager, client).await;
    let cancel = "mutation($id: ID!) { engagementCancel(id: $id, input: {reason: \"Done\"}) {
        engagement { status endsOn } errors { code } } }";
    let done = account.ok(&app, cancel, json!({"id": row.id.global()})).await;
    let expected = json!({"status": "CANCELLED", "endsOn": "2026-03-05"});
    assert_eq!(done["engagementCancel"]["engagement"], expected);
}

/// P-3, W-4: the minutes of an entry leave the block that its task is in now, wherever it was when they were logged.
#[tokio::test]
async fn a_correction_finds_the_block_that_the_task_is_in() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let (first, tasks) = app.tasks(support.client, 1).await;
    let plan = block::Entity::find_by_id(first).one(&app.database.db).await.unwrap().unwrap().plan_id;
    let create = "mutation($plan: ID!) { blockCreate(input: {planId: $plan, title: \"Second\"}) {
        block { id } errors { code } } }";
    let second = support.manager.ok(&app, create, json!({"plan": plan.global()})).await;
    let mut input = entry(&support.id(), "2026-03-11", 60);
    input["input"]["taskId"] = json!(tasks[0].global());
    let id = support.specialist.ok(&app, LOG, input).await["timeEntryCreate"]["timeEntry"]["id"].clone();
    let cross =
        "mutation($id: ID!, $to: ID!) { taskMove(id: $id, input: {blockId: $to}) { errors { code } } }";
    let to = &second["blockCreate"]["block"]["id"];
    support.manager.ok(&app, cross, json!({"id": tasks[0].global(), "to": to})).await;
    let spent = async || {
        let blocks = block::Entity::find().all(&app.database.db).await.unwrap();
        let of =
            |is_first| blocks.iter().find(|block| (block.id == first) == is_first).unwrap().spent_minutes;
        (of(true), of(false))
    };
    let id = correct(&app, &support.specialist, &id, json!({"minutes": 45})).await["timeEntry"]["id"].clone();
    assert_eq!(spent().await, (0, 45));
    support.specialist.ok(&app, WITHDRAW, json!({"id": id, "input": {"reason": "Twice"}})).await;
    assert_eq!(spent().await, (0, 0));
    in_order(&app).await;
}

/// W-7, A-1: a key tells nothing to whoever lost the client, and stands for the operation that it was first given to.
#[tokio::test]
async fn a_key_outlives_no_right() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let helper = app.staff(Role::Specialist).await;
    let place = app.join(&helper, support.client, Position::Assistant).await;
    let (logging, correcting) = (Uuid::new_v4(), Uuid::new_v4());
    let mut input = entry(&support.id(), "2026-03-11", 30);
    input["input"]["idempotencyKey"] = json!(logging);
    let id = helper.ok(&app, LOG, input.clone()).await["timeEntryCreate"]["timeEntry"]["id"].clone();
    let change = |key| json!({"id": id, "input": {"minutes": 20, "reason": "Less", "idempotencyKey": key}});
    assert_eq!(helper.codes(&app, CORRECT, change(logging)).await, ["IDEMPOTENCY_KEY_REUSED"]);
    let first = helper.ok(&app, CORRECT, change(correcting)).await["timeEntryCorrect"].clone();
    assert_eq!(helper.ok(&app, CORRECT, change(correcting)).await["timeEntryCorrect"], first);
    let withdraw = json!({"id": id, "input": {"reason": "Less", "idempotencyKey": correcting}});
    assert_eq!(helper.codes(&app, WITHDRAW, withdraw).await, ["IDEMPOTENCY_KEY_REUSED"]);
    assert_eq!(time_entry::Entity::find().count(&app.database.db).await.unwrap(), 2);
    team_member::Entity::delete_by_id(place).exec(&app.database.db).await.unwrap();
    app.rights_changed(&helper);
    assert_eq!(helper.codes(&app, LOG, input).await, ["NOT_FOUND"]);
    assert_eq!(helper.codes(&app, CORRECT, change(correcting)).await, ["NOT_FOUND"]);
}
