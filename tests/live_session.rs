//! What becomes of open sockets when their caller's session ends, or cannot be told.

use std::time::Duration;

use chrono::TimeDelta;
use domain::user::Role;
use serde_json::json;
use tokio::time::timeout;

use crate::support::http::JSON;
use crate::support::toy::{Toy, toy, toy_with};
use crate::support::wire::Wire;

const TICKS: &str = "subscription { ticks { at } }";

/// The toy, looking at its sessions often.
async fn watchful() -> Toy {
    toy_with(|limits| limits.session_check = Duration::from_millis(50), |_| {}).await
}

/// T49: signing out closes the sockets of that sign-in, and no others.
#[tokio::test]
async fn t49_a_sign_in_that_ends_closes_its_sockets() {
    let toy = watchful().await;
    let mut gone = toy.socket().await;
    let mut other = Wire::ready(toy.address, Some(&toy.other().await)).await;
    for socket in [&mut gone, &mut other] {
        socket.subscribe("1", TICKS).await;
        socket.next("1").await;
    }
    toy.app.end_sign_ins(&toy.user).await;
    assert_eq!(timeout(Duration::from_secs(2), gone.closed()).await, Ok(Some(4403)));
    other.next("1").await;
    assert_eq!(toy.query("{ hello }").await.status, 401);
}

/// T49, A-5: a sign-in that another server ended closes its sockets here within five seconds.
#[tokio::test]
async fn t49_a_sign_in_that_ends_elsewhere_closes_its_sockets_in_time() {
    let toy = toy().await;
    let mut socket = toy.socket().await;
    toy.app.end_sign_ins_elsewhere(&toy.user).await;
    assert_eq!(timeout(Duration::from_secs(5), socket.closed()).await, Ok(Some(4403)));
}

/// T49: a token that ends closes its socket, and the next token opens another with everything anew.
#[tokio::test]
async fn t49_a_token_that_ends_closes_its_socket() {
    let toy = watchful().await;
    let short = toy.app.token(&toy.user, TimeDelta::minutes(10)).await;
    let mut socket = Wire::ready(toy.address, Some(&short)).await;
    socket.subscribe("1", TICKS).await;
    socket.next("1").await;
    toy.app.advance(TimeDelta::minutes(9));
    socket.next("1").await;
    toy.app.advance(TimeDelta::minutes(1));
    assert_eq!(timeout(Duration::from_secs(2), socket.closed()).await, Ok(Some(4403)));

    let renewed = toy.app.token(&toy.user, TimeDelta::minutes(10)).await;
    let mut socket = Wire::ready(toy.address, Some(&renewed)).await;
    socket.subscribe("1", TICKS).await;
    socket.next("1").await;
    toy.app.advance(TimeDelta::minutes(11));
    let mut late = Wire::greeting(toy.address, Some(&short)).await;
    assert_eq!(late.closed().await, Some(4403), "a token long over opens nothing");
}

/// T44: a subscription that loses its right in its course closes the socket.
#[tokio::test]
async fn t44_a_lost_right_closes_the_socket() {
    let toy = toy().await;
    let mut loser = toy.socket().await;
    loser.subscribe("1", "subscription { loses }").await;
    assert_eq!(loser.next("1").await["data"]["loses"], 1);
    assert_eq!(loser.closed().await, Some(4403));
}

/// T68: with the database away nobody is told that their token is bad; open sockets go on, new ones come again.
#[tokio::test]
async fn t68_a_caller_that_cannot_be_told_comes_again() {
    let toy = watchful().await;
    let mut open = toy.socket().await;
    let unseen = toy.other().await;
    toy.app.lose_sign_ins().await;

    let reply = toy.post_as(&unseen, &json!({"query": "{ hello }"})).await;
    assert_eq!(
        (reply.status, reply.code().as_str(), reply.header("retry-after")),
        (503, "UNAVAILABLE", Some("1"))
    );
    let mut socket = Wire::greeting(toy.address, Some(&unseen)).await;
    assert_eq!(socket.closed().await, Some(1013));
    let anonymous = toy.send("POST", "/graphql", &[JSON], r#"{"query":"{ hello }"}"#).await;
    assert_eq!(anonymous.status, 200);

    toy.app.advance(TimeDelta::zero());
    open.subscribe("1", TICKS).await;
    for _ in 0..10 {
        open.next("1").await;
    }
}

/// T51: a principal and an address hold so many sockets and event streams at once; one that ends makes room.
#[tokio::test]
async fn t51_sockets_are_counted_by_principal_and_by_address() {
    let toy = toy_with(
        |limits| {
            limits.sockets_per_principal = 2;
            limits.sockets_per_address = 4;
        },
        |_| {},
    )
    .await;
    let (first, _second) = (toy.socket().await, toy.socket().await);
    let mut third = Wire::greeting(toy.address, Some(&toy.token)).await;
    assert_eq!(third.closed().await, Some(4429));
    drop(third);
    let events = async || {
        let bearer = format!("Bearer {}", toy.token);
        let headers = [JSON, ("accept", "text/event-stream"), ("authorization", bearer.as_str())];
        toy.send("POST", "/graphql", &headers, r#"{"query":"subscription { count(to: 1) }"}"#).await
    };
    let reply = events().await;
    assert_eq!((reply.status, reply.code().as_str()), (429, "RATE_LIMITED"));

    let other = toy.app.staff(Role::Sales).await;
    let others = [
        Wire::ready(toy.address, other.token.as_deref()).await,
        Wire::ready(toy.address, other.token.as_deref()).await,
    ];
    let refused = Wire::open(toy.address, &[]).await.err().expect("the address is full");
    assert!(refused.contains("503"), "{refused}");
    let reply = events().await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "UNAVAILABLE"));
    assert_eq!(toy.query("{ hello }").await.status, 200, "requests are not counted");

    drop((first, others));
    let back = async {
        while events().await.status != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(3), back).await.expect("places are given back");
}
