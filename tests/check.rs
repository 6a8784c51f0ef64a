//! The daily checks of projects, and clients that nothing happens with.

use chrono::{Duration, NaiveDate};
use domain::engagement::EngagementStatus;
use domain::team::Position;
use domain::user::Role;
use entity::{daily_check, notification, service};
use hourbank::graphql::id::Identified;
use hourbank::usecase::check;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::story::Support;

async fn run(app: &TestApp) -> usize {
    check::run(&app.system()).await.unwrap()
}

async fn told(app: &TestApp, kind: &str) -> u64 {
    notification::Entity::find()
        .filter(notification::Column::Kind.eq(kind))
        .count(&app.database.db)
        .await
        .unwrap()
}

async fn hold_a_meeting(app: &TestApp, support: &Support) {
    let plan = "mutation($input: MeetingPlanInput!) { meetingPlan(input: $input) { meeting { id version } errors { code } } }";
    let input = json!({"engagementId": support.id(), "startsAt": app.now() - Duration::hours(1)});
    let made = support.manager.ok(app, plan, json!({"input": input})).await["meetingPlan"]["meeting"].clone();
    let hold = "mutation($id: ID!, $input: MeetingHoldInput!) { meetingHold(id: $id, input: $input) { errors { code } } }";
    let outcome = json!({"id": made["id"], "input": {"expectedVersion": made["version"]}});
    support.manager.ok(app, hold, outcome).await;
}

/// at 18:00 of a working day each project is checked once for work and once for contact, and each failure told by
/// itself; neither on a weekend; services that are not set so are left alone.
#[tokio::test]
async fn q1_projects_are_checked_at_six() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let manager = app.on_team(Role::ProjectManager, client).await;
    app.join(&manager, client, Position::ImplementationSpecialist).await;
    let quality = app.staff(Role::QualityManager).await;
    let project = app.engagement(client, "JAM_STANDARD", EngagementStatus::Active).await;
    app.engagement(client, "SAM_QUICK_START", EngagementStatus::Active).await;
    // Wednesday, 15:00 in Moscow: the newest hour that has come is yesterday's.
    assert_eq!(run(&app).await, 2, "no work and no contact yesterday");
    assert_eq!((told(&app, "WORK_MISSING").await, told(&app, "CONTACT_MISSING").await), (2, 2));
    assert_eq!(run(&app).await, 0, "once a day");
    let log = async |activity: &str| {
        let input = json!({"input": {"engagementId": project.id.global().0, "minutes": 30,
            "workedOn": app.now().date_naive(), "activity": activity, "note": "Work"}});
        manager.ok(&app, "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) { errors { code } } }", input).await;
    };
    log("CONFIGURATION").await;
    app.advance(Duration::hours(3));
    assert_eq!(run(&app).await, 1, "worked, but without contact");
    assert_eq!((told(&app, "WORK_MISSING").await, told(&app, "CONTACT_MISSING").await), (2, 4));
    app.advance(Duration::days(1));
    log("CHAT_SUPPORT").await;
    assert_eq!(run(&app).await, 0, "time in the chat is work and contact");
    let friday: NaiveDate = "2026-03-13".parse().unwrap();
    app.advance(Duration::days(2));
    assert_eq!(app.now().date_naive(), friday + Duration::days(1));
    assert_eq!(run(&app).await, 2, "Friday, which was missed");
    app.advance(Duration::days(1));
    assert_eq!(run(&app).await, 0, "nothing is checked on a weekend");
    let days: Vec<NaiveDate> = daily_check::Entity::find()
        .all(&app.database.db)
        .await
        .unwrap()
        .into_iter()
        .map(|check| check.day)
        .collect();
    assert_eq!(days.len(), 4);
    assert!(days.contains(&friday));
    let seen = quality.ok(&app, "{ notifications { totalCount } }", json!({})).await;
    assert_eq!(seen["notifications"]["totalCount"], 5, "the quality manager as well");
}

/// a comment that the client can read is contact, an internal one is not; another service is checked once it is set
/// so.
#[tokio::test]
async fn q1_contact_is_what_the_client_can_read() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let (_, tasks) = app.tasks(support.client, 1).await;
    service::Entity::update_many()
        .col_expr(service::Column::DailyChecks, Expr::value(true))
        .exec(&app.database.db)
        .await
        .unwrap();
    let say = async |internal: bool| {
        let input =
            json!({"input": {"subjectId": tasks[0].global().0, "body": "Hello", "internal": internal}});
        support
            .manager
            .ok(
                &app,
                "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { errors { code } } }",
                input,
            )
            .await;
    };
    app.advance(Duration::days(1));
    say(true).await;
    app.advance(Duration::hours(4));
    assert_eq!(run(&app).await, 2);
    assert_eq!(told(&app, "CONTACT_MISSING").await, 1, "the project manager");
    app.advance(Duration::hours(20));
    say(false).await;
    app.advance(Duration::hours(4));
    run(&app).await;
    assert_eq!(told(&app, "CONTACT_MISSING").await, 1);
    assert_eq!(told(&app, "WORK_MISSING").await, 2);
    // Monday.
    app.advance(Duration::hours(68));
    hold_a_meeting(&app, &support).await;
    app.advance(Duration::hours(4));
    run(&app).await;
    assert_eq!(told(&app, "CONTACT_MISSING").await, 1, "a meeting is contact");
    assert_eq!(told(&app, "WORK_MISSING").await, 3);
}

/// after five working days without a task, comment or time the account manager hears of it, once for each stretch.
#[tokio::test]
async fn q2_an_idle_client_is_reported_once() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let account = app.on_team(Role::AccountManager, support.client).await;
    assert_eq!(run(&app).await, 0, "it has just begun");
    let (_, tasks) = app.tasks(support.client, 1).await;
    app.advance(Duration::days(7));
    assert_eq!(run(&app).await, 0, "Wednesday to Wednesday: four working days in between");
    app.advance(Duration::days(1));
    assert_eq!((run(&app).await, run(&app).await), (1, 0));
    app.advance(Duration::days(1));
    assert_eq!(run(&app).await, 0, "the same stretch");
    let seen = account.ok(&app, "{ notifications { nodes { kind text(locale: EN) } } }", json!({})).await;
    let text = seen["notifications"]["nodes"][0]["text"].as_str().unwrap();
    assert!(text.contains("since 11 March 2026"), "{text}");
    let urgent =
        "mutation($id: ID!) { taskUrgentSet(id: $id, input: {urgent: true}) { errors { code message } } }";
    support.owner.ok(&app, urgent, json!({"id": tasks[0].global().0})).await;
    assert_eq!(run(&app).await, 0);
    app.advance(Duration::days(14));
    assert_eq!(run(&app).await, 1, "a stretch of its own");
    hold_a_meeting(&app, &support).await;
    app.advance(Duration::days(7));
    assert_eq!(run(&app).await, 0, "a meeting was held four working days ago");
}
