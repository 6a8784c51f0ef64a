//! What comes out of meetings: tasks, time and satisfaction in one step (M-1).

use chrono::Duration;
use domain::engagement::OveragePolicy;
use domain::user::Role;
use entity::time_entry;
use hourbank::graphql::id::Identified;
use sea_orm::{EntityTrait, PaginatorTrait, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{HOLD, meetings, planned};
use crate::support::app::TestApp;
use crate::support::story::Support;

/// M-1: the outcome in one step: words, satisfaction, tasks, and everyone's time.
#[tokio::test]
async fn m1_an_outcome_is_one_step() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let (block, tasks) = app.tasks(support.client, 3).await;
    let submit = "mutation($id: ID!) { taskSubmit(id: $id) { errors { code } } }";
    support.manager.ok(&app, submit, json!({"id": tasks[0].global()})).await;
    let people = [&support.manager, &support.specialist, &support.owner];
    let meeting = planned(&app, &support, "2026-03-11T11:00:00Z", &people).await;
    let input = json!({
        "expectedVersion": 1, "durationMinutes": 40, "notes": "Договорились", "satisfaction": 4,
        "accept": [{"taskId": tasks[0].global(), "comment": "Хорошо"}],
        "cancel": [{"taskId": tasks[1].global(), "reason": "Не нужно"}],
        "request": [{"title": "Счета"}],
        "create": [{"blockId": block.global(), "title": "Поля", "estimateMinutes": 60}],
        "move": [{"taskId": tasks[2].global(), "before": tasks[0].global()}],
        "time": {"note": "Еженедельная встреча", "people": [{"userId": support.specialist.id(), "minutes": 20}]},
        "idempotencyKey": Uuid::new_v4(),
    });
    let hold = json!({"id": meeting, "input": input});
    let done = support.manager.ok(&app, HOLD, hold.clone()).await["meetingHold"].clone();
    assert_eq!(
        done["meeting"],
        json!({"id": meeting, "version": 2, "status": "HELD", "durationMinutes": 40, "notes": "Договорились", "satisfaction": 4})
    );
    let mut states: Vec<_> = done["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| format!("{} {}", task["title"].as_str().unwrap(), task["status"].as_str().unwrap()))
        .collect();
    states.sort();
    assert_eq!(
        states,
        ["Task 1 DONE", "Task 2 CANCELLED", "Task 3 IN_PROGRESS", "Поля PLANNED", "Счета REQUESTED"]
    );
    let mut minutes: Vec<_> = done["timeEntries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["minutes"].as_i64().unwrap(), one["activity"].clone()))
        .collect();
    minutes.sort_by_key(|one| one.0);
    assert_eq!(minutes, [(20, json!("MEETING")), (40, json!("MEETING"))]);
    assert_eq!(done["hourBalance"], json!({"usedMinutes": 60, "remainingMinutes": 1140}));
    let again = support.manager.ok(&app, HOLD, hold).await["meetingHold"].clone();
    assert_eq!(again["hourBalance"], done["hourBalance"], "a retry logs nothing more");
    assert_eq!(again["tasks"].as_array().unwrap().len(), 5);
    assert_eq!(time_entry::Entity::find().count(&app.database.db).await.unwrap(), 2);
    let signed =
        "query($id: ID!) { node(id: $id) { ... on Task { signOffs { decision inMeeting comment } } } }";
    let seen = support.owner.ok(&app, signed, json!({"id": tasks[0].global()})).await;
    assert_eq!(
        seen["node"]["signOffs"],
        json!([{"decision": "APPROVED", "inMeeting": true, "comment": "Хорошо"}])
    );
    let twice = json!({"id": meeting, "input": {"expectedVersion": 2}});
    assert_eq!(support.manager.codes(&app, HOLD, twice).await, ["WRONG_STATUS"]);
    let stale = json!({"id": meeting, "input": {"expectedVersion": 1}});
    assert_eq!(support.manager.codes(&app, HOLD, stale).await, ["CONFLICT"]);
    let rows =
        time_entry::Entity::find().order_by_asc(time_entry::Column::Minutes).all(&app.database.db).await;
    assert!(rows.unwrap().iter().all(|row| Some(row.logged_by) == support.manager.user));
    let differences = hourbank::usecase::verify::verify(&app.system()).await.unwrap();
    assert_eq!(differences, Vec::<String>::new());
}

/// M-1, B-7: what is refused is told at once, each by its place, and nothing of the outcome happens.
#[tokio::test]
async fn m1_a_refused_outcome_leaves_no_trace() {
    let app = TestApp::start().await;
    let day = "2026-03-05".parse().unwrap();
    let support = app.support_with("Ours", OveragePolicy::Refused, day, &[1]).await;
    let other = app.support("Theirs").await;
    app.join(&support.manager, other.client, domain::team::Position::ProjectManager).await;
    let (block, tasks) = app.tasks(support.client, 1).await;
    let (_, foreign) = app.tasks(other.client, 1).await;
    let people = [&support.manager, &support.specialist, &support.owner];
    let meeting = planned(&app, &support, "2026-03-11T11:00:00Z", &people).await;
    let errors = async |input: Value| {
        let answer = support.manager.run(&app, HOLD, json!({"id": meeting, "input": input})).await;
        assert_eq!(answer.errors, Vec::<Value>::new());
        let errors = answer.data["meetingHold"]["errors"].as_array().unwrap().clone();
        let tell = |error: &Value| {
            let path = error["field"].as_array().cloned().unwrap_or_default();
            let path: Vec<_> = path.iter().map(|part| part.as_str().unwrap().to_owned()).collect();
            format!("{} {}", error["code"].as_str().unwrap(), path.join("."))
        };
        errors.iter().map(tell).collect::<Vec<_>>()
    };
    let told = errors(json!({
        "expectedVersion": 1, "satisfaction": 6, "durationMinutes": 0,
        "accept": [{"taskId": tasks[0].global()}],
        "cancel": [{"taskId": foreign[0].global(), "reason": "Чужая"}, {"taskId": tasks[0].global(), "reason": " "}],
        "request": [{"title": "Счета"}, {"title": ""}],
        "create": [{"blockId": block.global(), "title": "Поля", "estimateMinutes": -1}],
        "move": [{"taskId": tasks[0].global(), "before": foreign[0].global()}],
        "time": {"note": " ", "people": [{"userId": support.owner.id(), "minutes": 5}]},
    }))
    .await;
    assert_eq!(
        told,
        [
            "INVALID durationMinutes",
            "INVALID satisfaction",
            "WRONG_STATUS accept.0",
            "NOT_FOUND cancel.0.taskId",
            "REASON_REQUIRED cancel.1.reason",
            "INVALID request.1.title",
            "INVALID create.0.estimateMinutes",
            "INVALID move.0.before",
            "INVALID time.people.0.userId",
            "INVALID time.note",
        ]
    );
    let log = json!({"input": {"engagementId": support.id(), "workedOn": "2026-03-11", "minutes": 1190,
        "activity": "CONFIGURATION", "note": "Funnels"}});
    support.specialist.ok(&app, crate::support::ready::LOG, log).await;
    let named = json!({"note": "Встреча", "people": [{"userId": support.specialist.id(), "minutes": 100}]});
    let told = errors(json!({"expectedVersion": 1, "notes": "Было", "time": named})).await;
    assert!(told.contains(&"BALANCE_EXHAUSTED time.people.0.minutes".to_owned()), "{told:?}");
    assert!(told.contains(&"BALANCE_EXHAUSTED time.minutes".to_owned()), "{told:?}");
    assert_eq!(app.balance(&support).await.period.counters.used, 1190);
    let seen = &meetings(&app, &support).await[0];
    assert_eq!((&seen["status"], &seen["version"]), (&json!("PLANNED"), &json!(1)));
    let kept = "query($id: ID!) { client(by: {id: $id}) { satisfaction { totalCount } } tasks { nodes { title status } } }";
    let seen = support.owner.ok(&app, kept, json!({"id": support.client.global()})).await;
    assert_eq!(seen["client"]["satisfaction"]["totalCount"], 0);
    assert_eq!(seen["tasks"]["nodes"], json!([{"title": "Task 1", "status": "IN_PROGRESS"}]));
    // What fits is logged: the project manager alone, for ten minutes.
    let fits = json!({"note": "Встреча", "people": [{"userId": support.specialist.id(), "minutes": 0},
        {"userId": support.manager.id(), "minutes": 10}]});
    assert_eq!(errors(json!({"expectedVersion": 1, "time": fits})).await, Vec::<String>::new());
    assert_eq!(app.balance(&support).await.period.counters.used, 1200);
    let tomorrow = planned(&app, &support, "2026-03-12T11:00:00Z", &people).await;
    let early = json!({"id": tomorrow, "input": {"expectedVersion": 1}});
    assert_eq!(support.manager.codes(&app, HOLD, early).await, ["FUTURE_DAY"]);
}

/// M-1, W-1: a full day of one participant is refused with the rest, and logs nobody's time.
#[tokio::test]
async fn m1_a_full_day_refuses_everyones_time() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let people = [&support.manager, &support.specialist];
    let meeting = planned(&app, &support, "2026-03-11T11:00:00Z", &people).await;
    let log = json!({"input": {"engagementId": support.id(), "workedOn": "2026-03-11", "minutes": 1430,
        "activity": "CONFIGURATION", "note": "Funnels"}});
    support.specialist.ok(&app, crate::support::ready::LOG, log).await;
    let hold = json!({"id": meeting, "input": {"expectedVersion": 1, "time": {"note": "Встреча"}}});
    assert_eq!(support.manager.codes(&app, HOLD, hold).await, ["DAY_FULL"]);
    assert_eq!(time_entry::Entity::find().count(&app.database.db).await.unwrap(), 1);
}

/// M-1, A-1: an account manager records what was said and everyone's time; what becomes of tasks is the project
/// manager's; nobody else records anything.
#[tokio::test]
async fn m1_each_part_takes_its_right() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let account = app.on_team(Role::AccountManager, support.client).await;
    let (_, tasks) = app.tasks(support.client, 1).await;
    let people = [&support.manager, &account];
    let meeting = planned(&app, &support, "2026-03-11T11:00:00Z", &people).await;
    let input = |more: Value| {
        let mut input = json!({"expectedVersion": 1});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"id": meeting, "input": input})
    };
    let cancel = input(json!({"cancel": [{"taskId": tasks[0].global(), "reason": "Нет"}]}));
    assert_eq!(account.codes(&app, HOLD, cancel).await, ["FORBIDDEN"]);
    let member = app.contact(Role::ClientMember, support.client).await;
    for denied in [&support.specialist, &support.owner, &member, &app.staff(Role::QualityManager).await] {
        assert_eq!(denied.codes(&app, HOLD, input(json!({}))).await, ["FORBIDDEN"]);
    }
    let stranger = app.staff(Role::ProjectManager).await;
    assert_eq!(stranger.codes(&app, HOLD, input(json!({}))).await, ["NOT_FOUND"]);
    let time = input(json!({"satisfaction": 5, "time": {"note": "Встреча"}}));
    let done = account.ok(&app, HOLD, time).await["meetingHold"].clone();
    assert_eq!(done["timeEntries"].as_array().unwrap().len(), 2);
    let read = "query($id: ID!) { node(id: $id) { ... on Meeting { notes satisfaction } } }";
    let seen = support.specialist.run(&app, read, json!({"id": meeting})).await;
    assert_eq!(
        (seen.codes(), &seen.data["node"]["satisfaction"]),
        (vec!["FORBIDDEN".to_owned()], &Value::Null)
    );
}

