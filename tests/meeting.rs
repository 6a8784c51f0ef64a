//! Meetings: their rhythm and agenda (M-1); what comes out of them is in `outcome`.

mod outcome;

use chrono::{Duration, NaiveDate};
use domain::calendar::Weekday;
use domain::engagement::EngagementStatus;
use domain::id::EngagementId;
use domain::meeting::AgendaSource;
use domain::policy::{Action, Target};
use domain::user::Role;
use entity::{engagement, meeting, meeting_rhythm};
use futures_util::future::join_all;
use hourbank::graphql::id::Identified;
use hourbank::store::Change;
use hourbank::usecase::meeting::{For, Point, plan_due, raise};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::instance::instances;
use crate::support::story::Support;

const RHYTHM: &str = "mutation($id: ID!, $input: MeetingRhythmSetInput!) { meetingRhythmSet(engagementId: $id, input: $input) {
    engagement { meetingRhythm { weekday hour minute durationMinutes place } } errors { code field } } }";
const PLAN: &str = "mutation($input: MeetingPlanInput!) { meetingPlan(input: $input) {
    meeting { id version status kind participants { role } } errors { code field } } }";
const UPDATE: &str =
    "mutation($id: ID!, $input: MeetingUpdateInput!) { meetingUpdate(id: $id, input: $input) {
    meeting { id version startsAt place } errors { code field } } }";
const CANCEL: &str =
    "mutation($id: ID!, $input: MeetingCancelInput!) { meetingCancel(id: $id, input: $input) {
    meeting { id version status cancelReason } errors { code field } } }";
const HOLD: &str = "mutation($id: ID!, $input: MeetingHoldInput!) { meetingHold(id: $id, input: $input) {
    meeting { id version status durationMinutes notes satisfaction }
    tasks { title status position } timeEntries { minutes activity user { id } loggedBy { id } }
    hourBalance { usedMinutes remainingMinutes } errors { code field message } } }";
const ADD: &str = "mutation($input: MeetingItemAddInput!) { meetingItemAdd(input: $input) {
    meetingItem { id text source task { id } } meeting { id } errors { code field } } }";
const MEETINGS: &str = "query($id: ID!) { client(by: {id: $id}) { meetings(orderBy: [{field: STARTS_AT}]) {
    totalCount nodes { id version status kind startsAt cancelReason agenda { text done } } } } }";

async fn meetings(app: &TestApp, support: &Support) -> Vec<Value> {
    let seen = support.manager.ok(app, MEETINGS, json!({"id": support.client.global()})).await;
    seen["client"]["meetings"]["nodes"].as_array().unwrap().clone()
}

fn starts(meetings: &[Value]) -> Vec<&str> {
    meetings.iter().map(|meeting| meeting["startsAt"].as_str().unwrap()).collect()
}

async fn set_rhythm(app: &TestApp, support: &Support, weekday: &str, hour: i32) -> Value {
    let input =
        json!({"weekday": weekday, "hour": hour, "durationMinutes": 45, "place": "https://call.example/1"});
    support.manager.ok(app, RHYTHM, json!({"id": support.id(), "input": input})).await["meetingRhythmSet"]
        .clone()
}

/// A meeting of the support, by hand.
async fn planned(app: &TestApp, support: &Support, at: &str, people: &[&Actor]) -> String {
    let people: Vec<String> = people.iter().map(|actor| actor.id()).collect();
    let input = json!({"engagementId": support.id(), "startsAt": at, "durationMinutes": 30, "participantIds": people});
    let made = support.manager.ok(app, PLAN, json!({"input": input})).await;
    made["meetingPlan"]["meeting"]["id"].as_str().unwrap().to_owned()
}

/// What a person was told, the newest first.
async fn told(app: &TestApp, actor: &Actor) -> Vec<String> {
    let seen = actor.ok(app, "{ notifications { nodes { kind } } }", json!({})).await;
    let nodes = seen["notifications"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["kind"].as_str().unwrap().to_owned()).collect()
}

