//! Whose rights have changed, and since when: what was read before the last change is not to be used.
//!
//! A change counts for those whom it concerns alone. If one person's new place made everybody's rights old, each
//! change would have all of them read again at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use domain::id::{ApiKeyId, UserId};
use domain::policy::Actor;

/// For how long a change is remembered. Rights that were read longer ago than this are used by nobody.
const REMEMBERED: Duration = Duration::from_secs(60);
/// From how many changes on the old ones are forgotten.
const FORGET_ABOVE: usize = 1_000;

/// Whose rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whom {
    User(UserId),
    Key(ApiKeyId),
}

/// All on whom one caller's rights hang: themselves, and whoever looks as them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Whose([Option<Whom>; 2]);

impl Whose {
    /// Of a caller; nothing changes the rights of the anonymous and of the system.
    pub fn of(actor: &Actor) -> Self {
        match actor {
            Actor::User(user) => Self([Some(Whom::User(user.id)), user.viewed_by.map(Whom::User)]),
            Actor::Partner(partner) => Self([Some(Whom::Key(partner.key)), None]),
            Actor::Anonymous | Actor::System(_) => Self::default(),
        }
    }

    /// The caller's own; none for the anonymous and the system.
    pub fn own(&self) -> Option<Whom> {
        self.0[0]
    }

    /// Whether a change of `whom` concerns the caller; none stands for a change of anybody.
    pub fn concerns(&self, whom: Option<Whom>) -> bool {
        whom.is_none_or(|whom| self.0.contains(&Some(whom)))
    }
}

/// The changes of late, numbered.
#[derive(Debug, Default)]
pub struct Changes {
    /// The number of the newest.
    newest: AtomicU64,
    by_whom: RwLock<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    /// The newest that concerned everybody.
    everybody: u64,
    of: HashMap<Whom, (u64, Instant)>,
}

impl Changes {
    /// Notes a change of somebody, or of anybody.
    pub fn note(&self, whom: Option<Whom>) {
        let mut noted = self.by_whom.write().unwrap_or_else(PoisonError::into_inner);
        let number = self.newest.load(Ordering::SeqCst) + 1;
        match whom {
            None => noted.everybody = number,
            Some(whom) => {
                if noted.of.len() >= FORGET_ABOVE {
                    noted.of.retain(|_, (_, at)| at.elapsed() < REMEMBERED);
                }
                noted.of.insert(whom, (number, Instant::now()));
            }
        }
        // Last, and under the lock: whoever sees the number finds what it stands for.
        self.newest.store(number, Ordering::SeqCst);
    }

    /// The number of the newest change: to be asked for before rights are read.
    pub fn newest(&self) -> u64 {
        self.newest.load(Ordering::SeqCst)
    }

    /// Whether what was read of a caller as of `number` still stands.
    pub fn stands(&self, number: u64, whose: Whose) -> bool {
        if number >= self.newest() {
            return true;
        }
        let noted = self.by_whom.read().unwrap_or_else(PoisonError::into_inner);
        let changed = |whom: &Option<Whom>| whom.and_then(|whom| noted.of.get(&whom)).map(|(at, _)| *at);
        let newest = whose.0.iter().filter_map(changed).chain([noted.everybody]).max();
        newest.is_none_or(|newest| number >= newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// a change is a change of those whom it concerns, at once, and of nobody else.
    #[test]
    fn a_change_concerns_those_it_names() {
        let (one, other) = (Whom::User(UserId::new()), Whom::User(UserId::new()));
        let (caller, viewed) = (Whose([Some(one), None]), Whose([Some(other), Some(one)]));
        let changes = Changes::default();
        let read = changes.newest();
        changes.note(Some(other));
        assert!(changes.stands(read, caller));
        assert!(!changes.stands(read, viewed));
        let read = changes.newest();
        changes.note(Some(one));
        assert!(!changes.stands(read, caller) && !changes.stands(read, viewed), "whoever looks as them too");
        let read = changes.newest();
        assert!(changes.stands(read, caller) && changes.stands(read, viewed));
        changes.note(None);
        assert!(!changes.stands(read, caller));
        assert!(changes.stands(changes.newest(), caller));
    }
}
