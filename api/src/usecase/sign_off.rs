//! Sign-offs: what a person said of a revision, kept for good (P-1, P-4, P-10).

use domain::id::{BlockId, ClientId, PlanId, SignOffId, TaskId};
use domain::plan::SignOffDecision;
use domain::policy::Action;
use entity::sign_off;

use crate::app::Call;
use crate::error::{Error, Result};
use crate::store::{self, Tx};

/// One visible sign-off.
///
/// # Errors
/// The caller reads no sign-offs at all; the database's own.
pub async fn find(call: &Call, id: SignOffId) -> Result<Option<sign_off::Model>> {
    let scope = call.scope(Action::CommentRead)?;
    Ok(store::sign_off::find(call.app.db.reading(), &scope, id).await?)
}

/// What is signed off.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    Plan(PlanId),
    Block(BlockId),
    Task(TaskId),
}

/// A decision with its words.
#[derive(Debug, Clone)]
pub struct Said {
    /// The revision of the plan that it is bound to.
    pub revision: i32,
    pub decision: SignOffDecision,
    pub comment: Option<String>,
    /// Said in a meeting, and recorded by the provider.
    pub in_meeting: bool,
}

/// Keeps a decision of the caller. The right to it was decided before.
///
/// # Errors
/// The database's own.
pub(super) async fn record(call: &Call, tx: &Tx<'_>, client: ClientId, of: Of, said: Said) -> Result<()> {
    let user_id = call.actor.user_id().ok_or_else(|| Error::Internal("only people sign off".to_owned()))?;
    let row = sign_off::Model {
        id: SignOffId::new(),
        client_id: client,
        plan_id: if let Of::Plan(id) = of { Some(id) } else { None },
        block_id: if let Of::Block(id) = of { Some(id) } else { None },
        task_id: if let Of::Task(id) = of { Some(id) } else { None },
        revision: said.revision,
        decision: said.decision,
        user_id,
        comment: said.comment,
        in_meeting: said.in_meeting,
        created_at: tx.now(),
    };
    Ok(store::insert(tx, row).await?)
}
