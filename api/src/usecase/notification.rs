//! Telling people: in the application, and by mail where they want it so.
//!
//! Whoever's transaction it is tells in it: what is told has happened, and what happened is told. The `once` of a
//! [`Notice`] names what it tells of; the same person is not told the same again, by whichever instance. Whoever did
//! the thing is not told of it. Somebody who no longer sees a client no longer sees what was told of it.

use domain::id::{ClientId, NotificationId, UserId};
use domain::notification::{Content, NotificationKind};
use domain::policy::{Action, Scope, Target};
use domain::refusal::ErrorCode;
use entity::{notification, notification_choice};
use uuid::Uuid;

use crate::app::Call;
use crate::bus::Topic;
use crate::error::{Error, Result};
use crate::mail::{Letter, Told};
pub use crate::store::notification::Audience;
use crate::store::notification::Which;
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::{self, Change, Tx};

/// Notifications marked at once at the most.
const MOST: usize = 100;

/// Something that people are told.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The client whose matter it is; none for what is the person's or the provider's own.
    pub client: Option<ClientId>,
    pub audience: Audience,
    pub content: Content,
    /// What it is about: the type's name in the schema, and the id.
    pub subject: Option<(&'static str, Uuid)>,
    /// What it tells of; the kind need not stand in it.
    pub once: String,
}

/// Tells an audience within a transaction; how many were told.
///
/// # Errors
/// The database's own.
pub async fn notify(call: &Call, tx: &mut Tx<'_>, notice: Notice) -> Result<usize> {
    let mut people = store::notification::audience(tx, notice.client, &notice.audience).await?;
    people.retain(|person| call.actor.user_id() != Some(person.id));
    if people.is_empty() {
        return Ok(0);
    }
    let ids: Vec<UserId> = people.iter().map(|person| person.id).collect();
    let kind = notice.content.kind();
    let choices = store::notification::choices(tx, &ids, kind).await?;
    let content =
        serde_json::to_string(&notice.content).map_err(|error| Error::Internal(error.to_string()))?;
    let mut told = 0;
    for person in people {
        let row = notification::Model {
            id: NotificationId::new(),
            user_id: person.id,
            client_id: notice.client,
            kind,
            content: content.clone(),
            object: notice.subject.map(|(object, _)| object.to_owned()),
            object_id: notice.subject.map(|(_, id)| id),
            once: format!("{kind:?} {}", notice.once),
            created_at: tx.now(),
            read_at: None,
        };
        let id = row.id;
        if !store::notification::insert(tx, row).await? {
            continue;
        }
        told += 1;
        tx.wake(Topic::Notification(person.id, id));
        if choices.get(&person.id).copied().unwrap_or(true) {
            let letter =
                Told { name: person.name, content: notice.content.clone(), link: call.app.config.base_url() };
            super::mail::post(call, tx, &person.email, person.locale, Letter::Told(letter)).await?;
        }
    }
    Ok(told)
}

/// The caller, and the clients whose matters they see.
fn reader(call: &Call, action: Action) -> Result<(UserId, Scope)> {
    let owner = call.actor.user_id();
    let _ = call.permit(action, &Target { client: None, owner })?;
    Ok((owner.ok_or(Error::NotFound)?, call.scope(Action::ClientRead)?))
}

/// Which of the caller's notifications.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub unread: Option<bool>,
    pub kinds: Option<Vec<NotificationKind>>,
}

/// A page of what the caller was told, the newest first.
///
/// # Errors
/// The caller is no person; the database's own.
pub async fn list(
    call: &Call,
    filter: &Filter,
    binding: Binding,
    page: &Page,
) -> Result<Listed<notification::Model>> {
    let (user, scope) = reader(call, Action::NotificationRead)?;
    let select = store::notification::select(user, &scope);
    let select = store::notification::filtered(select, filter.unread, filter.kinds.as_deref());
    let order =
        vec![(notification::Column::CreatedAt, Direction::Desc), (notification::Column::Id, Direction::Desc)];
    Ok(List { select, order, binding }.read(&call.app.db, page).await?)
}

/// How many the caller has not read.
///
/// # Errors
/// The caller is no person; the database's own.
pub async fn unread_count(call: &Call) -> Result<i64> {
    let (user, scope) = reader(call, Action::NotificationRead)?;
    let select = store::notification::filtered(store::notification::select(user, &scope), Some(true), None);
    store::page::count(&call.app.db, select).await
}

/// One of the caller's own.
///
/// # Errors
/// The caller is no person; the database's own.
pub async fn find(call: &Call, id: NotificationId) -> Result<Option<notification::Model>> {
    let (user, scope) = reader(call, Action::NotificationRead)?;
    Ok(store::notification::find(call.app.db.reading(), user, &scope, id).await?)
}

/// Which of their notifications a person marks: some, or one and all before it.
#[derive(Debug, Clone)]
pub enum Marked {
    These(Vec<NotificationId>),
    UpTo(NotificationId),
}

/// Marks the caller's own as read or unread; how many changed. Ids of others' change nothing.
///
/// # Errors
/// Refused: INVALID for more than 100 at once, NOT_FOUND.
pub async fn mark(call: &Call, marked: Marked, read: bool) -> Result<u64> {
    let owner = call.actor.user_id();
    let permit = call.permit(Action::NotificationMark, &Target { client: None, owner })?;
    let (user, scope) = reader(call, Action::NotificationRead)?;
    let tx = call.begin().await?;
    let which = match marked {
        Marked::These(ids) if ids.len() > MOST => {
            let text = format!("At most {MOST} are marked at once.");
            return Err(Error::refused_at("ids", ErrorCode::Invalid, text));
        }
        Marked::These(ids) => Which::These(ids),
        Marked::UpTo(id) => {
            let last = store::notification::find(tx.connection(), user, &scope, id).await?;
            let Some(last) = last else {
                return Err(Error::refused_at("upTo", ErrorCode::NotFound, "There is no such notification."));
            };
            Which::UpTo(last)
        }
    };
    let changed = store::notification::mark(&tx, user, &which, read).await?;
    tx.keep(&permit).await?;
    Ok(changed)
}

/// For each kind whether the caller wants it by mail.
///
/// # Errors
/// The caller is no person; the database's own.
pub async fn choices(call: &Call) -> Result<Vec<(NotificationKind, bool)>> {
    let (user, _) = reader(call, Action::NotificationRead)?;
    let chosen = store::notification::choices_of(call.app.db.reading(), user).await?;
    Ok(NotificationKind::ALL.iter().map(|kind| (*kind, chosen.get(kind).copied().unwrap_or(true))).collect())
}

/// Chooses for a kind whether it comes by mail as well.
///
/// # Errors
/// The caller is no person; the database's own.
pub async fn choose(call: &Call, kind: NotificationKind, by_mail: bool) -> Result<()> {
    let owner = call.actor.user_id();
    let permit = call.permit(Action::ProfileUpdate, &Target { client: None, owner })?;
    let user_id = owner.ok_or(Error::NotFound)?;
    let tx = call.begin().await?;
    store::notification::choose(&tx, notification_choice::Model { user_id, kind, by_mail }).await?;
    let change = Change::of("User", user_id).after(&serde_json::json!({"kind": kind, "byMail": by_mail}));
    tx.commit(permit, change).await
}
