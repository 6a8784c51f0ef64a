//! Payments: what they are for, what they grant, and when.

use chrono::Duration;
use domain::engagement::EngagementStatus::{Cancelled, Draft};
use domain::ledger::GrantCause;
use domain::user::Role;
use entity::{ledger_entry, payment, payment_period};
use hourbank::graphql::id::Identified;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::ready::{PAY, START, Support, everyone, movements};

async fn grants(app: &TestApp, support: &Support) -> Vec<(GrantCause, i32)> {
    ledger_entry::Entity::find()
        .filter(ledger_entry::Column::EngagementId.eq(support.id))
        .filter(ledger_entry::Column::Cause.is_not_null())
        .order_by_asc(ledger_entry::Column::Number)
        .all(&app.database.db)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| (entry.cause.unwrap(), entry.minutes))
        .collect()
}

/// E-4: a draft is paid for before it starts; the same reference with the same figures changes nothing, with others it
/// is refused, and a period is paid once.
#[tokio::test]
async fn e4_a_reference_stands_for_one_payment() {
    let app = TestApp::start().await;
    let support = Support::ready(&app).await;
    let again = support.pay(&app, "first", &[1]).await;
    assert_eq!(again["payment"]["periods"], json!([1]));
    assert_eq!(again["payment"]["amount"], json!({"amount": "40000.00", "currency": "RUB"}));
    for (change, expected) in [
        (json!({"amount": {"amount": "40000.01", "currency": "RUB"}}), vec!["TAKEN", "ALREADY_PAID"]),
        (json!({"periods": [2]}), vec!["TAKEN"]),
        (json!({"paidOn": "2026-03-10"}), vec!["TAKEN", "ALREADY_PAID"]),
        (json!({"reference": "other"}), vec!["ALREADY_PAID"]),
        (json!({"reference": "other", "periods": [2, 1]}), vec!["ALREADY_PAID"]),
    ] {
        let mut input = support.payment(&app, "first", &[1]);
        for (name, value) in change.as_object().unwrap() {
            input["input"][name] = value.clone();
        }
        assert_eq!(support.account.codes(&app, PAY, input).await, expected, "{change}");
    }
    assert_eq!(payment::Entity::find().count(&app.database.db).await.unwrap(), 1);
    assert_eq!(payment_period::Entity::find().count(&app.database.db).await.unwrap(), 1);
    assert_eq!(movements(&app, support.id).await, 0);
}

/// E-4: faults of a payment are named at once, and leave no trace.
#[tokio::test]
async fn e4_faults_of_a_payment() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    let input = json!({"input": {"engagementId": support.gid, "reference": "", "paidOn": "2026-03-12",
        "amount": {"amount": "1.234", "currency": "RUB"}, "periods": []}});
    assert_eq!(
        support.account.codes(&app, PAY, input).await,
        ["INVALID", "INVALID", "FUTURE_DAY", "INVALID"]
    );
    for periods in [&[0][..], &[-1], &[601], &[i32::MAX]] {
        assert_eq!(support.account.codes(&app, PAY, support.payment(&app, "x", periods)).await, ["INVALID"]);
    }
    let jam = app.engagement(support.client, "JAM_STANDARD", Draft).await;
    let mut beyond = support.payment(&app, "jam", &[3]);
    beyond["input"]["engagementId"] = json!(jam.id.global().0);
    assert_eq!(support.account.codes(&app, PAY, beyond.clone()).await, ["INVALID"]);
    beyond["input"]["periods"] = json!([1, 2]);
    support.account.ok(&app, PAY, beyond).await;
    let gone = app.engagement(support.client, "SUPPORT_20", Draft).await;
    let cancel =
        "mutation($id: ID!) { engagementCancel(id: $id, input: {reason: \"No\"}) { errors { code } } }";
    support.account.ok(&app, cancel, json!({"id": gone.id.global().0})).await;
    let mut late = support.payment(&app, "gone", &[1]);
    late["input"]["engagementId"] = json!(gone.id.global().0);
    assert_eq!(support.account.codes(&app, PAY, late).await, ["WRONG_STATUS"]);
    assert_eq!(payment::Entity::find().count(&app.database.db).await.unwrap(), 2);
}

