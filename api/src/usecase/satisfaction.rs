//! Satisfaction: figures from 1 to 5 that a client gives, and how it stands by the last two (M-1, R-4).
//!
//! Every source keeps its figures through [`record`]: meetings, answers to reports, the quality manager's calls. How a
//! client stands is written beside the figure, so that clients are listed by it without reading all of theirs.

use domain::id::{ClientId, ClientSatisfactionId, EngagementId, MeetingId, SatisfactionId};
use domain::meeting::{SatisfactionSource, is_score};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use entity::{client_satisfaction, satisfaction};
use serde::Serialize;
use uuid::Uuid;

use super::client::today;
use super::field::{self, WORDS};
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::filter::Tree;
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::satisfaction::Leaf;
use crate::store::{self, Change, Tx};

/// A figure and where it comes from.
#[derive(Debug, Clone)]
pub struct Figure {
    pub client_id: ClientId,
    pub engagement_id: Option<EngagementId>,
    pub source: SatisfactionSource,
    pub score: i32,
    pub note: Option<String>,
    /// The meeting that it was asked in; one figure each.
    pub meeting_id: Option<MeetingId>,
    /// The answer that it stands in; one figure each.
    pub report_answer_id: Option<Uuid>,
}

/// Refuses what is no figure.
pub fn check(score: i32, field: &'static str, refusals: &mut Refusals) {
    if !is_score(score) {
        refusals.push(Refusal::new(ErrorCode::Invalid, "Satisfaction is a figure from 1 to 5.").at(field));
    }
}

/// Keeps a figure and how the client stands by it. Figure and words were checked before and the right to record them
/// decided; the caller commits.
///
/// # Errors
/// NotFound where there is no such client; the database's own.
pub async fn record(tx: &Tx<'_>, id: SatisfactionId, figure: Figure) -> Result<satisfaction::Model> {
    store::task::lock_inbox(tx, figure.client_id).await?;
    let client = store::client::get(tx.connection(), figure.client_id).await?.ok_or(Error::NotFound)?;
    let row = satisfaction::Model {
        id,
        client_id: client.id,
        engagement_id: figure.engagement_id,
        meeting_id: figure.meeting_id,
        report_answer_id: figure.report_answer_id,
        source: figure.source,
        score: figure.score,
        note: figure.note,
        on_day: today(&client, tx.now()),
        recorded_by: tx.actor_id().map(domain::id::UserId),
        created_at: tx.now(),
    };
    store::insert(tx, row.clone()).await?;
    match store::satisfaction::stands(tx, client.id).await? {
        Some(before) => {
            let row = client_satisfaction::Model {
                latest_score: row.score,
                latest_on: row.on_day,
                previous_score: Some(before.latest_score),
                previous_on: Some(before.latest_on),
                change: row.score - before.latest_score,
                figures: before.figures + 1,
                updated_at: tx.now(),
                ..before
            };
            store::update(tx, row).await?;
        }
        None => {
            let first = client_satisfaction::Model {
                id: ClientSatisfactionId::new(),
                client_id: client.id,
                latest_score: row.score,
                latest_on: row.on_day,
                previous_score: None,
                previous_on: None,
                change: 0,
                figures: 1,
                updated_at: tx.now(),
            };
            store::insert(tx, first).await?;
        }
    }
    Ok(row)
}

/// A figure that the quality manager asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    pub client_id: ClientId,
    pub score: i32,
    pub note: Option<String>,
}

/// Records what a client said in a quality call (M-1).
///
/// # Errors
/// Refused: INVALID fields.
pub async fn ask(call: &Call, command: Record, key: Option<Uuid>) -> Result<satisfaction::Model> {
    let client = command.client_id;
    let permit = call.permit(Action::SatisfactionRecord, &Target::client(client))?;
    let tx = call.begin().await?;
    let id = SatisfactionId::new();
    if let Some(made) = tx.replay(key, "satisfactionRecord", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(SatisfactionId).ok_or(Error::NotFound)?;
        return find(call, made).await?.ok_or(Error::NotFound);
    }
    let mut refusals = Refusals::default();
    check(command.score, "score", &mut refusals);
    let note = command.note.as_deref().and_then(|note| field::text(&mut refusals, "note", note, WORDS));
    refusals.check()?;
    let figure = Figure {
        client_id: client,
        engagement_id: None,
        source: SatisfactionSource::QualityCall,
        score: command.score,
        note,
        meeting_id: None,
        report_answer_id: None,
    };
    let row = record(&tx, id, figure).await?;
    tx.commit(permit, Change::of("SatisfactionFigure", id).client(client).after(&command)).await?;
    Ok(row)
}

/// One visible figure.
///
/// # Errors
/// The caller reads no figures at all; the database's own.
pub async fn find(call: &Call, id: SatisfactionId) -> Result<Option<satisfaction::Model>> {
    let scope = call.scope(Action::SatisfactionRead)?;
    Ok(store::satisfaction::find(call.app.db.reading(), &scope, id).await?)
}

/// A page of the figures of a client whose satisfaction the caller may read, the newest first.
///
/// # Errors
/// The database's own.
pub async fn of_client(
    call: &Call,
    client: ClientId,
    binding: Binding,
    page: &Page,
) -> Result<Listed<satisfaction::Model>> {
    let order =
        vec![(satisfaction::Column::CreatedAt, Direction::Desc), (satisfaction::Column::Id, Direction::Desc)];
    let select = store::satisfaction::of_client(client);
    Ok(List { select, order, binding }.read(&call.app.db, page).await?)
}

/// How a client stands, by the record's id.
///
/// # Errors
/// The caller does not look across clients; the database's own.
pub async fn find_standing(
    call: &Call,
    id: ClientSatisfactionId,
) -> Result<Option<client_satisfaction::Model>> {
    let scope = call.scope(Action::QualityRead)?;
    Ok(store::satisfaction::find_standing(call.app.db.reading(), &scope, id).await?)
}

/// A page of how clients stand; those without any figure are not among them.
///
/// # Errors
/// As [`find_standing`].
pub async fn standing(
    call: &Call,
    filter: Option<&Tree<Leaf>>,
    order: Vec<(client_satisfaction::Column, Direction)>,
    binding: Binding,
    page: &Page,
) -> Result<Listed<client_satisfaction::Model>> {
    let scope = call.scope(Action::QualityRead)?;
    let select = store::satisfaction::standing(&scope, filter);
    Ok(List { select, order, binding }.read(&call.app.db, page).await?)
}
