//! Live balances (L-1, L-2): the newest state of each watched client, kept by one task and handed to any number.
//!
//! The keeper reads as the system, in one statement for all clients woken at once; a watcher takes the newest state
//! that its rights, as of now, let it see. Order: a watcher subscribes first and looks second, so that nothing falls
//! between; its look is shared with all who look at the same moment. What the keeper missed (a wake-up is lossy) the
//! slow timer finds, and the clock's own changes wake it when they come.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use domain::balance::Balance;
use domain::id::{ClientId, EngagementId};
use domain::policy::{Action, Denied, Scope};
use futures_util::{Stream, stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::watch;

use super::newest::newest;
use crate::app::{App, Call};
use crate::auth::Session;
use crate::bus::Topic;
use crate::bus::latest::Watcher;
use crate::error::{Error, Result};

/// How long a lost wake-up may go unnoticed.
const RECONCILE: Duration = Duration::from_secs(30);
/// After a reading that failed.
const BREATH: Duration = Duration::from_secs(1);

/// Keeps the newest balances of the watched clients until the process ends.
pub async fn keep(app: Arc<App>, mut ended: watch::Receiver<bool>) {
    let mut topics = app.bus.listen();
    let keeping = async {
        let mut failed = false;
        loop {
            let woken = wait(&app, &mut topics, failed).await;
            failed = refresh(&app, woken).await.is_err();
        }
    };
    tokio::select! {
        () = keeping => {}
        _ = ended.wait_for(|ended| *ended) => {}
    }
}

/// Which clients to read anew.
enum Woken {
    Some(BTreeSet<ClientId>),
    Everyone,
}

/// Waits for the next reason to read: a topic, the clock, the slow timer, or what could not be read before.
async fn wait(app: &Arc<App>, topics: &mut Receiver<Topic>, failed: bool) -> Woken {
    if failed {
        tokio::time::sleep(BREATH).await;
        return Woken::Everyone;
    }
    let mut clients = BTreeSet::new();
    tokio::select! {
        topic = topics.recv() => match topic {
            Ok(topic) => if !note(app, topic, &mut clients) { return Woken::Everyone },
            Err(RecvError::Lagged(_) | RecvError::Closed) => return Woken::Everyone,
        },
        () = tokio::time::sleep(until_the_clock_changes_one(app)) => return Woken::Everyone,
    }
    // Everything that has come meanwhile is read in the same statement.
    loop {
        match topics.try_recv() {
            Ok(topic) => {
                if !note(app, topic, &mut clients) {
                    return Woken::Everyone;
                }
            }
            Err(TryRecvError::Empty | TryRecvError::Closed) => return Woken::Some(clients),
            Err(TryRecvError::Lagged(_)) => return Woken::Everyone,
        }
    }
}

/// Notes a topic; false where everything is to be read.
fn note(app: &App, topic: Topic, clients: &mut BTreeSet<ClientId>) -> bool {
    match topic {
        Topic::Balance(client, _) => {
            if app.balances.is_watched(client) {
                clients.insert(client);
            }
        }
        Topic::Rights(whom) => app.balances.stir(Some(whom)),
        Topic::Everything => return false,
        Topic::Task(..) | Topic::TimeEntry(..) | Topic::Plan(..) | Topic::Notification(..) | Topic::Mail => {}
    }
    true
}

fn until_the_clock_changes_one(app: &App) -> Duration {
    let now = app.clock.now();
    let next = app.balances.first(|balances| balances.iter().filter_map(Balance::changes_at).min());
    next.and_then(|next| (next - now).to_std().ok()).map_or(RECONCILE, |wait| wait.min(RECONCILE))
}

async fn refresh(app: &Arc<App>, woken: Woken) -> Result<()> {
    let clients = match woken {
        Woken::Some(clients) => clients,
        Woken::Everyone => {
            app.balances.stir(None);
            app.balances.keys()
        }
    };
    if clients.is_empty() {
        return Ok(());
    }
    newest(app, clients.into_iter().map(Some).collect()).await.map(|_| ())
}

/// One subscriber.
struct Subscriber {
    app: Arc<App>,
    session: Arc<Session>,
    client: Option<ClientId>,
    watcher: Arc<Watcher<ClientId>>,
    /// The clients watched; none where all are.
    watched: Option<BTreeSet<ClientId>>,
    /// What was sent; most have room for four and hold one.
    last: HashMap<EngagementId, Box<Balance>>,
    ready: VecDeque<Balance>,
}

/// The balances that the caller may see, each at once and then after every change (L-1): of one client, or of all that
/// the caller sees, as they come and go (L-2). Ends in an error once the right is lost.
///
/// # Errors
/// NotFound for a client that the caller does not see; Denied where they read no balances.
pub async fn watch_balances(
    call: &Call,
    session: Arc<Session>,
    client: Option<ClientId>,
) -> Result<impl Stream<Item = Result<Balance>> + Send + use<>> {
    let scope = call.scope(Action::BalanceRead)?;
    if let Some(client) = client
        && !scope.holds(client, None)
    {
        return Err(Error::NotFound);
    }
    let app = Arc::clone(&call.app);
    let watched = wanted(&scope, client);
    let watcher = app.balances.watch(watched.as_ref(), session.whose());
    let mut subscriber =
        Subscriber { app, session, client, watcher, watched, last: HashMap::new(), ready: VecDeque::new() };
    subscriber.look(&scope).await?;
    Ok(stream::unfold(Some(subscriber), |subscriber| async move {
        let mut subscriber = subscriber?;
        match subscriber.next().await {
            Ok(balance) => Some((Ok(balance), Some(subscriber))),
            Err(error) => Some((Err(error), None)),
        }
    }))
}

fn wanted(scope: &Scope, client: Option<ClientId>) -> Option<BTreeSet<ClientId>> {
    match (client, scope) {
        (Some(client), _) => Some(BTreeSet::from([client])),
        (None, Scope::All) => None,
        (None, Scope::Clients(clients) | Scope::Own(_, clients)) => Some(clients.clone()),
    }
}

impl Subscriber {
    async fn next(&mut self) -> Result<Balance> {
        loop {
            if let Some(balance) = self.ready.pop_front() {
                // Room for what is rare is given back: most wait, for hours.
                if self.ready.is_empty() {
                    self.ready = VecDeque::new();
                }
                return Ok(balance);
            }
            let changed = self.watcher.changed().await;
            let scope = self.scope().await?;
            if self.client.is_none() && wanted(&scope, None) != self.watched {
                self.watched = wanted(&scope, None);
                self.watcher = self.app.balances.watch(self.watched.as_ref(), self.session.whose());
                self.last.retain(|_, balance| scope.holds(balance.client_id, None));
                self.look(&scope).await?;
            }
            for client in changed.into_iter().filter(|client| scope.holds(*client, None)) {
                let state = self.app.balances.get(client).unwrap_or_default();
                self.offer(state);
            }
        }
    }

    /// What the caller may see now, from memory.
    async fn scope(&self) -> Result<Scope> {
        let actor =
            self.app.sessions.alive(&self.session).await.ok_or(Error::Denied(Denied::Unauthenticated))?;
        let scope = actor.scope(Action::BalanceRead)?;
        match self.client {
            Some(client) if !scope.holds(client, None) => Err(Error::Denied(Denied::Forbidden)),
            _ => Ok(scope),
        }
    }

    /// Takes the present state, once it is watched.
    async fn look(&mut self, scope: &Scope) -> Result<()> {
        let asked = match &self.watched {
            Some(clients) => clients.iter().copied().map(Some).collect(),
            None => vec![None],
        };
        let found = newest(&self.app, asked).await?;
        let mut seen: Vec<Balance> = match &self.watched {
            Some(clients) => {
                clients.iter().filter_map(|client| found.get(&Some(*client))).flatten().cloned().collect()
            }
            None => found.values().flatten().cloned().collect(),
        };
        seen.retain(|balance| scope.holds(balance.client_id, None));
        seen.sort_by_key(|balance| (balance.client_id, balance.engagement_id));
        self.offer(seen);
        Ok(())
    }

    /// Takes in what is not older than what was sent, and reads otherwise.
    fn offer(&mut self, balances: Vec<Balance>) {
        for balance in balances {
            let is_news = self.last.get(&balance.engagement_id).is_none_or(|sent| {
                balance.version >= sent.version && balance.as_of >= sent.as_of && !balance.reads_like(sent)
            });
            if is_news {
                self.ready.retain(|waiting| waiting.engagement_id != balance.engagement_id);
                self.last.insert(balance.engagement_id, Box::new(balance.clone()));
                self.ready.push_back(balance);
            }
        }
    }
}
