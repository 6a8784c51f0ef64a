//! Indexes of what is read most.
//!
//! A balance is read from the one period of an engagement that is open, out of years of closed ones.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::portable;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE INDEX ix_period_open ON period (engagement_id, number) WHERE closed_at IS NULL;
";

const DOWN: &str = "
DROP INDEX ix_period_open;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, DOWN).await
    }
}
