//! The ledger: one row for each movement of minutes, and one head for each engagement.
//!
//! Writers lock the head, so an engagement's movements stand in one line: their number is the version that they made
//! (`B-3`), unique in the engagement, and each hash continues the one before. What must happen once happens once by
//! key: a period's own grant and its expiry, however many instances try. Movements are signed as they act on the balance,
//! a movement of nothing is none, and a cause belongs to a grant alone. Rows are append-only by triggers (`B-1`).

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::portable::{self, Key};

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
CREATE TABLE ledger_head (
    engagement_id UUID NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL DEFAULT 0,
    last_hash BYTEA NOT NULL,
    CONSTRAINT ck_ledger_head_last_hash CHECK (length(last_hash) = 32),
    CONSTRAINT fk_ledger_head_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id)
);

CREATE TABLE ledger_entry (
    id UUID NOT NULL PRIMARY KEY,
    engagement_id UUID NOT NULL,
    number INTEGER NOT NULL,
    period_id UUID NOT NULL,
    kind TEXT NOT NULL,
    counter TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    cause TEXT,
    reverses_id UUID,
    time_entry_id UUID,
    payment_id UUID,
    actor_id UUID,
    note TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    previous_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT ck_ledger_entry_kind CHECK (kind IN ('GRANT', 'USAGE', 'REVERSAL', 'ADJUSTMENT', 'EXPIRY', 'TRANSFER')),
    CONSTRAINT ck_ledger_entry_counter CHECK (counter IN ('GRANTED', 'TRANSFERRED', 'ADJUSTED', 'USED', 'EXPIRED')),
    CONSTRAINT ck_ledger_entry_minutes CHECK (minutes <> 0),
    CONSTRAINT ck_ledger_entry_cause CHECK (cause IN ('PERIOD', 'LATE_PAYMENT', 'TOP_UP', 'EXTENSION')),
    CONSTRAINT ck_ledger_entry_cause_of_grant CHECK ((cause IS NOT NULL) = (kind = 'GRANT')),
    CONSTRAINT fk_ledger_entry_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id),
    CONSTRAINT fk_ledger_entry_period_id FOREIGN KEY (period_id) REFERENCES period (id),
    CONSTRAINT fk_ledger_entry_reverses_id FOREIGN KEY (reverses_id) REFERENCES ledger_entry (id),
    CONSTRAINT fk_ledger_entry_time_entry_id FOREIGN KEY (time_entry_id) REFERENCES time_entry (id),
    CONSTRAINT fk_ledger_entry_payment_id FOREIGN KEY (payment_id) REFERENCES payment (id)
);
CREATE UNIQUE INDEX uq_ledger_entry_engagement_id_number ON ledger_entry (engagement_id, number);
CREATE UNIQUE INDEX uq_ledger_entry_period_grant ON ledger_entry (period_id) WHERE kind = 'GRANT' AND cause = 'PERIOD';
CREATE UNIQUE INDEX uq_ledger_entry_period_expiry ON ledger_entry (period_id) WHERE kind = 'EXPIRY';
CREATE INDEX ix_ledger_entry_period_id ON ledger_entry (period_id);
CREATE INDEX ix_ledger_entry_time_entry_id ON ledger_entry (time_entry_id);
CREATE INDEX ix_ledger_entry_reverses_id ON ledger_entry (reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX ix_ledger_entry_payment_id ON ledger_entry (payment_id) WHERE payment_id IS NOT NULL;
"#;

const KEYS: [Key; 4] = [
    ("pk_ledger_entry", "held.id = NEW.id"),
    (
        "uq_ledger_entry_engagement_id_number",
        "held.engagement_id = NEW.engagement_id AND held.number = NEW.number",
    ),
    (
        "uq_ledger_entry_period_grant",
        "held.period_id = NEW.period_id AND held.kind = 'GRANT' AND held.cause = 'PERIOD'
             AND NEW.kind = 'GRANT' AND NEW.cause = 'PERIOD'",
    ),
    (
        "uq_ledger_entry_period_expiry",
        "held.period_id = NEW.period_id AND held.kind = 'EXPIRY' AND NEW.kind = 'EXPIRY'",
    ),
];

const DOWN: &str = "
DROP TABLE ledger_entry;
DROP TABLE ledger_head;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, UP).await?;
        portable::append_only(manager, "ledger_entry", &KEYS).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, DOWN).await
    }
}
