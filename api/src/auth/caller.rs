//! The callers seen lately, and how their rights are read: many at once, and never one by one in a storm.
//!
//! What is kept of a caller is used while it is young enough and no change of their rights has been heard of. Who
//! needs more waits for the next reading, which is shared with all who wait for it. A reading that finds a caller's
//! rights other than before wakes whatever hangs on them: so a change is noticed here also if nobody told of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::id::{ApiKeyId, SignInId};
use domain::policy::Actor;

use super::session::SessionError;
use crate::bus::rights::Whose;
use crate::bus::together::Together;
use crate::bus::{Bus, Topic};
use crate::clock::Clock;
use crate::error::Error;
use crate::store::{self, Db};

/// For the database to tell who somebody is.
const TOLD: Duration = Duration::from_secs(5);
/// Callers read at once.
const BATCH: usize = 500;
/// From how many callers on the stale ones are swept out.
const PRUNE_ABOVE: usize = 10_000;
/// How old a caller may be before being swept out; nobody uses any so old.
const STALE: Duration = Duration::from_secs(10);

/// What a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Principal {
    Anonymous,
    /// A sign-in, and the session version that its tokens name.
    SignIn(SignInId, i32),
    Key(ApiKeyId),
}

/// A caller as they were read.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) actor: Arc<Actor>,
    /// The hash of a key's secret; sign-ins are proved by their token's signature.
    pub(super) secret_hash: Vec<u8>,
    /// When the sign-in or the key itself ends.
    pub(super) ends_at: Option<DateTime<Utc>>,
    pub(super) use_noted_at: Option<Instant>,
    whose: Whose,
    /// When the reading began, and the newest change of rights then.
    read_at: Instant,
    as_of: u64,
}

/// The callers seen lately.
#[derive(Debug)]
pub(super) struct Callers {
    source: Arc<Source>,
    readings: Together<Principal, Seen>,
}

#[derive(Debug)]
struct Source {
    db: Db,
    bus: Bus,
    clock: Clock,
    seen: Mutex<HashMap<Principal, Seen>>,
}

impl Callers {
    /// Nobody seen yet.
    pub(super) fn new(db: Db, bus: Bus, clock: Clock) -> Self {
        let source = Source { db, bus, clock, seen: Mutex::default() };
        Self { source: Arc::new(source), readings: Together::new(BATCH) }
    }

    /// A caller who was read no longer ago than `age`, and before no change of their rights; none where the token opens
    /// nothing any more.
    ///
    /// # Errors
    /// It cannot be told now.
    pub(super) async fn current(
        &self,
        principal: Principal,
        age: Duration,
    ) -> Result<Option<Seen>, SessionError> {
        if principal == Principal::Anonymous {
            return Ok(Some(self.source.nobody()));
        }
        if let Some(seen) = self.source.fresh(principal, age) {
            return Ok(Some(seen));
        }
        let read = self.read(vec![principal]).await?;
        Ok(read.get(&principal).cloned())
    }

    /// A caller as they were read last, however long ago.
    pub(super) fn last_known(&self, principal: Principal) -> Option<Arc<Actor>> {
        self.source.lock().get(&principal).map(|seen| Arc::clone(&seen.actor))
    }

    /// Reads callers anew; those whose tokens open nothing any more are missing.
    ///
    /// # Errors
    /// It cannot be told now.
    pub(super) async fn read(
        &self,
        principals: Vec<Principal>,
    ) -> Result<Arc<HashMap<Principal, Seen>>, SessionError> {
        let source = Arc::clone(&self.source);
        let read = move |principals: Vec<Principal>| {
            let source = Arc::clone(&source);
            async move {
                source
                    .db
                    .within(TOLD, source.read(&principals))
                    .await
                    .inspect_err(|error| {
                        tracing::error!(error = error.for_log(), "callers' rights could not be read")
                    })
                    .ok()
            }
        };
        self.readings.read(principals, read).await.ok_or(SessionError::Unavailable)
    }

