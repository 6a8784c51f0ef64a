//! PostgreSQL: a server, a database and a network, each of which may go at any moment.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::time::sleep;

use super::cluster::{Cluster, Stop};
use super::figures::Figures;
use super::place::Place;
use super::proxy::{Order, Proxy, Weather};
use super::world::{Size, World};
use super::{Turn, count, pace, turn_on_postgres};

/// A connection that says nothing is given up with the operation on it, after ten seconds, and asked for one more.
const SILENCE: Duration = Duration::from_secs(15);

fn size() -> Size {
    Size { clients: 3, writers: 12, pace: pace(), pool: 8 }
}

/// T68, T56: a server killed in the middle of its writes has lost nothing of what it acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_on_postgresql() {
    let Some((_turn, _cluster, mut world)) = world("PostgreSQL: kill -9").await else { return };
    for _ in 0..count("postgres-kill", 2) {
        world
            .round(async |world| {
                world.server.kill();
                world.server.start();
                Instant::now()
            })
            .await;
    }
}

/// T68, T52: however PostgreSQL is stopped, the server outlives it, and is itself again once it is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_database_loses_nothing() {
    let Some((_turn, cluster, mut world)) = world("PostgreSQL: stopped").await else { return };
    for number in 0..count("restart", 3) {
        let how = [Stop::Fast, Stop::Immediate, Stop::Kill][number % 3];
        world
            .round(async |_| {
                tokio::task::block_in_place(|| {
                    cluster.down(how);
                    cluster.up();
                });
                Instant::now()
            })
            .await;
    }
}

/// T68, T52: connections that the database ends, the listening one among them, cost no more than a second try.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_connections_lose_nothing() {
    let Some((_turn, cluster, mut world)) = world("PostgreSQL: connection ended").await else { return };
    for number in 0..count("end", 3) {
        // In turn: one at random, the one that listens where one does, all of them.
        let which =
            ["ORDER BY random() LIMIT 1", "ORDER BY query ILIKE 'LISTEN%' DESC, random() LIMIT 1", ""]
                [number % 3];
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'hourbank%' {which}"
        );
        world
            .round(async |_| {
                owner(&cluster, &sql).await;
                Instant::now()
            })
            .await;
    }
}

/// T68: whatever the network does between server and database, an answer is true or leaves it open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_network_loses_nothing() {
    let Some(_turn) = turn_on_postgres().await else { return };
    let place = Place::new();
    let cluster = Cluster::start(&place);
    let proxy = Proxy::start(cluster.port()).await;
    let (direct, through) = (cluster.url(), cluster.url_at(proxy.port));
    let mut world = World::start(place, &direct, &through, size(), Figures::of("network: proxy")).await;
    for number in 0..count("proxy", 6) {
        let swallowed = proxy.swallowed();
        world
            .round_within(SILENCE, async |_| {
                match number % 6 {
                    0 => proxy.order(Order::Cut),
                    1 => {
                        proxy.weather(Weather::NoAnswerToCommit);
                        proxy.swallows(Duration::from_secs(5)).await;
                    }
                    2 => proxy.order(Order::HalfClose),
                    3 => {
                        proxy.weather(Weather::Slow(Duration::from_millis(200)));
                        sleep(Duration::from_millis(700)).await;
                        proxy.weather(Weather::Fair);
                    }
                    4 => {
                        proxy.weather(Weather::Hole);
                        proxy.order(Order::StandStill);
                        sleep(Duration::from_millis(1_500)).await;
                        proxy.weather(Weather::Fair);
                        proxy.order(Order::Cut);
                    }
                    _ => proxy.order(Order::StandStill),
                }
                Instant::now()
            })
            .await;
        assert_eq!(proxy.swallowed() - swallowed, u64::from(number % 6 == 1));
    }
}

/// A server on a cluster of its own, in its turn; none where SQLite is what is tested.
pub async fn world(name: &'static str) -> Option<(Turn, Cluster, World)> {
    let turn = turn_on_postgres().await?;
    let place = Place::new();
    let cluster = Cluster::start(&place);
    let url = cluster.url();
    let world = World::start(place, &url, &url, size(), Figures::of(name)).await;
    Some((turn, cluster, world))
}

/// Does what only the database's owner may, past the server.
pub async fn owner(cluster: &Cluster, sql: &str) {
    let mut session = PgConnection::connect(&cluster.url()).await.expect("the database is there");
    session.execute(AssertSqlSafe(sql)).await.expect("the owner may");
}
