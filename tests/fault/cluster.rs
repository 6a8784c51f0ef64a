//! A PostgreSQL of the test's own, which keeps its promises to the disk, and which can be stopped in every way.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::place::{Place, run, signal};
use super::setting;

/// How a cluster is brought down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Sessions are ended, what is committed is written out.
    Fast,
    /// Everything is dropped; the next start recovers from the log.
    Immediate,
    /// The postmaster is killed; its children follow by themselves and leave their shared memory behind.
    Kill,
}

/// A running cluster; it goes with its place.
pub struct Cluster {
    programs: PathBuf,
    data: PathBuf,
    sockets: PathBuf,
    port: u16,
    /// Whom it runs as, where that is not the test's own user.
    user: Option<&'static str>,
}

impl Cluster {
    pub fn start(place: &Place) -> Self {
        let sockets = place.file("pg");
        fs::create_dir(&sockets).expect("a folder is made");
        let user = other_user();
        if let Some(user) = user {
            run(Command::new("chown").arg(user).arg(&sockets)).expect("root gives folders away");
        }
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let cluster = Self { programs: programs(), data: sockets.join("data"), sockets, port, user };
        let mut initdb = cluster.command("initdb");
        initdb.args(["-E", "UTF8", "--locale=C", "-U", "hourbank", "--auth=trust", "--no-sync", "-D"]);
        run(initdb.arg(&cluster.data)).expect("a cluster is made");
        cluster.up();
        cluster
    }

    /// The address of its database.
    pub fn url(&self) -> String {
        self.url_at(self.port)
    }

    /// The same through something that listens elsewhere.
    pub fn url_at(&self, port: u16) -> String {
        format!("postgres://hourbank@127.0.0.1:{port}/postgres")
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it; what a killed one left behind may keep it waiting.
    pub fn up(&self) {
        let begin = Instant::now();
        let settings = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c max_connections=60 -c shared_buffers=32MB",
            self.port,
            self.sockets.display()
        );
        loop {
            let mut start = self.command("pg_ctl");
            start.args(["start", "-s", "-w", "-t", "20", "-D"]).arg(&self.data).arg("-l").arg(self.log());
            match run(start.args(["-o", &settings])) {
                Ok(_) => return,
                Err(error) => {
                    let log = fs::read_to_string(self.log()).unwrap_or_default();
                    assert!(begin.elapsed() < Duration::from_secs(20), "{error}\n{log}");
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
        }
    }

    /// Brings it down.
    pub fn down(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
            Stop::Kill => {
                let file = fs::read_to_string(self.data.join("postmaster.pid")).expect("a cluster runs");
                return signal("KILL", file.lines().next().expect("a pid"));
            }
        };
        let mut stop = self.command("pg_ctl");
        run(stop.args(["stop", "-s", "-w", "-t", "20", "-m", mode, "-D"]).arg(&self.data)).expect("it stops");
    }

    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        // Root's folder is nobody else's to stand in.
        command.current_dir(&self.sockets);
        command
    }

    fn log(&self) -> PathBuf {
        self.sockets.join("log")
    }
}

/// PostgreSQL refuses to run as root.
fn other_user() -> Option<&'static str> {
    let id = |arguments: &[&str]| run(Command::new("id").args(arguments));
    if id(&["-u"]).expect("a user has an id") != "0" {
        return None;
    }
    Some(if id(&["-u", "postgres"]).is_ok() { "postgres" } else { "nobody" })
}

/// Where PostgreSQL's programs lie: the run says it, or the newest of Debian's, or wherever the path leads.
fn programs() -> PathBuf {
    if let Some(folder) = setting("HOURBANK_TEST_POSTGRES") {
        return folder.into();
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|version| {
            Some((version.file_name().to_str()?.parse::<u32>().ok()?, version.path().join("bin")))
        })
        .filter(|(_, folder)| folder.join("initdb").exists())
        .max();
    if let Some((_, folder)) = newest {
        return folder;
    }
    let path = setting("PATH").unwrap_or_default();
    let found = path.split(':').map(Path::new).find(|folder| folder.join("initdb").exists());
    found.expect("PostgreSQL's programs are there (Debian: postgresql)").to_owned()
}
