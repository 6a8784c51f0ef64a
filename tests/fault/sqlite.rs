//! SQLite: one process, one file, one disk.

use std::time::Instant;

use super::figures::Figures;
use super::place::Place;
use super::world::{Size, World};
use super::{count, is_postgres, pace, turn};

pub fn size() -> Size {
    Size { clients: 2, writers: 8, pace: pace(), pool: 4 }
}

/// T68, T56, T52: a server killed in the middle of its writes has lost nothing of what it acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_on_sqlite() {
    if is_postgres() {
        return;
    }
    let _turn = turn().await;
    let place = Place::new();
    let url = format!("sqlite://{}", place.file("hourbank.db").display());
    let mut world = World::start(place, &url, &url, size(), Figures::of("SQLite: kill -9")).await;
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
