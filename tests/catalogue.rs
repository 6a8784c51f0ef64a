//! What can be bought, and the calendar that it is counted by.

use domain::user::Role;
use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::app::TestApp;

const TARIFFS: &str = "{ tariffs { id code version revision minutes grantRule lengthMonths unused
    price { amount currency } service { code } name english: name(locale: EN) } }";

async fn tariff(app: &TestApp, who: &Actor, code: &str) -> Value {
    let all = who.ok(app, TARIFFS, json!({})).await;
    all["tariffs"].as_array().unwrap().iter().find(|tariff| tariff["code"] == code).unwrap().clone()
}

/// E-1: list prices and terms are for everyone who is signed in, seeded in their order.
#[tokio::test]
async fn tariffs_are_public_to_everyone_signed_in() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    for who in [
        app.staff(Role::Administrator).await,
        app.staff(Role::Specialist).await,
        app.contact(Role::ClientMember, client).await,
    ] {
        let (statements, all) = app.count(who.ok(&app, TARIFFS, json!({}))).await;
        assert!(statements < 8, "{statements} statements");
        assert_eq!(all["tariffs"].as_array().unwrap().len(), 10);
        assert_eq!(all["tariffs"][0]["code"], "SUPPORT_20");
        assert_eq!(all["tariffs"][0]["minutes"], 1200);
        assert_eq!(all["tariffs"][0]["english"], "20 hours a month");
        assert_eq!(all["tariffs"][0]["service"]["code"], "SUPPORT");
    }
    assert_eq!(Actor::anonymous().codes(&app, TARIFFS, json!({})).await, ["UNAUTHENTICATED"]);
    let withdrawn = "{ tariffs(includeWithdrawn: true) { id } }";
    assert_eq!(app.staff(Role::Sales).await.codes(&app, withdrawn, json!({})).await, ["FORBIDDEN"]);
}

const CREATE: &str = "mutation($input: TariffCreateInput!) { tariffCreate(input: $input) {
    tariff { code minutes price { amount currency } revision } errors { code field } } }";
const REVISE: &str = "mutation($id: ID!, $input: TariffReviseInput!) { tariffRevise(id: $id, input: $input) {
    tariff { version revision minutes name price { amount currency } revisions { number minutes } } errors { code field } } }";
const WITHDRAW: &str =
    "mutation($id: ID!) { tariffWithdraw(id: $id) { tariff { withdrawnAt } errors { code } } }";

/// E-1: new terms are a new revision, the engagement's own stay as they were; a withdrawn tariff is off sale for good.
#[tokio::test]
async fn revised_terms_leave_the_old_ones_alone() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let admin = app.staff(Role::Administrator).await;
    let bought = app.engagement(client, "SUPPORT_40", domain::engagement::EngagementStatus::Active).await;
    let before = tariff(&app, &admin, "SUPPORT_40").await;
    let input = json!({"id": before["id"], "input": {"expectedVersion": 1, "minutes": 3000,
        "price": {"amount": "90000.5", "currency": "RUB"}}});
    let revised = admin.ok(&app, REVISE, input.clone()).await["tariffRevise"]["tariff"].clone();
    assert_eq!(revised["revision"], 2);
    assert_eq!(revised["price"], json!({"amount": "90000.50", "currency": "RUB"}));
    assert_eq!(revised["revisions"], json!([{"number": 1, "minutes": 2400}, {"number": 2, "minutes": 3000}]));
    assert_eq!(admin.codes(&app, REVISE, input).await, ["CONFLICT"]);
    let (_, now) = app.terms("SUPPORT_40").await;
    assert_ne!(now.id, bought.tariff_revision_id);

    let renamed =
        json!({"id": before["id"], "input": {"expectedVersion": 2, "nameRu": "Сорок часов", "price": null}});
    let renamed = admin.ok(&app, REVISE, renamed).await["tariffRevise"]["tariff"].clone();
    assert_eq!((renamed["revision"].clone(), renamed["price"].clone()), (json!(3), Value::Null));
    let name_alone = json!({"id": before["id"], "input": {"expectedVersion": 3, "nameRu": "40 часов"}});
    assert_eq!(admin.ok(&app, REVISE, name_alone).await["tariffRevise"]["tariff"]["revision"], 3);

    let withdrawn = admin.ok(&app, WITHDRAW, json!({"id": before["id"]})).await;
    assert_eq!(withdrawn["tariffWithdraw"]["tariff"]["withdrawnAt"], "2026-03-11T12:00:00.000Z");
    assert_eq!(admin.codes(&app, WITHDRAW, json!({"id": before["id"]})).await, ["TARIFF_WITHDRAWN"]);
    let late = json!({"id": before["id"], "input": {"expectedVersion": 5, "minutes": 60}});
    assert_eq!(admin.codes(&app, REVISE, late).await, ["TARIFF_WITHDRAWN"]);
    assert_eq!(admin.ok(&app, TARIFFS, json!({})).await["tariffs"].as_array().unwrap().len(), 9);
}

