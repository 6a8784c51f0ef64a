//! Mails: on their way, sent, and what they leave behind.

use std::sync::Arc;
use std::time::Duration as Wait;

use chrono::Duration;
use domain::user::Role;
use entity::{invitation, mail, user};
use hourbank::job;
use hourbank::mail::Mailer;
use hourbank::usecase;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use tokio::sync::watch;

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::people::{PASSWORD, opens, secret};

const INVITE: &str = "mutation($input: StaffInviteInput!) { staffInvite(input: $input) {
    invitationUrl errors { code } } }";
const ASK: &str =
    "mutation($email: String!) { passwordResetRequest(input: {email: $email}) { errors { code field } } }";
const RESET: &str = "mutation($token: String!, $password: String!) {
    passwordReset(input: {token: $token, password: $password}) { errors { code field } } }";

async fn invite(app: &TestApp, locale: &str) -> String {
    let admin = app.staff(Role::Administrator).await;
    let input = json!({"input": {"email": format!("{locale}@example.org"), "name": "Анна {link}", "role": "SALES", "locale": locale}});
    let made = admin.ok(app, INVITE, input).await;
    made["staffInvite"]["invitationUrl"].as_str().unwrap().to_owned()
}

fn failing(app: &TestApp, mails: usize) {
    let Mailer::Memory(outbox) = &app.app.mailer else { panic!("tests send into memory") };
    outbox.lock().unwrap().failing = mails;
}

/// T24, T67: an invitation is written in the recipient's language; its secret stands in the fragment; a name is no
/// template.
#[tokio::test]
async fn t24_an_invitation_is_mailed() {
    let app = TestApp::start().await;
    let (ru, en) = (invite(&app, "RU").await, invite(&app, "EN").await);
    assert!(ru.starts_with("https://hours.example/invitation#hbi_"));
    let mails = app.mails().await;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].words.subject, "Приглашение в Hourbank");
    assert_eq!(mails[1].words.subject, "Your invitation to Hourbank");
    assert!(mails[0].words.text.contains(&ru) && mails[1].words.text.contains(&en));
    assert!(mails[1].words.text.starts_with("Hello Анна {link},"));
    assert_eq!(app.mails().await.len(), 2, "sent once");
}

/// T35: neither links nor tokens nor passwords can be read in the tables, before or after a mail is sent.
#[tokio::test]
async fn t35_a_stolen_database_opens_nothing() {
    let app = TestApp::start().await;
    let link = invite(&app, "EN").await;
    let person = app.staff(Role::Sales).await;
    let email = app.give_password(&person).await;
    let (_, refresh) = app.sign_in(&email).await;
    let answer = app.refresh(&refresh).await;
    let successor = answer.data["tokenRefresh"]["refreshToken"].as_str().unwrap().to_owned();
    Actor::anonymous().ok(&app, ASK, json!({"email": email})).await;
    for sent in [false, true] {
        if sent {
            let reset = app.mails().await.into_iter().find(|mail| mail.to.as_str() == email).unwrap();
            assert!(reset.words.text.contains("/password-reset#hbi_"));
        }
        let mut dump = format!(
            "{:?}{:?}{:?}{:?}{:?}{:?}",
            mail::Entity::find().all(&app.database.db).await.unwrap(),
            invitation::Entity::find().all(&app.database.db).await.unwrap(),
            user::Entity::find().all(&app.database.db).await.unwrap(),
            entity::refresh_token::Entity::find().all(&app.database.db).await.unwrap(),
            entity::audit::Entity::find().all(&app.database.db).await.unwrap(),
            entity::idempotency::Entity::find().all(&app.database.db).await.unwrap(),
        );
        for row in mail::Entity::find().all(&app.database.db).await.unwrap() {
            assert_eq!(row.sealed.is_empty(), sent, "what was sent is forgotten");
            dump.push_str(&String::from_utf8_lossy(&row.sealed));
        }
        for row in entity::refresh_token::Entity::find().all(&app.database.db).await.unwrap() {
            dump.push_str(&String::from_utf8_lossy(&row.successor_sealed.unwrap_or_default()));
        }
        for canary in [secret(&link).as_str(), &refresh, &successor, PASSWORD, "hbi_", "hbr_"] {
            assert!(!dump.contains(canary), "{canary}");
        }
    }
    app.advance(Duration::minutes(1));
    usecase::sweep::run(&app.system()).await.unwrap();
    let tokens = entity::refresh_token::Entity::find().all(&app.database.db).await.unwrap();
    assert!(tokens.iter().all(|token| token.successor_sealed.is_none()), "kept for its ten seconds only");
}

/// T31: asking for a new password is one answer and the same work, and mails nobody who is not there.
#[tokio::test]
async fn t31_asking_for_a_new_password_tells_nothing() {
    let app = TestApp::start().await;
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    let mut seen = Vec::new();
    for email in [email.as_str(), "nobody@example.org"] {
        let ask = Actor::anonymous();
        let (statements, answer) = app.count(ask.run(&app, ASK, json!({"email": email}))).await;
        assert_eq!(answer.codes(), Vec::<String>::new());
        seen.push((statements, answer.data));
    }
    assert_eq!(seen[0], seen[1]);
    let mails = app.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to.as_str(), email);
    for _ in 0..5 {
        Actor::anonymous().ok(&app, ASK, json!({"email": email})).await;
    }
    assert_eq!(app.mails().await.len(), 3, "three links in a quarter of an hour are enough");
    assert_eq!(Actor::anonymous().codes(&app, ASK, json!({"email": "no address"})).await, ["INVALID"]);
}

