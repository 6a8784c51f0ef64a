//! Live: balances, tasks, time and plans as they change.

use std::time::Duration as Wait;

use chrono::Duration;
use domain::team::Position;
use domain::user::Role;
use entity::{client, user};
use hourbank::graphql::id::Identified;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::app::TestApp;
use crate::support::server::Server;
use crate::support::story::Support;
use crate::support::wire::Wire;

const WATCH: &str = "subscription($client: ID) { hourBalanceChanged(clientId: $client) {
    id remainingMinutes usedMinutes overageMinutes version warnings { kind } period { number } } }";

async fn log(app: &TestApp, support: &Support, minutes: i32) -> Value {
    let document = "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) {
        timeEntry { id } hourBalance { remainingMinutes version } errors { code } } }";
    let input = json!({"input": {"engagementId": support.id(), "workedOn": app.now().format("%Y-%m-%d").to_string(),
        "minutes": minutes, "activity": "MEETING", "note": "Met"}});
    support.manager.ok(app, document, input).await["timeEntryCreate"].clone()
}

/// The next balance, or none within a moment.
async fn pushed(socket: &mut Wire, id: &str) -> Option<Value> {
    let next = timeout(Wait::from_millis(1500), socket.next(id)).await.ok()?;
    Some(next["data"]["hourBalanceChanged"].clone())
}

/// L-1, B-3, T53: the balance at once, then its whole new state after each movement, equal to what a query reads.
#[tokio::test]
async fn a_balance_is_pushed_as_it_moves() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let server = Server::start(&app).await;
    let mut socket = server.socket(support.owner.token.as_deref()).await;
    socket.subscribe_with("a", WATCH, json!({"client": support.client.global().0})).await;
    let first = pushed(&mut socket, "a").await.expect("the balance at once");
    assert_eq!((first["remainingMinutes"].clone(), first["version"].clone()), (json!(1200), json!(0)));
    let mut versions = vec![0];
    for minutes in [10, 20, 1200] {
        let logged = log(&app, &support, minutes).await;
        let push = pushed(&mut socket, "a").await.expect("a push after a movement");
        assert_eq!(push["version"], logged["hourBalance"]["version"]);
        assert_eq!(push["remainingMinutes"], logged["hourBalance"]["remainingMinutes"]);
        assert_eq!(push["id"], first["id"]);
        versions.push(push["version"].as_i64().unwrap());
    }
    assert!(versions.is_sorted(), "{versions:?}");
    let read = support
        .owner
        .ok(&app, "{ clients { nodes { hourBalances { overageMinutes warnings { kind } } } } }", json!({}))
        .await;
    let balance = &read["clients"]["nodes"][0]["hourBalances"][0];
    assert_eq!(
        balance,
        &json!({"overageMinutes": 30, "warnings": [{"kind": "NEARLY_USED"}, {"kind": "ALL_USED"}]})
    );
}

/// L-1: a slow reader gets the newest value, not a queue of old ones; nothing that says the same is sent twice.
#[tokio::test]
async fn a_slow_reader_gets_the_newest_state() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let server = Server::start(&app).await;
    let mut socket = server.socket(support.owner.token.as_deref()).await;
    socket.subscribe_with("a", WATCH, json!({"client": support.client.global().0})).await;
    pushed(&mut socket, "a").await.expect("the balance at once");
    let writes = (0..40).map(|_| log(&app, &support, 1));
    futures_util::future::join_all(writes).await;
    let mut last = Value::Null;
    let mut count = 0;
    while let Some(push) = pushed(&mut socket, "a").await {
        assert!(push["version"].as_i64() > last["version"].as_i64(), "{push} behind {last}");
        last = push;
        count += 1;
        if last["usedMinutes"] == 40 {
            break;
        }
    }
    assert_eq!(last["remainingMinutes"], 1160);
    assert!(count <= 40);
    app.app.bus.publish(&[hourbank::bus::Topic::Everything]);
    assert_eq!(pushed(&mut socket, "a").await, None, "nothing new to say");
}

