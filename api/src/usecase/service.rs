//! Services: what is sold, as data that an administrator edits (S-2, S-3, T-3, T-4, Q-1).

use std::collections::BTreeSet;

use domain::id::ServiceId;
use domain::plan::PlanKind;
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::stage::Stage;
use domain::text::Text;
use entity::{service, stage_norm};
use serde::Serialize;

use super::patch::{Edited, Patch, set, set_required};
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change};

/// The longest name.
const NAME: usize = 200;
/// The most that a norm, a limit or a number of calls may say; nobody means more.
const MOST: i32 = 1_000_000;

/// All services; there is no page, they are few.
///
/// # Errors
/// The caller is nobody; the database's own.
pub async fn list(call: &Call) -> Result<Vec<service::Model>> {
    call.scope(Action::CatalogueRead)?;
    Ok(store::service::all(call.app.db.reading()).await?)
}

/// A service by its id.
///
/// # Errors
/// As [`list`].
pub async fn find(call: &Call, id: ServiceId) -> Result<Option<service::Model>> {
    call.scope(Action::CatalogueRead)?;
    Ok(store::service::get(call.app.db.reading(), id).await?)
}

/// A service by its code.
///
/// # Errors
/// As [`list`].
pub async fn by_code(call: &Call, code: &str) -> Result<Option<service::Model>> {
    call.scope(Action::CatalogueRead)?;
    Ok(store::service::by_code(call.app.db.reading(), code).await?)
}

/// The norm of one stage.
#[derive(Debug, Clone, Serialize)]
pub struct Norm {
    pub stage: Stage,
    pub min_minutes: i32,
    pub max_minutes: i32,
    pub min_calls: Option<i32>,
    pub max_calls: Option<i32>,
    pub deadline_working_days: Option<i32>,
}

/// What changes of a service.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub name_en: Patch<String>,
    pub name_ru: Patch<String>,
    pub project_limit: Patch<i32>,
    pub monthly_norm_minutes: Patch<i32>,
    pub daily_checks: Patch<bool>,
    /// All of them: those left out are taken away.
    pub norms: Option<Vec<Norm>>,
}

/// Changes a service; what engagements run on counts from now on.
///
/// # Errors
/// Refused: INVALID fields, norms for a service without stages (S-4).
pub async fn update(
    call: &Call,
    id: ServiceId,
    expected_version: i32,
    command: Update,
) -> Result<Edited<service::Model>> {
    let tx = call.begin().await?;
    let before = store::service::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::CatalogueManage, &Target::PROVIDER)?;
    if before.version != expected_version {
        return Ok(Edited::Conflict(before));
    }
    let norms_before = store::service::norms(tx.connection(), id).await?;
    let mut refusals = Refusals::default();
    let mut row = before.clone();
    let mut name = |patch: Patch<String>, field| match patch {
        Some(Some(text)) => refusals.take(field, Text::parse(&text, NAME)).map(|text| Some(text.into())),
        other => other,
    };
    let (name_en, name_ru) = (name(command.name_en, "nameEn"), name(command.name_ru, "nameRu"));
    set_required(&mut row.name_en, name_en, "nameEn", &mut refusals);
    set_required(&mut row.name_ru, name_ru, "nameRu", &mut refusals);
    set_required(&mut row.daily_checks, command.daily_checks, "dailyChecks", &mut refusals);
    for (value, field) in
        [(command.project_limit, "projectLimit"), (command.monthly_norm_minutes, "monthlyNormMinutes")]
    {
        if value.flatten().is_some_and(|value| !(1..=MOST).contains(&value)) {
            refusals.push(Refusal::new(ErrorCode::Invalid, "This is 1 or more.").at(field));
        }
    }
    set(&mut row.project_limit, command.project_limit);
    set(&mut row.monthly_norm_minutes, command.monthly_norm_minutes);
    let norms = command.norms.map(|norms| read_norms(&row, norms, &mut refusals));
    refusals.check()?;
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await?;
    if let Some(norms) = &norms {
        store::service::set_norms(&tx, id, norms).await?;
    }
    let change = Change::of("Service", id)
        .before(&summary(&before, &norms_before))
        .after(&summary(&row, norms.as_ref().unwrap_or(&norms_before)));
    tx.commit(permit, change).await?;
    Ok(Edited::Done(row))
}

fn read_norms(service: &service::Model, norms: Vec<Norm>, refusals: &mut Refusals) -> Vec<stage_norm::Model> {
    let mut refuse = |text| refusals.push(Refusal::new(ErrorCode::Invalid, text).at("stageNorms"));
    if !norms.is_empty() && service.plan_kind != Some(PlanKind::Implementation) {
        refuse("Only an implementation has stages.");
    }
    let mut seen = BTreeSet::new();
    for norm in &norms {
        let calls = (norm.min_calls.unwrap_or(0), norm.max_calls.unwrap_or(MOST));
        let deadline = norm.deadline_working_days.unwrap_or(0);
        if !seen.insert(norm.stage) {
            refuse("Each stage has one norm.");
        }
        if !in_order(norm.min_minutes, norm.max_minutes) || !in_order(calls.0, calls.1) {
            refuse("A norm goes from 0 or more to as much or more.");
        }
        if !(0..=366).contains(&deadline) {
            refuse("A deadline is 0 to 366 working days.");
        }
    }
    let row = |norm: Norm| stage_norm::Model {
        service_id: service.id,
        stage: norm.stage,
        min_minutes: norm.min_minutes,
        max_minutes: norm.max_minutes,
        min_calls: norm.min_calls,
        max_calls: norm.max_calls,
        deadline_working_days: norm.deadline_working_days,
    };
    norms.into_iter().map(row).collect()
}

fn in_order(min: i32, max: i32) -> bool {
    0 <= min && min <= max && max <= MOST
}

fn summary(row: &service::Model, norms: &[stage_norm::Model]) -> impl Serialize + use<> {
    let norms: Vec<_> = norms
        .iter()
        .map(|norm| {
            serde_json::json!({
                "stage": norm.stage, "minMinutes": norm.min_minutes, "maxMinutes": norm.max_minutes,
                "minCalls": norm.min_calls, "maxCalls": norm.max_calls,
                "deadlineWorkingDays": norm.deadline_working_days,
            })
        })
        .collect();
    serde_json::json!({
        "nameEn": row.name_en, "nameRu": row.name_ru, "projectLimit": row.project_limit,
        "monthlyNormMinutes": row.monthly_norm_minutes, "dailyChecks": row.daily_checks, "stageNorms": norms,
    })
}