/// E-4, A-1: account managers of the team and administrators record payments.
#[tokio::test]
async fn e4_who_records_payments() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    for (number, (who, actor)) in (2..).zip(everyone(&app, support.client).await) {
        let expected: &[&str] = match who {
            "administrator" | "account manager" => &[],
            "stranger" => &["NOT_FOUND"],
            _ => &["FORBIDDEN"],
        };
        assert_eq!(actor.codes(&app, PAY, support.payment(&app, who, &[number])).await, expected, "{who}");
    }
    assert_eq!(payment::Entity::find().count(&app.database.db).await.unwrap(), 3);
}

/// W-7, E-4: the same key records once, and its grant is made once; with other figures it is refused.
#[tokio::test]
async fn e4_one_key_is_one_payment() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    app.advance(Duration::days(31));
    let mut input = support.payment(&app, "second", &[2]);
    input["input"]["idempotencyKey"] = json!(Uuid::new_v4());
    let first = support.account.ok(&app, PAY, input.clone()).await;
    assert_eq!(first, support.account.ok(&app, PAY, input.clone()).await);
    input["input"]["periods"] = json!([3]);
    assert_eq!(support.account.codes(&app, PAY, input).await, ["IDEMPOTENCY_KEY_REUSED"]);
    assert_eq!(grants(&app, &support).await, [(GrantCause::Period, 1200), (GrantCause::Period, 1200)]);
}

/// E-4: a period paid ahead is granted on its first day; one paid while it runs is granted at once, over what was used
/// meanwhile.
#[tokio::test]
async fn e4_paid_ahead_and_paid_while_it_runs() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    support.pay(&app, "third", &[3]).await;
    assert_eq!(grants(&app, &support).await, [(GrantCause::Period, 1200)]);
    app.advance(Duration::days(31));
    assert!(support.log(&app, 300).await.is_empty());
    let unpaid = &support.periods(&app).await[0];
    assert_eq!((&unpaid["remainingMinutes"], &unpaid["overageMinutes"]), (&json!(0), &json!(300)));
    let paid = support.pay(&app, "second", &[2]).await;
    assert_eq!(paid["payment"]["unusedMinutes"], 0);
    let period = &paid["engagement"]["periods"][0];
    assert_eq!(
        (&period["grantedMinutes"], &period["remainingMinutes"], &period["overageMinutes"], &period["paid"]),
        (&json!(1200), &json!(900), &json!(0), &json!(true))
    );
    app.advance(Duration::days(31));
    assert_eq!(support.periods(&app).await[0]["grantedMinutes"], 1200);
}

/// E-4: paid after its end, a period gets what it overused, and the running one the rest.
#[tokio::test]
async fn e4_paid_after_its_end() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    app.advance(Duration::days(31));
    assert!(support.log(&app, 300).await.is_empty());
    app.advance(Duration::days(31));
    let paid = support.pay(&app, "second", &[2]).await;
    assert_eq!(paid["payment"]["unusedMinutes"], 0);
    let figures = |number: usize| {
        let period = &paid["engagement"]["periods"][number];
        ["number", "grantedMinutes", "remainingMinutes", "overageMinutes"]
            .map(|name| period[name].as_i64().unwrap())
    };
    assert_eq!((figures(0), figures(1)), ([3, 900, 900, 0], [2, 300, 0, 0]));
    assert_eq!(
        grants(&app, &support).await,
        [(GrantCause::Period, 1200), (GrantCause::LatePayment, 300), (GrantCause::LatePayment, 900)]
    );
}

/// E-4: where no period runs any more, the rest of a late payment is not granted and is shown as unused.
#[tokio::test]
async fn e4_paid_when_nothing_runs() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    app.advance(Duration::days(31));
    assert!(support.log(&app, 300).await.is_empty());
    let cancel =
        "mutation($id: ID!) { engagementCancel(id: $id, input: {reason: \"No\"}) { errors { code } } }";
    support.account.ok(&app, cancel, json!({"id": support.gid})).await;
    app.advance(Duration::days(40));
    let paid = support.pay(&app, "second", &[2]).await;
    assert_eq!(paid["payment"]["unusedMinutes"], 900);
    assert_eq!(paid["engagement"]["periods"][0]["overageMinutes"], 0);
    assert_eq!(crate::support::ready::row(&app, support.id).await.status, Cancelled);
    // A period that can never begin is not paid for.
    let never = support.payment(&app, "third", &[3]);
    assert_eq!(support.account.codes(&app, PAY, never).await, ["INVALID"]);
}