/// M-1: from a rhythm each weekly meeting is planned once, more than a week ahead, and its people are told.
#[tokio::test]
async fn m1_a_rhythm_plans_each_meeting_once() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    assert_eq!(meetings(&app, &support).await, Vec::<Value>::new());
    let set = set_rhythm(&app, &support, "THURSDAY", 10).await;
    assert_eq!(
        set["engagement"]["meetingRhythm"],
        json!({"weekday": "THURSDAY", "hour": 10, "minute": 0, "durationMinutes": 45, "place": "https://call.example/1"})
    );
    let first = ["2026-03-12T07:00:00.000Z", "2026-03-19T07:00:00.000Z"];
    assert_eq!(starts(&meetings(&app, &support).await), first);
    assert_eq!(plan_due(&app.system()).await.unwrap(), 0);
    assert_eq!(told(&app, &support.owner).await, ["MEETING_PLANNED", "MEETING_PLANNED"]);
    app.advance(Duration::days(7));
    assert_eq!(plan_due(&app.system()).await.unwrap(), 1);
    assert_eq!(plan_due(&app.system()).await.unwrap(), 0);
    let all = meetings(&app, &support).await;
    assert_eq!(starts(&all)[2], "2026-03-26T07:00:00.000Z");
    assert_eq!((&all[2]["kind"], &all[2]["status"]), (&json!("WEEKLY"), &json!("PLANNED")));
    let people = "query($id: ID!) { node(id: $id) { ... on Meeting { participants { role } place } } }";
    let seen = support.owner.ok(&app, people, json!({"id": all[2]["id"]})).await;
    let mut roles: Vec<_> =
        seen["node"]["participants"].as_array().unwrap().iter().map(|one| one["role"].to_string()).collect();
    roles.sort();
    assert_eq!(roles, ["\"CLIENT_OWNER\"", "\"PROJECT_MANAGER\""]);
    assert_eq!(seen["node"]["place"], "https://call.example/1");
}

/// M-1: none for a draft, none after the end: what lies behind it is called off, and its people are told.
#[tokio::test]
async fn m1_no_meetings_before_the_start_and_after_the_end() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let draft = app.engagement(support.client, "SUPPORT_20", EngagementStatus::Draft).await.id;
    let input = json!({"weekday": "FRIDAY", "hour": 10});
    support.manager.ok(&app, RHYTHM, json!({"id": draft.global(), "input": input})).await;
    assert_eq!(plan_due(&app.system()).await.unwrap(), 0);
    assert_eq!(meetings(&app, &support).await, Vec::<Value>::new());
    let of_draft = json!({"input": {"engagementId": draft.global(), "startsAt": "2026-03-20T09:00:00Z"}});
    assert_eq!(support.manager.codes(&app, PLAN, of_draft).await, ["WRONG_STATUS"]);
    set_rhythm(&app, &support, "THURSDAY", 10).await;
    let end: NaiveDate = "2026-03-19".parse().unwrap();
    let ending = engagement::ActiveModel {
        id: Set(support.engagement.id),
        ends_on: Set(Some(end)),
        ..Default::default()
    };
    engagement::Entity::update(ending).exec(&app.database.db).await.unwrap();
    plan_due(&app.system()).await.unwrap();
    let all = meetings(&app, &support).await;
    let states: Vec<_> = all.iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["PLANNED", "CANCELLED"]);
    assert_eq!(all[1]["cancelReason"], "К этому дню услуга завершена.");
    assert_eq!(told(&app, &support.owner).await[0], "MEETING_CANCELLED");
    app.advance(Duration::days(7));
    plan_due(&app.system()).await.unwrap();
    assert_eq!(meetings(&app, &support).await.len(), 2);
    let later = json!({"input": {"engagementId": support.id(), "startsAt": "2026-03-19T09:00:00Z"}});
    assert_eq!(support.manager.codes(&app, PLAN, later).await, ["NOT_SERVED"]);
    let bad = json!({"id": support.id(), "input": {"weekday": "MONDAY", "hour": 24, "minute": -1, "durationMinutes": 1}});
    assert_eq!(support.manager.codes(&app, RHYTHM, bad).await, ["INVALID", "INVALID", "INVALID"]);
}

async fn rhythm_row(app: &TestApp, support: &Support) {
    app.write(meeting_rhythm::Model {
        engagement_id: support.engagement.id,
        client_id: support.client,
        weekday: Weekday::Friday,
        minute_of_day: 600,
        duration_minutes: 30,
        place: None,
        set_by: None,
        version: 1,
        created_at: app.now(),
        updated_at: app.now(),
    })
    .await;
}

