//! Engagements: one client buying one tariff, from a date.
//!
//! An engagement moves by events; which of them its status takes is decided here (E-2), what must
//! hold before the start in `start`. What sets a support apart is that it runs until it is
//! cancelled: it never completes and is not paused, and its cancelling only sets its end to the
//! running period's, until which it stays ACTIVE with balance, entries and reports.
//! Who may do each is the policy's, days and minutes are the use-case's.

mod start;

pub use start::{PlanFacts, StartFacts, unmet, unmet_codes};

use thiserror::Error;

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where an engagement stands.
    EngagementStatus {
        /// The offer: nothing is bought yet.
        Draft,
        /// Running.
        Active,
        /// Stopped for some days at the client's wish.
        Paused,
        /// The work bought is done.
        Completed,
        /// Ended before its work was done, or never begun.
        Cancelled,
    }
    /// What happens to time logged beyond the balance.
    OveragePolicy {
        /// It is logged and shown as overage.
        Allowed,
        /// It is refused with BALANCE_EXHAUSTED.
        Refused,
        /// It is refused with APPROVAL_NEEDED until the client owner has approved extra minutes for the period.
        AskClient,
    }
}

/// How long an engagement runs, by its tariff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// For a number of months, until its work is done.
    Fixed,
    /// Month by month until it is cancelled, as support does.
    UntilCancelled,
}

impl Length {
    /// From the months of the tariff's terms; none means until cancelled.
    pub fn of(months: Option<i32>) -> Self {
        if months.is_some() { Self::Fixed } else { Self::UntilCancelled }
    }
}

/// What happens to an engagement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngagementEvent {
    /// It begins, all its start conditions met.
    Start,
    /// It stops for some days.
    Pause,
    /// It goes on.
    Resume,
    /// Its work is done.
    Complete,
    /// It is given up, or cancelled for the end of the running period.
    Cancel,
    /// The end set by cancelling has come.
    End,
}

/// Why an engagement does not take an event (E-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EngagementRefused {
    /// Its status does not allow it.
    #[error("the engagement's status does not allow this")]
    WrongStatus(EngagementStatus),
    /// Its kind of term does not know it: a support neither pauses nor completes.
    #[error("an engagement of this length does not take this")]
    WrongLength(Length),
}

/// The status after an event (E-2). An ACTIVE engagement that runs until cancelled stays ACTIVE on
/// Cancel: the caller sets its end to the running period's, and `End` closes it then.
///
/// # Errors
/// The event is not legal in this status, or not for this length.
pub fn next(
    status: EngagementStatus,
    event: EngagementEvent,
    length: Length,
) -> Result<EngagementStatus, EngagementRefused> {
    use EngagementEvent as Event;
    use EngagementStatus::{Active, Cancelled, Completed, Draft, Paused};
    let open_ended = length == Length::UntilCancelled;
    let foreign = match event {
        Event::Pause | Event::Complete => open_ended,
        Event::End => !open_ended,
        Event::Start | Event::Resume | Event::Cancel => false,
    };
    match (status, event) {
        (Draft, Event::Start) => Ok(Active),
        (Draft, Event::Cancel) => Ok(Cancelled),
        (Active | Paused, _) if foreign => Err(EngagementRefused::WrongLength(length)),
        (Active, Event::Pause) => Ok(Paused),
        (Paused, Event::Resume) => Ok(Active),
        (Active | Paused, Event::Complete) => Ok(Completed),
        (Active, Event::Cancel) if open_ended => Ok(Active),
        (Active | Paused, Event::Cancel) | (Active, Event::End) => Ok(Cancelled),
        _ => Err(EngagementRefused::WrongStatus(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::EngagementEvent::{Cancel, Complete, End, Pause, Resume, Start};
    use super::EngagementStatus::{Active, Cancelled, Completed, Draft, Paused};
    use super::Length::{Fixed, UntilCancelled};
    use super::*;

    const EVENTS: [EngagementEvent; 6] = [Start, Pause, Resume, Complete, Cancel, End];

    /// E-2: every step that exists; each of the others is refused.
    #[test]
    fn e2_steps_of_an_engagement() {
        let fixed = [
            (Draft, Start, Active),
            (Draft, Cancel, Cancelled),
            (Active, Pause, Paused),
            (Paused, Resume, Active),
            (Active, Complete, Completed),
            (Paused, Complete, Completed),
            (Active, Cancel, Cancelled),
            (Paused, Cancel, Cancelled),
        ];
        let open_ended = [
            (Draft, Start, Active),
            (Draft, Cancel, Cancelled),
            (Active, Cancel, Active),
            (Active, End, Cancelled),
            (Paused, Resume, Active),
            (Paused, Cancel, Cancelled),
        ];
        for (length, steps) in [(Fixed, &fixed[..]), (UntilCancelled, &open_ended[..])] {
            for status in EngagementStatus::ALL {
                for event in EVENTS {
                    let step = steps.iter().find(|(from, by, _)| from == status && *by == event);
                    let found = next(*status, event, length);
                    assert_eq!(found.ok(), step.map(|(_, _, to)| *to), "{status:?} {event:?} {length:?}");
                }
            }
        }
    }

    /// E-2: a support never completes, and the refusal says why.
    #[test]
    fn e2_support_never_completes() {
        assert_eq!(Length::of(None), UntilCancelled);
        assert_eq!(Length::of(Some(2)), Fixed);
        let refused = Err(EngagementRefused::WrongLength(UntilCancelled));
        assert_eq!(next(Active, Complete, UntilCancelled), refused);
        assert_eq!(next(Active, Pause, UntilCancelled), refused);
        assert_eq!(next(Completed, Start, Fixed), Err(EngagementRefused::WrongStatus(Completed)));
    }
}
