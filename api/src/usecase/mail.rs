//! Mails: posted in the transaction of their cause, sent afterwards until they are (T35, T64).

use chrono::{DateTime, Duration, Utc};
use domain::client::Locale;
use domain::id::{InvitationId, MailId};
use domain::policy::{Action, Permit, Target};
use domain::text::Email;
use domain::user::{InvitationKind, UserStatus};
use entity::{invitation, mail};
use serde::{Deserialize, Serialize};

use super::retry;
use crate::app::Call;
use crate::auth::token;
use crate::bus::Topic;
use crate::error::{Error, Result, unquoted};
use crate::mail::{Letter, Message, PasswordReset};
use crate::store::{self, Tx};

/// How often a mail is tried before it is left to a person.
const MOST_ATTEMPTS: i32 = 10;
/// How many mails are claimed at once.
const BATCH: u64 = 20;

/// What a row of the table is to become.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Order {
    /// A letter that is written already.
    Letter(Letter),
    /// A link for a new password, if the address is somebody's. It is made only when it is sent: whoever asked learns
    /// nothing from how long the asking took (T31), and the link rests nowhere.
    Reset,
}

/// Posts a letter: it is sent once the transaction is committed, whatever happens in between.
///
/// # Errors
/// The database's own.
pub async fn post(call: &Call, tx: &mut Tx<'_>, to: &str, locale: Locale, letter: Letter) -> Result<()> {
    let kind = match &letter {
        Letter::Invitation(_) => "INVITATION",
        Letter::PasswordReset(_) => "PASSWORD_RESET",
        Letter::FamilyEnded(_) => "FAMILY_ENDED",
        Letter::Told(_) => "NOTIFICATION",
    };
    put(call, tx, kind, to, locale, &Order::Letter(letter)).await
}

/// Posts a link for a new password to an address that may be nobody's.
///
/// # Errors
/// The database's own.
pub async fn post_reset(call: &Call, tx: &mut Tx<'_>, to: &Email) -> Result<()> {
    put(call, tx, "PASSWORD_RESET", to.as_str(), Locale::Ru, &Order::Reset).await
}

async fn put(
    call: &Call,
    tx: &mut Tx<'_>,
    kind: &str,
    to: &str,
    locale: Locale,
    order: &Order,
) -> Result<()> {
    let id = MailId::new();
    let plain = serde_json::to_vec(order).map_err(|error| Error::Internal(error.to_string()))?;
    let row = mail::Model {
        id,
        kind: kind.to_owned(),
        recipient: to.to_owned(),
        locale,
        sealed: call.app.keys.seal(&purpose(id), &plain),
        created_at: tx.now(),
        next_try_at: tx.now(),
        attempts: 0,
        sent_at: None,
        last_error: None,
    };
    store::insert(tx, row).await?;
    tx.wake(Topic::Mail);
    Ok(())
}

/// A sealed content opens only for the row that it was sealed for.
fn purpose(id: MailId) -> String {
    format!("mail {}", id.0)
}

/// Sends every mail that is due; how many were sent. A mail may be sent twice where the process ends in between, and is
/// the same mail both times, but for links of password resets, of which the newest works.
///
/// # Errors
/// The database's own; a mail that cannot be sent is tried later and is no error.
pub async fn send_due(call: &Call) -> Result<u64> {
    let mut sent = 0;
    loop {
        let claimed = retry(call, (), |call, ()| async move { claim(&call).await }).await?;
        if claimed.is_empty() {
            return Ok(sent);
        }
        for row in claimed {
            sent += u64::from(send(call, row).await?);
        }
    }
}

/// Takes what is due, so that no other process does before the next try.
async fn claim(call: &Call) -> Result<Vec<mail::Model>> {
    let permit = call.permit(Action::MailSend, &Target::PROVIDER)?;
    let tx = call.begin().await?;
    let due = store::mail::lock_due(&tx, MOST_ATTEMPTS, BATCH).await?;
    for row in &due {
        store::mail::claim(&tx, row.id, next_try(tx.now(), row.attempts)).await?;
    }
    tx.keep(&permit).await?;
    Ok(due)
}

/// One minute after the first try, then twice as long each time: eight hours and a half in all.
fn next_try(now: DateTime<Utc>, attempts: i32) -> DateTime<Utc> {
    now + Duration::minutes(1 << attempts.clamp(0, 16))
}

async fn send(call: &Call, row: mail::Model) -> Result<bool> {
    let permit = call.permit(Action::MailSend, &Target::PROVIDER)?;
    let outcome = match message(call, &row, &permit).await {
        Ok(None) => Ok(false),
        Ok(Some(message)) => call.app.mailer.send(&message).await.map(|()| true),
        Err(error @ (Error::Unavailable(_) | Error::Lost(_))) => return Err(error),
        Err(error) => Err(error.to_string()),
    };
    let tx = call.begin().await?;
    match &outcome {
        Ok(_) => store::mail::done(&tx, row.id).await?,
        Err(why) => {
            call.app.metrics.mails_failed.count();
            tracing::warn!(mail = %row.id.0, kind = row.kind, error = unquoted(why), "a mail was not sent");
            store::mail::failed(&tx, row.id, why).await?;
        }
    }
    tx.keep(&permit).await?;
    let is_sent = outcome.unwrap_or(false);
    call.app.metrics.mails_sent.add(is_sent.into());
    Ok(is_sent)
}

/// The mail to send, if there is one: an address that is nobody's gets none.
async fn message(call: &Call, row: &mail::Model, permit: &Permit) -> Result<Option<Message>> {
    let bad = |what: &str| Error::Internal(format!("mail {}: {what}", row.id.0));
    let plain =
        call.app.keys.open(&purpose(row.id), &row.sealed).ok_or_else(|| bad("sealed by another key"))?;
    let order: Order = serde_json::from_slice(&plain).map_err(|_| bad("of another version"))?;
    let (to, locale, letter) = match order {
        Order::Letter(letter) => (row.recipient.clone(), row.locale, letter),
        Order::Reset => match reset_link(call, &row.recipient, permit).await? {
            None => return Ok(None),
            Some(found) => found,
        },
    };
    let to = Email::parse(&to).map_err(|_| bad("to no address"))?;
    Ok(Some(Message { id: row.id.0, to, words: letter.write(locale), date: call.now }))
}

/// Makes the link for a new password.
async fn reset_link(call: &Call, address: &str, permit: &Permit) -> Result<Option<(String, Locale, Letter)>> {
    let key = Email::parse(address).map(|email| email.key()).unwrap_or_default();
    let tx = call.begin().await?;
    let user = store::user::by_email(tx.connection(), &key).await?;
    let Some(user) = user.filter(|user| user.status == UserStatus::Active) else {
        return Ok(None);
    };
    let secret = token::link();
    let row = invitation::Model {
        id: InvitationId::new(),
        user_id: user.id,
        kind: InvitationKind::PasswordReset,
        token_hash: token::hash(&secret),
        created_by: None,
        created_at: tx.now(),
        expires_at: tx.now() + Duration::minutes(token::RESET_MINUTES),
        used_at: None,
    };
    store::invitation::use_up(&tx, user.id).await?;
    store::insert(&tx, row).await?;
    tx.keep(permit).await?;
    let link = format!("{}/password-reset#{secret}", call.app.config.base_url());
    Ok(Some((user.email, user.locale, Letter::PasswordReset(PasswordReset { name: user.name, link }))))
}
