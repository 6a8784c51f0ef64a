//! The hour ledger: movements are appended, never changed; counters and head are kept beside them.

use aws_lc_rs::digest;
use domain::id::{EngagementId, TaskId};
use domain::ledger::{EntryFacts, Movement, canonical};
use entity::{block, engagement, ledger_entry, ledger_head, period, task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::tx::Tx;
use super::write::{self, Write};

/// The hash before the first movement.
const NO_HASH: [u8; 32] = [0; 32];

/// The head of an engagement's ledger, locked until the transaction ends; made where there is none yet, and none where
/// there is no such engagement.
///
/// # Errors
/// The database's own.
pub async fn lock_head(tx: &Tx<'_>, id: EngagementId) -> Result<Option<ledger_head::Model>, DbErr> {
    let find = ledger_head::Entity::find_by_id(id).lock_exclusive();
    if let Some(head) = find.one(tx.connection()).await? {
        return Ok(Some(head));
    }
    if engagement::Entity::find_by_id(id).one(tx.connection()).await?.is_none() {
        return Ok(None);
    }
    let head = ledger_head::Model { engagement_id: id, version: 0, last_hash: NO_HASH.to_vec() };
    super::insert(tx, head.clone()).await?;
    Ok(Some(head))
}

/// Moves the head on from the version that it was read at, which the lock keeps.
pub fn moving_head(from: i32, head: &ledger_head::Model) -> Write {
    Write::update(
        ledger_head::Entity::update_many()
            .set(ledger_head::ActiveModel {
                version: Set(head.version),
                last_hash: Set(head.last_hash.clone()),
                ..Default::default()
            })
            .filter(ledger_head::Column::EngagementId.eq(head.engagement_id))
            .filter(ledger_head::Column::Version.eq(from)),
    )
}

/// A period's counters and closing.
pub fn saving_period(period: &period::Model) -> Write {
    Write::update(
        period::Entity::update_many()
            .set(period::ActiveModel {
                granted_minutes: Set(period.granted_minutes),
                transferred_minutes: Set(period.transferred_minutes),
                adjusted_minutes: Set(period.adjusted_minutes),
                used_minutes: Set(period.used_minutes),
                expired_minutes: Set(period.expired_minutes),
                approved_overage_minutes: Set(period.approved_overage_minutes),
                closed_at: Set(period.closed_at),
                ..Default::default()
            })
            .filter(period::Column::Id.eq(period.id)),
    )
}

/// The hash of a movement, over its own facts and the hash before it.
pub fn hash(entry: &ledger_entry::Model) -> Vec<u8> {
    let mut previous_hash = NO_HASH;
    if let Ok(bytes) = entry.previous_hash.as_slice().try_into() {
        previous_hash = bytes;
    }
    let bytes = canonical(&EntryFacts {
        engagement_id: entry.engagement_id,
        number: entry.number,
        period_id: entry.period_id,
        movement: movement(entry),
        reverses_id: entry.reverses_id,
        time_entry_id: entry.time_entry_id,
        payment_id: entry.payment_id,
        actor_id: entry.actor_id,
        note: entry.note.as_deref(),
        created_at: entry.created_at,
        previous_hash,
    });
    digest::digest(&digest::SHA256, &bytes).as_ref().to_vec()
}

/// The movement that an entry holds.
pub fn movement(entry: &ledger_entry::Model) -> Movement {
    Movement { kind: entry.kind, counter: entry.counter, minutes: entry.minutes, cause: entry.cause }
}

/// The movement that logged time made in a period, if it made one that can be taken back: USAGE.
///
/// # Errors
/// The database's own.
pub async fn usage_of(
    db: &impl ConnectionTrait,
    entry: domain::id::TimeEntryId,
) -> Result<Option<ledger_entry::Model>, DbErr> {
    ledger_entry::Entity::find()
        .filter(ledger_entry::Column::TimeEntryId.eq(entry))
        .filter(ledger_entry::Column::Kind.eq(domain::ledger::EntryKind::Usage))
        .order_by_desc(ledger_entry::Column::Number)
        .one(db)
        .await
}

/// The expiry of a period.
///
/// # Errors
/// The database's own.
pub async fn expiry_of(
    db: &impl ConnectionTrait,
    period: domain::id::PeriodId,
) -> Result<Option<ledger_entry::Model>, DbErr> {
    ledger_entry::Entity::find()
        .filter(ledger_entry::Column::PeriodId.eq(period))
        .filter(ledger_entry::Column::Kind.eq(domain::ledger::EntryKind::Expiry))
        .one(db)
        .await
}

/// A ledger's movements from the first on, a bounded number behind `after`.
///
/// # Errors
/// The database's own.
pub async fn movements(
    db: &impl ConnectionTrait,
    engagement: EngagementId,
    after: i32,
    most: u64,
) -> Result<Vec<ledger_entry::Model>, DbErr> {
    ledger_entry::Entity::find()
        .filter(ledger_entry::Column::EngagementId.eq(engagement))
        .filter(ledger_entry::Column::Number.gt(after))
        .order_by_asc(ledger_entry::Column::Number)
        .limit(most)
        .all(db)
        .await
}

/// The movements of a period, to be paged.
pub fn of_period(period: domain::id::PeriodId) -> Select<ledger_entry::Entity> {
    ledger_entry::Entity::find().filter(ledger_entry::Column::PeriodId.eq(period))
}

/// A movement by its id, with the engagement that it belongs to.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    id: domain::id::LedgerEntryId,
) -> Result<Option<(ledger_entry::Model, Option<engagement::Model>)>, DbErr> {
    ledger_entry::Entity::find_by_id(id).find_also_related(engagement::Entity).one(db).await
}

