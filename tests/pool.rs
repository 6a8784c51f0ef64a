//! Connections to the database, when there are few.

use std::time::Duration as Wait;

use chrono::Duration;
use entity::client;
use hourbank::store::Flat;
use hourbank::store::flat::Text;
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;
use serde_json::json;
use tokio::time::{interval, sleep};

use crate::support::app::TestApp;

/// T68: whoever holds a connection waits for no second one, or a pool that is all lent stands still; not even where a
/// month has ended and what follows from it is read as well.
#[tokio::test]
async fn one_connection_is_enough() {
    let app = TestApp::start_with(|config| config.pool = 1).await;
    let support = app.support("Ours").await;
    let written = Expr::value("crm-1");
    client::Entity::update_many()
        .col_expr(client::Column::ExternalId, written)
        .exec(&app.database.db)
        .await
        .unwrap();
    app.settle(&support.owner).await;
    app.advance(Duration::days(30));
    let hours = "hourBalances { remainingMinutes } team { position user { name } } plans { title }";
    for document in [
        format!("{{ client(by: {{externalId: \"crm-1\"}}) {{ {hours} }} }}"),
        format!("{{ clients(first: 5) {{ totalCount nodes {{ {hours} }} }} }}"),
    ] {
        let data = support.manager.ok(&app, &document, json!({})).await;
        assert!(!data["client"].is_null() || data["clients"]["totalCount"] == 1, "{data}");
    }
}

/// T68: where all connections are busy the database is asked by whoever has one; where nobody is answered it is away.
#[tokio::test]
async fn a_busy_database_is_not_an_absent_one() {
    let app = TestApp::start_with(|config| config.pool = 1).await;
    let most = app.app.db.pools()[0].most;
    let mut lent = Vec::new();
    for _ in 0..most {
        lent.push(Flat::lend(&app.app.db).await.unwrap());
    }
    let mut one = lent.pop().unwrap();
    let limit = Wait::from_millis(300);
    assert!(!app.app.db.answers(limit).await, "nobody is answered");
    let asking = async {
        let mut often = interval(Wait::from_millis(20));
        loop {
            often.tick().await;
            one.read(Text::same("SELECT 1"), &[], |_| Ok(())).await.unwrap();
        }
    };
    tokio::select! {
        () = asking => {}
        answers = app.app.db.answers(limit) => assert!(answers, "somebody is answered"),
    }
    let failing = async {
        one.read(Text::same("SELECT nothing"), &[], |_| Ok(())).await.unwrap_err();
        sleep(limit * 2).await;
    };
    tokio::select! {
        () = failing => {}
        answers = app.app.db.answers(limit) => assert!(!answers, "a failure is no answer"),
    }
    drop((one, lent));
    assert!(app.app.db.answers(limit).await);
}
