//! Plans and their sign-off.
//!
//! A development plan (support) is approved by the client and then only lived in: its blocks and
//! tasks change in any status but COMPLETED, and it goes to the client again when the project
//! manager says so. An implementation plan is a document: written, reviewed by the provider, then
//! by the client, estimated, its terms agreed, and only then worked on (P-1). A sign-off is bound
//! to the revision that it was given for, so a plan once signed off or returned gets a new revision
//! when it is submitted again.

use thiserror::Error;

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a plan is for.
    PlanKind {
        /// Support: goals, directions and tasks, changed at any time.
        Development,
        /// An implementation document, signed off by both sides.
        Implementation,
    }
    /// Where a plan stands.
    PlanStatus {
        /// Being written.
        Draft,
        /// With the provider's reviewer (implementation only).
        AdminReview,
        /// With the client.
        ClientReview,
        /// Approved by the client.
        Approved,
        /// Estimated and its terms agreed (implementation only).
        Estimated,
        /// Being worked on.
        InProgress,
        /// All done.
        Completed,
    }
    /// What a person said of a revision.
    SignOffDecision {
        /// Approved, accepted or confirmed.
        Approved,
        /// Returned with a comment.
        Returned,
    }
}

/// What happens to a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanEvent {
    /// The project manager sends it for approval.
    Submit,
    /// The provider's reviewer approves the document (implementation only).
    ReviewerApprove,
    /// The client approves it.
    ClientApprove,
    /// The side that has it returns it with a comment.
    Return,
    /// The reviewer agrees to the estimated terms (implementation only).
    AgreeTerms,
    /// Work on it begins.
    Start,
    /// All of it is done.
    Complete,
}

/// A plan's status does not take the event (P-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the plan's status does not allow this")]
pub struct PlanRefused(pub PlanStatus);

/// The status of a plan after an event (P-1).
///
/// # Errors
/// The kind and status do not take the event.
pub fn next(status: PlanStatus, event: PlanEvent, kind: PlanKind) -> Result<PlanStatus, PlanRefused> {
    use PlanEvent as Event;
    use PlanKind::{Development, Implementation};
    use PlanStatus::{AdminReview, Approved, ClientReview, Completed, Draft, Estimated, InProgress};
    match (kind, status, event) {
        (Development, Draft | Approved | InProgress, Event::Submit) => Ok(ClientReview),
        (Development, Approved, Event::Start) => Ok(InProgress),
        (Implementation, Draft, Event::Submit) => Ok(AdminReview),
        (Implementation, AdminReview, Event::ReviewerApprove) => Ok(ClientReview),
        (Implementation, AdminReview, Event::Return) => Ok(Draft),
        (Implementation, Approved, Event::AgreeTerms) => Ok(Estimated),
        (Implementation, Estimated, Event::Start) => Ok(InProgress),
        (_, ClientReview, Event::ClientApprove) => Ok(Approved),
        (_, ClientReview, Event::Return) => Ok(Draft),
        (_, InProgress, Event::Complete) => Ok(Completed),
        _ => Err(PlanRefused(status)),
    }
}

/// The revision that a submission is made for: the next one as soon as the present one has been
/// approved or returned by anybody (P-1).
pub fn revision_on_submit(revision: i32, is_signed_off: bool) -> i32 {
    if is_signed_off { revision.saturating_add(1) } else { revision }
}

/// Whether goals, blocks and tasks may be added, changed, ordered and removed (P-1): in support in
/// any status but COMPLETED; a document only while it is a DRAFT.
pub fn may_edit_blocks(kind: PlanKind, status: PlanStatus) -> bool {
    match kind {
        PlanKind::Development => status != PlanStatus::Completed,
        PlanKind::Implementation => status == PlanStatus::Draft,
    }
}

/// Whether estimates may be set (P-1): where blocks may be edited, and in an APPROVED document,
/// which is what stands between approval and estimation.
pub fn may_edit_estimates(kind: PlanKind, status: PlanStatus) -> bool {
    may_edit_blocks(kind, status) || (kind == PlanKind::Implementation && status == PlanStatus::Approved)
}

/// Whether its blocks and tasks may be worked on (P-1): in support in any status but COMPLETED, an
/// implementation once work on it has begun.
pub fn may_work(kind: PlanKind, status: PlanStatus) -> bool {
    match kind {
        PlanKind::Development => status != PlanStatus::Completed,
        PlanKind::Implementation => status == PlanStatus::InProgress,
    }
}

/// What is known of the time that a plan takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// The overall estimate given by hand.
    pub estimate_minutes: Option<i32>,
    /// What was spent on all its tasks.
    pub spent_minutes: i64,
    /// What the estimates of its open tasks leave to be done; none where no open task has an estimate.
    pub rest_minutes: Option<i64>,
}

