//! Reservations and capacity: hours held for a client are there when they are needed.

use domain::engagement::EngagementStatus;
use domain::id::{ClientId, EngagementId};
use domain::user::Role;
use hourbank::graphql::id::Identified;
use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::app::TestApp;

const SET: &str =
    "mutation($id: ID!, $input: ReservationsSetInput!) { reservationsSet(engagementId: $id, input: $input) {
    reservations { minutes fromPeriod untilPeriod overrideReason user { id } } errors { code field } } }";
const CAPACITY: &str = "query($id: ID!, $month: Date!) { capacity(userId: $id, month: $month) {
    month capacityMinutes reservedMinutes loggedMinutes freeMinutes } }";

fn shares(engagement: EngagementId, from: i32, shares: &[(&Actor, i32)]) -> Value {
    let shares: Vec<_> = shares
        .iter()
        .map(|(who, minutes)| json!({"userId": who.user.unwrap().global(), "minutes": minutes}))
        .collect();
    json!({"id": engagement.global(), "input": {"fromPeriod": from, "reservations": shares}})
}

async fn team(app: &TestApp, client: ClientId) -> [Actor; 3] {
    [
        app.on_team(Role::ProjectManager, client).await,
        app.on_team(Role::Specialist, client).await,
        app.on_team(Role::AccountManager, client).await,
    ]
}

/// T-2: reservations of a support sum to its tariff, and a new set takes over from its period on.
#[tokio::test]
async fn reservations_sum_to_the_tariff() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let [manager, specialist, account] = team(&app, client).await;
    let support = app.engagement(client, "SUPPORT_20", EngagementStatus::Active).await;
    for minutes in [1199, 1201] {
        let wrong = shares(support.id, 1, &[(&specialist, minutes)]);
        assert_eq!(account.codes(&app, SET, wrong).await, ["RESERVATIONS_MISMATCH"]);
    }
    account.ok(&app, SET, shares(support.id, 1, &[(&specialist, 1000), (&manager, 200)])).await;
    let later = manager.ok(&app, SET, shares(support.id, 3, &[(&specialist, 1200)])).await;
    assert_eq!(later["reservationsSet"]["reservations"][0]["fromPeriod"], 3);
    let rows = hourbank::store::reservation::of_engagement(&app.database.db, support.id).await.unwrap();
    let held: Vec<_> = rows.iter().map(|row| (row.minutes, row.from_period, row.until_period)).collect();
    assert_eq!(held, [(1000, 1, Some(3)), (200, 1, Some(3)), (1200, 3, None)]);
}

/// T-2: faults are named, and nothing of a refused set is kept.
#[tokio::test]
async fn a_refused_set_leaves_no_trace() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let [manager, specialist, _] = team(&app, client).await;
    let stranger = app.staff(Role::Specialist).await;
    let started = "2026-01-20".parse().unwrap();
    let support = app.engagement_from(client, "SUPPORT_20", EngagementStatus::Active, started).await;
    for (input, code) in [
        (shares(support.id, 1, &[(&specialist, 1200)]), "PERIOD_CLOSED"),
        (shares(support.id, 0, &[(&specialist, 1200)]), "INVALID"),
        (shares(support.id, 2, &[(&stranger, 1200)]), "INVALID"),
        (shares(support.id, 2, &[(&specialist, 600), (&specialist, 600)]), "INVALID"),
    ] {
        assert_eq!(manager.codes(&app, SET, input).await, [code]);
    }
    let over = app.engagement(client, "SUPPORT_20", EngagementStatus::Cancelled).await;
    assert_eq!(manager.codes(&app, SET, shares(over.id, 2, &[(&specialist, 1200)])).await, ["WRONG_STATUS"]);
    assert_eq!(
        specialist.codes(&app, SET, shares(support.id, 2, &[(&specialist, 1200)])).await,
        ["FORBIDDEN"]
    );
    let away = app.staff(Role::AccountManager).await;
    assert_eq!(away.codes(&app, SET, shares(support.id, 2, &[(&specialist, 1200)])).await, ["NOT_FOUND"]);
    let rows = hourbank::store::reservation::of_engagement(&app.database.db, support.id).await.unwrap();
    assert_eq!(rows, []);
}

