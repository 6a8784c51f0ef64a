//! What the people of a meeting are told: that it is planned, was moved, was called off (M-1).

use domain::meeting::title;
use domain::notification::Content;
use entity::{engagement, meeting};

use crate::app::Call;
use crate::error::{Error, Result};
use crate::store::{self, Tx};
use crate::usecase::ledger::zone;
use crate::usecase::notification::{Audience, Notice, notify};

/// What happened to a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    IsPlanned,
    WasMoved,
    WasCancelled,
}

/// Tells the people of a meeting that is to come; of one whose time has passed there is nothing to tell.
pub(super) async fn tell(
    call: &Call,
    tx: &mut Tx<'_>,
    engagement: &engagement::Model,
    row: &meeting::Model,
    what: What,
) -> Result<()> {
    if row.starts_at <= tx.now() {
        return Ok(());
    }
    let of = store::client::get(tx.connection(), row.client_id).await?.ok_or(Error::NotFound)?;
    let people = store::meeting::participants(tx.connection(), row.id).await?;
    let (client, title) = (of.name, title(row.kind, of.locale).to_owned());
    let (at, time_zone) = (row.starts_at, zone(engagement)?.name().to_owned());
    let once = match what {
        What::WasMoved => format!("{} {}", row.id.0, row.version),
        What::IsPlanned | What::WasCancelled => row.id.0.to_string(),
    };
    let content = match what {
        What::IsPlanned => Content::MeetingPlanned { client, title, at, time_zone },
        What::WasMoved => Content::MeetingMoved { client, title, at, time_zone },
        What::WasCancelled => {
            let reason = row.cancel_reason.clone().unwrap_or_default();
            Content::MeetingCancelled { client, title, at, time_zone, reason }
        }
    };
    let notice = Notice {
        client: Some(row.client_id),
        audience: Audience::people(people.into_iter().map(|user| user.id)),
        content,
        subject: Some(("Meeting", row.id.0)),
        once,
    };
    notify(call, tx, notice).await.map(drop)
}
