//! What was written and what came of it, and the figures of both.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::Instant;

use serde_json::{Value, json};

/// A balance, as far as it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    pub version: u32,
    used: u32,
    remaining: u32,
}

impl State {
    /// Reads a balance from an answer.
    pub fn read(balance: &Value) -> Option<(String, Self)> {
        let number = |name: &str| balance[name].as_u64().and_then(|number| u32::try_from(number).ok());
        let state = Self {
            version: number("version")?,
            used: number("usedMinutes")?,
            remaining: number("remainingMinutes")?,
        };
        Some((balance["id"].as_str()?.to_owned(), state))
    }

    /// Finds a balance in a message, which holds each name once behind the message's own `id`.
    pub fn find(text: &str) -> Option<(&str, Self)> {
        let (_, balance) = text.split_once(r#""hourBalanceChanged":{"#)?;
        let (_, id) = balance.split_once(r#""id":""#)?;
        let number = |name: &str| {
            let digits = balance.split_once(name)?.1.trim_start_matches("\":");
            digits[..digits.find(|digit: char| !digit.is_ascii_digit())?].parse().ok()
        };
        let state = Self {
            version: number(r#""version"#)?,
            used: number(r#""usedMinutes"#)?,
            remaining: number(r#""remainingMinutes"#)?,
        };
        Some((&id[..id.find('"')?], state))
    }
}

/// A balance by number.
type Key = u32;

struct Written {
    sent: Instant,
    answered: Instant,
}

struct Push {
    key: Key,
    /// The version seen before it; every one between was skipped for a newer one.
    before: u32,
    version: u32,
    at: Instant,
}

/// Everything seen so far.
pub struct Tally {
    pub faults: Vec<String>,
    keys: HashMap<String, Key>,
    /// What each subscriber holds.
    last: Vec<Vec<(Key, State)>>,
    addresses: Vec<Option<SocketAddr>>,
    stalled: HashSet<usize>,
    written: HashMap<(Key, u32), Written>,
    newest: HashMap<Key, u32>,
    pushes: Vec<Push>,
    fallen: usize,
}

impl Tally {
    pub fn new(subscribers: usize) -> Self {
        Self {
            faults: Vec::new(),
            keys: HashMap::new(),
            last: vec![Vec::new(); subscribers],
            addresses: vec![None; subscribers],
            stalled: HashSet::new(),
            written: HashMap::new(),
            newest: HashMap::new(),
            pushes: Vec::new(),
            fallen: 0,
        }
    }

    pub fn fault(&mut self, text: &str) {
        if self.faults.len() < 20 {
            self.faults.push(text.chars().take(300).collect());
        }
    }

    pub fn connected(&mut self, number: usize, address: SocketAddr) {
        self.addresses[number] = Some(address);
    }

    /// The last so many stop reading now; where they called from.
    pub fn stall(&mut self, count: usize) -> Vec<SocketAddr> {
        self.stalled = (self.last.len() - count..self.last.len()).collect();
        self.stalled.iter().filter_map(|number| self.addresses[*number]).collect()
    }

    pub fn is_stalled(&self, number: usize) -> bool {
        self.stalled.contains(&number)
    }

    pub fn written(&mut self, id: &str, version: u32, sent: Instant, answered: Instant) {
        let key = self.key(id);
        self.written.insert((key, version), Written { sent, answered });
        let newest = self.newest.entry(key).or_default();
        *newest = version.max(*newest);
    }

    pub fn pushed(&mut self, number: usize, id: &str, state: State, at: Instant) {
        let key = self.key(id);
        let held = &mut self.last[number];
        let before = match held.iter_mut().find(|(held, _)| *held == key) {
            Some((_, last)) => std::mem::replace(last, state).version,
            None => {
                held.push((key, state));
                return;
            }
        };
        if state.version < before {
            self.fallen += 1;
        }
        self.pushes.push(Push { key, before, version: state.version, at });
    }

    /// What a subscriber holds of a balance.
    pub fn last(&self, number: usize, id: &str) -> Option<State> {
        let key = self.keys.get(id)?;
        self.last[number].iter().find(|(held, _)| held == key).map(|(_, state)| *state)
    }

    /// Whether everybody who reads holds the newest version of everything that they watch.
    pub fn is_settled(&self) -> bool {
        let readers = self.last.iter().enumerate().filter(|(number, _)| !self.stalled.contains(number));
        let mut held = readers.flat_map(|(_, held)| held);
        held.all(|(key, state)| self.newest.get(key).is_none_or(|newest| state.version >= *newest))
    }

    fn key(&mut self, id: &str) -> Key {
        match self.keys.get(id) {
            Some(key) => *key,
            None => {
                let key = self.keys.len() as Key;
                self.keys.insert(id.to_owned(), key);
                key
            }
        }
    }

    /// From an entry to each subscriber's push of it, or of a newer one.
    pub fn figures(&self) -> Value {
        let (mut from_sending, mut from_answer, mut skipped) = (Vec::new(), Vec::new(), 0);
        for push in &self.pushes {
            for version in push.before + 1..=push.version {
                let Some(written) = self.written.get(&(push.key, version)) else { continue };
                from_sending.push(millis(push.at, written.sent));
                from_answer.push(millis(push.at, written.answered));
                skipped += usize::from(version < push.version);
            }
        }
        let writes = self.written.values().map(|written| millis(written.answered, written.sent)).collect();
        json!({
            "entries": self.written.len(),
            "pushes": self.pushes.len(),
            "skipped_for_newer": skipped,
            "fallen_versions": self.fallen,
            "write_ms": spread(writes),
            "write_to_push_ms": spread(from_sending),
            "answer_to_push_ms": spread(from_answer),
            "faults": self.faults,
        })
    }
}

/// Milliseconds from one moment to another, below zero where the push came first.
fn millis(to: Instant, from: Instant) -> f64 {
    let ahead = to.saturating_duration_since(from).as_secs_f64();
    (ahead - from.saturating_duration_since(to).as_secs_f64()) * 1000.0
}

/// Median, 99th percentile and the most.
pub fn spread(mut values: Vec<f64>) -> Value {
    values.sort_by(f64::total_cmp);
    let at =
        |share: f64| values.get(((values.len() as f64 * share) as usize).min(values.len().saturating_sub(1)));
    json!({"p50": at(0.5), "p99": at(0.99), "max": values.last()})
}
