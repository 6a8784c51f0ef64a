//! Tasks: asked for, planned, worked on, accepted, steered.

use domain::user::Role;
use hourbank::graphql::id::Identified;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::work::{id, on_task};

/// P-4, P-5: a member asks, the task waits in the inbox, the project manager plans it into a block.
#[tokio::test]
async fn a_request_waits_in_the_inbox_until_planned() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let task = work.request(&app, "Счета").await;
    let inbox = "query($of: ID!) { tasks(filter: {inbox: true, clientId: {eq: $of}}) { totalCount nodes { id status requestedBy { role } block { id } plan { id } } } }";
    let of = json!({"of": work.client.global()});
    let listed = work.owner.ok(&app, inbox, of.clone()).await["tasks"].clone();
    assert_eq!(listed["totalCount"], 1);
    assert_eq!(
        listed["nodes"][0],
        json!({"id": task, "status": "REQUESTED", "requestedBy": {"role": "CLIENT_MEMBER"}, "block": null, "plan": null})
    );
    let plan = json!({"id": task, "input": {"blockId": work.block, "estimateMinutes": 90}});
    for denied in [&work.owner, &work.member, &work.specialist] {
        assert_eq!(denied.codes(&app, &on_task("taskPlan"), plan.clone()).await, ["FORBIDDEN"]);
    }
    let elsewhere = app.work().await;
    let foreign = json!({"id": task, "input": {"blockId": elsewhere.block}});
    assert_eq!(work.manager.codes(&app, &on_task("taskPlan"), foreign).await, ["INVALID"]);
    let planned = work.manager.ok(&app, &on_task("taskPlan"), plan.clone()).await["taskPlan"].clone();
    assert_eq!(planned["task"]["status"], "PLANNED");
    assert_eq!(planned["block"]["estimateMinutes"], 90);
    assert_eq!(work.manager.codes(&app, &on_task("taskPlan"), plan).await, ["WRONG_STATUS"]);
    assert_eq!(work.owner.ok(&app, inbox, of).await["tasks"]["totalCount"], 0);

    let ask = "mutation($input: TaskRequestInput!) { taskRequest(input: $input) { task { id } errors { code field } } }";
    let input = json!({"input": {"clientId": elsewhere.client.global(), "title": "Чужая"}});
    assert_eq!(work.member.codes(&app, ask, input).await, ["NOT_FOUND"]);
    let bad =
        json!({"input": {"clientId": work.client.global(), "title": "", "externalUrl": "javascript:1"}});
    assert_eq!(work.member.codes(&app, ask, bad).await, ["INVALID", "INVALID"]);
    let crm = json!({"input": {"clientId": work.client.global(), "title": "Из CRM", "externalId": "77"}});
    work.member.ok(&app, ask, crm.clone()).await;
    assert_eq!(work.member.codes(&app, ask, crm).await, ["TAKEN"]);
}

/// P-4: a task is started and submitted by its assignee, accepted by the client's owner, or returned with a comment.
#[tokio::test]
async fn a_task_goes_its_way() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let assignee = work.specialist.user.unwrap().global();
    let task = work.task(&app, "Поля", json!({"assigneeId": assignee})).await;
    let only = json!({"id": task});
    let idle = app.on_team(Role::Specialist, work.client).await;
    for denied in [&idle, &work.owner, &work.member] {
        assert_eq!(denied.codes(&app, &on_task("taskStart"), only.clone()).await, ["FORBIDDEN"]);
    }
    assert_eq!(work.specialist.codes(&app, &on_task("taskSubmit"), only.clone()).await, ["WRONG_STATUS"]);
    work.specialist.ok(&app, &on_task("taskStart"), only.clone()).await;
    work.specialist.ok(&app, &on_task("taskSubmit"), only.clone()).await;
    let back = |words: &str| json!({"id": task, "input": {"comment": words}});
    assert_eq!(work.owner.codes(&app, &on_task("taskReturn"), back("")).await, ["REASON_REQUIRED"]);
    let returned = work.owner.ok(&app, &on_task("taskReturn"), back("Не все поля")).await;
    assert_eq!(returned["taskReturn"]["task"]["status"], "IN_PROGRESS");
    work.specialist.ok(&app, &on_task("taskSubmit"), only.clone()).await;
    let admin = app.staff(Role::Administrator).await;
    for denied in [&work.member, &work.manager, &work.specialist, &admin] {
        assert_eq!(denied.codes(&app, &on_task("taskAccept"), only.clone()).await, ["FORBIDDEN"]);
    }
    let done = work.owner.ok(&app, &on_task("taskAccept"), only.clone()).await;
    assert_eq!(done["taskAccept"]["task"]["status"], "DONE");
    for closed in ["taskStart", "taskPause", "taskAccept"] {
        let actor = if closed == "taskStart" { &work.manager } else { &work.owner };
        assert_eq!(actor.codes(&app, &on_task(closed), only.clone()).await, ["WRONG_STATUS"], "{closed}");
    }
    let read = "query($id: ID!) { tasks(filter: {id: {eq: $id}}) { nodes { doneAt signOffs { decision comment inMeeting revision } } } }";
    let found = work.owner.ok(&app, read, only).await["tasks"]["nodes"][0].clone();
    assert!(found["doneAt"].as_str().unwrap().starts_with("2026-03-11T12:00:00"));
    assert_eq!(
        found["signOffs"],
        json!([{"decision": "RETURNED", "comment": "Не все поля", "inMeeting": false, "revision": 1},
            {"decision": "APPROVED", "comment": null, "inMeeting": false, "revision": 1}])
    );
}

