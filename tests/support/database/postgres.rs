//! PostgreSQL: databases made from a template by one thread of the process.
//!
//! The thread is needed because a test's `Drop` cannot await and its runtime ends with it. It holds one session,
//! named after the run; a database whose run has no session any more is left over from a run that was killed, and the
//! next keeper drops it, under an advisory lock, since runs may begin side by side.

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::str::FromStr;
use std::sync::{LazyLock, Mutex, OnceLock, mpsc};
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use uuid::Uuid;

/// Any number will do that nothing else on the server locks.
const LOCK: i64 = 0x686f_7572_6261_6e6b;

/// What marks this run's session and databases on the server. Not the process id: two machines may share a server.
static RUN: LazyLock<String> = LazyLock::new(|| Uuid::new_v4().simple().to_string()[..12].to_owned());

/// What a copy is made from.
#[derive(Clone, Copy, PartialEq)]
pub enum Origin {
    /// The server's own empty template.
    Empty,
    /// A database with the newest schema.
    Template,
}

/// A database of one test; dropped with this.
pub struct Copy {
    pub url: String,
    name: String,
    orders: mpsc::Sender<Order>,
}

impl Copy {
    pub async fn make(server: &str, origin: Origin) -> Self {
        let orders = keeper(server);
        let name = format!("t_{}_{}", *RUN, Uuid::new_v4().simple());
        let (done, made) = oneshot::channel();
        orders
            .send(Order::Make { name: name.clone(), origin, done })
            .expect("the keeper lives as long as the run");
        made.await
            .expect("the keeper answers")
            .unwrap_or_else(|error| panic!("no database for a test: {error}"));
        Self { url: with_database(server, &name), name, orders }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let (done, dropped) = mpsc::channel();
        // Waiting here is what makes the last test's database go before the process does.
        let sent = self.orders.send(Order::Drop { name: self.name.clone(), done }).is_ok();
        if !sent || dropped.recv_timeout(Duration::from_secs(30)).is_err() {
            eprintln!("the database {} stays behind for the next run to sweep", self.name);
        }
    }
}

enum Order {
    Make { name: String, origin: Origin, done: oneshot::Sender<Result<(), String>> },
    Drop { name: String, done: mpsc::Sender<()> },
}

/// The way to the one keeper of the process; the first caller starts it.
fn keeper(server: &str) -> mpsc::Sender<Order> {
    static ORDERS: OnceLock<Mutex<mpsc::Sender<Order>>> = OnceLock::new();
    let orders = ORDERS.get_or_init(|| {
        let (send, receive) = mpsc::channel();
        let server = server.to_owned();
        thread::Builder::new()
            .name("database keeper".to_owned())
            .spawn(move || Keeper::start(server).run(&receive))
            .expect("a thread starts");
        Mutex::new(send)
    });
    orders.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
}

struct Keeper {
    runtime: Runtime,
    server: String,
    session: PgConnection,
    /// Why there is no template, where there is none: every test that wants it says so.
    template: Option<Result<String, String>>,
}

impl Keeper {
    fn start(server: String) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let options = PgConnectOptions::from_str(&server)
            .expect("HOURBANK_TEST_DATABASE is a URL of PostgreSQL")
            .application_name(&session_name(&RUN));
        let mut session =
            runtime.block_on(PgConnection::connect_with(&options)).expect("HOURBANK_TEST_DATABASE answers");
        runtime.block_on(sweep(&mut session)).expect("what killed runs left can be dropped");
        Self { runtime, server, session, template: None }
    }

    fn run(mut self, orders: &mpsc::Receiver<Order>) {
        for order in orders {
            match order {
                Order::Make { name, origin, done } => {
                    let made = self.make(&name, origin);
                    // A test that was given up meanwhile takes no answer, so nobody else would drop it.
                    if done.send(made).is_err() {
                        self.drop(&name);
                    }
                }
                Order::Drop { name, done } => {
                    self.drop(&name);
                    let _ = done.send(());
                }
            }
        }
    }

    fn make(&mut self, name: &str, origin: Origin) -> Result<(), String> {
        let template = match origin {
            Origin::Empty => "template0".to_owned(),
            Origin::Template => self.template()?,
        };
        // FILE_COPY would force a checkpoint for each database.
        let create = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY WAL_LOG");
        self.runtime.block_on(execute(&mut self.session, &create)).map_err(|error| error.to_string())
    }

    fn drop(&mut self, name: &str) {
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        if let Err(error) = self.runtime.block_on(execute(&mut self.session, &drop)) {
            eprintln!("the database {name} stays behind: {error}");
        }
    }

    fn template(&mut self) -> Result<String, String> {
        if self.template.is_none() {
            let made = self.runtime.block_on(migrated(&mut self.session, &self.server));
            self.template = Some(made);
        }
        self.template.clone().expect("just set")
    }
}

