//! Plans: what is to be done, and the client's word on it.

use domain::user::Role;
use hourbank::graphql::id::Identified;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::app::TestApp;

const CREATE: &str = "mutation($input: PlanCreateInput!) { planCreate(input: $input) { plan { id kind status revision version title goals estimateMinutes } errors { code field } } }";
const UPDATE: &str = "mutation($id: ID!, $input: PlanUpdateInput!) { planUpdate(id: $id, input: $input) { plan { title goals estimateMinutes version } errors { code field } } }";

fn step(name: &str) -> String {
    format!(
        "mutation($id: ID!) {{ {name}(id: $id) {{ plan {{ status revision version }} errors {{ code field }} }} }}"
    )
}

fn say(name: &str, input: &str) -> String {
    format!(
        "mutation($id: ID!, $input: {input}!) {{ {name}(id: $id, input: $input) {{ plan {{ status revision }} errors {{ code field }} }} }}"
    )
}

/// C-3, P-1: a development plan has goals and an overall estimate, is made once under one key, and only its kind is
/// offered.
#[tokio::test]
async fn a_plan_is_made_with_goals_and_an_estimate() {
    let app = TestApp::start().await;
    let client = app.client("Ромашка").await;
    let manager = app.on_team(Role::ProjectManager, client).await;
    let input = json!({"input": {"clientId": client.global(), "title": " Развитие ", "goals": ["Рост", "Порядок"],
        "estimateMinutes": 9600, "idempotencyKey": uuid::Uuid::new_v4()}});
    let first = manager.ok(&app, CREATE, input.clone()).await;
    assert_eq!(first, manager.ok(&app, CREATE, input).await);
    let plan = &first["planCreate"]["plan"];
    assert_eq!(plan["goals"], json!(["Рост", "Порядок"]));
    assert_eq!(
        (&plan["kind"], &plan["status"], &plan["revision"], &plan["estimateMinutes"], &plan["title"]),
        (&json!("DEVELOPMENT"), &json!("DRAFT"), &json!(1), &json!(9600), &json!("Развитие"))
    );
    let refused = manager
        .run(
            &app,
            CREATE,
            json!({"input": {"clientId": client.global(), "kind": "IMPLEMENTATION", "title": " ",
                "goals": [""], "estimateMinutes": -1}}),
        )
        .await;
    assert_eq!(refused.codes(), ["SERVICE_NOT_OFFERED", "INVALID", "INVALID", "INVALID"]);
    let listed = manager
        .ok(
            &app,
            "query($id: ID!) { client(by: {id: $id}) { plans { title } } }",
            json!({"id": client.global()}),
        )
        .await;
    assert_eq!(listed["client"]["plans"], json!([{"title": "Развитие"}]));
}

