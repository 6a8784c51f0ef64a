//! Meetings, their rhythm, agenda and what the client thinks of it all.
//!
//! What a rhythm asks for is planned once: a meeting keeps the local day that it was planned for, also when it is moved
//! or called off, and that day is unique in the engagement (`M-1`). Meetings planned by hand have none. Points of an
//! agenda may wait for a meeting that is not planned yet; questions and answers to reports are named without foreign
//! keys, for they live elsewhere. A meeting and an answer give one figure of satisfaction each; how a client stands is
//! kept beside the figures, so that clients can be listed by it.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::portable;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
CREATE TABLE meeting_rhythm (
    engagement_id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    weekday TEXT NOT NULL,
    minute_of_day INTEGER NOT NULL,
    duration_minutes INTEGER NOT NULL,
    place TEXT,
    set_by UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_meeting_rhythm_weekday CHECK (weekday IN ('MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY')),
    CONSTRAINT ck_meeting_rhythm_minute_of_day CHECK (minute_of_day BETWEEN 0 AND 1439),
    CONSTRAINT ck_meeting_rhythm_duration_minutes CHECK (duration_minutes BETWEEN 5 AND 600),
    CONSTRAINT fk_meeting_rhythm_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id),
    CONSTRAINT fk_meeting_rhythm_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_meeting_rhythm_set_by FOREIGN KEY (set_by) REFERENCES "user" (id)
);
CREATE INDEX ix_meeting_rhythm_client_id ON meeting_rhythm (client_id);
CREATE INDEX ix_meeting_rhythm_set_by ON meeting_rhythm (set_by);

CREATE TABLE meeting (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    planned_on DATE,
    starts_at TIMESTAMPTZ NOT NULL,
    duration_minutes INTEGER NOT NULL,
    place TEXT,
    satisfaction INTEGER,
    notes TEXT,
    cancel_reason TEXT,
    created_by UUID,
    closed_at TIMESTAMPTZ,
    closed_by UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_meeting_kind CHECK (kind IN ('WEEKLY', 'OTHER')),
    CONSTRAINT ck_meeting_status CHECK (status IN ('PLANNED', 'HELD', 'CANCELLED')),
    CONSTRAINT ck_meeting_duration_minutes CHECK (duration_minutes BETWEEN 5 AND 600),
    CONSTRAINT ck_meeting_satisfaction CHECK (satisfaction BETWEEN 1 AND 5),
    CONSTRAINT ck_meeting_cancel_reason CHECK ((status = 'CANCELLED') = (cancel_reason IS NOT NULL)),
    CONSTRAINT ck_meeting_closed_at CHECK ((status = 'PLANNED') = (closed_at IS NULL)),
    CONSTRAINT fk_meeting_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_meeting_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id),
    CONSTRAINT fk_meeting_created_by FOREIGN KEY (created_by) REFERENCES "user" (id),
    CONSTRAINT fk_meeting_closed_by FOREIGN KEY (closed_by) REFERENCES "user" (id)
);
CREATE UNIQUE INDEX uq_meeting_engagement_id_planned_on ON meeting (engagement_id, planned_on);
CREATE INDEX ix_meeting_client_id_starts_at ON meeting (client_id, starts_at);
CREATE INDEX ix_meeting_engagement_id_status_starts_at ON meeting (engagement_id, status, starts_at);
CREATE INDEX ix_meeting_created_by ON meeting (created_by);
CREATE INDEX ix_meeting_closed_by ON meeting (closed_by);

CREATE TABLE meeting_participant (
    meeting_id UUID NOT NULL,
    user_id UUID NOT NULL,
    PRIMARY KEY (meeting_id, user_id),
    CONSTRAINT fk_meeting_participant_meeting_id FOREIGN KEY (meeting_id) REFERENCES meeting (id),
    CONSTRAINT fk_meeting_participant_user_id FOREIGN KEY (user_id) REFERENCES "user" (id)
);
CREATE INDEX ix_meeting_participant_user_id ON meeting_participant (user_id);

