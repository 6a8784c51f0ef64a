//! What a client may rely on: each write, noted before it is sent, and each outcome, on the disk before it counts.
//!
//! One thread writes. Outcomes that arrive together share one `fsync`, as a database's commits do.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use uuid::Uuid;

/// A line of the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Line {
    /// About to be sent for the first time.
    Sent { key: Uuid, engagement: String, minutes: i32 },
    /// Done: the entry's global id.
    Done { key: Uuid, id: String },
    /// Refused for good.
    Refused { key: Uuid, codes: Vec<String> },
}

/// The way to the journal; any number of writers share it.
#[derive(Clone)]
pub struct Journal {
    path: PathBuf,
    lines: mpsc::Sender<(Line, oneshot::Sender<()>)>,
}

/// What the journal says of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub engagement: String,
    pub minutes: i32,
    pub outcome: Outcome,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Unknown,
    Done(String),
    Refused,
}

impl Journal {
    pub fn new(path: &Path) -> Self {
        let mut file = File::options().create(true).append(true).open(path).expect("a journal");
        let (lines, receive) = mpsc::channel::<(Line, oneshot::Sender<()>)>();
        thread::spawn(move || {
            while let Ok(first) = receive.recv() {
                let together: Vec<_> = std::iter::once(first).chain(receive.try_iter()).collect();
                let mut text = Vec::new();
                for (line, _) in &together {
                    serde_json::to_writer(&mut text, line).expect("a line has a form");
                    text.push(b'\n');
                }
                file.write_all(&text).and_then(|()| file.sync_data()).expect("the journal is written");
                for (_, done) in together {
                    // A writer that was given up does not wait.
                    let _ = done.send(());
                }
            }
        });
        Self { path: path.to_owned(), lines }
    }

    /// Writes a line; it is on the disk when this returns.
    pub async fn write(&self, line: Line) {
        let (done, written) = oneshot::channel();
        self.lines.send((line, done)).expect("the journal's thread lives");
        written.await.expect("the journal's thread answers");
    }

    /// Everything that was written, read back from the disk.
    pub fn read(&self) -> BTreeMap<Uuid, Written> {
        let text = fs::read_to_string(&self.path).expect("the journal is read");
        let mut writes = BTreeMap::new();
        for line in text.lines() {
            match serde_json::from_str(line).expect("a line") {
                Line::Sent { key, engagement, minutes } => {
                    let fresh = Written { engagement, minutes, outcome: Outcome::Unknown };
                    assert!(writes.insert(key, fresh).is_none(), "a key is used once");
                }
                Line::Done { key, id } => settle(&mut writes, key, Outcome::Done(id)),
                Line::Refused { key, .. } => settle(&mut writes, key, Outcome::Refused),
            }
        }
        writes
    }
}

fn settle(writes: &mut BTreeMap<Uuid, Written>, key: Uuid, outcome: Outcome) {
    let write = writes.get_mut(&key).expect("sent before it was settled");
    assert_eq!(write.outcome, Outcome::Unknown, "settled once");
    write.outcome = outcome;
}
