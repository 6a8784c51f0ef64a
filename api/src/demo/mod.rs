//! `hourbank demo`: a believable provider at work, to be looked at, built against and tested with.
//!
//! Everything in it is made by the use-cases that the API calls, under the rights of the people of the story: three
//! months of it at a clock moved by hand ([`history`]), the rest while one watches ([`day`]). Texts are fixed and days
//! are counted back from today, so that a balance that is about to expire is so whenever the demonstration starts.
//! The database is the demonstration's own: a file made anew each time, or a PostgreSQL that must be empty.

mod clients;
mod day;
mod example;
pub mod history;
mod people;
mod sign_in;
mod text;
mod work;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app::App;
use crate::auth::Keys;
use crate::clock::Clock;
use crate::config::Config;
use crate::process;
use crate::store::Db;

pub use sign_in::{SignIn, sign_ins};

/// The database where no PostgreSQL is named.
const DATABASE: &str = "sqlite://hourbank-demo.db";
/// What lies beside a database file.
const BESIDE: [&str; 5] = ["-wal", "-shm", "-journal", ".signing-key", ".sealing-key"];

/// Makes the demonstration and serves it until it is told to stop; without a simulated day where `is_still`.
///
/// # Errors
/// The address or the database is taken, or something cannot be written.
pub async fn run(mut config: Config, tokens: Option<&Path>, is_still: bool) -> Result<(), String> {
    config.graphiql = true;
    config.introspection = true;
    // Nobody balances the load of a demonstration.
    config.stop_delay = 0;
    if config.database.starts_with("sqlite:") {
        config.database = DATABASE.to_owned();
    }
    let _lock = process::hold(&config)?;
    let listener = process::listen(&mut config).await?;
    clear(&config).await?;

    let cast = Arc::new(history::write(&config, Clock::System.now()).await?);
    let app = App::open_with(config.clone(), keys(&config)?).await?;
    let sign_ins = sign_ins(&app, &cast).await.map_err(|error| error.to_string())?;
    sign_in::print(&config, &sign_ins);
    if let Some(file) = tokens {
        sign_in::write(file, &sign_ins)?;
    }
    let examples = example::examples(&cast, &sign_ins);
    let day = (!is_still).then(|| tokio::spawn(day::work(Arc::clone(&app), cast)));
    let served = process::run(app, listener, examples).await;
    if let Some(day) = day {
        day.abort();
    }
    served
}

/// Takes away what an earlier demonstration left; a PostgreSQL that holds anything is refused.
async fn clear(config: &Config) -> Result<(), String> {
    let Some(file) = process::sqlite_path(config) else {
        let db = Db::open(&config.database, 1).await.map_err(|error| error.to_string())?;
        let is_empty = db.is_empty().await;
        db.close().await;
        return match is_empty.map_err(|error| error.to_string())? {
            true => Ok(()),
            false => Err("the demonstration fills an empty database only, and this one is not".to_owned()),
        };
    };
    let beside = BESIDE.iter().map(|ending| PathBuf::from(format!("{}{ending}", file.display())));
    for file in beside.chain([file.clone()]) {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(format!("{}: {error}", file.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The keys beside the file, or those named; on PostgreSQL keys that end with the process, where none are named.
fn keys(config: &Config) -> Result<Keys, String> {
    let is_named = config.signing_key_file.is_some() || config.sealing_key_file.is_some();
    if is_named || process::sqlite_path(config).is_some() { Keys::load(config) } else { Keys::ephemeral() }
}
