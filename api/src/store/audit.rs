//! The audit log, read; it is written by the unit of work alone.

use chrono::{DateTime, Utc};
use domain::id::{AuditId, ClientId};
use entity::audit;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::filter::Compare;

/// Which entries; what is absent does not restrict.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub at: Option<Compare<DateTime<Utc>>>,
    pub actor_id: Option<Uuid>,
    pub client: Option<Compare<ClientId>>,
    pub action: Option<String>,
    pub object: Option<String>,
    pub object_id: Option<Uuid>,
    pub request_id: Option<String>,
}

/// The entries that pass a filter.
pub fn select(filter: &Filter) -> Select<audit::Entity> {
    let mut select = audit::Entity::find();
    if let Some(at) = &filter.at {
        select = select.filter(at.on(audit::Column::At));
    }
    if let Some(client) = &filter.client {
        select = select.filter(client.on(audit::Column::ClientId));
    }
    for (column, id) in
        [(audit::Column::ActorId, filter.actor_id), (audit::Column::ObjectId, filter.object_id)]
    {
        if let Some(id) = id {
            select = select.filter(column.eq(id));
        }
    }
    for (column, text) in [
        (audit::Column::Action, &filter.action),
        (audit::Column::Object, &filter.object),
        (audit::Column::RequestId, &filter.request_id),
    ] {
        if let Some(text) = text {
            select = select.filter(column.eq(text));
        }
    }
    select
}

/// An entry by its id.
///
/// # Errors
/// The database's own.
pub async fn get(db: &impl ConnectionTrait, id: AuditId) -> Result<Option<audit::Model>, DbErr> {
    audit::Entity::find_by_id(id).one(db).await
}