/// L-1, B-4: when the month ends the balance changes by the clock alone, before anybody has written it.
#[tokio::test]
async fn the_clock_pushes_a_new_month() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let owner = app.token(&support.owner, Duration::days(100)).await;
    let server = Server::start(&app).await;
    let mut socket = server.socket(Some(&owner)).await;
    socket.subscribe_with("a", WATCH, json!({"client": support.client.global().0})).await;
    pushed(&mut socket, "a").await.expect("the balance at once");
    app.advance(Duration::days(25));
    let push = pushed(&mut socket, "a").await.expect("a push by the clock");
    assert_eq!((push["period"]["number"].clone(), push["remainingMinutes"].clone()), (json!(2), json!(0)));
}

/// L-2: without a client, of every client that the caller sees, also as they come and go.
#[tokio::test]
async fn clients_come_and_go() {
    let app = TestApp::start().await;
    let (ours, other) = (app.support("Ours").await, app.support("Other").await);
    let server = Server::start(&app).await;
    let mut socket = server.socket(ours.manager.token.as_deref()).await;
    socket.subscribe_with("a", WATCH, json!({})).await;
    pushed(&mut socket, "a").await.expect("the balance at once");
    log(&app, &other, 5).await;
    assert_eq!(pushed(&mut socket, "a").await, None, "another's client moves unseen");
    app.join(&ours.manager, other.client, Position::Assistant).await;
    let push = pushed(&mut socket, "a").await.expect("the new client's balance at once");
    assert_eq!(push["usedMinutes"], 5);
    log(&app, &other, 7).await;
    assert_eq!(pushed(&mut socket, "a").await.expect("a push")["usedMinutes"], 12);
    app.leave(&ours.manager, other.client).await;
    log(&app, &other, 1).await;
    assert_eq!(pushed(&mut socket, "a").await, None, "a client that is gone moves unseen");
    log(&app, &ours, 3).await;
    assert_eq!(pushed(&mut socket, "a").await.expect("one's own goes on")["usedMinutes"], 3);
}

/// T44, A-5: another's balance is refused; a right lost in the middle ends the stream within five seconds.
#[tokio::test]
async fn a_right_lost_ends_the_stream() {
    let app = TestApp::start().await;
    let (ours, other) = (app.support("Ours").await, app.support("Other").await);
    let server = Server::start(&app).await;
    let mut stranger = server.socket(other.owner.token.as_deref()).await;
    stranger.subscribe_with("a", WATCH, json!({"client": ours.client.global().0})).await;
    let refused = stranger.next("a").await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "NOT_FOUND");
    let mut socket = server.socket(ours.specialist.token.as_deref()).await;
    socket.subscribe_with("a", WATCH, json!({"client": ours.client.global().0})).await;
    pushed(&mut socket, "a").await.expect("the balance at once");
    app.leave(&ours.specialist, ours.client).await;
    let closed = timeout(Wait::from_secs(5), socket.closed()).await.expect("closed within five seconds");
    assert_eq!(closed, Some(4403));
}

/// L-3: tasks, time and plans are pushed to whoever may read them, with the rights of the moment.
#[tokio::test]
async fn work_is_pushed_to_those_who_may_read_it() {
    let app = TestApp::start().await;
    let (ours, other) = (app.support("Ours").await, app.support("Other").await);
    let (_, tasks) = app.tasks(ours.client, 1).await;
    let server = Server::start(&app).await;
    let mut owner = server.socket(ours.owner.token.as_deref()).await;
    let mut stranger = server.socket(other.owner.token.as_deref()).await;
    for socket in [&mut owner, &mut stranger] {
        socket.subscribe("time", "subscription { timeEntryChanged { minutes note correctedAt } }").await;
        socket.subscribe("task", "subscription { taskChanged { id title status } }").await;
    }
    let plan = ours.owner.ok(&app, "{ clients { nodes { plans { id } } } }", json!({})).await;
    let plan = plan["clients"]["nodes"][0]["plans"][0]["id"].clone();
    let watch_plan = "subscription($id: ID!) { planChanged(planId: $id) { id } }";
    let mut planner = server.socket(ours.owner.token.as_deref()).await;
    planner.subscribe_with("plan", watch_plan, json!({"id": plan})).await;
    stranger.subscribe_with("plan", watch_plan, json!({"id": plan})).await;
    assert_eq!(stranger.next("plan").await["errors"][0]["extensions"]["code"], "NOT_FOUND");
    assert_eq!(stranger.message().await["type"], "complete");
    tokio::time::sleep(Wait::from_millis(300)).await;
    log(&app, &ours, 25).await;
    let time = timeout(Wait::from_secs(3), owner.next("time")).await.expect("a push");
    assert_eq!(time["data"]["timeEntryChanged"], json!({"minutes": 25, "note": "Met", "correctedAt": null}));
    let urgent =
        "mutation($id: ID!) { taskUrgentSet(id: $id, input: {urgent: true}) { errors { code message } } }";
    ours.owner.ok(&app, urgent, json!({"id": tasks[0].global().0})).await;
    let task = timeout(Wait::from_secs(3), owner.next("task")).await.expect("a push");
    assert_eq!(task["data"]["taskChanged"]["id"], json!(tasks[0].global().0));
    let changed = timeout(Wait::from_secs(3), planner.next("plan")).await.expect("a push");
    assert_eq!(changed["data"]["planChanged"]["id"], plan);
    assert!(timeout(Wait::from_millis(500), stranger.message()).await.is_err(), "a stranger hears nothing");
}

