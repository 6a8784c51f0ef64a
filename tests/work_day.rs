//! One's days, and the morning's reminder.

use chrono::{DateTime, Duration, Utc};
use domain::team::Position;
use domain::user::Role;
use entity::{notification, team_member};
use hourbank::usecase::reminder::remind;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::ready::LOG;
use crate::support::story::Support;

const DAYS: &str = "query($from: Date!, $to: Date!) { workDays(from: $from, to: $to) {
    day isWorkingDay loggedMinutes expectedMinutes unexplainedMinutes } }";

async fn log(app: &TestApp, actor: &Actor, support: &Support, day: &str, minutes: i32) {
    let input = json!({"engagementId": support.id(), "workedOn": day, "minutes": minutes,
        "activity": "CONFIGURATION", "note": "Поля"});
    actor.ok(app, LOG, json!({"input": input})).await;
}

/// Moves the clock to a moment.
fn at(app: &TestApp, moment: &str) {
    let moment: DateTime<Utc> = moment.parse().expect("a moment");
    app.advance(moment - app.now());
}

/// How often a person was told of a day without time.
async fn reminders(app: &TestApp, actor: &Actor) -> u64 {
    notification::Entity::find()
        .filter(notification::Column::UserId.eq(actor.user.expect("a person")))
        .count(&app.database.db)
        .await
        .unwrap()
}

/// W-8: a week of one's own over all clients, with a holiday in it, in two statements however long.
#[tokio::test]
async fn w8_ones_days() {
    let app = TestApp::start_with(|config| config.work_day_minutes = 400).await;
    let (ours, theirs) = (app.support("Ours").await, app.support("Theirs").await);
    let admin = app.staff(Role::Administrator).await;
    let holiday = "mutation { holidaySet(input: {days: [{day: \"2026-03-09\", name: \"Отдых\"}]}) { errors { code } } }";
    admin.ok(&app, holiday, json!({})).await;
    let me = &ours.specialist;
    app.join(me, theirs.client, Position::Developer).await;
    log(&app, me, &ours, "2026-03-10", 100).await;
    log(&app, me, &theirs, "2026-03-10", 50).await;
    log(&app, &theirs.specialist, &theirs, "2026-03-10", 300).await;
    log(&app, me, &ours, "2026-03-11", 500).await;
    let asked = json!({"from": "2026-03-08", "to": "2026-03-13"});
    let days = me.ok(&app, DAYS, asked).await["workDays"].clone();
    let day = |day: &str, working: bool, logged: i32, unexplained: i32| {
        let expected = if working { 400 } else { 0 };
        json!({"day": day, "isWorkingDay": working, "loggedMinutes": logged, "expectedMinutes": expected,
            "unexplainedMinutes": unexplained})
    };
    assert_eq!(
        days,
        json!([
            day("2026-03-08", false, 0, 0),
            day("2026-03-09", false, 0, 0),
            day("2026-03-10", true, 150, 250),
            day("2026-03-11", true, 500, 0),
            day("2026-03-12", true, 0, 0),
        ])
    );
    let mut counts = Vec::new();
    for to in ["2026-03-02", "2026-04-01"] {
        let (count, _) = app.count(me.ok(&app, DAYS, json!({"from": "2026-03-01", "to": to}))).await;
        counts.push(count);
    }
    assert_eq!(counts[0], counts[1]);
    for (from, to) in
        [("2026-03-01", "2026-03-01"), ("2026-03-01", "2026-04-02"), ("2026-03-02", "2026-03-01")]
    {
        assert_eq!(
            me.codes(&app, DAYS, json!({"from": from, "to": to})).await,
            ["BAD_USER_INPUT"],
            "{from} {to}"
        );
    }
    for other in [&ours.owner, &app.staff(Role::QualityManager).await] {
        assert_eq!(
            other.codes(&app, DAYS, json!({"from": "2026-03-01", "to": "2026-03-02"})).await,
            ["FORBIDDEN"]
        );
    }
}

