//! The program itself, as its own process: started, killed, started again.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::http::Client;
use super::place::{Place, run};
use super::setting;

/// The program under test: the one just built, or the one that the run names.
pub fn binary() -> PathBuf {
    setting("HOURBANK_TEST_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_hourbank").to_owned()).into()
}

/// A server on an address that stays the same over its lives.
pub struct Server {
    pub address: SocketAddr,
    folder: PathBuf,
    database: String,
    pool: u32,
    child: Option<Child>,
}

impl Server {
    /// A server yet to be started. The keys lie in the place; whoever seeds the database makes them.
    pub fn new(place: &Place, database: &str, pool: u32) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("bound");
        Self { address, folder: place.path().to_owned(), database: database.to_owned(), pool, child: None }
    }

    /// A command of the program on this server's database.
    pub fn command(&self, argument: &str) -> Command {
        let mut command = Command::new(binary());
        command
            .arg(argument)
            .current_dir(&self.folder)
            .env("RUST_LOG", "warn")
            .env("HOURBANK_DATABASE", &self.database)
            .env("HOURBANK_LISTEN", self.address.to_string())
            .env("HOURBANK_POOL", self.pool.to_string())
            .env("HOURBANK_SIGNING_KEY_FILE", self.folder.join("keys.signing-key"))
            .env("HOURBANK_SEALING_KEY_FILE", self.folder.join("keys.sealing-key"))
            .stdin(Stdio::null());
        command
    }

    /// Starts the server; it is not waited for.
    pub fn start(&mut self) {
        assert!(self.child.is_none(), "one at a time");
        let log = File::options().create(true).append(true).open(self.log()).expect("a log");
        // A write over the limit of a file's size is then an error like any other, not the end.
        let mut command = Command::new("sh");
        let serve = self.command("serve");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" serve"]).arg(serve.get_program());
        command.current_dir(&self.folder).stdin(Stdio::null());
        command.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.stdout(log.try_clone().expect("a log")).stderr(log);
        let child = command.spawn().expect("the program starts");
        fs::write(self.folder.join("server.pid"), format!("{}\n", child.id())).expect("a pid is written");
        self.child = Some(child);
    }

    /// Ends the server in the middle of whatever it does.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("a server runs");
        let gone = fs::remove_file(self.folder.join("server.pid"));
        child.kill().and_then(|()| child.wait()).and(gone).expect("a child can be killed");
    }

    /// Sets the size beyond which the server cannot write into a file.
    pub fn limit_files(&self, bytes: &str) {
        let pid = self.child.as_ref().expect("a server runs").id().to_string();
        let limit = format!("--fsize={bytes}:");
        run(Command::new("prlimit").args(["--pid", &pid, &limit])).expect("a limit is set");
    }

    /// Waits until the server says that it is ready, its database included.
    pub async fn ready(&mut self) -> Duration {
        let begin = Instant::now();
        loop {
            if let Ok(reply) = Client::new(self.address, None).get("/ready").await
                && reply.status == 200
            {
                return begin.elapsed();
            }
            if let Some(child) = &mut self.child
                && let Some(status) = child.try_wait().expect("a child is waited for")
            {
                panic!("the server ended by itself: {status}\n{}", self.last_words());
            }
            assert!(begin.elapsed() < Duration::from_secs(30), "not ready\n{}", self.last_words());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// `hourbank verify`: nothing to say.
    pub fn verify(&self) -> Result<(), String> {
        run(&mut self.command("verify"))
            .and_then(|said| if said.is_empty() { Ok(()) } else { Err(format!("verify says: {said}")) })
    }

    /// The end of the log.
    pub fn last_words(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
    }
}
