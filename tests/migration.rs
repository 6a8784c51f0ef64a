//! The migrations: up, down and up again, by one process or by two, and tables that are what the entities say.

mod catalog;
mod row;

use super::support::database::fresh_unmigrated;
use ::migration::{Migrator, MigratorTrait};
use domain::id::LedgerEntryId;
use domain::ledger::GrantCause;
use domain::tariff::{GrantRule, StartCondition, UnusedMinutes};
use entity::{ledger_entry, service, stage_norm, tariff, tariff_revision};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, DbErr,
    EntityName, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder, SqlErr,
};
use std::collections::BTreeSet;

/// Runs `$what!(entity)` for every entity.
macro_rules! each_entity {
    ($what:ident) => {
        $what! {
            user sign_in refresh_token invitation sign_in_attempt api_key api_key_client
            client client_recipient way_in holiday team_member
            service stage_norm tariff tariff_revision
            plan goal block block_dependency task sign_off
            engagement engagement_tariff period payment payment_period reservation
            balance_warning daily_check notification notification_choice
            weekly_report report_answer time_entry time_entry_question timer user_day comment ledger_head ledger_entry
            meeting_rhythm meeting meeting_participant meeting_item satisfaction client_satisfaction
            instruction training training_person
            idempotency audit mail job_lease
        }
    };
}

#[tokio::test]
async fn up_down_and_up_again_leaves_the_same_tables() {
    let fresh = fresh_unmigrated().await;
    ::migration::up(&fresh.db).await.unwrap();
    let first = catalog::all(&fresh.db).await;
    assert!(first.len() > 40);
    row::insert(&fresh.db).await;
    ::migration::down(&fresh.db, None).await.unwrap();
    assert_eq!(catalog::all(&fresh.db).await, BTreeSet::new());
    ::migration::up(&fresh.db).await.unwrap();
    assert_eq!(catalog::all(&fresh.db).await, first);
}

#[tokio::test]
async fn step_by_step_ends_where_all_at_once_does() {
    let (once, stepwise) = (fresh_unmigrated().await, fresh_unmigrated().await);
    ::migration::up(&once.db).await.unwrap();
    let mut before = Vec::new();
    for _ in Migrator::migrations() {
        before.push(catalog::all(&stepwise.db).await);
        Migrator::up(&stepwise.db, Some(1)).await.unwrap();
        // Each step can be taken back alone.
        ::migration::down(&stepwise.db, Some(1)).await.unwrap();
        assert_eq!(Some(&catalog::all(&stepwise.db).await), before.last());
        Migrator::up(&stepwise.db, Some(1)).await.unwrap();
    }
    assert_eq!(catalog::all(&stepwise.db).await, catalog::all(&once.db).await);
    for expected in before.iter().rev() {
        ::migration::down(&stepwise.db, Some(1)).await.unwrap();
        assert_eq!(&catalog::all(&stepwise.db).await, expected);
    }
}

#[tokio::test]
async fn of_several_that_migrate_at_once_one_does_the_work() {
    let fresh = fresh_unmigrated().await;
    let (a, b, c) =
        tokio::join!(::migration::up(&fresh.db), ::migration::up(&fresh.db), ::migration::up(&fresh.db));
    for result in [a, b, c] {
        result.unwrap();
    }
    let applied = ::migration::status(&fresh.db).await.unwrap();
    assert!(applied.iter().all(|(_, applied)| *applied), "{applied:?}");
}

/// T71: a process that ends in the midst of the steps leaves nothing behind, and the next one does them all.
#[tokio::test]
async fn a_migration_that_is_cut_off_begins_anew() {
    use sea_orm::TransactionTrait;
    let fresh = fresh_unmigrated().await;
    let cut = fresh.db.begin().await.unwrap();
    Migrator::up(&cut, Some(4)).await.unwrap();
    drop(cut);
    assert!(::migration::status(&fresh.db).await.unwrap().iter().all(|(_, applied)| !applied));
    assert_eq!(::migration::up(&fresh.db).await.unwrap(), Vec::<String>::new());
    assert!(::migration::status(&fresh.db).await.unwrap().iter().all(|(_, applied)| *applied));
}

