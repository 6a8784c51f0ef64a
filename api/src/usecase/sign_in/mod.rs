//! Signing in and out.
//!
//! A sign-in is a family of refresh tokens under one row: ending the row ends them all, and every access token that
//! names it. Hashing a password takes long and stands outside the transactions, between one that counts the try and one
//! that opens the family.

pub mod limit;
mod refresh;

pub use refresh::refresh;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use domain::id::{RefreshTokenId, SignInId};
use domain::policy::{Action, Actor, Target};
use domain::refusal::ErrorCode;
use domain::user::UserStatus;
use entity::{refresh_token, sign_in, user};
use serde_json::json;

use super::retry;
use crate::app::Call;
use crate::auth::{SessionError, password, token};
use crate::bus::Topic;
use crate::bus::rights::Whom;
use crate::error::{Error, Result};
use crate::store::{self, Change, Tx};

/// What a sign-in is used with.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access: String,
    /// When the access token ends.
    pub expires_at: DateTime<Utc>,
    /// Gives the next pair, once; none where somebody looks as a contact.
    pub refresh: Option<String>,
}

/// Somebody signed in: their tokens, and who they are from now on.
#[derive(Debug, Clone)]
pub struct Signed {
    pub tokens: Tokens,
    pub actor: Arc<Actor>,
}

/// Signs a person in by address and password. Unknown addresses, wrong passwords and people who may not sign in
/// are one answer, after the same work (T31).
///
/// # Errors
/// Refused: SIGN_IN_FAILED, TOO_MANY_ATTEMPTS. Unavailable where too many sign in at once.
pub async fn sign_in(call: &Call, email: &str, password: String) -> Result<Signed> {
    let turn = call.app.passwords.turn()?;
    let account = limit::account_key(email);
    let attempt = limit::begin(call, &account).await?;
    let user = store::user::by_email(call.app.db.reading(), &account)
        .await?
        .filter(|user| user.status == UserStatus::Active);
    let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
    // A password that is too long fits nothing, and neither does the empty one that stands in for it.
    let password = if password.chars().count() > password::LONGEST { String::new() } else { password };
    let fits = call.app.passwords.verify(turn, password, hash).await?;
    let user = user.filter(|_| fits).ok_or_else(failed)?;
    let tokens = retry(call, user, move |call, user| async move {
        let permit = call.permit(Action::SignIn, &Target::PROVIDER)?;
        let tx = call.begin_for_anyone().await?;
        let now = store::user::lock(&tx, user.id).await?;
        let user = now
            .filter(|now| now.status == UserStatus::Active && now.password_hash == user.password_hash)
            .ok_or_else(failed)?;
        store::sign_in::succeeded(&tx, attempt).await?;
        let (id, tokens) = open(&call, &tx, &user).await?;
        tx.commit(permit, change(id, &user)).await?;
        Ok(tokens)
    })
    .await?;
    signed(call, tokens).await
}

/// Ends the caller's whole sign-in: its tokens open nothing any more.
///
/// # Errors
/// Nobody is signed in, or a key asks.
pub async fn sign_out(call: &Call) -> Result<()> {
    let target = Target { client: None, owner: call.actor.user_id() };
    let permit = call.permit(Action::SignOut, &target)?;
    let (user, id) = call.actor.user().map(|user| (user.id, user.sign_in)).ok_or(Error::NotFound)?;
    let mut tx = call.begin().await?;
    store::sign_in::end(&tx, id, "SIGNED_OUT").await?;
    tx.wake(Topic::Rights(Whom::User(user)));
    tx.commit(permit, Change::of("SignIn", id)).await
}

/// Opens a family for a person who has shown who they are.
pub(super) async fn open(call: &Call, tx: &Tx<'_>, user: &user::Model) -> Result<(SignInId, Tokens)> {
    let now = tx.now();
    let row = sign_in::Model {
        id: SignInId::new(),
        user_id: user.id,
        viewed_as_by: None,
        created_at: now,
        expires_at: now + Duration::days(token::REFRESH_DAYS),
        ended_at: None,
        end_reason: None,
    };
    let id = row.id;
    store::insert(tx, row).await?;
    let refresh = token::refresh();
    store::insert(tx, refresh_row(RefreshTokenId::new(), id, &refresh, now)).await?;
    Ok((id, access(call, user, id, Some(refresh), Duration::minutes(token::ACCESS_MINUTES))))
}

/// A fresh access token of a sign-in, beside its refresh token.
pub(super) fn access(
    call: &Call,
    user: &user::Model,
    id: SignInId,
    refresh: Option<String>,
    lifetime: Duration,
) -> Tokens {
    Tokens {
        access: token::issue(&call.app.keys, user.id, id, user.session_version, call.now, lifetime),
        expires_at: call.now + lifetime,
        refresh,
    }
}

fn refresh_row(
    id: RefreshTokenId,
    sign_in: SignInId,
    secret: &str,
    now: DateTime<Utc>,
) -> refresh_token::Model {
    refresh_token::Model {
        id,
        sign_in_id: sign_in,
        token_hash: token::hash(secret),
        created_at: now,
        expires_at: now + Duration::days(token::REFRESH_DAYS),
        spent_at: None,
        successor_id: None,
        successor_sealed: None,
    }
}

/// Who the tokens' holder is, as of now.
///
/// # Errors
/// The database is away, or the rights were lost in between.
pub(super) async fn signed(call: &Call, tokens: Tokens) -> Result<Signed> {
    let header = format!("Bearer {}", tokens.access);
    let session = call.app.sessions.open(Some(&header)).await.map_err(|error| match error {
        SessionError::Unauthenticated => failed(),
        SessionError::Unavailable => Error::Unavailable("rights could not be read".to_owned()),
    })?;
    Ok(Signed { tokens, actor: session.actor() })
}

/// What the audit log keeps of a sign-in.
pub(super) fn change(id: SignInId, user: &user::Model) -> Change {
    let change = Change::of("SignIn", id).after(&json!({"userId": user.id}));
    match user.client_id {
        Some(client) => change.client(client),
        None => change,
    }
}

fn failed() -> Error {
    Error::refused(ErrorCode::SignInFailed, "The address or the password is wrong, or you cannot sign in.")
}
