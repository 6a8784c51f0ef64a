//! What the process says of itself: lines on the standard error, and traces where a collector is named.
//!
//! Both are fed by the same spans. A span `request` (or `job`) is around everything that serves it, so that each line
//! has the request's id; `operation` and `transaction` inside it are made only where traces are kept or the log is at
//! `debug`. Libraries are heard from `warn` on: what they say below quotes what they work on, and none of it may be
//! logged (T24). What goes into a line is chosen by name, never a whole value; texts of faults go through
//! [`crate::error::unquoted`] first. Nothing forges a line (T67).

mod line;
mod otlp;
mod trace;

use std::any::Any;
use std::io::IsTerminal;
use std::panic::PanicHookInfo;

use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Config, LogFormat, LogLevel};
use line::OneLine;
pub use otlp::Exporter;
pub use trace::Traces;

/// What has been started, to be ended with the process.
pub struct Telemetry {
    exporter: Option<Exporter>,
}

/// Starts to say it; within the runtime where traces are to be kept.
pub fn start(config: &Config) -> Telemetry {
    let (traces, exporter) = match &config.traces {
        None => (None, None),
        Some(collector) => {
            let (traces, exporter) = Exporter::start(collector.clone(), config.traces_percent);
            (Some(traces), Some(exporter))
        }
    };
    let is_json = match config.log_format {
        LogFormat::Auto => !std::io::stderr().is_terminal(),
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let lines = lines(config.log, is_json, std::io::stderr);
    if let Err(error) = tracing_subscriber::registry().with(lines).with(traces.map(spans)).try_init() {
        eprintln!("hourbank: no log: {error}");
    }
    std::panic::set_hook(Box::new(panicked));
    Telemetry { exporter }
}

impl Telemetry {
    /// Sends what is left.
    pub async fn end(self) {
        if let Some(exporter) = self.exporter {
            exporter.end().await;
        }
    }
}

/// Takes in lines, so many and in one of two forms, and writes them.
pub fn lines<S, W>(level: LogLevel, is_json: bool, writer: W) -> impl Layer<S> + use<S, W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    // Told where it cannot be told, a line that was not written would take the operation with it (T69: a full disk).
    let lines = tracing_subscriber::fmt::layer().with_writer(OneLine(writer)).log_internal_errors(false);
    let lines =
        if is_json { lines.json().with_current_span(false).boxed() } else { lines.with_ansi(false).boxed() };
    lines.with_filter(ours(level).with_default(level.min(LevelFilter::WARN)))
}

/// Takes in spans.
pub fn spans<S>(traces: Traces) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    traces.with_filter(ours(LevelFilter::DEBUG))
}

fn ours(level: LevelFilter) -> Targets {
    Targets::new().with_target("hourbank", level)
}

/// Says where a panic came from. What it says is told only where it was written down as it stands: a text put together
/// may hold anything.
fn panicked(panic: &PanicHookInfo<'_>) {
    let place =
        panic.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
    tracing::error!(place, message = words(panic.payload()), "a panic");
}

fn words(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("(not told: it was put together)")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T24: a panic that quotes what it choked on says nothing of it.
    #[test]
    fn a_panic_tells_only_what_was_written_down() {
        let told = |work: fn()| words(&*std::panic::catch_unwind(work).expect_err("it panics"));
        assert_eq!(told(|| panic!("an invariant")), "an invariant");
        assert!(told(|| panic!("{}", std::hint::black_box("canary"))).starts_with("(not told"));
    }
}
