//! Several instances of the server on one PostgreSQL, each wired as `serve` wires it.
//!
//! SQLite belongs to one process, so there is nothing to show there: [`instances`] then gives none, and the test that
//! asked for them ends. The same test runs in full when the suite runs on PostgreSQL.

use std::sync::Arc;

use hourbank::app::App;
use hourbank::bus::Bus;
use hourbank::graphql::schema;
use hourbank::mail::Mailer;
use hourbank::store::Db;
use sea_orm::{ConnectionTrait, DbBackend};
use tokio::sync::watch;

use super::app::TestApp;
use super::server::Server;

/// One instance, with what `serve` runs beside its transports.
pub struct Instance {
    pub app: TestApp,
    end: watch::Sender<bool>,
}

impl Instance {
    /// Begins to hear the others and to keep callers fresh.
    async fn start(app: TestApp) -> Self {
        let (end, ended) = watch::channel(false);
        app.app.join(ended.clone()).await.expect("the database's address is good");
        let inner = Arc::clone(&app.app);
        tokio::spawn(async move { inner.sessions.keep_fresh(ended).await });
        Self { app, end }
    }

    /// Its transports, live balances included.
    pub async fn serve(&self) -> Server {
        Server::start(&self.app).await
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let _ = self.end.send(true);
    }
}

/// So many instances on one database, with one clock and the same keys; none on SQLite.
pub async fn instances(count: usize) -> Option<Vec<Instance>> {
    let first = TestApp::start().await;
    if first.database.db.get_database_backend() != DbBackend::Postgres {
        return None;
    }
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(Instance::start(first.beside().await).await);
    }
    Some(all)
}

impl TestApp {
    /// Another application on the same database, whose topics go out to its fellows.
    async fn beside(&self) -> Self {
        let db = Db::open(&self.database.url, 4).await.expect("the database opens");
        let (config, clock) = (self.app.config.clone(), self.app.clock.clone());
        let keys = Arc::clone(&self.app.keys);
        let app = App::wire(config, db, Bus::shared(), clock, keys, Mailer::memory());
        Self { app, schema: schema(), database: Arc::clone(&self.database) }
    }

    /// Ends the connections on which the instances listen to one another, as a lost network does.
    pub async fn deafen(&self) {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = 'hourbank bus' AND (query LIKE 'LISTEN%' OR query = 'SELECT 1')";
        let ended = self.database.db.query_all_raw(sea_orm::Statement::from_string(DbBackend::Postgres, sql));
        assert!(!ended.await.expect("connections are ended").is_empty(), "somebody listened");
    }

    /// Waits until so many sessions of the database wait for a lock of another.
    pub async fn waiting_for_locks(&self, count: usize) {
        let sql =
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waiting = async {
            loop {
                let sql = sea_orm::Statement::from_string(DbBackend::Postgres, sql);
                if self.database.db.query_all_raw(sql).await.expect("sessions are listed").len() >= count {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(3), waiting).await.expect("they wait");
    }
}
