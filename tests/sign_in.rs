//! Signing in, staying in, and being out.

use std::sync::Arc;
use std::time::{Duration as Wait, Instant};

use chrono::Duration;
use domain::user::{Role, UserStatus};
use entity::{audit, refresh_token, sign_in};
use hourbank::usecase;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::people::{PASSWORD, opens, tokens};

const HERE: &str = "192.0.2.1";

/// e-mail and password give tokens, and the same answer tells who one is, in their own eyes.
#[tokio::test]
async fn a3_email_and_password_open_the_api() {
    let app = TestApp::start().await;
    let person = app.staff(Role::Specialist).await;
    let email = app.give_password(&person).await;
    let answer = app.try_sign_in(HERE, &email.to_uppercase(), PASSWORD).await;
    let payload = &answer.data["signIn"];
    assert_eq!(payload["errors"], json!([]));
    assert_eq!(payload["viewer"]["role"], "SPECIALIST");
    assert_eq!(payload["viewer"]["user"]["email"], json!(email));
    assert_eq!(payload["expiresAt"], "2026-03-11T12:10:00.000Z");
    let (access, _) = tokens(payload);
    let viewer =
        Actor::holding(&access).ok(&app, "{ viewer { user { id } viewedBy { id } } }", json!({})).await;
    assert_eq!(viewer["viewer"], json!({"user": {"id": person.id()}, "viewedBy": null}));
    app.advance(Duration::seconds(631));
    assert!(!opens(&app, &access).await, "an access token lives ten minutes, and half a minute of leeway");
}

/// T31: unknown, wrong, shut out and not yet come are one answer, after the same work.
#[tokio::test]
async fn t31_nobody_learns_who_exists() {
    let app = TestApp::start().await;
    let known = app.give_password(&app.staff(Role::Sales).await).await;
    let mut emails = vec![known.clone(), "nobody@example.org".to_owned(), "no address".to_owned()];
    for status in [UserStatus::Disabled, UserStatus::Invited] {
        let person = app.staff(Role::Sales).await;
        emails.push(app.give_password(&person).await);
        let mut row = app.user_row(person.user.unwrap()).await.into_active_model();
        row.status = Set(status);
        row.update(&app.database.db).await.unwrap();
    }
    let mut answers = Vec::new();
    for (at, email) in emails.iter().enumerate() {
        let password = if at == 0 { "wrong horse battery" } else { PASSWORD };
        let (statements, answer) = app.count(app.try_sign_in(HERE, email, password)).await;
        assert_eq!(answer.codes(), ["SIGN_IN_FAILED"], "{email}");
        answers.push((statements, answer.data));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");

    let mut took = [Vec::new(), Vec::new()];
    for _ in 0..9 {
        for (email, took) in [known.as_str(), "nobody@example.org"].into_iter().zip(&mut took) {
            let start = Instant::now();
            app.try_sign_in(&format!("198.51.100.{}", took.len() + 1), email, "wrong horse battery").await;
            took.push(start.elapsed());
        }
    }
    let [known, nobody] = took.map(median);
    let ratio = known.as_secs_f64() / nobody.as_secs_f64();
    assert!((0.5..2.0).contains(&ratio), "{known:?} against {nobody:?}");
}

fn median(mut times: Vec<Wait>) -> Wait {
    times.sort_unstable();
    times[times.len() / 2]
}

/// T32: guessing at an account is stopped for the address it comes from, not for others, and not for long.
#[tokio::test]
async fn t32_guessing_is_stopped_and_nobody_is_locked_out_by_others() {
    let app = TestApp::start().await;
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    for _ in 0..10 {
        assert_eq!(app.try_sign_in(HERE, &email, "wrong horse battery").await.codes(), ["SIGN_IN_FAILED"]);
    }
    for password in ["wrong horse battery", PASSWORD] {
        assert_eq!(app.try_sign_in(HERE, &email, password).await.codes(), ["TOO_MANY_ATTEMPTS"]);
    }
    assert_eq!(app.try_sign_in("192.0.2.2", &email, PASSWORD).await.codes(), Vec::<String>::new());
    app.advance(Duration::minutes(16));
    assert_eq!(app.try_sign_in(HERE, &email, PASSWORD).await.codes(), Vec::<String>::new());
    usecase::sweep::run(&app.system()).await.unwrap();
    let left = entity::sign_in_attempt::Entity::find().all(&app.database.db).await.unwrap();
    assert_eq!(left.len(), 1, "what is not counted any more is forgotten");
}

/// T32: one address that tries many accounts is stopped at all of them.
#[tokio::test]
async fn t32_spraying_is_stopped() {
    let app = TestApp::start().await;
    for number in 0..100 {
        let row = entity::sign_in_attempt::Model {
            id: uuid::Uuid::now_v7(),
            account_key: format!("{number}@example.org"),
            address: HERE.to_owned(),
            succeeded: false,
            at: app.now(),
        };
        row.into_active_model().reset_all().insert(&app.database.db).await.unwrap();
    }
    assert_eq!(app.try_sign_in(HERE, "fresh@example.org", PASSWORD).await.codes(), ["TOO_MANY_ATTEMPTS"]);
    assert_eq!(app.try_sign_in("192.0.2.2", "fresh@example.org", PASSWORD).await.codes(), ["SIGN_IN_FAILED"]);
}

/// T32: tries at the same moment are counted one by one.
#[tokio::test]
async fn t32_many_guesses_at_once_are_counted() {
    let app = Arc::new(TestApp::start().await);
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    let tries: Vec<_> = (0..30)
        .map(|_| {
            let (app, email) = (Arc::clone(&app), email.clone());
            tokio::spawn(async move { app.try_sign_in(HERE, &email, "wrong horse battery").await.codes() })
        })
        .collect();
    let mut failed = 0;
    for one in tries {
        failed += usize::from(one.await.unwrap() == ["SIGN_IN_FAILED"]);
    }
    assert_eq!(failed, 10);
}

/// T33: a password of a megabyte is no work.
#[tokio::test]
async fn t33_a_giant_password_is_refused() {
    let app = TestApp::start().await;
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    assert_eq!(app.try_sign_in(HERE, &email, &"x".repeat(1 << 20)).await.codes(), ["SIGN_IN_FAILED"]);
}

/// T11: one operation signs in once.
#[tokio::test]
async fn t11_one_operation_signs_in_once() {
    let app = TestApp::start().await;
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    let twice = "mutation($input: SignInInput!) { a: signIn(input: $input) { accessToken errors { code } }
        b: signIn(input: $input) { accessToken errors { code } } }";
    let input = json!({"input": {"email": email, "password": PASSWORD}});
    let answer = Actor::anonymous().run(&app, twice, input).await;
    assert_eq!(answer.codes(), ["BAD_USER_INPUT"]);
    assert!(answer.data["a"]["accessToken"].is_string() && answer.data["b"].is_null());
}

