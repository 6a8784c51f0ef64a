//! Stand-in for the real sessions: `Bearer user:1` is user 1, `Bearer user:1@1700000000` one that expires.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::app::App;

#[derive(Debug, Clone)]
pub struct Session {
    /// `user:<id>`, `key:<id>` or `anonymous`.
    pub principal: String,
    pub expires_at: Option<DateTime<Utc>>,
}

#[derive(Debug)]
pub struct SessionError;

impl Session {
    #[must_use]
    pub fn anonymous() -> Self {
        Self { principal: "anonymous".into(), expires_at: None }
    }
}

/// # Errors
/// A token was given and is not good.
pub async fn open(app: &Arc<App>, authorization: Option<&str>) -> Result<Arc<Session>, SessionError> {
    let Some(authorization) = authorization else {
        return Ok(Arc::new(Session::anonymous()));
    };
    let token = authorization.strip_prefix("Bearer ").ok_or(SessionError)?;
    let (principal, expiry) = token.split_once('@').map_or((token, None), |(p, e)| (p, Some(e)));
    let expires_at = expiry.and_then(|e| DateTime::from_timestamp(e.parse().ok()?, 0));
    let session = Session { principal: principal.into(), expires_at };
    let known = principal.starts_with("user:") || principal.starts_with("key:");
    if known && alive(app, &session).await { Ok(Arc::new(session)) } else { Err(SessionError) }
}

pub async fn alive(app: &Arc<App>, session: &Session) -> bool {
    let gone = app.gone.lock().expect("not poisoned").contains(&session.principal);
    !gone && session.expires_at.is_none_or(|at| at > app.now())
}
