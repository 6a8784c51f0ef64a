//! From a header to an actor, and whether it is still one a moment later.
//!
//! Each request needs its caller's rights as of now, and no request should pay for reading them. So a process keeps
//! the [`Callers`] it has seen, at most five seconds old. A change of rights made here makes what is kept of those
//! whom it concerns old at once; one made elsewhere arrives as a wake-up, or with the next reading. One task re-reads,
//! every two seconds and in a few statements, those that open subscriptions hang on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::{DateTime, Utc};
use domain::id::ApiKeyId;
use domain::policy::Actor;
use tokio::sync::watch;

use super::Keys;
use super::caller::{Callers, Principal};
use super::proved::Proved;
use super::token;
use crate::bus::Bus;
use crate::bus::rights::Whose;
use crate::clock::Clock;
use crate::store::{self, Db};

/// How old a caller's rights may be.
const FRESH: Duration = Duration::from_secs(5);
/// The same for open sockets: they ask every two seconds, so that they know of an end elsewhere within five (T49).
const FRESH_WHILE_OPEN: Duration = Duration::from_millis(2_500);
/// How often the rights that open sockets hang on are read again, all of them in a few statements.
const REFRESH: Duration = Duration::from_secs(2);
/// For how long a socket that has not asked is still thought of as open.
const WATCHED: Duration = Duration::from_secs(10);
/// How often a key's use is written down.
const KEY_USE_NOTED: Duration = Duration::from_secs(60);

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

/// The sessions of a process.
#[derive(Debug)]
pub struct Sessions {
    db: Db,
    clock: Clock,
    keys: Arc<Keys>,
    callers: Callers,
    proved: Proved,
    /// Whom open sockets asked about, and when last.
    watched: Mutex<HashMap<Principal, Instant>>,
}

impl Sessions {
    /// Nobody seen yet.
    pub fn new(db: Db, bus: Bus, clock: Clock, keys: Arc<Keys>) -> Self {
        let callers = Callers::new(db.clone(), bus, clock.clone());
        Self { db, clock, keys, callers, proved: Proved::default(), watched: Mutex::default() }
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
            self.proved.verify(&self.keys, token, self.clock.now()).ok_or(SessionError::Unauthenticated)?;
        let principal = Principal::SignIn(claims.sign_in(), claims.session_version());
        let seen = self.callers.current(principal, FRESH).await?.ok_or(SessionError::Unauthenticated)?;
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
        let seen = self.callers.current(principal, FRESH).await?.ok_or(SessionError::Unauthenticated)?;
        verify_slices_are_equal(&token::hash(token), &seen.secret_hash)
            .map_err(|_| SessionError::Unauthenticated)?;
        if seen.use_noted_at.is_none_or(|noted| noted.elapsed() > KEY_USE_NOTED) {
            self.callers.note_use(principal);
            if let Err(error) = store::actor::key_used(self.db.writing(), id, self.clock.now()).await {
                tracing::warn!(
                    error = crate::error::Error::from(error).for_log(),
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
        if session.proof != Principal::Anonymous {
            self.watched.lock().unwrap_or_else(PoisonError::into_inner).insert(session.proof, Instant::now());
        }
        match self.callers.current(session.proof, FRESH_WHILE_OPEN).await {
            Ok(seen) => seen.map(|seen| seen.actor),
            // The database is away: what was known a moment ago stands until it is back.
            Err(_) => Some(self.callers.last_known(session.proof).unwrap_or_else(|| session.actor())),
        }
    }

    /// Reads the rights that open sockets hang on again and again, so that none of them has to and each is woken by
    /// what has changed, until the process ends.
    pub async fn keep_fresh(&self, mut ended: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(REFRESH) => {}
                _ = ended.wait_for(|ended| *ended) => return,
            }
            let watched: Vec<Principal> = {
                let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
                watched.retain(|_, asked| asked.elapsed() < WATCHED);
                watched.keys().copied().collect()
            };
            self.callers.read_all(&watched).await;
        }
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

    /// Whose changes of rights concern the caller.
    pub fn whose(&self) -> Whose {
        Whose::of(&self.actor)
    }
}
