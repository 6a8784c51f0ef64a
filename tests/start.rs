//! The start of an engagement, and the months that follow from it.

use chrono::{Duration, NaiveDate};
use domain::client::WayInKind;
use domain::engagement::EngagementStatus::{Active, Cancelled, Draft};
use domain::team::Position;
use domain::user::Role;
use entity::{client, engagement, ledger_head, period, reservation, tariff, user};
use hourbank::graphql::id::Identified;
use hourbank::usecase;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::ready::{
    PAY, PERIODS, START, Support, development_plan, everyone, movements, reserve, row, way_in,
};

const UNMET: &str = "query($id: ID!) { engagement(id: $id) { unmetStartConditions } }";

fn codes(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect()
}

async fn set_client(app: &TestApp, id: domain::id::ClientId, row: client::ActiveModel) {
    client::Entity::update_many()
        .set(row)
        .filter(client::Column::Id.eq(id))
        .exec(&app.database.db)
        .await
        .unwrap();
}

/// E-2, C-1, C-3, C-8, T-1, T-2, E-4: all unmet conditions are answered at once; each mended one leaves the list; the
/// last one mended, it starts with its first period's minutes.
#[tokio::test]
async fn e2_unmet_conditions_are_answered_at_once_and_mended_one_by_one() {
    let app = TestApp::start().await;
    let ours = app.client("Ours").await;
    set_client(&app, ours, client::ActiveModel { chat_url: Set(None), ..Default::default() }).await;
    let account = app.on_team(Role::AccountManager, ours).await;
    let draft = app.engagement(ours, "SUPPORT_20", Draft).await;
    let id = json!({"id": draft.id.global().0});
    let start = json!({"id": draft.id.global().0, "input": {}});
    let mut expected = vec![
        "WAY_IN_MISSING",
        "PLAN_MISSING",
        "CHAT_LINK_MISSING",
        "CLIENT_OWNER_MISSING",
        "TEAM_INCOMPLETE",
        "RESERVATIONS_MISMATCH",
        "PAYMENT_MISSING",
    ];
    let specialist = app.staff(Role::Specialist).await;
    for step in 0..=7 {
        let refused = account.codes(&app, START, start.clone()).await;
        let shown = account.ok(&app, UNMET, id.clone()).await;
        assert_eq!(codes(&shown["engagement"]["unmetStartConditions"]), expected, "step {step}");
        if step == 7 {
            assert_eq!(refused, Vec::<String>::new());
            break;
        }
        assert_eq!(refused, expected, "step {step}");
        assert_eq!(row(&app, draft.id).await.status, Draft);
        match step {
            0 => way_in(&app, ours, WayInKind::Implementation).await,
            1 => {
                let plan = development_plan(&app, ours).await;
                let set = "mutation($id: ID!, $plan: ID!) {
                    engagementPlanSet(id: $id, input: {planId: $plan}) { errors { code } } }";
                account.ok(&app, set, json!({"id": draft.id.global().0, "plan": plan.global().0})).await;
            }
            2 => {
                let link = Set(Some("https://chat.example/1".to_owned()));
                set_client(&app, ours, client::ActiveModel { chat_url: link, ..Default::default() }).await;
            }
            3 => drop(app.contact(Role::ClientOwner, ours).await),
            4 => {
                app.on_team(Role::ProjectManager, ours).await;
                app.join(&specialist, ours, Position::SupportSpecialist).await;
            }
            5 => reserve(&app, draft.id, specialist.user.unwrap(), 1200).await,
            _ => {
                let input = json!({"input": {"engagementId": draft.id.global().0, "reference": "1",
                    "paidOn": "2026-03-11", "amount": {"amount": "1", "currency": "RUB"}, "periods": [1]}});
                account.ok(&app, PAY, input).await;
            }
        }
        expected.remove(0);
    }
    let read = account.ok(&app, PERIODS, id).await["engagement"].clone();
    assert_eq!(read["status"], "ACTIVE");
    assert_eq!(
        (&read["periods"][0]["grantedMinutes"], &read["periods"][0]["startsOn"]),
        (&json!(1200), &json!("2026-03-11"))
    );
    assert_eq!(movements(&app, draft.id).await, 1);
    assert_eq!(account.codes(&app, START, start).await, ["WRONG_STATUS"]);
}

