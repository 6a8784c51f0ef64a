//! Tasks: the parts of a block, or of a client's inbox.
//!
//! A task asked for by the client waits in the inbox until it is planned (P-5). One machine serves
//! both kinds of plan; they differ in who accepts: in support the client, in an implementation the
//! specialist, for there the client confirms the whole block (P-4). A paused task remembers where
//! it stood. A limit warns and never stops anyone from logging what was worked (P-6).

use thiserror::Error;

use crate::plan::PlanKind;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where a task stands.
    TaskStatus {
        /// Asked for by the client, in the inbox.
        Requested,
        /// Planned into a block.
        Planned,
        /// Being worked on.
        InProgress,
        /// Done by the provider, waiting to be accepted.
        InReview,
        /// Stopped for now.
        Paused,
        /// Accepted.
        Done,
        /// Given up, with a reason.
        Cancelled,
    }
}

/// Where a task stands, and where it returns to after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskState {
    /// The status.
    pub status: TaskStatus,
    /// The status that it was paused from; given exactly while PAUSED.
    pub paused_from: Option<TaskStatus>,
}

/// What happens to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskEvent {
    /// It is planned into a block.
    Plan,
    /// Work on it begins.
    Start,
    /// It is done and handed over to be accepted.
    Submit,
    /// It is accepted.
    Accept,
    /// It is returned with a comment.
    Return,
    /// It stops for now.
    Pause,
    /// It goes on where it stood.
    Resume,
    /// It is given up, with a reason.
    Cancel,
}

/// A task's status does not take the event (P-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the task's status does not allow this")]
pub struct TaskRefused(pub TaskStatus);

impl TaskState {
    /// A task that is not paused.
    pub fn of(status: TaskStatus) -> Self {
        Self { status, paused_from: None }
    }

    /// The state after an event (P-4).
    ///
    /// # Errors
    /// The status does not take the event.
    pub fn next(self, event: TaskEvent) -> Result<Self, TaskRefused> {
        use TaskStatus::{Cancelled, Done, InProgress, InReview, Paused, Planned, Requested};
        match (self.status, event) {
            (Requested, TaskEvent::Plan) => Ok(Self::of(Planned)),
            (Planned, TaskEvent::Start) => Ok(Self::of(InProgress)),
            (InProgress, TaskEvent::Submit) => Ok(Self::of(InReview)),
            (InReview, TaskEvent::Accept) => Ok(Self::of(Done)),
            (InReview, TaskEvent::Return) => Ok(Self::of(InProgress)),
            (Paused, TaskEvent::Resume) => self.paused_from.map(Self::of).ok_or(TaskRefused(Paused)),
            (Requested | Planned | InProgress | InReview, TaskEvent::Pause) => {
                Ok(Self { status: Paused, paused_from: Some(self.status) })
            }
            (Requested | Planned | InProgress | InReview | Paused, TaskEvent::Cancel) => {
                Ok(Self::of(Cancelled))
            }
            _ => Err(TaskRefused(self.status)),
        }
    }
}

/// Whether a task is accepted by the client's side rather than by the specialist (P-4). A task
/// without a plan is support's.
pub fn is_accepted_by_client(kind: Option<PlanKind>) -> bool {
    kind != Some(PlanKind::Implementation)
}

/// Whether a task has reached its limit; both in minutes (P-6). Logging goes on either way.
pub fn limit_warning(spent: i32, limit: Option<i32>) -> bool {
    limit.is_some_and(|limit| spent >= limit)
}

