//! The only place that asks the system for the time.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// Now, cut to milliseconds.
#[must_use]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    now.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(now)
}
