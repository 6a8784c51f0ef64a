//! One row of each table that others hang on, written and read through the entities.

use chrono::{DateTime, NaiveDate, Utc};
use domain::client::{CrmKind, Locale, SetUpBy};
use domain::engagement::{EngagementStatus, OveragePolicy};
use domain::id::{
    AuditId, ClientId, EngagementId, LedgerEntryId, PeriodId, PlanId, ReportAnswerId, SignOffId, TimeEntryId,
    UserId, WeeklyReportId,
};
use domain::ledger::{Counter, EntryKind, GrantCause};
use domain::plan::{PlanKind, PlanStatus, SignOffDecision};
use domain::time_entry::Activity;
use domain::user::{Role, UserStatus};
use entity::{
    audit, client, engagement, ledger_entry, period, plan, report_answer, sign_off, tariff_revision,
    time_entry, user, weekly_report,
};
use sea_orm::{ActiveModelTrait, DatabaseConnection, EntityTrait, IntoActiveModel};

/// A row written must be the row read, nulls, milliseconds and all.
macro_rules! round_trip {
    ($db:expr, $table:ident, $row:expr) => {{
        let row = $row;
        let read = row.clone().into_active_model().insert($db).await.unwrap();
        assert_eq!(read, row);
        assert_eq!($table::Entity::find_by_id(row.id).one($db).await.unwrap(), Some(row.clone()));
        row
    }};
}

pub struct Rows {
    pub plan: plan::Model,
    pub grant: ledger_entry::Model,
}

pub async fn insert(db: &DatabaseConnection) -> Rows {
    let client = round_trip!(db, client, a_client());
    let owner = round_trip!(db, user, a_user(&client));
    let plan = round_trip!(db, plan, a_plan(&client));
    let terms = tariff_revision::Entity::find().one(db).await.unwrap().unwrap();
    let service = entity::service::Entity::find().one(db).await.unwrap().unwrap();
    let engagement = round_trip!(
        db,
        engagement,
        engagement::Model {
            id: EngagementId::new(),
            client_id: client.id,
            service_id: service.id,
            tariff_revision_id: terms.id,
            plan_id: Some(plan.id),
            seller_id: None,
            status: EngagementStatus::Active,
            time_zone: Some("Europe/Kyiv".to_owned()),
            starts_on: Some(day("2026-01-31")),
            ends_on: None,
            overage_policy: OveragePolicy::AskClient,
            grant_unpaid: true,
            own_minutes: None,
            own_length_months: None,
            price_minor: Some(i64::from(i32::MAX) + 1),
            currency: Some("EUR".to_owned()),
            sale_note: None,
            started_at: Some(at("2026-01-31T00:00:00.250Z")),
            ended_at: None,
            end_reason: None,
            version: 1,
            created_at: at("2026-01-30T12:00:00.001Z"),
            updated_at: at("2026-01-30T12:00:00Z"),
        }
    );
    let period = round_trip!(db, period, a_period(&engagement));
    let entry = round_trip!(db, time_entry, a_time_entry(&engagement, &period, &owner));
    let grant = round_trip!(db, ledger_entry, a_grant(&period));
    round_trip!(
        db,
        ledger_entry,
        ledger_entry::Model {
            id: LedgerEntryId::new(),
            number: 2,
            kind: EntryKind::Usage,
            counter: Counter::Used,
            minutes: -10,
            cause: None,
            time_entry_id: Some(entry.id),
            ..grant.clone()
        }
    );
    round_trip!(db, sign_off, a_sign_off(&plan, &owner));
    let report = round_trip!(db, weekly_report, a_report(&client));
    round_trip!(db, report_answer, an_answer(&report, &owner));
    round_trip!(db, audit, an_audit(&client));
    // The circle: a client's contact is one of its own users.
    let mut active = client.into_active_model();
    active.contact_id = sea_orm::Set(Some(owner.id));
    active.update(db).await.unwrap();
    Rows { plan, grant }
}

fn a_client() -> client::Model {
    client::Model {
        id: ClientId::new(),
        name: "Ёлка".to_owned(),
        name_key: "елка".to_owned(),
        external_id: None,
        crm_kind: CrmKind::Bitrix24,
        crm_url: None,
        set_up_by: SetUpBy::Other,
        licences: Some(9),
        line_of_business: None,
        goals: None,
        contact_id: None,
        locale: Locale::Ru,
        time_zone: "Europe/Kyiv".to_owned(),
        chat_url: None,
        report_weekday: domain::calendar::Weekday::Friday,
        report_hour: 17,
        created_by: None,
        version: 1,
        created_at: at("2026-01-01T00:00:00Z"),
        updated_at: at("2026-01-01T00:00:00Z"),
    }
}