/// M-1: the quality manager sees how clients stand and which way they go.
#[tokio::test]
async fn m1_satisfaction_and_its_trend() {
    let app = TestApp::start().await;
    let quality = app.staff(Role::QualityManager).await;
    let all = "query($first: Int, $after: String, $filter: ClientSatisfactionFilter) {
        clientSatisfactions(first: $first, after: $after, filter: $filter) {
        totalCount nodes { client { name } latestScore previousScore trend change figureCount } pageInfo { hasNextPage endCursor } } }";
    let none = quality.ok(&app, all, json!({})).await["clientSatisfactions"].clone();
    assert_eq!((&none["totalCount"], &none["nodes"]), (&json!(0), &json!([])));
    let (ours, theirs) = (app.support("Ours").await, app.support("Theirs").await);
    let record = "mutation($input: SatisfactionRecordInput!) { satisfactionRecord(input: $input) { figure { id score source note } errors { code field } } }";
    let said = |support: &Support, score: i32| json!({"input": {"clientId": support.client.global(), "score": score, "note": "Звонок", "idempotencyKey": Uuid::new_v4()}});
    assert_eq!(quality.codes(&app, record, said(&ours, 0)).await, ["INVALID"]);
    let first = said(&ours, 5);
    let made = quality.ok(&app, record, first.clone()).await;
    assert_eq!(made, quality.ok(&app, record, first).await, "a retry is one figure");
    assert_eq!(made["satisfactionRecord"]["figure"]["source"], "QUALITY_CALL");
    quality.ok(&app, record, said(&theirs, 4)).await;
    let meeting = planned(&app, &ours, "2026-03-11T11:00:00Z", &[&ours.manager, &ours.owner]).await;
    app.advance(Duration::minutes(1));
    let hold = json!({"id": meeting, "input": {"expectedVersion": 1, "satisfaction": 3}});
    ours.manager.ok(&app, HOLD, hold).await;
    let page = quality.ok(&app, all, json!({"first": 1})).await["clientSatisfactions"].clone();
    assert_eq!(
        page["nodes"],
        json!([{"client": {"name": "Ours"}, "latestScore": 3, "previousScore": 5, "trend": "DOWN", "change": -2, "figureCount": 2}])
    );
    assert_eq!((&page["totalCount"], &page["pageInfo"]["hasNextPage"]), (&json!(2), &json!(true)));
    let after = json!({"first": 1, "after": page["pageInfo"]["endCursor"]});
    let next = quality.ok(&app, all, after).await["clientSatisfactions"]["nodes"][0].clone();
    assert_eq!((&next["client"]["name"], &next["trend"]), (&json!("Theirs"), &json!("FIRST")));
    let falling = json!({"filter": {"change": {"lt": 0}}});
    assert_eq!(quality.ok(&app, all, falling).await["clientSatisfactions"]["totalCount"], 1);
    for denied in [&ours.manager, &ours.owner] {
        assert_eq!(denied.codes(&app, all, json!({})).await, ["FORBIDDEN"]);
        assert_eq!(denied.codes(&app, record, said(&ours, 5)).await, ["FORBIDDEN"]);
    }
    let own = "query($id: ID!) { client(by: {id: $id}) { satisfaction { totalCount nodes { score source onDay meeting { id } } } } }";
    let seen =
        ours.owner.ok(&app, own, json!({"id": ours.client.global()})).await["client"]["satisfaction"].clone();
    assert_eq!(
        seen,
        json!({"totalCount": 2, "nodes": [
            {"score": 3, "source": "MEETING", "onDay": "2026-03-11", "meeting": {"id": meeting}},
            {"score": 5, "source": "QUALITY_CALL", "onDay": "2026-03-11", "meeting": null}]})
    );
    let member = app.contact(Role::ClientMember, ours.client).await;
    assert_eq!(member.codes(&app, own, json!({"id": ours.client.global()})).await, ["FORBIDDEN"]);
}
