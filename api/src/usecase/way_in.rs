//! Ways in: how a client came to support, as the record that its start asks for (C-1).

use chrono::NaiveDate;
use domain::client::WayInKind;
use domain::id::{ClientId, WayInId};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::text::Text;
use entity::way_in;
use serde::Serialize;
use uuid::Uuid;

use super::client::today;
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change};

/// The longest findings and notes.
const TEXT: usize = 10_000;

/// What is recorded.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    pub client_id: ClientId,
    pub kind: WayInKind,
    pub completed_on: NaiveDate,
    pub findings: Option<String>,
    pub note: Option<String>,
}

/// A visible way in.
///
/// # Errors
/// The caller reads none at all; the database's own.
pub async fn find(call: &Call, id: WayInId) -> Result<Option<way_in::Model>> {
    let scope = call.scope(Action::WayInRead)?;
    Ok(store::way_in::find(call.app.db.reading(), &scope, id).await?)
}

/// Records an implementation or an audit that is complete; an audit only with its findings (C-1).
///
/// # Errors
/// Refused: a FUTURE_DAY, an audit without findings, INVALID texts.
pub async fn record(call: &Call, command: Record, key: Option<Uuid>) -> Result<way_in::Model> {
    let tx = call.begin().await?;
    let client = store::client::lock(&tx, command.client_id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::WayInRecord, &Target::client(client.id))?;
    let id = WayInId::new();
    if let Some(made) = tx.replay(key, "wayInRecord", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(WayInId).ok_or(Error::NotFound)?;
        return find(call, made).await?.ok_or(Error::NotFound);
    }
    let mut refusals = Refusals::default();
    let mut text = |value: Option<String>, field| {
        let text = refusals.take(field, value.map(|value| Text::parse(&value, TEXT)).transpose());
        text.flatten().map(String::from)
    };
    let has_findings = command.findings.is_some();
    let (findings, note) = (text(command.findings, "findings"), text(command.note, "note"));
    if command.kind == WayInKind::Audit && !has_findings {
        refusals
            .push(Refusal::new(ErrorCode::Invalid, "An audit is complete with its findings.").at("findings"));
    }
    if command.completed_on > today(&client, call.now) {
        refusals.push(Refusal::new(ErrorCode::FutureDay, "The day has not come yet.").at("completedOn"));
    }
    refusals.check()?;
    let row = way_in::Model {
        id,
        client_id: client.id,
        kind: command.kind,
        completed_on: command.completed_on,
        findings,
        note,
        recorded_by: call.actor.user_id(),
        created_at: tx.now(),
    };
    store::insert(&tx, row.clone()).await?;
    let after = serde_json::json!({
        "kind": row.kind, "completedOn": row.completed_on, "findings": row.findings, "note": row.note,
    });
    tx.commit(permit, Change::of("WayIn", id).client(client.id).after(&after)).await?;
    Ok(row)
}
