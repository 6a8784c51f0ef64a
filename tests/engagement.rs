//! Engagements: offers, their terms, their policies, another tariff, their end.

use chrono::Duration;
use domain::engagement::EngagementStatus::{Active, Cancelled, Draft};
use domain::user::Role;
use entity::reservation;
use hourbank::graphql::id::Identified;
use hourbank::usecase;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::ready::{PERIODS, START, Support, development_plan, everyone, movements, row, withdraw};

const CREATE: &str = "mutation($input: EngagementCreateInput!) { engagementCreate(input: $input) {
    engagement { id status version terms { minutes number } tariff { code } service { code } price { amount currency } seller { id } startsOn }
    errors { code field } } }";
const UPDATE: &str =
    "mutation($id: ID!, $input: EngagementUpdateInput!) { engagementUpdate(id: $id, input: $input) {
    engagement { version terms { minutes } price { amount } saleNote ownMinutes } errors { code field } } }";
const CANCEL: &str =
    "mutation($id: ID!, $reason: String!) { engagementCancel(id: $id, input: {reason: $reason}) {
    engagement { status endsOn endReason } errors { code } } }";
const CHANGE: &str = "mutation($id: ID!, $input: EngagementTariffChangeInput!) {
    engagementTariffChange(id: $id, input: $input) { engagement { tariffs { fromPeriod terms { minutes } } }
    errors { code field } } }";
const POLICY: &str = "mutation($id: ID!) { overagePolicySet(id: $id, input: {overagePolicy: REFUSED}) {
    engagement { overagePolicy } errors { code } } }";
const UNPAID: &str = "mutation($id: ID!) { grantUnpaidSet(id: $id, input: {grantUnpaid: true}) {
    engagement { grantUnpaid } errors { code } } }";

async fn tariff_id(app: &TestApp, code: &str) -> String {
    app.terms(code).await.0.id.global().0
}

fn refused_fields(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let errors = answer.as_object().unwrap().values().next().unwrap()["errors"].as_array().unwrap();
    errors.iter().map(|error| (text(&error["code"]), text(&error["field"][0]))).collect()
}

/// E-1, E-2: an offer keeps the terms it was written on, once for one key; its price is the client's own.
#[tokio::test]
async fn e1_an_offer_is_written_once_on_the_terms_of_now() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let account = app.on_team(Role::AccountManager, client).await;
    let input = json!({"input": {"clientId": client.global().0, "tariffId": tariff_id(&app, "SUPPORT_40").await,
        "price": {"amount": "1250.5", "currency": "EUR"}, "startsOn": "2026-04-01", "saleNote": "Wants it quick",
        "idempotencyKey": Uuid::new_v4()}});
    let first = account.ok(&app, CREATE, input.clone()).await;
    assert_eq!(first, account.ok(&app, CREATE, input.clone()).await);
    let made = &first["engagementCreate"]["engagement"];
    assert_eq!(made["terms"], json!({"minutes": 2400, "number": 1}));
    assert_eq!(
        (&made["tariff"]["code"], &made["service"]["code"]),
        (&json!("SUPPORT_40"), &json!("SUPPORT"))
    );
    assert_eq!(made["price"], json!({"amount": "1250.50", "currency": "EUR"}));
    assert_eq!((&made["status"], &made["seller"]), (&json!("DRAFT"), &Value::Null));
    let mut other = input;
    other["input"]["startsOn"] = json!("2026-04-02");
    assert_eq!(account.codes(&app, CREATE, other).await, ["IDEMPOTENCY_KEY_REUSED"]);
    let list = "query($id: ID!) { client(by: {id: $id}) { engagements { status } } }";
    let listed = account.ok(&app, list, json!({"id": client.global().0})).await;
    assert_eq!(listed["client"]["engagements"], json!([{"status": "DRAFT"}]));
}