/// T-2: over all engagements nobody holds more than their capacity, but by an administrator's word, which is kept.
#[tokio::test]
async fn capacity_is_passed_by_an_administrator_alone() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.client("Ours").await, app.client("Theirs").await);
    let admin = app.staff(Role::Administrator).await;
    let [manager, specialist, _] = team(&app, ours).await;
    app.join(&specialist, theirs, domain::team::Position::SupportSpecialist).await;
    let large = app.engagement(theirs, "SUPPORT_120", EngagementStatus::Active).await;
    let small = app.engagement(ours, "SUPPORT_80", EngagementStatus::Active).await;
    admin.ok(&app, SET, shares(large.id, 1, &[(&specialist, 7200)])).await;
    // 7200 + 4800 of 9600.
    let mut input = shares(small.id, 1, &[(&specialist, 4800)]);
    assert_eq!(manager.codes(&app, SET, input.clone()).await, ["CAPACITY_EXCEEDED"]);
    input["input"]["overrideReason"] = json!("Agreed for the summer");
    assert_eq!(manager.codes(&app, SET, input.clone()).await, ["FORBIDDEN"]);
    let done = admin.ok(&app, SET, input).await;
    assert_eq!(done["reservationsSet"]["reservations"][0]["overrideReason"], "Agreed for the summer");
    let rows = hourbank::store::reservation::of_engagement(&app.database.db, small.id).await.unwrap();
    assert_eq!(rows[0].override_by, admin.user);
    // Within the capacity a reason is not kept, whoever gives it.
    let mut shared = shares(small.id, 1, &[(&specialist, 2400), (&manager, 2400)]);
    shared["input"]["overrideReason"] = json!("Not needed");
    let done = manager.ok(&app, SET, shared).await;
    assert_eq!(done["reservationsSet"]["reservations"][0]["overrideReason"], Value::Null);
}

/// T-2: an implementation holds what it likes; its hours are the specialist's own.
#[tokio::test]
async fn an_implementation_need_not_sum() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let [manager, specialist, _] = team(&app, client).await;
    let jam = app.engagement(client, "JAM_STANDARD", EngagementStatus::Draft).await;
    manager.ok(&app, SET, shares(jam.id, 1, &[(&specialist, 700)])).await;
    manager.ok(&app, SET, shares(jam.id, 1, &[])).await;
}

/// T-5, A-2: totals of a month, for oneself and for those who plan; no client ever.
#[tokio::test]
async fn capacity_is_told_in_totals() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let [manager, specialist, account] = team(&app, client).await;
    let support = app.engagement(client, "SUPPORT_20", EngagementStatus::Active).await;
    account.ok(&app, SET, shares(support.id, 1, &[(&specialist, 1200)])).await;
    let ask = |month: &str| json!({"id": specialist.user.unwrap().global(), "month": month});
    for who in [&manager, &specialist] {
        let month = who.ok(&app, CAPACITY, ask("2026-03-31")).await["capacity"].clone();
        assert_eq!(
            month,
            json!({"month": "2026-03-01", "capacityMinutes": 9600, "reservedMinutes": 1200,
            "loggedMinutes": 0, "freeMinutes": 8400})
        );
    }
    let before = manager.ok(&app, CAPACITY, ask("2026-02-28")).await["capacity"].clone();
    assert_eq!(before["reservedMinutes"], 0);
    let owner = app.contact(Role::ClientOwner, client).await;
    let other = app.staff(Role::Specialist).await;
    for who in [&owner, &other, &account] {
        assert_eq!(who.codes(&app, CAPACITY, ask("2026-03-01")).await, ["FORBIDDEN"]);
    }
    let contact = json!({"id": owner.user.unwrap().global(), "month": "2026-03-01"});
    assert_eq!(manager.codes(&app, CAPACITY, contact).await, ["NOT_FOUND"]);
}
