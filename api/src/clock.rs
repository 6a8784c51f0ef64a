//! The one place that asks the system for the time. Time is a value everywhere else.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, SubsecRound, Utc};

/// Tells the time, cut to milliseconds so that what is written is what is read back on both databases.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock moved by hand (milliseconds since 1970), for tests and simulations.
    Virtual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still until it is moved.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Virtual(Arc::new(AtomicI64::new(at.timestamp_millis())))
    }

    /// The present moment, to the millisecond.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[allow(clippy::disallowed_methods, reason = "this is the clock")]
            Self::System => Utc::now().trunc_subsecs(3),
            Self::Virtual(millis) => DateTime::from_timestamp_millis(millis.load(Ordering::SeqCst))
                .expect("a moment set by `fixed` or `advance`"),
        }
    }

    /// Nanoseconds since 1970 by the machine's clock, for traces, which tell how things followed each other.
    #[allow(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn unix_nanos() -> u64 {
        Utc::now().timestamp_nanos_opt().and_then(|nanos| u64::try_from(nanos).ok()).unwrap_or_default()
    }

    /// Moves a virtual clock on; the machine's own cannot be moved.
    pub fn advance(&self, by: Duration) {
        if let Self::Virtual(millis) = self {
            millis.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
        }
    }
}
