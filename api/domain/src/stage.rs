//! Stages of an implementation and their norms.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// A stage of an implementation.
    Stage {
        /// Information is gathered from the client.
        Discovery,
        /// The implementation document is written and signed off.
        Specification,
        /// Each task, block and the whole are estimated.
        Estimation,
        /// Blocks are configured, tested, demonstrated and handed over.
        Execution,
    }
}
