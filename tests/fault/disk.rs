//! The disk under an SQLite file: full, broken, read-only, or another process's.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::{Connection, Executor, SqliteConnection};

use super::figures::Figures;
use super::http::Client;
use super::place::{Place, run};
use super::sqlite::{size, world};
use super::world::World;
use super::{count, turn_on_sqlite};

/// T69: on a full disk writes are told to come again, reads go on, and once there is room all is as before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing() {
    let Some(_turn) = turn_on_sqlite().await else { return };
    let place = Place::new();
    // A small disk, where this user may mount one.
    let disk = place.file("mount");
    if let Err(error) = mount(&disk) {
        eprintln!(
            "left out: no disk can be mounted here ({error}); the limit of a file's size stands for it"
        );
        return;
    }
    let url = format!("sqlite://{}", disk.join("hourbank.db").display());
    let mut world = World::start(place, &url, &url, size(), Figures::of("SQLite: disk full")).await;
    for _ in 0..count("sqlite-full", 2) {
        let filler = disk.join("filler");
        world
            .round(async |world| {
                fill(&filler);
                refuses_writes_and_reads_on(world).await;
                fs::remove_file(&filler).expect("there is room again");
                Instant::now()
            })
            .await;
    }
}

/// T69: a file system that takes no more of the file: the same, without being root.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_grow_loses_nothing() {
    let Some((_turn, mut world)) = world("SQLite: write errors").await else { return };
    for _ in 0..count("sqlite-limit", 2) {
        world
            .round(async |world| {
                world.server.limit_files("4096");
                refuses_writes_and_reads_on(world).await;
                world.server.limit_files("unlimited");
                Instant::now()
            })
            .await;
    }
}

/// T69: a second server on the same file is refused, and the first goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_has_one_server() {
    let Some((_turn, mut world)) = world("SQLite: second server").await else { return };
    world
        .round(async |world| {
            let refused = run(world.server.command("serve").env("HOURBANK_LISTEN", "127.0.0.1:0"));
            assert!(refused.as_ref().is_err_and(|why| why.contains("another process uses")), "{refused:?}");
            Instant::now()
        })
        .await;
}

/// T69: a file that may only be read is not served, which is said, and it stays as it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_read_only_is_not_served() {
    let Some(_turn) = turn_on_sqlite().await else { return };
    let place = Place::new();
    let disk = place.file("mount");
    let is_mounted = mount(&disk).is_ok();
    // Root may write any file of a disk that can be written.
    let allow = |writing: bool| {
        let mut command = Command::new(if is_mounted { "mount" } else { "chmod" });
        match (is_mounted, writing) {
            (true, true) => command.args(["-o", "remount,rw"]),
            (true, false) => command.args(["-o", "remount,ro"]),
            (false, true) => command.args(["-R", "u+w"]),
            (false, false) => command.args(["-R", "a-w"]),
        };
        run(command.arg(&disk)).expect("the disk is ours");
    };
    let url = format!("sqlite://{}", disk.join("hourbank.db").display());
    let mut world = World::start(place, &url, &url, size(), Figures::of("SQLite: read-only file")).await;
    world
        .round(async |world| {
            world.server.kill();
            allow(false);
            let refused = run(&mut world.server.command("serve"));
            assert!(refused.as_ref().is_err_and(|why| why.contains("hourbank.db")), "{refused:?}");
            allow(true);
            world.server.start();
            Instant::now()
        })
        .await;
}

/// T61: a balance that drifted from its movements is found by the program's own check, and so is its repair.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_programs_check_finds_a_drift() {
    let Some(_turn) = turn_on_sqlite().await else { return };
    let place = Place::new();
    let file = place.file("hourbank.db");
    let url = format!("sqlite://{}", file.display());
    let world = World::start(place, &url, &url, size(), Figures::of("SQLite: drift")).await;
    let quiet = world.load.settle(Duration::from_secs(30)).await;
    let mut owner = SqliteConnection::connect(&url).await.expect("the file is there");
    owner.execute("UPDATE period SET used_minutes = used_minutes + 1").await.expect("the owner may");
    let found = world.server.verify();
    assert!(found.as_ref().is_err_and(|said| said.contains("differences")), "{found:?}");
    owner.execute("UPDATE period SET used_minutes = used_minutes - 1").await.expect("the owner may");
    assert_eq!(world.server.verify(), Ok(()));
    drop(quiet);
}

/// Mounts a small disk, where this user may.
fn mount(folder: &Path) -> Result<String, String> {
    fs::create_dir(folder).expect("a folder is made");
    run(Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(folder))
}

/// Takes what room there is.
fn fill(path: &Path) {
    let mut file = fs::File::create(path).expect("the filler begins");
    let mut chunk = 1 << 20;
    while chunk > 0 {
        if file.write_all(&vec![0; chunk]).is_err() {
            chunk /= 2;
        }
    }
}

/// Waits until writes are turned away; reads are answered meanwhile.
async fn refuses_writes_and_reads_on(world: &World) {
    let from = world.load.retried();
    let begin = Instant::now();
    let mut reader = Client::new(world.server.address, Some(&world.admin_token));
    while world.load.retried() < from + 20 {
        let answer = reader.post("{ tariffs { id } }", &json!({})).await.expect("an answer");
        assert!(answer["data"]["tariffs"].is_array(), "reads go on: {answer}");
        assert!(begin.elapsed() < Duration::from_secs(20), "writes are not turned away");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