/// P-1: every step of a development plan; goals and estimate change in any status but COMPLETED.
#[tokio::test]
async fn a_plan_goes_its_way() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let (manager, owner) = (&work.manager, &work.owner);
    let only = json!({"id": work.plan});
    let said = |revision: i32| json!({"id": work.plan, "input": {"revision": revision, "comment": "Да"}});
    assert_eq!(manager.codes(&app, &step("planStart"), only.clone()).await, ["WRONG_STATUS"]);
    assert_eq!(owner.codes(&app, &say("planApprove", "PlanApproveInput"), said(1)).await, ["WRONG_STATUS"]);

    manager.ok(&app, &step("planSubmit"), only.clone()).await;
    let returned = owner.ok(&app, &say("planReturn", "PlanReturnInput"), said(1)).await;
    assert_eq!(returned["planReturn"]["plan"], json!({"status": "DRAFT", "revision": 1}));
    let again = manager.ok(&app, &step("planSubmit"), only.clone()).await;
    assert_eq!(again["planSubmit"]["plan"]["revision"], 2);
    // What the owner read was the revision before: nothing is approved behind their back.
    let old = owner.run(&app, &say("planApprove", "PlanApproveInput"), said(1)).await;
    assert_eq!(old.codes(), ["CONFLICT"]);
    assert_eq!(old.data["planApprove"]["plan"], json!({"status": "CLIENT_REVIEW", "revision": 2}));
    owner.ok(&app, &say("planApprove", "PlanApproveInput"), said(2)).await;
    let started = manager.ok(&app, &step("planStart"), only.clone()).await;
    assert_eq!(started["planStart"]["plan"]["status"], "IN_PROGRESS");

    let change =
        |version: i32| json!({"id": work.plan, "input": {"expectedVersion": version, "goals": ["Новая"]}});
    let version = started["planStart"]["plan"]["version"].as_i64().unwrap();
    let changed = manager.ok(&app, UPDATE, change(version as i32)).await;
    assert_eq!(changed["planUpdate"]["plan"]["goals"], json!(["Новая"]));
    assert_eq!(changed["planUpdate"]["plan"]["estimateMinutes"], 4800);
    assert_eq!(manager.codes(&app, UPDATE, change(version as i32)).await, ["CONFLICT"]);

    // A task that is open keeps the plan open.
    let task = work.task(&app, "Одна", json!({})).await;
    assert_eq!(manager.codes(&app, &step("planComplete"), only.clone()).await, ["WRONG_STATUS"]);
    let cancel =
        "mutation($id: ID!) { taskCancel(id: $id, input: {reason: \"Не нужна\"}) { errors { code } } }";
    owner.ok(&app, cancel, json!({"id": task})).await;
    let done = manager.ok(&app, &step("planComplete"), only.clone()).await;
    assert_eq!(done["planComplete"]["plan"]["status"], "COMPLETED");
    let late = json!({"id": work.plan, "input": {"expectedVersion": version + 2, "title": "Поздно"}});
    assert_eq!(manager.codes(&app, UPDATE, late).await, ["WRONG_STATUS"]);

    let kept = owner
        .ok(
            &app,
            "query($id: ID!) { plan(id: $id) { signOffs { revision decision comment inMeeting user { role } } } }",
            only,
        )
        .await;
    let one = |revision, decision| {
        json!({"revision": revision, "decision": decision, "comment": "Да", "inMeeting": false,
            "user": {"role": "CLIENT_OWNER"}})
    };
    assert_eq!(kept["plan"]["signOffs"], json!([one(1, "RETURNED"), one(2, "APPROVED")]));
}

/// P-1: a return says why, or leaves no trace.
#[tokio::test]
async fn a_return_needs_its_words() {
    let app = TestApp::start().await;
    let work = app.work().await;
    work.manager.ok(&app, &step("planSubmit"), json!({"id": work.plan})).await;
    let mute = json!({"id": work.plan, "input": {"revision": 1, "comment": " \n"}});
    assert_eq!(
        work.owner.codes(&app, &say("planReturn", "PlanReturnInput"), mute).await,
        ["REASON_REQUIRED"]
    );
    let plan = work
        .owner
        .ok(&app, "query($id: ID!) { plan(id: $id) { status signOffs { id } } }", json!({"id": work.plan}))
        .await;
    assert_eq!(plan["plan"], json!({"status": "CLIENT_REVIEW", "signOffs": []}));
}

/// P-1: who sees a plan, who runs it, who signs it off; and what is refused leaves no audit row.
#[tokio::test]
async fn each_role_does_its_part() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let client = work.client;
    let admin = app.staff(Role::Administrator).await;
    let only = json!({"id": work.plan});
    let see = "query($id: ID!) { plan(id: $id) { title } }";
    let stranger = app.staff(Role::ProjectManager).await;
    let other = app.client("Чужие").await;
    let foreign = app.contact(Role::ClientOwner, other).await;
    for unseen in [&stranger, &foreign, &app.staff(Role::Sales).await] {
        assert_eq!(unseen.codes(&app, see, only.clone()).await, ["NOT_FOUND"]);
        assert_eq!(unseen.codes(&app, &step("planSubmit"), only.clone()).await, ["NOT_FOUND"]);
    }
    let account = app.on_team(Role::AccountManager, client).await;
    let quality = app.staff(Role::QualityManager).await;
    let trail = audits(&app).await;
    for denied in [&account, &quality, &work.specialist, &work.owner, &work.member] {
        denied.ok(&app, see, only.clone()).await;
        assert_eq!(denied.codes(&app, &step("planSubmit"), only.clone()).await, ["FORBIDDEN"]);
    }
    assert_eq!(audits(&app).await, trail);
    admin.ok(&app, &step("planSubmit"), only.clone()).await;
    let said = json!({"id": work.plan, "input": {"revision": 1}});
    for denied in [&admin, &work.manager, &work.member, &quality] {
        let codes = denied.codes(&app, &say("planApprove", "PlanApproveInput"), said.clone()).await;
        assert_eq!(codes, ["FORBIDDEN"]);
    }
    work.owner.ok(&app, &say("planApprove", "PlanApproveInput"), said).await;
    assert_eq!(audits(&app).await, trail + 2);
    assert_eq!(
        stranger.codes(&app, CREATE, json!({"input": {"clientId": client.global(), "title": "X"}})).await,
        ["NOT_FOUND"]
    );
}

