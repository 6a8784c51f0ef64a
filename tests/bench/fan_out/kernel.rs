//! What the kernel knows of the sockets of those who stall: since when the server has bytes that they do not take, and
//! when it let go of them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::Outcome;
use super::tally::spread;

const EVERY: Duration = Duration::from_millis(500);
/// How long the last of them may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Seconds from the moment of stalling, and from the first bytes not taken, until each was dropped.
type Dropped = (Vec<f64>, Vec<f64>);

/// Looks until the server has let go of all of them.
pub async fn watch(port: u16, stalled: Vec<SocketAddr>) -> Dropped {
    let begin = Instant::now();
    let mut open: HashMap<String, Option<Instant>> =
        stalled.iter().map(|address| (hex(address), None)).collect();
    let mut dropped = (Vec::new(), Vec::new());
    let own = format!(":{port:04X}");
    while !open.is_empty() {
        sleep(EVERY).await;
        let now = Instant::now();
        let table = tokio::fs::read_to_string("/proc/net/tcp").await.unwrap_or_default();
        // Bytes not yet taken, of each socket that the server holds.
        let mut held: HashMap<&str, bool> = HashMap::new();
        for line in table.lines().skip(1) {
            let fields: Vec<&str> = line.split_ascii_whitespace().take(5).collect();
            if let [_, local, remote, "01", queues] = fields[..]
                && local.ends_with(&own)
            {
                held.insert(remote, !queues.starts_with("00000000:"));
            }
        }
        open.retain(|address, blocked| {
            let Some(waits) = held.get(address.as_str()) else {
                dropped.0.push((now - begin).as_secs_f64());
                dropped.1.extend(blocked.map(|since| (now - since).as_secs_f64()));
                return false;
            };
            *blocked = if *waits { blocked.or(Some(now)) } else { None };
            true
        });
    }
    dropped
}

/// What came of the watch.
///
/// # Errors
/// Some of them are still held.
pub async fn figures(watch: JoinHandle<Dropped>, count: usize) -> Outcome<Value> {
    if count == 0 {
        return Ok(Value::Null);
    }
    let abort = watch.abort_handle();
    match timeout(PATIENCE, watch).await {
        Ok(dropped) => {
            let (stalling, blocked) = dropped?;
            Ok(
                json!({"dropped": stalling.len(), "after_s": spread(stalling), "after_block_s": spread(blocked)}),
            )
        }
        Err(_) => {
            abort.abort();
            Ok(json!({"dropped": "not all of them"}))
        }
    }
}

/// An address as the kernel's table writes it.
fn hex(address: &SocketAddr) -> String {
    match address {
        SocketAddr::V4(v4) => format!("{:08X}:{:04X}", u32::from_ne_bytes(v4.ip().octets()), v4.port()),
        SocketAddr::V6(_) => String::new(),
    }
}
