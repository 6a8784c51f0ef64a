//! Warnings before hours run out or expire, and time beyond them that is asked for and decided on.

use chrono::Duration;
use entity::notification;
use hourbank::usecase::{self, warning};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::ready::{Support, everyone, movements};

const TOP_UP: &str =
    "mutation($input: HoursTopUpInput!) { hoursTopUp(input: $input) { errors { code field } } }";
const ASK: &str = "mutation($input: OverageAskInput!) { overageAsk(input: $input) { period { number } errors { code field } } }";
const SETTLE: &str = "mutation($input: OverageSettleInput!) { overageSettle(input: $input) {
    period { overageMinutes } hourBalance { usedMinutes transferredMinutes remainingMinutes } errors { code field } } }";

/// What the client's owner was told, in the order of telling.
async fn told(app: &TestApp, support: &Support) -> Vec<String> {
    let rows = notification::Entity::find()
        .filter(notification::Column::UserId.eq(support.owner.user.unwrap()))
        .order_by_asc(notification::Column::Id)
        .all(&app.database.db)
        .await
        .unwrap();
    rows.into_iter().map(|row| format!("{:?}", row.kind)).collect()
}

async fn warn(app: &TestApp) -> usize {
    warning::run(&app.system()).await.unwrap()
}

/// B-6: 80 and 100 % are told once each, to both sides, and again once hours were added that brought it below.
#[tokio::test]
async fn b6_thresholds_are_told_once_and_armed_by_a_top_up() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    let top_up = async |minutes: i32| {
        let input = json!({"input": {"engagementId": support.gid, "minutes": minutes}});
        support.account.ok(&app, TOP_UP, input).await;
    };
    support.log(&app, 959).await;
    assert_eq!(warn(&app).await, 0);
    support.log(&app, 1).await;
    assert_eq!((warn(&app).await, warn(&app).await), (1, 0));
    support.log(&app, 240).await;
    assert_eq!((warn(&app).await, warn(&app).await), (1, 0));
    assert_eq!(told(&app, &support).await, ["HoursNearlyUsed", "HoursUsed"]);
    // 1,200 of 1,400: nearly used still stands, all used does not.
    top_up(200).await;
    app.advance(Duration::days(1));
    assert_eq!(warn(&app).await, 0);
    support.log(&app, 200).await;
    assert_eq!(warn(&app).await, 1);
    // Still all used: nothing is armed.
    support.log(&app, 100).await;
    top_up(50).await;
    assert_eq!(warn(&app).await, 0);
    // Far below both: both are armed, and who leaps over both is told the greater alone.
    top_up(3_000).await;
    for minutes in [1_400, 1_400, 500] {
        app.advance(Duration::days(1));
        support.log(&app, minutes).await;
    }
    assert_eq!(warn(&app).await, 1);
    assert_eq!(told(&app, &support).await, ["HoursNearlyUsed", "HoursUsed", "HoursUsed", "HoursUsed"]);
    let manager = support.manager.ok(&app, "{ viewer { unreadNotificationCount } }", json!({})).await;
    assert_eq!(manager["viewer"]["unreadNotificationCount"], 4);
}

/// B-5: a week and two days before the month's end, once each, with what is unused; not for what is used up; not again
/// after a top-up; anew in the next month.
#[tokio::test]
async fn b5_expiry_is_told_twice_a_month() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    let ends = support.periods(&app).await[0]["endsOn"].clone();
    let ends: chrono::NaiveDate = ends.as_str().unwrap().parse().unwrap();
    let days = (ends - app.now().date_naive()).num_days();
    app.advance(Duration::days(days - 8));
    assert_eq!(warn(&app).await, 0);
    app.advance(Duration::days(2));
    assert_eq!((warn(&app).await, warn(&app).await), (1, 0));
    app.advance(Duration::days(4));
    assert_eq!((warn(&app).await, warn(&app).await), (1, 0));
    assert_eq!(told(&app, &support).await, ["HoursEnding", "HoursEnding"]);
    let input = json!({"input": {"engagementId": support.gid, "minutes": 60}});
    support.account.ok(&app, TOP_UP, input).await;
    assert_eq!(warn(&app).await, 0);
    let list = "{ notifications { nodes { title(locale: EN) } } }";
    let seen = support.owner.ok(&app, list, json!({})).await;
    let last = ends.pred_opt().unwrap().format("%-d %B %Y").to_string();
    let title = seen["notifications"]["nodes"][0]["title"].as_str().unwrap().to_owned();
    assert!(title.ends_with(&format!("20 h expire after {last}")), "{title}");
}

