//! Trainings: who is taught what, when, by whom, and who came (K-2).

use domain::user::Role;
use entity::training;
use hourbank::graphql::id::Identified;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::work::Work;

const SHOWN: &str = "training { id version status everyone trainer { role } people { user { role } name attended } cancelReason } errors { code field }";
const LIST: &str = "query($id: ID!, $filter: TrainingFilter, $first: Int, $after: String) { client(by: {id: $id}) {
    trainings(filter: $filter, first: $first, after: $after) { totalCount nodes { title } pageInfo { hasNextPage endCursor } } } }";

fn on(name: &str) -> String {
    let input = format!("{}{}Input!", name[..1].to_uppercase(), &name[1..]);
    match name {
        "trainingCreate" => format!("mutation($input: {input}) {{ {name}(input: $input) {{ {SHOWN} }} }}"),
        _ => {
            format!("mutation($id: ID!, $input: {input}) {{ {name}(id: $id, input: $input) {{ {SHOWN} }} }}")
        }
    }
}

fn lesson(work: &Work, title: &str, more: Value) -> Value {
    let mut input =
        json!({"clientId": work.client.global(), "title": title, "startsAt": "2026-03-11T09:00:00Z"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"input": input})
}

/// K-2: a training of named people, some of whom sign in nowhere; it is held, and who came is known.
#[tokio::test]
async fn k2_a_training_of_named_people() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let task = work.task(&app, "Поля", json!({})).await;
    let named = json!([{"userId": work.member.id()}, {"name": "Анна"}, {"name": " Анна "}]);
    let input = lesson(
        &work,
        "Сделки",
        json!({"taskId": task, "people": named, "trainerId": work.specialist.id(),
        "idempotencyKey": Uuid::new_v4()}),
    );
    let made = work.manager.ok(&app, &on("trainingCreate"), input.clone()).await;
    assert_eq!(made, work.manager.ok(&app, &on("trainingCreate"), input).await, "a retry plans one");
    let made = made["trainingCreate"]["training"].clone();
    assert_eq!(
        made["people"],
        json!([{"user": {"role": "CLIENT_MEMBER"}, "name": null, "attended": null},
            {"user": null, "name": "Анна", "attended": null}])
    );
    assert_eq!((&made["trainer"]["role"], &made["everyone"]), (&json!("SPECIALIST"), &json!(false)));
    let came = json!({"id": made["id"], "input": {"expectedVersion": 1,
        "attended": [{"name": "Анна"}, {"userId": work.owner.id()}]}});
    let held =
        work.specialist.ok(&app, &on("trainingHold"), came.clone()).await["trainingHold"]["training"].clone();
    assert_eq!((&held["status"], &held["version"]), (&json!("HELD"), &json!(2)));
    assert_eq!(
        held["people"],
        json!([{"user": {"role": "CLIENT_MEMBER"}, "name": null, "attended": false},
            {"user": null, "name": "Анна", "attended": true},
            {"user": {"role": "CLIENT_OWNER"}, "name": null, "attended": true}])
    );
    assert_eq!(work.specialist.codes(&app, &on("trainingHold"), came).await, ["CONFLICT"]);
    let off = json!({"id": made["id"], "input": {"expectedVersion": 2, "reason": " "}});
    assert_eq!(
        work.manager.codes(&app, &on("trainingCancel"), off).await,
        ["WRONG_STATUS", "REASON_REQUIRED"]
    );
    let read = "query($id: ID!) { plan(id: $id) { blocks { trainings { title } tasks { trainings { title status } } } } }";
    let seen = work.member.ok(&app, read, json!({"id": work.plan})).await["plan"]["blocks"][0].clone();
    assert_eq!(seen["trainings"], json!([]));
    assert_eq!(seen["tasks"][0]["trainings"], json!([{"title": "Сделки", "status": "HELD"}]));
}