/// T71: in a rolling restart the old program starts on tables that the new one has brought up; steps that another
/// program put between ours are no such tables.
#[tokio::test]
async fn an_old_program_starts_on_newer_tables() {
    let fresh = fresh_unmigrated().await;
    ::migration::up(&fresh.db).await.unwrap();
    let step = |name| format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{name}', 0)");
    fresh.db.execute_unprepared(&step("m9999_later")).await.unwrap();
    assert_eq!(::migration::up(&fresh.db).await.unwrap(), ["m9999_later"]);
    let last = ::migration::status(&fresh.db).await.unwrap().pop();
    assert_eq!(last, Some(("m9999_later".to_owned(), true)));
    fresh.db.execute_unprepared(&step("m0001_stranger")).await.unwrap();
    ::migration::up(&fresh.db).await.unwrap_err();
}

#[tokio::test]
async fn status_reads_an_empty_database_without_changing_it() {
    let fresh = fresh_unmigrated().await;
    let status = ::migration::status(&fresh.db).await.unwrap();
    assert_eq!(status.len(), Migrator::migrations().len());
    assert!(status.iter().all(|(_, applied)| !applied));
    fresh.db.execute_unprepared("SELECT * FROM seaql_migrations").await.unwrap_err();
}

#[tokio::test]
async fn every_table_is_what_its_entity_says() {
    let fresh = fresh_unmigrated().await;
    let db = &fresh.db;
    ::migration::up(db).await.unwrap();
    let mut tables = BTreeSet::new();
    macro_rules! compare {
        ($($table:ident)+) => {$(
            let name = entity::$table::Entity.table_name();
            let wanted = catalog::wanted::<entity::$table::Entity>(db.get_database_backend());
            assert_eq!(catalog::columns(db, name).await, wanted, "{name}");
            tables.insert(name.to_owned());
            // The text that is made of it must be understood, reserved words and all.
            entity::$table::Entity::find().all(db).await.unwrap();
        )+};
    }
    each_entity!(compare);
    assert_eq!(catalog::tables(db).await, tables);
}

#[tokio::test]
async fn every_check_lists_the_values_of_its_enumeration() {
    let fresh = fresh_unmigrated().await;
    let db = &fresh.db;
    ::migration::up(db).await.unwrap();
    macro_rules! compare {
        ($($check:literal $kind:path,)+) => {$(
            let values: BTreeSet<_> = <$kind>::iter().map(|value| value.to_value()).collect();
            assert_eq!(catalog::check_values(db, $check).await, values, $check);
        )+};
    }
    compare! {
        "ck_user_locale" domain::client::Locale,
        "ck_user_role" domain::user::Role,
        "ck_user_status" domain::user::UserStatus,
        "ck_invitation_kind" domain::user::InvitationKind,
        "ck_client_crm_kind" domain::client::CrmKind,
        "ck_client_set_up_by" domain::client::SetUpBy,
        "ck_client_locale" domain::client::Locale,
        "ck_client_report_weekday" domain::calendar::Weekday,
        "ck_weekly_report_locale" domain::client::Locale,
        "ck_way_in_kind" domain::client::WayInKind,
        "ck_team_member_position" domain::team::Position,
        "ck_service_plan_kind" domain::plan::PlanKind,
        "ck_service_draw_scope" domain::tariff::DrawScope,
        "ck_stage_norm_stage" domain::stage::Stage,
        "ck_tariff_revision_grant_rule" GrantRule,
        "ck_tariff_revision_unused" UnusedMinutes,
        "ck_plan_kind" domain::plan::PlanKind,
        "ck_plan_status" domain::plan::PlanStatus,
        "ck_block_status" domain::block::BlockStatus,
        "ck_task_status" domain::task::TaskStatus,
        "ck_task_paused_from" domain::task::TaskStatus,
        "ck_sign_off_decision" domain::plan::SignOffDecision,
        "ck_engagement_status" domain::engagement::EngagementStatus,
        "ck_engagement_overage_policy" domain::engagement::OveragePolicy,
        "ck_time_entry_activity" domain::time_entry::Activity,
        "ck_timer_activity" domain::time_entry::Activity,
        "ck_time_entry_stage" domain::stage::Stage,
        "ck_ledger_entry_kind" domain::ledger::EntryKind,
        "ck_ledger_entry_counter" domain::ledger::Counter,
        "ck_ledger_entry_cause" GrantCause,
        "ck_mail_locale" domain::client::Locale,
        "ck_meeting_rhythm_weekday" domain::calendar::Weekday,
        "ck_meeting_kind" domain::meeting::MeetingKind,
        "ck_meeting_status" domain::meeting::MeetingStatus,
        "ck_meeting_item_source" domain::meeting::AgendaSource,
        "ck_satisfaction_source" domain::meeting::SatisfactionSource,
        "ck_instruction_kind" domain::knowledge::InstructionKind,
        "ck_training_status" domain::knowledge::TrainingStatus,
    }
}

