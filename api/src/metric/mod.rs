//! Figures that many threads count and one page tells, in Prometheus' text format.
//!
//! Counting is an addition to an atomic number: no lock, and nothing allocated once a name is known, so that no
//! request waits for another to be counted. That is why this is ours: `prometheus-client` locks a mutex for every
//! observation of a histogram and a map around every family of labels.
//!
//! - [`Counter`], [`Gauge`] and [`Histogram`] are single figures, [`Names`] one figure for each of a bounded number of
//!   names;
//! - [`Metrics`] holds what the process counts, but for the database's own ([`crate::store::db::Counts`]);
//! - [`Page`] writes them down; `http::metrics` decides what stands on it.

mod names;
mod page;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

pub use names::Names;
pub use page::Page;

/// Names of operations that are told apart; the rest are `other`.
const OPERATIONS: usize = 100;
/// Room for codes, limits, statuses, jobs: lists that the program itself closes.
const FEW: usize = 64;

/// What the process counts.
#[derive(Debug)]
pub struct Metrics {
    pub started_at: DateTime<Utc>,
    /// By the name that clients give them.
    pub operations: Names<Operation>,
    /// Errors at the top of answers, by code.
    pub errors: Names<Counter>,
    /// HTTP answers, by status.
    pub responses: Names<Counter>,
    /// What was turned away, by the limit that did.
    pub refused: Names<Counter>,
    pub connections: Gauge,
    pub sockets: Gauge,
    pub subscriptions: Gauge,
    /// Events of subscriptions.
    pub pushes: Counter,
    /// Connections dropped because their reader took nothing.
    pub stalled: Counter,
    pub jobs: Names<Job>,
    pub mails_sent: Counter,
    pub mails_failed: Counter,
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new(started_at: DateTime<Utc>) -> Self {
        Self {
            started_at,
            operations: Names::new(OPERATIONS),
            errors: Names::new(FEW),
            responses: Names::new(FEW),
            refused: Names::new(FEW),
            connections: Gauge::default(),
            sockets: Gauge::default(),
            subscriptions: Gauge::default(),
            pushes: Counter::default(),
            stalled: Counter::default(),
            jobs: Names::new(FEW),
            mails_sent: Counter::default(),
            mails_failed: Counter::default(),
        }
    }
}

/// One name of an operation; what it names may be of any kind.
#[derive(Debug, Default)]
pub struct Operation {
    pub query: Series,
    pub mutation: Series,
    pub subscription: Series,
}

/// How long operations took, and how many had errors.
#[derive(Debug, Default)]
pub struct Series {
    pub took: Histogram,
    pub failed: Counter,
}

/// One job.
#[derive(Debug, Default)]
pub struct Job {
    pub took: Histogram,
    pub failed: Counter,
    /// Seconds since 1970; 0 before the first.
    pub last_success: Gauge,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Counts one.
    pub fn count(&self) {
        self.add(1);
    }

    /// Counts several.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// The number.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug, Clone, Default)]
pub struct Gauge(Arc<AtomicI64>);

/// One of what a gauge counts, for as long as this lives.
#[derive(Debug)]
pub struct Held(Arc<AtomicI64>);

impl Gauge {
    /// Counts one until it is dropped.
    pub fn hold(&self) -> Held {
        self.0.fetch_add(1, Ordering::Relaxed);
        Held(Arc::clone(&self.0))
    }

    /// Sets the number.
    pub fn set(&self, value: i64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// The number.
    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Upper bounds of a histogram's buckets in microseconds; one more holds what is longer.
const BOUNDS: [u64; 13] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
];

/// How often something took how long.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Histogram {
    /// Counts one that took so long.
    pub fn observe(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| micros <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Counts what lasts as long as this does.
    pub fn time(&self) -> Took<'_> {
        Took { histogram: self, begin: Instant::now() }
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).sum()
    }
}

/// Something that is being timed.
#[derive(Debug)]
pub struct Took<'a> {
    histogram: &'a Histogram,
    begin: Instant,
}

impl Drop for Took<'_> {
    fn drop(&mut self) {
        self.histogram.observe(self.begin.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bucket holds its bound, and what is longer than all bounds is counted as well.
    #[test]
    fn durations_fall_into_their_buckets() {
        let histogram = Histogram::default();
        for millis in [1, 2, 10_000, 60_000] {
            histogram.observe(Duration::from_millis(millis));
        }
        let mut page = Page::default();
        page.histogram("x", &[], &histogram);
        let text = page.into_text();
        for line in [
            "x_bucket{le=\"0.001\"} 1",
            "x_bucket{le=\"0.0025\"} 2",
            "x_bucket{le=\"10\"} 3",
            "x_bucket{le=\"+Inf\"} 4",
            "x_sum 70.003",
            "x_count 4",
        ] {
            assert!(text.lines().any(|written| written == line), "{line} in {text}");
        }
    }

    /// A gauge falls when what it counted is gone.
    #[test]
    fn what_is_held_is_counted() {
        let gauge = Gauge::default();
        let (one, two) = (gauge.hold(), gauge.hold());
        assert_eq!(gauge.get(), 2);
        drop((one, two));
        assert_eq!(gauge.get(), 0);
    }
}
