//! People, their sign-ins and the keys of partners.
//!
//! Secrets are kept as hashes alone. An e-mail address is unique by its folded key, whichever way it is written. A role
//! of a client's side and a client belong together: the check keeps staff and contacts apart even if the program errs.
//! Sign-in attempts name an account by its key, known or not, so that a table of them tells nothing about who exists.
//! Columns that say who wrote a row down carry no index, here and in the other areas: users are disabled, never deleted,
//! and nothing asks by them.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait, sea_orm::DbBackend,
};

use crate::portable;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
CREATE TABLE "user" (
    id UUID NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    locale TEXT NOT NULL,
    role TEXT NOT NULL,
    client_id UUID,
    status TEXT NOT NULL,
    password_hash TEXT,
    session_version INTEGER NOT NULL DEFAULT 1,
    capacity_minutes INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_user_locale CHECK (locale IN ('RU', 'EN')),
    CONSTRAINT ck_user_role CHECK (role IN ('ADMINISTRATOR', 'PROJECT_MANAGER', 'ACCOUNT_MANAGER', 'SPECIALIST', 'SALES',
        'QUALITY_MANAGER', 'CLIENT_OWNER', 'CLIENT_MEMBER')),
    CONSTRAINT ck_user_status CHECK (status IN ('INVITED', 'ACTIVE', 'DISABLED')),
    CONSTRAINT ck_user_client_id CHECK ((client_id IS NOT NULL) = (role IN ('CLIENT_OWNER', 'CLIENT_MEMBER')))/*FK*/
);
CREATE UNIQUE INDEX uq_user_email_key ON "user" (email_key);
CREATE INDEX ix_user_client_id ON "user" (client_id);
CREATE INDEX ix_user_name_key_id ON "user" (name_key, id);

CREATE TABLE sign_in (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    viewed_as_by UUID,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    end_reason TEXT,
    CONSTRAINT fk_sign_in_user_id FOREIGN KEY (user_id) REFERENCES "user" (id),
    CONSTRAINT fk_sign_in_viewed_as_by FOREIGN KEY (viewed_as_by) REFERENCES "user" (id)
);
CREATE INDEX ix_sign_in_user_id ON sign_in (user_id);

CREATE TABLE refresh_token (
    id UUID NOT NULL PRIMARY KEY,
    sign_in_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    spent_at TIMESTAMPTZ,
    successor_id UUID,
    successor_sealed BYTEA,
    CONSTRAINT fk_refresh_token_sign_in_id FOREIGN KEY (sign_in_id) REFERENCES sign_in (id)
);
CREATE UNIQUE INDEX uq_refresh_token_token_hash ON refresh_token (token_hash);
CREATE INDEX ix_refresh_token_sign_in_id ON refresh_token (sign_in_id);

CREATE TABLE invitation (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    kind TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    created_by UUID,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    CONSTRAINT ck_invitation_kind CHECK (kind IN ('INVITATION', 'PASSWORD_RESET')),
    CONSTRAINT fk_invitation_user_id FOREIGN KEY (user_id) REFERENCES "user" (id),
    CONSTRAINT fk_invitation_created_by FOREIGN KEY (created_by) REFERENCES "user" (id)
);
CREATE UNIQUE INDEX uq_invitation_token_hash ON invitation (token_hash);
CREATE INDEX ix_invitation_user_id ON invitation (user_id);

CREATE TABLE sign_in_attempt (
    id UUID NOT NULL PRIMARY KEY,
    account_key TEXT COLLATE "C" NOT NULL,
    address TEXT NOT NULL,
    succeeded BOOLEAN NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX ix_sign_in_attempt_account_key_at ON sign_in_attempt (account_key, at);
CREATE INDEX ix_sign_in_attempt_address_at ON sign_in_attempt (address, at);

CREATE TABLE api_key (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ,
    CONSTRAINT fk_api_key_created_by FOREIGN KEY (created_by) REFERENCES "user" (id)
);
"#;

/// A user's client, which is a table of the next area: SQLite takes a reference ahead and cannot add one later,
/// PostgreSQL takes none and gets it with that area.
const CLIENT_AHEAD: &str =
    ",\n    CONSTRAINT fk_user_client_id FOREIGN KEY (client_id) REFERENCES client (id)";

const DOWN: &str = r#"
DROP TABLE api_key;
DROP TABLE sign_in_attempt;
DROP TABLE invitation;
DROP TABLE refresh_token;
DROP TABLE sign_in;
DROP TABLE "user";
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let ahead = match manager.get_database_backend() {
            DbBackend::Sqlite => CLIENT_AHEAD,
            _ => "",
        };
        portable::run(manager, &UP.replace("/*FK*/", ahead)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::run(manager, DOWN).await
    }
}
