//! The tariff advisor, asked through the API.

use domain::user::Role;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::ready::{key_of, withdraw};

const ADVICE: &str = "query($input: TariffAdviceInput!) { tariffAdvice(input: $input) { minutes startsOn rows {
    tariff { code } months unusedMinutes totalPrice { amount currency } endsOn callsPerWeek withinBudget inTime
    enoughContact dominatedBy { code } recommended reasons { code text(locale: EN) } } } }";

fn input(input: Value) -> Value {
    json!({"input": input})
}

/// What each row says in short, in order.
fn rows(answer: &Value) -> Vec<(String, i64, i64, bool)> {
    let rows = answer["tariffAdvice"]["rows"].as_array().expect("rows").clone();
    let number = |row: &Value, name: &str| row[name].as_i64().expect("a number");
    rows.iter()
        .map(|row| {
            let code = row["tariff"]["code"].as_str().expect("a code").to_owned();
            (code, number(row, "months"), number(row, "unusedMinutes"), row["recommended"] == true)
        })
        .collect()
}

fn codes(answer: &Value) -> Vec<String> {
    rows(answer).into_iter().map(|(code, ..)| code).collect()
}

/// Gives the tariffs list prices.
async fn price(app: &TestApp) {
    let admin = app.staff(Role::Administrator).await;
    let read = "{ tariffs { id code version } }";
    let revise = "mutation($id: ID!, $input: TariffReviseInput!) { tariffRevise(id: $id, input: $input) { errors { code } } }";
    for tariff in admin.ok(app, read, json!({})).await["tariffs"].as_array().expect("tariffs") {
        let amount = match tariff["code"].as_str() {
            Some("SUPPORT_20") => "52000",
            Some("SUPPORT_40") => "98000",
            Some("SUPPORT_80") => "184000",
            _ => continue,
        };
        let price = json!({"amount": amount, "currency": "RUB"});
        let input = json!({"expectedVersion": tariff["version"], "price": price});
        admin.ok(app, revise, json!({"id": tariff["id"], "input": input})).await;
    }
}

/// E-7: 160 hours of the seeded tariffs, by whoever reads the catalogue, a partner too.
#[tokio::test]
async fn e7_hundred_and_sixty_hours() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let owner = app.contact(Role::ClientOwner, client).await;
    for actor in [&owner, &app.staff(Role::Sales).await, &key_of(&app, client).await] {
        let answer = actor.ok(&app, ADVICE, input(json!({"minutes": 9600}))).await;
        let expected = [
            ("SUPPORT_80", 2, 0, true),
            ("SUPPORT_40", 4, 0, false),
            ("SUPPORT_20", 8, 0, false),
            ("SUPPORT_120", 2, 4800, false),
        ];
        let expected = expected.map(|(code, months, unused, best)| (code.to_owned(), months, unused, best));
        assert_eq!(rows(&answer), expected);
        let first = &answer["tariffAdvice"]["rows"][0];
        // Nothing was wished for and nothing is priced: nothing speaks against it.
        assert_eq!(first["totalPrice"], Value::Null);
        assert_eq!((&first["endsOn"], &first["callsPerWeek"]), (&json!("2026-05-11"), &json!(2)));
        assert_eq!(first["reasons"], json!([]));
        assert_eq!(answer["tariffAdvice"]["startsOn"], "2026-03-11");
    }
    let nobody = crate::support::actor::Actor::anonymous();
    assert_eq!(nobody.codes(&app, ADVICE, input(json!({"minutes": 60}))).await, ["UNAUTHENTICATED"]);
}

/// E-7: budget before time before contact; what speaks against a row is said; a row without a price is out of no budget;
/// what is withdrawn is not advised.
#[tokio::test]
async fn e7_wishes_and_prices() {
    let app = TestApp::start().await;
    price(&app).await;
    let owner = app.contact(Role::ClientOwner, app.client("Ours").await).await;
    let budget = json!({"amount": "100000", "currency": "RUB"});
    let asked = json!({"minutes": 9600, "startsOn": "2026-04-01", "endsBy": "2026-05-31", "callsPerWeek": 1,
        "monthlyBudget": budget});
    let answer = owner.ok(&app, ADVICE, input(asked)).await;
    // 120 hours have no price; 20 and 40 end too late; 80 is over the budget.
    assert_eq!(codes(&answer), ["SUPPORT_120", "SUPPORT_40", "SUPPORT_20", "SUPPORT_80"]);
    let row = |at: usize| answer["tariffAdvice"]["rows"][at].clone();
    assert_eq!((&row(0)["withinBudget"], &row(0)["inTime"]), (&Value::Null, &json!(true)));
    assert_eq!(row(0)["reasons"][0]["code"], "TOO_MANY_CALLS");
    assert_eq!(row(1)["reasons"], json!([{"code": "TOO_LATE", "text": "It ends after the day wished for."}]));
    assert_eq!(row(1)["totalPrice"], json!({"amount": "392000.00", "currency": "RUB"}));
    assert_eq!(row(3)["withinBudget"], false);
    withdraw(&app, "SUPPORT_120").await;
    let answer = owner.ok(&app, ADVICE, input(json!({"minutes": 9600}))).await;
    assert_eq!(codes(&answer), ["SUPPORT_80", "SUPPORT_40", "SUPPORT_20"]);
    // 81 hours: 80 × 2 costs more than 40 × 3 and leaves more; 20 × 5 is longer and dearer than nothing that leaves less.
    let answer = owner.ok(&app, ADVICE, input(json!({"minutes": 4860}))).await;
    for row in answer["tariffAdvice"]["rows"].as_array().expect("rows") {
        assert!(row["dominatedBy"].is_null() || row["recommended"] == false, "{row}");
    }
}

/// E-7: a plan stands for what is left of its estimate, for whoever reads the plan; others are told that it is not there.
#[tokio::test]
async fn e7_the_rest_of_a_plan() {
    let app = TestApp::start().await;
    let work = app.work().await;
    work.task(&app, "Воронки", json!({"estimateMinutes": 9000, "developmentMinutes": 600})).await;
    let asked = input(json!({"planId": work.plan}));
    let answer = work.member.ok(&app, ADVICE, asked.clone()).await;
    assert_eq!(answer["tariffAdvice"]["minutes"], 9600);
    assert_eq!(codes(&answer)[0], "SUPPORT_80");
    let stranger = app.contact(Role::ClientOwner, app.client("Theirs").await).await;
    assert_eq!(stranger.codes(&app, ADVICE, asked).await, ["NOT_FOUND"]);
}

/// E-7, T16: what has no meaning is told.
#[tokio::test]
async fn e7_wrong_questions() {
    let app = TestApp::start().await;
    let work = app.work().await;
    for wrong in [
        json!({}),
        json!({"minutes": 60, "planId": work.plan}),
        json!({"minutes": 0}),
        json!({"minutes": -60}),
        json!({"minutes": i32::MAX}),
        json!({"minutes": 60, "callsPerWeek": -1}),
        json!({"minutes": 60, "monthlyBudget": {"amount": "-1", "currency": "RUB"}}),
    ] {
        assert_eq!(work.owner.codes(&app, ADVICE, input(wrong.clone())).await, ["BAD_USER_INPUT"], "{wrong}");
    }
    let far =
        work.owner.ok(&app, ADVICE, input(json!({"minutes": 20_000_000, "startsOn": "9999-01-01"}))).await;
    assert_eq!(far["tariffAdvice"]["rows"][0]["endsOn"], Value::Null);
}
