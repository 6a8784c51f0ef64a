//! Instructions: a client's knowledge base (K-1).

use domain::user::Role;
use entity::instruction;
use hourbank::graphql::id::Identified;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::work::Work;

const CREATE: &str = "mutation($input: InstructionCreateInput!) { instructionCreate(input: $input) {
    instruction { id title kind text url version block { id } task { id } author { role } } errors { code field } } }";
const UPDATE: &str =
    "mutation($id: ID!, $input: InstructionUpdateInput!) { instructionUpdate(id: $id, input: $input) {
    instruction { title text url version } errors { code field } } }";
const WITHDRAW: &str =
    "mutation($id: ID!) { instructionWithdraw(id: $id) { instruction { withdrawnAt } errors { code } } }";
const LIST: &str = "query($id: ID!, $filter: InstructionFilter, $first: Int, $after: String) { client(by: {id: $id}) {
    instructions(filter: $filter, first: $first, after: $after) { totalCount nodes { title } pageInfo { hasNextPage endCursor } } } }";

fn text(work: &Work, title: &str) -> Value {
    json!({"input": {"clientId": work.client.global(), "title": title, "kind": "TEXT", "text": "Откройте воронку"}})
}

async fn list(app: &TestApp, work: &Work, more: Value) -> Value {
    let mut variables = json!({"id": work.client.global()});
    variables.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    work.member.ok(app, LIST, variables).await["client"]["instructions"].clone()
}

