//! Where the hours go, read through the API.

use chrono::Duration;
use domain::user::Role;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::ready::LOG;
use crate::support::story::Support;

const FORECAST: &str = "query($id: ID!) { engagement(id: $id) { hourBalance { remainingMinutes forecast {
    monthlyMinutes runsOutOn leftMinutes planMinutes planDoneOn betterTariff { code } } } } }";

async fn log(app: &TestApp, support: &Support, day: &str, minutes: i32) {
    let input = json!({"engagementId": support.id(), "workedOn": day, "minutes": minutes,
        "activity": "CONFIGURATION", "note": "Поля"});
    support.specialist.ok(app, LOG, json!({"input": input})).await;
}

async fn forecast(app: &TestApp, support: &Support) -> Value {
    let answer = support.owner.ok(app, FORECAST, json!({"id": support.id()})).await;
    answer["engagement"]["hourBalance"]["forecast"].clone()
}

/// Gives a support's engagement a plan of one task.
async fn plan(app: &TestApp, support: &Support, estimate: i32) {
    let (block, tasks) = app.tasks(support.client, 1).await;
    let block = entity::block::Entity::find_by_id(block).one(&app.database.db).await.unwrap().unwrap();
    let plan = entity::plan::ActiveModel {
        id: Set(block.plan_id),
        estimate_minutes: Set(None),
        ..Default::default()
    };
    entity::plan::Entity::update(plan).exec(&app.database.db).await.unwrap();
    let task = entity::task::ActiveModel {
        id: Set(tasks[0]),
        estimate_minutes: Set(Some(estimate)),
        ..Default::default()
    };
    entity::task::Entity::update(task).exec(&app.database.db).await.unwrap();
    let engagement = entity::engagement::ActiveModel {
        id: Set(support.engagement.id),
        plan_id: Set(Some(block.plan_id)),
        ..Default::default()
    };
    entity::engagement::Entity::update(engagement).exec(&app.database.db).await.unwrap();
}

/// B-13: the pace of a young engagement, the day on which the hours run out, the plan's end, and the tariff that fits.
#[tokio::test]
async fn b13_hours_plan_and_tariff() {
    let app = TestApp::start().await;
    let support = app.support("Ромашка").await;
    plan(&app, &support, 1500).await;
    // No pace, no day; the plan's rest is known all the same.
    let none = forecast(&app, &support).await;
    assert_eq!(
        none,
        json!({"monthlyMinutes": null, "runsOutOn": null, "leftMinutes": null, "planMinutes": 1500,
            "planDoneOn": null, "betterTariff": null})
    );
    // Thursday to Tuesday: four working days of 150 minutes; what is logged today makes no pace yet.
    for day in ["2026-03-05", "2026-03-06", "2026-03-09", "2026-03-10"] {
        log(&app, &support, day, 150).await;
    }
    log(&app, &support, "2026-03-11", 60).await;
    let found = forecast(&app, &support).await;
    // 540 are left at 150 a working day: Wednesday, Thursday, Friday, and Monday for the rest.
    assert_eq!(found["runsOutOn"], "2026-03-16");
    assert_eq!(found["leftMinutes"], 0);
    assert_eq!((&found["planMinutes"], &found["planDoneOn"]), (&json!(1500), &json!("2026-03-24")));
    // 150 minutes a working day are some 54 hours a month.
    assert_eq!(found["monthlyMinutes"], 3262);
    assert_eq!(found["betterTariff"]["code"], "SUPPORT_80");
}

/// B-13: hours that last to the period's end tell what will be left; what does not draw and what was withdrawn makes no
/// pace; the days before the last four weeks are forgotten.
#[tokio::test]
async fn b13_hours_that_last() {
    let app = TestApp::start().await;
    let support = app.support("Ромашка").await;
    log(&app, &support, "2026-03-09", 400).await;
    log(&app, &support, "2026-03-10", 40).await;
    let read = "{ timeEntries(filter: {minutes: {gte: 400}}) { nodes { id } } }";
    let listed = support.specialist.ok(&app, read, json!({})).await;
    let withdraw =
        "mutation($id: ID!) { timeEntryWithdraw(id: $id, input: {reason: \"Дважды\"}) { errors { code } } }";
    support.specialist.ok(&app, withdraw, json!({"id": listed["timeEntries"]["nodes"][0]["id"]})).await;
    let found = forecast(&app, &support).await;
    assert_eq!(found["runsOutOn"], Value::Null);
    // 40 minutes in four working days, eighteen more to the fifth of April: 180 of the 1160 left are used.
    assert_eq!(found["leftMinutes"], 1160 - 180);
    assert_eq!(found["betterTariff"], Value::Null);
    app.advance(Duration::days(24));
    assert_ne!(forecast(&app, &support).await["monthlyMinutes"], Value::Null);
    app.advance(Duration::days(4));
    assert_eq!(forecast(&app, &support).await["monthlyMinutes"], Value::Null);
}

/// B-13: the forecasts of any number of balances are the same number of statements.
#[tokio::test]
async fn b13_a_list_of_forecasts() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let list = "{ clients { nodes { hourBalances { forecast { monthlyMinutes planDoneOn betterTariff { code } } } } } }";
    let mut counts = Vec::new();
    for round in 0..3 {
        for number in 0..=round {
            let support = app.support(&format!("Client {round} {number}")).await;
            plan(&app, &support, 600).await;
            log(&app, &support, "2026-03-10", 60).await;
        }
        app.settle(&admin).await;
        let (count, answer) = app.count(admin.ok(&app, list, json!({}))).await;
        for client in answer["clients"]["nodes"].as_array().expect("clients") {
            assert!(client["hourBalances"][0]["forecast"]["planDoneOn"].is_string(), "{client}");
        }
        counts.push(count);
    }
    assert_eq!(counts[1], counts[2], "{counts:?}");
}