/// E-2: what is refused leaves no trace: no period, no ledger, no new version.
#[tokio::test]
async fn e2_a_refused_start_leaves_no_trace() {
    let app = TestApp::start().await;
    let ours = app.client("Ours").await;
    let account = app.on_team(Role::AccountManager, ours).await;
    let draft = app.engagement(ours, "SUPPORT_20", Draft).await;
    assert!(!account.codes(&app, START, json!({"id": draft.id.global().0, "input": {}})).await.is_empty());
    assert_eq!(row(&app, draft.id).await, draft);
    assert_eq!(period::Entity::find().count(&app.database.db).await.unwrap(), 0);
    assert_eq!(ledger_head::Entity::find().count(&app.database.db).await.unwrap(), 0);
}

/// E-2, A-1: account managers of the team and administrators start engagements, and nobody else.
#[tokio::test]
async fn e2_who_starts() {
    let app = TestApp::start().await;
    let support = Support::ready(&app).await;
    for (who, actor) in everyone(&app, support.client).await {
        let expected = match who {
            "administrator" | "account manager" => continue,
            "stranger" => "NOT_FOUND",
            _ => "FORBIDDEN",
        };
        assert_eq!(
            actor.codes(&app, START, json!({"id": support.gid, "input": {}})).await,
            [expected],
            "{who}"
        );
    }
    assert_eq!(row(&app, support.id).await.status, Draft);
    app.staff(Role::Administrator).await.ok(&app, START, json!({"id": support.gid, "input": {}})).await;
}

/// C-1, C-4: where another integrator set the CRM up, only an audit with findings opens the way.
#[tokio::test]
async fn c1_only_an_audit_counts_for_anothers_work() {
    let app = TestApp::start().await;
    let support = Support::ready(&app).await;
    let other = client::ActiveModel { set_up_by: Set(domain::client::SetUpBy::Other), ..Default::default() };
    set_client(&app, support.client, other).await;
    let start = json!({"id": support.gid, "input": {}});
    assert_eq!(support.account.codes(&app, START, start.clone()).await, ["WAY_IN_MISSING"]);
    way_in(&app, support.client, WayInKind::Audit).await;
    support.account.ok(&app, START, start).await;
}

/// E-4: no start before the day on which the first period was paid, none far away, none of a withdrawn tariff.
#[tokio::test]
async fn e4_no_start_before_the_payment() {
    let app = TestApp::start().await;
    let support = Support::ready(&app).await;
    let on = |day: &str| json!({"id": support.gid, "input": {"startsOn": day}});
    assert_eq!(support.account.codes(&app, START, on("2026-03-10")).await, ["START_BEFORE_PAYMENT"]);
    assert_eq!(support.account.codes(&app, START, on("2028-03-10")).await, ["INVALID"]);
    let withdrawn = tariff::ActiveModel { withdrawn_at: Set(Some(app.now())), ..Default::default() };
    tariff::Entity::update_many().set(withdrawn).exec(&app.database.db).await.unwrap();
    assert_eq!(support.account.codes(&app, START, on("2026-03-12")).await, ["TARIFF_WITHDRAWN"]);
}

