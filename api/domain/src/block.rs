//! Blocks: the parts of a plan, in order of priority.
//!
//! A block is worked on, demonstrated, and confirmed by the client's sign-off, or returned with a
//! comment. Silence never confirms it; the client is reminded instead (P-10). A block may wait for
//! others (P-2); what waits for itself, over however many steps, is refused here.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::id::BlockId;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where a block stands.
    BlockStatus {
        /// Not begun.
        Planned,
        /// Being worked on.
        InProgress,
        /// Demonstrated, waiting for the client.
        InReview,
        /// Confirmed by the client.
        Confirmed,
    }
}

/// What happens to a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockEvent {
    /// Work on it begins.
    Start,
    /// It is demonstrated and waits for the client.
    Demonstrate,
    /// The client confirms it.
    Confirm,
    /// The client returns it with a comment.
    Return,
}

/// A block's status does not take the event (P-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the block's status does not allow this")]
pub struct BlockRefused(pub BlockStatus);

/// The status of a block after an event, the same in both kinds of plan (P-10).
///
/// # Errors
/// The status does not take the event.
pub fn next(status: BlockStatus, event: BlockEvent) -> Result<BlockStatus, BlockRefused> {
    use BlockStatus::{Confirmed, InProgress, InReview, Planned};
    match (status, event) {
        (Planned, BlockEvent::Start) => Ok(InProgress),
        (InProgress, BlockEvent::Demonstrate) => Ok(InReview),
        (InReview, BlockEvent::Confirm) => Ok(Confirmed),
        (InReview, BlockEvent::Return) => Ok(InProgress),
        _ => Err(BlockRefused(status)),
    }
}

/// Whether `block` would wait for itself if it depended on `depends_on`, given the plan's present
/// dependencies as pairs of a block and what it depends on (P-2).
pub fn closes_circle(dependencies: &[(BlockId, BlockId)], block: BlockId, depends_on: BlockId) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![depends_on];
    while let Some(current) = open.pop() {
        if current == block {
            return true;
        }
        if seen.insert(current) {
            open.extend(dependencies.iter().filter(|(from, _)| *from == current).map(|(_, to)| *to));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::BlockEvent::{Confirm, Demonstrate, Return, Start};
    use super::BlockStatus::{Confirmed, InProgress, InReview, Planned};
    use super::*;

    /// P-10: every step of a block; each of the others is refused.
    #[test]
    fn p10_steps_of_a_block() {
        let steps = [
            (Planned, Start, InProgress),
            (InProgress, Demonstrate, InReview),
            (InReview, Confirm, Confirmed),
            (InReview, Return, InProgress),
        ];
        for status in BlockStatus::ALL {
            for event in [Start, Demonstrate, Confirm, Return] {
                let step = steps.iter().find(|(from, by, _)| from == status && *by == event);
                let expected = step.map_or(Err(BlockRefused(*status)), |(_, _, to)| Ok(*to));
                assert_eq!(next(*status, event), expected, "{status:?} {event:?}");
            }
        }
    }

    /// P-2: a block may depend on others, never on itself, over any number of steps.
    #[test]
    fn p2_no_circle_of_dependencies() {
        let id = |number| BlockId(Uuid::from_u128(number));
        let chain = [(id(1), id(2)), (id(2), id(3)), (id(2), id(4)), (id(4), id(3))];
        for (block, depends_on, expected) in [
            (3, 1, true),
            (3, 2, true),
            (4, 1, true),
            (5, 5, true),
            (1, 3, false),
            (5, 1, false),
            (3, 5, false),
        ] {
            assert_eq!(closes_circle(&chain, id(block), id(depends_on)), expected, "{block} {depends_on}");
        }
    }
}
