//! Wake-ups: lossy, keyed, and never the truth. A listener re-reads what it is woken about, so that lag, duplicates
//! and reconnects are harmless. The bus reaches one process; what another one changed is found by the slow timers.

pub mod latest;

use domain::id::{ClientId, EngagementId, PlanId, TaskId, TimeEntryId};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::broadcast;

/// What may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The balance of an engagement.
    Balance(ClientId, EngagementId),
    /// A task.
    Task(ClientId, TaskId),
    /// A time entry.
    TimeEntry(ClientId, TimeEntryId),
    /// A plan, its blocks included.
    Plan(ClientId, PlanId),
    /// A mail waits to be sent.
    Mail,
    /// Someone's rights: roles, teams, keys, sign-ins.
    Rights,
    /// Anything: something was missed.
    Everything,
}

/// Carries topics to whoever listens.
#[derive(Debug, Clone)]
pub struct Bus {
    local: broadcast::Sender<Topic>,
    /// How often rights have changed: what was read before the last change is not to be used.
    rights: Arc<AtomicU64>,
}

impl Bus {
    /// A bus within this process.
    pub fn local() -> Self {
        Self { local: broadcast::channel(4096).0, rights: Arc::default() }
    }

    /// Wakes the listeners.
    pub fn publish(&self, topics: &[Topic]) {
        for topic in topics {
            self.deliver(*topic);
        }
    }

    /// Wakes the listeners of one topic.
    pub fn deliver(&self, topic: Topic) {
        if matches!(topic, Topic::Rights | Topic::Everything) {
            self.rights.fetch_add(1, Ordering::SeqCst);
        }
        // Nobody listening is no fault.
        let _ = self.local.send(topic);
    }

    /// Counts the changes of rights, at once in the process that made them.
    pub fn rights_version(&self) -> u64 {
        self.rights.load(Ordering::SeqCst)
    }

    /// A listener's end; [`broadcast::error::RecvError::Lagged`] means the same as [`Topic::Everything`].
    pub fn listen(&self) -> broadcast::Receiver<Topic> {
        self.local.subscribe()
    }
}
