//! Wake-ups: lossy, keyed, and never the truth. A listener re-reads what it is woken about, so that lag, duplicates
//! and reconnects are harmless.
//!
//! Within the process they are broadcast. Where several processes share one PostgreSQL, what one of them publishes also
//! goes into its [`outward::Outward`], from which [`postgres`] takes it to the others after the commit; what was lost
//! on the way is found by the slow timers.

pub mod latest;
pub mod outward;
pub mod postgres;
pub mod rights;
pub mod together;

use domain::id::{ClientId, EngagementId, NotificationId, PlanId, TaskId, TimeEntryId, UserId};
use std::sync::Arc;
use tokio::sync::broadcast;
use uuid::Uuid;

use self::outward::Outward;
use self::rights::{Changes, Whom};

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
    /// A person was told something.
    Notification(UserId, NotificationId),
    /// A mail waits to be sent.
    Mail,
    /// Someone's rights: role, teams, keys, sign-ins.
    Rights(Whom),
    /// Anything: something was missed.
    Everything,
}

/// Carries topics to whoever listens.
#[derive(Debug, Clone)]
pub struct Bus {
    /// The process's own name among those that share its database.
    instance: Uuid,
    local: broadcast::Sender<Topic>,
    rights: Arc<Changes>,
    outward: Option<Arc<Outward>>,
}

impl Bus {
    /// A bus within this process.
    pub fn local() -> Self {
        let local = broadcast::channel(4096).0;
        Self { instance: Uuid::new_v4(), local, rights: Arc::default(), outward: None }
    }

    /// A bus whose topics also wait to be taken to other processes.
    pub fn shared() -> Self {
        Self { outward: Some(Arc::default()), ..Self::local() }
    }

    /// The process's own name among those that share its database.
    pub fn instance(&self) -> Uuid {
        self.instance
    }

    /// What waits to be taken to other processes, where there may be any.
    pub fn outward(&self) -> Option<&Outward> {
        self.outward.as_deref()
    }

    /// Wakes the listeners, here and elsewhere. Waits for nothing.
    pub fn publish(&self, topics: &[Topic]) {
        for topic in topics {
            self.deliver(*topic);
        }
        if let Some(outward) = &self.outward {
            outward.put(topics);
        }
    }

    /// Wakes the listeners of this process.
    pub fn deliver(&self, topic: Topic) {
        match topic {
            Topic::Rights(whom) => self.rights.note(Some(whom)),
            Topic::Everything => self.rights.note(None),
            _ => {}
        }
        self.tell(topic);
    }

    /// Wakes the listeners of this process about what has been read already.
    pub fn tell(&self, topic: Topic) {
        // Nobody listening is no fault.
        let _ = self.local.send(topic);
    }

    /// The changes of rights, noted at once in the process that made them.
    pub fn rights(&self) -> &Changes {
        &self.rights
    }

    /// A listener's end; [`broadcast::error::RecvError::Lagged`] means the same as [`Topic::Everything`].
    pub fn listen(&self) -> broadcast::Receiver<Topic> {
        self.local.subscribe()
    }
}
