//! Wake-ups: lossy, keyed, and never the truth. A listener re-reads what it is woken about, so that lag, duplicates
//! and reconnects are harmless. One process hears itself through [`Bus::local`]; many hear each other through
//! PostgreSQL's notifications, which `postgres` carries in and out.

use domain::id::{ClientId, EngagementId, PlanId, TaskId, TimeEntryId};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// What may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Topic {
    /// The balance of an engagement.
    Balance(ClientId, EngagementId),
    /// A task.
    Task(ClientId, TaskId),
    /// A time entry.
    TimeEntry(ClientId, TimeEntryId),
    /// A plan, its blocks included.
    Plan(ClientId, PlanId),
    /// Someone's rights: roles, teams, keys, sign-ins.
    Rights,
    /// Anything: something was missed.
    Everything,
}

/// Carries topics to whoever listens.
#[derive(Debug, Clone)]
pub struct Bus {
    local: broadcast::Sender<Topic>,
    outward: Option<tokio::sync::mpsc::UnboundedSender<Topic>>,
}

impl Bus {
    /// A bus within this process.
    pub fn local() -> Self {
        Self {
            local: broadcast::channel(4096).0,
            outward: None,
        }
    }

    /// Wakes the listeners of this process, and hands the topics on to the others.
    pub fn publish(&self, topics: &[Topic]) {
        for topic in topics {
            self.deliver(*topic);
            if let Some(outward) = &self.outward {
                // The carrier ends with the process alone.
                let _ = outward.send(*topic);
            }
        }
    }

    /// Wakes the listeners of this process only.
    pub fn deliver(&self, topic: Topic) {
        // Nobody listening is no fault.
        let _ = self.local.send(topic);
    }

    /// A listener's end; [`broadcast::error::RecvError::Lagged`] means the same as [`Topic::Everything`].
    pub fn listen(&self) -> broadcast::Receiver<Topic> {
        self.local.subscribe()
    }
}