async fn audits(app: &TestApp) -> i64 {
    let sql = "SELECT COUNT(*) AS n FROM audit";
    let row =
        app.database.db.query_one_raw(Statement::from_string(app.database.db.get_database_backend(), sql));
    row.await.unwrap().unwrap().try_get("", "n").unwrap()
}

/// P-3: the sums of the blocks stand beside the plan's own estimate, each figure apart; the whole tree is read in a
/// few statements, however many blocks and tasks there are.
#[tokio::test]
async fn a_whole_plan_is_read_in_a_few_statements() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let assignee = work.specialist.user.unwrap().global();
    let tree = "query($id: ID!) { client(by: {id: $id}) { name plans { title goals estimateMinutes
        totals { estimateMinutes developmentMinutes spentMinutes }
        blocks { title position tasks { title status estimateMinutes spentMinutes assignee { name } } } } } }";
    let variables = json!({"id": work.client.global()});
    work.task(
        &app,
        "Первая",
        json!({"estimateMinutes": 60, "developmentMinutes": 600, "assigneeId": assignee}),
    )
    .await;
    // The first read also learns who the owner is.
    work.owner.ok(&app, tree, variables.clone()).await;
    let (small, _) = app.count(work.owner.ok(&app, tree, variables.clone())).await;
    for number in 0..4 {
        let block = work.block(&app, &format!("Блок {number}")).await;
        for task in 0..5 {
            let more = json!({"blockId": block, "estimateMinutes": 30, "assigneeId": assignee});
            work.task(&app, &format!("Задача {number}.{task}"), more).await;
        }
    }
    let (large, answer) = app.count(work.owner.ok(&app, tree, variables)).await;
    // The client, its plans, goals, blocks, tasks, people.
    assert_eq!((small, large), (6, 6));
    let plan = &answer["client"]["plans"][0];
    assert_eq!(
        plan["totals"],
        json!({"estimateMinutes": 60 + 20 * 30, "developmentMinutes": 600, "spentMinutes": 0})
    );
    assert_eq!(plan["estimateMinutes"], 4800);
    let blocks = plan["blocks"].as_array().unwrap();
    assert_eq!(blocks.len(), 5);
    let titles: Vec<&Value> =
        blocks[4]["tasks"].as_array().unwrap().iter().map(|task| &task["title"]).collect();
    assert_eq!(titles, ["Задача 3.0", "Задача 3.1", "Задача 3.2", "Задача 3.3", "Задача 3.4"]);
    assert!(blocks[4]["tasks"][0]["assignee"]["name"].is_string());
}

/// L-3: a change of a plan wakes those who watch it.
#[tokio::test]
async fn a_change_wakes_its_topic() {
    use hourbank::bus::Topic;
    let app = TestApp::start().await;
    let work = app.work().await;
    let mut ear = app.app.bus.listen();
    work.task(&app, "Одна", json!({})).await;
    let mut woken = Vec::new();
    while let Ok(topic) = ear.try_recv() {
        woken.push(topic);
    }
    assert!(
        matches!(woken[..], [Topic::Task(client, _), Topic::Plan(other, _)] if client == other && client == work.client)
    );
}