/// M-1: of several that plan at once one does; the database keeps the day.
#[tokio::test]
async fn m1_two_instances_plan_one_meeting() {
    let Some(all) = instances(3).await else {
        let app = TestApp::start().await;
        let support = app.support("Ours").await;
        rhythm_row(&app, &support).await;
        let calls = [app.system(), app.system(), app.system()];
        let made: usize =
            join_all(calls.iter().map(plan_due)).await.into_iter().map(|done| done.unwrap()).sum();
        assert_eq!((made, meetings(&app, &support).await.len()), (1, 1));
        return;
    };
    let app = &all[0].app;
    let support = app.support("Ours").await;
    rhythm_row(app, &support).await;
    let calls: Vec<_> = all.iter().map(|one| one.app.system()).collect();
    let made: usize = join_all(calls.iter().map(plan_due)).await.into_iter().map(|done| done.unwrap()).sum();
    assert_eq!((made, meetings(app, &support).await.len()), (1, 1));
    let row = meeting::Entity::find().one(&app.database.db).await.unwrap().unwrap();
    let twin = meeting::Model { id: domain::id::MeetingId::new(), ..row };
    let twice = sea_orm::IntoActiveModel::into_active_model(twin);
    let refused = meeting::Entity::insert(sea_orm::ActiveModelTrait::reset_all(twice))
        .exec_without_returning(&app.database.db)
        .await;
    assert!(refused.unwrap_err().to_string().contains("uq_meeting_engagement_id_planned_on"));
}

/// M-1: what was moved or called off is not planned again; everyone is told; what stands stays.
#[tokio::test]
async fn m1_moved_and_called_off() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    set_rhythm(&app, &support, "THURSDAY", 10).await;
    let all = meetings(&app, &support).await;
    let (first, second) = (all[0]["id"].as_str().unwrap(), all[1]["id"].as_str().unwrap());
    let moved = json!({"id": first, "input": {"expectedVersion": 1, "startsAt": "2026-03-13T12:30:00Z", "place": null}});
    let done = support.manager.ok(&app, UPDATE, moved.clone()).await["meetingUpdate"]["meeting"].clone();
    assert_eq!(
        done,
        json!({"id": first, "version": 2, "startsAt": "2026-03-13T12:30:00.000Z", "place": null})
    );
    assert_eq!(support.manager.codes(&app, UPDATE, moved).await, ["CONFLICT"]);
    let off = |version: i32, reason: &str| json!({"id": second, "input": {"expectedVersion": version, "reason": reason}});
    assert_eq!(support.manager.codes(&app, CANCEL, off(1, " ")).await, ["REASON_REQUIRED"]);
    let done = support.manager.ok(&app, CANCEL, off(1, "Отпуск")).await["meetingCancel"]["meeting"].clone();
    assert_eq!((&done["status"], &done["cancelReason"]), (&json!("CANCELLED"), &json!("Отпуск")));
    assert_eq!(support.manager.codes(&app, CANCEL, off(2, "Ещё")).await, ["WRONG_STATUS"]);
    let again = json!({"id": second, "input": {"expectedVersion": 2, "durationMinutes": 4000}});
    assert_eq!(support.manager.codes(&app, UPDATE, again).await, ["WRONG_STATUS", "INVALID"]);
    assert_eq!(plan_due(&app.system()).await.unwrap(), 0);
    assert_eq!(told(&app, &support.owner).await[..2], ["MEETING_CANCELLED", "MEETING_MOVED"]);
    let text = "{ notifications(first: 1) { nodes { title text } } }";
    let said = support.owner.ok(&app, text, json!({})).await["notifications"]["nodes"][0].clone();
    assert!(said["text"].as_str().unwrap().contains("Отпуск"), "{said}");
    // Another rhythm moves what nobody has touched, within its week, and plans no second one there.
    app.advance(Duration::days(7));
    assert_eq!(plan_due(&app.system()).await.unwrap(), 1);
    set_rhythm(&app, &support, "TUESDAY", 9).await;
    let open: Vec<_> = meetings(&app, &support)
        .await
        .into_iter()
        .filter(|one| one["status"] == "PLANNED" && one["startsAt"].as_str() > Some("2026-03-18"))
        .collect();
    assert_eq!(starts(&open), ["2026-03-24T06:00:00.000Z"]);
    let clear = "mutation($id: ID!) { meetingRhythmClear(engagementId: $id) { engagement { meetingRhythm { hour } } errors { code } } }";
    let done = support.manager.ok(&app, clear, json!({"id": support.id()})).await;
    assert_eq!(done["meetingRhythmClear"]["engagement"]["meetingRhythm"], Value::Null);
    assert_eq!(support.manager.codes(&app, clear, json!({"id": support.id()})).await, ["WRONG_STATUS"]);
    app.advance(Duration::days(7));
    assert_eq!(plan_due(&app.system()).await.unwrap(), 0);
}

