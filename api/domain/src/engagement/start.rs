//! What must hold before an engagement starts.
//!
//! A service names its conditions as data; each is judged on plain facts that the use-case has
//! read, and all unmet ones are answered at once (E-2), so that nobody mends them one by one.

use chrono::NaiveDate;

use crate::client::{SetUpBy, WayInKind};
use crate::id::UserId;
use crate::plan::{PlanKind, PlanStatus};
use crate::refusal::ErrorCode;
use crate::reservation::sums_to;
use crate::tariff::StartCondition;
use crate::team::{Position, meets};

/// What is known of the plan that an engagement works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanFacts {
    /// What it is for.
    pub kind: PlanKind,
    /// Where it stands.
    pub status: PlanStatus,
    /// The number of its goals.
    pub goals: usize,
    /// Whether its overall estimate is given.
    pub has_estimate: bool,
}

/// The facts that start conditions are judged on, as of the start day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartFacts {
    /// Who set the client's CRM up (C-4).
    pub set_up_by: SetUpBy,
    /// The ways in on record, each with whether its findings are written (C-1).
    pub way_ins: Vec<(WayInKind, bool)>,
    /// The engagement's plan.
    pub plan: Option<PlanFacts>,
    /// Whether the shared chat's link is on record.
    pub has_chat_link: bool,
    /// Client owners invited and not disabled.
    pub owners_invited: usize,
    /// The places of the client's team on the start day.
    pub team: Vec<(UserId, Position)>,
    /// Minutes a month held for the engagement from its first period.
    pub reservations: Vec<(UserId, i32)>,
    /// The minutes a month of the tariff.
    pub tariff_minutes: Option<i32>,
    /// Whether a member's reservations exceed their capacity and nobody has overridden it (T-2).
    pub capacity_exceeded_without_override: bool,
    /// Other ACTIVE and PAUSED engagements of the service that the specialist carries (T-3).
    pub specialist_projects: i32,
    /// The most that a specialist of the service carries; none without a limit.
    pub project_limit: Option<i32>,
    /// Whether an administrator lets the specialist carry more (T-3).
    pub limit_overridden: bool,
    /// The day on which the first period was paid (E-4).
    pub first_period_paid_on: Option<NaiveDate>,
    /// The first day served.
    pub starts_on: NaiveDate,
}

/// The conditions of `conditions` that the facts do not meet, all at once and in the same order (E-2).
pub fn unmet(conditions: &[StartCondition], facts: &StartFacts) -> Vec<StartCondition> {
    conditions.iter().copied().filter(|condition| !is_met(*condition, facts)).collect()
}

/// The same as codes, each naming what is to be mended: a payment that is missing or only later than the start,
/// reservations that do not sum or that pass someone's capacity, or both (E-2, E-4, T-2).
pub fn unmet_codes(conditions: &[StartCondition], facts: &StartFacts) -> Vec<ErrorCode> {
    unmet(conditions, facts).into_iter().flat_map(|condition| codes_of(condition, facts)).collect()
}

fn codes_of(condition: StartCondition, facts: &StartFacts) -> Vec<ErrorCode> {
    match condition {
        StartCondition::WayIn => vec![ErrorCode::WayInMissing],
        StartCondition::DevelopmentPlan => vec![ErrorCode::PlanMissing],
        StartCondition::ChatLink => vec![ErrorCode::ChatLinkMissing],
        StartCondition::ClientOwner => vec![ErrorCode::ClientOwnerMissing],
        StartCondition::SupportTeam | StartCondition::ImplementationTeam | StartCondition::ProjectManager => {
            vec![ErrorCode::TeamIncomplete]
        }
        StartCondition::Reservations => {
            let mismatch = (!facts.reservations_sum()).then_some(ErrorCode::ReservationsMismatch);
            let passed = facts.capacity_exceeded_without_override.then_some(ErrorCode::CapacityExceeded);
            mismatch.into_iter().chain(passed).collect()
        }
        StartCondition::SpecialistLoad => vec![ErrorCode::SpecialistOverloaded],
        StartCondition::FirstPayment if facts.first_period_paid_on.is_some() => {
            vec![ErrorCode::StartBeforePayment]
        }
        StartCondition::FirstPayment => vec![ErrorCode::PaymentMissing],
    }
}

fn is_met(condition: StartCondition, facts: &StartFacts) -> bool {
    match condition {
        StartCondition::WayIn => facts.way_ins.iter().any(|way_in| opens(*way_in, facts.set_up_by)),
        StartCondition::DevelopmentPlan => facts.plan.is_some_and(|plan| {
            plan.kind == PlanKind::Development
                && plan.status != PlanStatus::Completed
                && plan.goals > 0
                && plan.has_estimate
        }),
        StartCondition::ChatLink => facts.has_chat_link,
        StartCondition::ClientOwner => facts.owners_invited > 0,
        StartCondition::SupportTeam | StartCondition::ImplementationTeam | StartCondition::ProjectManager => {
            meets(&facts.team, condition)
        }
        StartCondition::Reservations => facts.reservations_sum() && !facts.capacity_exceeded_without_override,
        StartCondition::SpecialistLoad => {
            let below = |limit| facts.specialist_projects < limit;
            facts.limit_overridden || facts.project_limit.is_none_or(below)
        }
        StartCondition::FirstPayment => {
            facts.first_period_paid_on.is_some_and(|paid_on| paid_on <= facts.starts_on)
        }
    }
}

/// Whether a way in counts: an audit by its findings, an implementation only where the provider
/// itself set the CRM up (C-1, C-4).
fn opens((kind, has_findings): (WayInKind, bool), set_up_by: SetUpBy) -> bool {
    match kind {
        WayInKind::Audit => has_findings,
        WayInKind::Implementation => set_up_by == SetUpBy::Provider,
    }
}

impl StartFacts {
    /// Whether the reservations sum to the tariff's minutes (T-2).
    fn reservations_sum(&self) -> bool {
        let reserved: Vec<i32> = self.reservations.iter().map(|(_, minutes)| *minutes).collect();
        sums_to(&reserved, self.tariff_minutes)
    }
}

#[cfg(test)]
mod tests;