/// `B-1`, `E-1`, `I-4`, `P-1`, `R-1`, `R-4`: the database itself refuses to change what must never change.
#[tokio::test]
async fn append_only_tables_refuse_every_change() {
    let fresh = fresh_unmigrated().await;
    let db = &fresh.db;
    ::migration::up(db).await.unwrap();
    row::insert(db).await;
    for table in ["ledger_entry", "audit", "sign_off", "tariff_revision", "weekly_report", "report_answer"] {
        let mut attempts =
            vec![format!("UPDATE {table} SET created_at = created_at"), format!("DELETE FROM {table}")];
        if table == "audit" {
            attempts[0] = "UPDATE audit SET actor = actor".to_owned();
        }
        match db.get_database_backend() {
            DbBackend::Postgres => attempts.push(format!("TRUNCATE {table} CASCADE")),
            _ => attempts.push(format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}")),
        }
        for attempt in attempts {
            refused(db.execute_unprepared(&attempt).await, "append-only");
        }
    }
}

/// `B-1`: on SQLite a new row may not push out an old one that holds one of its keys.
#[tokio::test]
async fn a_movement_is_not_replaced_by_way_of_another_key() {
    let fresh = fresh_unmigrated().await;
    let db = &fresh.db;
    ::migration::up(db).await.unwrap();
    row::insert(db).await;
    if db.get_database_backend() != DbBackend::Sqlite {
        return;
    }
    for (values, key) in [
        ("number, period_id, 'TRANSFER', 'TRANSFERRED', 1, NULL", "uq_ledger_entry_engagement_id_number"),
        ("number + 100, period_id, kind, counter, 1, cause", "uq_ledger_entry_period_grant"),
    ] {
        let attempt = format!(
            "INSERT OR REPLACE INTO ledger_entry (id, engagement_id, number, period_id, kind, counter, minutes, cause,
                 created_at, previous_hash, hash)
             SELECT randomblob(16), engagement_id, {values}, created_at, hash, hash
             FROM ledger_entry WHERE kind = 'GRANT'"
        );
        refused(db.execute_unprepared(&attempt).await, key);
    }
    assert_eq!(ledger_entry::Entity::find().all(db).await.unwrap().len(), 2);
}

/// `B-3`, `E-4`: a number is taken once in an engagement, a period's own grant once in the period.
#[tokio::test]
async fn what_must_happen_once_happens_once() {
    let fresh = fresh_unmigrated().await;
    let db = &fresh.db;
    ::migration::up(db).await.unwrap();
    let rows = row::insert(db).await;
    let grant = |number, cause| ledger_entry::Model {
        id: LedgerEntryId::new(),
        number,
        cause: Some(cause),
        ..rows.grant.clone()
    };
    let twice = grant(2, GrantCause::TopUp).into_active_model();
    refused(twice.insert(db).await, "uq_ledger_entry_engagement_id_number");
    let twice = grant(3, GrantCause::Period).into_active_model();
    refused(twice.insert(db).await, "uq_ledger_entry_period_grant");
    let other = grant(3, GrantCause::TopUp).into_active_model();
    other.insert(db).await.unwrap();
}

