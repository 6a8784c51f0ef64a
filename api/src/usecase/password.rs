//! Changing a password, and setting another where it was forgotten (A-3, T34).
//!
//! A new password ends every sign-in of the person and raises their session version, so that all that was signed in
//! with the old one is out at once (T30).

use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::text::Email;
use domain::user::{InvitationKind, UserStatus};
use entity::{invitation, user};

use super::sign_in::{self, Signed, limit};
use super::{mail, retry};
use crate::app::Call;
use crate::auth::{password, token};
use crate::bus::Topic;
use crate::bus::rights::Whom;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change, Tx};

/// Changes the caller's own password; all their sign-ins end, and a new one begins.
///
/// # Errors
/// Refused: SIGN_IN_FAILED where the present password is wrong, WEAK_PASSWORD, TOO_MANY_ATTEMPTS.
pub async fn change(call: &Call, current: String, new: String) -> Result<Signed> {
    let target = Target { client: None, owner: call.actor.user_id() };
    let _ = call.permit(Action::PasswordChange, &target)?;
    let me = call.actor.user_id().ok_or(Error::NotFound)?;
    let user = store::user::get(call.app.db.reading(), me).await?.ok_or(Error::NotFound)?;
    let turn = call.app.passwords.turn()?;
    let attempt = limit::begin(call, &user.email_key).await?;
    let current = if current.chars().count() > password::LONGEST { String::new() } else { current };
    let mut refusals = Refusals::default();
    if !call.app.passwords.verify(turn, current, user.password_hash.as_deref()).await? {
        let refusal = Refusal::new(ErrorCode::SignInFailed, "This is not your present password.");
        refusals.push(refusal.at("currentPassword"));
    }
    if let Err(refusal) = check(&new, &user, "newPassword") {
        refusals.push(refusal);
    }
    refusals.check()?;
    let hash = call.app.passwords.hash(new).await?;
    let tokens = retry(call, hash, move |call, hash| async move {
        let permit = call.permit(Action::PasswordChange, &Target { client: None, owner: Some(me) })?;
        let mut tx = call.begin().await?;
        let user = store::user::lock(&tx, me).await?.ok_or(Error::NotFound)?;
        store::sign_in::succeeded(&tx, attempt).await?;
        let user = set(&mut tx, user, hash, "PASSWORD_CHANGED").await?;
        let (_, tokens) = sign_in::open(&call, &tx, &user).await?;
        tx.commit(permit, changed(&user)).await?;
        Ok(tokens)
    })
    .await?;
    sign_in::signed(call, tokens).await
}

/// Asks for a link to set a new password. The answer and the work are the same whether the address is somebody's or
/// not (T31); beyond three times in a quarter of an hour no further mail goes to one address.
///
/// # Errors
/// Refused: INVALID for what is no address, TOO_MANY_ATTEMPTS for an address of the network that asks without end.
pub async fn ask_reset(call: &Call, email: &str) -> Result<()> {
    let email = Email::parse(email)
        .map_err(|error| Error::refused_at("email", ErrorCode::Invalid, error.to_string()))?;
    retry(call, email, |call, email| async move {
        let permit = call.permit(Action::SignIn, &Target::PROVIDER)?;
        let mut tx = call.begin_for_anyone().await?;
        let account = format!("reset {}", email.key());
        let failures = limit::failures(&call, &tx, &account).await?;
        if failures.address_is_spent() {
            return Err(limit::too_many());
        }
        limit::note(&call, &tx, account).await?;
        if failures.allow_another_reset() {
            mail::post_reset(&call, &mut tx, &email).await?;
        }
        tx.keep(&permit).await
    })
    .await
}

/// Sets a new password by the link of a reset.
///
/// # Errors
/// Refused: LINK_EXPIRED, WEAK_PASSWORD.
pub async fn reset(call: &Call, secret: &str, new: String) -> Result<()> {
    let kind = InvitationKind::PasswordReset;
    let hash = prepare(call, secret, kind, new).await?;
    retry(call, (secret.to_owned(), hash), move |call, (secret, hash)| async move {
        let permit = call.permit(Action::SignIn, &Target::PROVIDER)?;
        let mut tx = call.begin_for_anyone().await?;
        let user = take(&tx, &secret, kind).await?;
        let user = set(&mut tx, user, hash, "PASSWORD_RESET").await?;
        tx.commit(permit, changed(&user)).await
    })
    .await
}

/// Checks a link and a password in advance, so that nothing is hashed in vain; the password's hash.
pub(super) async fn prepare(call: &Call, secret: &str, kind: InvitationKind, new: String) -> Result<String> {
    // Decided before the link is read: whoever looks as a contact learns nothing of it.
    let _ = call.permit(Action::SignIn, &Target::PROVIDER)?;
    let db = call.app.db.reading();
    let link = store::invitation::by_hash(db, &token::hash(secret)).await?;
    let link = link.filter(|link| is_open(link, kind, call.now)).ok_or_else(expired)?;
    let user = store::user::get(db, link.user_id).await?.ok_or_else(expired)?;
    check(&new, &user, "password")?;
    call.app.passwords.hash(new).await
}

/// Takes the link: it works once, whoever else holds it (T34). Its person, locked.
pub(super) async fn take(tx: &Tx<'_>, secret: &str, kind: InvitationKind) -> Result<user::Model> {
    let link = store::invitation::lock(tx, &token::hash(secret)).await?;
    let link = link.filter(|link| is_open(link, kind, tx.now())).ok_or_else(expired)?;
    let user = store::user::lock(tx, link.user_id).await?.ok_or_else(expired)?;
    let fits = match kind {
        InvitationKind::Invitation => user.status == UserStatus::Invited,
        InvitationKind::PasswordReset => user.status == UserStatus::Active,
    };
    if fits { Ok(user) } else { Err(expired()) }
}

/// Sets the password of a person who may have it set, and ends what was open until now.
pub(super) async fn set(
    tx: &mut Tx<'_>,
    mut user: user::Model,
    hash: String,
    reason: &str,
) -> Result<user::Model> {
    user.password_hash = Some(hash);
    user.status = UserStatus::Active;
    user.updated_at = tx.now();
    shut_out(tx, &mut user, reason).await?;
    store::update(tx, user.clone()).await?;
    Ok(user)
}

/// Ends all that a person's tokens and links open; the caller writes the row.
pub(super) async fn shut_out(tx: &mut Tx<'_>, user: &mut user::Model, reason: &str) -> Result<()> {
    user.session_version += 1;
    store::sign_in::end_all(tx, user.id, reason).await?;
    store::invitation::use_up(tx, user.id).await?;
    tx.wake(Topic::Rights(Whom::User(user.id)));
    Ok(())
}

fn is_open(link: &invitation::Model, kind: InvitationKind, now: chrono::DateTime<chrono::Utc>) -> bool {
    link.kind == kind && link.used_at.is_none() && link.expires_at > now
}

fn check(new: &str, user: &user::Model, field: &'static str) -> std::result::Result<(), Refusal> {
    password::check(new, &user.email, &user.name)
        .map_err(|weak| Refusal::new(ErrorCode::WeakPassword, weak.to_string()).at(field))
}

/// What the audit log keeps: that it happened.
fn changed(user: &user::Model) -> Change {
    super::user::change(user).after(&serde_json::json!({"passwordSet": true}))
}

fn expired() -> Error {
    Error::refused_at("token", ErrorCode::LinkExpired, "This link is unknown, used or expired.")
}
