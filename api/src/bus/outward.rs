//! Topics on their way to other processes: a bounded set, and how they are written in messages.
//!
//! A topic that waits already is not put in twice, and where more wait than the set holds, one
//! [`Topic::Everything`] says as much as all of them. A message begins with its sender, who hears it too and passes
//! over it.

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::id::{ApiKeyId, ClientId, EngagementId, NotificationId, PlanId, TaskId, TimeEntryId, UserId};
use tokio::sync::Notify;
use uuid::Uuid;

use super::Topic;
use super::rights::Whom;

/// Topics that wait at the most.
const MOST: usize = 4_096;
/// Bytes of a message at the most; PostgreSQL takes less than 8,000.
const MESSAGE_BYTES: usize = 7_900;

/// What waits to be taken to other processes.
#[derive(Debug, Default)]
pub struct Outward {
    waiting: Mutex<HashSet<Topic>>,
    wake: Notify,
}

impl Outward {
    /// Puts topics in; never waits.
    pub fn put(&self, topics: &[Topic]) {
        if topics.is_empty() {
            return;
        }
        let mut waiting = self.lock();
        waiting.extend(topics.iter().copied());
        if waiting.len() > MOST || waiting.contains(&Topic::Everything) {
            waiting.clear();
            waiting.insert(Topic::Everything);
        }
        drop(waiting);
        self.wake.notify_one();
    }

    /// Takes all out, once there is any. Whoever stops waiting loses nothing.
    pub async fn take(&self) -> HashSet<Topic> {
        loop {
            let taken = std::mem::take(&mut *self.lock());
            if !taken.is_empty() {
                return taken;
            }
            self.wake.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<Topic>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Topics as messages of a sender, each short enough to be sent.
pub fn write(sender: Uuid, topics: impl IntoIterator<Item = Topic>) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    for topic in topics {
        let word = word(topic);
        match messages.last_mut().filter(|message| message.len() + 1 + word.len() <= MESSAGE_BYTES) {
            // Writing into a string cannot fail.
            Some(message) => _ = write!(message, " {word}"),
            None => messages.push(format!("{} {word}", sender.simple())),
        }
    }
    messages
}

/// The topics of another's message; none of one's own. What cannot be understood comes from a newer program and may be
/// anything.
pub fn read(own: Uuid, message: &str) -> Vec<Topic> {
    let mut words = message.split(' ');
    if words.next().and_then(|sender| Uuid::try_parse(sender).ok()) == Some(own) {
        return Vec::new();
    }
    words.map(|word| topic(word).unwrap_or(Topic::Everything)).collect()
}

fn word(topic: Topic) -> String {
    let one = |kind: char, id: Uuid| format!("{kind}{}", id.simple());
    let pair = |kind: char, first: Uuid, id: Uuid| format!("{kind}{}{}", first.simple(), id.simple());
    let two = |kind: char, client: ClientId, id: Uuid| pair(kind, client.0, id);
    match topic {
        Topic::Balance(client, id) => two('b', client, id.0),
        Topic::Task(client, id) => two('t', client, id.0),
        Topic::TimeEntry(client, id) => two('e', client, id.0),
        Topic::Plan(client, id) => two('p', client, id.0),
        Topic::Notification(user, id) => pair('n', user.0, id.0),
        Topic::Mail => "m".to_owned(),
        Topic::Rights(Whom::User(id)) => one('u', id.0),
        Topic::Rights(Whom::Key(id)) => one('k', id.0),
        Topic::Everything => "*".to_owned(),
    }
}

fn topic(word: &str) -> Option<Topic> {
    let (kind, ids) = word.split_at_checked(1)?;
    let id = |at: usize| ids.get(at..at + 32).and_then(|id| Uuid::try_parse(id).ok());
    let pair = || Some((ClientId(id(0)?), id(32)?));
    match (kind, ids.len()) {
        ("b", 64) => pair().map(|(client, id)| Topic::Balance(client, EngagementId(id))),
        ("t", 64) => pair().map(|(client, id)| Topic::Task(client, TaskId(id))),
        ("e", 64) => pair().map(|(client, id)| Topic::TimeEntry(client, TimeEntryId(id))),
        ("p", 64) => pair().map(|(client, id)| Topic::Plan(client, PlanId(id))),
        ("n", 64) => Some(Topic::Notification(UserId(id(0)?), NotificationId(id(32)?))),
        ("m", 0) => Some(Topic::Mail),
        ("u", 32) => id(0).map(|id| Topic::Rights(Whom::User(UserId(id)))),
        ("k", 32) => id(0).map(|id| Topic::Rights(Whom::Key(ApiKeyId(id)))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Topic> {
        let client = ClientId::new();
        vec![
            Topic::Balance(client, EngagementId::new()),
            Topic::Task(client, TaskId::new()),
            Topic::TimeEntry(client, TimeEntryId::new()),
            Topic::Plan(client, PlanId::new()),
            Topic::Notification(UserId::new(), NotificationId::new()),
            Topic::Mail,
            Topic::Rights(Whom::User(UserId::new())),
            Topic::Rights(Whom::Key(ApiKeyId::new())),
            Topic::Everything,
        ]
    }

    /// L-4: every topic arrives as it was sent, however many there are; nobody hears their own.
    #[test]
    fn what_is_written_is_read() {
        let (one, other) = (Uuid::new_v4(), Uuid::new_v4());
        let sent: Vec<Topic> = (0..200).flat_map(|_| all()).collect();
        let messages = write(one, sent.iter().copied());
        assert!(messages.len() > 1 && messages.iter().all(|message| message.len() <= MESSAGE_BYTES));
        let heard: Vec<Topic> = messages.iter().flat_map(|message| read(other, message)).collect();
        assert_eq!(heard, sent);
        assert!(messages.iter().all(|message| read(one, message).is_empty()));
    }

    /// L-4: a word of a newer program may mean anything, and junk is no reason to end.
    #[test]
    fn what_is_not_understood_is_everything() {
        for junk in ["x", "b12", "bä", "uzz", "", "é"] {
            assert_eq!(read(Uuid::new_v4(), &format!("{} {junk}", Uuid::new_v4())), [Topic::Everything]);
        }
        assert!(read(Uuid::new_v4(), "").is_empty());
    }

    /// L-4: what waits is bounded, and nothing of it is forgotten.
    #[tokio::test]
    async fn more_than_it_holds_is_everything() {
        let outward = Outward::default();
        outward.put(&[Topic::Mail, Topic::Mail]);
        assert_eq!(outward.take().await, HashSet::from([Topic::Mail]));
        for _ in 0..=MOST {
            outward.put(&[Topic::Task(ClientId::new(), TaskId::new())]);
        }
        outward.put(&[Topic::Mail]);
        assert_eq!(outward.take().await, HashSet::from([Topic::Everything]));
    }
}
