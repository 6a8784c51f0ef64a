//! A provider with a few clients, writers and watchers on a real server, and what must be true after each fault.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use chrono::Days;
use domain::engagement::OveragePolicy;
use domain::id::TimeEntryId;
use domain::user::Role;
use entity::time_entry;
use hourbank::graphql::id::Identified;
use sea_orm::{Database, EntityTrait, QuerySelect};
use serde_json::{Value, json};

use super::figures::Figures;
use super::http::Client;
use super::journal::{Journal, Outcome};
use super::place::Place;
use super::process::Server;
use super::subscriber::{Balances, Subscriber};
use super::writer::{Desk, Load};
use crate::support::app::TestApp;

/// Within which the server answers again.
const RECOVERY: Duration = Duration::from_secs(10);
/// Within which every write has its outcome.
const SETTLED: Duration = Duration::from_secs(60);
/// The slow timer that finds lost wake-ups ticks each 30 seconds.
const RECONCILED: Duration = Duration::from_secs(40);

const BALANCES: &str = "{ clients { nodes { hourBalances { id version usedMinutes engagement { id } } } } }";
const ENTRIES: &str = "query($id: ID!) { timeEntries(filter: {engagementId: {eq: $id}}, first: 1) { totalCount totalMinutes } }";
const NODES: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on TimeEntry { id minutes } } }";

/// How hard is worked.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub clients: usize,
    pub writers: usize,
    /// Between two writes of one writer.
    pub pace: Duration,
    /// Connections of the server to its database.
    pub pool: u32,
}

/// Everything. Fields are dropped in this order: whoever asks first, the folder with all that was started last.
pub struct World {
    pub load: Load,
    subscribers: Vec<Subscriber>,
    pub figures: Figures,
    pub server: Server,
    pub admin_token: String,
    engagements: Vec<String>,
    journal: Journal,
    /// Where the database itself is, past whatever stands between it and the server.
    database: String,
    /// Entries that the API was asked for one by one.
    shown: BTreeSet<String>,
    _place: Place,
}

impl World {
    /// Seeds the database, and starts a server on it that may reach it another way.
    pub async fn start(place: Place, database: &str, through: &str, size: Size, figures: Figures) -> Self {
        let app = TestApp::at(database, &place.file("keys")).await;
        app.app.migrate().await.expect("the tables are made");
        let starts_on = (app.now() - chrono::Duration::days(20)).date_naive();
        let admin = app.staff(Role::Administrator).await.token.expect("a token");
        let (mut engagements, mut owners, mut desks) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..size.clients {
            let name = format!("Client {number}");
            let support = app.support_with(&name, OveragePolicy::Allowed, starts_on, &[1]).await;
            for _ in 0..size.writers / size.clients {
                let writer = app.on_team(Role::Specialist, support.client).await;
                desks.push(Desk {
                    token: writer.token.expect("a token"),
                    engagement: support.id(),
                    days: (0..20).map(|day| starts_on + Days::new(day)).collect(),
                });
            }
            engagements.push(support.id());
            owners.push(support.owner.token.expect("a token"));
        }
        hourbank::usecase::period::roll_all(&app.system()).await.expect("months begin");
        drop(app);
        let mut server = Server::new(&place, through, size.pool);
        server.start();
        server.ready().await;
        let journal = Journal::new(&place.file("journal"));
        let load = Load::start(server.address, desks, &journal, size.pace);
        let mut world = Self {
            subscribers: vec![
                Subscriber::start(server.address, &admin),
                Subscriber::start(server.address, &owners[0]),
            ],
            admin_token: admin,
            load,
            figures,
            server,
            engagements,
            journal,
            database: database.to_owned(),
            shown: BTreeSet::new(),
            _place: place,
        };
        world.check().await;
        world
    }

    /// One fault under load: `fault` says from when on recovery counts.
    pub async fn round(&mut self, fault: impl AsyncFnOnce(&mut Self) -> Instant) {
        self.round_within(RECOVERY, fault).await;
    }

    /// The same with another time to recover.
    pub async fn round_within(&mut self, limit: Duration, fault: impl AsyncFnOnce(&mut Self) -> Instant) {
        let (begin, before) = (Instant::now(), self.load.tally.acknowledged.load(Relaxed));
        // Not always in step with the writers.
        let more = 40 + begin.elapsed().subsec_nanos() as u64 % 40;
        self.load.acknowledges(more, SETTLED).await;
        let written = self.load.tally.acknowledged.load(Relaxed) - before;
        self.figures.worked(written, begin.elapsed());
        let since = fault(self).await;
        self.figures.recovered(self.load.recovers(since, limit).await);
        self.check().await;
    }

