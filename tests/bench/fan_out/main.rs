//! The load of many who watch: subscribers on sockets of their own, entries logged beside them, one clock for both.
//!
//! `tests/bench/run fan-out` starts it with a file that says whom to call and how often, and talks to it in lines: it
//! says where it stands, and is told to go on once the server's memory has been read. At the end every subscriber has
//! to hold what a query reads, and no version may have fallen. Those who stall keep their socket and read no more.
//!
//! One thread, a few hundred bytes a socket: frames are searched for the figures wanted, not parsed.

mod frame;
mod http;
mod kernel;
mod subscriber;
mod tally;

use std::error::Error;
use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval, sleep};

use http::Connection;
use subscriber::Subscriber;
use tally::{State, Tally};

/// Connections that entries are logged over.
const WRITERS: usize = 16;
/// Sockets that may be on their way in at once.
const ARRIVING: usize = 100;
/// How long the last pushes may take.
const QUIET: Duration = Duration::from_secs(20);

const LOG: &str = "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) {
    hourBalance { id version usedMinutes remainingMinutes } errors { code message } } }";
const READ: &str =
    "query($id: ID!) { client(by: {id: $id}) { hourBalances { id version usedMinutes remainingMinutes } } }";

/// What to do.
#[derive(Deserialize)]
struct Plan {
    port: u16,
    subscribers: usize,
    stalled: usize,
    /// Entries a second.
    rate: u32,
    seconds: u64,
    /// The clients watched, each with the tokens of people who see it.
    clients: Vec<Watched>,
    /// Entries to log, in turn.
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Watched {
    id: String,
    tokens: Vec<String>,
}

#[derive(Deserialize, Clone)]
struct Entry {
    token: String,
    input: Value,
}

/// What subscribers and writers put together.
pub struct Shared {
    pub port: u16,
    pub arriving: Semaphore,
    tally: Mutex<Tally>,
}

impl Shared {
    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let file =
        std::env::args().nth(1).filter(|name| !name.starts_with('-')).ok_or("tests/bench/run calls this")?;
    let plan: Plan = serde_json::from_str(&fs::read_to_string(file)?)?;
    say("idle", json!({})).await?;

    let shared = Arc::new(Shared {
        port: plan.port,
        arriving: Semaphore::new(ARRIVING),
        tally: Mutex::new(Tally::new(plan.subscribers)),
    });
    let begin = Instant::now();
    arrive(&plan, &shared).await?;
    sleep(Duration::from_secs(5)).await;
    say("subscribed", json!({"seconds": begin.elapsed().as_secs_f64() - 5.0})).await?;

    let stalled = shared.tally().stall(plan.stalled);
    let watch = tokio::spawn(kernel::watch(plan.port, stalled));
    write(&plan, &shared).await;
    say("written", json!({})).await?;

    settle(&shared).await;
    let lost = lost(&plan, &shared).await?;
    let stalls = kernel::figures(watch, plan.stalled).await?;
    let figures = shared.tally().figures();
    say("done", json!({"lost": lost, "stalled": stalls, "figures": figures})).await
}

/// Says where it stands and waits to be told to go on.
async fn say(place: &str, figures: Value) -> Outcome<()> {
    println!("{}", json!({"place": place, "with": figures}));
    let order = spawn_blocking(|| std::io::stdin().lines().next()).await?;
    order.ok_or("nobody listens any more")??;
    Ok(())
}

/// Opens every socket; done once each has had its first balance. The last ones are those who will stall.
async fn arrive(plan: &Plan, shared: &Arc<Shared>) -> Outcome<()> {
    let (ready, mut arrived) = mpsc::unbounded_channel();
    for number in 0..plan.subscribers {
        let watched = &plan.clients[number % plan.clients.len()];
        let turn = number / plan.clients.len();
        let subscriber = Subscriber {
            number,
            client: watched.id.clone(),
            token: watched.tokens[turn % watched.tokens.len()].clone(),
            will_stall: number >= plan.subscribers - plan.stalled,
        };
        tokio::spawn(subscriber.run(Arc::clone(shared), ready.clone()));
    }
    drop(ready);
    for _ in 0..plan.subscribers {
        let arrived = tokio::time::timeout(Duration::from_secs(60), arrived.recv()).await;
        if !matches!(arrived, Ok(Some(()))) {
            return Err(format!("subscribers did not arrive: {:?}", shared.tally().faults).into());
        }
    }
    Ok(())
}

/// Logs the entries, each at its time, whether or not the one before has been answered.
async fn write(plan: &Plan, shared: &Arc<Shared>) {
    let (send, receive) = mpsc::channel(plan.rate as usize * 4);
    let receive = Arc::new(tokio::sync::Mutex::new(receive));
    let writers: Vec<_> =
        (0..WRITERS).map(|_| tokio::spawn(writer(Arc::clone(shared), Arc::clone(&receive)))).collect();
    let mut clock = interval(Duration::from_secs(1) / plan.rate);
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for entry in plan.entries.iter().cycle().take(plan.rate as usize * plan.seconds as usize) {
        clock.tick().await;
        if send.try_send(entry.clone()).is_err() {
            shared.tally().fault("entries pile up: the server does not keep up");
        }
    }
    drop(send);
    for writer in writers {
        let _ = writer.await;
    }
}

async fn writer(shared: Arc<Shared>, entries: Arc<tokio::sync::Mutex<mpsc::Receiver<Entry>>>) {
    let mut connection = Connection::new(shared.port);
    loop {
        let Some(entry) = entries.lock().await.recv().await else { return };
        let sent = Instant::now();
        match connection.ask(&entry.token, LOG, json!({"input": entry.input})).await {
            Ok(data) => match State::read(&data["timeEntryCreate"]["hourBalance"]) {
                Some((id, state)) => shared.tally().written(&id, state.version, sent, Instant::now()),
                None => shared.tally().fault(&format!("an entry was refused: {data}")),
            },
            Err(error) => shared.tally().fault(&format!("an entry failed: {error}")),
        }
    }
}

/// Waits until everybody has the last version, or long enough.
async fn settle(shared: &Shared) {
    let begin = Instant::now();
    while begin.elapsed() < QUIET && !shared.tally().is_settled() {
        sleep(Duration::from_millis(50)).await;
    }
}

/// How many hold something else than a query reads now.
async fn lost(plan: &Plan, shared: &Shared) -> Outcome<usize> {
    let mut connection = Connection::new(shared.port);
    let mut lost = 0;
    for (at, watched) in plan.clients.iter().enumerate() {
        let data = connection.ask(&watched.tokens[0], READ, json!({"id": watched.id})).await?;
        let truth: Vec<_> =
            data["client"]["hourBalances"].as_array().into_iter().flatten().filter_map(State::read).collect();
        let tally = shared.tally();
        lost += (at..plan.subscribers - plan.stalled)
            .step_by(plan.clients.len())
            .filter(|number| truth.iter().any(|(id, state)| tally.last(*number, id) != Some(*state)))
            .count();
    }
    Ok(lost)
}
