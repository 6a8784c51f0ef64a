//! Services, their stages' norms, tariffs and the revisions of their terms.
//!
//! What a service asks and counts is data, so that an operator can add one without a release. Terms once sold are never
//! changed (`E-1`): a tariff gets a new revision, and the old one is append-only by the database's own hand.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::portable::{self, Key};

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
CREATE TABLE service (
    id UUID NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_ru TEXT NOT NULL,
    plan_kind TEXT,
    draw_scope TEXT NOT NULL,
    start_conditions TEXT NOT NULL,
    project_limit INTEGER,
    monthly_norm_minutes INTEGER,
    daily_checks BOOLEAN NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_service_plan_kind CHECK (plan_kind IN ('DEVELOPMENT', 'IMPLEMENTATION')),
    CONSTRAINT ck_service_draw_scope CHECK (draw_scope IN ('EVERYONE', 'IMPLEMENTATION_SPECIALIST'))
);
CREATE UNIQUE INDEX uq_service_code ON service (code);

CREATE TABLE stage_norm (
    service_id UUID NOT NULL,
    stage TEXT NOT NULL,
    min_minutes INTEGER NOT NULL,
    max_minutes INTEGER NOT NULL,
    min_calls INTEGER,
    max_calls INTEGER,
    deadline_working_days INTEGER,
    PRIMARY KEY (service_id, stage),
    CONSTRAINT ck_stage_norm_stage CHECK (stage IN ('DISCOVERY', 'SPECIFICATION', 'ESTIMATION', 'EXECUTION')),
    CONSTRAINT fk_stage_norm_service_id FOREIGN KEY (service_id) REFERENCES service (id)
);

CREATE TABLE tariff (
    id UUID NOT NULL PRIMARY KEY,
    service_id UUID NOT NULL,
    code TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_ru TEXT NOT NULL,
    position INTEGER NOT NULL,
    withdrawn_at TIMESTAMPTZ,
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT fk_tariff_service_id FOREIGN KEY (service_id) REFERENCES service (id)
);
CREATE UNIQUE INDEX uq_tariff_code ON tariff (code);
CREATE INDEX ix_tariff_service_id ON tariff (service_id);

CREATE TABLE tariff_revision (
    id UUID NOT NULL PRIMARY KEY,
    tariff_id UUID NOT NULL,
    number INTEGER NOT NULL,
    minutes INTEGER,
    grant_rule TEXT NOT NULL,
    length_months INTEGER,
    unused TEXT NOT NULL,
    price_minor BIGINT,
    currency TEXT,
    created_by UUID,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_tariff_revision_grant_rule CHECK (grant_rule IN ('MONTHLY', 'WORKING_DAY', 'ONCE')),
    CONSTRAINT ck_tariff_revision_unused CHECK (unused IN ('EXPIRE', 'KEEP')),
    CONSTRAINT ck_tariff_revision_currency CHECK (length(currency) = 3),
    CONSTRAINT fk_tariff_revision_tariff_id FOREIGN KEY (tariff_id) REFERENCES tariff (id),
    CONSTRAINT fk_tariff_revision_created_by FOREIGN KEY (created_by) REFERENCES "user" (id)
);
CREATE UNIQUE INDEX uq_tariff_revision_tariff_id_number ON tariff_revision (tariff_id, number);
"#;

const KEYS: [Key; 2] = [
    ("pk_tariff_revision", "held.id = NEW.id"),
    ("uq_tariff_revision_tariff_id_number", "held.tariff_id = NEW.tariff_id AND held.number = NEW.number"),
];

const DOWN: &str = "
DROP TABLE tariff_revision;
DROP TABLE tariff;
DROP TABLE stage_norm;
DROP TABLE service;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, UP).await?;
        portable::append_only(manager, "tariff_revision", &KEYS).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, DOWN).await?;
        // The first append-only table brought it, the last one takes it along.
        portable::run_on_postgres(manager, "DROP FUNCTION refuse_change()").await
    }
}
