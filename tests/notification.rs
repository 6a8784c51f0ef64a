//! Notifications: told once, to whom they concern, in the application and by mail as each person chooses.

use std::time::Duration as Wait;

use chrono::Duration;
use domain::notification::Content;
use domain::policy::{Action, Target};
use domain::team::Position;
use domain::user::Role;
use hourbank::usecase::notification::{Audience, Notice, notify};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::server::Server;
use crate::support::story::Support;

const LIST: &str = "query($filter: NotificationFilter, $first: Int, $after: String) {
    notifications(filter: $filter, first: $first, after: $after) {
        totalCount nodes { id kind title text subjectId readAt client { name } } pageInfo { endCursor hasNextPage } }
    viewer { unreadNotificationCount } }";

/// Tells both sides of a client in support; how many were told.
async fn tell(app: &TestApp, support: &Support, once: &str) -> usize {
    let call = app.system();
    let permit = call.permit(Action::MailSend, &Target::PROVIDER).unwrap();
    let mut tx = call.begin().await.unwrap();
    let notice = Notice {
        client: Some(support.client),
        audience: Audience::places(&[Position::ProjectManager])
            .and(Audience::owners())
            .and(Audience::people([support.owner.user.unwrap()])),
        content: Content::HoursNearlyUsed { client: "Ours".to_owned(), remaining_minutes: 90 },
        subject: Some(("Engagement", support.engagement.id.0)),
        once: once.to_owned(),
    };
    let told = notify(&call, &mut tx, notice).await.unwrap();
    tx.keep(&permit).await.unwrap();
    told
}

async fn list(app: &TestApp, actor: &Actor, variables: Value) -> Value {
    actor.ok(app, LIST, variables).await
}

/// B-6, L-3: each person is told once, sees their own alone, and marks it as read.
#[tokio::test]
async fn each_person_is_told_once() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    assert_eq!(tell(&app, &support, "a").await, 2);
    assert_eq!(tell(&app, &support, "a").await, 0, "the same is not told again");
    app.advance(Duration::minutes(1));
    assert_eq!(tell(&app, &support, "b").await, 2);
    let seen = list(&app, &support.owner, json!({"first": 1})).await;
    let told = &seen["notifications"];
    assert_eq!((&told["totalCount"], &told["pageInfo"]["hasNextPage"]), (&json!(2), &json!(true)));
    assert_eq!(told["nodes"][0]["kind"], "HOURS_NEARLY_USED");
    assert_eq!(told["nodes"][0]["client"]["name"], "Ours");
    assert_eq!(told["nodes"][0]["subjectId"], support.id());
    assert_eq!(seen["viewer"]["unreadNotificationCount"], 2);
    let older = list(&app, &support.owner, json!({"first": 1, "after": told["pageInfo"]["endCursor"]})).await;
    let (newest, oldest) = (&told["nodes"][0]["id"], &older["notifications"]["nodes"][0]["id"]);
    assert_ne!(newest, oldest);
    let mark = "mutation($input: NotificationsMarkInput!) { notificationsMark(input: $input) {
        markedCount viewer { unreadNotificationCount } errors { code field } } }";
    let marked = async |actor: &Actor, input: Value| {
        actor.ok(&app, mark, json!({"input": input})).await["notificationsMark"].clone()
    };
    assert_eq!(marked(&support.manager, json!({"ids": [newest]})).await["markedCount"], 0, "another's");
    let done = marked(&support.owner, json!({"upTo": oldest})).await;
    assert_eq!((&done["markedCount"], &done["viewer"]["unreadNotificationCount"]), (&json!(1), &json!(1)));
    assert_eq!(marked(&support.owner, json!({"upTo": newest})).await["markedCount"], 1);
    let unread = list(&app, &support.owner, json!({"filter": {"unread": true}})).await;
    assert_eq!(
        unread["notifications"],
        json!({"totalCount": 0, "nodes": [], "pageInfo": {"endCursor": null, "hasNextPage": false}})
    );
    assert_eq!(marked(&support.owner, json!({"ids": [newest], "read": false})).await["markedCount"], 1);
    assert_eq!(support.owner.codes(&app, mark, json!({"input": {}})).await, ["BAD_USER_INPUT"]);
    let missing = json!({"input": {"upTo": newest}});
    assert_eq!(support.manager.codes(&app, mark, missing).await, ["NOT_FOUND"]);
    let node = "query($id: ID!) { node(id: $id) { id ... on Notification { title(locale: RU) } } }";
    let own = support.owner.ok(&app, node, json!({"id": newest})).await;
    assert_eq!(own["node"]["title"], "Ours: использовано 80 % часов");
    assert_eq!(support.manager.codes(&app, node, json!({"id": newest})).await, ["NOT_FOUND"]);
    assert_eq!(
        app.staff(Role::Administrator).await.codes(&app, node, json!({"id": newest})).await,
        ["NOT_FOUND"]
    );
}

/// whoever no longer sees a client no longer sees what was told of it.
#[tokio::test]
async fn what_was_told_of_a_client_goes_with_the_right_to_see_it() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    tell(&app, &support, "a").await;
    assert_eq!(list(&app, &support.manager, json!({})).await["viewer"]["unreadNotificationCount"], 1);
    app.leave(&support.manager, support.client).await;
    let seen = list(&app, &support.manager, json!({})).await;
    assert_eq!(
        (&seen["notifications"]["totalCount"], &seen["viewer"]["unreadNotificationCount"]),
        (&json!(0), &json!(0))
    );
}

/// Whoever chose so gets no mail, and is told in the application all the same.
#[tokio::test]
async fn mails_are_each_persons_choice() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let choose = "mutation { notificationChoiceSet(input: {kind: HOURS_NEARLY_USED, byMail: false}) {
        viewer { notificationChoices { kind byMail } } errors { code } } }";
    let chosen = support.owner.ok(&app, choose, json!({})).await["notificationChoiceSet"]["viewer"].clone();
    let choices = chosen["notificationChoices"].as_array().unwrap();
    let by_mail = |choice: &&Value| choice["byMail"] == true;
    assert_eq!(choices.iter().filter(by_mail).count(), choices.len() - 1);
    assert_eq!(tell(&app, &support, "a").await, 2);
    let mails = app.mails().await;
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    let manager = support.manager.ok(&app, "{ viewer { user { email } } }", json!({})).await;
    assert_eq!(mail.to.as_str(), manager["viewer"]["user"]["email"]);
    assert!(mail.words.text.contains("https://hours.example"));
    assert_eq!(list(&app, &support.owner, json!({})).await["viewer"]["unreadNotificationCount"], 1);
}

/// L-3: what one is told arrives at once, and nobody else hears it.
#[tokio::test]
async fn notifications_are_pushed_to_their_person() {
    let app = TestApp::start().await;
    let (ours, other) = (app.support("Ours").await, app.support("Other").await);
    let server = Server::start(&app).await;
    let mut owner = server.socket(ours.owner.token.as_deref()).await;
    let mut stranger = server.socket(other.owner.token.as_deref()).await;
    for socket in [&mut owner, &mut stranger] {
        socket.subscribe("a", "subscription { notificationReceived { kind readAt } }").await;
    }
    tokio::time::sleep(Wait::from_millis(300)).await;
    tell(&app, &ours, "a").await;
    let pushed = timeout(Wait::from_secs(3), owner.next("a")).await.expect("a push");
    assert_eq!(pushed["data"]["notificationReceived"], json!({"kind": "HOURS_NEARLY_USED", "readAt": null}));
    assert!(timeout(Wait::from_millis(300), stranger.message()).await.is_err(), "a stranger hears nothing");
}
