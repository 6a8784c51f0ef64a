//! From a header to an actor, and whether it is still one a moment later.
//!
//! Each request needs its caller's rights as of now, and no request should pay for reading them. So a process keeps
//! the actors it has seen, at most five seconds old. A change of rights made here empties the store at once; one
//! made elsewhere arrives as a wake-up, or with the next reading. One task re-reads, every two seconds and in a few
//! statements, those that open subscriptions hang on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::{DateTime, Utc};
use domain::id::{ApiKeyId, SignInId};
use domain::policy::Actor;
use tokio::sync::watch;

use super::Keys;
use super::token;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::error::Error;
use crate::store::{self, Db};

/// How old a caller's rights may be.
const FRESH: Duration = Duration::from_secs(5);
/// The same for open sockets: they ask every two seconds, so that they know of an end elsewhere within five (T49).
const FRESH_WHILE_OPEN: Duration = Duration::from_millis(2_500);
/// How often the rights that open sockets hang on are read again, all of them in a few statements.
const REFRESH: Duration = Duration::from_secs(2);
/// For how long a socket that has not asked is still thought of as open.
const WATCHED: Duration = Duration::from_secs(10);
/// Callers read at once.
const BATCH: usize = 500;
/// How often a key's use is written down.
const KEY_USE_NOTED: Duration = Duration::from_secs(60);

/// From how many callers on the stale ones are swept out.
const PRUNE_ABOVE: usize = 10_000;

/// What a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Principal {
    Anonymous,
    /// A sign-in, and the session version that its tokens name.
    SignIn(SignInId, i32),
    Key(ApiKeyId),
}

/// A caller as the transport knows them.
#[derive(Debug, Clone)]
pub struct Session {
    /// A name for limits and logs: `user:<id>`, `key:<id>` or `anonymous`.
    pub principal: String,
    /// When the token ends; a subscription ends with it.
    pub expires_at: Option<DateTime<Utc>>,
    proof: Principal,
    actor: Arc<Actor>,
}

/// Why a token opens nothing.
#[derive(Debug)]
pub enum SessionError {
    /// The token is unknown, expired, ended or forged.
    Unauthenticated,
    /// It cannot be told now.
    Unavailable,
}

/// The actors seen lately, and what reading them takes.
#[derive(Debug)]
pub struct Sessions {
    db: Db,
    bus: Bus,
    clock: Clock,
    keys: Arc<Keys>,
    seen: Mutex<HashMap<Principal, Seen>>,
    /// Whom open sockets asked about, and when last.
    watched: Mutex<HashMap<Principal, Instant>>,
}

#[derive(Debug, Clone)]
struct Seen {
    actor: Arc<Actor>,
    /// The hash of a key's secret; sign-ins are proved by their token's signature.
    secret_hash: Vec<u8>,
    /// When the sign-in or the key itself ends.
    ends_at: Option<DateTime<Utc>>,
    read_at: Instant,
    /// The version of rights that it was read at.
    as_of: u64,
    use_noted_at: Option<Instant>,
}

impl Sessions {
    /// Nobody seen yet.
    pub fn new(db: Db, bus: Bus, clock: Clock, keys: Arc<Keys>) -> Self {
        Self { db, bus, clock, keys, seen: Mutex::default(), watched: Mutex::default() }
    }

    fn keep(&self, asked: &[Principal], found: &[(Principal, Seen)]) {
        let mut seen = self.lock();
        let before: HashMap<Principal, Seen> =
            asked.iter().filter_map(|principal| seen.remove_entry(principal)).collect();
        if seen.len() >= PRUNE_ABOVE {
            seen.retain(|_, seen| seen.read_at.elapsed() < FRESH);
        }
        for (principal, now) in found {
            let use_noted_at = before.get(principal).and_then(|before| before.use_noted_at);
            seen.insert(*principal, Seen { use_noted_at, ..now.clone() });
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Principal, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self, principal: Principal, age: Duration) -> Option<Seen> {
        let rights = self.bus.rights_version();
        let now = self.clock.now();
        self.lock()
            .get(&principal)
            .filter(|seen| seen.as_of == rights && seen.read_at.elapsed() < age)
            .filter(|seen| seen.ends_at.is_none_or(|end| end > now))
            .cloned()
    }

    /// Opens a session from the value of an `Authorization` header; none at all is [`Session::anonymous`].
    ///
    /// # Errors
    /// [`SessionError::Unauthenticated`] where a token was given and is not good.
    pub async fn open(&self, authorization: Option<&str>) -> Result<Session, SessionError> {
        let Some(header) = authorization else {
            return Ok(Session::anonymous());
        };
        let token = header
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(SessionError::Unauthenticated)?;
        if let Some(id) = token::partner_id(token) {
            return self.open_key(id, token).await;
        }
        let claims =
            token::verify(&self.keys, token, self.clock.now()).ok_or(SessionError::Unauthenticated)?;
        let principal = Principal::SignIn(claims.sign_in(), claims.session_version());
        let seen = self.current(principal, FRESH).await?.ok_or(SessionError::Unauthenticated)?;
        if seen.actor.user_id() != Some(claims.user()) {
            return Err(SessionError::Unauthenticated);
        }
        Ok(Session {
            principal: format!("user:{}", claims.user().0),
            expires_at: claims.expires_at().into_iter().chain(seen.ends_at).min(),
            proof: principal,
            actor: seen.actor,
        })
    }

    async fn open_key(&self, id: ApiKeyId, token: &str) -> Result<Session, SessionError> {
        let principal = Principal::Key(id);
        let seen = self.current(principal, FRESH).await?.ok_or(SessionError::Unauthenticated)?;
        verify_slices_are_equal(&token::hash(token), &seen.secret_hash)
            .map_err(|_| SessionError::Unauthenticated)?;
        if seen.use_noted_at.is_none_or(|noted| noted.elapsed() > KEY_USE_NOTED) {
            if let Some(seen) = self.lock().get_mut(&principal) {
                seen.use_noted_at = Some(Instant::now());
            }
            if let Err(error) = store::actor::key_used(self.db.writing(), id, self.clock.now()).await {
                tracing::warn!(
                    error = Error::from(error).for_log(),
                    "the use of an API key could not be noted"
                );
            }
        }
        Ok(Session {
            principal: format!("key:{}", id.0),
            expires_at: seen.ends_at,
            proof: principal,
            actor: seen.actor,
        })
    }

    /// Whether the session may still be used, and with which rights: its token has not ended, nor its sign-in or key.
    pub async fn alive(&self, session: &Session) -> Option<Arc<Actor>> {
        if session.expires_at.is_some_and(|end| end <= self.clock.now()) {
            return None;
        }
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).insert(session.proof, Instant::now());
        match self.current(session.proof, FRESH_WHILE_OPEN).await {
            Ok(seen) => seen.map(|seen| seen.actor),
            // The database is away: what was known a moment ago stands until it is back.
            Err(_) => Some(session.actor()),
        }
    }

