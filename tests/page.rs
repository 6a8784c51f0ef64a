//! A page of data is a constant number of statements, however much it shows.

use domain::team::Position;
use domain::user::Role;
use entity::task;
use hourbank::graphql::id::Identified;
use hourbank::graphql::task::Task;
use hourbank::graphql::user::User;
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;
use serde_json::json;

use crate::support::app::TestApp;

/// A client with its balances, team names, the plan, its blocks, and tasks with title, status, estimate, spent and
/// assignee's name: six, with two tasks as with a hundred.
#[tokio::test]
async fn the_dashboard_takes_six_statements() {
    let document = "query($id: ID!) { client(by: {id: $id}) { name
        hourBalances { remainingMinutes usedMinutes version expiresAt warnings { kind } }
        team { position user { name } }
        plans { title status blocks { title status
            tasks { title status estimateMinutes spentMinutes assignee { name } } } } } }";
    let mut counts = Vec::new();
    for tasks in [2, 100] {
        let app = TestApp::start().await;
        let support = app.support("Ours").await;
        app.tasks(support.client, tasks).await;
        let assignee = Expr::value(support.specialist.user.unwrap());
        task::Entity::update_many()
            .col_expr(task::Column::AssigneeId, assignee)
            .exec(&app.database.db)
            .await
            .unwrap();
        let variables = json!({"id": support.client.global().0});
        app.settle(&support.owner).await;
        let (count, data) = app.count(support.owner.ok(&app, document, variables)).await;
        let shown = data["client"]["plans"][0]["blocks"][0]["tasks"].as_array().unwrap();
        assert_eq!(shown.len(), usize::try_from(tasks).unwrap());
        assert!(shown[0]["assignee"]["name"].is_string(), "{}", shown[0]);
        assert_eq!(data["client"]["hourBalances"][0]["remainingMinutes"], 1200);
        counts.push(count);
    }
    assert_eq!(counts, [6, 6]);
}

/// Fifty clients by name with balance and project manager: three.
#[tokio::test]
async fn the_client_list_takes_three_statements() {
    let document = "{ clients(first: 50) { nodes { name
        hourBalances { remainingMinutes version } team { position user { name } } } } }";
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let manager = app.staff(Role::ProjectManager).await;
    for number in 0..3 {
        let support = app.support(&format!("Client {number}")).await;
        app.join(&manager, support.client, Position::ProjectManager).await;
    }
    app.settle(&admin).await;
    let (count, data) = app.count(admin.ok(&app, document, json!({}))).await;
    assert_eq!(data["clients"]["nodes"].as_array().unwrap().len(), 3);
    assert_eq!(count, 3);
}

/// A hundred entries with user and task: three.
#[tokio::test]
async fn the_time_log_takes_three_statements() {
    let document = "{ timeEntries(first: 100) { nodes { workedOn minutes activity note user { name } task { title } } } }";
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let (_, tasks) = app.tasks(support.client, 5).await;
    let log =
        "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) { errors { code } } }";
    for (number, task) in tasks.iter().enumerate() {
        let who = if number % 2 == 0 { &support.manager } else { &support.specialist };
        let input = json!({"input": {"engagementId": support.id(), "taskId": task.global().0, "workedOn": "2026-03-11",
            "minutes": 5, "activity": "TESTING", "note": "Tested"}});
        who.ok(&app, log, input).await;
    }
    app.settle(&support.owner).await;
    let (count, data) = app.count(support.owner.ok(&app, document, json!({}))).await;
    assert_eq!(data["timeEntries"]["nodes"].as_array().unwrap().len(), 5);
    assert!(data["timeEntries"]["nodes"][0]["task"]["title"].is_string());
    assert_eq!(count, 3);
}

/// Read along in brief or each by itself, a task and its person answer alike; a document that asks for more than the
/// brief columns has them.
#[tokio::test]
async fn brief_rows_answer_as_whole_ones_do() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    app.tasks(support.client, 3).await;
    for (column, value) in [
        (task::Column::AssigneeId, Expr::value(support.specialist.user.unwrap())),
        (task::Column::DevelopmentMinutes, Expr::value(600)),
        (task::Column::LimitMinutes, Expr::value(30)),
        (task::Column::SpentMinutes, Expr::value(45)),
        (task::Column::Urgent, Expr::value(true)),
        (task::Column::Description, Expr::value("In words")),
    ] {
        task::Entity::update_many().col_expr(column, value).exec(&app.database.db).await.unwrap();
    }
    let person = User::BRIEF.join(" ").replace("client", "client { id }");
    let brief = Task::BRIEF
        .join(" ")
        .replace("suggestedOwnMinutes", "suggestedOwnMinutes { minMinutes maxMinutes }")
        .replace("assignee", &format!("assignee {{ {person} }}"))
        .replace("client", "client { name }")
        .replace("client { name } { id }", "client { id }")
        .replace("plan ", "plan { title } ")
        .replace("block", "block { title }");
    let read_along = |fields: &str| {
        format!(
            "query($id: ID!) {{ client(by: {{id: $id}}) {{ plans {{ blocks {{ tasks {{ {fields} }} }} }} }} }}"
        )
    };
    let tasks = async |fields: &str| {
        let variables = json!({"id": support.client.global().0});
        let data = support.manager.ok(&app, &read_along(fields), variables).await;
        data["client"]["plans"][0]["blocks"][0]["tasks"].as_array().unwrap().clone()
    };
    let along = tasks(&brief).await;
    assert_eq!(along.len(), 3);
    assert_eq!(along[0]["limitReached"], true);
    for task in &along {
        let alone = format!("query($id: ID!) {{ node(id: $id) {{ ... on Task {{ {brief} }} }} }}");
        let alone = support.manager.ok(&app, &alone, json!({"id": task["id"]})).await;
        assert_eq!(alone["node"], *task);
    }
    for fields in ["description", "... on Task { ...more }", "assignee { email }"] {
        let document = read_along(fields) + " fragment more on Task { description }";
        let document = if fields.contains("more") { document } else { read_along(fields) };
        let data = support.manager.ok(&app, &document, json!({"id": support.client.global().0})).await;
        let task = &data["client"]["plans"][0]["blocks"][0]["tasks"][0];
        let shown = if fields.contains("email") { &task["assignee"]["email"] } else { &task["description"] };
        assert!(shown.as_str().is_some_and(|text| !text.is_empty()), "{fields}: {task}");
    }
}
