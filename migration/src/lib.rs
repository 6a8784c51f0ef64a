//! Hourbank's tables, step by step.

use sea_orm_migration::sea_orm::{DatabaseConnection, DbErr};

/// Brings a database to the newest schema.
pub async fn up(_db: &DatabaseConnection) -> Result<(), DbErr> {
    Ok(())
}