/// E-1, E-4: every fault of an offer is named at once, and nothing is written.
#[tokio::test]
async fn e1_faults_of_an_offer_are_named_at_once() {
    let app = TestApp::start().await;
    let (client, other) = (app.client("Ours").await, app.client("Theirs").await);
    let account = app.on_team(Role::AccountManager, client).await;
    withdraw(&app, "SUPPORT_80").await;
    let member = app.contact(Role::ClientMember, client).await;
    let input = json!({"input": {"clientId": client.global().0, "tariffId": tariff_id(&app, "SUPPORT_80").await,
        "planId": development_plan(&app, other).await.global().0, "sellerId": member.user.unwrap().global().0,
        "price": {"amount": "-1", "currency": "EUR"}, "startsOn": "2099-01-01", "saleNote": " ", "ownMinutes": 60}});
    let refused = refused_fields(&account.run(&app, CREATE, input).await.data);
    for expected in [
        ("TARIFF_WITHDRAWN", "tariffId"),
        ("INVALID", "planId"),
        ("INVALID", "sellerId"),
        ("INVALID", "price"),
        ("INVALID", "startsOn"),
        ("INVALID", "saleNote"),
        ("INVALID", "ownMinutes"),
    ] {
        assert!(
            refused.contains(&(expected.0.to_owned(), expected.1.to_owned())),
            "{expected:?} in {refused:?}"
        );
    }
    let list = "query($id: ID!) { client(by: {id: $id}) { engagements { id } } }";
    let listed = account.ok(&app, list, json!({"id": client.global().0})).await;
    assert_eq!(listed["client"]["engagements"], json!([]));
}

/// E-2: a draft changes against the version that was seen, absent keeps and null clears; a begun one does not change.
#[tokio::test]
async fn e2_only_a_draft_is_changed() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let account = app.on_team(Role::AccountManager, client).await;
    let draft = app.engagement(client, "SUPPORT_20", Draft).await.id.global().0;
    let input = json!({"id": draft, "input": {"expectedVersion": 1, "saleNote": "Quick",
        "tariffId": tariff_id(&app, "AUDIT").await, "ownMinutes": 900, "ownLengthMonths": 1}});
    let done = account.ok(&app, UPDATE, input.clone()).await["engagementUpdate"]["engagement"].clone();
    assert_eq!(
        (&done["ownMinutes"], &done["version"], &done["saleNote"]),
        (&json!(900), &json!(2), &json!("Quick"))
    );
    let conflict = account.run(&app, UPDATE, input).await;
    assert_eq!(
        (conflict.codes(), &conflict.data["engagementUpdate"]["engagement"]["version"]),
        (vec!["CONFLICT".to_owned()], &json!(2))
    );
    let back = json!({"id": draft, "input": {"expectedVersion": 2, "saleNote": null,
        "tariffId": tariff_id(&app, "SUPPORT_40").await}});
    let done = account.ok(&app, UPDATE, back).await["engagementUpdate"]["engagement"].clone();
    assert_eq!(
        (&done["ownMinutes"], &done["saleNote"], &done["terms"]["minutes"]),
        (&Value::Null, &Value::Null, &json!(2400))
    );
    let running = app.engagement(client, "SUPPORT_20", Active).await.id.global().0;
    let late = json!({"id": running, "input": {"expectedVersion": 1, "saleNote": "Late"}});
    assert_eq!(account.codes(&app, UPDATE, late).await, ["WRONG_STATUS"]);
}

/// E-2, A-1: who writes offers; SALES writes them in their own name for clients they brought, and the seller sees the
/// client from then on.
#[tokio::test]
async fn e2_who_writes_offers() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let tariff = tariff_id(&app, "SUPPORT_20").await;
    let input = json!({"input": {"clientId": client.global().0, "tariffId": tariff}});
    for (who, actor) in everyone(&app, client).await {
        let expected: &[&str] = match who {
            "administrator" | "account manager" => &[],
            "stranger" => &["NOT_FOUND"],
            _ => &["FORBIDDEN"],
        };
        assert_eq!(actor.codes(&app, CREATE, input.clone()).await, expected, "{who}");
    }
    let (seller, other) = (app.staff(Role::Sales).await, app.staff(Role::Sales).await);
    assert_eq!(seller.codes(&app, CREATE, input.clone()).await, ["NOT_FOUND"]);
    let admin = app.staff(Role::Administrator).await;
    let mut named = input.clone();
    named["input"]["sellerId"] = json!(seller.user.unwrap().global().0);
    admin.ok(&app, CREATE, named.clone()).await;
    let made = seller.ok(&app, CREATE, input).await["engagementCreate"]["engagement"].clone();
    assert_eq!(made["seller"]["id"], json!(seller.user.unwrap().global().0));
    named["input"]["sellerId"] = json!(other.user.unwrap().global().0);
    assert_eq!(
        refused_fields(&seller.run(&app, CREATE, named).await.data),
        [("INVALID".to_owned(), "sellerId".to_owned())]
    );
}

