//! What balances are read from: engagements with their ledger's head and the periods that matter now.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::calendar::Calendar;
use domain::course::Terms;
use domain::engagement::EngagementStatus;
use domain::id::{ClientId, EngagementId};
use domain::policy::Scope;
use domain::tariff::{DrawScope, UnusedMinutes};
use entity::{
    engagement, engagement_tariff, holiday, ledger_head, payment_period, period, service, tariff_revision,
};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter,
    QueryOrder, QuerySelect, RelationDef,
};

use super::visible;

/// Which engagements.
#[derive(Debug, Clone)]
pub enum Which<'a> {
    /// These, whatever their status.
    Engagements(&'a [EngagementId]),
    /// The active and paused ones of these clients.
    Clients(&'a [ClientId]),
    /// The active and paused ones within a scope.
    Scope(&'a Scope),
}

/// An engagement with the version of its ledger, and those of its periods that are not closed, or the last one.
#[derive(Debug, Clone)]
pub struct Standing {
    pub engagement: engagement::Model,
    pub version: i32,
    /// Whose minutes draw on the balance (W-6).
    pub draw_scope: DrawScope,
    pub periods: Vec<(period::Model, UnusedMinutes)>,
}

/// Reads engagements that have been started. One statement.
///
/// # Errors
/// The database's own.
pub async fn standings(db: &impl ConnectionTrait, which: Which<'_>) -> Result<Vec<Standing>, DbErr> {
    let running = engagement::Column::Status.is_in([EngagementStatus::Active, EngagementStatus::Paused]);
    let chosen = match which {
        Which::Engagements(ids) => Condition::all().add(engagement::Column::Id.is_in(ids.iter().copied())),
        Which::Clients(ids) => {
            Condition::all().add(engagement::Column::ClientId.is_in(ids.iter().copied())).add(running)
        }
        Which::Scope(scope) => visible::of_client(scope, engagement::Column::ClientId).add(running),
    };
    let mut select = engagement::Entity::find()
        .select_also(period::Entity)
        .join(JoinType::InnerJoin, head())
        .join(JoinType::InnerJoin, service())
        .join(JoinType::LeftJoin, mattering_periods())
        .join(JoinType::LeftJoin, terms_of_period())
        .column_as(ledger_head::Column::Version, "head_version")
        .column_as(service::Column::DrawScope, "draw_scope")
        .column_as(tariff_revision::Column::Unused, "unused")
        .filter(chosen)
        .filter(engagement::Column::StartsOn.is_not_null())
        .order_by_asc(engagement::Column::ClientId)
        .order_by_asc(engagement::Column::Id)
        .order_by_asc(period::Column::Number);
    let mut standings: Vec<Standing> = Vec::new();
    for row in db.query_all(QuerySelect::query(&mut select)).await? {
        // The prefixes are those that sea-orm gives to two tables selected side by side.
        let engagement = engagement::Model::from_query_result(&row, "A_")?;
        if standings.last().is_none_or(|last| last.engagement.id != engagement.id) {
            let version = row.try_get("", "head_version")?;
            let draw_scope = row.try_get("", "draw_scope")?;
            standings.push(Standing { engagement, version, draw_scope, periods: Vec::new() });
        }
        let period = period::Model::from_query_result_optional(&row, "B_")?;
        if let (Some(standing), Some(period)) = (standings.last_mut(), period) {
            standing.periods.push((period, row.try_get("", "unused")?));
        }
    }
    Ok(standings)
}

fn head() -> RelationDef {
    engagement::Entity::belongs_to(ledger_head::Entity)
        .from(engagement::Column::Id)
        .to(ledger_head::Column::EngagementId)
        .into()
}

fn service() -> RelationDef {
    engagement::Entity::belongs_to(service::Entity)
        .from(engagement::Column::ServiceId)
        .to(service::Column::Id)
        .into()
}

/// The periods that are not closed, and the last one.
fn mattering_periods() -> RelationDef {
    let relation: RelationDef = engagement::Entity::belongs_to(period::Entity)
        .from(engagement::Column::Id)
        .to(period::Column::EngagementId)
        .into();
    relation.on_condition(|_, _| {
        let other = sea_orm::sea_query::Alias::new("later");
        let last = Query::select()
            .expr(Expr::col((other.clone(), period::Column::Number)).max())
            .from_as(period::Entity, other.clone())
            .and_where(
                Expr::col((other.clone(), period::Column::EngagementId))
                    .equals((engagement::Entity, engagement::Column::Id)),
            )
            .to_owned();
        Condition::any().add(period::Column::ClosedAt.is_null()).add(
            Expr::col((period::Entity, period::Column::Number))
                .eq(Expr::SubQuery(None, Box::new(last.into()))),
        )
    })
}

fn terms_of_period() -> RelationDef {
    period::Entity::belongs_to(tariff_revision::Entity)
        .from(period::Column::TariffRevisionId)
        .to(tariff_revision::Column::Id)
        .into()
}

/// What the due steps of engagements follow from, beside their own rows.
#[derive(Debug, Default)]
pub struct Grounds {
    terms: BTreeMap<EngagementId, Vec<(i32, Terms)>>,
    paid: BTreeMap<EngagementId, BTreeSet<i32>>,
    pub calendar: Calendar,
}

impl Grounds {
    /// The terms from a period's number on, in order.
    pub fn terms(&self, engagement: EngagementId) -> &[(i32, Terms)] {
        self.terms.get(&engagement).map_or(&[], Vec::as_slice)
    }

    /// The periods paid for.
    pub fn paid(&self, engagement: EngagementId) -> BTreeSet<i32> {
        self.paid.get(&engagement).cloned().unwrap_or_default()
    }
}

/// Reads the terms, payments and working days that engagements run on. Four statements.
///
/// # Errors
/// The database's own.
pub async fn grounds(
    db: &impl ConnectionTrait,
    engagements: &[&engagement::Model],
) -> Result<Grounds, DbErr> {
    let ids: Vec<EngagementId> = engagements.iter().map(|engagement| engagement.id).collect();
    let changes = engagement_tariff::Entity::find()
        .filter(engagement_tariff::Column::EngagementId.is_in(ids.iter().copied()))
        .order_by_asc(engagement_tariff::Column::FromPeriod)
        .all(db)
        .await?;
    let revisions: BTreeSet<_> = changes
        .iter()
        .map(|change| change.tariff_revision_id)
        .chain(engagements.iter().map(|engagement| engagement.tariff_revision_id))
        .collect();
    let revisions: BTreeMap<_, Terms> = tariff_revision::Entity::find()
        .filter(tariff_revision::Column::Id.is_in(revisions))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, terms(&row)))
        .collect();
    let mut grounds = Grounds { calendar: calendar(db).await?, ..Grounds::default() };
    for engagement in engagements {
        let first = revisions.get(&engagement.tariff_revision_id).map(|terms| (1, *terms));
        grounds.terms.insert(engagement.id, first.into_iter().collect());
    }
    for change in changes {
        if let (Some(list), Some(terms)) =
            (grounds.terms.get_mut(&change.engagement_id), revisions.get(&change.tariff_revision_id))
        {
            list.retain(|(from, _)| *from != change.from_period);
            list.push((change.from_period, *terms));
        }
    }
    let paid = payment_period::Entity::find()
        .filter(payment_period::Column::EngagementId.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    for row in paid {
        grounds.paid.entry(row.engagement_id).or_default().insert(row.period_number);
    }
    Ok(grounds)
}

fn terms(row: &tariff_revision::Model) -> Terms {
    Terms {
        revision: row.id,
        rule: row.grant_rule,
        minutes: row.minutes,
        length_months: row.length_months,
        unused: row.unused,
    }
}

/// The provider's calendar (E-9).
///
/// # Errors
/// The database's own.
pub async fn calendar(db: &impl ConnectionTrait) -> Result<Calendar, DbErr> {
    let days: Vec<(NaiveDate, bool)> = holiday::Entity::find()
        .select_only()
        .columns([holiday::Column::Day, holiday::Column::Working])
        .into_tuple()
        .all(db)
        .await?;
    Ok(Calendar { days: days.into_iter().collect() })
}
