//! Comments on plans, blocks, tasks, time entries and reports (P-11). Internal ones are for the provider's staff: clients meet
//! them in no list and no count.

use domain::id::{ClientId, CommentId};
use domain::policy::{Action, Target, decide};
use entity::comment;
use serde::Serialize;
use uuid::Uuid;

use super::field::{self, TEXT};
use crate::app::Call;
use crate::bus::Topic;
use crate::error::{Error, Refusals, Result};
pub use crate::store::comment::Subject;
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::{self, Change};

/// One visible comment.
///
/// # Errors
/// The caller reads no comments at all; the database's own.
pub async fn find(call: &Call, id: CommentId) -> Result<Option<comment::Model>> {
    let all = call.scope(Action::CommentRead)?;
    let internal = call.scope(Action::InternalNoteRead).ok();
    Ok(store::comment::find(call.app.db.reading(), &all, internal.as_ref(), id).await?)
}

/// A page of the comments on something whose comments the caller may read, oldest first.
///
/// # Errors
/// The database's own.
pub async fn list(
    call: &Call,
    subject: Subject,
    client: ClientId,
    binding: Binding,
    page: &Page,
) -> Result<Listed<comment::Model>> {
    let internal = decide(&call.actor, Action::InternalNoteRead, &Target::client(client)).is_ok();
    let order = vec![(comment::Column::CreatedAt, Direction::Asc), (comment::Column::Id, Direction::Asc)];
    Ok(List { select: store::comment::select(subject, internal), order, binding }
        .read(&call.app.db, page)
        .await?)
}

/// What a new comment is made from.
#[derive(Debug, Clone, Serialize)]
pub struct Create {
    pub subject: Subject,
    pub body: String,
    pub internal: bool,
}

/// Writes a comment (P-11).
///
/// # Errors
/// Refused: an INVALID text.
pub async fn create(call: &Call, command: Create, key: Option<Uuid>) -> Result<comment::Model> {
    let mut tx = call.begin().await?;
    let subject = command.subject;
    let client = store::comment::client_of(tx.connection(), subject).await?.ok_or(Error::NotFound)?;
    let action = if command.internal { Action::InternalNoteCreate } else { Action::CommentCreate };
    let permit = call.permit(action, &Target::client(client))?;
    let id = CommentId::new();
    if let Some(made) = tx.replay(key, "commentCreate", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(CommentId).ok_or(Error::NotFound)?;
        return find(call, made).await?.ok_or(Error::NotFound);
    }
    let mut refusals = Refusals::default();
    let body = field::text(&mut refusals, "body", &command.body, TEXT);
    refusals.check()?;
    let author_id = call.actor.user_id().ok_or_else(|| Error::Internal("only people comment".to_owned()))?;
    let row = comment::Model {
        id,
        client_id: client,
        plan_id: if let Subject::Plan(id) = subject { Some(id) } else { None },
        block_id: if let Subject::Block(id) = subject { Some(id) } else { None },
        task_id: if let Subject::Task(id) = subject { Some(id) } else { None },
        time_entry_id: if let Subject::TimeEntry(id) = subject { Some(id) } else { None },
        report_id: if let Subject::Report(id) = subject { Some(id) } else { None },
        author_id,
        body: body.unwrap_or_default(),
        internal: command.internal,
        created_at: tx.now(),
    };
    store::insert(&tx, row.clone()).await?;
    match subject {
        Subject::Plan(id) => tx.wake(Topic::Plan(client, id)),
        Subject::Block(id) => {
            if let Some(plan) = store::block::plan_of(tx.connection(), id).await? {
                tx.wake(Topic::Plan(client, plan));
            }
        }
        Subject::Task(id) => tx.wake(Topic::Task(client, id)),
        Subject::TimeEntry(id) => tx.wake(Topic::TimeEntry(client, id)),
        // Nobody watches reports: they do not change.
        Subject::Report(_) => {}
    }
    let change = Change::of("Comment", id).client(client);
    tx.commit(
        permit,
        change.after(&serde_json::json!({"on": subject, "internal": row.internal, "body": row.body})),
    )
    .await?;
    Ok(row)
}
