//! Time as people log it.

use chrono::Duration;
use domain::alert::WarningKind;
use domain::engagement::{EngagementStatus, OveragePolicy};
use domain::team::Position;
use domain::user::Role;
use entity::{block, ledger_entry, task, team_member, time_entry, user_day};
use hourbank::graphql::id::Identified;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::story::Support;

const LOG: &str = "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) {
    timeEntry { id minutes workedOn drawsOnBalance user { name } }
    hourBalance { remainingMinutes usedMinutes overageMinutes version } errors { code field message } } }";

const CORRECT: &str =
    "mutation($id: ID!, $input: TimeEntryCorrectInput!) { timeEntryCorrect(id: $id, input: $input) {
    timeEntry { id minutes corrections { minutes correctionReason } }
    hourBalance { remainingMinutes usedMinutes adjustedMinutes overageMinutes version } errors { code } } }";

fn entry(support: &Support, day: &str, minutes: i32) -> Value {
    json!({"input": {"engagementId": support.id(), "workedOn": day, "minutes": minutes, "activity": "CHAT_SUPPORT",
        "note": "Answered in the chat"}})
}

async fn log(app: &TestApp, who: &Actor, support: &Support, day: &str, minutes: i32) -> Value {
    who.ok(app, LOG, entry(support, day, minutes)).await["timeEntryCreate"].clone()
}

/// W-1, W-2, B-2: ten minutes in the chat are logged, drawn, counted and shown.
#[tokio::test]
async fn ten_minutes_in_the_chat_are_drawn() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let logged = log(&app, &support.specialist, &support, "2026-03-11", 10).await;
    assert_eq!(logged["timeEntry"]["drawsOnBalance"], true);
    assert_eq!(
        logged["hourBalance"],
        json!({"remainingMinutes": 1190, "usedMinutes": 10, "overageMinutes": 0, "version": 2})
    );
    let seen = support
        .owner
        .ok(&app, "{ timeEntries { totalCount totalMinutes nodes { minutes note } } }", json!({}))
        .await;
    assert_eq!(
        seen["timeEntries"],
        json!({"totalCount": 1, "totalMinutes": 10, "nodes": [{"minutes": 10, "note": "Answered in the chat"}]})
    );
}

/// W-7: the same key and input log once; other input under the key is refused; another's key is another key.
#[tokio::test]
async fn a_retry_logs_once() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let mut input = entry(&support, "2026-03-11", 30);
    input["input"]["idempotencyKey"] = json!(Uuid::new_v4());
    let first = support.specialist.ok(&app, LOG, input.clone()).await;
    let second = support.specialist.ok(&app, LOG, input.clone()).await;
    assert_eq!(first["timeEntryCreate"]["timeEntry"]["id"], second["timeEntryCreate"]["timeEntry"]["id"]);
    assert_eq!(second["timeEntryCreate"]["hourBalance"]["usedMinutes"], 30);
    let other = support.manager.ok(&app, LOG, input.clone()).await;
    assert_eq!(other["timeEntryCreate"]["hourBalance"]["usedMinutes"], 60);
    input["input"]["minutes"] = json!(31);
    assert_eq!(support.specialist.codes(&app, LOG, input).await, ["IDEMPOTENCY_KEY_REUSED"]);
    assert_eq!(time_entry::Entity::find().count(&app.database.db).await.unwrap(), 2);
}

/// W-1: every fault at once, and nothing is written.
#[tokio::test]
async fn what_makes_no_sense_is_refused_whole() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let mut input = entry(&support, "2026-03-12", 0);
    input["input"]["note"] = json!("  ");
    let answer = support.specialist.run(&app, LOG, input).await;
    let mut codes = answer.codes();
    codes.sort();
    assert_eq!(codes, ["FUTURE_DAY", "INVALID", "INVALID"]);
    assert_eq!(support.specialist.codes(&app, LOG, entry(&support, "2026-03-04", 5)).await, ["NOT_SERVED"]);
    assert_eq!(support.specialist.codes(&app, LOG, entry(&support, "2026-03-11", 1441)).await, ["INVALID"]);
    for count in [
        time_entry::Entity::find().count(&app.database.db).await,
        ledger_entry::Entity::find().count(&app.database.db).await,
        user_day::Entity::find().count(&app.database.db).await,
    ] {
        assert_eq!(count.unwrap(), 0);
    }
}

