//! What a client's people learn from: instructions (`K-1`) and trainings (`K-2`).
//!
//! An instruction has one body, of its kind; it and a training hang on a block, on a task, or on the client in general.
//! A training is of everyone or of its people, each a contact of the client or a plain name; who came is known once it
//! was held.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::portable;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
CREATE TABLE instruction (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    block_id UUID,
    task_id UUID,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL COLLATE "C",
    kind TEXT NOT NULL,
    text TEXT,
    url TEXT,
    author_id UUID NOT NULL,
    withdrawn_at TIMESTAMPTZ,
    withdrawn_by UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_instruction_kind CHECK (kind IN ('TEXT', 'VIDEO', 'ARTICLE')),
    CONSTRAINT ck_instruction_body CHECK ((kind = 'TEXT') = (text IS NOT NULL) AND (text IS NULL) = (url IS NOT NULL)),
    CONSTRAINT ck_instruction_subject CHECK (block_id IS NULL OR task_id IS NULL),
    CONSTRAINT fk_instruction_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_instruction_block_id FOREIGN KEY (block_id) REFERENCES block (id),
    CONSTRAINT fk_instruction_task_id FOREIGN KEY (task_id) REFERENCES task (id),
    CONSTRAINT fk_instruction_author_id FOREIGN KEY (author_id) REFERENCES "user" (id),
    CONSTRAINT fk_instruction_withdrawn_by FOREIGN KEY (withdrawn_by) REFERENCES "user" (id)
);
CREATE INDEX ix_instruction_client_id_title_key_id ON instruction (client_id, title_key, id);
CREATE INDEX ix_instruction_block_id ON instruction (block_id);
CREATE INDEX ix_instruction_task_id ON instruction (task_id);
CREATE INDEX ix_instruction_author_id ON instruction (author_id);
CREATE INDEX ix_instruction_withdrawn_by ON instruction (withdrawn_by);

CREATE TABLE training (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    block_id UUID,
    task_id UUID,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL COLLATE "C",
    description TEXT,
    status TEXT NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    place TEXT,
    trainer_id UUID NOT NULL,
    everyone BOOLEAN NOT NULL,
    cancel_reason TEXT,
    closed_at TIMESTAMPTZ,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_training_status CHECK (status IN ('PLANNED', 'HELD', 'CANCELLED')),
    CONSTRAINT ck_training_subject CHECK (block_id IS NULL OR task_id IS NULL),
    CONSTRAINT ck_training_cancel_reason CHECK ((status = 'CANCELLED') = (cancel_reason IS NOT NULL)),
    CONSTRAINT ck_training_closed_at CHECK ((status = 'PLANNED') = (closed_at IS NULL)),
    CONSTRAINT fk_training_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_training_block_id FOREIGN KEY (block_id) REFERENCES block (id),
    CONSTRAINT fk_training_task_id FOREIGN KEY (task_id) REFERENCES task (id),
    CONSTRAINT fk_training_trainer_id FOREIGN KEY (trainer_id) REFERENCES "user" (id)
);
CREATE INDEX ix_training_client_id_starts_at_id ON training (client_id, starts_at, id);
CREATE INDEX ix_training_block_id ON training (block_id);
CREATE INDEX ix_training_task_id ON training (task_id);
CREATE INDEX ix_training_trainer_id ON training (trainer_id);

CREATE TABLE training_person (
    id UUID NOT NULL PRIMARY KEY,
    training_id UUID NOT NULL,
    position INTEGER NOT NULL,
    user_id UUID,
    name TEXT,
    attended BOOLEAN,
    CONSTRAINT ck_training_person_who CHECK ((user_id IS NULL) = (name IS NOT NULL)),
    CONSTRAINT fk_training_person_training_id FOREIGN KEY (training_id) REFERENCES training (id),
    CONSTRAINT fk_training_person_user_id FOREIGN KEY (user_id) REFERENCES "user" (id)
);
CREATE INDEX ix_training_person_training_id_position ON training_person (training_id, position);
CREATE INDEX ix_training_person_user_id ON training_person (user_id);
"#;

const DOWN: &str = "
DROP TABLE training_person;
DROP TABLE training;
DROP TABLE instruction;
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