/// K-1: texts, videos and articles stand in the client's knowledge base, and on the block or task they are about.
#[tokio::test]
async fn k1_the_knowledge_base() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let task = work.task(&app, "Поля", json!({})).await;
    let none = list(&app, &work, json!({})).await;
    assert_eq!((&none["totalCount"], &none["nodes"]), (&json!(0), &json!([])));
    let made = work.specialist.ok(&app, CREATE, text(&work, "Как вести воронку")).await;
    let made = made["instructionCreate"]["instruction"].clone();
    assert_eq!((&made["block"], &made["task"], &made["url"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!((&made["author"]["role"], &made["kind"]), (&json!("SPECIALIST"), &json!("TEXT")));
    let video = json!({"input": {"clientId": work.client.global(), "blockId": work.block, "title": "Ёлки: видео",
        "kind": "VIDEO", "url": "https://video.example/1"}});
    work.manager.ok(&app, CREATE, video).await;
    let article = json!({"input": {"clientId": work.client.global(), "taskId": task, "title": "Статья",
        "kind": "ARTICLE", "url": "http://crm.example/7"}});
    let article =
        work.manager.ok(&app, CREATE, article).await["instructionCreate"]["instruction"]["id"].clone();
    let read = "query($id: ID!) { plan(id: $id) { blocks { instructions { title url } tasks { instructions { title kind } } } } }";
    let seen = work.member.ok(&app, read, json!({"id": work.plan})).await["plan"]["blocks"][0].clone();
    assert_eq!(seen["instructions"], json!([{"title": "Ёлки: видео", "url": "https://video.example/1"}]));
    assert_eq!(seen["tasks"][0]["instructions"], json!([{"title": "Статья", "kind": "ARTICLE"}]));
    let first = list(&app, &work, json!({"first": 2})).await;
    assert_eq!(first["nodes"], json!([{"title": "Ёлки: видео"}, {"title": "Как вести воронку"}]));
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
    let second = list(&app, &work, json!({"first": 2, "after": first["pageInfo"]["endCursor"]})).await;
    assert_eq!(second["nodes"], json!([{"title": "Статья"}]));
    for (filter, found) in [
        (json!({"title": {"contains": "елки"}}), json!([{"title": "Ёлки: видео"}])),
        (json!({"kind": "TEXT"}), json!([{"title": "Как вести воронку"}])),
        (json!({"taskId": {"eq": task}}), json!([{"title": "Статья"}])),
        (json!({"withdrawn": true}), json!([])),
    ] {
        assert_eq!(list(&app, &work, json!({"filter": filter})).await["nodes"], found, "{filter}");
    }
    work.manager.ok(&app, WITHDRAW, json!({"id": article})).await;
    assert_eq!(work.manager.codes(&app, WITHDRAW, json!({"id": article})).await, ["WRONG_STATUS"]);
    assert_eq!(list(&app, &work, json!({})).await["totalCount"], 2);
    assert_eq!(list(&app, &work, json!({"filter": {"withdrawn": true}})).await["totalCount"], 1);
    let seen = work.member.ok(&app, read, json!({"id": work.plan})).await["plan"]["blocks"][0].clone();
    assert_eq!(seen["tasks"][0]["instructions"], json!([]));
    let node = "query($id: ID!) { node(id: $id) { ... on Instruction { title withdrawnAt } } }";
    assert_eq!(work.member.ok(&app, node, json!({"id": article})).await["node"]["title"], "Статья");
}

/// K-1: one body of its kind; addresses of the web only; every fault at once; a retry writes one.
#[tokio::test]
async fn k1_what_makes_no_sense_is_refused_whole() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let task = work.task(&app, "Поля", json!({})).await;
    let of = work.client.global();
    let answer = work
        .manager
        .run(
            &app,
            CREATE,
            json!({"input": {"clientId": of, "blockId": work.block, "taskId": task, "title": " ", "kind": "VIDEO",
                "text": "Слова", "url": "javascript:alert(1)"}}),
        )
        .await;
    assert_eq!(
        answer.data["instructionCreate"]["errors"],
        json!([{"code": "INVALID", "field": ["taskId"]}, {"code": "INVALID", "field": ["title"]},
            {"code": "INVALID", "field": ["url"]}, {"code": "INVALID", "field": ["url"]}])
    );
    for bad in [
        json!({"kind": "TEXT"}),
        json!({"kind": "TEXT", "text": "Слова", "url": "https://a.example"}),
        json!({"kind": "ARTICLE", "text": "Слова"}),
        json!({"kind": "VIDEO", "url": "ftp://a.example/1"}),
    ] {
        let mut input = json!({"clientId": of, "title": "Т"});
        input.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        assert_eq!(work.manager.codes(&app, CREATE, json!({"input": input})).await, ["INVALID"], "{bad}");
    }
    assert_eq!(instruction::Entity::find().count(&app.database.db).await.unwrap(), 0);
    let mut input = text(&work, "Раз");
    input["input"]["idempotencyKey"] = json!(Uuid::new_v4());
    let first = work.manager.ok(&app, CREATE, input.clone()).await;
    assert_eq!(first, work.manager.ok(&app, CREATE, input.clone()).await);
    input["input"]["title"] = json!("Два");
    assert_eq!(work.manager.codes(&app, CREATE, input).await, ["IDEMPOTENCY_KEY_REUSED"]);
    let id = first["instructionCreate"]["instruction"]["id"].clone();
    let edit = |version: i32, more: Value| {
        let mut input = json!({"expectedVersion": version});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"id": id, "input": input})
    };
    let done = work.specialist.ok(&app, UPDATE, edit(1, json!({"title": "Новое"}))).await;
    assert_eq!(done["instructionUpdate"]["instruction"]["version"], 2);
    assert_eq!(work.manager.codes(&app, UPDATE, edit(1, json!({"title": "Старое"}))).await, ["CONFLICT"]);
    let bodiless = json!({"text": null, "title": null});
    assert_eq!(work.manager.codes(&app, UPDATE, edit(2, bodiless)).await, ["INVALID", "INVALID"]);
    for number in 0..20 {
        let mut input = text(&work, &format!("{number}"));
        input["input"]["blockId"] = json!(work.block);
        work.manager.ok(&app, CREATE, input).await;
    }
    let mut more = text(&work, "21");
    more["input"]["blockId"] = json!(work.block);
    assert_eq!(work.manager.codes(&app, CREATE, more).await, ["INVALID"]);
    let delete = "mutation($id: ID!) { blockDelete(id: $id) { errors { code } } }";
    assert_eq!(work.manager.codes(&app, delete, json!({"id": work.block})).await, ["WRONG_STATUS"]);
}

/// K-1, A-1: the team writes, the client reads, others find nothing.
#[tokio::test]
async fn k1_who_may() {
    let app = TestApp::start().await;
    let work = app.work().await;
    for denied in [&work.owner, &work.member, &app.staff(Role::QualityManager).await] {
        assert_eq!(denied.codes(&app, CREATE, text(&work, "Т")).await, ["FORBIDDEN"]);
    }
    for stranger in [app.staff(Role::Specialist).await, app.staff(Role::Sales).await] {
        assert_eq!(stranger.codes(&app, CREATE, text(&work, "Т")).await, ["NOT_FOUND"]);
    }
    let account = app.on_team(Role::AccountManager, work.client).await;
    account.ok(&app, CREATE, text(&work, "Т")).await;
}
