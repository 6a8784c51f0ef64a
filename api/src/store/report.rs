//! Weekly reports and their answers, and what a report is made from.
//!
//! What is read for a report is read by the client's id alone and holds no internal text: there is nothing to be left
//! out afterwards (T43).

use chrono::NaiveDate;
use domain::id::{ClientId, EngagementId, ReportAnswerId, WeeklyReportId};
use domain::policy::Scope;
use domain::report::Schedule;
use entity::{client, report_answer, user, weekly_report};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, Select,
};

use super::filter::{Compare, Tree};
use super::flat::{Bind, Flat, Text};
use super::tx::Tx;
use super::{Db, visible};

mod fact;

pub use fact::{Asked, Found, Titled, read, titles};

/// What reports can be filtered by.
#[derive(Debug, Clone)]
pub enum Leaf {
    Client(Compare<ClientId>),
    Week(Compare<NaiveDate>),
}

/// The reports within a scope that pass a filter.
pub fn select(scope: &Scope, filter: Option<&Tree<Leaf>>) -> Select<weekly_report::Entity> {
    let select =
        weekly_report::Entity::find().filter(visible::of_client(scope, weekly_report::Column::ClientId));
    match filter {
        Some(tree) => select.filter(tree.condition(&leaf)),
        None => select,
    }
}

fn leaf(leaf: &Leaf) -> Condition {
    match leaf {
        Leaf::Client(compare) => compare.on(weekly_report::Column::ClientId),
        Leaf::Week(compare) => compare.on(weekly_report::Column::WeekStartsOn),
    }
}

/// A visible report by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: WeeklyReportId,
) -> Result<Option<weekly_report::Model>, DbErr> {
    select(scope, None).filter(weekly_report::Column::Id.eq(id)).one(db).await
}

/// A client's newest report of a week before this one; of any week where none is given.
///
/// # Errors
/// The database's own.
pub async fn last(
    db: &impl ConnectionTrait,
    client: ClientId,
    before: NaiveDate,
) -> Result<Option<weekly_report::Model>, DbErr> {
    weekly_report::Entity::find()
        .filter(weekly_report::Column::ClientId.eq(client))
        .filter(weekly_report::Column::WeekStartsOn.lt(before))
        .order_by_desc(weekly_report::Column::WeekStartsOn)
        .one(db)
        .await
}

/// Whether a week has been reported to a client.
///
/// # Errors
/// The database's own.
pub async fn exists(tx: &Tx<'_>, client: ClientId, week: NaiveDate) -> Result<bool, DbErr> {
    let found = weekly_report::Entity::find()
        .filter(weekly_report::Column::ClientId.eq(client))
        .filter(weekly_report::Column::WeekStartsOn.eq(week))
        .one(tx.connection())
        .await?;
    Ok(found.is_some())
}

/// Writes a report down; whether this one is the week's. Of two at once the later finds the earlier's (T66).
///
/// # Errors
/// The database's own.
pub async fn freeze(tx: &Tx<'_>, row: weekly_report::Model) -> Result<bool, DbErr> {
    let once = OnConflict::columns([weekly_report::Column::ClientId, weekly_report::Column::WeekStartsOn])
        .do_nothing()
        .to_owned();
    let written = weekly_report::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(once)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(written == 1)
}

/// A client that may be waiting for a report.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub client: ClientId,
    pub time_zone: String,
    pub schedule: Schedule,
    /// The week of its last report.
    pub last_week: Option<NaiveDate>,
    /// The first day of the oldest engagement that still matters.
    pub first_served: NaiveDate,
}

