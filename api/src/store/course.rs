//! What balances are read from: engagements with their ledger's head and the periods that matter now.

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::Calendar;
use domain::course::Terms;
use domain::id::{ClientId, EngagementId};
use domain::policy::Scope;
use domain::tariff::{DrawScope, UnusedMinutes};
use entity::{engagement, engagement_tariff, holiday, payment_period, period, tariff_revision};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::flat::{self, Flat, Keyed, Reads, Row, Text, keyed};
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

/// Reads engagements that have been started, with their periods that are not closed; of one whose periods are all
/// closed, the last. One statement, or two.
///
/// # Errors
/// The database's own.
pub async fn standings(flat: &mut Flat, which: Which<'_>) -> Result<Vec<Standing>, DbErr> {
    let (text, ids): (Keyed, Option<Vec<Uuid>>) = match which {
        Which::Engagements(ids) => (OPEN_OF_ENGAGEMENTS, Some(ids.iter().map(|id| id.0).collect())),
        Which::Clients(ids) => (OPEN_OF_CLIENTS, Some(ids.iter().map(|id| id.0).collect())),
        Which::Scope(scope) => (OPEN_OF_CLIENTS, visible::clients(scope)),
    };
    let lines = match ids {
        Some(ids) => flat.read_keyed(text, &ids, &[], line).await?,
        None => flat.read(OPEN_OF_ALL, &[], line).await?,
    };
    let mut standings = grouped(lines);
    let closed: Vec<Uuid> = standings
        .iter()
        .filter(|standing| standing.periods.is_empty())
        .map(|one| one.engagement.id.0)
        .collect();
    let last = flat.read_keyed(LAST_OF_ENGAGEMENTS, &closed, &[], line).await?;
    let mut last: BTreeMap<_, _> = last.into_iter().map(|line| (line.engagement.id, line.period)).collect();
    for standing in standings.iter_mut().filter(|standing| standing.periods.is_empty()) {
        standing.periods.extend(last.remove(&standing.engagement.id).flatten());
    }
    Ok(standings)
}

/// The same of one engagement, inside a unit of work.
///
/// # Errors
/// The database's own.
pub async fn standing(tx: &DatabaseTransaction, id: EngagementId) -> Result<Option<Standing>, DbErr> {
    let mut lines = flat::read_within(tx, OPEN_OF_ENGAGEMENTS.one, &[id.0], line).await?;
    if lines.first().is_some_and(|line| line.period.is_none()) {
        lines = flat::read_within(tx, LAST_OF_ENGAGEMENTS.one, &[id.0], line).await?;
    }
    Ok(grouped(lines).into_iter().next())
}

/// A row of the statements below: an engagement and one of its periods.
struct Line {
    engagement: engagement::Model,
    version: i32,
    draw_scope: DrawScope,
    period: Option<(period::Model, UnusedMinutes)>,
}

fn grouped(lines: Vec<Line>) -> Vec<Standing> {
    let mut standings: Vec<Standing> = Vec::new();
    for Line { engagement, version, draw_scope, period } in lines {
        if standings.last().is_none_or(|last| last.engagement.id != engagement.id) {
            standings.push(Standing { engagement, version, draw_scope, periods: Vec::new() });
        }
        if let Some(standing) = standings.last_mut() {
            standing.periods.extend(period);
        }
    }
    standings
}

/// A statement over engagements, `e`, with those of their periods, `p`, of which `$period` holds: those whose `$key`
/// compares as `$keys` says, and of which `$which` holds.
macro_rules! text {
    ($keys:literal, $key:literal, $period:literal, $which:literal) => {
        concat!(
            "SELECT e.id, e.client_id, e.service_id, e.tariff_revision_id, e.plan_id, e.seller_id, e.status, e.time_zone, \
             e.starts_on, e.ends_on, e.overage_policy, e.grant_unpaid, e.own_minutes, e.own_length_months, \
             e.price_minor, e.currency, e.sale_note, e.started_at, e.ended_at, e.end_reason, e.version, e.created_at, \
             e.updated_at, h.version, s.draw_scope, p.id, p.engagement_id, p.number, p.starts_on, p.ends_on, \
             p.starts_at, p.ends_at, p.tariff_revision_id, p.granted_minutes, p.transferred_minutes, \
             p.adjusted_minutes, p.used_minutes, p.expired_minutes, p.approved_overage_minutes, p.closed_at, r.unused \
             FROM engagement e JOIN ledger_head h ON h.engagement_id = e.id JOIN service s ON s.id = e.service_id \
             LEFT JOIN (period p JOIN tariff_revision r ON r.id = p.tariff_revision_id) \
             ON p.engagement_id = e.id AND ",
            $period,
            " WHERE e.starts_on IS NOT NULL AND ",
            $which,
            $key,
            $keys,
            " ORDER BY e.client_id, e.id, p.number"
        )
    };
}

