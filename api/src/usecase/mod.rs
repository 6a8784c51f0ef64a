//! What can be done: per noun; a writing function is one transaction with one permit.

pub mod api_key;
pub mod audit;
pub mod block;
pub mod calendar;
pub mod capacity;
pub mod check;
pub mod client;
pub mod comment;
pub mod engagement;
pub mod field;
pub mod hour_balance;
pub mod invitation;
pub mod job;
pub mod ledger;
pub mod mail;
pub mod notification;
pub mod overage;
pub mod password;
pub mod patch;
pub mod payment;
pub mod period;
pub mod plan;
pub mod price;
pub mod report;
pub mod reservation;
pub mod service;
pub mod sign_in;
pub mod sign_off;
pub mod sweep;
pub mod tariff;
pub mod task;
pub mod team;
pub mod time_entry;
pub mod top_up;
pub mod tree;
pub mod user;
pub mod verify;
pub mod view_as;
pub mod warning;
pub mod watch;
pub mod way_in;

use std::time::{Duration, Instant};

use crate::app::Call;
use crate::error::Result;

/// After so long nobody is kept waiting for another attempt: one may itself wait for a lock, and all together must end
/// within an operation's time.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs a whole transaction, and again, at most five times in all, where it lost a race or its connection before the
/// commit. A commit that failed is never repeated: only the idempotency key can tell what became of it.
///
/// # Errors
/// The last one.
pub async fn retry<C, T, F>(call: &Call, command: C, operation: impl Fn(Call, C) -> F) -> Result<T>
where
    C: Clone,
    F: Future<Output = Result<T>>,
{
    let (mut pause, begin) = (5, Instant::now());
    for _ in 0..4 {
        match operation(call.clone(), command.clone()).await {
            Err(error) if error.is_transient() && begin.elapsed() < PATIENCE => {
                let [jitter] = crate::auth::token::random::<1>();
                tokio::time::sleep(Duration::from_millis(pause + u64::from(jitter) % pause)).await;
                pause *= 3;
            }
            done => return done,
        }
    }
    operation(call.clone(), command).await
}