/// what is paid and noted is null and FORBIDDEN for whoever may not know it, the rest is seen; strangers see
/// nothing.
#[tokio::test]
async fn a2_prices_are_seen_by_few() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    let read = |field: &str| format!("query($id: ID!) {{ engagement(id: $id) {{ status {field} }} }}");
    let prices = [
        "price { amount }",
        "payments { reference }",
        "grantUnpaid",
        "periods { paid }",
        "periods { paidBy { id } }",
    ];
    for (who, actor) in everyone(&app, support.client).await {
        let id = json!({"id": support.gid});
        if who == "stranger" {
            assert_eq!(actor.codes(&app, &read(""), id).await, ["NOT_FOUND"]);
            continue;
        }
        assert_eq!(actor.ok(&app, &read(""), id.clone()).await["engagement"]["status"], "ACTIVE", "{who}");
        let is_told = matches!(who, "administrator" | "account manager" | "project manager" | "owner");
        let expected: &[&str] = if is_told { &[] } else { &["FORBIDDEN"] };
        for field in prices {
            assert_eq!(actor.codes(&app, &read(field), id.clone()).await, expected, "{who} {field}");
        }
        let expected: &[&str] =
            if matches!(who, "owner" | "member" | "partner") { &["FORBIDDEN"] } else { &[] };
        assert_eq!(actor.codes(&app, &read("saleNote"), id.clone()).await, expected, "{who} saleNote");
        let expected: &[&str] = if matches!(who, "administrator" | "account manager" | "project manager") {
            &[]
        } else {
            &["FORBIDDEN"]
        };
        assert_eq!(actor.codes(&app, &read("unmetStartConditions"), id).await, expected, "{who} conditions");
    }
}

/// B-7, E-4: the two policies are set by an account manager, on drafts and on what runs, not on what has ended.
#[tokio::test]
async fn b7_e4_who_sets_the_policies() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let running = app.engagement(client, "SUPPORT_20", Active).await;
    let ended = app.engagement(client, "SUPPORT_20", Cancelled).await;
    for (who, actor) in everyone(&app, client).await {
        let expected: &[&str] = match who {
            "administrator" | "account manager" => &[],
            "stranger" => &["NOT_FOUND"],
            _ => &["FORBIDDEN"],
        };
        for document in [POLICY, UNPAID] {
            let codes = actor.codes(&app, document, json!({"id": running.id.global().0})).await;
            assert_eq!(codes, expected, "{who}");
        }
    }
    let after = row(&app, running.id).await;
    assert!(after.grant_unpaid && after.overage_policy == domain::engagement::OveragePolicy::Refused);
    let account = app.on_team(Role::AccountManager, client).await;
    assert_eq!(account.codes(&app, POLICY, json!({"id": ended.id.global().0})).await, ["WRONG_STATUS"]);
}

/// E-2: a draft is given up at once, with a reason; nothing more happens to it.
#[tokio::test]
async fn e2_a_draft_is_given_up() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let account = app.on_team(Role::AccountManager, client).await;
    let id = app.engagement(client, "SUPPORT_20", Draft).await.id;
    let with = |reason: &str| json!({"id": id.global().0, "reason": reason});
    assert_eq!(account.codes(&app, CANCEL, with(" ")).await, ["REASON_REQUIRED"]);
    let seller = app.on_team(Role::ProjectManager, client).await;
    assert_eq!(seller.codes(&app, CANCEL, with("No")).await, ["FORBIDDEN"]);
    assert_eq!(row(&app, id).await.status, Draft);
    let done = account.ok(&app, CANCEL, with("Too dear")).await["engagementCancel"]["engagement"].clone();
    assert_eq!(done, json!({"status": "CANCELLED", "endsOn": null, "endReason": "Too dear"}));
    assert_eq!(account.codes(&app, CANCEL, with("Again")).await, ["WRONG_STATUS"]);
    assert_eq!(account.codes(&app, START, json!({"id": id.global().0, "input": {}})).await, ["WRONG_STATUS"]);
}

