//! Services and the norms of their stages.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use domain::client::Locale;
use domain::id::ServiceId;
use domain::plan::PlanKind;
use domain::stage::Stage;
use domain::tariff::{DrawScope, StartCondition, StartConditions};
use entity::{service, stage_norm};

use super::error::{answer, field, found, payload};
use super::id::{Gid, Identified};
use super::patch::{conflict, patch};
use super::{call, request};
use crate::usecase;
use crate::usecase::patch::Edited;

/// A kind of work sold: support, an implementation, an audit. What sets one apart is data, edited by administrators.
#[derive(Clone)]
pub struct Service {
    row: service::Model,
}

impl From<service::Model> for Service {
    fn from(row: service::Model) -> Self {
        Self { row }
    }
}

/// A name in the language asked for.
pub fn name(locale: Locale, english: &str, russian: &str) -> String {
    match locale {
        Locale::En => english.to_owned(),
        Locale::Ru => russian.to_owned(),
    }
}

/// A kind of work sold: support, an implementation, an audit. What sets one apart is data, edited by administrators.
#[Object]
impl Service {
    /// The service's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// Its short name for programs, such as SUPPORT.
    async fn code(&self) -> &str {
        &self.row.code
    }

    /// Its name.
    async fn name(
        &self,
        #[graphql(desc = "In which language.", default_with = "Locale::Ru")] locale: Locale,
    ) -> String {
        name(locale, &self.row.name_en, &self.row.name_ru)
    }

    /// The kind of plan that its engagements work on; null where they work without one.
    async fn plan_kind(&self) -> Option<PlanKind> {
        self.row.plan_kind
    }

    /// Whose minutes draw on the balance of its engagements.
    async fn draw_scope(&self) -> DrawScope {
        self.row.draw_scope
    }

    /// What must hold before an engagement of it starts.
    async fn start_conditions(&self) -> Vec<StartCondition> {
        let conditions: Result<StartConditions, _> = self.row.start_conditions.parse();
        conditions.map(|conditions| conditions.0).unwrap_or_default()
    }

    /// The most projects that one specialist carries at once; null without a limit.
    async fn project_limit(&self) -> Option<i32> {
        self.row.project_limit
    }

    /// A specialist's minutes a month for one project; null where there is no norm.
    async fn monthly_norm_minutes(&self) -> Option<i32> {
        self.row.monthly_norm_minutes
    }

    /// Whether work and contact are checked each working day.
    async fn daily_checks(&self) -> bool {
        self.row.daily_checks
    }

    /// The norms of its stages, in the order of the stages; empty for a service without stages. They warn and forbid
    /// nothing.
    async fn stage_norms(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<StageNorm>>> {
        let norms = request(ctx).loaders.norms_of(self.row.id).await;
        field(norms.map(|mut norms| {
            norms.sort_by_key(|norm| norm.stage);
            Some(norms.into_iter().map(StageNorm::from).collect())
        }))
    }

    /// Counts the edits; an update names the one it saw.
    async fn version(&self) -> i32 {
        self.row.version
    }
}

/// What a stage of an implementation should take.
#[derive(Clone, SimpleObject)]
pub struct StageNorm {
    /// Which stage.
    stage: Stage,
    /// The fewest minutes.
    min_minutes: i32,
    /// The most minutes.
    max_minutes: i32,
    /// The fewest calls; null where none are counted.
    min_calls: Option<i32>,
    /// The most calls; null where none are counted.
    max_calls: Option<i32>,
    /// Working days until the stage should be done; null without a deadline.
    deadline_working_days: Option<i32>,
}

impl From<stage_norm::Model> for StageNorm {
    fn from(row: stage_norm::Model) -> Self {
        Self {
            stage: row.stage,
            min_minutes: row.min_minutes,
            max_minutes: row.max_minutes,
            min_calls: row.min_calls,
            max_calls: row.max_calls,
            deadline_working_days: row.deadline_working_days,
        }
    }
}

/// What a stage of an implementation should take.
#[derive(InputObject)]
pub struct StageNormInput {
    /// Which stage.
    stage: Stage,
    /// The fewest minutes.
    min_minutes: i32,
    /// The most minutes, not fewer than the fewest.
    max_minutes: i32,
    /// The fewest calls.
    min_calls: Option<i32>,
    /// The most calls.
    max_calls: Option<i32>,
    /// Working days until the stage should be done.
    deadline_working_days: Option<i32>,
}

/// A change of a service: what is absent keeps, null clears.
#[derive(InputObject)]
pub struct ServiceUpdateInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Its English name, at most 200 characters.
    name_en: MaybeUndefined<String>,
    /// Its Russian name, at most 200 characters.
    name_ru: MaybeUndefined<String>,
    /// The most projects that one specialist carries at once.
    project_limit: MaybeUndefined<i32>,
    /// A specialist's minutes a month for one project.
    monthly_norm_minutes: MaybeUndefined<i32>,
    /// Whether work and contact are checked each working day.
    daily_checks: MaybeUndefined<bool>,
    /// The norms of its stages, replaced as a whole; only implementations have stages.
    stage_norms: MaybeUndefined<Vec<StageNormInput>>,
}

payload! {
    /// The outcome of changing a service.
    ServiceUpdatePayload {
        /// The service as it is now, also where the change met a conflict.
        service: Service,
    }
}

/// Queries of services.
#[derive(Default)]
pub struct ServiceQuery;

#[Object]
impl ServiceQuery {
    /// All services, by code.
    async fn services(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Service>>> {
        let rows = Box::pin(usecase::service::list(call(ctx))).await;
        field(rows.map(|rows| Some(rows.into_iter().map(Service::from).collect())))
    }

    /// One service.
    async fn service(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code, such as SUPPORT.")] code: String,
    ) -> Option<async_graphql::Result<Service>> {
        found(Box::pin(usecase::service::by_code(call(ctx), &code)).await.map(|row| row.map(Service::from)))
    }
}

/// Changes of services.
#[derive(Default)]
pub struct ServiceMutation;

#[Object]
impl ServiceMutation {
    /// Changes a service's names, norms and checks: what is absent keeps, null clears.
    async fn service_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which service.")] id: Gid<ServiceId>,
        #[graphql(desc = "What changes.")] input: ServiceUpdateInput,
    ) -> Option<async_graphql::Result<ServiceUpdatePayload>> {
        let norm = |norm: StageNormInput| usecase::service::Norm {
            stage: norm.stage,
            min_minutes: norm.min_minutes,
            max_minutes: norm.max_minutes,
            min_calls: norm.min_calls,
            max_calls: norm.max_calls,
            deadline_working_days: norm.deadline_working_days,
        };
        let norms = patch(input.stage_norms).map(Option::unwrap_or_default);
        let command = usecase::service::Update {
            name_en: patch(input.name_en),
            name_ru: patch(input.name_ru),
            project_limit: patch(input.project_limit),
            monthly_norm_minutes: patch(input.monthly_norm_minutes),
            daily_checks: patch(input.daily_checks),
            norms: norms.map(|norms| norms.into_iter().map(norm).collect()),
        };
        let version = input.expected_version;
        let edited = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::service::update(&call, id.0, version, command).await
        }))
        .await;
        answer(edited.map(|edited| match edited {
            Edited::Done(row) => ServiceUpdatePayload { service: Some(row.into()), errors: Vec::new() },
            Edited::Conflict(row) => {
                ServiceUpdatePayload { service: Some(row.into()), errors: vec![conflict()] }
            }
        }))
    }
}