/// A-3, T29: for ten seconds a spent token gives the successor that it gave before.
#[tokio::test]
async fn a3_a_lost_answer_can_be_asked_for_again() {
    let app = TestApp::start().await;
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    let (_, first) = app.sign_in(&email).await;
    let (_, second) = tokens(&app.refresh(&first).await.data["tokenRefresh"]);
    assert_ne!(first, second);
    app.advance(Duration::seconds(9));
    let (access, again) = tokens(&app.refresh(&first).await.data["tokenRefresh"]);
    assert_eq!(again, second);
    assert!(opens(&app, &access).await);
    let (_, third) = tokens(&app.refresh(&second).await.data["tokenRefresh"]);
    assert_ne!(third, second);
}

/// T28: a spent token that comes back later ends the whole sign-in, is on record, and its owner is told.
#[tokio::test]
async fn t28_a_copied_token_ends_the_family() {
    let app = TestApp::start().await;
    let person = app.staff(Role::Sales).await;
    let email = app.give_password(&person).await;
    let (_, first) = app.sign_in(&email).await;
    let (other, _) = app.sign_in(&email).await;
    let (access, second) = tokens(&app.refresh(&first).await.data["tokenRefresh"]);
    app.advance(Duration::seconds(11));
    assert!(opens(&app, &access).await);
    assert_eq!(app.refresh(&first).await.codes(), ["LINK_EXPIRED"]);
    assert!(!opens(&app, &access).await, "at once");
    assert_eq!(app.refresh(&second).await.codes(), ["LINK_EXPIRED"]);
    assert!(opens(&app, &other).await, "the other sign-in is another family");
    let ended = sign_in::Entity::find()
        .filter(sign_in::Column::EndReason.eq("REFRESH_TOKEN_REUSED"))
        .all(&app.database.db)
        .await
        .unwrap();
    assert_eq!(ended.len(), 1);
    let record = audit::Entity::find()
        .filter(audit::Column::Before.contains("REFRESH_TOKEN_REUSED"))
        .all(&app.database.db)
        .await
        .unwrap();
    assert_eq!(record.len(), 1);
    let mails = app.mails().await;
    assert_eq!(mails.len(), 1, "refused again, it is not told again");
    assert_eq!(mails[0].to.as_str(), email);
}

