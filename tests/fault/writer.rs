//! Writers that never stop asking: every write under a key, repeated under the same one until its outcome is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use serde_json::{Value, json};
use tokio::sync::{Mutex, RwLock, RwLockWriteGuard, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::http::Client;
use super::journal::{Journal, Line};

const LOG: &str = "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) {
    timeEntry { id minutes } hourBalance { version } errors { code } } }";
/// Every so many writes one that must be refused.
const REFUSED: u64 = 25;
/// Every so many writes one that is sent again although its outcome is known.
const REPEATED: u64 = 20;

/// Whose time, on what, and when.
#[derive(Debug, Clone)]
pub struct Desk {
    pub token: String,
    pub engagement: String,
    /// A day takes 24 hours of one person.
    pub days: Vec<NaiveDate>,
}

/// What happened so far.
#[derive(Debug, Default)]
pub struct Tally {
    /// Writes whose acknowledgement is on the disk.
    pub acknowledged: AtomicU64,
    pub refused: AtomicU64,
    /// Writes whose first answer left the outcome open.
    pub unknown: AtomicU64,
    /// Requests sent because of that.
    pub retried: AtomicU64,
    /// Longest time between a request and any answer, in milliseconds.
    pub slowest: AtomicU64,
}

/// Writers at work.
pub struct Load {
    pub tally: Arc<Tally>,
    /// Each writer holds it from the first sending of a write to its settled end.
    gate: Arc<RwLock<()>>,
    /// When the newest acknowledged request was sent.
    pub acknowledged: watch::Receiver<Option<Instant>>,
    /// Answers that nobody should ever get.
    pub wrong: Arc<Mutex<Vec<String>>>,
    _writers: JoinSet<()>,
}

/// What an answer says about its write.
enum Said {
    Done(String),
    Refused(Vec<String>),
    Open,
    Wrong(String),
}

struct Writer {
    desk: Desk,
    client: Client,
    journal: Journal,
    tally: Arc<Tally>,
    gate: Arc<RwLock<()>>,
    acknowledged: Arc<watch::Sender<Option<Instant>>>,
    wrong: Arc<Mutex<Vec<String>>>,
}

impl Load {
    /// Writers at their desks, each resting for `pace` between two writes.
    pub fn start(address: std::net::SocketAddr, desks: Vec<Desk>, journal: &Journal, pace: Duration) -> Self {
        let (newest, acknowledged) = watch::channel(None);
        let newest = Arc::new(newest);
        let (tally, gate, wrong) = (Arc::default(), Arc::default(), Arc::default());
        let mut writers = JoinSet::new();
        for desk in desks {
            let client = Client::new(address, Some(&desk.token));
            let mut writer = Writer {
                desk,
                client,
                journal: journal.clone(),
                tally: Arc::clone(&tally),
                gate: Arc::clone(&gate),
                acknowledged: Arc::clone(&newest),
                wrong: Arc::clone(&wrong),
            };
            writers.spawn(async move {
                for number in 1.. {
                    writer.write(number).await;
                    sleep(pace).await;
                }
            });
        }
        Self { tally, gate, acknowledged, wrong, _writers: writers }
    }

    /// Waits until every write has its outcome; nothing is begun while the guard is held.
    pub async fn settle(&self, within: Duration) -> RwLockWriteGuard<'_, ()> {
        timeout(within, self.gate.write())
            .await
            .unwrap_or_else(|_| panic!("writes do not settle: {}", self.said()))
    }

    /// Waits until so many more writes are acknowledged.
    pub async fn acknowledges(&self, more: u64, within: Duration) {
        let from = self.tally.acknowledged.load(Relaxed);
        let mut acknowledged = self.acknowledged.clone();
        let enough = async {
            while self.tally.acknowledged.load(Relaxed) < from + more {
                acknowledged.changed().await.expect("writers live");
            }
        };
        timeout(within, enough)
            .await
            .unwrap_or_else(|_| panic!("nothing is acknowledged any more: {}", self.said()));
    }

    /// How long after `since` the first write that was sent later is acknowledged.
    pub async fn recovers(&self, since: Instant, within: Duration) -> Duration {
        let mut acknowledged = self.acknowledged.clone();
        let found = acknowledged.wait_for(|sent| sent.is_some_and(|sent| sent >= since));
        match timeout(within, found).await {
            Ok(found) => {
                found.expect("writers live");
                since.elapsed()
            }
            Err(_) => panic!("no write is acknowledged {within:?} after the fault: {}", self.said()),
        }
    }

    /// Requests sent again so far.
    pub fn retried(&self) -> u64 {
        self.tally.retried.load(Relaxed)
    }

    fn said(&self) -> String {
        format!("{:?}", self.tally)
    }
}