    /// Reads many, a bounded number at once. What cannot be read now is read when it is needed.
    pub(super) async fn read_all(&self, principals: &[Principal]) {
        for some in principals.chunks(BATCH) {
            let _ = self.read(some.to_vec()).await;
        }
    }

    /// Notes that a key's use is being written down.
    pub(super) fn note_use(&self, principal: Principal) {
        if let Some(seen) = self.source.lock().get_mut(&principal) {
            seen.use_noted_at = Some(Instant::now());
        }
    }
}

impl Source {
    fn nobody(&self) -> Seen {
        self.seen(Actor::Anonymous, None, (Instant::now(), self.bus.rights().newest()))
    }

    fn seen(&self, actor: Actor, ends_at: Option<DateTime<Utc>>, (read_at, as_of): (Instant, u64)) -> Seen {
        let whose = Whose::of(&actor);
        let actor = Arc::new(actor);
        Seen { actor, secret_hash: Vec::new(), ends_at, use_noted_at: None, whose, read_at, as_of }
    }

    fn fresh(&self, principal: Principal, age: Duration) -> Option<Seen> {
        let now = self.clock.now();
        self.lock()
            .get(&principal)
            .filter(|seen| seen.read_at.elapsed() < age)
            .filter(|seen| self.bus.rights().stands(seen.as_of, seen.whose))
            .filter(|seen| seen.ends_at.is_none_or(|end| end > now))
            .cloned()
    }

    /// Reads callers in a few statements and keeps them.
    async fn read(&self, principals: &[Principal]) -> Result<HashMap<Principal, Seen>, Error> {
        let now = self.clock.now();
        // Before the reading, so that a change in its midst makes it old.
        let as_of = (Instant::now(), self.bus.rights().newest());
        let (mut sign_ins, mut keys) = (Vec::new(), Vec::new());
        for principal in principals {
            match principal {
                Principal::SignIn(id, _) => sign_ins.push(*id),
                Principal::Key(id) => keys.push(*id),
                Principal::Anonymous => {}
            }
        }
        let people = if sign_ins.is_empty() {
            HashMap::new()
        } else {
            store::actor::live_sign_ins(self.db.reading(), &sign_ins, now).await?
        };
        let partners = if keys.is_empty() {
            HashMap::new()
        } else {
            store::actor::live_keys(self.db.reading(), &keys, now).await?
        };
        let found: HashMap<Principal, Seen> = principals
            .iter()
            .filter_map(|principal| {
                let seen = match principal {
                    Principal::SignIn(id, version) => {
                        let live = people.get(id).filter(|live| live.session_version == *version)?;
                        self.seen(Actor::User(live.actor.clone()), Some(live.expires_at), as_of)
                    }
                    Principal::Key(id) => {
                        let live = partners.get(id)?;
                        let seen = self.seen(Actor::Partner(live.actor.clone()), live.expires_at, as_of);
                        Seen { secret_hash: live.secret_hash.clone(), ..seen }
                    }
                    Principal::Anonymous => return None,
                };
                Some((*principal, seen))
            })
            .collect();
        for changed in self.keep(principals, &found) {
            self.bus.tell(changed);
        }
        Ok(found)
    }

    /// Takes in what was read; whose rights are other than before.
    fn keep(&self, asked: &[Principal], found: &HashMap<Principal, Seen>) -> Vec<Topic> {
        let mut changed = Vec::new();
        let mut seen = self.lock();
        for principal in asked {
            let before = seen.remove(principal);
            let now = found.get(principal);
            if let Some(before) = &before
                && now.is_none_or(|now| now.actor != before.actor)
            {
                changed.extend(before.whose.own().map(Topic::Rights));
            }
            if let Some(now) = now {
                let use_noted_at = before.and_then(|before| before.use_noted_at);
                seen.insert(*principal, Seen { use_noted_at, ..now.clone() });
            }
        }
        if seen.len() >= PRUNE_ABOVE {
            seen.retain(|_, seen| seen.read_at.elapsed() < STALE);
        }
        changed
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Principal, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