/// T-2: nobody is held for more than their capacity over all engagements, offers included; ended ones hold nobody, and
/// an administrator's word is kept.
#[tokio::test]
async fn t2_capacity_over_all_engagements() {
    let app = TestApp::start().await;
    let support = Support::ready(&app).await;
    let elsewhere = app.client("Theirs").await;
    let person = support.specialist.user.unwrap();
    let small = user::ActiveModel { capacity_minutes: Set(Some(3000)), ..Default::default() };
    user::Entity::update_many()
        .set(small)
        .filter(user::Column::Id.eq(person))
        .exec(&app.database.db)
        .await
        .unwrap();
    reserve(&app, app.engagement(elsewhere, "SUPPORT_40", Cancelled).await.id, person, 2400).await;
    let unmet = support.account.ok(&app, UNMET, json!({"id": support.gid})).await;
    assert_eq!(codes(&unmet["engagement"]["unmetStartConditions"]), Vec::<&str>::new());
    reserve(&app, app.engagement(elsewhere, "SUPPORT_40", Active).await.id, person, 1801).await;
    let unmet = support.account.ok(&app, UNMET, json!({"id": support.gid})).await;
    assert_eq!(codes(&unmet["engagement"]["unmetStartConditions"]), ["CAPACITY_EXCEEDED"]);
    let start = json!({"id": support.gid, "input": {}});
    assert_eq!(support.account.codes(&app, START, start.clone()).await, ["CAPACITY_EXCEEDED"]);
    let admin = app.staff(Role::Administrator).await;
    let word = reservation::ActiveModel { override_by: Set(admin.user), ..Default::default() };
    reservation::Entity::update_many()
        .set(word)
        .filter(reservation::Column::EngagementId.eq(support.id))
        .exec(&app.database.db)
        .await
        .unwrap();
    support.account.ok(&app, START, start).await;
}

/// E-2: implementations are offered and paid for, and stay drafts in this version.
#[tokio::test]
async fn e2_implementations_stay_drafts() {
    let app = TestApp::start().await;
    let support = Support::ready(&app).await;
    for code in ["JAM_STANDARD", "SAM_QUICK_START"] {
        let draft = app.engagement(support.client, code, Draft).await;
        let start = json!({"id": draft.id.global().0, "input": {}});
        assert_eq!(support.account.codes(&app, START, start).await, ["SERVICE_NOT_OFFERED"], "{code}");
    }
    let audit = app.engagement(support.client, "AUDIT", Draft).await;
    let start = json!({"id": audit.id.global().0, "input": {}});
    assert_eq!(support.account.codes(&app, START, start).await, ["PAYMENT_MISSING", "INVALID"]);
}

/// Starts a support on a day that was paid for then.
async fn started_on(app: &TestApp, day: &str, zone: &str) -> Support {
    let support = Support::ready(app).await;
    set_client(
        app,
        support.client,
        client::ActiveModel { time_zone: Set(zone.to_owned()), ..Default::default() },
    )
    .await;
    let paid: NaiveDate = day.parse().unwrap();
    let early = entity::payment::ActiveModel { paid_on: Set(paid), ..Default::default() };
    entity::payment::Entity::update_many()
        .set(early)
        .filter(entity::payment::Column::EngagementId.eq(support.id))
        .exec(&app.database.db)
        .await
        .unwrap();
    support.account.ok(app, START, json!({"id": support.gid, "input": {"startsOn": day}})).await;
    support
}

/// E-3: a start on the 29th to 31st falls on the last day of shorter months and returns to its own day after.
#[tokio::test]
async fn e3_months_of_a_start_at_a_months_end() {
    for (start, expected) in [
        ("2025-12-29", ["2026-02-28", "2026-01-29", "2025-12-29"]),
        ("2025-12-30", ["2026-02-28", "2026-01-30", "2025-12-30"]),
        ("2025-12-31", ["2026-02-28", "2026-01-31", "2025-12-31"]),
    ] {
        let app = TestApp::start().await;
        let support = started_on(&app, start, "Europe/Moscow").await;
        let periods = support.periods(&app).await;
        let starts: Vec<_> = periods.iter().map(|period| period["startsOn"].as_str().unwrap()).collect();
        assert_eq!(starts, expected);
        for pair in periods.windows(2) {
            assert_eq!(pair[0]["startsOn"], pair[1]["endsOn"]);
        }
        // Only the first one was paid for, and it has ended.
        assert_eq!(
            (&periods[2]["grantedMinutes"], &periods[2]["expiredMinutes"]),
            (&json!(1200), &json!(1200))
        );
        assert_eq!(periods[0]["grantedMinutes"], 0);
        app.advance(Duration::days(20));
        assert_eq!(support.periods(&app).await[0]["startsOn"], format!("2026-03-{}", &start[8..]));
    }
}