/// B-5: a server that was away for the first warning tells the second alone; one that comes after the end tells none.
#[tokio::test]
async fn b5_what_was_missed_is_not_told_late() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    let ends = support.periods(&app).await[0]["endsOn"].clone();
    let ends: chrono::NaiveDate = ends.as_str().unwrap().parse().unwrap();
    let days = (ends - app.now().date_naive()).num_days();
    app.advance(Duration::days(days - 1));
    assert_eq!(warn(&app).await, 1);
    assert_eq!(told(&app, &support).await, ["HoursEnding"]);
    app.advance(Duration::days(2));
    usecase::period::roll_all(&app.system()).await.unwrap();
    assert_eq!(warn(&app).await, 0);
}

/// B-7: the client's owner is asked for minutes, by those who work; only where the client is asked at all.
#[tokio::test]
async fn b7_the_client_is_asked() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    let ask = |minutes: i32, reason: &str| json!({"input": {"engagementId": support.gid, "minutes": minutes, "reason": reason}});
    assert_eq!(support.manager.codes(&app, ASK, ask(60, "Import")).await, ["WRONG_STATUS"]);
    let set = "mutation($id: ID!) { overagePolicySet(id: $id, input: {overagePolicy: ASK_CLIENT}) { errors { code } } }";
    support.account.ok(&app, set, json!({"id": support.gid})).await;
    assert_eq!(support.manager.codes(&app, ASK, ask(0, " ")).await, ["INVALID", "REASON_REQUIRED"]);
    for (who, actor) in everyone(&app, support.client).await {
        let expected: &[&str] = match who {
            "administrator" | "project manager" | "account manager" | "specialist" | "reviewer" => &[],
            "stranger" => &["NOT_FOUND"],
            _ => &["FORBIDDEN"],
        };
        assert_eq!(actor.codes(&app, ASK, ask(60, "Import")).await, expected, "{who}");
    }
    assert_eq!(told(&app, &support).await, ["ApprovalAsked"; 5]);
    let mut input = ask(90, "Again");
    input["input"]["idempotencyKey"] = json!(uuid::Uuid::new_v4());
    for _ in 0..2 {
        support.manager.ok(&app, ASK, input.clone()).await;
    }
    assert_eq!(told(&app, &support).await.len(), 6, "a retry asks once");
}

/// B-7: what a month ends with beyond its hours is brought up once, and carried or written off by decision.
#[tokio::test]
async fn b7_overage_is_carried_or_written_off() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    support.log(&app, 1_240).await;
    app.advance(Duration::days(1));
    support.log(&app, 60).await;
    let settle = |period: i32, decision: &str| json!({"input": {"engagementId": support.gid, "period": period, "decision": decision}});
    assert_eq!(support.account.codes(&app, SETTLE, settle(1, "CARRY")).await, ["WRONG_STATUS"], "it runs");
    assert_eq!(support.account.codes(&app, SETTLE, settle(9, "CARRY")).await, ["NOT_FOUND"]);
    app.advance(Duration::days(31));
    usecase::period::roll_all(&app.system()).await.unwrap();
    assert_eq!((warn(&app).await, warn(&app).await), (1, 0));
    let asked =
        support.account.ok(&app, "{ notifications { nodes { kind text(locale: EN) } } }", json!({})).await;
    assert_eq!(asked["notifications"]["nodes"][0]["kind"], "OVERAGE_LEFT");
    let text = asked["notifications"]["nodes"][0]["text"].as_str().unwrap();
    assert!(text.contains("1 h 40 min more than its hours"), "{text}");
    for (who, actor) in everyone(&app, support.client).await {
        let expected: &[&str] = match who {
            "administrator" | "account manager" => continue,
            "stranger" => &["NOT_FOUND"],
            _ => &["FORBIDDEN"],
        };
        assert_eq!(actor.codes(&app, SETTLE, settle(1, "CARRY")).await, expected, "{who}");
    }
    let mut input = settle(1, "CARRY");
    input["input"]["idempotencyKey"] = json!(uuid::Uuid::new_v4());
    let before = movements(&app, support.id).await;
    let first: Value = support.account.ok(&app, SETTLE, input.clone()).await;
    assert_eq!(first["overageSettle"]["period"]["overageMinutes"], 0);
    assert_eq!(first["overageSettle"]["hourBalance"]["transferredMinutes"], -100);
    assert_eq!(support.account.ok(&app, SETTLE, input).await, first, "a retry carries once");
    assert_eq!(movements(&app, support.id).await, before + 2);
    assert_eq!(support.account.codes(&app, SETTLE, settle(1, "WRITE_OFF")).await, ["WRONG_STATUS"]);
    app.advance(Duration::days(31));
    usecase::period::roll_all(&app.system()).await.unwrap();
    let done = support.account.ok(&app, SETTLE, settle(2, "WRITE_OFF")).await;
    assert_eq!(done["overageSettle"]["period"]["overageMinutes"], 0);
    assert_eq!(done["overageSettle"]["hourBalance"]["transferredMinutes"], 0);
    assert_eq!(usecase::verify::verify(&app.system()).await.unwrap(), Vec::<String>::new());
}