/// W-8: on the morning after, from nine o'clock of the provider, whoever works for a client and logged nothing is
/// reminded, once; nobody else is.
#[tokio::test]
async fn w8_the_morning_after() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let (manager, me) = (&support.manager, &support.specialist);
    let idle = app.client("Без услуг").await;
    let others = [
        app.staff(Role::Specialist).await,
        app.on_team(Role::Specialist, idle).await,
        app.on_team(Role::QualityManager, support.client).await,
        app.staff(Role::Administrator).await,
    ];
    let gone = app.on_team(Role::Specialist, support.client).await;
    app.leave(&gone, support.client).await;
    log(&app, manager, &support, "2026-03-11", 10).await;
    for person in [manager, me] {
        log(&app, person, &support, "2026-03-10", 10).await;
    }
    // Nine in Moscow is six in UTC.
    at(&app, "2026-03-12T05:59:59Z");
    assert_eq!(remind(&app.system()).await.unwrap(), 0);
    at(&app, "2026-03-12T06:00:00Z");
    assert_eq!(remind(&app.system()).await.unwrap(), 1);
    assert_eq!(remind(&app.system()).await.unwrap(), 0);
    assert_eq!((reminders(&app, me).await, reminders(&app, manager).await), (1, 0));
    for other in others.iter().chain([&gone, &support.owner]) {
        assert_eq!(reminders(&app, other).await, 0);
    }
    let read = "{ notifications { nodes { kind title(locale: EN) } } }";
    let told = me.ok(&app, read, json!({})).await;
    assert_eq!(
        told["notifications"]["nodes"],
        json!([{"kind": "DAY_UNEXPLAINED", "title": "No time is logged for 11 March 2026"}])
    );
    assert_eq!(app.mails().await.len(), 1);
}

/// W-8: never of a weekend or a holiday; after an outage of the last working day alone.
#[tokio::test]
async fn w8_weekends_holidays_and_outages() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let me = &support.specialist;
    log(&app, &support.manager, &support, "2026-03-11", 10).await;
    let admin = app.staff(Role::Administrator).await;
    let holiday = "mutation { holidaySet(input: {days: [{day: \"2026-03-16\", name: \"Отдых\"}]}) { errors { code } } }";
    admin.ok(&app, holiday, json!({})).await;
    at(&app, "2026-03-13T12:00:00Z");
    let _ = remind(&app.system()).await.unwrap();
    let thursday = reminders(&app, me).await;
    assert_eq!(thursday, 1);
    // Saturday tells of Friday, and nothing tells of Saturday, Sunday and the holiday.
    for moment in
        ["2026-03-14T12:00:00Z", "2026-03-15T12:00:00Z", "2026-03-16T12:00:00Z", "2026-03-17T12:00:00Z"]
    {
        at(&app, moment);
        let _ = remind(&app.system()).await.unwrap();
        assert_eq!(reminders(&app, me).await, 2, "{moment}");
    }
    // Nobody looks for two weeks: the Monday before is told of, not the ten days before it.
    at(&app, "2026-03-31T12:00:00Z");
    app.advance(Duration::zero());
    let _ = remind(&app.system()).await.unwrap();
    assert_eq!(reminders(&app, me).await, 3);
}

/// W-8: a place and an engagement count from their first day.
#[tokio::test]
async fn w8_newcomers_are_left_alone() {
    let app = TestApp::start().await;
    let starts = "2026-03-12".parse().expect("a day");
    let policy = domain::engagement::OveragePolicy::Allowed;
    let support = app.support_with("Ours", policy, starts, &[1]).await;
    at(&app, "2026-03-12T12:00:00Z");
    assert_eq!(remind(&app.system()).await.unwrap(), 0);
    at(&app, "2026-03-13T12:00:00Z");
    let newcomer = app.staff(Role::Specialist).await;
    let place = app.join(&newcomer, support.client, Position::Developer).await;
    let since = "2026-03-13".parse().expect("a day");
    let row = team_member::ActiveModel { id: Set(place), starts_on: Set(since), ..Default::default() };
    team_member::Entity::update(row).exec(&app.database.db).await.unwrap();
    assert!(remind(&app.system()).await.unwrap() >= 2);
    assert_eq!((reminders(&app, &newcomer).await, reminders(&app, &support.specialist).await), (0, 1));
}
