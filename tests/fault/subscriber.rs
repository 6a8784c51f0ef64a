//! Somebody who watches the balances all the while, and comes back whenever they are told to.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::support::wire::Wire;

const WATCH: &str = "subscription { hourBalanceChanged { id version usedMinutes engagement { id } } }";
/// The close codes on which clients connect again by themselves: going away, restart, try again later, a session that
/// must be renewed, an init that came too late. A connection that breaks has none.
const COME_AGAIN: [u16; 5] = [1001, 1012, 1013, 4403, 4408];

/// A balance by its id: version and used minutes.
pub type Balances = BTreeMap<String, (i64, i64)>;

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub balances: Balances,
    /// What a subscriber should never see.
    pub wrong: Vec<String>,
}

/// A subscriber; it ends with this.
pub struct Subscriber {
    seen: watch::Receiver<Seen>,
    task: JoinHandle<()>,
}

impl Subscriber {
    pub fn start(address: SocketAddr, token: &str) -> Self {
        let (send, seen) = watch::channel(Seen::default());
        let token = token.to_owned();
        let task = tokio::spawn(async move {
            loop {
                // Bounded by the server's ping: a connection without a byte for so long is dead.
                session(address, &token, &send).await;
                sleep(Duration::from_millis(30)).await;
            }
        });
        Self { seen, task }
    }

    /// Waits until the subscriber holds these balances of the ones that it sees.
    ///
    /// # Errors
    /// It never did, or it saw what nobody should.
    pub async fn agrees(&self, truth: &Balances, within: Duration) -> Result<(), String> {
        let mut seen = self.seen.clone();
        let agrees = |seen: &Seen| {
            !seen.wrong.is_empty()
                || (!seen.balances.is_empty()
                    && seen.balances.iter().all(|(id, balance)| truth.get(id) == Some(balance)))
        };
        let found = timeout(within, seen.wait_for(agrees)).await.is_ok();
        let seen = self.seen.borrow();
        match (found, seen.wrong.first()) {
            (_, Some(wrong)) => Err(format!("a subscriber saw {wrong}")),
            (false, None) => Err(format!("a subscriber holds {:?} instead of {truth:?}", seen.balances)),
            (true, None) => Ok(()),
        }
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection, from its beginning to its end.
async fn session(address: SocketAddr, token: &str, send: &watch::Sender<Seen>) {
    let Ok(Ok(mut wire)) = timeout(Duration::from_secs(5), Wire::open(address, &[])).await else { return };
    wire.send(&json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}}))
        .await;
    wire.subscribe("1", WATCH).await;
    let mut is_watching = false;
    let wrong = |text: String| send.send_modify(|seen| seen.wrong.push(text));
    while let Ok(Some(Ok(message))) = timeout(Duration::from_secs(40), wire.0.next()).await {
        match message {
            Message::Text(text) => {
                let message: Value = serde_json::from_str(&text).unwrap_or_default();
                let balance = &message["payload"]["data"]["hourBalanceChanged"];
                match message["type"].as_str().unwrap_or_default() {
                    "next" if balance.is_object() => {
                        send.send_modify(|seen| take(seen, balance));
                        is_watching = true;
                    }
                    "connection_ack" | "ping" | "pong" => {}
                    // Nobody watches yet: come again, as after any refused request.
                    "error" | "next" if !is_watching && text.contains("UNAVAILABLE") => return,
                    _ => return wrong(format!("{message} in place of a balance")),
                }
            }
            Message::Close(frame) => {
                if let Some(frame) = frame
                    && !COME_AGAIN.contains(&u16::from(frame.code))
                {
                    wrong(format!("the code {}, after which nobody comes again", frame.code));
                }
                return;
            }
            _ => {}
        }
    }
}

fn take(seen: &mut Seen, balance: &Value) {
    let number = |name: &str| balance[name].as_i64().unwrap_or(-1);
    let id = balance["id"].as_str().unwrap_or_default().to_owned();
    let new = (number("version"), number("usedMinutes"));
    if let Some(held) = seen.balances.get(&id)
        && held.0 > new.0
    {
        seen.wrong.push(format!("the version of {id} fall from {} to {}", held.0, new.0));
    }
    seen.balances.insert(id, new);
}
