//! The rows that a report is made from.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use domain::engagement::EngagementStatus;
use domain::id::{ClientId, EngagementId, PlanId, TariffRevisionId, TaskId, UserId};
use domain::stage::Stage;
use domain::tariff::UnusedMinutes;
use domain::task::TaskStatus;
use entity::{block, engagement, period, service, tariff, tariff_revision, task, time_entry, user};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

/// The most tasks of a kind that a part lists.
const TASKS: u64 = 50;
/// The first of the tasks planned.
const NEXT: u64 = 5;

/// What a report is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    pub client: ClientId,
    pub from: NaiveDate,
    /// The first day that no longer belongs to it.
    pub until: NaiveDate,
    /// The same days as moments, for what is no time entry.
    pub between: (DateTime<Utc>, DateTime<Utc>),
    /// Today in the client's zone.
    pub today: NaiveDate,
    /// Where the past is told too: what was written after this moment, and what no report has told of from this day on.
    pub past: Option<(DateTime<Utc>, NaiveDate)>,
    /// This engagement alone.
    pub engagement: Option<EngagementId>,
    /// This stage alone.
    pub stage: Option<Stage>,
}

/// The rows.
#[derive(Debug, Default)]
pub struct Found {
    /// Engagements that have been started, with what they are of.
    pub engagements: Vec<(engagement::Model, Option<service::Model>)>,
    pub entries: Vec<time_entry::Model>,
    /// Names by person.
    pub people: HashMap<UserId, String>,
    /// Titles by task.
    pub tasks: HashMap<TaskId, String>,
    /// Titles of blocks by task.
    pub blocks: HashMap<TaskId, String>,
    pub work: HashMap<PlanId, Work>,
    /// Periods that touch these days and are over.
    pub ended: Vec<(period::Model, UnusedMinutes)>,
}

/// The tasks of a plan.
#[derive(Debug, Default)]
pub struct Work {
    pub done: Vec<task::Model>,
    pub in_work: Vec<task::Model>,
    pub next: Vec<task::Model>,
    pub planned: u64,
}

/// The engagements of a client that have been started, by id.
///
/// # Errors
/// The database's own.
pub async fn started(db: &impl ConnectionTrait, client: ClientId) -> Result<Vec<engagement::Model>, DbErr> {
    engagement::Entity::find()
        .filter(engagement::Column::ClientId.eq(client))
        .filter(engagement::Column::Status.ne(EngagementStatus::Draft))
        .filter(engagement::Column::StartedAt.is_not_null())
        .order_by_asc(engagement::Column::Id)
        .all(db)
        .await
}

/// Reads what a report is made from.
///
/// # Errors
/// The database's own.
pub async fn read(db: &impl ConnectionTrait, asked: &Asked) -> Result<Found, DbErr> {
    let mut found = Found { entries: entries(db, asked).await?, ..Found::default() };
    let services: HashMap<_, _> =
        super::super::service::all(db).await?.into_iter().map(|row| (row.id, row)).collect();
    let is_asked = |row: &engagement::Model| asked.engagement.is_none_or(|id| id == row.id);
    for row in started(db, asked.client).await?.into_iter().filter(is_asked) {
        let service = services.get(&row.service_id).cloned();
        found.engagements.push((row, service));
    }
    let ids: Vec<_> = found.engagements.iter().map(|(row, _)| row.id).collect();
    found.ended = ended(db, asked, &ids).await?;
    let plans: BTreeSet<_> = found.engagements.iter().filter_map(|(row, _)| row.plan_id).collect();
    for plan in plans {
        let work = work(db, asked, plan).await?;
        found.work.insert(plan, work);
    }
    names(db, &mut found).await?;
    Ok(found)
}

async fn entries(db: &impl ConnectionTrait, asked: &Asked) -> Result<Vec<time_entry::Model>, DbErr> {
    use time_entry::Column::{CorrectedAt, CreatedAt, WorkedOn};
    let of_days = Condition::all()
        .add(WorkedOn.gte(asked.from))
        .add(WorkedOn.lt(asked.until))
        .add(CorrectedAt.is_null());
    let mut wanted = Condition::any().add(of_days);
    if let Some((written_after, untold_from)) = asked.past {
        let untold = Condition::all().add(WorkedOn.gte(untold_from)).add(CorrectedAt.is_null());
        let new =
            Condition::any().add(CreatedAt.gt(written_after)).add(CorrectedAt.gt(written_after)).add(untold);
        wanted = wanted.add(Condition::all().add(WorkedOn.lt(asked.from)).add(new));
    }
    let mut select = time_entry::Entity::find()
        .filter(time_entry::Column::ClientId.eq(asked.client))
        .filter(wanted)
        .order_by_asc(WorkedOn)
        .order_by_asc(time_entry::Column::Id);
    if let Some(engagement) = asked.engagement {
        select = select.filter(time_entry::Column::EngagementId.eq(engagement));
    }
    if let Some(stage) = asked.stage {
        select = select.filter(time_entry::Column::Stage.eq(stage));
    }
    select.all(db).await
}