/// Every ledger's head.
///
/// # Errors
/// The database's own.
pub async fn heads(db: &impl ConnectionTrait) -> Result<Vec<ledger_head::Model>, DbErr> {
    ledger_head::Entity::find().order_by_asc(ledger_head::Column::EngagementId).all(db).await
}

/// The periods of an engagement, in order.
///
/// # Errors
/// The database's own.
pub async fn periods(
    db: &impl ConnectionTrait,
    engagement: EngagementId,
) -> Result<Vec<period::Model>, DbErr> {
    period::Entity::find()
        .filter(period::Column::EngagementId.eq(engagement))
        .order_by_asc(period::Column::Number)
        .all(db)
        .await
}

/// Adds to what a task and its block have taken (negative takes back).
pub fn spending(backend: DbBackend, task: TaskId, minutes: i32) -> [Write; 2] {
    let on_task = Write::update(
        task::Entity::update_many()
            .col_expr(task::Column::SpentMinutes, Expr::col(task::Column::SpentMinutes).add(minutes))
            .filter(task::Column::Id.eq(task)),
    );
    // The block that the task is in once its row is written: a move may have been committed since it was read.
    let mut now_in = Query::select();
    match backend {
        DbBackend::Postgres => now_in.column(task::Column::BlockId).from("spent_on"),
        _ => now_in.column(task::Column::BlockId).from(task::Entity).and_where(task::Column::Id.eq(task)),
    };
    let on_block = Write::update(
        block::Entity::update_many()
            .col_expr(block::Column::SpentMinutes, Expr::col(block::Column::SpentMinutes).add(minutes))
            .filter(block::Column::Id.in_subquery(now_in)),
    );
    [on_task.giving_back("spent_on", "block_id"), on_block.if_any()]
}

/// The same at once.
///
/// # Errors
/// The database's own.
pub async fn spend(tx: &Tx<'_>, task: TaskId, minutes: i32) -> crate::error::Result<()> {
    let backend = tx.connection().get_database_backend();
    write::run(tx.connection(), spending(backend, task, minutes).into()).await
}
