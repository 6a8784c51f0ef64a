//! Backups: whole, checked, made while people write; and what becomes of a damaged one (T72).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::user::Role;
use entity::time_entry;
use hourbank::app::{App, Call};
use hourbank::auth::Keys;
use hourbank::backup;
use hourbank::graphql::id::Identified;
use hourbank::usecase::verify::verify;
use sea_orm::{EntityTrait, QuerySelect};
use serde_json::json;
use tokio::time::sleep;

use crate::support::app::{TestApp, config};
use crate::support::database::{fresh, fresh_on_sqlite, fresh_unmigrated, is_on_postgres, of_bytes};
use crate::support::server::Server;
use crate::support::story::Support;

/// Entries acknowledged to whoever logs them, while something is done to the database.
struct Writing<'a> {
    app: &'a TestApp,
    support: &'a Support,
    acknowledged: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

impl<'a> Writing<'a> {
    fn new(app: &'a TestApp, support: &'a Support) -> Self {
        Self { app, support, acknowledged: Mutex::default(), is_over: AtomicBool::new(false) }
    }

    async fn write(&self) {
        let log = "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) {
            timeEntry { id } errors { code } } }";
        while !self.is_over.load(Ordering::SeqCst) {
            let input = json!({"input": {"engagementId": self.support.id(), "workedOn": "2026-03-11", "minutes": 1,
                "activity": "TESTING", "note": "Tested"}});
            let made = self.support.specialist.ok(self.app, log, input).await;
            let id = made["timeEntryCreate"]["timeEntry"]["id"].as_str().unwrap().to_owned();
            self.acknowledged.lock().unwrap().push(id);
        }
    }

    /// What is acknowledged once so many are.
    async fn after(&self, count: usize) -> Vec<String> {
        loop {
            let acknowledged = self.acknowledged.lock().unwrap().clone();
            if acknowledged.len() >= count {
                return acknowledged;
            }
            sleep(Duration::from_millis(5)).await;
        }
    }
}

/// The restored application holds what was acknowledged, verifies, and is served.
async fn is_whole(restored: &TestApp, support: &Support, acknowledged: &[String]) {
    restored.app.accept().await.unwrap();
    assert_eq!(verify(&restored.system()).await.unwrap(), Vec::<String>::new());
    let entries = time_entry::Entity::find().select_only().column(time_entry::Column::Id);
    let entries: Vec<domain::id::TimeEntryId> =
        entries.into_tuple().all(&restored.database.db).await.unwrap();
    let there: Vec<String> = entries.iter().map(|id| id.global().0).collect();
    let lost: Vec<_> = acknowledged.iter().filter(|id| !there.contains(id)).collect();
    assert!(lost.is_empty(), "{lost:?} of {}", acknowledged.len());

    let owner = restored.contact(Role::ClientOwner, support.client).await;
    let server = Server::start(restored).await;
    let document = "{ clients { nodes { hourBalances { usedMinutes } } } }";
    let answer = server.post(owner.token.as_deref(), document, json!({})).await.json();
    let used = answer["data"]["clients"]["nodes"][0]["hourBalances"][0]["usedMinutes"].as_u64();
    assert!(used >= u64::try_from(acknowledged.len()).ok(), "{answer}");
}

/// T72: what was acknowledged before a backup began is in it, while others go on writing, time after time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_beside_writers_is_whole() {
    let app = TestApp::on(fresh_on_sqlite().await, |_| {}).await;
    let support = app.support("Ours").await;
    let folder = folder_of(&app);
    let writing = Writing::new(&app, &support);
    let backing_up = async {
        let mut made = Vec::new();
        for count in [20, 40] {
            let acknowledged = writing.after(count).await;
            let file = folder.join(format!("backup-{count}.db"));
            backup::run(&app.app.config, &file).await.unwrap();
            made.push((file, acknowledged));
        }
        writing.is_over.store(true, Ordering::SeqCst);
        made
    };
    let (made, ()) = tokio::join!(backing_up, writing.write());
    for (file, acknowledged) in made {
        let restored = TestApp::on(of_bytes(&std::fs::read(&file).unwrap()).await, |_| {}).await;
        is_whole(&restored, &support, &acknowledged).await;
    }
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("partial")), "{left:?}");
}