async fn ended(
    db: &impl ConnectionTrait,
    asked: &Asked,
    engagements: &[EngagementId],
) -> Result<Vec<(period::Model, UnusedMinutes)>, DbErr> {
    let rows = period::Entity::find()
        .find_also_related(tariff_revision::Entity)
        .filter(period::Column::EngagementId.is_in(engagements.iter().copied()))
        .filter(period::Column::StartsOn.lt(asked.until))
        .filter(period::Column::EndsOn.gt(asked.from))
        .filter(period::Column::EndsOn.lte(asked.today))
        .order_by_asc(period::Column::EngagementId)
        .order_by_asc(period::Column::Number)
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|(row, terms)| Some((row, terms?.unused))).collect())
}

async fn work(db: &impl ConnectionTrait, asked: &Asked, plan: PlanId) -> Result<Work, DbErr> {
    let of = |status: &[TaskStatus]| -> Select<task::Entity> {
        task::Entity::find()
            .filter(task::Column::PlanId.eq(plan))
            .filter(task::Column::ClientId.eq(asked.client))
            .filter(task::Column::Status.is_in(status.iter().copied()))
    };
    let ordered = |select: Select<task::Entity>, most: u64| {
        select
            .find_also_related(block::Entity)
            .order_by_desc(task::Column::Urgent)
            .order_by_asc(block::Column::Position)
            .order_by_asc(task::Column::Position)
            .order_by_asc(task::Column::Id)
            .limit(most)
    };
    let open = [TaskStatus::InProgress, TaskStatus::InReview, TaskStatus::Paused];
    let in_work = ordered(of(&open), TASKS).all(db).await?;
    let next = ordered(of(&[TaskStatus::Planned]), NEXT).all(db).await?;
    let planned = of(&[TaskStatus::Planned]).count(db).await?;
    let done = of(&[TaskStatus::Done])
        .filter(task::Column::DoneAt.gte(asked.between.0))
        .filter(task::Column::DoneAt.lt(asked.between.1))
        .order_by_asc(task::Column::DoneAt)
        .order_by_asc(task::Column::Id)
        .limit(TASKS)
        .all(db)
        .await?;
    let alone =
        |rows: Vec<(task::Model, Option<block::Model>)>| rows.into_iter().map(|(row, _)| row).collect();
    Ok(Work { done, in_work: alone(in_work), next: alone(next), planned })
}

/// Reads the names of all people and tasks that the rows name.
async fn names(db: &impl ConnectionTrait, found: &mut Found) -> Result<(), DbErr> {
    let listed: Vec<&task::Model> = found
        .work
        .values()
        .flat_map(|work| work.done.iter().chain(&work.in_work).chain(&work.next))
        .collect();
    let people: BTreeSet<UserId> = found
        .entries
        .iter()
        .map(|entry| entry.user_id)
        .chain(listed.iter().filter_map(|task| task.assignee_id))
        .collect();
    let tasks: BTreeSet<TaskId> = found.entries.iter().filter_map(|entry| entry.task_id).collect();
    let of_blocks: HashMap<_, _> = listed.iter().filter_map(|task| Some((task.id, task.block_id?))).collect();
    let blocks: BTreeSet<_> = of_blocks.values().copied().collect();
    let blocks =
        super::super::by_id::read::<block::Entity, _>(db, &blocks.into_iter().collect::<Vec<_>>()).await?;
    found.blocks = of_blocks
        .into_iter()
        .filter_map(|(task, block)| Some((task, blocks.get(&block)?.title.clone())))
        .collect();
    for some in people.into_iter().collect::<Vec<_>>().chunks(1000) {
        let rows = super::super::by_id::read::<user::Entity, UserId>(db, some).await?;
        found.people.extend(rows.into_iter().map(|(id, row)| (id, row.name)));
    }
    for some in tasks.into_iter().collect::<Vec<_>>().chunks(1000) {
        let rows = super::super::by_id::read::<task::Entity, TaskId>(db, some).await?;
        found.tasks.extend(rows.into_iter().map(|(id, row)| (id, row.title)));
    }
    Ok(())
}

/// A tariff's names, English first.
pub type Titled = (String, String);

/// The names of the tariffs that terms belong to.
///
/// # Errors
/// The database's own.
pub async fn titles(
    db: &impl ConnectionTrait,
    terms: &BTreeSet<TariffRevisionId>,
) -> Result<HashMap<TariffRevisionId, Titled>, DbErr> {
    let rows = tariff_revision::Entity::find()
        .find_also_related(tariff::Entity)
        .filter(tariff_revision::Column::Id.is_in(terms.iter().copied()))
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(row, tariff)| tariff.map(|tariff| (row.id, (tariff.name_en, tariff.name_ru))))
        .collect())
}