impl Writer {
    async fn write(&mut self, number: u64) {
        let gate = Arc::clone(&self.gate);
        let _open = gate.read().await;
        let key = Uuid::new_v4();
        let minutes = if number.is_multiple_of(REFUSED) { 0 } else { 1 };
        let day = self.desk.days[usize::try_from(number / 1_400).expect("small") % self.desk.days.len()];
        let input = json!({"input": {"engagementId": self.desk.engagement, "workedOn": day, "minutes": minutes,
            "activity": "CONFIGURATION", "note": key, "idempotencyKey": key}});
        let engagement = self.desk.engagement.clone();
        self.journal.write(Line::Sent { key, engagement, minutes }).await;
        let mut is_first = true;
        loop {
            let sent = Instant::now();
            let said = self.ask(&input).await;
            let took = u64::try_from(sent.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.tally.slowest.fetch_max(took, Relaxed);
            match said {
                Said::Done(id) => {
                    self.journal.write(Line::Done { key, id: id.clone() }).await;
                    self.tally.acknowledged.fetch_add(1, Relaxed);
                    self.acknowledged.send_replace(Some(sent));
                    if number.is_multiple_of(REPEATED) {
                        self.repeat(&input, &id).await;
                    }
                    return;
                }
                Said::Refused(codes) => {
                    self.tally.refused.fetch_add(1, Relaxed);
                    return self.journal.write(Line::Refused { key, codes }).await;
                }
                Said::Open => {
                    self.tally.unknown.fetch_add(u64::from(is_first), Relaxed);
                    self.tally.retried.fetch_add(1, Relaxed);
                    is_first = false;
                    sleep(Duration::from_millis(20 + u64::from(key.as_bytes()[0]) / 8)).await;
                }
                Said::Wrong(text) => {
                    self.wrong.lock().await.push(text);
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// The same key and input again: the same entry.
    async fn repeat(&mut self, input: &Value, id: &str) {
        if let Said::Done(again) = self.ask(input).await
            && again != id
        {
            self.wrong.lock().await.push(format!("one key, two entries: {id} and {again}"));
        }
    }

    async fn ask(&mut self, input: &Value) -> Said {
        let answer = match self.client.post(LOG, input).await {
            Ok(answer) => answer,
            Err(_) => return Said::Open,
        };
        if let Some(error) = answer["errors"].as_array().and_then(|errors| errors.first()) {
            return match error["extensions"]["code"].as_str().unwrap_or_default() {
                code @ ("UNAVAILABLE" | "TIMEOUT") => {
                    if code == "UNAVAILABLE" && error["extensions"]["retryAfterMs"].as_u64().is_none() {
                        return Said::Wrong(format!("UNAVAILABLE without a time to come again: {answer}"));
                    }
                    Said::Open
                }
                _ => Said::Wrong(answer.to_string()),
            };
        }
        let payload = &answer["data"]["timeEntryCreate"];
        match (payload["timeEntry"]["id"].as_str(), payload["errors"].as_array()) {
            (Some(id), Some(errors)) if errors.is_empty() => Said::Done(id.to_owned()),
            (None, Some(errors)) if !errors.is_empty() => {
                Said::Refused(errors.iter().map(|error| error["code"].to_string()).collect())
            }
            _ => Said::Wrong(answer.to_string()),
        }
    }
}
