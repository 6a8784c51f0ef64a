//! What keeps the rest running: keys of repeated requests, the audit log, mails on their way, leases of jobs.
//!
//! An idempotency key is its actor's own and keeps only the ids of what was made, never an answer: a replay reads them
//! with the rights of the day. The audit log names actors and objects without foreign keys, because it outlives them,
//! and is append-only (`I-4`). A mail's content is encrypted; what is not sent yet is found by one index.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::portable::{self, Key};

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
CREATE TABLE idempotency (
    actor_key TEXT NOT NULL,
    key UUID NOT NULL,
    operation TEXT NOT NULL,
    input_hash BYTEA NOT NULL,
    made TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (actor_key, key)
);
CREATE INDEX ix_idempotency_created_at ON idempotency (created_at);

CREATE TABLE audit (
    id UUID NOT NULL PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    actor TEXT NOT NULL,
    actor_id UUID,
    client_id UUID,
    request_id TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    object_id UUID,
    before TEXT,
    after TEXT
);
CREATE INDEX ix_audit_client_id_at ON audit (client_id, at);
CREATE INDEX ix_audit_object_id ON audit (object_id);

CREATE TABLE mail (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    locale TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    next_try_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    sent_at TIMESTAMPTZ,
    last_error TEXT,
    CONSTRAINT ck_mail_locale CHECK (locale IN ('RU', 'EN'))
);
CREATE INDEX ix_mail_sent_at_next_try_at ON mail (sent_at, next_try_at);

CREATE TABLE job_lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until TIMESTAMPTZ NOT NULL,
    last_run_at TIMESTAMPTZ
);
"#;

const KEYS: [Key; 1] = [("pk_audit", "held.id = NEW.id")];

const DOWN: &str = "
DROP TABLE job_lease;
DROP TABLE mail;
DROP TABLE audit;
DROP TABLE idempotency;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, UP).await?;
        portable::append_only(manager, "audit", &KEYS).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, DOWN).await
    }
}
