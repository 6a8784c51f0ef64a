//! Timers that run, and what clients ask about time.
//!
//! A person has one timer at the most, by a unique key, however many of their devices start one at once (`W-3`). A
//! question is asked of an entry and follows it to its corrections; it keeps the entry that it was asked of, and is
//! answered whole or not at all (`W-5`). Open questions are few among all, so they have an index of their own.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::portable;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
CREATE TABLE timer (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    task_id UUID,
    activity TEXT NOT NULL,
    note TEXT,
    started_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_timer_activity CHECK (activity IN ('CHAT_SUPPORT', 'TASK_SETTING', 'ANALYSIS', 'MEETING',
        'CONSULTATION', 'CONFIGURATION', 'DATA_IMPORT', 'INTEGRATION', 'DEVELOPMENT', 'TESTING', 'DOCUMENTATION',
        'TRAINING', 'DEMONSTRATION', 'REPORTING', 'ON_SITE')),
    CONSTRAINT fk_timer_user_id FOREIGN KEY (user_id) REFERENCES "user" (id),
    CONSTRAINT fk_timer_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id),
    CONSTRAINT fk_timer_task_id FOREIGN KEY (task_id) REFERENCES task (id)
);
CREATE UNIQUE INDEX uq_timer_user_id ON timer (user_id);
CREATE INDEX ix_timer_engagement_id ON timer (engagement_id);
CREATE INDEX ix_timer_task_id ON timer (task_id);

CREATE TABLE time_entry_question (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    time_entry_id UUID NOT NULL,
    asked_of_id UUID NOT NULL,
    asked_by UUID NOT NULL,
    text TEXT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    answered_by UUID,
    answer TEXT,
    answered_at TIMESTAMPTZ,
    CONSTRAINT ck_time_entry_question_answer CHECK (
        (answered_by IS NULL AND answer IS NULL AND answered_at IS NULL)
        OR (answered_by IS NOT NULL AND answer IS NOT NULL AND answered_at IS NOT NULL)),
    CONSTRAINT fk_time_entry_question_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_time_entry_question_time_entry_id FOREIGN KEY (time_entry_id) REFERENCES time_entry (id),
    CONSTRAINT fk_time_entry_question_asked_of_id FOREIGN KEY (asked_of_id) REFERENCES time_entry (id),
    CONSTRAINT fk_time_entry_question_asked_by FOREIGN KEY (asked_by) REFERENCES "user" (id),
    CONSTRAINT fk_time_entry_question_answered_by FOREIGN KEY (answered_by) REFERENCES "user" (id)
);
CREATE INDEX ix_time_entry_question_client_id ON time_entry_question (client_id);
CREATE INDEX ix_time_entry_question_time_entry_id ON time_entry_question (time_entry_id);
CREATE INDEX ix_time_entry_question_open ON time_entry_question (time_entry_id) WHERE answered_at IS NULL;
"#;

const DOWN: &str = "
DROP TABLE time_entry_question;
DROP TABLE timer;
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
