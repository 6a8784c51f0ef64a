//! What a client's people learn from: instructions (K-1) and trainings (K-2).
//!
//! An instruction has one body: a text, a video's link, or the address of an article in the client's own CRM; who wants
//! a video and a text writes two. It hangs on a block, on a task, or on the client in general, and is withdrawn rather
//! than deleted, for links to it may be anywhere. A training is of all the client's people or of those who are named,
//! who need not sign in anywhere; once it was held it is known who came.

use thiserror::Error;

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What an instruction is made of.
    InstructionKind {
        /// A text.
        Text,
        /// A video, by its link.
        Video,
        /// An article in the client's own CRM, by its address.
        Article,
    }
    /// Where a training stands.
    TrainingStatus {
        /// Yet to come.
        Planned,
        /// Held; it is known who came.
        Held,
        /// Called off.
        Cancelled,
    }
}

/// The most instructions, and the most trainings, of one block or task.
pub const EACH: usize = 20;
/// The most people of one training.
pub const PEOPLE: usize = 100;

/// What became of a training already stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the training is {}", if *.0 == TrainingStatus::Held { "held" } else { "cancelled" })]
pub struct TrainingRefused(pub TrainingStatus);

/// Whether a training can still be changed, cancelled or held (K-2).
///
/// # Errors
/// It was held or cancelled.
pub fn check_open(status: TrainingStatus) -> Result<(), TrainingRefused> {
    if status == TrainingStatus::Planned { Ok(()) } else { Err(TrainingRefused(status)) }
}

/// Whether a body fits its kind: a text has words, the others an address, and none has both (K-1).
pub fn fits(kind: InstructionKind, has_text: bool, has_url: bool) -> bool {
    (kind == InstructionKind::Text) == has_text && has_text != has_url
}

#[cfg(test)]
mod tests {
    use super::*;

    /// K-1: one body, of its kind.
    #[test]
    fn k1_an_instruction_has_one_body() {
        for kind in InstructionKind::ALL {
            let is_text = *kind == InstructionKind::Text;
            assert_eq!(fits(*kind, true, false), is_text);
            assert_eq!(fits(*kind, false, true), !is_text);
            assert!(!fits(*kind, true, true) && !fits(*kind, false, false));
        }
    }

    /// K-2: what was held or cancelled stays so.
    #[test]
    fn k2_what_stands_stands() {
        assert_eq!(check_open(TrainingStatus::Planned), Ok(()));
        for status in [TrainingStatus::Held, TrainingStatus::Cancelled] {
            assert_eq!(check_open(status), Err(TrainingRefused(status)));
        }
        assert_eq!(TrainingRefused(TrainingStatus::Cancelled).to_string(), "the training is cancelled");
    }
}
