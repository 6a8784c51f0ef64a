//! Token buckets in memory, one for each key.
//!
//! Memory stays bounded: full buckets are forgotten whenever the map has doubled, and once
//! [`MAX_KEYS`] callers are known to be spending, newcomers share one bucket.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::config::Rate;

const MAX_KEYS: usize = 100_000;
const FIRST_SWEEP: usize = 1_024;

/// One bucket.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    level: f64,
    at: Instant,
}

impl Bucket {
    #[must_use]
    pub fn full(rate: Rate) -> Self {
        Self { level: f64::from(rate.burst), at: Instant::now() }
    }

    fn fill(&mut self, rate: Rate, now: Instant) {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * f64::from(rate.per_second);
        self.level = (self.level + gained).min(f64::from(rate.burst));
        self.at = now;
    }

    /// Takes so many points and returns what is left.
    ///
    /// # Errors
    /// How long until they are there.
    pub fn take(&mut self, rate: Rate, points: u32, now: Instant) -> Result<u32, Duration> {
        self.fill(rate, now);
        let missing = f64::from(points) - self.level;
        if missing > 0.0 {
            return Err(Duration::from_secs_f64(missing / f64::from(rate.per_second.max(1))));
        }
        self.level -= f64::from(points);
        // The level is between 0 and the burst, which is a u32.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Ok(self.level as u32)
    }
}

/// Buckets by key.
#[derive(Debug)]
pub struct Meter {
    rate: Rate,
    buckets: Mutex<(HashMap<String, Bucket>, usize)>,
}

impl Meter {
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self { rate, buckets: Mutex::new((HashMap::new(), FIRST_SWEEP)) }
    }

    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Takes points from a key's bucket and returns what is left.
    ///
    /// # Errors
    /// How long until they are there.
    pub fn take(&self, key: &str, points: u32) -> Result<u32, Duration> {
        self.take_at(key, points, Instant::now())
    }

    fn take_at(&self, key: &str, points: u32, now: Instant) -> Result<u32, Duration> {
        let mut guard = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let (buckets, sweep_at) = &mut *guard;
        if buckets.len() >= *sweep_at {
            buckets.retain(|_, bucket| {
                bucket.fill(self.rate, now);
                bucket.level < f64::from(self.rate.burst)
            });
            *sweep_at = (buckets.len() * 2).max(FIRST_SWEEP);
        }
        if let Some(bucket) = buckets.get_mut(key) {
            return bucket.take(self.rate, points, now);
        }
        let key = if buckets.len() < MAX_KEYS { key } else { "" };
        buckets.entry(key.to_owned()).or_insert_with(|| Bucket::full(self.rate)).take(self.rate, points, now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{FIRST_SWEEP, Instant, Meter, Rate};

    #[test]
    fn t51_a_bucket_empties_and_fills() {
        let meter = Meter::new(Rate { burst: 10, per_second: 2 });
        let at = |millis| Instant::now() + Duration::from_millis(millis);
        assert_eq!(meter.take_at("a", 4, at(0)), Ok(6));
        assert_eq!(meter.take_at("a", 6, at(0)), Ok(0));
        assert!(meter.take_at("a", 1, at(0)).is_err_and(|wait| wait <= Duration::from_millis(500)));
        assert_eq!(meter.take_at("b", 1, at(0)), Ok(9));
        assert_eq!(meter.take_at("a", 1, at(1_000)), Ok(1));
        assert_eq!(meter.take_at("a", 0, at(3_600_000)), Ok(10));
    }

    #[test]
    fn t51_full_buckets_are_forgotten() {
        let meter = Meter::new(Rate { burst: 10, per_second: 10 });
        let now = Instant::now();
        for n in 0..FIRST_SWEEP {
            let _ = meter.take_at(&n.to_string(), 1, now);
        }
        let _ = meter.take_at("one more", 1, now + Duration::from_secs(2));
        assert_eq!(meter.buckets.lock().expect("not poisoned").0.len(), 1);
    }
}