/// E-3: days are those of the client's zone, fixed at the start, on both sides of the date line.
#[tokio::test]
async fn e3_days_are_the_clients_own() {
    // It is noon in UTC on 2026-03-11: the same day in Honolulu, the next one in Kiritimati.
    for (zone, today, starts_at) in [
        ("Pacific/Kiritimati", "2026-03-12", "2026-03-11T10:00:00+00:00"),
        ("Pacific/Honolulu", "2026-03-11", "2026-03-11T10:00:00+00:00"),
        ("Europe/Moscow", "2026-03-11", "2026-03-10T21:00:00+00:00"),
    ] {
        let app = TestApp::start().await;
        let support = Support::ready(&app).await;
        let zoned = client::ActiveModel { time_zone: Set(zone.to_owned()), ..Default::default() };
        set_client(&app, support.client, zoned).await;
        let done = support.account.ok(&app, START, json!({"id": support.gid, "input": {}})).await;
        let begun = &done["engagementStart"]["engagement"];
        assert_eq!((&begun["startsOn"], &begun["timeZone"]), (&json!(today), &json!(zone)));
        let period = period::Entity::find().one(&app.database.db).await.unwrap().unwrap();
        assert_eq!(period.starts_at.to_rfc3339(), starts_at, "{zone}");
        // The client moves; the engagement keeps its days.
        let moved = client::ActiveModel { time_zone: Set("Asia/Tokyo".to_owned()), ..Default::default() };
        set_client(&app, support.client, moved).await;
        app.advance(Duration::days(31));
        let later = engagement::Entity::find_by_id(support.id).one(&app.database.db).await.unwrap().unwrap();
        assert_eq!(later.time_zone.as_deref(), Some(zone));
        assert_eq!(support.periods(&app).await[0]["startsOn"].as_str().unwrap()[8..], today[8..]);
    }
}

/// E-2, E-4: a start in the future opens nothing until its day comes; given up before, it ends at once.
#[tokio::test]
async fn e4_a_start_to_come_opens_on_its_day() {
    let app = TestApp::start().await;
    let support = Support::ready(&app).await;
    let on = json!({"id": support.gid, "input": {"startsOn": "2026-03-20"}});
    support.account.ok(&app, START, on).await;
    assert_eq!(support.periods(&app).await, Vec::<Value>::new());
    app.advance(Duration::days(9));
    assert_eq!(support.periods(&app).await[0]["grantedMinutes"], 1200);

    let other = Support::ready(&app).await;
    other.account.ok(&app, START, json!({"id": other.gid, "input": {"startsOn": "2026-04-20"}})).await;
    let cancel = "mutation($id: ID!) { engagementCancel(id: $id, input: {reason: \"No\"}) {
        engagement { status endsOn } errors { code } } }";
    let done = other.account.ok(&app, cancel, json!({"id": other.gid})).await;
    assert_eq!(
        done["engagementCancel"]["engagement"],
        json!({"status": "CANCELLED", "endsOn": "2026-04-20"})
    );
}

/// B-4: ended periods read as expired and begun ones as granted before anybody has written it, and the same after.
#[tokio::test]
async fn b4_months_read_as_the_clock_has_them() {
    let app = TestApp::start().await;
    let support = Support::started(&app).await;
    support.pay(&app, "later", &[2, 3]).await;
    assert!(support.log(&app, 200).await.is_empty());
    let written = movements(&app, support.id).await;
    app.advance(Duration::days(70));
    let read = support.periods(&app).await;
    let figures: Vec<_> = read
        .iter()
        .map(|period| {
            ["number", "grantedMinutes", "usedMinutes", "expiredMinutes", "remainingMinutes"]
                .map(|name| period[name].as_i64().unwrap())
        })
        .collect();
    assert_eq!(figures, [[3, 1200, 0, 0, 1200], [2, 1200, 0, 1200, 0], [1, 1200, 200, 1000, 0]]);
    assert_eq!(movements(&app, support.id).await, written);
    usecase::period::roll_all(&app.system()).await.unwrap();
    let after = support.periods(&app).await;
    for (read, after) in read.iter().zip(&after) {
        for name in ["number", "grantedMinutes", "usedMinutes", "expiredMinutes", "remainingMinutes"] {
            assert_eq!(read[name], after[name]);
        }
    }
    assert_eq!(movements(&app, support.id).await, written + 4);
}
