//! Blocks: the directions of a plan.

use domain::user::Role;
use hourbank::graphql::id::Identified;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::work::Work;

const MOVE: &str = "mutation($id: ID!, $before: ID) { blockMove(id: $id, input: {before: $before}) { block { position version } errors { code field } } }";
const DEPEND: &str = "mutation($id: ID!, $on: [ID!]!) { blockDependenciesSet(id: $id, input: {dependsOn: $on}) { block { dependsOn { title } } errors { code } } }";
const DELETE: &str =
    "mutation($id: ID!) { blockDelete(id: $id) { deletedId plan { blocks { title } } errors { code } } }";

fn step(name: &str) -> String {
    format!("mutation($id: ID!) {{ {name}(id: $id) {{ block {{ status }} errors {{ code field }} }} }}")
}

async fn titles(app: &TestApp, work: &Work) -> Vec<String> {
    let plan = work
        .owner
        .ok(app, "query($id: ID!) { plan(id: $id) { blocks { title } } }", json!({"id": work.plan}))
        .await;
    let blocks = plan["plan"]["blocks"].as_array().unwrap().clone();
    blocks.iter().map(|block| block["title"].as_str().unwrap().to_owned()).collect()
}

/// P-2: blocks stand in an order that the client's owner may change at any time; others may not, and a place that is
/// not there is refused.
#[tokio::test]
async fn the_client_orders_the_blocks() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let (second, third) = (work.block(&app, "Второй").await, work.block(&app, "Третий").await);
    work.owner.ok(&app, MOVE, json!({"id": third, "before": work.block})).await;
    assert_eq!(titles(&app, &work).await, ["Третий", "Воронки", "Второй"]);
    work.manager.ok(&app, MOVE, json!({"id": third})).await;
    assert_eq!(titles(&app, &work).await, ["Воронки", "Второй", "Третий"]);
    for denied in [&work.member, &work.specialist] {
        assert_eq!(denied.codes(&app, MOVE, json!({"id": second})).await, ["FORBIDDEN"]);
    }
    let elsewhere = app.work().await;
    let refused = work.owner.codes(&app, MOVE, json!({"id": second, "before": elsewhere.block})).await;
    assert_eq!(refused, ["INVALID"]);
    assert_eq!(work.owner.codes(&app, MOVE, json!({"id": elsewhere.block})).await, ["NOT_FOUND"]);
    assert_eq!(titles(&app, &work).await, ["Воронки", "Второй", "Третий"]);
}

/// P-2: two moves at once are both kept, and positions stay distinct.
#[tokio::test]
async fn moves_at_once_are_both_kept() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let mut blocks = vec![work.block.clone()];
    for number in 1..6 {
        blocks.push(work.block(&app, &format!("Блок {number}")).await);
    }
    let to_end = |id: &str| json!({"id": id});
    let (a, b, c) = tokio::join!(
        work.owner.run(&app, MOVE, to_end(&blocks[0])),
        work.manager.run(&app, MOVE, to_end(&blocks[1])),
        work.owner.run(&app, MOVE, to_end(&blocks[2])),
    );
    for answer in [a, b, c] {
        assert_eq!(answer.codes(), Vec::<String>::new());
    }
    let found = titles(&app, &work).await;
    assert_eq!(found[..3], ["Блок 3", "Блок 4", "Блок 5"]);
    let mut last = found[3..].to_vec();
    last.sort();
    assert_eq!(last, ["Блок 1", "Блок 2", "Воронки"]);
    let plan = work
        .owner
        .ok(&app, "query($id: ID!) { plan(id: $id) { blocks { position } } }", json!({"id": work.plan}))
        .await;
    let positions: Vec<i64> = plan["plan"]["blocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block["position"].as_i64().unwrap())
        .collect();
    assert_eq!(positions, [1, 2, 3, 4, 5, 6]);
}