/// K-2: one for everyone, changed and called off; the list is filtered and paged.
#[tokio::test]
async fn k2_a_training_for_everyone() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let list = async |more: Value| {
        let mut variables = json!({"id": work.client.global()});
        variables.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        work.member.ok(&app, LIST, variables).await["client"]["trainings"].clone()
    };
    assert_eq!(list(json!({})).await["nodes"], json!([]));
    let made = work
        .manager
        .ok(&app, &on("trainingCreate"), lesson(&work, "Ёмкость", json!({"everyone": true})))
        .await;
    let id = made["trainingCreate"]["training"]["id"].clone();
    for title in ["Первая", "Вторая"] {
        work.manager.ok(&app, &on("trainingCreate"), lesson(&work, title, json!({"everyone": true}))).await;
    }
    let edit = json!({"id": id, "input": {"expectedVersion": 1, "startsAt": "2026-03-12T09:00:00Z", "people": [{"name": "Олег"}]}});
    let changed =
        work.specialist.ok(&app, &on("trainingUpdate"), edit).await["trainingUpdate"]["training"].clone();
    assert_eq!((&changed["everyone"], &changed["people"][0]["name"]), (&json!(false), &json!("Олег")));
    let early = json!({"id": id, "input": {"expectedVersion": 2, "attended": []}});
    assert_eq!(work.manager.codes(&app, &on("trainingHold"), early).await, ["FUTURE_DAY"]);
    let first = list(json!({"first": 2})).await;
    assert_eq!(first["nodes"][0], json!({"title": "Ёмкость"}), "the latest first");
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
    let second = list(json!({"first": 2, "after": first["pageInfo"]["endCursor"]})).await;
    assert_eq!(second["nodes"].as_array().unwrap().len(), 1);
    let off = json!({"id": id, "input": {"expectedVersion": 2, "reason": "Отпуск"}});
    let off = work.manager.ok(&app, &on("trainingCancel"), off).await["trainingCancel"]["training"].clone();
    assert_eq!((&off["status"], &off["cancelReason"]), (&json!("CANCELLED"), &json!("Отпуск")));
    for (filter, count) in [
        (json!({"title": {"contains": "емкость"}}), 1),
        (json!({"status": {"in": ["PLANNED"]}}), 2),
        (json!({"startsAt": {"gte": "2026-03-12T00:00:00Z"}}), 1),
    ] {
        assert_eq!(list(json!({"filter": filter})).await["totalCount"], count, "{filter}");
    }
}

/// K-2, A-1: every fault at once, and nothing is written; the team plans, the client reads.
#[tokio::test]
async fn k2_what_makes_no_sense_is_refused_whole() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let stranger = app.staff(Role::Specialist).await;
    let other = app.client("Чужие").await;
    let foreign = app.contact(Role::ClientOwner, other).await;
    let wrong = lesson(
        &work,
        " ",
        json!({"trainerId": stranger.id(), "everyone": true, "people": [{"userId": foreign.id()}, {"name": ""}, {"name": "Олег"}]}),
    );
    let answer = work.manager.run(&app, &on("trainingCreate"), wrong).await;
    assert_eq!(
        answer.data["trainingCreate"]["errors"],
        json!([{"code": "INVALID", "field": ["trainerId"]}, {"code": "INVALID", "field": ["title"]},
            {"code": "INVALID", "field": ["people", "0"]}, {"code": "INVALID", "field": ["people", "1"]},
            {"code": "INVALID", "field": ["people"]}])
    );
    assert_eq!(
        work.manager.codes(&app, &on("trainingCreate"), lesson(&work, "Т", json!({}))).await,
        ["INVALID"]
    );
    assert_eq!(training::Entity::find().count(&app.database.db).await.unwrap(), 0);
    for denied in [&work.owner, &work.member] {
        let codes =
            denied.codes(&app, &on("trainingCreate"), lesson(&work, "Т", json!({"everyone": true}))).await;
        assert_eq!(codes, ["FORBIDDEN"]);
    }
    let codes =
        stranger.codes(&app, &on("trainingCreate"), lesson(&work, "Т", json!({"everyone": true}))).await;
    assert_eq!(codes, ["NOT_FOUND"]);
}