/// The clients with an engagement in force after `since` and before `until`, without a report of the week `latest` or a
/// later one.
///
/// # Errors
/// The database's own.
pub async fn waiting(
    db: &Db,
    since: NaiveDate,
    until: NaiveDate,
    latest: NaiveDate,
) -> Result<Vec<Waiting>, DbErr> {
    let binds = [Bind::Day(since), Bind::Day(until), Bind::Day(latest)];
    Flat::lend(db)
        .await?
        .read(WAITING, &binds, |row| {
            Ok(Waiting {
                client: row.id()?,
                time_zone: row.get()?,
                schedule: Schedule { weekday: row.word()?, hour: row.get()? },
                last_week: row.get()?,
                first_served: row.get()?,
            })
        })
        .await
}

const WAITING: Text = Text::same(
    "SELECT c.id, c.time_zone, c.report_weekday, c.report_hour, \
     (SELECT MAX(r.week_starts_on) FROM weekly_report r WHERE r.client_id = c.id), MIN(e.starts_on) \
     FROM client c JOIN engagement e ON e.client_id = c.id \
     WHERE e.status <> 'DRAFT' AND e.started_at IS NOT NULL AND e.starts_on < $2 \
     AND (e.ends_on IS NULL OR e.ends_on > $1) \
     AND NOT EXISTS (SELECT 1 FROM weekly_report r WHERE r.client_id = c.id AND r.week_starts_on >= $3) \
     GROUP BY c.id, c.time_zone, c.report_weekday, c.report_hour ORDER BY c.id",
);

/// The ids of a client's engagements that serve any of the days, in the order in which their ledgers are locked.
///
/// # Errors
/// The database's own.
pub async fn serving(
    db: &impl ConnectionTrait,
    client: ClientId,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<EngagementId>, DbErr> {
    let started = fact::started(db, client).await?;
    let serves = started.iter().filter(|row| domain::report::serves(row.starts_on, row.ends_on, from, until));
    Ok(serves.map(|row| row.id).collect())
}

/// To whom a client's reports go: its recipients in their order, or, where none is set, its owners who can sign in. An
/// address that has become another client's, or a person's who may not sign in any more, gets nothing (T43).
///
/// # Errors
/// The database's own.
pub async fn addresses(db: &impl ConnectionTrait, client: ClientId) -> Result<Vec<String>, DbErr> {
    use domain::user::{Role, UserStatus};
    let set = super::client::recipients(db, client).await?;
    if set.is_empty() {
        let owners = user::Entity::find()
            .filter(user::Column::ClientId.eq(client))
            .filter(user::Column::Role.eq(Role::ClientOwner))
            .filter(user::Column::Status.eq(UserStatus::Active))
            .order_by_asc(user::Column::Id)
            .all(db)
            .await?;
        return Ok(owners.into_iter().map(|owner| owner.email).collect());
    }
    let keys = set.iter().map(|email| email.to_ascii_lowercase());
    let people = user::Entity::find().filter(user::Column::EmailKey.is_in(keys)).all(db).await?;
    let is_barred = |email: &String| {
        people.iter().any(|person| {
            person.email_key == email.to_ascii_lowercase()
                && (person.status == UserStatus::Disabled || person.client_id.is_some_and(|of| of != client))
        })
    };
    Ok(set.into_iter().filter(|email| !is_barred(email)).collect())
}

/// A report's client, whoever asks.
///
/// # Errors
/// The database's own.
pub async fn with_client(
    db: &impl ConnectionTrait,
    id: WeeklyReportId,
) -> Result<Option<(weekly_report::Model, Option<client::Model>)>, DbErr> {
    weekly_report::Entity::find_by_id(id).find_also_related(client::Entity).one(db).await
}

/// The answers to a report, to be paged.
pub fn answers(report: WeeklyReportId) -> Select<report_answer::Entity> {
    report_answer::Entity::find().filter(report_answer::Column::ReportId.eq(report))
}

/// A visible answer by its id.
///
/// # Errors
/// The database's own.
pub async fn find_answer(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: ReportAnswerId,
) -> Result<Option<report_answer::Model>, DbErr> {
    report_answer::Entity::find_by_id(id)
        .filter(visible::of_client(scope, report_answer::Column::ClientId))
        .one(db)
        .await
}
