//! The weekly report: when each client gets it, what was frozen, and what was answered.
//!
//! One report for a client and a week, whatever fails in between: a unique key says so, not a program. A report and an
//! answer are never changed. The moment at which a report was frozen is its cut-off: what was logged for an earlier day
//! after it belongs into the next one, so nothing is marked on the time itself. Comments can be on reports from here on;
//! SQLite changes no check, so its table is made anew with the rows that it has.

use sea_orm_migration::prelude::{
    ConnectionTrait, DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};
use sea_orm_migration::sea_orm::DbBackend;

use crate::portable::{self, Key};

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
ALTER TABLE client ADD COLUMN report_weekday TEXT NOT NULL DEFAULT 'MONDAY'
    CONSTRAINT ck_client_report_weekday CHECK (report_weekday IN ('MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY',
        'SATURDAY', 'SUNDAY'));
ALTER TABLE client ADD COLUMN report_hour INTEGER NOT NULL DEFAULT 9
    CONSTRAINT ck_client_report_hour CHECK (report_hour BETWEEN 0 AND 23);

CREATE TABLE weekly_report (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    week_starts_on DATE NOT NULL,
    time_zone TEXT NOT NULL,
    locale TEXT NOT NULL,
    recipient_count INTEGER NOT NULL,
    format INTEGER NOT NULL,
    content TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_weekly_report_locale CHECK (locale IN ('RU', 'EN')),
    CONSTRAINT fk_weekly_report_client_id FOREIGN KEY (client_id) REFERENCES client (id)
);
CREATE UNIQUE INDEX uq_weekly_report_client_id_week_starts_on ON weekly_report (client_id, week_starts_on);

CREATE TABLE report_answer (
    id UUID NOT NULL PRIMARY KEY,
    report_id UUID NOT NULL,
    client_id UUID NOT NULL,
    user_id UUID NOT NULL,
    satisfaction INTEGER NOT NULL,
    comment TEXT,
    changes_wanted TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_report_answer_satisfaction CHECK (satisfaction BETWEEN 1 AND 5),
    CONSTRAINT fk_report_answer_report_id FOREIGN KEY (report_id) REFERENCES weekly_report (id),
    CONSTRAINT fk_report_answer_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_report_answer_user_id FOREIGN KEY (user_id) REFERENCES "user" (id)
);
CREATE INDEX ix_report_answer_report_id ON report_answer (report_id);
CREATE INDEX ix_report_answer_client_id_created_at ON report_answer (client_id, created_at);
CREATE INDEX ix_report_answer_user_id ON report_answer (user_id);
"#;

const REPORT_KEYS: [Key; 2] = [
    ("pk_weekly_report", "held.id = NEW.id"),
    (
        "uq_weekly_report_client_id_week_starts_on",
        "held.client_id = NEW.client_id AND held.week_starts_on = NEW.week_starts_on",
    ),
];

const ANSWER_KEYS: [Key; 1] = [("pk_report_answer", "held.id = NEW.id")];

const COMMENT_UP_ON_POSTGRES: &str = "
ALTER TABLE comment ADD COLUMN report_id UUID;
ALTER TABLE comment ADD CONSTRAINT fk_comment_report_id FOREIGN KEY (report_id) REFERENCES weekly_report (id);
ALTER TABLE comment DROP CONSTRAINT ck_comment_subject;
ALTER TABLE comment ADD CONSTRAINT ck_comment_subject
    CHECK (num_nonnulls(plan_id, block_id, task_id, time_entry_id, report_id) = 1);
CREATE INDEX ix_comment_report_id ON comment (report_id);
";

const COMMENT_DOWN_ON_POSTGRES: &str = "
DELETE FROM comment WHERE report_id IS NOT NULL;
ALTER TABLE comment DROP CONSTRAINT ck_comment_subject;
ALTER TABLE comment DROP COLUMN report_id;
ALTER TABLE comment ADD CONSTRAINT ck_comment_subject CHECK (CASE WHEN plan_id IS NULL THEN 0 ELSE 1 END
    + CASE WHEN block_id IS NULL THEN 0 ELSE 1 END + CASE WHEN task_id IS NULL THEN 0 ELSE 1 END
    + CASE WHEN time_entry_id IS NULL THEN 0 ELSE 1 END = 1);
