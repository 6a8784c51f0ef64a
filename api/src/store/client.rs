//! Clients.

use domain::client::{CrmKind, SetUpBy};
use domain::id::ClientId;
use domain::policy::Scope;
use entity::{client, client_recipient};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::filter::{Compare, TextCompare, Tree};
use super::flat::{Flat, Reads};
use super::tx::Tx;
use super::visible;

/// What clients can be filtered by.
#[derive(Debug, Clone)]
pub enum Leaf {
    Id(Compare<ClientId>),
    Name(TextCompare),
    ExternalId(String),
    CrmKind(CrmKind),
    SetUpBy(SetUpBy),
}

/// The clients within a scope that pass a filter.
pub fn select(scope: &Scope, filter: Option<&Tree<Leaf>>) -> Select<client::Entity> {
    let select = client::Entity::find().filter(visible::of_client(scope, client::Column::Id));
    match filter {
        Some(tree) => select.filter(tree.condition(&leaf)),
        None => select,
    }
}

fn leaf(leaf: &Leaf) -> Condition {
    match leaf {
        Leaf::Id(compare) => compare.on(client::Column::Id),
        Leaf::Name(compare) => compare.on(client::Column::NameKey),
        Leaf::ExternalId(id) => Condition::all().add(client::Column::ExternalId.eq(id)),
        Leaf::CrmKind(kind) => Condition::all().add(client::Column::CrmKind.eq(*kind)),
        Leaf::SetUpBy(by) => Condition::all().add(client::Column::SetUpBy.eq(*by)),
    }
}

/// A visible client by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: ClientId,
) -> Result<Option<client::Model>, DbErr> {
    select(scope, None).filter(client::Column::Id.eq(id)).one(db).await
}

/// A client by id, whoever asks: for rules, never for answers.
///
/// # Errors
/// The database's own.
pub async fn get(db: &impl ConnectionTrait, id: ClientId) -> Result<Option<client::Model>, DbErr> {
    client::Entity::find_by_id(id).one(db).await
}

/// A visible client by its id in the provider's other systems.
///
/// # Errors
/// The database's own.
pub async fn find_external(flat: &mut Flat, scope: &Scope, id: &str) -> Result<Option<client::Model>, DbErr> {
    let rows = flat.select(select(scope, None).filter(client::Column::ExternalId.eq(id))).await?;
    Ok(rows.into_iter().next())
}

/// The client, locked until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: ClientId) -> Result<Option<client::Model>, DbErr> {
    client::Entity::find_by_id(id).lock_exclusive().one(tx.connection()).await
}

/// The addresses that a client's reports go to, in order.
///
/// # Errors
/// The database's own.
pub async fn recipients(db: &impl ConnectionTrait, id: ClientId) -> Result<Vec<String>, DbErr> {
    client_recipient::Entity::find()
        .select_only()
        .column(client_recipient::Column::Email)
        .filter(client_recipient::Column::ClientId.eq(id))
        .order_by_asc(client_recipient::Column::Position)
        .into_tuple()
        .all(db)
        .await
}

/// Replaces the addresses that a client's reports go to.
///
/// # Errors
/// The database's own.
pub async fn set_recipients(tx: &Tx<'_>, id: ClientId, emails: &[String]) -> Result<(), DbErr> {
    client_recipient::Entity::delete_many()
        .filter(client_recipient::Column::ClientId.eq(id))
        .exec(tx.connection())
        .await?;
    let rows: Vec<_> = emails
        .iter()
        .zip(0..)
        .map(|(email, position)| client_recipient::ActiveModel {
            client_id: Set(id),
            email: Set(email.clone()),
            position: Set(position),
        })
        .collect();
    if !rows.is_empty() {
        client_recipient::Entity::insert_many(rows).exec_without_returning(tx.connection()).await?;
    }
    Ok(())
}