/// What a development of so many minutes is expected to cost the specialist's own time for its
/// specification, testing and hand-over: a fifth to three tenths, the least rounded down and the
/// most up to whole minutes (P-3).
pub fn own_minutes_of_development(development_minutes: i32) -> (i32, i32) {
    let minutes = i64::from(development_minutes.max(0));
    let whole = |share: i64| i32::try_from(share).expect("a share of an i32 is smaller");
    (whole(minutes * 20 / 100), whole((minutes * 30 + 99) / 100))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::TaskEvent::{Accept, Cancel, Pause, Plan, Resume, Return, Start, Submit};
    use super::TaskStatus::{Cancelled, Done, InProgress, InReview, Paused, Planned, Requested};
    use super::*;

    const EVENTS: [TaskEvent; 8] = [Plan, Start, Submit, Accept, Return, Pause, Resume, Cancel];

    /// P-4: every step of a task that is not paused; each of the others is refused.
    #[test]
    fn p4_steps_of_a_task() {
        let steps = [
            (Requested, Plan, Planned),
            (Planned, Start, InProgress),
            (InProgress, Submit, InReview),
            (InReview, Accept, Done),
            (InReview, Return, InProgress),
            (Requested, Pause, Paused),
            (Planned, Pause, Paused),
            (InProgress, Pause, Paused),
            (InReview, Pause, Paused),
            (Requested, Cancel, Cancelled),
            (Planned, Cancel, Cancelled),
            (InProgress, Cancel, Cancelled),
            (InReview, Cancel, Cancelled),
        ];
        for status in TaskStatus::ALL.iter().copied().filter(|status| *status != Paused) {
            for event in EVENTS {
                let step = steps.iter().find(|(from, by, _)| *from == status && *by == event);
                let expected = step.map(|(_, _, to)| *to).ok_or(TaskRefused(status));
                let found = TaskState::of(status).next(event);
                assert_eq!(found.map(|state| state.status), expected, "{status:?} {event:?}");
            }
        }
    }

    /// P-4: a pause returns to where the task stood, or ends in its cancelling.
    #[test]
    fn p4_pause_and_back() {
        for status in [Requested, Planned, InProgress, InReview] {
            let open = TaskState::of(status);
            let paused = open.next(Pause).expect("a pause");
            assert_eq!(paused, TaskState { status: Paused, paused_from: Some(status) });
            assert_eq!(paused.next(Resume), Ok(open));
            assert_eq!(paused.next(Cancel), Ok(TaskState::of(Cancelled)));
            for event in [Plan, Start, Submit, Accept, Return, Pause] {
                assert_eq!(paused.next(event), Err(TaskRefused(Paused)), "{event:?}");
            }
        }
        assert_eq!(TaskState::of(Paused).next(Resume), Err(TaskRefused(Paused)));
    }

    /// P-4: the client accepts in support, the specialist in an implementation.
    #[test]
    fn p4_who_accepts() {
        assert!(is_accepted_by_client(None));
        assert!(is_accepted_by_client(Some(PlanKind::Development)));
        assert!(!is_accepted_by_client(Some(PlanKind::Implementation)));
    }

    /// P-6: the warning stands from the limit on, and never without one.
    #[test]
    fn p6_limit() {
        for (spent, limit, expected) in
            [(59, Some(60), false), (60, Some(60), true), (90, Some(60), true), (i32::MAX, None, false)]
        {
            assert_eq!(limit_warning(spent, limit), expected, "{spent} {limit:?}");
        }
    }

    /// P-3: ten hours of development cost two to three of one's own.
    #[test]
    fn p3_own_minutes_of_a_development() {
        for (development, expected) in
            [(600, (120, 180)), (300, (60, 90)), (1, (0, 1)), (0, (0, 0)), (-5, (0, 0))]
        {
            assert_eq!(own_minutes_of_development(development), expected, "{development}");
        }
    }

    proptest! {
        /// P-4: whatever happens, `paused_from` is known exactly while a task is paused, and what is
        /// done or cancelled stays so.
        #[test]
        fn p4_paused_from_stands_with_paused(events in prop::collection::vec(0..EVENTS.len(), 0..40)) {
            let mut state = TaskState::of(Requested);
            for event in events {
                let closed = matches!(state.status, Done | Cancelled);
                if let Ok(next) = state.next(EVENTS[event]) {
                    prop_assert!(!closed);
                    state = next;
                }
                prop_assert_eq!(state.paused_from.is_some(), state.status == Paused);
            }
        }

        /// T16, P-3: any figure gives an ordered pair.
        #[test]
        fn t16_own_minutes_at_the_edges(development in any::<i32>()) {
            let (least, most) = own_minutes_of_development(development);
            prop_assert!(0 <= least && least <= most);
        }
    }
}
