//! Figures of satisfaction, and how clients stand by them.

use domain::id::{ClientId, ClientSatisfactionId, SatisfactionId};
use domain::policy::Scope;
use entity::{client_satisfaction, satisfaction};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};

use super::filter::{Compare, Tree};
use super::tx::Tx;
use super::visible;

/// The figures of a client.
pub fn of_client(client: ClientId) -> Select<satisfaction::Entity> {
    satisfaction::Entity::find().filter(satisfaction::Column::ClientId.eq(client))
}

/// A visible figure by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: SatisfactionId,
) -> Result<Option<satisfaction::Model>, DbErr> {
    satisfaction::Entity::find_by_id(id)
        .filter(visible::of_client(scope, satisfaction::Column::ClientId))
        .one(db)
        .await
}

/// What clients can be filtered by as they stand.
#[derive(Debug, Clone)]
pub enum Leaf {
    Client(Compare<ClientId>),
    LatestScore(Compare<i32>),
    Change(Compare<i32>),
}

/// How the clients within a scope stand that pass a filter.
pub fn standing(scope: &Scope, filter: Option<&Tree<Leaf>>) -> Select<client_satisfaction::Entity> {
    let select = client_satisfaction::Entity::find()
        .filter(visible::of_client(scope, client_satisfaction::Column::ClientId));
    match filter {
        Some(tree) => select.filter(tree.condition(&leaf)),
        None => select,
    }
}

fn leaf(leaf: &Leaf) -> Condition {
    match leaf {
        Leaf::Client(compare) => compare.on(client_satisfaction::Column::ClientId),
        Leaf::LatestScore(compare) => compare.on(client_satisfaction::Column::LatestScore),
        Leaf::Change(compare) => compare.on(client_satisfaction::Column::Change),
    }
}

/// How a visible client stands, by the record's id.
///
/// # Errors
/// The database's own.
pub async fn find_standing(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: ClientSatisfactionId,
) -> Result<Option<client_satisfaction::Model>, DbErr> {
    standing(scope, None).filter(client_satisfaction::Column::Id.eq(id)).one(db).await
}

/// How a client stands, whoever asks; its row is locked already.
///
/// # Errors
/// The database's own.
pub async fn stands(tx: &Tx<'_>, client: ClientId) -> Result<Option<client_satisfaction::Model>, DbErr> {
    client_satisfaction::Entity::find()
        .filter(client_satisfaction::Column::ClientId.eq(client))
        .one(tx.connection())
        .await
}
