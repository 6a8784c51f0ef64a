//! Comments: what people say about the work.

use domain::team::Position;
use domain::user::Role;
use hourbank::graphql::id::Identified;
use serde_json::{Value, json};

use crate::support::app::TestApp;

const SAY: &str = "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { comment { id body internal author { role } } task { id } plan { id } block { id } errors { code field } } }";

fn on(subject: &str, body: &str, internal: bool) -> Value {
    json!({"input": {"subjectId": subject, "body": body, "internal": internal}})
}

/// P-11: plans, blocks and tasks are commented on by both sides; internal comments are in no list and no count of the
/// client.
#[tokio::test]
async fn internal_comments_stay_with_the_staff() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let task = work.task(&app, "Одна", json!({})).await;
    for (at, subject) in [&work.plan, &work.block, &task].into_iter().enumerate() {
        work.member.ok(&app, SAY, on(subject, "Когда?", false)).await;
        let made = work.specialist.ok(&app, SAY, on(subject, "Клиент спешит", true)).await;
        let payload = &made["commentCreate"];
        assert_eq!(payload[["plan", "block", "task"][at]]["id"], *subject);
        assert_eq!(payload["comment"]["author"]["role"], "SPECIALIST");
        let admin = app.staff(Role::Administrator).await;
        admin.ok(&app, SAY, on(subject, "Завтра", false)).await;
    }
    let read = "query($id: ID!) { plan(id: $id) { comments { ...c } blocks { comments { ...c } tasks { comments { ...c } } } } }
        fragment c on CommentConnection { totalCount nodes { body } }";
    let all = |answer: &Value| {
        let plan = &answer["plan"];
        let block = &plan["blocks"][0];
        [&plan["comments"], &block["comments"], &block["tasks"][0]["comments"]].map(Clone::clone)
    };
    let bodies = |words: &[&str]| {
        let nodes: Vec<Value> = words.iter().map(|body| json!({"body": body})).collect();
        json!({"totalCount": words.len(), "nodes": nodes})
    };
    for client in [&work.owner, &work.member] {
        let seen = client.ok(&app, read, json!({"id": work.plan})).await;
        assert!(all(&seen).iter().all(|found| *found == bodies(&["Когда?", "Завтра"])), "{seen}");
    }
    for staff in [&work.manager, &app.staff(Role::QualityManager).await] {
        let seen = staff.ok(&app, read, json!({"id": work.plan})).await;
        assert!(
            all(&seen).iter().all(|found| *found == bodies(&["Когда?", "Клиент спешит", "Завтра"])),
            "{seen}"
        );
    }
}

/// P-11, A-1, A-2: a client writes nothing internal, and a stranger comments on nothing; the same key and input make
/// one comment; what is refused leaves no trace.
#[tokio::test]
async fn who_may_comment() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let task = work.task(&app, "Одна", json!({})).await;
    for client in [&work.owner, &work.member] {
        assert_eq!(client.codes(&app, SAY, on(&task, "Тайное", true)).await, ["FORBIDDEN"]);
    }
    let other = app.client("Чужие").await;
    for stranger in [app.contact(Role::ClientOwner, other).await, app.staff(Role::Specialist).await] {
        for internal in [true, false] {
            assert_eq!(stranger.codes(&app, SAY, on(&task, "Ау", internal)).await, ["NOT_FOUND"]);
        }
    }
    let reviewer = app.staff(Role::Specialist).await;
    app.join(&reviewer, work.client, Position::Reviewer).await;
    assert_eq!(work.owner.codes(&app, SAY, on(&task, "  ", false)).await, ["INVALID"]);
    let wrong = work.owner.codes(&app, SAY, on("nonsense", "Ау", false)).await;
    assert_eq!(wrong, ["BAD_USER_INPUT"]);
    let count = "query($id: ID!) { plan(id: $id) { blocks { tasks { comments { totalCount } } } } }";
    let counted = |answer: Value| answer["plan"]["blocks"][0]["tasks"][0]["comments"]["totalCount"].clone();
    assert_eq!(counted(reviewer.ok(&app, count, json!({"id": work.plan})).await), 0);
    let mut input = on(&task, "Раз", false);
    input["input"]["idempotencyKey"] = json!(uuid::Uuid::new_v4());
    let first = reviewer.ok(&app, SAY, input.clone()).await;
    assert_eq!(first, reviewer.ok(&app, SAY, input).await);
    assert_eq!(counted(work.owner.ok(&app, count, json!({"id": work.plan})).await), 1);
}

/// Comments are paged like every list, oldest first, and a cursor belongs to its own list.
#[tokio::test]
async fn comments_are_paged() {
    let app = TestApp::start().await;
    let work = app.work().await;
    for number in 0..3 {
        work.owner.ok(&app, SAY, on(&work.plan, &format!("{number}"), false)).await;
    }
    let page = "query($id: ID!, $after: String) { plan(id: $id) { comments(first: 2, after: $after) { nodes { body } pageInfo { hasNextPage endCursor } } } }";
    let first = work.owner.ok(&app, page, json!({"id": work.plan})).await["plan"]["comments"].clone();
    assert_eq!(first["nodes"], json!([{"body": "0"}, {"body": "1"}]));
    let after = first["pageInfo"]["endCursor"].clone();
    let second = work.owner.ok(&app, page, json!({"id": work.plan, "after": after})).await;
    assert_eq!(second["plan"]["comments"]["nodes"], json!([{"body": "2"}]));
    assert_eq!(second["plan"]["comments"]["pageInfo"]["hasNextPage"], false);
    let block = "query($id: ID!, $after: String) { plan(id: $id) { blocks { comments(after: $after) { nodes { body } } } } }";
    assert_eq!(
        work.owner.codes(&app, block, json!({"id": work.plan, "after": after})).await,
        ["BAD_USER_INPUT"]
    );
}

/// P-11: a time entry is commented on as well, by whoever sees it.
#[tokio::test]
async fn a_time_entry_is_commented_on() {
    let app = TestApp::start().await;
    let support = app.support("Ромашка").await;
    let (_, tasks) = app.tasks(support.client, 1).await;
    let log = "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) { timeEntry { id task { id } } errors { code } } }";
    let input = json!({"input": {"engagementId": support.id(), "taskId": tasks[0].global(), "workedOn": "2026-03-11",
        "minutes": 30, "activity": "CONFIGURATION", "note": "Поля"}});
    let logged = support.specialist.ok(&app, log, input).await["timeEntryCreate"]["timeEntry"].clone();
    assert_eq!(logged["task"]["id"], json!(tasks[0].global()));
    let entry = logged["id"].as_str().unwrap();
    let say = "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { timeEntry { id } errors { code } } }";
    let said = support.owner.ok(&app, say, on(entry, "Почему полчаса?", false)).await;
    assert_eq!(said["commentCreate"]["timeEntry"]["id"], entry);
    support.manager.ok(&app, say, on(entry, "Не отвечать", true)).await;
    let other = app.client("Чужие").await;
    let stranger = app.contact(Role::ClientOwner, other).await;
    assert_eq!(stranger.codes(&app, say, on(entry, "Ау", false)).await, ["NOT_FOUND"]);
    let read = "{ timeEntries { nodes { comments { totalCount nodes { body } } } } }";
    let seen = support.owner.ok(&app, read, json!({})).await;
    assert_eq!(
        seen["timeEntries"]["nodes"][0]["comments"],
        json!({"totalCount": 1, "nodes": [{"body": "Почему полчаса?"}]})
    );
}