/// E-1: an administrator creates tariffs; every fault is named at once and nobody else may.
#[tokio::test]
async fn tariffs_are_an_administrators() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let services = admin.ok(&app, "{ services { id code } }", json!({})).await;
    let service = services["services"][0]["id"].clone();
    let input = json!({"serviceId": service, "code": "SUPPORT_60", "nameEn": "60 hours", "nameRu": "60 часов",
        "minutes": 3600, "grantRule": "MONTHLY", "unused": "EXPIRE", "price": {"amount": "100", "currency": "EUR"}});
    let made = admin.ok(&app, CREATE, json!({"input": input})).await;
    assert_eq!(made["tariffCreate"]["tariff"]["price"], json!({"amount": "100.00", "currency": "EUR"}));
    assert_eq!(admin.codes(&app, CREATE, json!({"input": input})).await, ["TAKEN"]);
    let mut bad = input.clone();
    bad["code"] = json!("sixty hours");
    bad["minutes"] = json!(0);
    bad["lengthMonths"] = json!(0);
    bad["price"] = json!({"amount": "1.005", "currency": "EUR"});
    let answer = admin.run(&app, CREATE, json!({"input": bad})).await;
    let fields: Vec<_> = answer.data["tariffCreate"]["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].clone())
        .collect();
    assert_eq!(
        fields,
        [json!(["code"]), json!(["minutes"]), json!(["lengthMonths"]), json!(["price", "amount"])]
    );
    for role in [Role::ProjectManager, Role::AccountManager, Role::Sales, Role::QualityManager] {
        assert_eq!(app.staff(role).await.codes(&app, CREATE, json!({"input": input})).await, ["FORBIDDEN"]);
    }
}

const SERVICE: &str =
    "query($code: String!) { service(code: $code) { id version projectLimit dailyChecks startConditions
    drawScope stageNorms { stage minMinutes maxMinutes maxCalls deadlineWorkingDays } } }";
const UPDATE: &str = "mutation($id: ID!, $input: ServiceUpdateInput!) { serviceUpdate(id: $id, input: $input) {
    service { version projectLimit monthlyNormMinutes dailyChecks stageNorms { stage maxMinutes } } errors { code field } } }";

/// S-2, S-3, T-3: a service's norms are data: read by all who work with it, changed by an administrator.
#[tokio::test]
async fn norms_are_data() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let jam = admin.ok(&app, SERVICE, json!({"code": "JAM"})).await["service"].clone();
    assert_eq!(jam["projectLimit"], 8);
    assert_eq!(
        jam["stageNorms"][1],
        json!({"stage": "SPECIFICATION", "minMinutes": 180, "maxMinutes": 1440,
        "maxCalls": null, "deadlineWorkingDays": 3})
    );
    let norms = json!([{"stage": "DISCOVERY", "minMinutes": 0, "maxMinutes": 600}]);
    let input =
        json!({"id": jam["id"], "input": {"expectedVersion": 1, "projectLimit": null, "stageNorms": norms}});
    let done = admin.ok(&app, UPDATE, input.clone()).await["serviceUpdate"]["service"].clone();
    assert_eq!(
        done,
        json!({"version": 2, "projectLimit": null, "monthlyNormMinutes": null, "dailyChecks": true,
        "stageNorms": [{"stage": "DISCOVERY", "maxMinutes": 600}]})
    );
    assert_eq!(admin.codes(&app, UPDATE, input).await, ["CONFLICT"]);
    let turned = json!([{"stage": "DISCOVERY", "minMinutes": 10, "maxMinutes": 5}]);
    let bad = json!({"id": jam["id"], "input": {"expectedVersion": 2, "projectLimit": 0, "nameRu": "", "stageNorms": turned}});
    assert_eq!(admin.codes(&app, UPDATE, bad).await, ["INVALID"; 3]);
    let support = admin.ok(&app, SERVICE, json!({"code": "SUPPORT"})).await["service"].clone();
    let staged = json!({"id": support["id"], "input": {"expectedVersion": 1, "stageNorms": norms}});
    assert_eq!(admin.codes(&app, UPDATE, staged).await, ["INVALID"]);
    let manager = app.staff(Role::ProjectManager).await;
    manager.ok(&app, SERVICE, json!({"code": "SAM"})).await;
    let change = json!({"id": jam["id"], "input": {"expectedVersion": 2}});
    assert_eq!(manager.codes(&app, UPDATE, change).await, ["FORBIDDEN"]);
    assert_eq!(manager.codes(&app, SERVICE, json!({"code": "TEA"})).await, ["NOT_FOUND"]);
}

