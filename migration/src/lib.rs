//! The tables, step by step, up and down, on SQLite and PostgreSQL.
//!
//! One file an area, in an order in which foreign keys find their tables; a later change is a new file behind the last.
//! A migration is history: it spells out every value that it allows, knows nothing of the domain's types, and is never
//! edited once it has been released. Changes expand first and contract a release later, so that the old and the new
//! program can stand on one schema: in a rolling restart a program also starts on tables that a newer one has made.
//! Tables are plain SQL (`portable`), because nearly every one has named checks, partial indexes or triggers, which read
//! best as what they are.
//!
//! Everything pending runs in one transaction that holds an advisory lock on PostgreSQL and the write lock on SQLite: of
//! two processes that start together one migrates, the other waits and finds nothing to do, and a crash in the middle
//! leaves nothing behind. Lock and migrations share a connection, so a pool of one is enough.

mod m0001_people;
mod m0002_client;
mod m0003_service;
mod m0004_plan;
mod m0005_engagement;
mod m0006_time;
mod m0007_ledger;
mod m0008_operation;
mod m0009_offer;
mod m0010_hot_read;
mod m0011_room_to_change;
mod m0012_notification;
mod m0013_report;
mod m0014_time;
mod m0015_meeting;
mod m0016_knowledge;
mod portable;

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityName, EntityTrait,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait, seaql_migrations};

/// What runs a part of them, step by step.
pub use sea_orm_migration::MigratorTrait;

/// The migrations in their order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_people::Migration),
            Box::new(m0002_client::Migration),
            Box::new(m0003_service::Migration),
            Box::new(m0004_plan::Migration),
            Box::new(m0005_engagement::Migration),
            Box::new(m0006_time::Migration),
            Box::new(m0007_ledger::Migration),
            Box::new(m0008_operation::Migration),
            Box::new(m0009_offer::Migration),
            Box::new(m0010_hot_read::Migration),
            Box::new(m0011_room_to_change::Migration),
            Box::new(m0012_notification::Migration),
            Box::new(m0013_report::Migration),
            Box::new(m0014_time::Migration),
            Box::new(m0015_meeting::Migration),
            Box::new(m0016_knowledge::Migration),
        ]
    }
}

/// Applies every pending migration. Safe when several processes do it at once. Steps of a newer program, by name, are
/// left as they are: in a rolling restart the old program starts on tables that the new one has brought up.
///
/// # Errors
/// What the database says, or that a newer program's steps lie between ours; then nothing of the call has been applied.
pub async fn up(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let transaction = alone(db).await?;
    let ahead = ahead(&Migrator::get_migration_models(&transaction).await?)?;
    if ahead.is_empty() {
        Migrator::up(&transaction, None).await?;
    }
    transaction.commit().await?;
    Ok(ahead)
}

/// The steps that only a newer program knows, by name; they must all come behind ours, and ours be applied.
fn ahead(applied: &[seaql_migrations::Model]) -> Result<Vec<String>, DbErr> {
    let ours: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let (known, ahead): (Vec<_>, Vec<_>) =
        applied.iter().map(|step| step.version.clone()).partition(|name| ours.contains(name));
    let are_behind = known.len() == ours.len() && ahead.iter().all(|name| Some(name) > ours.last());
    if !ahead.is_empty() && !are_behind {
        let names = ahead.join(", ");
        return Err(DbErr::Custom(format!("the database has steps of another program: {names}")));
    }
    Ok(ahead)
}

/// Takes back the last `steps` migrations, or all, with the data of their tables.
///
/// # Errors
/// What the database says, also where rows that stay would refer to rows that go; then nothing has been taken back.
pub async fn down(db: &DatabaseConnection, steps: Option<u32>) -> Result<(), DbErr> {
    let transaction = alone(db).await?;
    Migrator::down(&transaction, steps).await?;
    transaction.commit().await
}

/// Each migration by name and whether it is applied, those of a newer program last. Only reads, so any process may ask
/// at any time.
///
/// # Errors
/// What the database says.
pub async fn status(db: &DatabaseConnection) -> Result<Vec<(String, bool)>, DbErr> {
    let manager = SchemaManager::new(db);
    let mut applied: Vec<String> = Vec::new();
    if manager.has_table(seaql_migrations::Entity.table_name()).await? {
        let rows = seaql_migrations::Entity::find().all(db).await?;
        applied.extend(rows.into_iter().map(|row| row.version));
    }
    let ours: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let mut all: Vec<(String, bool)> =
        ours.iter().map(|name| (name.clone(), applied.contains(name))).collect();
    applied.retain(|name| !ours.contains(name));
    applied.sort();
    all.extend(applied.into_iter().map(|name| (name, true)));
    Ok(all)
}

/// Any constant of ours: the key of the advisory lock.
const LOCK: i64 = 0x686f_7572_6261_6e6b;

/// A transaction that no other migrating process holds at the same time.
async fn alone(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let transaction = db
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await?;
    let prepare = match db.get_database_backend() {
        // The limits that suit a request would end the wait for the lock, or a long step.
        DbBackend::Postgres => format!(
            "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock({LOCK})"
        ),
        // A table is dropped before the ones that refer to it in a circle; at the commit nothing may dangle.
        _ => "PRAGMA defer_foreign_keys = ON".to_owned(),
    };
    transaction.execute_unprepared(&prepare).await?;
    Ok(transaction)
}