fn a_user(client: &client::Model) -> user::Model {
    user::Model {
        id: UserId::new(),
        email: "Owner@example.com".to_owned(),
        email_key: "owner@example.com".to_owned(),
        name: "Owner".to_owned(),
        name_key: "owner".to_owned(),
        locale: Locale::En,
        role: Role::ClientOwner,
        client_id: Some(client.id),
        status: UserStatus::Active,
        password_hash: None,
        session_version: 1,
        capacity_minutes: None,
        version: 1,
        created_at: at("2026-01-01T00:00:00Z"),
        updated_at: at("2026-01-01T00:00:00Z"),
    }
}

fn a_plan(client: &client::Model) -> plan::Model {
    plan::Model {
        id: PlanId::new(),
        client_id: client.id,
        kind: PlanKind::Development,
        title: "Plan".to_owned(),
        status: PlanStatus::InProgress,
        revision: 1,
        estimate_minutes: Some(600),
        version: 1,
        created_at: at("2026-01-01T00:00:00Z"),
        updated_at: at("2026-01-01T00:00:00Z"),
    }
}

fn a_period(engagement: &engagement::Model) -> period::Model {
    period::Model {
        id: PeriodId::new(),
        engagement_id: engagement.id,
        number: 1,
        starts_on: day("2026-01-31"),
        ends_on: day("2026-02-28"),
        starts_at: at("2026-01-30T22:00:00Z"),
        ends_at: at("2026-02-27T22:00:00Z"),
        tariff_revision_id: engagement.tariff_revision_id,
        granted_minutes: 1200,
        transferred_minutes: -5,
        adjusted_minutes: 0,
        used_minutes: 10,
        expired_minutes: 0,
        approved_overage_minutes: 0,
        closed_at: None,
    }
}

fn a_time_entry(
    engagement: &engagement::Model,
    period: &period::Model,
    user: &user::Model,
) -> time_entry::Model {
    time_entry::Model {
        id: TimeEntryId::new(),
        client_id: engagement.client_id,
        engagement_id: engagement.id,
        period_id: period.id,
        task_id: None,
        user_id: user.id,
        logged_by: user.id,
        worked_on: day("2026-02-02"),
        minutes: 10,
        activity: Activity::ChatSupport,
        note: "Answered in the chat".to_owned(),
        stage: None,
        draws_on_balance: true,
        corrects_id: None,
        corrected_at: None,
        corrected_by: None,
        correction_reason: None,
        created_at: at("2026-02-02T09:00:00.123Z"),
    }
}

fn a_grant(period: &period::Model) -> ledger_entry::Model {
    ledger_entry::Model {
        id: LedgerEntryId::new(),
        engagement_id: period.engagement_id,
        number: 1,
        period_id: period.id,
        kind: EntryKind::Grant,
        counter: Counter::Granted,
        minutes: 1200,
        cause: Some(GrantCause::Period),
        reverses_id: None,
        time_entry_id: None,
        payment_id: None,
        actor_id: None,
        note: None,
        created_at: at("2026-01-31T00:00:00Z"),
        previous_hash: vec![0; 32],
        hash: vec![1; 32],
    }
}

fn a_sign_off(plan: &plan::Model, user: &user::Model) -> sign_off::Model {
    sign_off::Model {
        id: SignOffId::new(),
        client_id: plan.client_id,
        plan_id: Some(plan.id),
        block_id: None,
        task_id: None,
        revision: 1,
        decision: SignOffDecision::Approved,
        user_id: user.id,
        comment: None,
        in_meeting: false,
        created_at: at("2026-01-02T00:00:00Z"),
    }
}

fn a_report(client: &client::Model) -> weekly_report::Model {
    weekly_report::Model {
        id: WeeklyReportId::new(),
        client_id: client.id,
        week_starts_on: day("2026-01-26"),
        time_zone: "Europe/Kyiv".to_owned(),
        locale: Locale::En,
        recipient_count: 2,
        format: 1,
        content: "{}".to_owned(),
        created_at: at("2026-02-02T07:00:00Z"),
    }
}

fn an_answer(report: &weekly_report::Model, user: &user::Model) -> report_answer::Model {
    report_answer::Model {
        id: ReportAnswerId::new(),
        report_id: report.id,
        client_id: report.client_id,
        user_id: user.id,
        satisfaction: 5,
        comment: Some("Thank you".to_owned()),
        changes_wanted: None,
        created_at: at("2026-02-02T09:00:00Z"),
    }
}

fn an_audit(client: &client::Model) -> audit::Model {
    audit::Model {
        id: AuditId::new(),
        at: at("2026-01-02T00:00:00Z"),
        actor: "system:period".to_owned(),
        actor_id: None,
        client_id: Some(client.id),
        request_id: "1".to_owned(),
        action: "periodOpen".to_owned(),
        object: "Period".to_owned(),
        object_id: None,
        before: None,
        after: Some("{}".to_owned()),
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
