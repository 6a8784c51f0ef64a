//! What instructions and trainings have in common: what they hang on (K-1, K-2).

use domain::id::{BlockId, ClientId, TaskId};
use domain::refusal::ErrorCode;
use serde::Serialize;

use crate::error::{Refusal, Refusals, Result};
use crate::store::comment::Subject;
use crate::store::{self, Tx};

/// A block, a task, or, with neither, the client in general.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct On {
    pub block_id: Option<BlockId>,
    pub task_id: Option<TaskId>,
}

/// Refuses what is on two things at once, or on one that is not the client's.
pub(super) async fn check_on(tx: &Tx<'_>, client: ClientId, on: On, refusals: &mut Refusals) -> Result<()> {
    if on.block_id.is_some() && on.task_id.is_some() {
        let words = "It is on a block or on a task, not on both.";
        refusals.push(Refusal::new(ErrorCode::Invalid, words).at("taskId"));
    }
    for (subject, field) in
        [(on.block_id.map(Subject::Block), "blockId"), (on.task_id.map(Subject::Task), "taskId")]
    {
        if let Some(subject) = subject
            && store::comment::client_of(tx.connection(), subject).await? != Some(client)
        {
            let words = "The client has nothing of this id.";
            refusals.push(Refusal::new(ErrorCode::Invalid, words).at(field));
        }
    }
    Ok(())
}

/// Refuses one more where a block or task has all that it can.
pub(super) fn check_room(count: u64, most: usize, on: On, refusals: &mut Refusals) {
    if count >= most as u64 {
        let field = if on.block_id.is_some() { "blockId" } else { "taskId" };
        refusals.push(Refusal::new(ErrorCode::Invalid, format!("It has {most} already.")).at(field));
    }
}