/// `A-2`, `B-1`, `B-2`, `C-1`, `W-1`: what the program must never write, the tables do not take.
#[tokio::test]
async fn checks_refuse_what_makes_no_sense() {
    let fresh = fresh_unmigrated().await;
    let db = &fresh.db;
    ::migration::up(db).await.unwrap();
    let rows = row::insert(db).await;
    let movement = |values| {
        format!(
            "INSERT INTO ledger_entry (id, engagement_id, number, period_id, kind, counter, minutes, cause,
                 created_at, previous_hash, hash)
             SELECT e.client_id, e.engagement_id, 50, e.period_id, {values}, e.created_at, l.hash, l.hash
             FROM time_entry e JOIN ledger_entry l ON l.number = 1"
        )
    };
    for (attempt, check) in [
        (r#"UPDATE "user" SET client_id = NULL"#, "ck_user_client_id"),
        (r#"UPDATE "user" SET role = 'SALES'"#, "ck_user_client_id"),
        (r#"UPDATE "user" SET role = 'KING', client_id = NULL"#, "ck_user_role"),
        ("UPDATE period SET used_minutes = -1", "ck_period_used_minutes"),
        ("UPDATE time_entry SET minutes = 1441", "ck_time_entry_minutes"),
        ("UPDATE engagement SET currency = 'EURO'", "ck_engagement_currency"),
        (
            "INSERT INTO user_day (user_id, day, minutes) SELECT user_id, worked_on, 1441 FROM time_entry",
            "ck_user_day_minutes",
        ),
        (
            "INSERT INTO way_in (id, client_id, kind, completed_on, created_at)
             SELECT id, client_id, 'AUDIT', worked_on, created_at FROM time_entry",
            "ck_way_in_findings",
        ),
        (
            "INSERT INTO comment (id, client_id, plan_id, time_entry_id, author_id, body, internal, created_at)
             SELECT e.id, e.client_id, p.id, e.id, e.user_id, '', false, e.created_at FROM time_entry e, plan p",
            "ck_comment_subject",
        ),
        (&movement("'USAGE', 'USED', 0, NULL"), "ck_ledger_entry_minutes"),
        (&movement("'GRANT', 'GRANTED', 5, NULL"), "ck_ledger_entry_cause_of_grant"),
        (&movement("'USAGE', 'USED', -5, 'PERIOD'"), "ck_ledger_entry_cause_of_grant"),
    ] {
        refused(db.execute_unprepared(attempt).await, check);
    }
    let referred = entity::plan::Entity::delete_by_id(rows.plan.id).exec(db).await;
    let why = referred.unwrap_err().sql_err();
    assert!(matches!(why, Some(SqlErr::ForeignKeyConstraintViolation(_))), "{why:?}");
}

/// The services, norms and tariffs of the first day: `E-4`, `T-3`, `T-4`, `S-2`, `S-3`, `Q-1`.
#[tokio::test]
async fn the_first_offer_stands() {
    let fresh = fresh_unmigrated().await;
    let db = &fresh.db;
    ::migration::up(db).await.unwrap();
    let services = service::Entity::find().order_by_asc(service::Column::Id).all(db).await.unwrap();
    let told: Vec<_> = services
        .iter()
        .map(|s| (s.code.as_str(), s.project_limit, s.monthly_norm_minutes, s.daily_checks))
        .collect();
    assert_eq!(
        told,
        [
            ("SUPPORT", None, None, false),
            ("JAM", Some(8), None, true),
            ("SAM", None, Some(1500), false),
            ("AUDIT", None, None, false),
        ]
    );
    for service in &services {
        for condition in service.start_conditions.split(',') {
            StartCondition::try_from_value(&condition.to_owned()).unwrap();
        }
    }
    assert_eq!(stage_norm::Entity::find().all(db).await.unwrap().len(), 8);
    let mut offer = Vec::new();
    for tariff in tariff::Entity::find().order_by_asc(tariff::Column::Position).all(db).await.unwrap() {
        let terms = terms_of(db, &tariff).await;
        assert_eq!((terms.price_minor, terms.number), (None, 1));
        offer.push((tariff.code, terms.minutes, terms.grant_rule, terms.length_months, terms.unused));
    }
    use GrantRule::{Monthly, Once, WorkingDay};
    use UnusedMinutes::{Expire, Keep};
    let expected = [
        ("SUPPORT_20", Some(1200), Monthly, None, Expire),
        ("SUPPORT_40", Some(2400), Monthly, None, Expire),
        ("SUPPORT_80", Some(4800), Monthly, None, Expire),
        ("SUPPORT_120", Some(7200), Monthly, None, Expire),
        ("JAM_COLD_START", Some(60), WorkingDay, Some(1), Keep),
        ("JAM_STANDARD", Some(60), WorkingDay, Some(2), Keep),
        ("JAM_ESTIMATION", Some(60), WorkingDay, Some(1), Keep),
        ("SAM_QUICK_START", Some(1500), Monthly, Some(1), Keep),
        ("SAM_DETAILED_AUDIT", Some(1500), Monthly, Some(1), Keep),
        ("AUDIT", None, Once, None, Keep),
    ];
    assert_eq!(offer, expected.map(|(code, m, g, l, u)| (code.to_owned(), m, g, l, u)));
}

async fn terms_of(db: &DatabaseConnection, tariff: &tariff::Model) -> tariff_revision::Model {
    tariff_revision::Entity::find()
        .filter(tariff_revision::Column::TariffId.eq(tariff.id))
        .filter(tariff_revision::Column::Number.eq(tariff.revision))
        .one(db)
        .await
        .unwrap()
        .unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, DbErr>, why: &str) {
    let text = result.unwrap_err().to_string();
    assert!(text.contains(why), "{text} does not tell of {why}");
}