/// T72: nothing is replaced, and a database that is not there is not made by asking for its backup.
#[tokio::test]
async fn a_backup_replaces_nothing() {
    let app = TestApp::on(fresh_on_sqlite().await, |_| {}).await;
    let file = folder_of(&app).join("backup.db");
    std::fs::write(&file, "precious").unwrap();
    let refused = backup::run(&app.app.config, &file).await.unwrap_err();
    assert!(refused.contains("is there already"), "{refused}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");

    let missing = folder_of(&app).join("missing.db");
    let absent = config(&format!("sqlite://{}", missing.display()));
    let refused = backup::run(&absent, &folder_of(&app).join("other.db")).await.unwrap_err();
    assert!(refused.contains("there is no database"), "{refused}");
    assert!(!missing.exists());
    let elsewhere = config("postgres://127.0.0.1/hourbank");
    assert!(backup::run(&elsewhere, &file).await.unwrap_err().contains("pg_dump"));
}

/// T72: a backup that was cut or overwritten is refused by whoever would use it.
#[tokio::test]
async fn a_damaged_backup_is_refused() {
    let app = TestApp::on(fresh_on_sqlite().await, |_| {}).await;
    for number in 0..40 {
        app.client(&format!("Client {number}")).await;
    }
    let file = folder_of(&app).join("backup.db");
    backup::run(&app.app.config, &file).await.unwrap();
    let good = std::fs::read(&file).unwrap();
    let (third, half) = (good.len() / 3, good.len() / 2);
    let mut overwritten = good.clone();
    overwritten[third..half].fill(0xa5);
    let mut foreign = good.clone();
    foreign[..100].fill(b'x');
    for (what, bytes) in [("cut", &good[..half]), ("overwritten", &overwritten), ("foreign", &foreign)] {
        let path = folder_of(&app).join(format!("{what}.db"));
        std::fs::write(&path, bytes).unwrap();
        let opened =
            App::open_with(config(&format!("sqlite://{}", path.display())), Keys::ephemeral().unwrap());
        let Ok(opened) =
            opened.await.inspect_err(|fault| assert!(fault.contains("damaged"), "{what}: {fault}"))
        else {
            continue;
        };
        let refused = opened.accept().await.unwrap_err();
        assert!(refused.contains("damaged"), "{what}: {refused}");
        let verified = verify(&Call::system(&opened, "test")).await;
        assert!(verified.as_ref().is_ok_and(|faults| !faults.is_empty()) || verified.is_err(), "{what}");
    }
}

/// T72: on PostgreSQL its own programs do it, in the way that the manual says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_beside_writers_is_whole() {
    let (Some(dump), Some(restore)) = (program("pg_dump"), program("pg_restore")) else {
        eprintln!("left out: PostgreSQL's programs are not here");
        return;
    };
    if !is_on_postgres() {
        return;
    }
    let app = TestApp::on(fresh().await, |_| {}).await;
    let support = app.support("Ours").await;
    let file = std::env::temp_dir().join(format!("hourbank-{}.dump", uuid::Uuid::new_v4().simple()));
    let writing = Writing::new(&app, &support);
    let dumping = async {
        let acknowledged = writing.after(20).await;
        let mut command = Command::new(dump);
        command.arg("-Fc").arg("-f").arg(&file).arg(&app.database.url);
        succeeds(command).await;
        writing.is_over.store(true, Ordering::SeqCst);
        acknowledged
    };
    let (acknowledged, ()) = tokio::join!(dumping, writing.write());
    let empty = fresh_unmigrated().await;
    let mut command = Command::new(restore);
    command.args(["--no-owner", "-d", &empty.url]).arg(&file);
    succeeds(command).await;
    std::fs::remove_file(&file).unwrap();
    is_whole(&TestApp::on(empty, |_| {}).await, &support, &acknowledged).await;
}

async fn succeeds(mut command: Command) {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A program of the newest PostgreSQL installed.
fn program(name: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|version| {
            let path = version.ok()?.path();
            let number = path.file_name()?.to_str()?.parse().ok()?;
            Some((number, path.join("bin").join(name)))
        })
        .filter(|(_, path)| path.exists())
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path)
}

/// Where the test's own database lies; it goes with it.
fn folder_of(app: &TestApp) -> PathBuf {
    let path = app.database.url.strip_prefix("sqlite://").expect("a file");
    Path::new(path).parent().expect("a folder").to_owned()
}