const OPEN_OF_ENGAGEMENTS: Keyed = keyed!(text, "e.id ", "p.closed_at IS NULL", "");
const LAST_OF_ENGAGEMENTS: Keyed =
    keyed!(text, "e.id ", "p.number = (SELECT MAX(l.number) FROM period l WHERE l.engagement_id = e.id)", "");
const OPEN_OF_CLIENTS: Keyed =
    keyed!(text, "e.client_id ", "p.closed_at IS NULL", "e.status IN ('ACTIVE', 'PAUSED') AND ");
const OPEN_OF_ALL: Text =
    Text::same(text!("", "", "p.closed_at IS NULL", "e.status IN ('ACTIVE', 'PAUSED')"));

fn line(row: &mut Row<'_>) -> Result<Line, DbErr> {
    Ok(Line {
        engagement: engagement::Model {
            id: row.id()?,
            client_id: row.id()?,
            service_id: row.id()?,
            tariff_revision_id: row.id()?,
            plan_id: row.maybe_id()?,
            seller_id: row.maybe_id()?,
            status: row.word()?,
            time_zone: row.get()?,
            starts_on: row.get()?,
            ends_on: row.get()?,
            overage_policy: row.word()?,
            grant_unpaid: row.get()?,
            own_minutes: row.get()?,
            own_length_months: row.get()?,
            price_minor: row.get()?,
            currency: row.get()?,
            sale_note: row.get()?,
            started_at: row.get()?,
            ended_at: row.get()?,
            end_reason: row.get()?,
            version: row.get()?,
            created_at: row.get()?,
            updated_at: row.get()?,
        },
        version: row.get()?,
        draw_scope: row.word()?,
        period: if row.is_null()? { None } else { Some((of_period(row)?, row.word()?)) },
    })
}

fn of_period(row: &mut Row<'_>) -> Result<period::Model, DbErr> {
    Ok(period::Model {
        id: row.id()?,
        engagement_id: row.id()?,
        number: row.get()?,
        starts_on: row.get()?,
        ends_on: row.get()?,
        starts_at: row.get()?,
        ends_at: row.get()?,
        tariff_revision_id: row.id()?,
        granted_minutes: row.get()?,
        transferred_minutes: row.get()?,
        adjusted_minutes: row.get()?,
        used_minutes: row.get()?,
        expired_minutes: row.get()?,
        approved_overage_minutes: row.get()?,
        closed_at: row.get()?,
    })
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
pub async fn grounds(db: &mut impl Reads, engagements: &[&engagement::Model]) -> Result<Grounds, DbErr> {
    let ids: Vec<EngagementId> = engagements.iter().map(|engagement| engagement.id).collect();
    let changes = engagement_tariff::Entity::find()
        .filter(engagement_tariff::Column::EngagementId.is_in(ids.iter().copied()))
        .order_by_asc(engagement_tariff::Column::FromPeriod);
    let changes = db.select(changes).await?;
    let revisions: BTreeSet<_> = changes
        .iter()
        .map(|change| change.tariff_revision_id)
        .chain(engagements.iter().map(|engagement| engagement.tariff_revision_id))
        .collect();
    let revisions = tariff_revision::Entity::find().filter(tariff_revision::Column::Id.is_in(revisions));
    let revisions: BTreeMap<_, Terms> =
        db.select(revisions).await?.into_iter().map(|row| (row.id, terms(&row))).collect();
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
        .filter(payment_period::Column::EngagementId.is_in(ids.iter().copied()));
    for row in db.select(paid).await? {
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
pub async fn calendar(db: &mut impl Reads) -> Result<Calendar, DbErr> {
    let days = db.select(holiday::Entity::find()).await?;
    Ok(Calendar { days: days.into_iter().map(|row| (row.day, row.working)).collect() })
}
