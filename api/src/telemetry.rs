//! What the process says of itself: lines on the standard error, `RUST_LOG` deciding how many.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Starts to say it. A person reads lines, a machine JSON.
pub fn start() {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Told where it cannot be told, a line that was not written would take the operation with it (T69: a full disk).
    let lines = lines.log_internal_errors(false);
    let done = if std::io::stderr().is_terminal() { lines.try_init() } else { lines.json().try_init() };
    if let Err(error) = done {
        eprintln!("hourbank: no log: {error}");
    }
}
