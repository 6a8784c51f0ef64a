//! `hourbank backup`: a copy of an SQLite database that is known to be good, made beside a running server (T72).
//!
//! The copy is written under a name of its own, looked through, recomputed as `verify` does, and only then given the name
//! that was asked for, once it lies on the disk: whatever stops this on the way, no file of that name is half a backup.
//! The keys beside a database are no part of it. PostgreSQL has its own programs for this, and is left to them.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::app::{App, Call};
use crate::auth::Keys;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::Error;
use crate::mail::Mailer;
use crate::store::{Db, backup};
use crate::{process, usecase};

const ON_POSTGRES: &str = "PostgreSQL is backed up by its own programs: `pg_dump -Fc -f FILE URL` makes a backup beside \
    running servers; `pg_restore --no-owner -d URL FILE` brings it into an empty database, then `hourbank verify`";

/// Copies the database of the settings into a file that must not exist yet.
///
/// # Errors
/// It is not SQLite, there is none, the file is there, cannot be written, or the copy is not good.
pub async fn run(config: &Config, file: &Path) -> Result<(), String> {
    if process::sqlite_path(config).is_none() {
        return Err(ON_POSTGRES.to_owned());
    }
    process::must_exist(config)?;
    refuse_existing(file)?;
    let partial = beside(file, ".partial");
    // Passwords' hashes are in it: it is its owner's alone.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial).map_err(|error| {
        format!("{}: {error} (left by a backup that was stopped, or one is at work)", partial.display())
    })?;
    let made = make(config, &partial, file).await;
    if made.is_err() {
        for ending in ["", "-wal", "-shm", "-journal"] {
            // What was not made need not go.
            let _ = fs::remove_file(beside(&partial, ending));
        }
    }
    made
}

async fn make(config: &Config, partial: &Path, file: &Path) -> Result<(), String> {
    let path = partial.to_str().ok_or("the file's name is not Unicode")?;
    let words = |error: crate::store::DbErr| Error::from(error).to_string();
    let db = Db::open(&config.database, 1).await.map_err(words)?;
    let copied = backup::copy(&db, path).await;
    db.close().await;
    copied.map_err(words)?;

    let url = format!("sqlite://{path}");
    check(Config { database: url.clone(), ..config.clone() }).await?;
    backup::mark(&url).await.map_err(words)?;
    let fault = |error: std::io::Error| format!("{}: {error}", file.display());
    File::open(partial).and_then(|copy| copy.sync_all()).map_err(fault)?;
    refuse_existing(file)?;
    fs::rename(partial, file).map_err(fault)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault)
}

/// Holds the copy against all that `verify` asks.
async fn check(config: Config) -> Result<(), String> {
    let db = Db::open(&config.database, 1).await.map_err(|error| Error::from(error).to_string())?;
    // Nothing is signed or mailed here, so the keys can be forgotten.
    let app = App::wire(config, db, Bus::local(), Clock::System, Keys::ephemeral()?, Mailer::memory());
    let verified = usecase::verify::verify(&Call::system(&app, "backup")).await;
    app.db.clone().close().await;
    match verified.map_err(|error| error.to_string())?.as_slice() {
        [] => Ok(()),
        faults => Err(format!("the copy is not kept, for it is not good:\n{}", faults.join("\n"))),
    }
}

fn refuse_existing(file: &Path) -> Result<(), String> {
    match fs::symlink_metadata(file) {
        Ok(_) => Err(format!("{} is there already, and a backup replaces nothing", file.display())),
        Err(_) => Ok(()),
    }
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
