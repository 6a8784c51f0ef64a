//! Proofs of the start conditions.

use uuid::Uuid;

use super::*;

const SUPPORT: [StartCondition; 7] = [
    StartCondition::WayIn,
    StartCondition::DevelopmentPlan,
    StartCondition::ChatLink,
    StartCondition::ClientOwner,
    StartCondition::SupportTeam,
    StartCondition::Reservations,
    StartCondition::FirstPayment,
];

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn ready() -> StartFacts {
    StartFacts {
        set_up_by: SetUpBy::Provider,
        way_ins: vec![(WayInKind::Implementation, false)],
        plan: Some(PlanFacts {
            kind: PlanKind::Development,
            status: PlanStatus::Draft,
            goals: 1,
            has_estimate: true,
        }),
        has_chat_link: true,
        owners_invited: 1,
        team: vec![
            (user(1), Position::ProjectManager),
            (user(2), Position::SupportSpecialist),
            (user(3), Position::AccountManager),
        ],
        reservations: vec![(user(1), 400), (user(2), 800)],
        tariff_minutes: Some(1200),
        capacity_exceeded_without_override: false,
        specialist_projects: 0,
        project_limit: None,
        limit_overridden: false,
        first_period_paid_on: Some(day("2026-03-31")),
        starts_on: day("2026-04-01"),
    }
}

fn met(condition: StartCondition, facts: &StartFacts) -> bool {
    unmet(&[condition], facts).is_empty()
}

/// E-2: nothing is unmet where all holds, and everything is named at once where nothing does.
#[test]
fn e2_all_unmet_conditions_at_once() {
    assert_eq!(unmet(&SUPPORT, &ready()), []);
    let nothing = StartFacts {
        way_ins: vec![],
        plan: None,
        has_chat_link: false,
        owners_invited: 0,
        team: vec![],
        reservations: vec![],
        first_period_paid_on: None,
        specialist_projects: 8,
        project_limit: Some(8),
        ..ready()
    };
    assert_eq!(unmet(StartCondition::ALL, &nothing), StartCondition::ALL);
}

/// C-1: an audit counts by its findings; an implementation not where another set the CRM up.
#[test]
fn c1_way_in() {
    use SetUpBy::{Other, Provider};
    use WayInKind::{Audit, Implementation};
    for (set_up_by, way_ins, expected) in [
        (Provider, vec![(Implementation, false)], true),
        (Provider, vec![(Audit, true)], true),
        (Provider, vec![(Audit, false)], false),
        (Provider, vec![], false),
        (Other, vec![(Implementation, true)], false),
        (Other, vec![(Audit, true)], true),
        (Other, vec![(Implementation, false), (Audit, false)], false),
        (Other, vec![(Implementation, false), (Audit, true)], true),
    ] {
        let facts = StartFacts { set_up_by, way_ins, ..ready() };
        assert_eq!(met(StartCondition::WayIn, &facts), expected, "{facts:?}");
    }
}

/// C-3: a development plan with goals and an estimate, in any status but COMPLETED.
#[test]
fn c3_development_plan() {
    let good = ready().plan.expect("a plan");
    for (plan, expected) in [
        (good, true),
        (PlanFacts { status: PlanStatus::InProgress, ..good }, true),
        (PlanFacts { status: PlanStatus::Completed, ..good }, false),
        (PlanFacts { kind: PlanKind::Implementation, ..good }, false),
        (PlanFacts { goals: 0, ..good }, false),
        (PlanFacts { has_estimate: false, ..good }, false),
    ] {
        let facts = StartFacts { plan: Some(plan), ..ready() };
        assert_eq!(met(StartCondition::DevelopmentPlan, &facts), expected, "{plan:?}");
    }
}

/// C-8: the chat's link and an invited owner are needed each by itself.
#[test]
fn c8_chat_and_cabinet() {
    let no_chat = StartFacts { has_chat_link: false, ..ready() };
    let no_owner = StartFacts { owners_invited: 0, ..ready() };
    assert_eq!(unmet(&SUPPORT, &no_chat), [StartCondition::ChatLink]);
    assert_eq!(unmet(&SUPPORT, &no_owner), [StartCondition::ClientOwner]);
}

