//! The unit of work: the only holder of a writing connection.
//!
//! It does once what every write needs: replays an idempotency key, keeps the audit row, wakes the topics after the
//! commit. Its commit demands a [`Permit`] and a [`Change`]: a write without a decision and a trace does not compile.
//! Dropped without a commit it rolls back.

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use domain::id::{AuditId, ClientId};
use domain::ledger::EntryKind;
use domain::policy::Permit;
use domain::refusal::ErrorCode;
use entity::{audit, idempotency};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveEnum, ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, EntityTrait,
    IntoActiveModel, ModelTrait,
};
use serde::Serialize;
use tracing::{Span, debug_span, field};
use uuid::Uuid;

use super::db::Counts;
use super::write::{self, Write};
use super::{Db, doubt};
use crate::bus::{Bus, Topic};
use crate::error::{Error, Result};

/// Who writes, in which request, at what moment.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The caller's name in the audit log and for idempotency keys.
    pub principal: String,
    pub actor_id: Option<Uuid>,
    pub request_id: String,
    pub now: DateTime<Utc>,
}

/// A transaction in work.
pub struct Tx<'a> {
    bus: &'a Bus,
    origin: Origin,
    connection: DatabaseTransaction,
    topics: Vec<Topic>,
    counts: &'a Counts,
    movements: Vec<EntryKind>,
    /// Lasts as long as the transaction; its action is known at the commit.
    span: Span,
    last: Vec<Write>,
}

/// What a mutation did, for the audit log.
#[derive(Debug, Default)]
pub struct Change {
    object: &'static str,
    id: Option<Uuid>,
    client: Option<ClientId>,
    before: Option<String>,
    after: Option<String>,
}

impl Change {
    /// A change of one object, `object` being its name in the schema.
    pub fn of(object: &'static str, id: impl Into<Uuid>) -> Self {
        Self { object, id: Some(id.into()), ..Self::default() }
    }

    /// A change of something that has no id of its own.
    pub fn of_kind(object: &'static str) -> Self {
        Self { object, ..Self::default() }
    }

    /// The client that the object belongs to.
    pub fn client(mut self, client: ClientId) -> Self {
        self.client = Some(client);
        self
    }

    /// The state before. Secrets do not belong here.
    pub fn before(mut self, state: &impl Serialize) -> Self {
        self.before = serde_json::to_string(state).ok();
        self
    }

    /// The state after. Secrets do not belong here.
    pub fn after(mut self, state: &impl Serialize) -> Self {
        self.after = serde_json::to_string(state).ok();
        self
    }
}

impl<'a> Tx<'a> {
    /// Begins; on SQLite with the write lock in hand.
    ///
    /// # Errors
    /// The database is away or stayed busy.
    pub async fn begin(db: &'a Db, bus: &'a Bus, origin: Origin) -> Result<Self> {
        let span = debug_span!("transaction", action = field::Empty);
        let connection = db.begin().await?;
        Ok(Self {
            bus,
            origin,
            connection,
            topics: Vec::new(),
            last: Vec::new(),
            counts: db.counts(),
            movements: Vec::new(),
            span,
        })
    }

    /// The connection to write through.
    pub fn connection(&self) -> &DatabaseTransaction {
        &self.connection
    }

    /// Who writes: a user's or a key's id, none for the system.
    pub fn actor_id(&self) -> Option<Uuid> {
        self.origin.actor_id
    }

    /// The moment of the operation, the same for everything it writes.
    pub fn now(&self) -> DateTime<Utc> {
        self.origin.now
    }

    /// Leaves writes for the end, to be made together with the audit rows. Nothing in between may read what they write,
    /// and none may touch a row that another one does.
    pub fn at_last(&mut self, writes: impl IntoIterator<Item = Write>) {
        self.last.extend(writes);
    }

    /// Wakes a topic once the transaction is committed.
    pub fn wake(&mut self, topic: Topic) {
        self.topics.push(topic);
    }

    /// Counts a movement of the ledger once the transaction is committed.
    pub fn moved(&mut self, kind: EntryKind) {
        self.movements.push(kind);
    }