/// E-4: with grantUnpaid a period is granted on its first day, and its payment later grants nothing more; the period
/// that runs when it is set waits for its payment.
#[tokio::test]
async fn e4_granted_unpaid_is_granted_once() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    app.advance(Duration::days(31));
    let set =
        "mutation($id: ID!) { grantUnpaidSet(id: $id, input: {grantUnpaid: true}) { errors { code } } }";
    support.account.ok(&app, set, json!({"id": support.gid})).await;
    assert_eq!(support.periods(&app).await[0]["grantedMinutes"], 0);
    app.advance(Duration::days(31));
    assert_eq!(support.periods(&app).await[0]["grantedMinutes"], 1200);
    let paid = support.pay(&app, "third", &[3]).await;
    assert_eq!(paid["engagement"]["periods"][0]["grantedMinutes"], 1200);
    assert_eq!(grants(&app, &support).await, [(GrantCause::Period, 1200), (GrantCause::Period, 1200)]);
}

/// E-4: one payment names several periods, ended, running and to come, each granted by its own rule.
#[tokio::test]
async fn e4_one_payment_for_several_periods() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    app.advance(Duration::days(62));
    let paid = support.pay(&app, "all", &[4, 3, 2]).await;
    assert_eq!(paid["payment"]["periods"], json!([2, 3, 4]));
    let granted: Vec<Value> = paid["engagement"]["periods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|period| period["grantedMinutes"].clone())
        .collect();
    assert_eq!(granted, [json!(2400), json!(0), json!(1200)]);
    app.advance(Duration::days(31));
    assert_eq!(support.periods(&app).await[0]["grantedMinutes"], 1200);
}

/// E-4: what a draft was paid for ahead is granted month by month once it runs.
#[tokio::test]
async fn e4_a_draft_is_paid_for_ahead() {
    let app = TestApp::start().await;
    let support = Support::ready(&app).await;
    support.pay(&app, "ahead", &[2, 3]).await;
    assert_eq!(movements(&app, support.id).await, 0);
    support.account.ok(&app, START, json!({"id": support.gid, "input": {}})).await;
    app.advance(Duration::days(31));
    assert_eq!(support.periods(&app).await[0]["grantedMinutes"], 1200);
    let list = "query($id: ID!) { engagement(id: $id) { payments { reference recordedBy { id } } } }";
    let owner = support.owner.ok(&app, list, json!({"id": support.gid})).await;
    let references: Vec<_> =
        owner["engagement"]["payments"].as_array().unwrap().iter().map(|paid| &paid["reference"]).collect();
    assert_eq!(references, ["ahead", "first"]);
    let member = app.contact(Role::ClientMember, support.client).await;
    assert_eq!(member.codes(&app, list, json!({"id": support.gid})).await, ["FORBIDDEN"]);
}

/// what has an id is read again by it with the same rights: a payment by those who read prices, a period by
/// all who see the engagement, both by no stranger.
#[tokio::test]
async fn a2_payments_and_periods_are_read_again_by_id() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    let ids = "query($id: ID!) { engagement(id: $id) { payments { id } periods { id } } }";
    let found = support.account.ok(&app, ids, json!({"id": support.gid})).await["engagement"].clone();
    let (payment, period) = (&found["payments"][0]["id"], &found["periods"][0]["id"]);
    app.advance(Duration::days(40));
    let node =
        "query($id: ID!) { node(id: $id) { id ... on Payment { reference } ... on Period { expiredMinutes }
        ... on Engagement { status } } }";
    for (who, actor) in everyone(&app, support.client).await {
        let reads_prices = matches!(who, "administrator" | "account manager" | "project manager" | "owner");
        let unseen: &[&str] = if who == "stranger" { &["NOT_FOUND"] } else { &[] };
        let unpriced: &[&str] = if reads_prices || who == "stranger" { unseen } else { &["FORBIDDEN"] };
        assert_eq!(actor.codes(&app, node, json!({"id": payment})).await, unpriced, "{who} payment");
        assert_eq!(actor.codes(&app, node, json!({"id": period})).await, unseen, "{who} period");
        assert_eq!(actor.codes(&app, node, json!({"id": support.gid})).await, unseen, "{who} engagement");
    }
    let read = support.account.ok(&app, node, json!({"id": period})).await;
    assert_eq!(read["node"]["expiredMinutes"], 1200);
}
