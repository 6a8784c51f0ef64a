//! Where things are wired: one [`App`] for the process, one [`Call`] for each operation.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::balance::Balance;
use domain::id::ClientId;
use domain::policy::{Action, Actor, Denied, Permit, Scope, Target, decide};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::auth::{Keys, Passwords, Sessions};
use crate::bus::latest::Latest;
use crate::bus::together::Together;
use crate::bus::{self, Bus};
use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::mail::Mailer;
use crate::metric::Metrics;
use crate::store::tx::Origin;
use crate::store::{Db, Tx};

/// Clients whose balances are read at once at the most.
const READ_TOGETHER: usize = 1_000;

/// Everything that a process holds.
#[derive(Debug)]
pub struct App {
    pub config: Config,
    pub db: Db,
    pub bus: Bus,
    pub clock: Clock,
    pub keys: Arc<Keys>,
    pub sessions: Sessions,
    pub passwords: Passwords,
    pub mailer: Mailer,
    /// What the process counts, but for the database's own.
    pub metrics: Metrics,
    /// The newest balances of the clients that somebody watches.
    pub balances: Latest<ClientId, Vec<Balance>>,
    /// How they are read: once for all who want them at the same moment; `None` stands for every client.
    pub balance_readings: Together<Option<ClientId>, Vec<Balance>>,
}

impl App {
    /// Opens everything that the settings name. The database's schema is left as it is.
    ///
    /// # Errors
    /// The database does not answer, or a key file is missing or not understood.
    pub async fn open(config: Config) -> std::result::Result<Arc<Self>, String> {
        let keys = Keys::load(&config)?;
        Self::open_with(config, keys).await
    }

    /// The same with keys that are there already.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn open_with(config: Config, keys: Keys) -> std::result::Result<Arc<Self>, String> {
        let db = Db::open(&config.database, config.pool)
            .await
            .map_err(|error| format!("the database does not open: {}", Error::from(error)))?;
        let mailer = match &config.smtp {
            None => Mailer::folder(&config.mail_dir, config.mail_from.clone()),
            Some(server) => {
                let password = config.smtp_password_file.as_deref().map(secret).transpose()?;
                Mailer::smtp(&server.url, server.user.as_deref(), password, config.mail_from.clone())?
            }
        };
        // SQLite is one process's own; PostgreSQL may be shared.
        let bus = if config.database.starts_with("sqlite:") { Bus::local() } else { Bus::shared() };
        Ok(Self::wire(config, db, bus, Clock::System, keys, mailer))
    }

    /// Looks through a restored backup before it is used for the first time (T72).
    ///
    /// # Errors
    /// The file is damaged.
    pub async fn accept(&self) -> std::result::Result<(), String> {
        let broken =
            crate::store::backup::accept(&self.db).await.map_err(|error| Error::from(error).to_string())?;
        match broken.as_slice() {
            [] => Ok(()),
            [first, ..] => Err(format!("this backup is damaged, restore another: {first}")),
        }
    }

    /// Brings the tables up to date; of several processes that start together one does it. Tables that a newer program
    /// made serve this one too.
    ///
    /// # Errors
    /// What the database says; then nothing was applied.
    pub async fn migrate(&self) -> std::result::Result<(), String> {
        let ahead = migration::up(self.db.writing())
            .await
            .map_err(|error| format!("the tables cannot be brought up: {error}"))?;
        if !ahead.is_empty() {
            let steps = ahead.join(", ");
            tracing::warn!(steps, "the tables are newer than this program, which serves on them");
        }
        Ok(())
    }

    /// Joins the processes that share the database, until `ended` turns true and all that waits is sent; none on SQLite.
    ///
    /// # Errors
    /// The database's address is malformed.
    pub async fn join(
        &self,
        ended: watch::Receiver<bool>,
    ) -> std::result::Result<Option<JoinHandle<()>>, String> {
        if self.bus.outward().is_none() {
            return Ok(None);
        }
        let joined = bus::postgres::start(self.bus.clone(), &self.config.database, ended).await;
        joined.map(Some).map_err(|error| error.to_string())
    }

    /// Wires parts that are there already.
    pub fn wire(
        config: Config,
        db: Db,
        bus: Bus,
        clock: Clock,
        keys: impl Into<Arc<Keys>>,
        mailer: Mailer,
    ) -> Arc<Self> {
        let keys = keys.into();
        Arc::new(Self {
            sessions: Sessions::new(db.clone(), bus.clone(), clock.clone(), Arc::clone(&keys)),
            passwords: Passwords::new(config.limits.password_threads, config.limits.password_queue),
            metrics: Metrics::new(clock.now()),
            balances: Latest::default(),
            balance_readings: Together::new(READ_TOGETHER),
            config,
            db,
            bus,
            clock,
            keys,
            mailer,
        })
    }
}

