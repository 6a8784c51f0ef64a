//! SQLite: one process, one file, one disk.

use std::time::Instant;

use super::figures::Figures;
use super::place::Place;
use super::world::{Size, World};
use super::{Turn, count, pace, turn_on_sqlite};

pub fn size() -> Size {
    Size { clients: 2, writers: 8, pace: pace(), pool: 4 }
}

/// A server on a file of its own, in its turn; none where PostgreSQL is what is tested.
pub async fn world(name: &'static str) -> Option<(Turn, World)> {
    let turn = turn_on_sqlite().await?;
    let place = Place::new();
    let url = format!("sqlite://{}", place.file("hourbank.db").display());
    Some((turn, World::start(place, &url, &url, size(), Figures::of(name)).await))
}

/// T68, T56, T52: a server killed in the middle of its writes has lost nothing of what it acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_on_sqlite() {
    let Some((_turn, mut world)) = world("SQLite: kill -9").await else { return };
    for _ in 0..count("sqlite-kill", 3) {
        world
            .round(async |world| {
                world.server.kill();
                world.server.start();
                Instant::now()
            })
            .await;
    }
}