/// B-12, P-3: time is logged on tasks while they move between blocks, and the sums of both blocks stay right.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn time_finds_the_block_that_its_task_moves_to() {
    let app = TestApp::start().await;
    let support = app.support("Ромашка").await;
    let (first, tasks) = app.tasks(support.client, 4).await;
    let plan = entity::block::Entity::find_by_id(first).one(&app.database.db).await.unwrap().unwrap().plan_id;
    let create = "mutation($plan: ID!) { blockCreate(input: {planId: $plan, title: \"Второй\"}) { block { id } errors { code } } }";
    let made = support.manager.ok(&app, create, json!({"plan": plan.global()})).await;
    let second = made["blockCreate"]["block"]["id"].clone();
    let log =
        "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) { errors { code } } }";
    let cross =
        "mutation($id: ID!, $to: ID!) { taskMove(id: $id, input: {blockId: $to}) { errors { code } } }";
    let work = tasks.iter().map(|task| {
        let (app, support, second) = (&app, &support, &second);
        let input = json!({"input": {"engagementId": support.id(), "taskId": task.global(),
            "workedOn": "2026-03-11", "minutes": 7, "activity": "CONFIGURATION", "note": "Работа"}});
        async move {
            for to in [second, &json!(first.global()), second] {
                let (logged, moved) = tokio::join!(
                    support.specialist.run(app, log, input.clone()),
                    support.manager.run(app, cross, json!({"id": task.global(), "to": to})),
                );
                assert_eq!((logged.codes(), moved.codes()), (Vec::new(), Vec::new()));
            }
        }
    });
    futures_util::future::join_all(work).await;
    let blocks = entity::block::Entity::find().all(&app.database.db).await.unwrap();
    assert_eq!(blocks.iter().map(|block| block.spent_minutes).sum::<i32>(), 7 * 3 * 4);
    assert_eq!(hourbank::usecase::verify::verify(&app.system()).await.unwrap(), Vec::<String>::new());
}

/// P-2: a block may wait for others, never for itself over however many steps, and begins once they are confirmed.
#[tokio::test]
async fn a_block_waits_for_others() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let (second, third) = (work.block(&app, "Второй").await, work.block(&app, "Третий").await);
    let set = work.manager.ok(&app, DEPEND, json!({"id": second, "on": [work.block]})).await;
    assert_eq!(set["blockDependenciesSet"]["block"]["dependsOn"], json!([{"title": "Воронки"}]));
    work.manager.ok(&app, DEPEND, json!({"id": third, "on": [second, work.block]})).await;
    for (id, on) in [(&work.block, &third), (&second, &second)] {
        assert_eq!(work.manager.codes(&app, DEPEND, json!({"id": id, "on": [on]})).await, ["INVALID"]);
    }
    let elsewhere = app.work().await;
    let foreign = json!({"id": second, "on": [elsewhere.block]});
    assert_eq!(work.manager.codes(&app, DEPEND, foreign).await, ["INVALID"]);
    assert_eq!(work.owner.codes(&app, DEPEND, json!({"id": second, "on": []})).await, ["FORBIDDEN"]);

    assert_eq!(work.manager.codes(&app, &step("blockStart"), json!({"id": second})).await, ["WRONG_STATUS"]);
    for (actor, name) in
        [(&work.manager, "blockStart"), (&work.manager, "blockSubmit"), (&work.owner, "blockConfirm")]
    {
        actor.ok(&app, &step(name), json!({"id": work.block})).await;
    }
    work.manager.ok(&app, &step("blockStart"), json!({"id": second})).await;
}