/// P-4: what the client said in a meeting is recorded by the project manager, as such; nobody else may.
#[tokio::test]
async fn an_acceptance_in_a_meeting_is_recorded_as_such() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let task = work.task(&app, "Отчет", json!({})).await;
    for step in ["taskStart", "taskSubmit"] {
        work.manager.ok(&app, &on_task(step), json!({"id": task})).await;
    }
    let met = json!({"id": task, "input": {"inMeeting": true, "comment": "Созвон 11 марта"}});
    for denied in [&work.owner, &work.specialist] {
        assert_eq!(denied.codes(&app, &on_task("taskAccept"), met.clone()).await, ["FORBIDDEN"]);
    }
    work.manager.ok(&app, &on_task("taskAccept"), met).await;
    let read = "query($id: ID!) { tasks(filter: {id: {eq: $id}}) { nodes { signOffs { inMeeting comment user { role } } } } }";
    let found = work.owner.ok(&app, read, json!({"id": task})).await;
    assert_eq!(
        found["tasks"]["nodes"][0]["signOffs"],
        json!([{"inMeeting": true, "comment": "Созвон 11 марта", "user": {"role": "PROJECT_MANAGER"}}])
    );
}

/// P-4, P-5: an owner pauses, resumes and removes; the pause remembers where the task stood, the end needs a reason.
/// Members only ask and comment.
#[tokio::test]
async fn an_owner_steers() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let task = work.task(&app, "Роботы", json!({"estimateMinutes": 60})).await;
    let only = json!({"id": task});
    work.manager.ok(&app, &on_task("taskStart"), only.clone()).await;
    let inputs = [
        ("taskPause", Value::Null),
        ("taskCancel", json!({"reason": "Потом"})),
        ("taskLimitSet", json!({"limitMinutes": 30})),
        ("taskUrgentSet", json!({"urgent": true, "first": true})),
        ("taskMove", json!({})),
        ("taskUpdate", json!({"expectedVersion": 2, "title": "Мое"})),
    ];
    for (name, input) in &inputs {
        let variables = json!({"id": task, "input": input});
        for denied in [&work.member, &work.specialist] {
            assert_eq!(denied.codes(&app, &on_task(name), variables.clone()).await, ["FORBIDDEN"], "{name}");
        }
    }
    work.owner.ok(&app, &on_task("taskPause"), only.clone()).await;
    let paused = "query($id: ID!) { tasks(filter: {id: {eq: $id}}) { nodes { status pausedFrom } } }";
    let found = work.member.ok(&app, paused, only.clone()).await["tasks"]["nodes"][0].clone();
    assert_eq!(found, json!({"status": "PAUSED", "pausedFrom": "IN_PROGRESS"}));
    let resumed = work.owner.ok(&app, &on_task("taskResume"), only.clone()).await;
    assert_eq!(resumed["taskResume"]["task"]["status"], "IN_PROGRESS");
    let end = |reason: &str| json!({"id": task, "input": {"reason": reason}});
    assert_eq!(work.owner.codes(&app, &on_task("taskCancel"), end(" ")).await, ["REASON_REQUIRED"]);
    let gone = work.owner.ok(&app, &on_task("taskCancel"), end("Передумали")).await;
    assert_eq!(gone["taskCancel"]["task"]["status"], "CANCELLED");
    assert_eq!(gone["taskCancel"]["block"]["estimateMinutes"], 0);
}