CREATE TABLE meeting_item (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    engagement_id UUID,
    meeting_id UUID,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    source TEXT NOT NULL,
    task_id UUID,
    question_id UUID,
    report_answer_id UUID,
    raised_by UUID,
    done BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_meeting_item_source CHECK (source IN ('REPORT_ANSWER', 'QUESTION', 'TASK', 'MANUAL')),
    CONSTRAINT fk_meeting_item_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_meeting_item_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id),
    CONSTRAINT fk_meeting_item_meeting_id FOREIGN KEY (meeting_id) REFERENCES meeting (id),
    CONSTRAINT fk_meeting_item_task_id FOREIGN KEY (task_id) REFERENCES task (id),
    CONSTRAINT fk_meeting_item_raised_by FOREIGN KEY (raised_by) REFERENCES "user" (id)
);
CREATE INDEX ix_meeting_item_client_id_meeting_id ON meeting_item (client_id, meeting_id);
CREATE INDEX ix_meeting_item_engagement_id ON meeting_item (engagement_id);
CREATE INDEX ix_meeting_item_meeting_id_position ON meeting_item (meeting_id, position);
CREATE INDEX ix_meeting_item_task_id ON meeting_item (task_id);
CREATE INDEX ix_meeting_item_raised_by ON meeting_item (raised_by);

CREATE TABLE satisfaction (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    engagement_id UUID,
    meeting_id UUID,
    report_answer_id UUID,
    source TEXT NOT NULL,
    score INTEGER NOT NULL,
    note TEXT,
    on_day DATE NOT NULL,
    recorded_by UUID,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_satisfaction_source CHECK (source IN ('MEETING', 'REPORT_ANSWER', 'QUALITY_CALL')),
    CONSTRAINT ck_satisfaction_score CHECK (score BETWEEN 1 AND 5),
    CONSTRAINT fk_satisfaction_client_id FOREIGN KEY (client_id) REFERENCES client (id),
    CONSTRAINT fk_satisfaction_engagement_id FOREIGN KEY (engagement_id) REFERENCES engagement (id),
    CONSTRAINT fk_satisfaction_meeting_id FOREIGN KEY (meeting_id) REFERENCES meeting (id),
    CONSTRAINT fk_satisfaction_recorded_by FOREIGN KEY (recorded_by) REFERENCES "user" (id)
);
CREATE UNIQUE INDEX uq_satisfaction_meeting_id ON satisfaction (meeting_id);
CREATE UNIQUE INDEX uq_satisfaction_report_answer_id ON satisfaction (report_answer_id);
CREATE INDEX ix_satisfaction_client_id_created_at_id ON satisfaction (client_id, created_at, id);
CREATE INDEX ix_satisfaction_engagement_id ON satisfaction (engagement_id);
CREATE INDEX ix_satisfaction_recorded_by ON satisfaction (recorded_by);

CREATE TABLE client_satisfaction (
    id UUID NOT NULL PRIMARY KEY,
    client_id UUID NOT NULL,
    latest_score INTEGER NOT NULL,
    latest_on DATE NOT NULL,
    previous_score INTEGER,
    previous_on DATE,
    change INTEGER NOT NULL,
    figures INTEGER NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT ck_client_satisfaction_latest_score CHECK (latest_score BETWEEN 1 AND 5),
    CONSTRAINT ck_client_satisfaction_previous_score CHECK (previous_score BETWEEN 1 AND 5),
    CONSTRAINT ck_client_satisfaction_figures CHECK (figures > 0),
    CONSTRAINT fk_client_satisfaction_client_id FOREIGN KEY (client_id) REFERENCES client (id)
);
CREATE UNIQUE INDEX uq_client_satisfaction_client_id ON client_satisfaction (client_id);
CREATE INDEX ix_client_satisfaction_latest_score_id ON client_satisfaction (latest_score, id);
CREATE INDEX ix_client_satisfaction_change_id ON client_satisfaction (change, id);
"#;

const DOWN: &str = "
DROP TABLE client_satisfaction;
DROP TABLE satisfaction;
DROP TABLE meeting_item;
DROP TABLE meeting_participant;
DROP TABLE meeting;
DROP TABLE meeting_rhythm;
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