/// W-1: a person has 24 hours a day over all clients, also when two sides write at once.
#[tokio::test]
async fn a_day_has_twenty_four_hours() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.support("Ours").await, app.support("Theirs").await);
    app.join(&ours.specialist, theirs.client, Position::Developer).await;
    log(&app, &ours.specialist, &ours, "2026-03-11", 1000).await;
    let (first, second) = tokio::join!(
        ours.specialist.codes(&app, LOG, entry(&ours, "2026-03-11", 300)),
        ours.specialist.codes(&app, LOG, entry(&theirs, "2026-03-11", 300)),
    );
    let mut codes = [first, second].concat();
    codes.sort();
    assert_eq!(codes, ["DAY_FULL"]);
    log(&app, &ours.specialist, &theirs, "2026-03-10", 1440).await;
}

/// A-1, W-1: whose time it is decides: another's is an administrator's to log; who is off the team finds nothing.
#[tokio::test]
async fn time_is_ones_own() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let admin = app.staff(Role::Administrator).await;
    let stranger = app.staff(Role::Specialist).await;
    assert_eq!(stranger.codes(&app, LOG, entry(&support, "2026-03-11", 5)).await, ["NOT_FOUND"]);
    assert_eq!(support.owner.codes(&app, LOG, entry(&support, "2026-03-11", 5)).await, ["FORBIDDEN"]);
    let mut nowhere = entry(&support, "2026-03-11", 5);
    nowhere["input"]["engagementId"] = json!(domain::id::EngagementId::new().global());
    assert_eq!(support.specialist.codes(&app, LOG, nowhere).await, ["NOT_FOUND"]);
    assert_eq!(
        Actor::anonymous().codes(&app, LOG, entry(&support, "2026-03-11", 5)).await,
        ["UNAUTHENTICATED"]
    );
    let mut for_another = entry(&support, "2026-03-11", 5);
    for_another["input"]["userId"] = json!(support.specialist.user.unwrap().global().0);
    assert_eq!(support.manager.codes(&app, LOG, for_another.clone()).await, ["FORBIDDEN"]);
    admin.ok(&app, LOG, for_another).await;
    let of_specialist = support.specialist.ok(&app, "{ timeEntries { totalMinutes } }", json!({})).await;
    assert_eq!(of_specialist["timeEntries"]["totalMinutes"], 5);
}

/// B-7: a policy that refuses is never overdrawn; one that asks wants the owner's approval.
#[tokio::test]
async fn overage_follows_the_policy() {
    let app = TestApp::start().await;
    let first = "2026-03-05".parse().unwrap();
    let refused = app.support_with("Refused", OveragePolicy::Refused, first, &[1]).await;
    log(&app, &refused.specialist, &refused, "2026-03-10", 1190).await;
    assert_eq!(
        refused.specialist.codes(&app, LOG, entry(&refused, "2026-03-11", 11)).await,
        ["BALANCE_EXHAUSTED"]
    );
    log(&app, &refused.specialist, &refused, "2026-03-11", 10).await;
    let asks = app.support_with("Asks", OveragePolicy::AskClient, first, &[1]).await;
    assert_eq!(asks.specialist.codes(&app, LOG, entry(&asks, "2026-03-11", 1201)).await, ["APPROVAL_NEEDED"]);
    let allowed = app.support("Allowed").await;
    let logged = log(&app, &allowed.specialist, &allowed, "2026-03-11", 1210).await;
    assert_eq!(logged["hourBalance"]["overageMinutes"], 10);
    assert_eq!(logged["hourBalance"]["remainingMinutes"], 0);
}

