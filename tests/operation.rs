//! What keeps the rest running, as an administrator sees it: mails given up, jobs and how they do.

use std::sync::Arc;

use chrono::Duration;
use domain::user::Role;
use hourbank::job;
use hourbank::mail::Mailer;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::support::actor::Actor;
use crate::support::app::TestApp;

const MAILS: &str = "query($status: MailStatus) { mails(status: $status) {
    totalCount nodes { id kind recipient status attempts nextTryAt lastError sentAt } } }";
const RETRY: &str = "mutation($id: ID!) { mailRetry(id: $id) { mail { status attempts } errors { code } } }";

async fn mails(app: &TestApp, admin: &Actor, status: &str) -> Value {
    admin.ok(app, MAILS, json!({"status": status})).await["mails"].clone()
}

/// T64, T65: a mail that cannot be sent is given up after ten attempts; an administrator is told, sees why, and has it
/// sent once the fault is mended.
#[tokio::test]
async fn t65_a_mail_given_up_is_sent_again_by_hand() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let invite = "mutation { staffInvite(input: {email: \"new@example.org\", name: \"N\", role: SALES}) { errors { code } } }";
    admin.ok(&app, invite, json!({})).await;
    let Mailer::Memory(outbox) = &app.app.mailer else { panic!("tests send into memory") };
    outbox.lock().unwrap().failing = 10;
    for attempt in 1..=10 {
        app.mails().await;
        let status = if attempt < 10 { "WAITING" } else { "FAILED" };
        let found = mails(&app, &admin, status).await;
        let mail =
            found["nodes"].as_array().unwrap().iter().find(|mail| mail["kind"] == "INVITATION").unwrap();
        assert_eq!((&mail["attempts"], mail["nextTryAt"].is_null()), (&json!(attempt), attempt == 10));
        assert!(mail["lastError"].as_str().unwrap().contains("outbox"));
        if attempt < 10 {
            let id = mail["id"].clone();
            assert_eq!(admin.codes(&app, RETRY, json!({"id": id})).await, ["WRONG_STATUS"]);
            app.advance(Duration::minutes(1 << attempt));
        }
    }
    let told = admin.ok(&app, "{ notifications { nodes { kind subjectId } } }", json!({})).await;
    let failed = mails(&app, &admin, "FAILED").await["nodes"][0].clone();
    assert_eq!(told["notifications"]["nodes"], json!([{"kind": "MAIL_FAILED", "subjectId": failed["id"]}]));
    app.advance(Duration::days(3));
    let before = app.mails().await;
    assert!(before.iter().all(|mail| mail.to.as_str() != "new@example.org"), "it is left to a person");
    let again = admin.ok(&app, RETRY, json!({"id": failed["id"]})).await;
    assert_eq!(again["mailRetry"]["mail"], json!({"status": "WAITING", "attempts": 0}));
    assert!(app.mails().await.iter().any(|mail| mail.to.as_str() == "new@example.org"));
    assert_eq!(mails(&app, &admin, "FAILED").await["totalCount"], 0);
    let manager = app.staff(Role::ProjectManager).await;
    assert_eq!(manager.codes(&app, RETRY, json!({"id": failed["id"]})).await, ["FORBIDDEN"]);
}

/// Each job says when it ran, when it runs next and what went wrong.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_say_how_they_do() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let list = "{ jobs { name everySeconds lastRunAt nextRunAt failedAt lastError } }";
    assert_eq!(admin.ok(&app, list, json!({})).await["jobs"], json!([]));
    job::once(&app.app, &job::JOBS[0]).await.unwrap();
    let by_hand = admin.ok(&app, list, json!({})).await["jobs"].clone();
    assert_eq!((&by_hand[0]["name"], &by_hand[1]), (&json!(job::JOBS[0].name), &Value::Null));
    let (stop, stopped) = watch::channel(false);
    let jobs = tokio::spawn(job::run(Arc::clone(&app.app), job::JOBS, stopped));
    let all = async {
        loop {
            let jobs = admin.ok(&app, list, json!({})).await["jobs"].clone();
            if jobs.as_array().is_some_and(|rows| rows.len() == job::JOBS.len()) {
                return jobs;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let seen = tokio::time::timeout(std::time::Duration::from_secs(10), all).await.expect("every job ran");
    stop.send(true).unwrap();
    jobs.await.unwrap();
    for job in seen.as_array().unwrap() {
        assert!(job["lastRunAt"].is_string() && job["failedAt"].is_null(), "{job}");
        assert!(job["nextRunAt"].as_str() > job["lastRunAt"].as_str(), "{job}");
    }
}
