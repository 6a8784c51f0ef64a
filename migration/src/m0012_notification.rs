//! What people are told, and what is kept so that each thing is told once.
//!
//! A notification is one person's. `once` names what it tells of, so that jobs on several instances, or one that runs
//! twice, tell it once (`B-5`, `B-6`, `Q-1`, `Q-2`). Its content is facts as JSON; the words are made when it is read.
//! `notification_choice` holds which kinds a person does not, or does, want by mail. A warning on a balance stays on
//! record with the minutes that there were: more of them arm it again (`B-6`). A daily check is made once for an
//! engagement and a day. Jobs note how often they run, and their last failure
//! beside their last run.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::portable;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
CREATE TABLE notification (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    client_id UUID,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    object TEXT,
    object_id UUID,
    once TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    read_at TIMESTAMPTZ,
    CONSTRAINT fk_notification_user_id FOREIGN KEY (user_id) REFERENCES "user" (id),
    CONSTRAINT fk_notification_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT ck_notification_object CHECK ((object IS NULL) = (object_id IS NULL))
);
CREATE UNIQUE INDEX uq_notification_user_id_once ON notification (user_id, once);
CREATE INDEX ix_notification_user_id_created_at ON notification (user_id, created_at);
CREATE INDEX ix_notification_unread ON notification (user_id) WHERE read_at IS NULL;
CREATE INDEX ix_notification_client_id ON notification (client_id);
CREATE INDEX ix_notification_object_id ON notification (object_id);

CREATE TABLE notification_choice (
    user_id UUID NOT NULL,
    kind TEXT NOT NULL,
    by_mail BOOLEAN NOT NULL,
    PRIMARY KEY (user_id, kind),
    CONSTRAINT fk_notification_choice_user_id FOREIGN KEY (user_id) REFERENCES "user" (id)
);

CREATE TABLE balance_warning (
    period_id UUID NOT NULL,
    kind TEXT NOT NULL,
    available_minutes INTEGER NOT NULL,
    told_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (period_id, kind),
    CONSTRAINT fk_balance_warning_period_id FOREIGN KEY (period_id) REFERENCES period (id),
    CONSTRAINT ck_balance_warning_kind
        CHECK (kind IN ('NEARLY_USED', 'ALL_USED', 'EXPIRES_IN_A_WEEK', 'EXPIRES_IN_TWO_DAYS'))
);

CREATE TABLE daily_check (
    engagement_id UUID NOT NULL,
    day DATE NOT NULL,
    worked BOOLEAN NOT NULL,
    in_contact BOOLEAN NOT NULL,
    checked_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (engagement_id, day),
    CONSTRAINT fk_daily_check_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id)
);

ALTER TABLE job_lease ADD COLUMN every_seconds INTEGER;
ALTER TABLE job_lease ADD COLUMN failed_at TIMESTAMPTZ;
ALTER TABLE job_lease ADD COLUMN last_error TEXT;
"#;

const DOWN: &str = "
ALTER TABLE job_lease DROP COLUMN last_error;
ALTER TABLE job_lease DROP COLUMN failed_at;
ALTER TABLE job_lease DROP COLUMN every_seconds;
DROP TABLE daily_check;
DROP TABLE balance_warning;
DROP TABLE notification_choice;
DROP TABLE notification;
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