/// W-4, T57: a correction reverses and logs anew, keeps its history, and moves every total once.
#[tokio::test]
async fn a_correction_keeps_its_history() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let (block_id, tasks) = app.tasks(support.client, 2).await;
    let mut input = entry(&support, "2026-03-11", 60);
    input["input"]["taskId"] = json!(tasks[0].global().0);
    let id = support.specialist.ok(&app, LOG, input).await["timeEntryCreate"]["timeEntry"]["id"].clone();
    let change =
        json!({"id": id, "input": {"minutes": 45, "taskId": tasks[1].global().0, "reason": "Mistyped"}});
    let corrected = support.manager.ok(&app, CORRECT, change.clone()).await["timeEntryCorrect"].clone();
    assert_eq!(corrected["hourBalance"]["usedMinutes"], 45);
    assert_eq!(corrected["hourBalance"]["version"], 4);
    assert_eq!(
        corrected["timeEntry"]["corrections"],
        json!([{"minutes": 60, "correctionReason": "Mistyped"}])
    );
    assert_eq!(support.manager.codes(&app, CORRECT, change).await, ["WRONG_STATUS"]);
    let spent =
        async |id| task::Entity::find_by_id(id).one(&app.database.db).await.unwrap().unwrap().spent_minutes;
    assert_eq!((spent(tasks[0]).await, spent(tasks[1]).await), (0, 45));
    let block = block::Entity::find_by_id(block_id).one(&app.database.db).await.unwrap().unwrap();
    assert_eq!(block.spent_minutes, 45);
    let list = support.owner.ok(&app, "{ timeEntries { totalCount totalMinutes } }", json!({})).await;
    assert_eq!(list["timeEntries"], json!({"totalCount": 1, "totalMinutes": 45}));
}

/// W-4: who may correct, and never without a reason.
#[tokio::test]
async fn corrections_have_a_reason_and_their_people() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let colleague = app.on_team(Role::Specialist, support.client).await;
    let id = log(&app, &support.specialist, &support, "2026-03-11", 60).await["timeEntry"]["id"].clone();
    let change = |reason: &str| json!({"id": id, "input": {"minutes": 45, "reason": reason}});
    assert_eq!(colleague.codes(&app, CORRECT, change("Mine")).await, ["FORBIDDEN"]);
    assert_eq!(support.owner.codes(&app, CORRECT, change("Too much")).await, ["FORBIDDEN"]);
    assert_eq!(support.specialist.codes(&app, CORRECT, change(" ")).await, ["REASON_REQUIRED"]);
    support.specialist.ok(&app, CORRECT, change("Mistyped")).await;
}

/// W-4: time taken back leaves the list and the balance, and stays readable by its id.
#[tokio::test]
async fn time_is_taken_back() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let id = log(&app, &support.specialist, &support, "2026-03-11", 60).await["timeEntry"]["id"].clone();
    let withdraw = "mutation($id: ID!) { timeEntryWithdraw(id: $id, input: {reason: \"Twice\"}) {
        timeEntry { correctedAt correctionReason } hourBalance { usedMinutes remainingMinutes } errors { code } } }";
    let done = support.specialist.ok(&app, withdraw, json!({"id": id})).await["timeEntryWithdraw"].clone();
    assert_eq!(done["hourBalance"], json!({"usedMinutes": 0, "remainingMinutes": 1200}));
    assert_eq!(done["timeEntry"]["correctionReason"], "Twice");
    log(&app, &support.specialist, &support, "2026-03-11", 1440).await;
}