/// T29: many refreshes of one token at once make one successor and end nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t29_refreshes_at_once_share_one_successor() {
    let app = Arc::new(TestApp::start().await);
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    let (_, first) = app.sign_in(&email).await;
    let all: Vec<_> = (0..50)
        .map(|_| {
            let (app, first) = (Arc::clone(&app), first.clone());
            tokio::spawn(async move { tokens(&app.refresh(&first).await.data["tokenRefresh"]).1 })
        })
        .collect();
    let mut successors = std::collections::BTreeSet::new();
    for one in all {
        successors.insert(one.await.unwrap());
    }
    assert_eq!(successors.len(), 1);
    assert_eq!(refresh_token::Entity::find().all(&app.database.db).await.unwrap().len(), 2);
    app.advance(Duration::seconds(5));
    assert_eq!(app.refresh(successors.first().unwrap()).await.codes(), Vec::<String>::new());
}

/// a refresh token lives thirty days unused; each use gives thirty more.
#[tokio::test]
async fn a3_a_sign_in_ends_when_it_is_not_used() {
    let app = TestApp::start().await;
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    let (_, token) = app.sign_in(&email).await;
    app.advance(Duration::days(29));
    let (access, token) = tokens(&app.refresh(&token).await.data["tokenRefresh"]);
    assert!(opens(&app, &access).await);
    app.advance(Duration::days(29));
    let (_, token) = tokens(&app.refresh(&token).await.data["tokenRefresh"]);
    app.advance(Duration::days(30));
    assert_eq!(app.refresh(&token).await.codes(), ["LINK_EXPIRED"]);
    assert_eq!(app.refresh("hbr_unknown").await.codes(), ["LINK_EXPIRED"]);
}

/// signing out ends the whole sign-in at once, and no other.
#[tokio::test]
async fn a5_signing_out_ends_the_sign_in() {
    let app = TestApp::start().await;
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    let (access, token) = app.sign_in(&email).await;
    let (other, _) = app.sign_in(&email).await;
    let document = "mutation { signOut { errors { code } } }";
    Actor::holding(&access).ok(&app, document, json!({})).await;
    assert!(!opens(&app, &access).await);
    assert_eq!(app.refresh(&token).await.codes(), ["LINK_EXPIRED"]);
    assert!(opens(&app, &other).await);
    assert_eq!(Actor::anonymous().codes(&app, document, json!({})).await, ["UNAUTHENTICATED"]);
}

/// T30: a new password ends every earlier sign-in and begins a new one; the old password must be known.
#[tokio::test]
async fn t30_a_new_password_ends_all_sign_ins() {
    let app = TestApp::start().await;
    let email = app.give_password(&app.staff(Role::Sales).await).await;
    let (access, token) = app.sign_in(&email).await;
    let change = "mutation($input: PasswordChangeInput!) { passwordChange(input: $input) {
        accessToken refreshToken viewer { role } errors { code field } } }";
    let input = |current: &str, new: &str| json!({"input": {"currentPassword": current, "newPassword": new}});
    let me = Actor::holding(&access).from(HERE);
    let refused = me.run(&app, change, input("wrong horse battery", "short")).await;
    assert_eq!(refused.codes(), ["SIGN_IN_FAILED", "WEAK_PASSWORD"]);
    assert!(opens(&app, &access).await);
    let done = me.ok(&app, change, input(PASSWORD, "quite another sentence")).await;
    let (fresh, _) = tokens(&done["passwordChange"]);
    assert!(!opens(&app, &access).await && opens(&app, &fresh).await);
    assert_eq!(app.refresh(&token).await.codes(), ["LINK_EXPIRED"]);
    assert_eq!(app.try_sign_in(HERE, &email, PASSWORD).await.codes(), ["SIGN_IN_FAILED"]);
    let answer = app.try_sign_in(HERE, &email, "quite another sentence").await;
    assert_eq!(answer.codes(), Vec::<String>::new());
}
