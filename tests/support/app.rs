//! The application under test: wired as `serve` wires it, on a database of its own and a clock that is moved by hand.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Duration, TimeZone, Utc};
use hourbank::app::{App, Call};
use hourbank::auth::Keys;
use hourbank::bus::{Bus, Topic};
use hourbank::clock::Clock;
use hourbank::config::{Config, Limits, LogFormat, LogLevel};
use hourbank::graphql::{Schema, schema};
use hourbank::mail::Mailer;
use hourbank::store::Db;

use super::collector::told;
use super::database::{TestDatabase, fresh};

/// An application of one test.
pub struct TestApp {
    pub app: Arc<App>,
    pub schema: Schema,
    pub database: Arc<TestDatabase>,
}

impl TestApp {
    /// A fresh application on a Wednesday noon: 2026-03-11, 12:00 UTC.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        Self::on(fresh().await, configure).await
    }

    /// The same on a database that is there already.
    pub async fn on(database: TestDatabase, configure: impl FnOnce(&mut Config)) -> Self {
        told();
        let database = Arc::new(database);
        let clock = Clock::fixed(Utc.with_ymd_and_hms(2026, 3, 11, 12, 0, 0).unwrap());
        let mut config = config(&database.url);
        configure(&mut config);
        let db = Db::open(&database.url, config.pool).await.expect("a database just made opens");
        let keys = Keys::ephemeral().expect("keys are made");
        let app = App::wire(config, db, Bus::local(), clock, keys, Mailer::memory());
        Self { app, schema: schema(), database }
    }

    /// An application on a database that is there already, at the present moment: for what other processes serve.
    pub async fn at(url: &str, keys: &Path) -> Self {
        let database = Arc::new(TestDatabase::at(url).await);
        let db = Db::open(url, 2).await.expect("the database opens");
        let keys = Keys::load(&config(&format!("sqlite://{}", keys.display()))).expect("keys are made");
        let app = App::wire(config(url), db, Bus::local(), Clock::System, keys, Mailer::memory());
        Self { app, schema: schema(), database }
    }

    /// The present moment of the application.
    pub fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    /// Moves the clock on; what callers may is read anew.
    pub fn advance(&self, by: Duration) {
        self.app.clock.advance(by);
        self.app.bus.publish(&[Topic::Everything]);
    }

    /// An operation of the system itself.
    pub fn system(&self) -> Call {
        Call::system(&self.app, "test")
    }

    /// Statements sent while `work` runs, and its result.
    pub async fn count<T>(&self, work: impl Future<Output = T>) -> (u64, T) {
        let before = self.app.db.statements();
        let result = work.await;
        (self.app.db.statements() - before, result)
    }
}

/// The settings of an application under test.
pub fn config(url: &str) -> Config {
    Config {
        database: url.to_owned(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        url: Some("https://hours.example".to_owned()),
        origins: Vec::new(),
        proxies: Vec::new(),
        graphiql: false,
        introspection: false,
        documents_file: None,
        mail_dir: PathBuf::from("/nonexistent"),
        smtp: None,
        smtp_password_file: None,
        mail_from: "hours@hours.example".parse().expect("an address"),
        time_zone: chrono_tz::Europe::Moscow,
        signing_key_file: None,
        sealing_key_file: None,
        stop_delay: 0,
        pool: 4,
        log: LogLevel::Warn,
        log_format: LogFormat::Text,
        metrics: vec!["127.0.0.0/8".parse().expect("a network")],
        traces: None,
        traces_percent: 100,
        limits: Limits::default(),
    }
}
