//! Plans with their goals, blocks and tasks, and what was signed off.
//!
//! Blocks and plans carry the sums of their tasks, kept in the transaction that changes a task: a dashboard reads them
//! thousands of times for every time that they change. A task also names its plan and client itself, so that a list
//! of a client's tasks needs no join. Sign-offs are bound to the revision that they were given for and are append-only:
//! what somebody approved must not change behind their back.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::portable::{self, Key};

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
CREATE TABLE plan (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    estimate_minutes INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_plan_kind CHECK (kind IN ('DEVELOPMENT', 'IMPLEMENTATION')),
    CONSTRAINT ck_plan_status CHECK (status IN ('DRAFT', 'ADMIN_REVIEW', 'CLIENT_REVIEW', 'APPROVED', 'ESTIMATED',
        'IN_PROGRESS', 'COMPLETED')),
    CONSTRAINT fk_plan_client_id FOREIGN KEY (client_id) REFERENCES client (id)
);
CREATE INDEX ix_plan_client_id ON plan (client_id);

CREATE TABLE goal (
    id UUID NOT NULL PRIMARY KEY,
    plan_id UUID NOT NULL,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    CONSTRAINT fk_goal_plan_id FOREIGN KEY (plan_id) REFERENCES plan (id)
);
CREATE INDEX ix_goal_plan_id ON goal (plan_id);

CREATE TABLE block (
    id UUID NOT NULL PRIMARY KEY,
    plan_id UUID NOT NULL,
    client_id UUID NOT NULL,
    title TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    position INTEGER NOT NULL,
    estimate_minutes INTEGER NOT NULL DEFAULT 0,
    development_minutes INTEGER NOT NULL DEFAULT 0,
    spent_minutes INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_block_status CHECK (status IN ('PLANNED', 'IN_PROGRESS', 'IN_REVIEW', 'CONFIRMED')),
    CONSTRAINT fk_block_plan_id FOREIGN KEY (plan_id) REFERENCES plan (id),
    CONSTRAINT fk_block_client_id FOREIGN KEY (client_id) REFERENCES client (id)
);
CREATE INDEX ix_block_plan_id_position ON block (plan_id, position);
CREATE INDEX ix_block_client_id ON block (client_id);

CREATE TABLE block_dependency (
    block_id UUID NOT NULL,
    depends_on_id UUID NOT NULL,
    PRIMARY KEY (block_id, depends_on_id),
    CONSTRAINT ck_block_dependency_self CHECK (block_id <> depends_on_id),
    CONSTRAINT fk_block_dependency_block_id FOREIGN KEY (block_id) REFERENCES block (id),
    CONSTRAINT fk_block_dependency_depends_on_id FOREIGN KEY (depends_on_id) REFERENCES block (id)
);
CREATE INDEX ix_block_dependency_depends_on_id ON block_dependency (depends_on_id);

CREATE TABLE task (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    plan_id UUID,
    block_id UUID,
    title TEXT NOT NULL,
    title_key TEXT COLLATE "C" NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    paused_from TEXT,
    position INTEGER NOT NULL,
    urgent BOOLEAN NOT NULL DEFAULT false,
    estimate_minutes INTEGER,
    development_minutes INTEGER,
    limit_minutes INTEGER,
    spent_minutes INTEGER NOT NULL DEFAULT 0,
    assignee_id UUID,
    requested_by UUID,
    cancel_reason TEXT,
    external_id TEXT,
    external_url TEXT,
    done_at TIMESTAMPTZ,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_task_status CHECK (status IN ('REQUESTED', 'PLANNED', 'IN_PROGRESS', 'IN_REVIEW', 'PAUSED', 'DONE',
        'CANCELLED')),
    CONSTRAINT ck_task_paused_from CHECK (paused_from IN ('REQUESTED', 'PLANNED', 'IN_PROGRESS', 'IN_REVIEW', 'PAUSED',
        'DONE', 'CANCELLED')),
    CONSTRAINT fk_task_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_task_plan_id FOREIGN KEY (plan_id) REFERENCES plan (id),
    CONSTRAINT fk_task_block_id FOREIGN KEY (block_id) REFERENCES block (id),
    CONSTRAINT fk_task_assignee_id FOREIGN KEY (assignee_id) REFERENCES "user" (id),
    CONSTRAINT fk_task_requested_by FOREIGN KEY (requested_by) REFERENCES "user" (id)
);
CREATE UNIQUE INDEX uq_task_client_id_external_id ON task (client_id, external_id);
CREATE INDEX ix_task_client_id_status ON task (client_id, status);
CREATE INDEX ix_task_block_id_position ON task (block_id, position);
CREATE INDEX ix_task_plan_id ON task (plan_id);
CREATE INDEX ix_task_assignee_id ON task (assignee_id);

CREATE TABLE sign_off (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    plan_id UUID,
    block_id UUID,
    task_id UUID,
    revision INTEGER NOT NULL,
    decision TEXT NOT NULL,
    user_id UUID NOT NULL,
    comment TEXT,
    in_meeting BOOLEAN NOT NULL DEFAULT false,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_sign_off_decision CHECK (decision IN ('APPROVED', 'RETURNED')),
    CONSTRAINT ck_sign_off_subject CHECK (CASE WHEN plan_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN block_id IS NULL THEN 0 ELSE 1 END + CASE WHEN task_id IS NULL THEN 0 ELSE 1 END = 1),
    CONSTRAINT fk_sign_off_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_sign_off_plan_id FOREIGN KEY (plan_id) REFERENCES plan (id),
    CONSTRAINT fk_sign_off_block_id FOREIGN KEY (block_id) REFERENCES block (id),
    CONSTRAINT fk_sign_off_task_id FOREIGN KEY (task_id) REFERENCES task (id),
    CONSTRAINT fk_sign_off_user_id FOREIGN KEY (user_id) REFERENCES "user" (id)
);
CREATE INDEX ix_sign_off_client_id ON sign_off (client_id);
CREATE INDEX ix_sign_off_plan_id ON sign_off (plan_id);
CREATE INDEX ix_sign_off_block_id ON sign_off (block_id);
CREATE INDEX ix_sign_off_task_id ON sign_off (task_id);
CREATE INDEX ix_sign_off_user_id ON sign_off (user_id);
"#;

const KEYS: [Key; 1] = [("pk_sign_off", "held.id = NEW.id")];

const DOWN: &str = "
DROP TABLE sign_off;
DROP TABLE task;
DROP TABLE block_dependency;
DROP TABLE block;
DROP TABLE goal;
DROP TABLE plan;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, UP).await?;
        portable::append_only(manager, "sign_off", &KEYS).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, DOWN).await
    }
}