/// What is left to be done of a plan (E-7, B-13): what its open tasks leave, or what is left of the overall estimate where
/// that is more, since not everything that it foresees is a task yet. None without an estimate of either kind.
pub fn remaining_minutes(status: PlanStatus, effort: &Effort) -> Option<i32> {
    if status == PlanStatus::Completed {
        return Some(0);
    }
    let overall = effort.estimate_minutes.map(|minutes| i64::from(minutes) - effort.spent_minutes);
    let left = overall.max(effort.rest_minutes)?.max(0);
    Some(i32::try_from(left).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::PlanEvent::{AgreeTerms, ClientApprove, Complete, Return, ReviewerApprove, Start, Submit};
    use super::PlanStatus::{AdminReview, Approved, ClientReview, Completed, Draft, Estimated, InProgress};
    use super::*;

    const EVENTS: [PlanEvent; 7] =
        [Submit, ReviewerApprove, ClientApprove, Return, AgreeTerms, Start, Complete];

    /// P-1: every step of both kinds; each of the others is refused.
    #[test]
    fn p1_steps_of_a_plan() {
        let development = [
            (Draft, Submit, ClientReview),
            (Approved, Submit, ClientReview),
            (InProgress, Submit, ClientReview),
            (ClientReview, ClientApprove, Approved),
            (ClientReview, Return, Draft),
            (Approved, Start, InProgress),
            (InProgress, Complete, Completed),
        ];
        let implementation = [
            (Draft, Submit, AdminReview),
            (AdminReview, ReviewerApprove, ClientReview),
            (AdminReview, Return, Draft),
            (ClientReview, ClientApprove, Approved),
            (ClientReview, Return, Draft),
            (Approved, AgreeTerms, Estimated),
            (Estimated, Start, InProgress),
            (InProgress, Complete, Completed),
        ];
        for (kind, steps) in
            [(PlanKind::Development, &development[..]), (PlanKind::Implementation, &implementation[..])]
        {
            for status in PlanStatus::ALL {
                for event in EVENTS {
                    let step = steps.iter().find(|(from, by, _)| from == status && *by == event);
                    let expected = step.map_or(Err(PlanRefused(*status)), |(_, _, to)| Ok(*to));
                    assert_eq!(next(*status, event, kind), expected, "{kind:?} {status:?} {event:?}");
                }
            }
        }
    }

    /// P-1: what each status lets be edited and worked on.
    #[test]
    fn p1_what_a_status_allows() {
        for status in PlanStatus::ALL.iter().copied() {
            let open = status != Completed;
            let development = PlanKind::Development;
            assert_eq!(may_edit_blocks(development, status), open, "{status:?}");
            assert_eq!(may_edit_estimates(development, status), open, "{status:?}");
            assert_eq!(may_work(development, status), open, "{status:?}");
            let implementation = PlanKind::Implementation;
            assert_eq!(may_edit_blocks(implementation, status), status == Draft, "{status:?}");
            assert_eq!(
                may_edit_estimates(implementation, status),
                matches!(status, Draft | Approved),
                "{status:?}"
            );
            assert_eq!(may_work(implementation, status), status == InProgress, "{status:?}");
        }
    }

    /// P-1: only a submission after a sign-off makes a new revision.
    #[test]
    fn p1_revisions() {
        assert_eq!(revision_on_submit(1, false), 1);
        assert_eq!(revision_on_submit(1, true), 2);
        assert_eq!(revision_on_submit(i32::MAX, true), i32::MAX);
    }

    /// E-7, B-13: the overall estimate counts until tasks ask for more; nothing is left of what is completed.
    #[test]
    fn b13_what_is_left_of_a_plan() {
        for (status, estimate_minutes, spent_minutes, rest_minutes, expected) in [
            (InProgress, Some(9600), 2400, None, Some(7200)),
            (InProgress, Some(9600), 2400, Some(600), Some(7200)),
            (InProgress, Some(9600), 9000, Some(1200), Some(1200)),
            (InProgress, Some(9600), 12_000, None, Some(0)),
            (Draft, None, 60, Some(240), Some(240)),
            (Draft, None, 60, None, None),
            (Completed, Some(9600), 60, Some(240), Some(0)),
            (InProgress, Some(1), i64::MIN / 2, None, Some(i32::MAX)),
        ] {
            let effort = Effort { estimate_minutes, spent_minutes, rest_minutes };
            assert_eq!(remaining_minutes(status, &effort), expected, "{status:?} {effort:?}");
        }
    }
}