/// E-2: a cancelled support stays ACTIVE until its running period ends, and no other period opens.
#[tokio::test]
async fn e2_a_support_ends_with_its_period() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    support.pay(&app, "second", &[2]).await;
    let with = json!({"id": support.gid, "reason": "Moves away"});
    let done = support.account.ok(&app, CANCEL, with.clone()).await["engagementCancel"]["engagement"].clone();
    assert_eq!((&done["status"], &done["endsOn"]), (&json!("ACTIVE"), &json!("2026-04-11")));
    assert_eq!(support.account.codes(&app, CANCEL, with).await, ["WRONG_STATUS"]);
    assert!(support.log(&app, 60).await.is_empty());
    app.advance(Duration::days(40));
    assert_eq!(support.periods(&app).await.len(), 1);
    usecase::period::roll_all(&app.system()).await.unwrap();
    let periods = support.periods(&app).await;
    assert_eq!((periods.len(), &periods[0]["expiredMinutes"]), (1, &json!(1140)));
    assert_eq!(row(&app, support.id).await.status, Cancelled);
}

/// E-2, B-8: an audit ends at once when it is given up, and the minutes that it kept lapse.
#[tokio::test]
async fn b8_an_audit_given_up_lapses() {
    let app = TestApp::start().await;
    let (support, audit) = started_audit(&app).await;
    let done = support.account.ok(&app, CANCEL, json!({"id": audit, "reason": "Enough"})).await;
    assert_eq!(
        done["engagementCancel"]["engagement"],
        json!({"status": "CANCELLED", "endsOn": "2026-03-12", "endReason": "Enough"})
    );
    let read = support.account.ok(&app, PERIODS, json!({"id": audit})).await;
    let period = &read["engagement"]["periods"][0];
    assert_eq!(
        (&period["grantedMinutes"], &period["expiredMinutes"], &period["remainingMinutes"]),
        (&json!(900), &json!(900), &json!(0))
    );
}

/// An audit of 15 hours over two months, begun today for the client of a support in draft.
async fn started_audit(app: &TestApp) -> (Support, String) {
    let support = Support::ready(app).await;
    let input = json!({"input": {"clientId": support.client.global().0, "tariffId": tariff_id(app, "AUDIT").await,
        "ownMinutes": 900, "ownLengthMonths": 2}});
    let made = support.account.ok(app, CREATE, input).await["engagementCreate"]["engagement"]["id"].clone();
    let audit = made.as_str().unwrap().to_owned();
    let mut payment = support.payment(app, "audit", &[1]);
    payment["input"]["engagementId"] = made;
    support.account.ok(app, crate::support::ready::PAY, payment).await;
    support.account.ok(app, START, json!({"id": audit, "input": {}})).await;
    (support, audit)
}

/// E-4, E-2: an audit starts with a project manager and its payment, for one period of its own length and minutes.
#[tokio::test]
async fn e4_an_audit_is_one_period_of_its_own() {
    let app = TestApp::start().await;
    let (support, audit) = started_audit(&app).await;
    let period =
        support.account.ok(&app, PERIODS, json!({"id": audit})).await["engagement"]["periods"][0].clone();
    assert_eq!(
        (&period["startsOn"], &period["endsOn"], &period["grantedMinutes"]),
        (&json!("2026-03-11"), &json!("2026-05-11"), &json!(900))
    );
    let change =
        json!({"id": audit, "input": {"tariffId": tariff_id(&app, "AUDIT").await, "reservations": []}});
    assert_eq!(support.account.codes(&app, CHANGE, change).await, ["WRONG_STATUS"]);
}

fn change(support: &Support, tariff: &str, held: &[(&Actor, i32)]) -> Value {
    let held: Vec<_> = held
        .iter()
        .map(|(who, minutes)| json!({"userId": who.user.unwrap().global().0, "minutes": minutes}))
        .collect();
    json!({"id": support.gid, "input": {"tariffId": tariff, "reservations": held}})
}

