//! Mails: posted in the transaction of their cause, sent afterwards until they are (T35, T64).

use chrono::{DateTime, Duration, Utc};
use domain::client::Locale;
use domain::id::{InvitationId, MailId};
use domain::notification::{Content, MailStatus};
use domain::policy::{Action, Permit, Target};
use domain::refusal::ErrorCode;
use domain::text::Email;
use domain::user::{InvitationKind, Role, UserStatus};
use entity::{invitation, mail};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::notification::{Audience, Notice, notify};
use super::retry;
use crate::app::Call;
use crate::auth::token;
use crate::bus::Topic;
use crate::error::{Error, Result};
use crate::mail::{Letter, Message, NotSent, PasswordReset};
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::{self, Change, Tx};

/// How often a mail is tried before it is left to a person.
const MOST_ATTEMPTS: i32 = 10;
/// How many mails are claimed and sent at once: together they take less time than until they could be claimed again.
const BATCH: u64 = 8;

const NOTIFICATION: &str = "NOTIFICATION";

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
    post_as(call, tx, MailId::new(), to, locale, letter).await
}

/// The same under an id that the caller makes of what the mail is for: it cannot be posted twice, and its Message-ID is
/// known (T66).
///
/// # Errors
/// The database's own, also where the mail is posted already.
pub async fn post_as(
    call: &Call,
    tx: &mut Tx<'_>,
    id: MailId,
    to: &str,
    locale: Locale,
    letter: Letter,
) -> Result<()> {
    let kind = match &letter {
        Letter::Invitation(_) => "INVITATION",
        Letter::PasswordReset(_) => "PASSWORD_RESET",
        Letter::FamilyEnded(_) => "FAMILY_ENDED",
        Letter::Told(_) => NOTIFICATION,
        Letter::WeeklyReport(_) => "WEEKLY_REPORT",
    };
    put(call, tx, id, kind, to, locale, &Order::Letter(letter)).await
}

/// Posts a link for a new password to an address that may be nobody's.
///
/// # Errors
/// The database's own.
pub async fn post_reset(call: &Call, tx: &mut Tx<'_>, to: &Email) -> Result<()> {
    put(call, tx, MailId::new(), "PASSWORD_RESET", to.as_str(), Locale::Ru, &Order::Reset).await
}

async fn put(
    call: &Call,
    tx: &mut Tx<'_>,
    id: MailId,
    kind: &str,
    to: &str,
    locale: Locale,
    order: &Order,
) -> Result<()> {
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
        for is_sent in join_all(claimed.into_iter().map(|row| send(call, row))).await {
            sent += u64::from(is_sent?);
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
        Err(error) => Err(NotSent { is_final: true, why: error.to_string() }),
    };
    let mut tx = call.begin().await?;
    match &outcome {
        Ok(_) => store::mail::done(&tx, row.id).await?,
        Err(failure) => {
            call.app.metrics.mails_failed.count();
            let is_last = failure.is_final || row.attempts + 1 >= MOST_ATTEMPTS;
            // What the server said may name the recipient, and stays in the table.
            tracing::warn!(mail = %row.id.0, kind = row.kind, is_last, "a mail was not sent");
            store::mail::failed(&tx, row.id, &failure.why, is_last.then_some(MOST_ATTEMPTS)).await?;
            // One about a mail that failed would tell of itself.
            if is_last && row.kind != NOTIFICATION {
                give_up(call, &mut tx, &row, &failure.why).await?;
            }
        }
    }
    tx.keep(&permit).await?;
    let is_sent = outcome.unwrap_or(false);
    call.app.metrics.mails_sent.add(is_sent.into());
    Ok(is_sent)
}

/// Leaves a mail to the administrators.
async fn give_up(call: &Call, tx: &mut Tx<'_>, row: &mail::Model, why: &str) -> Result<()> {
    let notice = Notice {
        client: None,
        audience: Audience::roles(&[Role::Administrator]),
        content: Content::MailFailed { recipient: row.recipient.clone(), reason: why.to_owned() },
        subject: Some(("Mail", row.id.0)),
        once: format!("{} {}", row.id.0, tx.now().timestamp()),
    };
    notify(call, tx, notice).await.map(|_| ())
}

/// A page of the mails of some days, the newest first: those on their way, sent, and left to a person.
///
/// # Errors
/// The caller may not read them; the database's own.
pub async fn list(
    call: &Call,
    status: Option<MailStatus>,
    binding: Binding,
    page: &Page,
) -> Result<Listed<mail::Model>> {
    let _ = call.permit(Action::OperationRead, &Target::PROVIDER)?;
    let order = vec![(mail::Column::CreatedAt, Direction::Desc), (mail::Column::Id, Direction::Desc)];
    let select = store::mail::select(status, MOST_ATTEMPTS);
    Ok(List { select, order, binding }.read(&call.app.db, page).await?)
}

/// A mail.
///
/// # Errors
/// The caller may not read mails; the database's own.
pub async fn find(call: &Call, id: MailId) -> Result<Option<mail::Model>> {
    let _ = call.permit(Action::OperationRead, &Target::PROVIDER)?;
    Ok(store::mail::get(call.app.db.reading(), id).await?)
}

/// Where a mail stands.
pub fn status(row: &mail::Model) -> MailStatus {
    match row.sent_at {
        Some(_) => MailStatus::Sent,
        None if row.attempts >= MOST_ATTEMPTS => MailStatus::Failed,
        None => MailStatus::Waiting,
    }
}

/// Has a mail tried again that was given up, as if it were new.
///
/// # Errors
/// Refused: WRONG_STATUS for one that is on its way or was sent.
pub async fn send_again(call: &Call, id: MailId) -> Result<mail::Model> {
    let permit = call.permit(Action::MailRetry, &Target::PROVIDER)?;
    let mut tx = call.begin().await?;
    let row = store::mail::get(tx.connection(), id).await?.ok_or(Error::NotFound)?;
    if status(&row) != MailStatus::Failed {
        return Err(Error::refused(ErrorCode::WrongStatus, "Only a mail that was given up is sent again."));
    }
    store::mail::again(&tx, id).await?;
    tx.wake(Topic::Mail);
    let now = tx.now();
    tx.commit(permit, Change::of("Mail", id).before(&serde_json::json!({"attempts": row.attempts}))).await?;
    Ok(mail::Model { attempts: 0, next_try_at: now, ..row })
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