    /// Nothing acknowledged is lost, nothing is there twice, and everyone says the same (T52, T56, T68).
    pub async fn check(&mut self) {
        let settled = self.load.settle(SETTLED).await;
        let mut faults = self.load.wrong.lock().await.clone();
        let writes = self.journal.read();
        let mut stored: BTreeMap<String, Vec<(TimeEntryId, i32)>> = BTreeMap::new();
        for (note, id, minutes) in self.stored().await {
            stored.entry(note).or_default().push((id, minutes));
        }
        let mut sums: BTreeMap<&str, (i64, i64)> =
            self.engagements.iter().map(|id| (id.as_str(), (0, 0))).collect();
        let mut fresh = Vec::new();
        for (key, write) in &writes {
            let found = stored.remove(&key.to_string()).unwrap_or_default();
            self.figures.doubled += u64::from(found.len() > 1);
            match (&write.outcome, found.as_slice()) {
                (Outcome::Done(id), [(entry, minutes)])
                    if entry.global().0 == *id && *minutes == write.minutes =>
                {
                    let sum = sums.get_mut(write.engagement.as_str()).expect("a known engagement");
                    *sum = (sum.0 + 1, sum.1 + i64::from(write.minutes));
                    if self.shown.insert(id.clone()) {
                        fresh.push(id.clone());
                    }
                }
                (Outcome::Refused, []) => {}
                (outcome, found) => {
                    self.figures.lost += u64::from(found.is_empty());
                    faults.push(format!("{key} is {outcome:?} by the journal and {found:?} in the database"));
                }
            }
        }
        faults.extend(stored.keys().map(|note| format!("{note} was never sent")));

        let (mut truth, mut used) = (Balances::new(), BTreeMap::new());
        // Its own connection: the server may have been another one a moment ago.
        let mut admin = Client::new(self.server.address, Some(&self.admin_token));
        let answer = told(&mut admin, BALANCES, &json!({})).await;
        for balance in
            list(&answer["data"]["clients"]["nodes"]).iter().flat_map(|node| list(&node["hourBalances"]))
        {
            let number = |name: &str| balance[name].as_i64().unwrap_or(-1);
            truth.insert(text(&balance["id"]), (number("version"), number("usedMinutes")));
            used.insert(text(&balance["engagement"]["id"]), number("usedMinutes"));
        }
        for (engagement, (count, minutes)) in sums {
            let answer = told(&mut admin, ENTRIES, &json!({"id": engagement})).await;
            let told = &answer["data"]["timeEntries"];
            if (told["totalCount"].as_i64(), told["totalMinutes"].as_i64()) != (Some(count), Some(minutes)) {
                faults.push(format!("{count} entries of {minutes} minutes are told as {answer}"));
            }
            if used.get(engagement) != Some(&minutes) {
                faults.push(format!("{minutes} minutes were used; the balances say {used:?}"));
            }
        }
        for some in fresh.chunks(100) {
            let answer = told(&mut admin, NODES, &json!({"ids": some})).await;
            let found = list(&answer["data"]["nodes"]);
            if found.len() != some.len() || found.iter().zip(some).any(|(node, id)| node["id"] != **id) {
                faults.push(format!("acknowledged entries are not shown: {answer}"));
            }
        }
        faults.extend(self.server.verify().err());
        for subscriber in &self.subscribers {
            faults.extend(subscriber.agrees(&truth, RECONCILED).await.err());
        }
        drop(settled);
        self.figures.take(&self.load.tally);
        assert!(faults.is_empty(), "{}\n-- the server:\n{}", faults.join("\n"), self.server.last_words());
    }

    /// Every entry, read past the server.
    async fn stored(&self) -> Vec<(String, TimeEntryId, i32)> {
        let mut options = sea_orm::ConnectOptions::new(&self.database);
        options.max_connections(1).sqlx_logging(false);
        let db = Database::connect(options).await.expect("a settled database opens");
        let rows = time_entry::Entity::find()
            .select_only()
            .columns([time_entry::Column::Note, time_entry::Column::Id, time_entry::Column::Minutes])
            .into_tuple()
            .all(&db)
            .await
            .expect("entries are read");
        db.close().await.expect("closed");
        rows
    }
}

/// What a reader is told who comes again when told to, as readers do.
async fn told(reader: &mut Client, document: &str, variables: &Value) -> Value {
    let mut last = Err("never asked".to_owned());
    for _ in 0..5 {
        last = reader.post(document, variables).await;
        match last.as_ref().map(|answer| answer["errors"][0]["extensions"]["code"].as_str()) {
            Ok(Some("UNAVAILABLE" | "TIMEOUT")) | Err(_) => {
                tokio::time::sleep(Duration::from_millis(200)).await
            }
            Ok(_) => break,
        }
    }
    last.expect("a settled server answers")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