/// M-1: a meeting planned by hand: who may take part, when, and that a retry plans one.
#[tokio::test]
async fn m1_planned_by_hand() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let member = app.contact(Role::ClientMember, support.client).await;
    let stranger = app.staff(Role::Specialist).await;
    let input = |at: &str, people: &[&Actor]| {
        let people: Vec<String> = people.iter().map(|actor| actor.id()).collect();
        json!({"input": {"engagementId": support.id(), "startsAt": at, "participantIds": people,
            "idempotencyKey": "0190b7a0-0000-7000-8000-000000000001"}})
    };
    let people = [&support.manager, &support.specialist, &member];
    let right = input("2026-03-20T09:00:00Z", &people);
    let one = support.manager.ok(&app, PLAN, right.clone()).await;
    assert_eq!(one, support.manager.ok(&app, PLAN, right).await, "the same key plans one");
    assert_eq!(one["meetingPlan"]["meeting"]["participants"].as_array().unwrap().len(), 3);
    assert_eq!(told(&app, &member).await, ["MEETING_PLANNED"]);
    assert_eq!(told(&app, &support.manager).await, Vec::<String>::new(), "nobody is told what they do");
    let wrong = support.manager.run(&app, PLAN, {
        let mut wrong = input("2028-03-20T09:00:00Z", &[&member, &stranger]);
        wrong["input"]["idempotencyKey"] = Value::Null;
        wrong["input"]["durationMinutes"] = json!(4);
        wrong
    });
    let errors = wrong.await.data["meetingPlan"]["errors"].clone();
    assert_eq!(
        errors,
        json!([{"code": "INVALID", "field": ["startsAt"]}, {"code": "INVALID", "field": ["durationMinutes"]},
            {"code": "INVALID", "field": ["participantIds", "1"]}])
    );
    let mut nobody = input("2026-03-20T09:00:00Z", &[]);
    nobody["input"]["idempotencyKey"] = Value::Null;
    assert_eq!(support.manager.codes(&app, PLAN, nobody.clone()).await, ["INVALID"]);
    for denied in [&support.specialist, &support.owner, &member] {
        assert_eq!(denied.codes(&app, PLAN, nobody.clone()).await, ["FORBIDDEN"]);
    }
    assert_eq!(stranger.codes(&app, PLAN, nobody).await, ["NOT_FOUND"]);
    let both = "{ meetings(filter: {status: {eq: PLANNED}, kind: OTHER}) { totalCount } }";
    assert_eq!(support.owner.ok(&app, both, json!({})).await["meetings"]["totalCount"], 1);
    assert_eq!(stranger.ok(&app, both, json!({})).await["meetings"]["totalCount"], 0);
    assert_eq!(app.staff(Role::Sales).await.codes(&app, both, json!({})).await, ["FORBIDDEN"]);
}