/// The secret in a file, the end of its line left out.
fn secret(path: &Path) -> std::result::Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// One operation: who asks, in which request, at what moment.
#[derive(Debug, Clone)]
pub struct Call {
    pub app: Arc<App>,
    pub actor: Arc<Actor>,
    pub request_id: String,
    /// The network address that it comes from, where it comes over a network.
    pub address: Option<IpAddr>,
    pub now: DateTime<Utc>,
}

impl Call {
    /// An operation of `actor` at this moment.
    pub fn new(app: Arc<App>, actor: Arc<Actor>, request_id: String) -> Self {
        let now = app.clock.now();
        Self { app, actor, request_id, address: None, now }
    }

    /// An operation of the system itself.
    pub fn system(app: &Arc<App>, job: &'static str) -> Self {
        Self::new(Arc::clone(app), Arc::new(Actor::System(job)), format!("job-{}", Uuid::now_v7()))
    }

    /// Begins a unit of work of somebody who is known: nobody is told what there is and what there is not (T37).
    ///
    /// # Errors
    /// Nobody is signed in; the database is away or stayed busy.
    pub async fn begin(&self) -> Result<Tx<'_>> {
        if *self.actor == Actor::Anonymous {
            return Err(Denied::Unauthenticated.into());
        }
        self.begin_for_anyone().await
    }

    /// Begins a unit of work of whoever it is: signing in and what stands in its place.
    ///
    /// # Errors
    /// The database is away or stayed busy.
    pub async fn begin_for_anyone(&self) -> Result<Tx<'_>> {
        let origin = Origin {
            principal: self.principal(),
            actor_id: self.actor_id(),
            request_id: self.request_id.clone(),
            now: self.now,
        };
        Tx::begin(&self.app.db, &self.app.bus, origin).await
    }

    /// Decides whether the caller may.
    ///
    /// # Errors
    /// As [`decide`]: unseen is NotFound, seen but not allowed is Forbidden.
    pub fn permit(&self, action: Action, target: &Target) -> Result<Permit> {
        Ok(decide(&self.actor, action, target)?)
    }

    /// What the caller may read.
    ///
    /// # Errors
    /// The caller's role reads nothing of the kind, or nobody is signed in.
    pub fn scope(&self, action: Action) -> Result<Scope> {
        Ok(self.actor.scope(action)?)
    }

    /// The caller's name in the audit log and for idempotency keys.
    pub fn principal(&self) -> String {
        match &*self.actor {
            Actor::Anonymous => "anonymous".to_owned(),
            Actor::System(job) => format!("system:{job}"),
            Actor::User(user) => match user.viewed_by {
                Some(viewer) => format!("user:{} as user:{}", viewer.0, user.id.0),
                None => format!("user:{}", user.id.0),
            },
            Actor::Partner(partner) => format!("key:{}", partner.key.0),
        }
    }

    /// The caller's id, where it has one.
    pub fn actor_id(&self) -> Option<Uuid> {
        match &*self.actor {
            Actor::User(user) => Some(user.id.0),
            Actor::Partner(partner) => Some(partner.key.0),
            Actor::Anonymous | Actor::System(_) => None,
        }
    }
}
