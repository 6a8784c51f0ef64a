//! Meetings: planned by a rhythm or by hand, moved, called off, held (M-1).
//!
//! Whoever writes anything of a client's meetings locks the client's row first, as those do who change its inbox: so the
//! next meeting, its agenda and what waits for it stay what they are until the commit. An outcome that logs time opens
//! the engagement's book before that, for whoever logs time on a task holds the book when they come to the task.

mod agenda;
mod hold;
mod people;
mod plan;
mod rhythm;
mod schedule;
mod time;
mod told;

pub use agenda::{Add, For, Point, add, raise, remove};
pub use hold::{Ask, Hold, HoldTime, Outcome, hold};
pub use plan::{Plan, Update, cancel, plan, update};
pub use rhythm::{SetRhythm, clear, set};
pub use schedule::plan_due;

use domain::id::{ClientId, MeetingId, MeetingItemId};
use domain::meeting::check_open;
use domain::policy::{Action, Permit, Target};
use entity::{meeting, meeting_item, user};

use super::field::wrong_status;
use crate::app::Call;
use crate::error::{Error, Refusals, Result};
use crate::store::filter::Tree;
use crate::store::meeting::Leaf;
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::{self, Change, Tx};

/// One visible meeting.
///
/// # Errors
/// The caller reads no meetings at all; the database's own.
pub async fn find(call: &Call, id: MeetingId) -> Result<Option<meeting::Model>> {
    let scope = call.scope(Action::MeetingRead)?;
    Ok(store::meeting::find(call.app.db.reading(), &scope, id).await?)
}

/// Meetings by when they start.
pub fn by_start(direction: Direction) -> Vec<(meeting::Column, Direction)> {
    vec![(meeting::Column::StartsAt, direction), (meeting::Column::Id, direction)]
}

/// A page of the visible meetings.
///
/// # Errors
/// As [`find`].
pub async fn list(
    call: &Call,
    filter: Option<&Tree<Leaf>>,
    order: Vec<(meeting::Column, Direction)>,
    binding: Binding,
    page: &Page,
) -> Result<Listed<meeting::Model>> {
    let scope = call.scope(Action::MeetingRead)?;
    Ok(List { select: store::meeting::select(&scope, filter), order, binding }
        .read(&call.app.db, page)
        .await?)
}

/// One visible point of an agenda.
///
/// # Errors
/// As [`find`].
pub async fn find_item(call: &Call, id: MeetingItemId) -> Result<Option<meeting_item::Model>> {
    let scope = call.scope(Action::MeetingRead)?;
    Ok(store::meeting_item::find(call.app.db.reading(), &scope, id).await?)
}

/// A page of the points of a client whose meetings the caller may read, the newest first.
///
/// # Errors
/// The database's own.
pub async fn items(
    call: &Call,
    client: ClientId,
    waiting: Option<bool>,
    binding: Binding,
    page: &Page,
) -> Result<Listed<meeting_item::Model>> {
    let order =
        vec![(meeting_item::Column::CreatedAt, Direction::Desc), (meeting_item::Column::Id, Direction::Desc)];
    let select = store::meeting_item::select(client, waiting);
    Ok(List { select, order, binding }.read(&call.app.db, page).await?)
}

/// The people of a meeting that the caller sees, by name.
///
/// # Errors
/// The database's own.
pub async fn participants(call: &Call, id: MeetingId) -> Result<Vec<user::Model>> {
    Ok(store::meeting::participants(call.app.db.reading(), id).await?)
}

/// Makes those who write of a client's meetings take turns.
async fn take_turn(tx: &Tx<'_>, client: ClientId) -> Result<()> {
    if store::task::lock_inbox(tx, client).await? { Ok(()) } else { Err(Error::NotFound) }
}

/// A meeting that is open, locked behind its client, with the right to manage it.
async fn take(call: &Call, tx: &Tx<'_>, id: MeetingId) -> Result<(meeting::Model, Permit)> {
    let seen = store::meeting::get(tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::MeetingManage, &Target::client(seen.client_id))?;
    take_turn(tx, seen.client_id).await?;
    let row = store::meeting::lock(tx, id).await?.ok_or(Error::NotFound)?;
    Ok((row, permit))
}

/// Refuses where a meeting was held or cancelled.
fn open(row: &meeting::Model, refusals: &mut Refusals) {
    if let Err(refused) = check_open(row.status) {
        refusals.push(wrong_status(refused));
    }
}

/// What the audit log keeps of a meeting.
fn change(before: Option<&meeting::Model>, row: &meeting::Model) -> Change {
    let change = Change::of("Meeting", row.id).client(row.client_id).after(&summary(row));
    match before {
        Some(before) => change.before(&summary(before)),
        None => change,
    }
}

fn summary(row: &meeting::Model) -> serde_json::Value {
    serde_json::json!({
        "kind": row.kind, "status": row.status, "plannedOn": row.planned_on, "startsAt": row.starts_at,
        "durationMinutes": row.duration_minutes, "place": row.place, "satisfaction": row.satisfaction,
        "notes": row.notes, "cancelReason": row.cancel_reason,
    })
}