/// T49, A-5: a socket of somebody who is shut out closes within five seconds.
#[tokio::test]
async fn whoever_is_shut_out_is_cut_off() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let admin = app.staff(Role::Administrator).await;
    let server = Server::start(&app).await;
    let mut socket = server.socket(support.owner.token.as_deref()).await;
    socket.subscribe_with("a", WATCH, json!({"client": support.client.global().0})).await;
    pushed(&mut socket, "a").await.expect("the balance at once");
    let disable = "mutation($id: ID!) { userDisable(id: $id) { errors { code message } } }";
    admin.ok(&app, disable, json!({"id": support.owner.user.unwrap().global().0})).await;
    let closed = timeout(Wait::from_secs(5), socket.closed()).await.expect("closed within five seconds");
    assert_eq!(closed, Some(4403));
}

/// a right lost counts from the next event on, in what hangs on it as well.
#[tokio::test]
async fn each_event_is_shown_with_the_rights_of_its_moment() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let seller = app.staff(Role::Sales).await;
    client::Entity::update_many()
        .col_expr(client::Column::CreatedBy, Expr::value(seller.user.unwrap()))
        .exec(&app.database.db)
        .await
        .unwrap();
    app.join(&seller, support.client, Position::Reviewer).await;
    let server = Server::start(&app).await;
    let mut socket = server.socket(seller.token.as_deref()).await;
    socket.subscribe("time", "subscription { timeEntryChanged { minutes note } }").await;
    tokio::time::sleep(Wait::from_millis(300)).await;
    log(&app, &support, 5).await;
    let time = timeout(Wait::from_secs(3), socket.next("time")).await.expect("a push");
    assert_eq!(time["data"]["timeEntryChanged"], json!({"minutes": 5, "note": "Met"}));
    app.leave(&seller, support.client).await;
    log(&app, &support, 6).await;
    let time = timeout(Wait::from_secs(3), socket.next("time")).await.expect("a push");
    assert_eq!(time["data"]["timeEntryChanged"], json!({"minutes": 6, "note": null}));
    assert_eq!(time["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

/// T45: each event is read anew: a person renamed between two of them has the new name.
#[tokio::test]
async fn t45_each_event_is_read_anew() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let server = Server::start(&app).await;
    let mut socket = server.socket(support.owner.token.as_deref()).await;
    socket.subscribe("time", "subscription { timeEntryChanged { user { name } } }").await;
    tokio::time::sleep(Wait::from_millis(300)).await;
    for name in ["Anna", "Anna Petrova"] {
        user::Entity::update_many()
            .col_expr(user::Column::Name, Expr::value(name))
            .filter(user::Column::Id.eq(support.manager.user.unwrap()))
            .exec(&app.database.db)
            .await
            .unwrap();
        log(&app, &support, 5).await;
        let time = timeout(Wait::from_secs(3), socket.next("time")).await.expect("a push");
        assert_eq!(time["data"]["timeEntryChanged"]["user"]["name"], name);
    }
}