/// W-4: a first entry for a closed period draws on that period, its expiry given back as far as needed; its author
/// has three working days, an administrator longer.
#[tokio::test]
async fn late_time_draws_on_its_own_period() {
    let app = TestApp::start().await;
    let support =
        app.support_with("Ours", OveragePolicy::Allowed, "2026-02-11".parse().unwrap(), &[1, 2]).await;
    // 2026-03-11 is the first day of the second month; the first has just expired.
    let late = log(&app, &support.specialist, &support, "2026-03-10", 90).await;
    assert_eq!(late["hourBalance"]["remainingMinutes"], 1200, "the running month is untouched");
    let closed = app.periods(support.engagement.id).await[0].clone();
    assert_eq!((closed.used_minutes, closed.expired_minutes), (90, 1110));
    app.advance(Duration::days(3));
    assert_eq!(
        support.specialist.codes(&app, LOG, entry(&support, "2026-03-10", 5)).await,
        ["PERIOD_CLOSED"]
    );
    let admin = app.staff(Role::Administrator).await;
    let mut on_behalf = entry(&support, "2026-03-10", 5);
    on_behalf["input"]["userId"] = json!(support.specialist.user.unwrap().global().0);
    admin.ok(&app, LOG, on_behalf).await;
    assert_eq!(app.periods(support.engagement.id).await[0].expired_minutes, 1105);
}

/// W-4: an entry of a closed period keeps that period's counters; its correction is an administrator's, the difference
/// an adjustment of the running period.
#[tokio::test]
async fn a_closed_period_keeps_its_counters() {
    let app = TestApp::start().await;
    let support =
        app.support_with("Ours", OveragePolicy::Allowed, "2026-02-11".parse().unwrap(), &[1, 2]).await;
    let id = log(&app, &support.specialist, &support, "2026-03-10", 90).await["timeEntry"]["id"].clone();
    let before = app.periods(support.engagement.id).await[0].clone();
    let change = json!({"id": id, "input": {"minutes": 60, "reason": "Mistyped"}});
    assert_eq!(support.specialist.codes(&app, CORRECT, change.clone()).await, ["PERIOD_CLOSED"]);
    let admin = app.staff(Role::Administrator).await;
    let done = admin.ok(&app, CORRECT, change).await["timeEntryCorrect"]["hourBalance"].clone();
    assert_eq!((done["adjustedMinutes"].clone(), done["remainingMinutes"].clone()), (json!(30), json!(1230)));
    assert_eq!(app.periods(support.engagement.id).await[0], before);
}

/// W-6, B-11, P-3: in an implementation the specialist's own work alone draws and counts as spent, development and work
/// at the client's place apart; each entry says why, also when the team has changed since.
#[tokio::test]
async fn the_specialist_alone_draws() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let first = "2026-03-05".parse().unwrap();
    let jam = app.engagement_from(client, "JAM_STANDARD", EngagementStatus::Active, first).await;
    let (specialist, developer) = (app.staff(Role::ProjectManager).await, app.staff(Role::Specialist).await);
    let place = app.join(&specialist, client, Position::ImplementationSpecialist).await;
    app.join(&specialist, client, Position::ProjectManager).await;
    app.join(&developer, client, Position::Developer).await;
    let (_, tasks) = app.tasks(client, 1).await;
    let mut logged = Vec::new();
    for (who, activity, minutes, expected) in [
        (&specialist, "MEETING", 40, (true, "SPECIALIST_WORK")),
        (&specialist, "DEVELOPMENT", 10, (false, "DEVELOPMENT_APART")),
        (&specialist, "ON_SITE", 10, (false, "ON_SITE_APART")),
        (&developer, "MEETING", 10, (false, "OTHER_POSITION")),
    ] {
        let input = json!({"input": {"engagementId": jam.id.global(), "taskId": tasks[0].global(), "activity": activity,
            "workedOn": "2026-03-11", "minutes": minutes, "note": "Worked"}});
        let entry = who.ok(&app, LOG, input).await["timeEntryCreate"]["timeEntry"].clone();
        assert_eq!(entry["drawsOnBalance"], expected.0, "{activity}");
        logged.push((entry["id"].clone(), expected.1));
    }
    assert_eq!(app.periods(jam.id).await[0].used_minutes, 40);
    let row = task::Entity::find_by_id(tasks[0]).one(&app.database.db).await.unwrap().unwrap();
    assert_eq!(row.spent_minutes, 40);
    team_member::Entity::delete_by_id(place).exec(&app.database.db).await.unwrap();
    app.rights_changed(&specialist);
    let why = "query($id: ID!) { node(id: $id) { ... on TimeEntry { explain { reason } } } }";
    for (id, reason) in logged {
        let read = specialist.ok(&app, why, json!({"id": id})).await;
        assert_eq!(read["node"]["explain"]["reason"], reason);
    }
}

