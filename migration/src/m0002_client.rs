//! Clients, how they came, their teams and the provider's calendar.
//!
//! A client and its contact refer to each other; which table comes first is a matter of taste, people came first, and the
//! reference that had to wait is added here. An open place in a team is unique by a partial index: whoever left a
//! place may take it again. An audit without findings is no way in (`C-1`), so the database does not take one.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::portable;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
CREATE TABLE client (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    external_id TEXT,
    crm_kind TEXT NOT NULL,
    crm_url TEXT,
    set_up_by TEXT NOT NULL,
    licences INTEGER,
    line_of_business TEXT,
    goals TEXT,
    contact_id UUID,
    locale TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    chat_url TEXT,
    created_by UUID,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_client_crm_kind CHECK (crm_kind IN ('BITRIX24', 'ONEBOX', 'OTHER')),
    CONSTRAINT ck_client_set_up_by CHECK (set_up_by IN ('PROVIDER', 'OTHER')),
    CONSTRAINT ck_client_locale CHECK (locale IN ('RU', 'EN')),
    CONSTRAINT fk_client_contact_id FOREIGN KEY (contact_id) REFERENCES "user" (id),
    CONSTRAINT fk_client_created_by FOREIGN KEY (created_by) REFERENCES "user" (id)
);
CREATE UNIQUE INDEX uq_client_external_id ON client (external_id);
CREATE INDEX ix_client_name_key_id ON client (name_key, id);
CREATE INDEX ix_client_contact_id ON client (contact_id);
CREATE INDEX ix_client_created_by ON client (created_by);

CREATE TABLE client_recipient (
    client_id UUID NOT NULL,
    email TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (client_id, email),
    CONSTRAINT fk_client_recipient_client_id FOREIGN KEY (client_id) REFERENCES client (id)
);

CREATE TABLE api_key_client (
    api_key_id UUID NOT NULL,
    client_id UUID NOT NULL,
    PRIMARY KEY (api_key_id, client_id),
    CONSTRAINT fk_api_key_client_api_key_id FOREIGN KEY (api_key_id) REFERENCES api_key (id),
    CONSTRAINT fk_api_key_client_client_id FOREIGN KEY (client_id) REFERENCES client (id)
);
CREATE INDEX ix_api_key_client_client_id ON api_key_client (client_id);

CREATE TABLE way_in (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    kind TEXT NOT NULL,
    completed_on DATE NOT NULL,
    findings TEXT,
    note TEXT,
    recorded_by UUID,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_way_in_kind CHECK (kind IN ('IMPLEMENTATION', 'AUDIT')),
    CONSTRAINT ck_way_in_findings CHECK (kind <> 'AUDIT' OR findings IS NOT NULL),
    CONSTRAINT fk_way_in_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_way_in_recorded_by FOREIGN KEY (recorded_by) REFERENCES "user" (id)
);
CREATE INDEX ix_way_in_client_id ON way_in (client_id);

CREATE TABLE holiday (
    day DATE NOT NULL PRIMARY KEY,
    working BOOLEAN NOT NULL,
    name TEXT NOT NULL
);

CREATE TABLE team_member (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    user_id UUID NOT NULL,
    position TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_team_member_position CHECK (position IN ('PROJECT_MANAGER', 'ACCOUNT_MANAGER', 'SUPPORT_SPECIALIST',
        'IMPLEMENTATION_SPECIALIST', 'REVIEWER', 'ASSISTANT', 'CONFIGURATOR', 'DEVELOPER')),
    CONSTRAINT fk_team_member_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_team_member_user_id FOREIGN KEY (user_id) REFERENCES "user" (id)
);
CREATE UNIQUE INDEX uq_team_member_client_id_user_id_position ON team_member (client_id, user_id, position)
    WHERE ends_on IS NULL;
CREATE INDEX ix_team_member_client_id ON team_member (client_id);
CREATE INDEX ix_team_member_user_id ON team_member (user_id);
"#;

const UP_POSTGRES: &str = r#"
ALTER TABLE "user" ADD CONSTRAINT fk_user_client_id FOREIGN KEY (client_id) REFERENCES client (id);
"#;

const DOWN_POSTGRES: &str = r#"
ALTER TABLE "user" DROP CONSTRAINT fk_user_client_id;
"#;

const DOWN: &str = "
DROP TABLE team_member;
DROP TABLE holiday;
DROP TABLE way_in;
DROP TABLE api_key_client;
DROP TABLE client_recipient;
DROP TABLE client;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, UP).await?;
        portable::run_on_postgres(manager, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run_on_postgres(manager, DOWN_POSTGRES).await?;
        portable::run(manager, DOWN).await
    }
}
