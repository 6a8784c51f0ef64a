//! Engagements, their periods, payments and reservations.
//!
//! What must happen once is a unique key: a period's number and first day, a payment's reference, the period that a
//! payment is for. A period's counters are a cache of its ledger entries (`B-2`) and stand beside them so that a balance
//! is one row read. Overage shows as used minutes beyond what was given, so used, granted and expired are never negative
//! while carried and corrected minutes may be. A payment names periods by number: they may not have begun (`E-4`).

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::portable;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
CREATE TABLE engagement (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    service_id UUID NOT NULL,
    tariff_revision_id UUID NOT NULL,
    plan_id UUID,
    seller_id UUID,
    status TEXT NOT NULL,
    time_zone TEXT,
    starts_on DATE,
    ends_on DATE,
    overage_policy TEXT NOT NULL,
    grant_unpaid BOOLEAN NOT NULL DEFAULT false,
    own_minutes INTEGER,
    own_length_months INTEGER,
    price_minor BIGINT,
    currency TEXT,
    sale_note TEXT,
    started_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    end_reason TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_engagement_status CHECK (status IN ('DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED', 'CANCELLED')),
    CONSTRAINT ck_engagement_overage_policy CHECK (overage_policy IN ('ALLOWED', 'REFUSED', 'ASK_CLIENT')),
    CONSTRAINT ck_engagement_currency CHECK (length(currency) = 3),
    CONSTRAINT fk_engagement_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_engagement_service_id FOREIGN KEY (service_id) REFERENCES service (id),
    CONSTRAINT fk_engagement_tariff_revision_id FOREIGN KEY (tariff_revision_id) REFERENCES tariff_revision (id),
    CONSTRAINT fk_engagement_plan_id FOREIGN KEY (plan_id) REFERENCES plan (id),
    CONSTRAINT fk_engagement_seller_id FOREIGN KEY (seller_id) REFERENCES "user" (id)
);
CREATE INDEX ix_engagement_client_id ON engagement (client_id);
CREATE INDEX ix_engagement_service_id ON engagement (service_id);
CREATE INDEX ix_engagement_tariff_revision_id ON engagement (tariff_revision_id);
CREATE INDEX ix_engagement_plan_id ON engagement (plan_id);
CREATE INDEX ix_engagement_seller_id ON engagement (seller_id);

CREATE TABLE engagement_tariff (
    engagement_id UUID NOT NULL,
    from_period INTEGER NOT NULL,
    tariff_revision_id UUID NOT NULL,
    created_by UUID,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (engagement_id, from_period),
    CONSTRAINT fk_engagement_tariff_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id),
    CONSTRAINT fk_engagement_tariff_tariff_revision_id FOREIGN KEY (tariff_revision_id) REFERENCES tariff_revision (id),
    CONSTRAINT fk_engagement_tariff_created_by FOREIGN KEY (created_by) REFERENCES "user" (id)
);
CREATE INDEX ix_engagement_tariff_tariff_revision_id ON engagement_tariff (tariff_revision_id);

CREATE TABLE period (
    id UUID NOT NULL PRIMARY KEY,
    engagement_id UUID NOT NULL,
    number INTEGER NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    tariff_revision_id UUID NOT NULL,
    granted_minutes INTEGER NOT NULL DEFAULT 0,
    transferred_minutes INTEGER NOT NULL DEFAULT 0,
    adjusted_minutes INTEGER NOT NULL DEFAULT 0,
    used_minutes INTEGER NOT NULL DEFAULT 0,
    expired_minutes INTEGER NOT NULL DEFAULT 0,
    approved_overage_minutes INTEGER NOT NULL DEFAULT 0,
    closed_at TIMESTAMPTZ,
    CONSTRAINT ck_period_granted_minutes CHECK (granted_minutes >= 0),
    CONSTRAINT ck_period_used_minutes CHECK (used_minutes >= 0),
    CONSTRAINT ck_period_expired_minutes CHECK (expired_minutes >= 0),
    CONSTRAINT fk_period_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id),
    CONSTRAINT fk_period_tariff_revision_id FOREIGN KEY (tariff_revision_id) REFERENCES tariff_revision (id)
);
CREATE UNIQUE INDEX uq_period_engagement_id_number ON period (engagement_id, number);
CREATE UNIQUE INDEX uq_period_engagement_id_starts_on ON period (engagement_id, starts_on);
CREATE INDEX ix_period_ends_at ON period (ends_at);
CREATE INDEX ix_period_tariff_revision_id ON period (tariff_revision_id);

CREATE TABLE payment (
    id UUID NOT NULL PRIMARY KEY,
    engagement_id UUID NOT NULL,
    reference TEXT NOT NULL,
    paid_on DATE NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    recorded_by UUID,
    created_at TIMESTAMPTZ NOT NULL,
    unused_minutes INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT ck_payment_currency CHECK (length(currency) = 3),
    CONSTRAINT fk_payment_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id),
    CONSTRAINT fk_payment_recorded_by FOREIGN KEY (recorded_by) REFERENCES "user" (id)
);
CREATE UNIQUE INDEX uq_payment_engagement_id_reference ON payment (engagement_id, reference);

CREATE TABLE payment_period (
    payment_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    period_number INTEGER NOT NULL,
    PRIMARY KEY (payment_id, period_number),
    CONSTRAINT fk_payment_period_payment_id FOREIGN KEY (payment_id) REFERENCES payment (id),
    CONSTRAINT fk_payment_period_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id)
);
CREATE UNIQUE INDEX uq_payment_period_engagement_id_period_number ON payment_period (engagement_id, period_number);

CREATE TABLE reservation (
    id UUID NOT NULL PRIMARY KEY,
    engagement_id UUID NOT NULL,
    user_id UUID NOT NULL,
    minutes INTEGER NOT NULL,
    from_period INTEGER NOT NULL,
    until_period INTEGER,
    override_by UUID,
    override_reason TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_reservation_minutes CHECK (minutes > 0),
    CONSTRAINT fk_reservation_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id),
    CONSTRAINT fk_reservation_user_id FOREIGN KEY (user_id) REFERENCES "user" (id),
    CONSTRAINT fk_reservation_override_by FOREIGN KEY (override_by) REFERENCES "user" (id)
);
CREATE UNIQUE INDEX uq_reservation_engagement_id_user_id_from_period
    ON reservation (engagement_id, user_id, from_period);
CREATE INDEX ix_reservation_user_id ON reservation (user_id);
"#;

const DOWN: &str = "
DROP TABLE reservation;
DROP TABLE payment_period;
DROP TABLE payment;
DROP TABLE period;
DROP TABLE engagement_tariff;
DROP TABLE engagement;
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