    /// Reads the rights that open sockets hang on again and again, so that none of them has to, until the process stops.
    pub async fn keep_fresh(&self, mut stopping: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(REFRESH) => {}
                _ = stopping.wait_for(|stopping| *stopping) => return,
            }
            let watched: Vec<Principal> = {
                let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
                watched.retain(|_, asked| asked.elapsed() < WATCHED);
                watched.keys().copied().collect()
            };
            for some in watched.chunks(BATCH) {
                if let Err(error) = self.read(some).await {
                    tracing::warn!(
                        error = error.for_log(),
                        "the rights of open sockets could not be read; trying again"
                    );
                }
            }
        }
    }

    async fn current(&self, principal: Principal, age: Duration) -> Result<Option<Seen>, SessionError> {
        if principal == Principal::Anonymous {
            return Ok(Some(Seen {
                actor: Arc::new(Actor::Anonymous),
                secret_hash: Vec::new(),
                ends_at: None,
                read_at: Instant::now(),
                as_of: self.bus.rights_version(),
                use_noted_at: None,
            }));
        }
        if let Some(seen) = self.fresh(principal, age) {
            return Ok(Some(seen));
        }
        let read = self.read(&[principal]).await.map_err(|error| {
            tracing::error!(error = error.for_log(), "a caller's rights could not be read");
            SessionError::Unavailable
        })?;
        Ok(read.into_iter().next().map(|(_, seen)| seen))
    }

    /// Reads the rights of many callers in a few statements and keeps them.
    ///
    /// # Errors
    /// The database is away.
    async fn read(&self, principals: &[Principal]) -> Result<Vec<(Principal, Seen)>, Error> {
        let now = self.clock.now();
        let as_of = self.bus.rights_version();
        let sign_ins: Vec<SignInId> = principals
            .iter()
            .filter_map(|principal| if let Principal::SignIn(id, _) = principal { Some(*id) } else { None })
            .collect();
        let keys: Vec<ApiKeyId> = principals
            .iter()
            .filter_map(|principal| if let Principal::Key(id) = principal { Some(*id) } else { None })
            .collect();
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
        let read_at = Instant::now();
        let mut found = Vec::new();
        for principal in principals {
            let seen = match principal {
                Principal::SignIn(id, version) => {
                    people.get(id).filter(|live| live.session_version == *version).map(|live| Seen {
                        actor: Arc::new(Actor::User(live.actor.clone())),
                        secret_hash: Vec::new(),
                        ends_at: Some(live.expires_at),
                        read_at,
                        as_of,
                        use_noted_at: None,
                    })
                }
                Principal::Key(id) => partners.get(id).map(|live| Seen {
                    actor: Arc::new(Actor::Partner(live.actor.clone())),
                    secret_hash: live.secret_hash.clone(),
                    ends_at: live.expires_at,
                    read_at,
                    as_of,
                    use_noted_at: None,
                }),
                Principal::Anonymous => None,
            };
            found.extend(seen.map(|seen| (*principal, seen)));
        }
        self.keep(principals, &found);
        Ok(found)
    }
}

impl Session {
    /// Nobody yet.
    pub fn anonymous() -> Self {
        Self {
            principal: "anonymous".to_owned(),
            expires_at: None,
            proof: Principal::Anonymous,
            actor: Arc::new(Actor::Anonymous),
        }
    }

    /// The caller's rights as of the session's opening.
    pub fn actor(&self) -> Arc<Actor> {
        Arc::clone(&self.actor)
    }
}
