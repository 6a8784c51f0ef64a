//! What each logged minute has to write, and no more.
//!
//! On PostgreSQL a change of a row whose page has room for the new version leaves the indexes alone; totals change with
//! each entry. Few entries correct another, so few stand in the index of those.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::portable;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
DROP INDEX uq_time_entry_corrects_id;
CREATE UNIQUE INDEX uq_time_entry_corrects_id ON time_entry (corrects_id) WHERE corrects_id IS NOT NULL;
";

const UP_ON_POSTGRES: &str = "
ALTER TABLE task SET (fillfactor = 85);
ALTER TABLE block SET (fillfactor = 85);
ALTER TABLE period SET (fillfactor = 85);
ALTER TABLE ledger_head SET (fillfactor = 70);
ALTER TABLE user_day SET (fillfactor = 85);
";

const DOWN: &str = "
DROP INDEX uq_time_entry_corrects_id;
CREATE UNIQUE INDEX uq_time_entry_corrects_id ON time_entry (corrects_id);
";

const DOWN_ON_POSTGRES: &str = "
ALTER TABLE task RESET (fillfactor);
ALTER TABLE block RESET (fillfactor);
ALTER TABLE period RESET (fillfactor);
ALTER TABLE ledger_head RESET (fillfactor);
ALTER TABLE user_day RESET (fillfactor);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, UP).await?;
        portable::run_on_postgres(manager, UP_ON_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, DOWN).await?;
        portable::run_on_postgres(manager, DOWN_ON_POSTGRES).await
    }
}