const SET: &str = "mutation($input: HolidaySetInput!) { holidaySet(input: $input) { holidays { day working name } errors { code } } }";
const LOAD: &str = "mutation($input: CalendarLoadInput!) { calendarLoad(input: $input) { holidays { day working } errors { code } } }";
const CLEAR: &str =
    "mutation($input: HolidayClearInput!) { holidayClear(input: $input) { days errors { code } } }";
const DAYS: &str = "query($from: Date!, $to: Date!) { workingDays(from: $from, to: $to) }";

/// E-9: a country's calendar is loaded, days are moved by hand and stay moved, and working days follow.
#[tokio::test]
async fn working_days_follow_the_calendar() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let march = json!({"from": "2026-03-01", "to": "2026-04-01"});
    let january = json!({"from": "2026-01-01", "to": "2026-02-01"});
    assert_eq!(admin.ok(&app, DAYS, march.clone()).await["workingDays"], 22);
    let moved = json!({"input": {"days": [{"day": "2026-01-03", "working": true, "name": "Рабочая суббота"},
        {"day": "2026-01-09", "name": "Перенос"}]}});
    admin.ok(&app, SET, moved).await;
    let loaded = admin.ok(&app, LOAD, json!({"input": {"country": "RU", "year": 2026}})).await;
    let days = loaded["calendarLoad"]["holidays"].as_array().unwrap().clone();
    assert!(days.contains(&json!({"day": "2026-01-03", "working": true})));
    assert!(days.contains(&json!({"day": "2026-03-09", "working": false})));
    assert_eq!(admin.ok(&app, DAYS, march.clone()).await["workingDays"], 21);
    // 22 weekdays, less 1, 2, 5, 6, 7, 8 and 9, plus the Saturday.
    assert_eq!(admin.ok(&app, DAYS, january).await["workingDays"], 16);
    let again = admin.ok(&app, LOAD, json!({"input": {"country": "RU", "year": 2026}})).await;
    assert_eq!(again, loaded);
    admin.ok(&app, CLEAR, json!({"input": {"days": ["2026-03-09"]}})).await;
    assert_eq!(admin.ok(&app, DAYS, march).await["workingDays"], 22);
    let listed = admin.ok(&app, "{ holidays(year: 2026) { day } }", json!({})).await;
    assert_eq!(listed["holidays"].as_array().unwrap().len(), days.len() - 1);
}

/// E-9: the calendar is read by people and changed by administrators; nonsense is refused.
#[tokio::test]
async fn the_calendar_is_an_administrators() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let admin = app.staff(Role::Administrator).await;
    let day = |day: &str| json!({"input": {"days": [{"day": day, "name": "Day"}]}});
    for who in [app.staff(Role::ProjectManager).await, app.contact(Role::ClientOwner, client).await] {
        who.ok(&app, "{ holidays(year: 2026) { day } }", json!({})).await;
        assert_eq!(who.codes(&app, SET, day("2026-05-05")).await, ["FORBIDDEN"]);
        assert_eq!(
            who.codes(&app, LOAD, json!({"input": {"country": "RU", "year": 2026}})).await,
            ["FORBIDDEN"]
        );
        assert_eq!(who.codes(&app, CLEAR, json!({"input": {"days": ["2026-05-05"]}})).await, ["FORBIDDEN"]);
    }
    assert_eq!(admin.codes(&app, SET, day("1999-05-05")).await, ["INVALID"]);
    assert_eq!(admin.codes(&app, SET, json!({"input": {"days": []}})).await, ["INVALID"]);
    assert_eq!(admin.codes(&app, "{ holidays(year: 1) { day } }", json!({})).await, ["BAD_USER_INPUT"]);
    assert_eq!(admin.codes(&app, LOAD, json!({"input": {"country": "RU", "year": 2100}})).await, ["INVALID"]);
}