/// T34, T30: a reset works once, within an hour, the newest link alone, and ends every sign-in.
#[tokio::test]
async fn t34_a_reset_works_once() {
    let app = TestApp::start().await;
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    let (access, _) = app.sign_in(&email).await;
    let nobody = Actor::anonymous();
    let mut links = Vec::new();
    for _ in 0..2 {
        nobody.ok(&app, ASK, json!({"email": email})).await;
        links.push(secret(&app.mails().await.last().unwrap().words.text));
    }
    let reset = |token: &str, password: &str| json!({"token": token, "password": password});
    assert_eq!(nobody.codes(&app, RESET, reset(&links[0], "quite another sentence")).await, ["LINK_EXPIRED"]);
    assert_eq!(nobody.codes(&app, RESET, reset(&links[1], "password1234")).await, ["WEAK_PASSWORD"]);
    assert!(opens(&app, &access).await);
    nobody.ok(&app, RESET, reset(&links[1], "quite another sentence")).await;
    assert!(!opens(&app, &access).await);
    assert_eq!(nobody.codes(&app, RESET, reset(&links[1], "quite another sentence")).await, ["LINK_EXPIRED"]);
    assert_eq!(app.try_sign_in("192.0.2.1", &email, PASSWORD).await.codes(), ["SIGN_IN_FAILED"]);

    nobody.ok(&app, ASK, json!({"email": email})).await;
    let link = secret(&app.mails().await.last().unwrap().words.text);
    app.advance(Duration::minutes(60));
    assert_eq!(nobody.codes(&app, RESET, reset(&link, "yet another sentence")).await, ["LINK_EXPIRED"]);
}

/// T64: a mail that could not be sent is tried again, later each time, and is one mail.
#[tokio::test]
async fn t64_a_mail_is_tried_until_it_is_sent() {
    let app = TestApp::start().await;
    invite(&app, "EN").await;
    failing(&app, 2);
    assert_eq!(app.mails().await.len(), 0);
    assert_eq!(app.mails().await.len(), 0, "not before its time");
    let row = mail::Entity::find().one(&app.database.db).await.unwrap().unwrap();
    assert_eq!((row.attempts, row.sent_at, row.last_error.is_some()), (1, None, true));
    app.advance(Duration::minutes(1));
    assert_eq!(app.mails().await.len(), 0);
    app.advance(Duration::minutes(2));
    assert_eq!(app.mails().await.len(), 1);
    let row = mail::Entity::find().one(&app.database.db).await.unwrap().unwrap();
    assert_eq!((row.attempts, row.sent_at, row.last_error), (3, Some(app.now()), None));
    app.advance(Duration::days(31));
    usecase::sweep::run(&app.system()).await.unwrap();
    assert_eq!(mail::Entity::find().count(&app.database.db).await.unwrap(), 0);
}

/// T64: any number of senders at once send each mail once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t64_senders_share_the_mails() {
    let app = Arc::new(TestApp::start().await);
    for _ in 0..30 {
        let admin = app.staff(Role::Administrator).await;
        let email = format!("{}@example.org", uuid::Uuid::new_v4());
        admin.ok(&app, INVITE, json!({"input": {"email": email, "name": "N", "role": "SALES"}})).await;
    }
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let app = Arc::clone(&app);
            tokio::spawn(async move { usecase::mail::send_due(&app.system()).await.unwrap() })
        })
        .collect();
    let mut sent = 0;
    for sender in senders {
        sent += sender.await.unwrap();
    }
    assert_eq!((sent, app.mails().await.len()), (30, 30));
}

/// A refused change mails nobody.
#[tokio::test]
async fn a_refused_invitation_mails_nobody() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let input =
        json!({"input": {"email": "x@example.org", "name": " ", "role": "SALES", "capacityMinutes": -5}});
    assert_eq!(admin.codes(&app, INVITE, input).await, ["INVALID", "INVALID"]);
    assert_eq!(mail::Entity::find().count(&app.database.db).await.unwrap(), 0);
    assert_eq!(invitation::Entity::find().count(&app.database.db).await.unwrap(), 0);
}

/// The jobs send what is posted as soon as it is, and stop when they are told to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_jobs_run_on_a_nudge_and_stop() {
    let app = TestApp::start().await;
    let (stop, stopped) = watch::channel(false);
    let jobs = tokio::spawn(job::run(Arc::clone(&app.app), job::JOBS, stopped));
    // The timers' first run is over before anything is posted.
    tokio::time::sleep(Wait::from_millis(300)).await;
    invite(&app, "EN").await;
    let sent = async {
        while mail::Entity::find().one(&app.database.db).await.unwrap().unwrap().sent_at.is_none() {
            tokio::time::sleep(Wait::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Wait::from_secs(10), sent).await.expect("sent on the nudge, before the timer");
    stop.send(true).unwrap();
    tokio::time::timeout(Wait::from_secs(10), jobs).await.expect("the jobs stop").unwrap();
}

/// T24: mails written into a folder are their owner's alone.
#[tokio::test]
async fn t24_the_mail_folder_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let app = TestApp::start().await;
    invite(&app, "RU").await;
    let message = app.mails().await.remove(0);
    let folder = std::env::temp_dir().join(format!("hourbank-mail-{}", uuid::Uuid::new_v4().simple()));
    let mailer = Mailer::folder(&folder, "hours@hours.example".parse().unwrap());
    mailer.send(&message).await.unwrap();
    mailer.send(&message).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap()).collect();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    let text = std::fs::read_to_string(files[0].path()).unwrap();
    assert!(text.contains("\r\nTo: RU@example.org\r\n") && text.contains("/invitation#hbi_"));
    std::fs::remove_dir_all(&folder).unwrap();
}
