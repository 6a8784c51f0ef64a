//! What a series of faults came to, as a row of a table.

use std::fs::File;
use std::io::Write;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use super::setting;
use super::writer::Tally;

/// Counted over all rounds of a test; printed when it ends, however it ends.
#[derive(Debug, Default)]
pub struct Figures {
    name: &'static str,
    faults: u64,
    acknowledged: u64,
    refused: u64,
    unknown: u64,
    retried: u64,
    pub lost: u64,
    pub doubled: u64,
    worst: Duration,
    slowest_ms: u64,
    written: u64,
    worked: Duration,
}

impl Figures {
    pub fn of(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    /// So many writes were acknowledged in a time without a fault.
    pub fn worked(&mut self, writes: u64, time: Duration) {
        self.written += writes;
        self.worked += time;
    }

    /// A fault was survived.
    pub fn recovered(&mut self, after: Duration) {
        self.faults += 1;
        self.worst = self.worst.max(after);
    }

    pub fn take(&mut self, tally: &Tally) {
        self.acknowledged = tally.acknowledged.load(Relaxed);
        self.refused = tally.refused.load(Relaxed);
        self.unknown = tally.unknown.load(Relaxed);
        self.retried = tally.retried.load(Relaxed);
        self.slowest_ms = tally.slowest.load(Relaxed);
    }
}

impl Drop for Figures {
    fn drop(&mut self) {
        if self.faults == 0 {
            return;
        }
        let rate = self.written as f64 / self.worked.as_secs_f64().max(0.001);
        let row = format!(
            "{:<28} {:>6} {:>7} {:>8.0} {:>7} {:>7} {:>7} {:>5} {:>7} {:>11} {:>10}",
            self.name,
            self.faults,
            self.acknowledged,
            rate,
            self.refused,
            self.unknown,
            self.retried,
            self.lost,
            self.doubled,
            self.worst.as_millis(),
            self.slowest_ms,
        );
        println!("{HEAD}\n{row}");
        if let Some(file) = setting("HOURBANK_TEST_FIGURES") {
            let written = File::options().create(true).append(true).open(&file).and_then(|mut file| {
                let head = if file.metadata()?.len() == 0 { format!("{HEAD}\n") } else { String::new() };
                file.write_all(format!("{head}{row}\n").as_bytes())
            });
            if let Err(error) = written {
                eprintln!("{file}: {error}");
            }
        }
    }
}

const HEAD: &str = "fault                        faults  writes writes/s refused unknown retried  lost doubled recovery ms slowest ms";
