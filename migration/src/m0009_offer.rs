//! What is offered from the first day: four services, the norms of their stages, ten tariffs with their first terms.
//!
//! Rows, not code: an administrator changes names and norms, adds and withdraws. Identifiers and times are fixed, so that
//! every installation and both databases hold the same rows. Prices are the operator's own and stay empty. Norms and
//! tariff lengths warn and inform; a service without a length of its own runs until it is cancelled.
//!
//! A step down leaves the rows alone: terms are append-only, and what was bought refers to them; they go with their
//! tables, further down. A step up therefore does nothing where services stand already.

use sea_orm_migration::prelude::{
    ConnectionTrait, DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};
use sea_orm_migration::sea_orm::Statement;

use crate::portable;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
INSERT INTO service (id, code, name_en, name_ru, plan_kind, draw_scope, start_conditions, project_limit,
    monthly_norm_minutes, daily_checks, version, created_at, updated_at)
VALUES
    (UUID '50000000000040008000000000000001', 'SUPPORT', 'Support', 'Сопровождение', 'DEVELOPMENT', 'EVERYONE',
        'WAY_IN,DEVELOPMENT_PLAN,CHAT_LINK,CLIENT_OWNER,SUPPORT_TEAM,RESERVATIONS,FIRST_PAYMENT', NULL, NULL, false, 1,
        TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '50000000000040008000000000000002', 'JAM', 'Junior Account Manager', 'Junior Account Manager',
        'IMPLEMENTATION', 'IMPLEMENTATION_SPECIALIST', 'IMPLEMENTATION_TEAM,SPECIALIST_LOAD,FIRST_PAYMENT',
        8, NULL, true, 1, TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '50000000000040008000000000000003', 'SAM', 'Senior Account Manager', 'Senior Account Manager',
        'IMPLEMENTATION', 'IMPLEMENTATION_SPECIALIST', 'IMPLEMENTATION_TEAM,SPECIALIST_LOAD,FIRST_PAYMENT',
        NULL, 1500, false, 1, TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '50000000000040008000000000000004', 'AUDIT', 'Audit', 'Аудит', NULL, 'EVERYONE',
        'PROJECT_MANAGER,FIRST_PAYMENT', NULL, NULL, false, 1,
        TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00');

INSERT INTO stage_norm (service_id, stage, min_minutes, max_minutes, min_calls, max_calls, deadline_working_days)
VALUES
    (UUID '50000000000040008000000000000002', 'DISCOVERY', 60, 480, 1, 1, NULL),
    (UUID '50000000000040008000000000000002', 'SPECIFICATION', 180, 1440, NULL, NULL, 3),
    (UUID '50000000000040008000000000000002', 'ESTIMATION', 0, 480, NULL, NULL, 1),
    (UUID '50000000000040008000000000000002', 'EXECUTION', 1500, 3000, NULL, NULL, NULL),
    (UUID '50000000000040008000000000000003', 'DISCOVERY', 360, 2400, 1, 5, NULL),
    (UUID '50000000000040008000000000000003', 'SPECIFICATION', 180, 480, NULL, NULL, NULL),
    (UUID '50000000000040008000000000000003', 'ESTIMATION', 180, 420, NULL, NULL, NULL),
    (UUID '50000000000040008000000000000003', 'EXECUTION', 3000, 60000, NULL, NULL, NULL);

INSERT INTO tariff (id, service_id, code, name_en, name_ru, position, revision, version, created_at, updated_at)
VALUES
    (UUID '7a000000000040008000000000000001', UUID '50000000000040008000000000000001',
        'SUPPORT_20', '20 hours a month', '20 часов в месяц', 1, 1, 1,
        TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7a000000000040008000000000000002', UUID '50000000000040008000000000000001',
        'SUPPORT_40', '40 hours a month', '40 часов в месяц', 2, 1, 1,
        TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7a000000000040008000000000000003', UUID '50000000000040008000000000000001',
        'SUPPORT_80', '80 hours a month', '80 часов в месяц', 3, 1, 1,
        TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7a000000000040008000000000000004', UUID '50000000000040008000000000000001',
        'SUPPORT_120', '120 hours a month', '120 часов в месяц', 4, 1, 1,
        TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7a000000000040008000000000000005', UUID '50000000000040008000000000000002',
        'JAM_COLD_START', 'Cold start', 'Холодный старт', 5, 1, 1,
        TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7a000000000040008000000000000006', UUID '50000000000040008000000000000002',
        'JAM_STANDARD', 'Standard', 'Стандарт', 6, 1, 1,
        TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7a000000000040008000000000000007', UUID '50000000000040008000000000000002',
        'JAM_ESTIMATION', 'Project estimation', 'Оценка проекта', 7, 1, 1,
        TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7a000000000040008000000000000008', UUID '50000000000040008000000000000003',
        'SAM_QUICK_START', 'Quick start', 'Быстрый старт', 8, 1, 1,
        TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7a000000000040008000000000000009', UUID '50000000000040008000000000000003',
        'SAM_DETAILED_AUDIT', 'Detailed audit', 'Детальный аудит', 9, 1, 1,
        TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7a000000000040008000000000000010', UUID '50000000000040008000000000000004',
        'AUDIT', 'Audit', 'Аудит', 10, 1, 1,
        TIMESTAMPTZ '2026-01-01T00:00:00+00:00', TIMESTAMPTZ '2026-01-01T00:00:00+00:00');

INSERT INTO tariff_revision (id, tariff_id, number, minutes, grant_rule, length_months, unused, created_at)
VALUES
    (UUID '7b000000000040008000000000000001', UUID '7a000000000040008000000000000001', 1,
        1200, 'MONTHLY', NULL, 'EXPIRE', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7b000000000040008000000000000002', UUID '7a000000000040008000000000000002', 1,
        2400, 'MONTHLY', NULL, 'EXPIRE', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7b000000000040008000000000000003', UUID '7a000000000040008000000000000003', 1,
        4800, 'MONTHLY', NULL, 'EXPIRE', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7b000000000040008000000000000004', UUID '7a000000000040008000000000000004', 1,
        7200, 'MONTHLY', NULL, 'EXPIRE', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7b000000000040008000000000000005', UUID '7a000000000040008000000000000005', 1,
        60, 'WORKING_DAY', 1, 'KEEP', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7b000000000040008000000000000006', UUID '7a000000000040008000000000000006', 1,
        60, 'WORKING_DAY', 2, 'KEEP', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7b000000000040008000000000000007', UUID '7a000000000040008000000000000007', 1,
        60, 'WORKING_DAY', 1, 'KEEP', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7b000000000040008000000000000008', UUID '7a000000000040008000000000000008', 1,
        1500, 'MONTHLY', 1, 'KEEP', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7b000000000040008000000000000009', UUID '7a000000000040008000000000000009', 1,
        1500, 'MONTHLY', 1, 'KEEP', TIMESTAMPTZ '2026-01-01T00:00:00+00:00'),
    (UUID '7b000000000040008000000000000010', UUID '7a000000000040008000000000000010', 1,
        NULL, 'ONCE', NULL, 'KEEP', TIMESTAMPTZ '2026-01-01T00:00:00+00:00');
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let services = Statement::from_string(
            manager.get_database_backend(),
            "SELECT id FROM service LIMIT 1",
        );
        match manager.get_connection().query_one_raw(services).await? {
            Some(_) => Ok(()),
            None => portable::run(manager, UP).await,
        }
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