    /// Claims an idempotency key for what is about to be made (W-7). `Some(ids)` is the outcome of an earlier
    /// operation with the same key and input: nothing more is to be done. A duplicate in flight is waited for.
    ///
    /// # Errors
    /// IDEMPOTENCY_KEY_REUSED where the key stands for another operation or input.
    pub async fn replay(
        &self,
        key: Option<Uuid>,
        operation: &str,
        input: &impl Serialize,
        made: &[Uuid],
    ) -> Result<Option<Vec<Uuid>>> {
        let Some(key) = key else { return Ok(None) };
        let actor_key = self.origin.principal.clone();
        let hash = digest::digest(&digest::SHA256, &to_json(input)?).as_ref().to_vec();
        let row = idempotency::ActiveModel {
            actor_key: Set(actor_key.clone()),
            key: Set(key),
            operation: Set(operation.to_owned()),
            input_hash: Set(hash.clone()),
            made: Set(String::from_utf8_lossy(&to_json(&made)?).into_owned()),
            created_at: Set(self.now()),
        };
        let fresh = idempotency::Entity::insert(row)
            .on_conflict(
                OnConflict::columns([idempotency::Column::ActorKey, idempotency::Column::Key])
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(&self.connection)
            .await?;
        if fresh == 1 {
            return Ok(None);
        }
        let earlier = idempotency::Entity::find_by_id((actor_key, key))
            .one(&self.connection)
            .await?
            .ok_or_else(|| Error::Internal("an idempotency key neither new nor there".to_owned()))?;
        if earlier.operation != operation || earlier.input_hash != hash {
            return Err(Error::refused_at(
                "idempotencyKey",
                ErrorCode::IdempotencyKeyReused,
                "This idempotency key was used for another input.",
            ));
        }
        let ids = serde_json::from_str(&earlier.made).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Some(ids))
    }

    /// Writes the audit row, commits, and wakes the topics.
    ///
    /// # Errors
    /// [`Error::Unknown`] where the database failed during the commit: it may or may not have happened.
    pub async fn commit(self, permit: Permit, change: Change) -> Result<()> {
        self.commit_all([(permit, change)]).await
    }

    /// The same for several objects, each with the decision that was made for it.
    ///
    /// # Errors
    /// As [`Tx::commit`].
    pub async fn commit_all(self, changes: impl IntoIterator<Item = (Permit, Change)>) -> Result<()> {
        let mut rows = Vec::new();
        for (permit, change) in changes {
            self.span.record("action", permit.action().name());
            rows.push(self.audited(&permit, change));
        }
        let Self { bus, connection, topics, mut last, counts, movements, .. } = self;
        if !rows.is_empty() {
            last.push(Write::insert(rows));
        }
        write::run(&connection, last).await?;
        connection.commit().await.map_err(|error| {
            doubt::raise();
            Error::Unknown(error.to_string())
        })?;
        for kind in movements {
            counts.movements.of(&kind.to_value()).count();
        }
        bus.publish(&topics);
        Ok(())
    }

    /// Commits what is kept for the program's own sake and changes no object: a counted attempt, a mail marked as
    /// sent. It leaves no audit row.
    ///
    /// # Errors
    /// As [`Tx::commit`].
    pub async fn keep(self, permit: &Permit) -> Result<()> {
        self.span.record("action", permit.action().name());
        self.commit_all([]).await
    }

    fn audited(&self, permit: &Permit, change: Change) -> audit::Model {
        audit::Model {
            id: AuditId::new(),
            at: self.now(),
            actor: self.origin.principal.clone(),
            actor_id: self.origin.actor_id,
            client_id: change.client.or(permit.client()),
            request_id: self.origin.request_id.clone(),
            action: permit.action().name().to_owned(),
            object: change.object.to_owned(),
            object_id: change.id,
            before: change.before,
            after: change.after,
        }
    }
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::Internal(error.to_string()))
}

/// Inserts a row, every column of it.
///
/// # Errors
/// The database's own.
pub async fn insert<M, A>(tx: &Tx<'_>, row: M) -> std::result::Result<(), sea_orm::DbErr>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity> + ActiveModelBehavior + Send,
{
    M::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(tx.connection())
        .await
        .map(|_| ())
}

/// Writes a row back, every column of it; the one row of its key and no other.
///
/// # Errors
/// The database's own, also where the row is gone.
pub async fn update<M, A>(tx: &Tx<'_>, row: M) -> std::result::Result<(), sea_orm::DbErr>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity> + ActiveModelBehavior + Send,
{
    M::Entity::update(row.into_active_model().reset_all())
        .exec_without_returning(tx.connection())
        .await
        .map(|_| ())
}
