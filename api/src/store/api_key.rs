//! Keys of partners.

use std::collections::{BTreeSet, HashMap};

use domain::id::{ApiKeyId, ClientId};
use entity::{api_key, api_key_client, client};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Select,
};

use super::tx::Tx;

/// All keys.
pub fn select() -> Select<api_key::Entity> {
    api_key::Entity::find()
}

/// A key by its id.
///
/// # Errors
/// The database's own.
pub async fn get(db: &impl ConnectionTrait, id: ApiKeyId) -> Result<Option<api_key::Model>, DbErr> {
    api_key::Entity::find_by_id(id).one(db).await
}

/// The key, locked until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: ApiKeyId) -> Result<Option<api_key::Model>, DbErr> {
    api_key::Entity::find_by_id(id).lock_exclusive().one(tx.connection()).await
}

/// The clients granted to each of these keys.
///
/// # Errors
/// The database's own.
pub async fn clients(
    db: &impl ConnectionTrait,
    keys: &[ApiKeyId],
) -> Result<HashMap<ApiKeyId, Vec<ClientId>>, DbErr> {
    let rows = api_key_client::Entity::find()
        .filter(api_key_client::Column::ApiKeyId.is_in(keys.iter().copied()))
        .all(db)
        .await?;
    let mut clients: HashMap<ApiKeyId, Vec<ClientId>> = HashMap::new();
    for row in rows {
        clients.entry(row.api_key_id).or_default().push(row.client_id);
    }
    Ok(clients)
}

/// Grants clients to a key.
///
/// # Errors
/// The database's own.
pub async fn grant(tx: &Tx<'_>, key: ApiKeyId, clients: &BTreeSet<ClientId>) -> Result<(), DbErr> {
    let rows: Vec<_> = clients
        .iter()
        .map(|client| api_key_client::ActiveModel { api_key_id: Set(key), client_id: Set(*client) })
        .collect();
    api_key_client::Entity::insert_many(rows).exec_without_returning(tx.connection()).await.map(|_| ())
}

/// How many of these clients there are.
///
/// # Errors
/// The database's own.
pub async fn known_clients(tx: &Tx<'_>, clients: &BTreeSet<ClientId>) -> Result<u64, DbErr> {
    client::Entity::find()
        .filter(client::Column::Id.is_in(clients.iter().copied()))
        .count(tx.connection())
        .await
}