/// M-1: points wait for a meeting, stand on its agenda, and go on to the next one until they are done.
#[tokio::test]
async fn m1_the_agenda_gathers_what_is_to_be_talked_about() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let (_, tasks) = app.tasks(support.client, 2).await;
    let add = |text: &str, task: Value| json!({"input": {"engagementId": support.id(), "text": text, "taskId": task}});
    let first =
        support.owner.ok(&app, ADD, add("Отчёт непонятен", Value::Null)).await["meetingItemAdd"].clone();
    assert_eq!((&first["meeting"], &first["meetingItem"]["source"]), (&Value::Null, &json!("MANUAL")));
    let call = app.system();
    let mut tx = call.begin().await.unwrap();
    let whose = For::Engagement(support.client, support.engagement.id);
    let answer = Uuid::now_v7();
    let point = Point {
        report_answer_id: Some(answer),
        ..Point::of(AgendaSource::ReportAnswer, "Оценка 3".to_owned())
    };
    let raised = raise(&tx, whose, point).await.unwrap();
    assert_eq!((raised.meeting_id, raised.report_answer_id, raised.position), (None, Some(answer), 2));
    let permit = call.permit(Action::MeetingSchedule, &Target::client(support.client)).unwrap();
    tx.wake(hourbank::bus::Topic::Everything);
    tx.commit(permit, Change::of("MeetingItem", raised.id)).await.unwrap();
    let meeting = planned(&app, &support, "2026-03-11T11:00:00Z", &[&support.manager, &support.owner]).await;
    let later = planned(&app, &support, "2026-03-12T11:00:00Z", &[&support.manager, &support.owner]).await;
    let mut on_first = add("Задача", json!(tasks[0].global()));
    on_first["input"]["meetingId"] = json!(meeting);
    let third = support.specialist.ok(&app, ADD, on_first).await["meetingItemAdd"].clone();
    assert_eq!((&third["meeting"]["id"], &third["meetingItem"]["source"]), (&json!(meeting), &json!("TASK")));
    let agenda = "query($id: ID!) { node(id: $id) { ... on Meeting { agenda { id text done source raisedBy { role } }
        hourBalance { remainingMinutes } tasksInWork { totalCount nodes { title } } tasksInReview { totalCount } } } }";
    let seen = support.owner.ok(&app, agenda, json!({"id": meeting})).await["node"].clone();
    let texts = |seen: &Value| -> Vec<String> {
        seen["agenda"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["text"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(texts(&seen), ["Отчёт непонятен", "Оценка 3", "Задача"]);
    assert_eq!(seen["agenda"][1]["raisedBy"], Value::Null);
    assert_eq!(seen["hourBalance"]["remainingMinutes"], 1200);
    assert_eq!(
        (&seen["tasksInWork"]["totalCount"], &seen["tasksInReview"]["totalCount"]),
        (&json!(2), &json!(0))
    );
    let hold =
        json!({"id": meeting, "input": {"expectedVersion": 1, "doneItemIds": [seen["agenda"][0]["id"]]}});
    support.manager.ok(&app, HOLD, hold).await;
    let held = support.owner.ok(&app, agenda, json!({"id": meeting})).await["node"].clone();
    assert_eq!(
        (texts(&held), &held["agenda"][0]["done"]),
        (vec!["Отчёт непонятен".to_owned()], &json!(true))
    );
    let next = support.owner.ok(&app, agenda, json!({"id": later})).await["node"].clone();
    assert_eq!(texts(&next), ["Оценка 3", "Задача"]);
    let remove = "mutation($id: ID!) { meetingItemRemove(id: $id) { meetingItem { text } errors { code } } }";
    let of = |at: usize| json!({"id": next["agenda"][at]["id"]});
    assert_eq!(support.owner.codes(&app, remove, of(1)).await, ["FORBIDDEN"], "another's");
    support.specialist.ok(&app, remove, of(1)).await;
    let done = json!({"id": held["agenda"][0]["id"]});
    assert_eq!(support.owner.codes(&app, remove, done).await, ["WRONG_STATUS"]);
    let closed = json!({"input": {"engagementId": support.id(), "meetingId": meeting, "text": " "}});
    assert_eq!(support.owner.codes(&app, ADD, closed).await, ["INVALID", "WRONG_STATUS"]);
    let page = "query($id: ID!, $waiting: Boolean, $after: String) { client(by: {id: $id}) { meetingItems(waiting: $waiting, first: 1, after: $after) {
        totalCount nodes { text } pageInfo { hasNextPage endCursor } } } }";
    let of = json!({"id": support.client.global()});
    let one = support.owner.ok(&app, page, of.clone()).await["client"]["meetingItems"].clone();
    assert_eq!((&one["totalCount"], &one["pageInfo"]["hasNextPage"]), (&json!(2), &json!(true)));
    let after = json!({"id": support.client.global(), "after": one["pageInfo"]["endCursor"]});
    let two = support.owner.ok(&app, page, after).await["client"]["meetingItems"].clone();
    assert_ne!(one["nodes"], two["nodes"]);
    assert_eq!(two["pageInfo"]["hasNextPage"], false);
    let waiting = json!({"id": support.client.global(), "waiting": true});
    assert_eq!(support.owner.ok(&app, page, waiting).await["client"]["meetingItems"]["totalCount"], 0);
}

/// M-1: meetings are paged like every list, and an unknown engagement is none.
#[tokio::test]
async fn m1_meetings_are_paged() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    for day in 12..15 {
        planned(&app, &support, &format!("2026-03-{day}T11:00:00Z"), &[&support.manager]).await;
    }
    let page = "query($after: String) { meetings(first: 2, after: $after) { totalCount nodes { startsAt } pageInfo { hasNextPage endCursor } } }";
    let first = support.owner.ok(&app, page, json!({})).await["meetings"].clone();
    assert_eq!((&first["totalCount"], first["nodes"].as_array().unwrap().len()), (&json!(3), 2));
    let after = json!({"after": first["pageInfo"]["endCursor"]});
    let second = support.owner.ok(&app, page, after).await["meetings"].clone();
    assert_eq!(second["nodes"], json!([{"startsAt": "2026-03-12T11:00:00.000Z"}]));
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let nowhere =
        json!({"input": {"engagementId": EngagementId::new().global(), "startsAt": "2026-03-20T09:00:00Z"}});
    assert_eq!(support.manager.codes(&app, PLAN, nowhere).await, ["NOT_FOUND"]);
}
