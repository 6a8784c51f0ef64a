//! What stands between a server and its database when the network misbehaves: a proxy that delays, cuts, half-closes
//! and swallows.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

/// What happens to the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    Fair,
    /// Each answer comes so much later.
    Slow(Duration),
    /// New connections stand still from the beginning.
    Hole,
    /// The next COMMIT arrives; its answer does not, and its connection ends. Then the weather is fair.
    NoAnswerToCommit,
}

/// What is done to every connection there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Cut,
    /// The database seems to say that it will send no more, and goes on listening.
    HalfClose,
    /// Nothing moves any more, for good, and nobody says so.
    StandStill,
}

/// A proxy in front of a port of this machine.
pub struct Proxy {
    pub port: u16,
    control: Arc<Control>,
    task: JoinHandle<()>,
}

struct Control {
    to: SocketAddr,
    weather: watch::Sender<Weather>,
    orders: broadcast::Sender<Order>,
    swallowed: AtomicU64,
}

impl Proxy {
    pub async fn start(to: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let control = Arc::new(Control {
            to: ([127, 0, 0, 1], to).into(),
            weather: watch::Sender::new(Weather::Fair),
            orders: broadcast::Sender::new(16),
            swallowed: AtomicU64::new(0),
        });
        let task = tokio::spawn({
            let control = Arc::clone(&control);
            async move {
                let mut connections = JoinSet::new();
                while let Ok((near, _)) = listener.accept().await {
                    connections.spawn(connection(near, Arc::clone(&control)));
                    while connections.try_join_next().is_some() {}
                }
            }
        });
        Self { port, control, task }
    }

    /// Changes the weather.
    pub fn weather(&self, weather: Weather) {
        self.control.weather.send_replace(weather);
    }

    pub fn order(&self, order: Order) {
        // There may be no connection to hear it.
        let _ = self.control.orders.send(order);
    }

    /// Waits until the answer to a COMMIT was swallowed.
    pub async fn swallows(&self, within: Duration) {
        let mut weather = self.control.weather.subscribe();
        let over = weather.wait_for(|weather| *weather == Weather::Fair);
        timeout(within, over).await.expect("somebody commits").expect("the proxy lives");
    }

    /// Answers to COMMIT that were swallowed so far.
    pub fn swallowed(&self) -> u64 {
        self.control.swallowed.load(Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Carries bytes both ways until either side ends; both halves of both sides then end with it.
async fn connection(near: TcpStream, control: Arc<Control>) {
    let (weather, mut orders) = (control.weather.subscribe(), control.orders.subscribe());
    let mut stands_still = *weather.borrow() == Weather::Hole;
    let Ok(far) = TcpStream::connect(control.to).await else { return };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let ((mut near_in, near_out), (mut far_in, mut far_out)) = (near.into_split(), far.into_split());
    // Dropped, it tells the server that nothing more will come.
    let mut near_out = Some(near_out);
    let (mut asked, mut answered) = (vec![0; 16_384], vec![0; 16_384]);
    let mut commits = false;
    loop {
        tokio::select! {
            read = near_in.read(&mut asked), if !stands_still => {
                let Some(bytes) = some(read, &asked) else { return };
                commits |= *weather.borrow() == Weather::NoAnswerToCommit && holds_commit(bytes);
                if far_out.write_all(bytes).await.is_err() { return }
            }
            read = far_in.read(&mut answered), if !stands_still => {
                let Some(bytes) = some(read, &answered) else { return };
                if commits && control.weather.send_if_modified(is_over) {
                    control.swallowed.fetch_add(1, Relaxed);
                    return;
                }
                let now = *weather.borrow();
                if let Weather::Slow(by) = now {
                    sleep(by).await;
                }
                if let Some(out) = &mut near_out && out.write_all(bytes).await.is_err() { return }
            }
            order = orders.recv() => match order {
                Ok(Order::HalfClose) => near_out = None,
                Ok(Order::StandStill) => stands_still = true,
                _ => return,
            },
        }
    }
}

fn some(read: std::io::Result<usize>, buffer: &[u8]) -> Option<&[u8]> {
    read.ok().filter(|length| *length > 0).map(|length| &buffer[..length])
}

fn holds_commit(bytes: &[u8]) -> bool {
    bytes.windows(7).any(|window| window == b"COMMIT\0")
}

/// Only one commit goes without its answer.
fn is_over(weather: &mut Weather) -> bool {
    let is_over = *weather == Weather::NoAnswerToCommit;
    if is_over {
        *weather = Weather::Fair;
    }
    is_over
}