/// B-5, B-6, B-3: a balance warns as it is used up and as its end comes near, a top-up takes the warning back, and each
/// movement raises the version.
#[tokio::test]
async fn a_balance_warns() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let account = app.on_team(Role::AccountManager, support.client).await;
    let top_up =
        "mutation($id: ID!) { hoursTopUp(input: {engagementId: $id, minutes: 1200}) { errors { code } } }";
    let warnings = async |minutes: i32, version: i32| {
        let fields = LOG.replace("overageMinutes version", "version warnings { kind }");
        let logged = support.specialist.ok(&app, &fields, entry(&support, "2026-03-11", minutes)).await;
        let balance = logged["timeEntryCreate"]["hourBalance"].clone();
        assert_eq!(balance["version"], version);
        let warnings = balance["warnings"].as_array().unwrap().clone();
        warnings.iter().map(|warning| warning["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(warnings(959, 2).await.is_empty());
    assert_eq!(warnings(1, 3).await, ["NEARLY_USED"]);
    assert_eq!(warnings(240, 4).await, ["NEARLY_USED", "ALL_USED"]);
    account.ok(&app, top_up, json!({"id": support.id()})).await;
    assert!(warnings(1, 6).await.is_empty());
    // The period ends with 4 April in Moscow, at 21:00 of this clock.
    app.advance(Duration::days(17) + Duration::hours(8) + Duration::minutes(59));
    assert!(app.balance(&support).await.warnings.is_empty());
    app.advance(Duration::minutes(1));
    assert_eq!(app.balance(&support).await.warnings, [WarningKind::ExpiresInAWeek]);
    app.advance(Duration::days(5));
    assert_eq!(app.balance(&support).await.warnings, [WarningKind::ExpiresInTwoDays]);
    app.advance(Duration::days(2));
    assert!(app.balance(&support).await.warnings.is_empty());
}

/// B-11: a balance is explained in words and figures.
#[tokio::test]
async fn a_balance_is_explained() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let fields = LOG.replace("overageMinutes version", "explain { text(locale: EN) }");
    let logged = support.specialist.ok(&app, &fields, entry(&support, "2026-03-11", 95)).await;
    let text = &logged["timeEntryCreate"]["hourBalance"]["explain"]["text"];
    assert_eq!(text, "granted 20 h, used 1 h 35 min: 18 h 25 min left.");
}

/// Logging takes five statements, on SQLite twelve, and its answer none.
#[tokio::test]
async fn logging_takes_few_statements() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let (_, tasks) = app.tasks(support.client, 1).await;
    log(&app, &support.specialist, &support, "2026-03-11", 10).await;
    let mut input = entry(&support, "2026-03-11", 10);
    input["input"]["taskId"] = json!(tasks[0].global().0);
    input["input"]["idempotencyKey"] = json!(Uuid::new_v4());
    let (count, _) = app.count(support.specialist.ok(&app, LOG, input)).await;
    let most = if app.app.db.backend() == sea_orm::DbBackend::Postgres { 5 } else { 12 };
    assert_eq!(count, most);
}