/// P-10: a block is handed over and confirmed by the client's owner alone, or returned with a comment.
#[tokio::test]
async fn the_client_confirms_a_block() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let only = json!({"id": work.block});
    assert_eq!(work.owner.codes(&app, &step("blockConfirm"), only.clone()).await, ["WRONG_STATUS"]);
    for denied in [&work.owner, &work.specialist] {
        assert_eq!(denied.codes(&app, &step("blockStart"), only.clone()).await, ["FORBIDDEN"]);
    }
    work.manager.ok(&app, &step("blockStart"), only.clone()).await;
    work.manager.ok(&app, &step("blockSubmit"), only.clone()).await;
    let admin = app.staff(Role::Administrator).await;
    for denied in [&work.manager, &work.member, &admin] {
        assert_eq!(denied.codes(&app, &step("blockConfirm"), only.clone()).await, ["FORBIDDEN"]);
    }
    let back = "mutation($id: ID!, $comment: String!) { blockReturn(id: $id, input: {comment: $comment}) { block { status } errors { code field } } }";
    let mute = work.owner.codes(&app, back, json!({"id": work.block, "comment": ""})).await;
    assert_eq!(mute, ["REASON_REQUIRED"]);
    let returned = work.owner.ok(&app, back, json!({"id": work.block, "comment": "Не то"})).await;
    assert_eq!(returned["blockReturn"]["block"]["status"], "IN_PROGRESS");
    work.manager.ok(&app, &step("blockSubmit"), only.clone()).await;
    let confirmed = work.owner.ok(&app, &step("blockConfirm"), only).await;
    assert_eq!(confirmed["blockConfirm"]["block"]["status"], "CONFIRMED");
    let kept = work
        .member
        .ok(
            &app,
            "query($id: ID!) { plan(id: $id) { blocks { signOffs { decision comment } } } }",
            json!({"id": work.plan}),
        )
        .await;
    assert_eq!(
        kept["plan"]["blocks"][0]["signOffs"],
        json!([{"decision": "RETURNED", "comment": "Не то"}, {"decision": "APPROVED", "comment": null}])
    );
}

/// P-1: a block goes only while it is planned and empty; words of a block change by its version.
#[tokio::test]
async fn only_an_empty_block_goes() {
    let app = TestApp::start().await;
    let work = app.work().await;
    work.task(&app, "Одна", json!({})).await;
    assert_eq!(work.manager.codes(&app, DELETE, json!({"id": work.block})).await, ["WRONG_STATUS"]);
    let second = work.block(&app, "Второй").await;
    work.manager.ok(&app, DEPEND, json!({"id": second, "on": [work.block]})).await;
    let comment =
        "mutation($id: ID!) { commentCreate(input: {subjectId: $id, body: \"?\"}) { errors { code } } }";
    let spoken = work.block(&app, "Обсуждаемый").await;
    work.member.ok(&app, comment, json!({"id": spoken})).await;
    assert_eq!(work.manager.codes(&app, DELETE, json!({"id": spoken})).await, ["WRONG_STATUS"]);
    assert_eq!(work.owner.codes(&app, DELETE, json!({"id": second})).await, ["FORBIDDEN"]);
    let gone = work.manager.ok(&app, DELETE, json!({"id": second})).await;
    assert_eq!(gone["blockDelete"]["deletedId"], second);
    assert_eq!(work.manager.codes(&app, DELETE, json!({"id": second})).await, ["NOT_FOUND"]);
    assert_eq!(titles(&app, &work).await, ["Воронки", "Обсуждаемый"]);

    let update = "mutation($id: ID!, $input: BlockUpdateInput!) { blockUpdate(id: $id, input: $input) { block { title description version } errors { code field } } }";
    let input = |more: Value| json!({"id": work.block, "input": more});
    let changed = work
        .manager
        .ok(&app, update, input(json!({"expectedVersion": 1, "description": "О продажах"})))
        .await;
    assert_eq!(
        changed["blockUpdate"]["block"],
        json!({"title": "Воронки", "description": "О продажах", "version": 2})
    );
    let conflict = work.manager.run(&app, update, input(json!({"expectedVersion": 1, "title": "X"}))).await;
    assert_eq!(conflict.codes(), ["CONFLICT"]);
    assert_eq!(conflict.data["blockUpdate"]["block"]["version"], 2);
    let bad = input(json!({"expectedVersion": 2, "title": null}));
    assert_eq!(work.manager.codes(&app, update, bad).await, ["INVALID"]);
}
