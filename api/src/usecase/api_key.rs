//! Keys of partners: shown once, kept as a hash, bound to clients, revocable.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::id::{ApiKeyId, ClientId};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::text::Text;
use entity::api_key;
use serde::Serialize;
use uuid::Uuid;

use crate::app::Call;
use crate::auth::token;
use crate::bus::Topic;
use crate::bus::rights::Whom;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::{self, Change};

/// The longest name.
const NAME: usize = 200;
/// The most clients of one key.
const CLIENTS: usize = 100;

/// A page of the keys, and the clients granted to each.
///
/// # Errors
/// The caller may not read keys; the database's own.
pub async fn list(
    call: &Call,
    binding: Binding,
    page: &Page,
) -> Result<(Listed<api_key::Model>, HashMap<ApiKeyId, Vec<ClientId>>)> {
    let _ = call.permit(Action::ApiKeyRead, &Target::PROVIDER)?;
    let order = vec![(api_key::Column::CreatedAt, Direction::Desc), (api_key::Column::Id, Direction::Desc)];
    let listed = List { select: store::api_key::select(), order, binding }.read(&call.app.db, page).await?;
    let ids: Vec<ApiKeyId> = listed.rows.iter().map(|row| row.id).collect();
    let clients = store::api_key::clients(call.app.db.reading(), &ids).await?;
    Ok((listed, clients))
}

/// A key and its clients.
///
/// # Errors
/// The caller may not read keys; the database's own.
pub async fn find(call: &Call, id: ApiKeyId) -> Result<Option<Key>> {
    let _ = call.permit(Action::ApiKeyRead, &Target::PROVIDER)?;
    let db = call.app.db.reading();
    let Some(row) = store::api_key::get(db, id).await? else { return Ok(None) };
    let mut clients = store::api_key::clients(db, &[id]).await?;
    Ok(Some(Key { row, clients: clients.remove(&id).unwrap_or_default() }))
}

/// The key that the caller holds, and its clients.
///
/// # Errors
/// The database's own.
pub async fn own(call: &Call) -> Result<Option<Key>> {
    let domain::policy::Actor::Partner(partner) = &*call.actor else {
        return Ok(None);
    };
    let row = store::api_key::get(call.app.db.reading(), partner.key).await?;
    Ok(row.map(|row| Key { row, clients: partner.clients.iter().copied().collect() }))
}

/// A key and the clients granted to it.
#[derive(Debug, Clone)]
pub struct Key {
    pub row: api_key::Model,
    pub clients: Vec<ClientId>,
}

/// What a new key is made from.
#[derive(Debug, Clone, Serialize)]
pub struct Create {
    pub name: String,
    pub clients: BTreeSet<ClientId>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a key; its secret is told this once, and not again to a repeated request.
///
/// # Errors
/// Refused: INVALID fields, clients that are not there.
pub async fn create(call: &Call, command: Create, key: Option<Uuid>) -> Result<(Key, Option<String>)> {
    let permit = call.permit(Action::ApiKeyManage, &Target::PROVIDER)?;
    let mut tx = call.begin().await?;
    let id = ApiKeyId::new();
    if let Some(made) = tx.replay(key, "apiKeyCreate", &command, &[id.0]).await? {
        let made = made.first().copied().map(ApiKeyId).ok_or(Error::NotFound)?;
        let row = store::api_key::get(tx.connection(), made).await?.ok_or(Error::NotFound)?;
        let clients = store::api_key::clients(tx.connection(), &[made]).await?.remove(&made);
        return Ok((Key { row, clients: clients.unwrap_or_default() }, None));
    }
    let mut refusals = Refusals::default();
    let name = refusals.take("name", Text::parse(&command.name, NAME));
    if command.expires_at.is_some_and(|end| end <= tx.now()) {
        refusals.push(Refusal::new(ErrorCode::Invalid, "The end lies in the past.").at("expiresAt"));
    }
    let known = if command.clients.len() > CLIENTS {
        0
    } else {
        store::api_key::known_clients(&tx, &command.clients).await?
    };
    if command.clients.is_empty() || usize::try_from(known) != Ok(command.clients.len()) {
        let words = format!("A key reads 1 to {CLIENTS} clients, all of which must exist.");
        refusals.push(Refusal::new(ErrorCode::Invalid, words).at("clientIds"));
    }
    refusals.check()?;
    let (Some(name), Some(created_by)) = (name, call.actor.user_id()) else {
        return Err(Error::Internal("a person makes keys, and names them".to_owned()));
    };
    let secret = token::partner(id);
    let row = api_key::Model {
        id,
        name: name.into(),
        secret_hash: token::hash(&secret),
        created_by,
        created_at: tx.now(),
        expires_at: command.expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    store::insert(&tx, row.clone()).await?;
    store::api_key::grant(&tx, id, &command.clients).await?;
    tx.wake(Topic::Rights(Whom::Key(id)));
    tx.commit(permit, Change::of("ApiKey", id).after(&command)).await?;
    Ok((Key { row, clients: command.clients.into_iter().collect() }, Some(secret)))
}

/// Revokes a key: it opens nothing from now on, and cannot be brought back.
///
/// # Errors
/// Refused: WRONG_STATUS where it is revoked already.
pub async fn revoke(call: &Call, id: ApiKeyId) -> Result<Key> {
    let permit = call.permit(Action::ApiKeyManage, &Target::PROVIDER)?;
    let mut tx = call.begin().await?;
    let mut row = store::api_key::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    if row.revoked_at.is_some() {
        return Err(Error::refused(ErrorCode::WrongStatus, "This key is revoked already."));
    }
    row.revoked_at = Some(tx.now());
    store::update(&tx, row.clone()).await?;
    let clients = store::api_key::clients(tx.connection(), &[id]).await?.remove(&id).unwrap_or_default();
    tx.wake(Topic::Rights(Whom::Key(id)));
    tx.commit(permit, Change::of("ApiKey", id).after(&serde_json::json!({"revoked": true}))).await?;
    Ok(Key { row, clients })
}
