//! PostgreSQL says no: errors of every class on the way to a commit, locks that nobody gives back, no connection left.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};

use super::http::Client;
use super::postgres::{owner, world};
use super::world::World;

/// Makes the next inserts of time fail so often with an error of this code. A sequence counts: it outlives rollbacks.
fn fail_inserts(code: &str, times: u32) -> String {
    format!(
        "DROP SEQUENCE IF EXISTS fault CASCADE; CREATE SEQUENCE fault;
        CREATE OR REPLACE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('fault') <= {times} THEN RAISE EXCEPTION 'injected' USING ERRCODE = '{code}'; END IF;
            RETURN NULL; END $$;
        CREATE OR REPLACE TRIGGER fault AFTER INSERT ON time_entry FOR EACH ROW EXECUTE FUNCTION fault();"
    )
}

/// The same at the commit itself, where `act` happens.
fn at_commit(act: &str, times: u32) -> String {
    format!(
        "DROP SEQUENCE IF EXISTS fault CASCADE; CREATE SEQUENCE fault;
        CREATE OR REPLACE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('fault') <= {times} THEN {act}; END IF;
            RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER fault AFTER INSERT ON time_entry DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION fault();"
    )
}

const WELL: &str = "DROP TRIGGER IF EXISTS fault ON time_entry";

/// T68: lost races are run again unseen, what would fail again is told to come back, and a failed commit is unknown:
/// its key settles it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_postgresql_refuses_is_tried_again_or_told() {
    let Some((_turn, cluster, mut world)) = world("PostgreSQL: errors").await else { return };
    let fails = |code| fail_inserts(code, 4);
    for (sql, is_seen) in [
        // Serialization, deadlock, lock timeout: four in a row, the fifth attempt succeeds.
        (fails("40001"), false),
        (fails("40P01"), false),
        (fails("55P03"), false),
        // Statement timeout, disk full, too many connections.
        (fails("57014"), true),
        (fails("53100"), true),
        (fails("53300"), true),
        (at_commit("RAISE EXCEPTION 'injected' USING ERRCODE = '40001'", 3), true),
        (at_commit("PERFORM pg_terminate_backend(pg_backend_pid())", 3), true),
    ] {
        let quiet = world.load.settle(Duration::from_secs(30)).await;
        let before = world.load.retried();
        owner(&cluster, &format!("{WELL}; {sql}")).await;
        drop(quiet);
        world.round(async |_| Instant::now()).await;
        let is_told = world.load.retried() > before;
        assert_eq!(is_told, is_seen, "{sql}");
    }
}

/// T68: with every connection taken and a lock that nobody gives back, all are told to come again; none hangs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spent_pool_answers() {
    let Some((_turn, cluster, mut world)) = world("PostgreSQL: pool spent").await else { return };
    world
        .round(async |world| {
            let mut session = PgConnection::connect(&cluster.url()).await.expect("the database is there");
            session
                .execute("BEGIN; LOCK TABLE ledger_head, client IN ACCESS EXCLUSIVE MODE")
                .await
                .expect("a lock");
            let told = told(world).await;
            assert_eq!(told["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{told}");
            assert!(told["errors"][0]["extensions"]["retryAfterMs"].is_u64(), "{told}");
            session.close().await.expect("the lock goes");
            Instant::now()
        })
        .await;
    // And a database that acknowledges what it could still lose is not served at all.
    owner(&cluster, "ALTER ROLE hourbank SET synchronous_commit = off").await;
    let refused = world.server.verify();
    assert!(refused.as_ref().is_err_and(|why| why.contains("synchronous_commit is off")), "{refused:?}");
}

/// The first answer that is no success, to somebody who only reads.
async fn told(world: &World) -> Value {
    let begin = Instant::now();
    let mut reader = Client::new(world.server.address, Some(&world.admin_token));
    while begin.elapsed() < Duration::from_secs(12) {
        let asked = Instant::now();
        let answer = reader
            .post("{ clients { nodes { id hourBalances { version } } } }", &json!({}))
            .await
            .expect("an answer");
        assert!(asked.elapsed() < Duration::from_secs(8), "a reader waited for {:?}", asked.elapsed());
        if answer["errors"].is_array() {
            return answer;
        }
    }
    panic!("nobody is turned away");
}
