//! Rotating refresh tokens.
//!
//! Each use spends the token and gives its successor. For ten seconds the spent one gives that same successor again,
//! since answers get lost and tabs refresh side by side (T29); it is kept sealed under a key that only the spent token
//! yields. A spent token that comes back later was copied: the whole family ends, although the request itself is
//! refused (T28).

use chrono::Duration;
use domain::id::RefreshTokenId;
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::user::UserStatus;
use entity::{refresh_token, sign_in, user};

use super::super::{mail, retry};
use super::{Signed, Tokens, access, change, refresh_row, signed};
use crate::app::Call;
use crate::auth::token;
use crate::bus::Topic;
use crate::bus::rights::Whom;
use crate::error::{Error, Result};
use crate::mail::{FamilyEnded, Letter};
use crate::store::{self, Tx};

/// Gives the next pair of tokens for a refresh token.
///
/// # Errors
/// Refused: LINK_EXPIRED where the token is unknown, expired, ended, or was spent before.
pub async fn refresh(call: &Call, presented: &str) -> Result<Signed> {
    let tokens = retry(call, presented.to_owned(), |call, presented| async move {
        let permit = call.permit(Action::SignIn, &Target::PROVIDER)?;
        let mut tx = call.begin_for_anyone().await?;
        let row = store::sign_in::lock_token(&tx, &token::hash(&presented)).await?.ok_or_else(expired)?;
        let sign_in = store::sign_in::get(tx.connection(), row.sign_in_id).await?.ok_or_else(expired)?;
        let user = store::user::get(tx.connection(), sign_in.user_id).await?.ok_or_else(expired)?;
        let alive = sign_in.ended_at.is_none() && sign_in.expires_at > tx.now() && row.expires_at > tx.now();
        if !alive || user.status != UserStatus::Active {
            return Err(expired());
        }
        let next = match row.spent_at {
            None => rotate(&tx, &row, &presented).await?,
            Some(spent_at) if tx.now() - spent_at <= Duration::seconds(token::SUCCESSOR_SECONDS) => row
                .successor_sealed
                .as_deref()
                .and_then(|sealed| token::open_successor(&presented, sealed))
                .ok_or_else(expired)?,
            Some(_) => {
                end_family(&call, &mut tx, &sign_in, &user).await?;
                tx.commit(permit, change(sign_in.id, &user).before(&"REFRESH_TOKEN_REUSED")).await?;
                return Err(expired());
            }
        };
        let lifetime = Duration::minutes(token::ACCESS_MINUTES);
        let tokens: Tokens = access(&call, &user, sign_in.id, Some(next), lifetime);
        tx.commit(permit, change(sign_in.id, &user)).await?;
        Ok(tokens)
    })
    .await?;
    signed(call, tokens).await
}

async fn rotate(tx: &Tx<'_>, spent: &refresh_token::Model, presented: &str) -> Result<String> {
    let (id, next) = (RefreshTokenId::new(), token::refresh());
    let row = refresh_row(id, spent.sign_in_id, &next, tx.now());
    store::sign_in::prolong(tx, spent.sign_in_id, row.expires_at).await?;
    store::insert(tx, row).await?;
    store::sign_in::spend(tx, spent.id, id, token::seal_successor(presented, &next)).await?;
    Ok(next)
}

async fn end_family(
    call: &Call,
    tx: &mut Tx<'_>,
    sign_in: &sign_in::Model,
    user: &user::Model,
) -> Result<()> {
    store::sign_in::end(tx, sign_in.id, "REFRESH_TOKEN_REUSED").await?;
    let link = format!("{}/password-reset", call.app.config.base_url());
    let letter = Letter::FamilyEnded(FamilyEnded { name: user.name.clone(), link });
    mail::post(call, tx, &user.email, user.locale, letter).await?;
    tx.wake(Topic::Rights(Whom::User(user.id)));
    Ok(())
}

fn expired() -> Error {
    Error::refused_at("refreshToken", ErrorCode::LinkExpired, "Sign in again.")
}