/// P-5, P-6: a limit is set and lifted by the owner; reached, it shows. An urgent task can go first.
#[tokio::test]
async fn a_limit_warns_and_urgency_goes_first() {
    let app = TestApp::start().await;
    let work = app.work().await;
    work.task(&app, "Первая", json!({})).await;
    let task = work.task(&app, "Вторая", json!({"estimateMinutes": 100})).await;
    spend(&app, "Вторая", 40).await;
    let read = "query($id: ID!) { tasks(filter: {id: {eq: $id}}) { nodes { limitMinutes limitReached spentMinutes remainingMinutes } } }";
    let limit = |minutes: Value| json!({"id": task, "input": {"limitMinutes": minutes}});
    for (minutes, reached) in [(json!(41), false), (json!(40), true), (Value::Null, false)] {
        work.owner.ok(&app, &on_task("taskLimitSet"), limit(minutes.clone())).await;
        let found = work.owner.ok(&app, read, json!({"id": task})).await["tasks"]["nodes"][0].clone();
        assert_eq!(
            found,
            json!({"limitMinutes": minutes, "limitReached": reached, "spentMinutes": 40, "remainingMinutes": 60})
        );
    }
    assert_eq!(work.owner.codes(&app, &on_task("taskLimitSet"), limit(json!(-1))).await, ["INVALID"]);
    let first = json!({"id": task, "input": {"urgent": true, "first": true}});
    let marked = work.owner.ok(&app, &on_task("taskUrgentSet"), first).await["taskUrgentSet"].clone();
    assert_eq!((&marked["task"]["urgent"], &marked["task"]["position"]), (&json!(true), &json!(1)));
    assert_eq!(work.titles(&app, &work.block).await, ["Вторая", "Первая"]);
}

/// Time on a task, as the ledger's transaction writes it.
async fn spend(app: &TestApp, title: &str, minutes: i32) {
    for sql in [
        format!("UPDATE task SET spent_minutes = spent_minutes + {minutes} WHERE title = '{title}'"),
        format!(
            "UPDATE block SET spent_minutes = spent_minutes + {minutes} WHERE id = (SELECT block_id FROM task WHERE title = '{title}')"
        ),
    ] {
        app.database.db.execute_unprepared(&sql).await.unwrap();
    }
}

