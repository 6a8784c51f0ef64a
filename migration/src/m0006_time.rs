//! Time as people logged it, what was said about it, and each person's day.
//!
//! A corrected entry stays as history and no longer counts (`W-4`), so the list's index holds only what counts, and an
//! entry is corrected at most once by a unique key. A user's day is one row over all clients: two writers for different
//! clients meet there, and its check stops the one that would pass 24 hours (`W-1`). Comments stand here because a time
//! entry is the last thing that they can be about (`P-11`).

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::portable;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
CREATE TABLE time_entry (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    period_id UUID NOT NULL,
    task_id UUID,
    user_id UUID NOT NULL,
    logged_by UUID NOT NULL,
    worked_on DATE NOT NULL,
    minutes INTEGER NOT NULL,
    activity TEXT NOT NULL,
    note TEXT NOT NULL,
    stage TEXT,
    draws_on_balance BOOLEAN NOT NULL,
    corrects_id UUID,
    corrected_at TIMESTAMPTZ,
    corrected_by UUID,
    correction_reason TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_time_entry_minutes CHECK (minutes BETWEEN 1 AND 1440),
    CONSTRAINT ck_time_entry_activity CHECK (activity IN ('CHAT_SUPPORT', 'TASK_SETTING', 'ANALYSIS', 'MEETING',
        'CONSULTATION', 'CONFIGURATION', 'DATA_IMPORT', 'INTEGRATION', 'DEVELOPMENT', 'TESTING', 'DOCUMENTATION',
        'TRAINING', 'DEMONSTRATION', 'REPORTING', 'ON_SITE')),
    CONSTRAINT ck_time_entry_stage CHECK (stage IN ('DISCOVERY', 'SPECIFICATION', 'ESTIMATION', 'EXECUTION')),
    CONSTRAINT fk_time_entry_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_time_entry_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id),
    CONSTRAINT fk_time_entry_period_id FOREIGN KEY (period_id) REFERENCES period (id),
    CONSTRAINT fk_time_entry_task_id FOREIGN KEY (task_id) REFERENCES task (id),
    CONSTRAINT fk_time_entry_user_id FOREIGN KEY (user_id) REFERENCES "user" (id),
    CONSTRAINT fk_time_entry_logged_by FOREIGN KEY (logged_by) REFERENCES "user" (id),
    CONSTRAINT fk_time_entry_corrects_id FOREIGN KEY (corrects_id) REFERENCES time_entry (id),
    CONSTRAINT fk_time_entry_corrected_by FOREIGN KEY (corrected_by) REFERENCES "user" (id)
);
CREATE UNIQUE INDEX uq_time_entry_corrects_id ON time_entry (corrects_id);
CREATE INDEX ix_time_entry_client_id_worked_on_id ON time_entry (client_id, worked_on, id) WHERE corrected_at IS NULL;
CREATE INDEX ix_time_entry_engagement_id_worked_on ON time_entry (engagement_id, worked_on);
CREATE INDEX ix_time_entry_period_id ON time_entry (period_id);
CREATE INDEX ix_time_entry_task_id ON time_entry (task_id);
CREATE INDEX ix_time_entry_user_id_worked_on ON time_entry (user_id, worked_on);

CREATE TABLE user_day (
    user_id UUID NOT NULL,
    day DATE NOT NULL,
    minutes INTEGER NOT NULL,
    PRIMARY KEY (user_id, day),
    CONSTRAINT ck_user_day_minutes CHECK (minutes BETWEEN 0 AND 1440),
    CONSTRAINT fk_user_day_user_id FOREIGN KEY (user_id) REFERENCES "user" (id)
);

CREATE TABLE comment (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    plan_id UUID,
    block_id UUID,
    task_id UUID,
    time_entry_id UUID,
    author_id UUID NOT NULL,
    body TEXT NOT NULL,
    internal BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_comment_subject CHECK (CASE WHEN plan_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN block_id IS NULL THEN 0 ELSE 1 END + CASE WHEN task_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN time_entry_id IS NULL THEN 0 ELSE 1 END = 1),
    CONSTRAINT fk_comment_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_comment_plan_id FOREIGN KEY (plan_id) REFERENCES plan (id),
    CONSTRAINT fk_comment_block_id FOREIGN KEY (block_id) REFERENCES block (id),
    CONSTRAINT fk_comment_task_id FOREIGN KEY (task_id) REFERENCES task (id),
    CONSTRAINT fk_comment_time_entry_id FOREIGN KEY (time_entry_id) REFERENCES time_entry (id),
    CONSTRAINT fk_comment_author_id FOREIGN KEY (author_id) REFERENCES "user" (id)
);
CREATE INDEX ix_comment_client_id ON comment (client_id);
CREATE INDEX ix_comment_plan_id ON comment (plan_id);
CREATE INDEX ix_comment_block_id ON comment (block_id);
CREATE INDEX ix_comment_task_id ON comment (task_id);
CREATE INDEX ix_comment_time_entry_id ON comment (time_entry_id);
CREATE INDEX ix_comment_author_id ON comment (author_id);
"#;

const DOWN: &str = "
DROP TABLE comment;
DROP TABLE user_day;
DROP TABLE time_entry;
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