/// Makes the run's template: a database with the newest schema and nobody connected.
async fn migrated(session: &mut PgConnection, server: &str) -> Result<String, String> {
    let name = format!("hourbank_template_{}", *RUN);
    let create = format!("CREATE DATABASE {name} TEMPLATE template0");
    execute(session, &create).await.map_err(|error| error.to_string())?;
    let db =
        sea_orm::Database::connect(with_database(server, &name)).await.map_err(|error| error.to_string())?;
    migration::up(&db).await.map_err(|error| format!("the migrations fail on PostgreSQL: {error}"))?;
    db.close().await.map_err(|error| error.to_string())?;
    Ok(name)
}

/// Drops the databases of runs that have no session any more.
async fn sweep(session: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut *session).await?;
    let databases: Vec<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_database").fetch_all(&mut *session).await?;
    let living: Vec<String> =
        sqlx::query_scalar("SELECT application_name FROM pg_stat_activity").fetch_all(&mut *session).await?;
    for name in databases.iter().filter(|name| is_left_over(name, &living)) {
        execute(session, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    }
    sqlx::query("SELECT pg_advisory_unlock($1)").bind(LOCK).execute(session).await?;
    Ok(())
}

/// Whether a database was made by a run (`t_<run>_…`, `hourbank_template_<run>`) that is not among the living.
fn is_left_over(database: &str, living: &[String]) -> bool {
    let run = match (database.strip_prefix("hourbank_template_"), database.strip_prefix("t_")) {
        (Some(run), _) => run,
        (_, Some(rest)) => rest.split('_').next().unwrap_or_default(),
        _ => return false,
    };
    run.len() == RUN.len()
        && run.chars().all(|c| c.is_ascii_hexdigit())
        && !living.contains(&session_name(run))
}

fn session_name(run: &str) -> String {
    format!("hourbank tests {run}")
}

/// Names of databases cannot be parameters; all of ours are made here, of letters and digits.
async fn execute(session: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    session.execute(AssertSqlSafe(sql)).await.map(drop)
}

/// The same server and settings with another database: `postgres://user@host:1/a?x=y` → `…/b?x=y`.
fn with_database(url: &str, database: &str) -> String {
    let (address, settings) =
        url.split_once('?').map_or((url, None), |(address, rest)| (address, Some(rest)));
    let authority = address.find("://").map_or(0, |scheme| scheme + 3);
    let end = address[authority..].find('/').map_or(address.len(), |slash| authority + slash);
    let settings = settings.map(|settings| format!("?{settings}")).unwrap_or_default();
    format!("{}/{database}{settings}", &address[..end])
}

mod tests {
    use super::{RUN, is_left_over, session_name, with_database};

    #[test]
    fn a_url_keeps_all_but_its_database() {
        for (url, expected) in [
            ("postgres://u:p@127.0.0.1:5/postgres", "postgres://u:p@127.0.0.1:5/b"),
            ("postgres://127.0.0.1", "postgres://127.0.0.1/b"),
            ("postgres://h/a?host=/tmp/x", "postgres://h/b?host=/tmp/x"),
        ] {
            assert_eq!(with_database(url, "b"), expected);
        }
    }

    #[test]
    fn only_databases_of_ended_runs_are_left_over() {
        let living = [session_name(&RUN)];
        assert!(!is_left_over(&format!("t_{}_1", *RUN), &living));
        assert!(!is_left_over(&format!("hourbank_template_{}", *RUN), &living));
        assert!(is_left_over("t_0123456789ab_1", &living));
        assert!(is_left_over("hourbank_template_0123456789ab", &living));
        for foreign in ["postgres", "template1", "t_shirts", "hourbank", "hourbank_template_mine"] {
            assert!(!is_left_over(foreign, &living), "{foreign}");
        }
    }
}