/// P-3: block sums follow creating, re-estimating, moving and cancelling, each figure apart; what was spent moves along
/// and stays when a task is given up. A development suggests its own minutes.
#[tokio::test]
async fn sums_follow_their_tasks() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let other = work.block(&app, "Второй").await;
    let task = work.task(&app, "Большая", json!({"estimateMinutes": 120, "developmentMinutes": 600})).await;
    work.task(&app, "Малая", json!({"estimateMinutes": 30})).await;
    spend(&app, "Большая", 45).await;
    let sums = "query($id: ID!) { plan(id: $id) { blocks { estimateMinutes developmentMinutes spentMinutes tasks { suggestedOwnMinutes { minMinutes maxMinutes } } } } }";
    let read = async || {
        let plan = work.owner.ok(&app, sums, json!({"id": work.plan})).await;
        let blocks = plan["plan"]["blocks"].as_array().unwrap().clone();
        blocks
            .iter()
            .map(|block| {
                ["estimateMinutes", "developmentMinutes", "spentMinutes"]
                    .map(|name| block[name].as_i64().unwrap())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(read().await, [[150, 600, 45], [0, 0, 0]]);
    let plan = work.owner.ok(&app, sums, json!({"id": work.plan})).await;
    assert_eq!(
        plan["plan"]["blocks"][0]["tasks"],
        json!([{"suggestedOwnMinutes": {"minMinutes": 120, "maxMinutes": 180}}, {"suggestedOwnMinutes": null}])
    );

    let update = json!({"id": task, "input": {"expectedVersion": 1, "estimateMinutes": 200, "developmentMinutes": null}});
    let changed = work.manager.ok(&app, &on_task("taskUpdate"), update.clone()).await;
    assert_eq!(changed["taskUpdate"]["task"]["spentMinutes"], 45);
    assert_eq!(work.manager.codes(&app, &on_task("taskUpdate"), update).await, ["CONFLICT"]);
    assert_eq!(read().await, [[230, 0, 45], [0, 0, 0]]);

    let over = json!({"id": task, "input": {"blockId": other}});
    assert_eq!(work.owner.codes(&app, &on_task("taskMove"), over.clone()).await, ["FORBIDDEN"]);
    let moved = work
        .manager
        .ok(
            &app,
            "mutation($id: ID!, $input: TaskMoveInput!) { taskMove(id: $id, input: $input) { block { id } leftBlock { id spentMinutes } errors { code } } }",
            over,
        )
        .await;
    assert_eq!(moved["taskMove"]["leftBlock"], json!({"id": work.block, "spentMinutes": 0}));
    assert_eq!(id(&moved["taskMove"]["block"]), other);
    assert_eq!(read().await, [[30, 0, 0], [200, 0, 45]]);

    work.owner.ok(&app, &on_task("taskCancel"), json!({"id": task, "input": {"reason": "Дорого"}})).await;
    assert_eq!(read().await, [[30, 0, 0], [0, 0, 45]]);
    let late = json!({"id": task, "input": {"expectedVersion": 4, "estimateMinutes": 5}});
    assert_eq!(work.manager.codes(&app, &on_task("taskUpdate"), late).await, ["WRONG_STATUS"]);
    for bad in [json!({"estimateMinutes": 100_001}), json!({"developmentMinutes": -1})] {
        let mut input = json!({"blockId": work.block, "title": "Плохая"});
        input.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        let create =
            "mutation($input: TaskCreateInput!) { taskCreate(input: $input) { errors { code field } } }";
        assert_eq!(work.manager.codes(&app, create, json!({"input": input})).await, ["INVALID"]);
    }
    assert_eq!(read().await, [[30, 0, 0], [0, 0, 45]]);
}

/// P-2, P-5: an owner orders the tasks of a block and of the inbox; a place elsewhere is refused.
#[tokio::test]
async fn the_client_orders_the_tasks() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let mut tasks = Vec::new();
    for title in ["А", "Б", "В"] {
        tasks.push(work.task(&app, title, json!({})).await);
    }
    let to = |id: &str, before: Option<&String>| json!({"id": id, "input": {"before": before}});
    work.owner.ok(&app, &on_task("taskMove"), to(&tasks[2], Some(&tasks[0]))).await;
    assert_eq!(work.titles(&app, &work.block).await, ["В", "А", "Б"]);
    work.owner.ok(&app, &on_task("taskMove"), to(&tasks[2], None)).await;
    assert_eq!(work.titles(&app, &work.block).await, ["А", "Б", "В"]);
    let (one, two) = (work.request(&app, "Первая").await, work.request(&app, "Вторая").await);
    assert_eq!(work.owner.codes(&app, &on_task("taskMove"), to(&tasks[0], Some(&one))).await, ["INVALID"]);
    work.owner.ok(&app, &on_task("taskMove"), to(&two, Some(&one))).await;
    let inbox = "{ tasks(filter: {inbox: true}, orderBy: [{field: POSITION}]) { nodes { title } } }";
    let found = work.owner.ok(&app, inbox, json!({})).await;
    assert_eq!(found["tasks"]["nodes"], json!([{"title": "Вторая"}, {"title": "Первая"}]));
    let planning = json!({"id": one, "input": {"blockId": work.block}});
    assert_eq!(work.manager.codes(&app, &on_task("taskMove"), planning).await, ["WRONG_STATUS"]);
}

/// P-2: moves, requests and time at once lose nothing: positions stay distinct and sums right.
#[tokio::test]
async fn writers_at_once_lose_nothing() {
    let app = TestApp::start().await;
    let work = app.work().await;
    let other = work.block(&app, "Второй").await;
    let mut tasks = Vec::new();
    for number in 0..8 {
        tasks.push(work.task(&app, &format!("Т{number}"), json!({"estimateMinutes": 10})).await);
    }
    let (reorder, cross) = (on_task("taskMove"), on_task("taskMove"));
    let order =
        tasks[..4].iter().map(|task| work.owner.run(&app, &reorder, json!({"id": task, "input": {}})));
    let over = tasks[4..]
        .iter()
        .map(|task| work.manager.run(&app, &cross, json!({"id": task, "input": {"blockId": other}})));
    let (ordered, moved) =
        tokio::join!(futures_util::future::join_all(order), futures_util::future::join_all(over));
    for answer in ordered.into_iter().chain(moved) {
        assert_eq!(answer.codes(), Vec::<String>::new());
    }
    let read = "query($id: ID!) { plan(id: $id) { blocks { estimateMinutes tasks { position } } } }";
    let plan = work.owner.ok(&app, read, json!({"id": work.plan})).await;
    for block in plan["plan"]["blocks"].as_array().unwrap() {
        assert_eq!(block["estimateMinutes"], 40);
        let mut positions: Vec<i64> = block["tasks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|task| task["position"].as_i64().unwrap())
            .collect();
        positions.dedup();
        assert_eq!(positions.len(), 4);
    }
}

/// tasks are filtered and counted within what the caller sees; assignees come from the client's team.
#[tokio::test]
async fn lists_hold_what_the_caller_sees() {
    let app = TestApp::start().await;
    let (work, elsewhere) = (app.work().await, app.work().await);
    let assignee = work.specialist.user.unwrap().global();
    let one = work.task(&app, "Ёлка", json!({"assigneeId": assignee})).await;
    work.task(&app, "Сосна", json!({})).await;
    work.request(&app, "Кедр").await;
    elsewhere.task(&app, "Ель", json!({})).await;
    work.owner.ok(&app, &on_task("taskUrgentSet"), json!({"id": one, "input": {"urgent": true}})).await;
    let list = "query($filter: TaskFilter) { tasks(filter: $filter, orderBy: [{field: TITLE}]) { totalCount nodes { title } } }";
    for (filter, expected) in [
        (json!({}), vec!["Ёлка", "Кедр", "Сосна"]),
        (json!({"title": {"contains": "елк"}}), vec!["Ёлка"]),
        (json!({"assigneeId": {"eq": assignee}}), vec!["Ёлка"]),
        (json!({"not": {"assigneeId": {"eq": assignee}}}), vec!["Кедр", "Сосна"]),
        (json!({"status": {"in": ["REQUESTED", "DONE"]}}), vec!["Кедр"]),
        (json!({"urgent": true}), vec!["Ёлка"]),
        (json!({"planId": {"eq": work.plan}, "blockId": {"in": [work.block]}}), vec!["Ёлка", "Сосна"]),
        (json!({"or": [{"urgent": true}, {"inbox": true}]}), vec!["Ёлка", "Кедр"]),
        (json!({"not": {"planId": {"eq": work.plan}}}), vec!["Кедр"]),
        (json!({"updatedAt": {"lt": "2026-03-11T12:00:00Z"}}), vec![]),
        (json!({"planId": {"eq": elsewhere.plan}}), vec![]),
    ] {
        let found = work.member.ok(&app, list, json!({"filter": filter})).await["tasks"].clone();
        let titles: Vec<&str> =
            found["nodes"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap()).collect();
        assert_eq!(titles, expected, "{filter}");
        assert_eq!(found["totalCount"], expected.len(), "{filter}");
    }
    let of_plan = "query($id: ID!) { plan(id: $id) { tasks(first: 1, orderBy: [{field: TITLE, direction: DESC}]) { totalCount nodes { title } } } }";
    let found = work.owner.ok(&app, of_plan, json!({"id": work.plan})).await;
    assert_eq!(found["plan"]["tasks"], json!({"totalCount": 2, "nodes": [{"title": "Сосна"}]}));

    let stranger = elsewhere.specialist.user.unwrap().global();
    let wrong = json!({"id": one, "input": {"expectedVersion": 2, "assigneeId": stranger}});
    assert_eq!(work.manager.codes(&app, &on_task("taskUpdate"), wrong).await, ["INVALID"]);
    let node = "query($id: ID!) { node(id: $id) { id ... on Task { title } } }";
    for (id, title) in [(&one, json!("Ёлка")), (&work.plan, Value::Null), (&work.block, Value::Null)] {
        let found = work.member.ok(&app, node, json!({"id": id})).await["node"].clone();
        assert_eq!((&found["id"], &found["title"]), (&json!(id), &title));
        assert_eq!(elsewhere.member.codes(&app, node, json!({"id": id})).await, ["NOT_FOUND"]);
    }
    let unseen = elsewhere.owner.codes(&app, &on_task("taskPause"), json!({"id": one})).await;
    assert_eq!(unseen, ["NOT_FOUND"]);
}