";

const DOWN: &str = "
DROP TABLE report_answer;
DROP TABLE weekly_report;
ALTER TABLE client DROP COLUMN report_hour;
ALTER TABLE client DROP COLUMN report_weekday;
";

const KEEP_COMMENTS: &str = "
CREATE TABLE comment_kept AS SELECT * FROM comment;
DROP TABLE comment;
";

/// The table of comments on SQLite: with reports, or as it was.
fn comments(with_reports: bool) -> String {
    let pick = |with: &'static str| if with_reports { with } else { "" };
    let column = pick("\n    report_id UUID,");
    let counted = pick("\n        + CASE WHEN report_id IS NULL THEN 0 ELSE 1 END");
    let key =
        pick("\n    CONSTRAINT fk_comment_report_id FOREIGN KEY (report_id) REFERENCES weekly_report (id),");
    let index = pick("\nCREATE INDEX ix_comment_report_id ON comment (report_id);");
    let kept = if with_reports { "" } else { " WHERE report_id IS NULL" };
    format!(
        r#"CREATE TABLE comment (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    plan_id UUID,
    block_id UUID,
    task_id UUID,
    time_entry_id UUID,{column}
    author_id UUID NOT NULL,
    body TEXT NOT NULL,
    internal BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_comment_subject CHECK (CASE WHEN plan_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN block_id IS NULL THEN 0 ELSE 1 END + CASE WHEN task_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN time_entry_id IS NULL THEN 0 ELSE 1 END{counted} = 1),
    CONSTRAINT fk_comment_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_comment_plan_id FOREIGN KEY (plan_id) REFERENCES plan (id),
    CONSTRAINT fk_comment_block_id FOREIGN KEY (block_id) REFERENCES block (id),
    CONSTRAINT fk_comment_task_id FOREIGN KEY (task_id) REFERENCES task (id),
    CONSTRAINT fk_comment_time_entry_id FOREIGN KEY (time_entry_id) REFERENCES time_entry (id),{key}
    CONSTRAINT fk_comment_author_id FOREIGN KEY (author_id) REFERENCES "user" (id)
);
CREATE INDEX ix_comment_client_id ON comment (client_id);
CREATE INDEX ix_comment_plan_id ON comment (plan_id);
CREATE INDEX ix_comment_block_id ON comment (block_id);
CREATE INDEX ix_comment_task_id ON comment (task_id);
CREATE INDEX ix_comment_time_entry_id ON comment (time_entry_id);{index}
CREATE INDEX ix_comment_author_id ON comment (author_id);
INSERT INTO comment (id, client_id, plan_id, block_id, task_id, time_entry_id, author_id, body, internal, created_at)
    SELECT id, client_id, plan_id, block_id, task_id, time_entry_id, author_id, body, internal, created_at
    FROM comment_kept{kept};
DROP TABLE comment_kept;
"#
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, UP).await?;
        portable::append_only(manager, "weekly_report", &REPORT_KEYS).await?;
        portable::append_only(manager, "report_answer", &ANSWER_KEYS).await?;
        if manager.get_connection().get_database_backend() == DbBackend::Postgres {
            return portable::run(manager, COMMENT_UP_ON_POSTGRES).await;
        }
        portable::run(manager, KEEP_COMMENTS).await?;
        portable::run(manager, &comments(true)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_connection().get_database_backend() == DbBackend::Postgres {
            portable::run(manager, COMMENT_DOWN_ON_POSTGRES).await?;
        } else {
            portable::run(manager, KEEP_COMMENTS).await?;
            portable::run(manager, &comments(false)).await?;
        }
        portable::run(manager, DOWN).await
    }
}