/// E-5, T-2: another tariff counts from the next period on, with the reservations named for it; the running period
/// keeps its own.
#[tokio::test]
async fn e5_a_tariff_changes_at_the_boundary() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    support.pay(&app, "second", &[2]).await;
    let bigger = tariff_id(&app, "SUPPORT_40").await;
    let first = change(&support, &tariff_id(&app, "SUPPORT_80").await, &[(&support.specialist, 4800)]);
    support.account.ok(&app, CHANGE, first).await;
    // Named again before the boundary: the last word counts.
    let second = change(&support, &bigger, &[(&support.specialist, 2000), (&support.manager, 400)]);
    let done = support.account.ok(&app, CHANGE, second).await["engagementTariffChange"]["engagement"].clone();
    assert_eq!(
        done["tariffs"],
        json!([{"fromPeriod": 1, "terms": {"minutes": 1200}}, {"fromPeriod": 2, "terms": {"minutes": 2400}}])
    );
    assert_eq!(support.periods(&app).await[0]["grantedMinutes"], 1200);
    let held = reservation::Entity::find()
        .filter(reservation::Column::EngagementId.eq(support.id))
        .all(&app.database.db)
        .await
        .unwrap();
    let mut spans: Vec<_> =
        held.iter().map(|held| (held.minutes, held.from_period, held.until_period)).collect();
    spans.sort_unstable();
    assert_eq!(spans, [(400, 2, None), (1200, 1, Some(2)), (2000, 2, None)]);
    app.advance(Duration::days(32));
    let periods = support.periods(&app).await;
    assert_eq!(
        (&periods[0]["grantedMinutes"], &periods[0]["terms"]["minutes"]),
        (&json!(2400), &json!(2400))
    );
    assert_eq!((&periods[1]["grantedMinutes"], &periods[1]["expiredMinutes"]), (&json!(1200), &json!(1200)));
}

/// E-5, T-2: a change is refused while its reservations do not sum or pass somebody's capacity, and leaves no trace.
#[tokio::test]
async fn t2_a_change_names_reservations_that_sum() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    let (bigger, most) = (tariff_id(&app, "SUPPORT_40").await, tariff_id(&app, "SUPPORT_120").await);
    let stranger = app.staff(Role::Specialist).await;
    let (specialist, manager) = (&support.specialist, &support.manager);
    withdraw(&app, "SUPPORT_80").await;
    let withdrawn = tariff_id(&app, "SUPPORT_80").await;
    let audit = tariff_id(&app, "AUDIT").await;
    crate::support::ready::reserve(
        &app,
        app.engagement(support.client, "SUPPORT_40", Active).await.id,
        specialist.user.unwrap(),
        2500,
    )
    .await;
    for (tariff, held, expected) in [
        (&bigger, vec![(specialist, 2399)], vec!["RESERVATIONS_MISMATCH"]),
        (&bigger, vec![(specialist, 1200), (specialist, 1200)], vec!["INVALID"]),
        (&bigger, vec![(specialist, 2400), (manager, 0)], vec!["INVALID"]),
        (&bigger, vec![(&stranger, 2400)], vec!["INVALID"]),
        (&most, vec![(specialist, 7200)], vec!["CAPACITY_EXCEEDED"]),
        (&withdrawn, vec![(specialist, 4800)], vec!["TARIFF_WITHDRAWN"]),
        (&audit, vec![], vec!["INVALID"]),
    ] {
        let codes = support.account.codes(&app, CHANGE, change(&support, tariff, &held)).await;
        assert_eq!(codes, expected, "{held:?}");
    }
    let kept = row(&app, support.id).await;
    assert_eq!(kept.version, 3);
    // An administrator may let the capacity be passed, and says why.
    let mut overriding = change(&support, &most, &[(specialist, 7200)]);
    overriding["input"]["overrideReason"] = json!("Only until June");
    assert_eq!(support.account.codes(&app, CHANGE, overriding.clone()).await, ["FORBIDDEN"]);
    app.staff(Role::Administrator).await.ok(&app, CHANGE, overriding).await;
    let other = Support::ready(&app).await;
    assert_eq!(other.account.codes(&app, CHANGE, change(&other, &bigger, &[])).await, ["WRONG_STATUS"]);
    assert_eq!(movements(&app, other.id).await, 0);
}
