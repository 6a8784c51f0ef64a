//! Hours in addition: bought for the running period, or approved by the client's owner.

use chrono::Duration;
use domain::engagement::EngagementStatus::{Cancelled, Draft};
use domain::engagement::OveragePolicy;
use entity::ledger_entry;
use hourbank::graphql::id::Identified;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::ready::{Support, everyone, movements, row};

const TOP_UP: &str = "mutation($input: HoursTopUpInput!) { hoursTopUp(input: $input) {
    engagement { id } period { number grantedMinutes remainingMinutes overageMinutes } errors { code field } } }";
const APPROVE: &str = "mutation($input: OverageApproveInput!) { overageApprove(input: $input) {
    period { number approvedOverageMinutes } errors { code field } } }";

fn minutes(support: &Support, minutes: i32) -> Value {
    json!({"input": {"engagementId": support.gid, "minutes": minutes}})
}

async fn ask_client(app: &TestApp, support: &Support) {
    let set = "mutation($id: ID!) { overagePolicySet(id: $id, input: {overagePolicy: ASK_CLIENT}) { errors { code } } }";
    support.account.ok(app, set, json!({"id": support.gid})).await;
    assert_eq!(row(app, support.id).await.overage_policy, OveragePolicy::AskClient);
}

/// B-7, B-9: a top-up covers the running period's overage by itself, and expires with it.
#[tokio::test]
async fn b9_a_top_up_belongs_to_the_running_period() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    assert!(support.log(&app, 1300).await.is_empty());
    let done = support.account.ok(&app, TOP_UP, minutes(&support, 500)).await["hoursTopUp"]["period"].clone();
    assert_eq!(
        done,
        json!({"number": 1, "grantedMinutes": 1700, "remainingMinutes": 400, "overageMinutes": 0})
    );
    app.advance(Duration::days(31));
    let done = support.account.ok(&app, TOP_UP, minutes(&support, 60)).await["hoursTopUp"]["period"].clone();
    assert_eq!(done, json!({"number": 2, "grantedMinutes": 60, "remainingMinutes": 60, "overageMinutes": 0}));
    assert_eq!(support.periods(&app).await[1]["expiredMinutes"], 400);
}

/// W-7, B-9: one key tops up once, and the movement keeps what it was paid under.
#[tokio::test]
async fn b9_one_key_tops_up_once() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    let mut input = minutes(&support, 120);
    input["input"]["idempotencyKey"] = json!(Uuid::new_v4());
    input["input"]["paymentReference"] = json!("first");
    input["input"]["note"] = json!("A quick import");
    let first = support.account.ok(&app, TOP_UP, input.clone()).await;
    assert_eq!(first, support.account.ok(&app, TOP_UP, input.clone()).await);
    input["input"]["minutes"] = json!(121);
    assert_eq!(support.account.codes(&app, TOP_UP, input).await, ["IDEMPOTENCY_KEY_REUSED"]);
    let entry = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::EngagementId.eq(support.id))
        .filter(ledger_entry::Column::Number.eq(2))
        .one(&app.database.db)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((entry.minutes, entry.note.as_deref()), (120, Some("first: A quick import")));
    assert!(entry.payment_id.is_some());
    assert_eq!(movements(&app, support.id).await, 2);
}

/// B-9, A-1: who tops up; only what runs; at least a minute.
#[tokio::test]
async fn b9_who_tops_up_what() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    for (who, actor) in everyone(&app, support.client).await {
        let expected: &[&str] = match who {
            "administrator" | "account manager" => &[],
            "stranger" => &["NOT_FOUND"],
            _ => &["FORBIDDEN"],
        };
        assert_eq!(actor.codes(&app, TOP_UP, minutes(&support, 10)).await, expected, "{who}");
    }
    assert_eq!(movements(&app, support.id).await, 3);
    for wrong in [0, -5, i32::MAX] {
        assert_eq!(support.account.codes(&app, TOP_UP, minutes(&support, wrong)).await, ["INVALID"]);
    }
    for status in [Draft, Cancelled] {
        let other = app.engagement(support.client, "SUPPORT_20", status).await;
        let input = json!({"input": {"engagementId": other.id.global().0, "minutes": 10}});
        assert_eq!(support.account.codes(&app, TOP_UP, input).await, ["WRONG_STATUS"], "{status:?}");
    }
    assert_eq!(movements(&app, support.id).await, 3);
}

/// B-7: under ASK_CLIENT time beyond the balance waits for the owner's approval, which adds up within the period and
/// ends with it.
#[tokio::test]
async fn b7_the_owner_approves_extra_minutes() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    ask_client(&app, &support).await;
    assert_eq!(support.log(&app, 1230).await, ["APPROVAL_NEEDED"]);
    let mut input = minutes(&support, 20);
    input["input"]["idempotencyKey"] = json!(Uuid::new_v4());
    support.owner.ok(&app, APPROVE, input.clone()).await;
    support.owner.ok(&app, APPROVE, input).await;
    assert_eq!(support.log(&app, 1230).await, ["APPROVAL_NEEDED"]);
    let done = support.owner.ok(&app, APPROVE, minutes(&support, 10)).await;
    assert_eq!(done["overageApprove"]["period"], json!({"number": 1, "approvedOverageMinutes": 30}));
    assert!(support.log(&app, 1230).await.is_empty());
    app.advance(Duration::days(31));
    assert_eq!(support.periods(&app).await[0]["approvedOverageMinutes"], 0);
    assert_eq!(support.log(&app, 1).await, ["APPROVAL_NEEDED"]);
}

/// B-7, A-6: nobody but the client's owner approves, not even an administrator; and only where the client is asked.
#[tokio::test]
async fn b7_nobody_approves_in_the_owners_place() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    assert_eq!(support.owner.codes(&app, APPROVE, minutes(&support, 10)).await, ["WRONG_STATUS"]);
    ask_client(&app, &support).await;
    for (who, actor) in everyone(&app, support.client).await {
        let expected: &[&str] = match who {
            "owner" => &[],
            "stranger" => &["NOT_FOUND"],
            _ => &["FORBIDDEN"],
        };
        assert_eq!(actor.codes(&app, APPROVE, minutes(&support, 10)).await, expected, "{who}");
    }
    for wrong in [0, -1, i32::MAX] {
        assert_eq!(support.owner.codes(&app, APPROVE, minutes(&support, wrong)).await, ["INVALID"]);
    }
    assert_eq!(support.periods(&app).await[0]["approvedOverageMinutes"], 10);
}