/// T-1: three different people in support; nobody reviews their own document.
#[test]
fn t1_teams() {
    use Position::{AccountManager, ImplementationSpecialist, ProjectManager, Reviewer, SupportSpecialist};
    let support = [(1, ProjectManager), (2, SupportSpecialist), (3, AccountManager)];
    let one_twice =
        [(1, ProjectManager), (1, AccountManager), (2, SupportSpecialist), (3, SupportSpecialist)];
    let replaced = [(1, ProjectManager), (1, AccountManager), (2, SupportSpecialist), (3, AccountManager)];
    let reviewed = [(1, ImplementationSpecialist), (2, Reviewer)];
    let by_oneself = [(1, ImplementationSpecialist), (1, Reviewer)];
    for (condition, team, expected) in [
        (StartCondition::SupportTeam, &support[..], true),
        (StartCondition::SupportTeam, &support[..2], false),
        (StartCondition::SupportTeam, &one_twice[..], false),
        (StartCondition::SupportTeam, &replaced[..], true),
        (StartCondition::ImplementationTeam, &reviewed[..], true),
        (StartCondition::ImplementationTeam, &by_oneself[..], false),
        (StartCondition::ImplementationTeam, &reviewed[..1], false),
        (StartCondition::ProjectManager, &support[..1], true),
        (StartCondition::ProjectManager, &support[1..], false),
    ] {
        let places = team.iter().map(|(number, position)| (user(*number), *position)).collect();
        let facts = StartFacts { team: places, ..ready() };
        assert_eq!(met(condition, &facts), expected, "{condition:?} {team:?}");
    }
}

/// T-2: reservations sum to the tariff exactly and stay within capacity; T16 on their sum.
#[test]
fn t2_reservations() {
    for (minutes, exceeded, expected) in [
        (vec![400, 800], false, true),
        (vec![400, 799], false, false),
        (vec![400, 801], false, false),
        (vec![400, 800], true, false),
        (vec![i32::MAX, i32::MAX], false, false),
    ] {
        let reservations = minutes.iter().map(|minutes| (user(1), *minutes)).collect();
        let facts = StartFacts { reservations, capacity_exceeded_without_override: exceeded, ..ready() };
        assert_eq!(met(StartCondition::Reservations, &facts), expected, "{minutes:?} {exceeded}");
    }
}

/// T-3: eight projects at once, more only by an administrator's override.
#[test]
fn t3_projects_of_a_specialist() {
    for (others, limit, overridden, expected) in [
        (7, Some(8), false, true),
        (8, Some(8), false, false),
        (8, Some(8), true, true),
        (50, None, false, true),
    ] {
        let facts = StartFacts {
            specialist_projects: others,
            project_limit: limit,
            limit_overridden: overridden,
            ..ready()
        };
        assert_eq!(met(StartCondition::SpecialistLoad, &facts), expected, "{others} {limit:?}");
    }
}

/// E-4: the first period is paid, and the start is no earlier than the day paid.
#[test]
fn e4_first_payment() {
    for (paid_on, expected) in
        [(None, false), (Some("2026-04-01"), true), (Some("2026-03-01"), true), (Some("2026-04-02"), false)]
    {
        let facts = StartFacts { first_period_paid_on: paid_on.map(day), ..ready() };
        assert_eq!(met(StartCondition::FirstPayment, &facts), expected, "{paid_on:?}");
    }
}

/// E-2: each unmet condition is named by what is to be mended, all of them at once.
#[test]
fn e2_codes_name_what_is_to_be_mended() {
    use ErrorCode::{
        CapacityExceeded, PaymentMissing, ReservationsMismatch, StartBeforePayment, WayInMissing,
    };
    assert_eq!(unmet_codes(&SUPPORT, &ready()), []);
    let late = StartFacts { first_period_paid_on: Some(day("2026-04-02")), ..ready() };
    assert_eq!(unmet_codes(&SUPPORT, &late), [StartBeforePayment]);
    let broken = StartFacts {
        way_ins: Vec::new(),
        reservations: vec![(user(1), 400)],
        capacity_exceeded_without_override: true,
        first_period_paid_on: None,
        ..ready()
    };
    let expected = [WayInMissing, ReservationsMismatch, CapacityExceeded, PaymentMissing];
    assert_eq!(unmet_codes(&SUPPORT, &broken), expected);
}
