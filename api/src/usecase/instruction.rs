//! Instructions: what a client's people read and watch (K-1).

use domain::id::{ClientId, InstructionId};
use domain::knowledge::{EACH, InstructionKind, fits};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::text::fold;
use entity::instruction;
use serde::Serialize;
use uuid::Uuid;

use super::field::{self, TEXT, TITLE, wrong_status};
use super::knowledge::{On, check_on, check_room};
use super::patch::{Edited, Patch, set_required};
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::filter::Tree;
use crate::store::instruction::Leaf;
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::{self, Change};

/// One visible instruction, withdrawn ones included.
///
/// # Errors
/// The caller reads no instructions at all; the database's own.
pub async fn find(call: &Call, id: InstructionId) -> Result<Option<instruction::Model>> {
    let scope = call.scope(Action::KnowledgeRead)?;
    Ok(store::instruction::find(call.app.db.reading(), &scope, id).await?)
}

/// A page of the instructions of a client whose knowledge base the caller may read, by title.
///
/// # Errors
/// The database's own.
pub async fn list(
    call: &Call,
    client: ClientId,
    filter: &Tree<Leaf>,
    binding: Binding,
    page: &Page,
) -> Result<Listed<instruction::Model>> {
    let order =
        vec![(instruction::Column::TitleKey, Direction::Asc), (instruction::Column::Id, Direction::Asc)];
    let select = store::instruction::select(client, filter);
    Ok(List { select, order, binding }.read(&call.app.db, page).await?)
}

/// A new instruction.
#[derive(Debug, Clone, Serialize)]
pub struct Create {
    pub client_id: ClientId,
    pub on: On,
    pub title: String,
    pub kind: InstructionKind,
    pub text: Option<String>,
    pub url: Option<String>,
}

/// Writes an instruction (K-1).
///
/// # Errors
/// Refused: INVALID fields.
pub async fn create(call: &Call, command: Create, key: Option<Uuid>) -> Result<instruction::Model> {
    let client = command.client_id;
    let permit = call.permit(Action::KnowledgeManage, &Target::client(client))?;
    let tx = call.begin().await?;
    let id = InstructionId::new();
    if let Some(made) = tx.replay(key, "instructionCreate", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(InstructionId).ok_or(Error::NotFound)?;
        return find(call, made).await?.ok_or(Error::NotFound);
    }
    if !store::task::lock_inbox(&tx, client).await? {
        return Err(Error::NotFound);
    }
    let author_id = call.actor.user_id().ok_or_else(|| Error::Internal("only people write".to_owned()))?;
    let mut refusals = Refusals::default();
    check_on(&tx, client, command.on, &mut refusals).await?;
    let count = store::instruction::count_on(&tx, command.on.block_id, command.on.task_id).await?;
    check_room(count, EACH, command.on, &mut refusals);
    let title = field::text(&mut refusals, "title", &command.title, TITLE).unwrap_or_default();
    let row = instruction::Model {
        id,
        client_id: client,
        block_id: command.on.block_id,
        task_id: command.on.task_id,
        title_key: fold(&title),
        title,
        kind: command.kind,
        text: command.text.as_deref().and_then(|text| field::text(&mut refusals, "text", text, TEXT)),
        url: command.url.as_deref().and_then(|url| field::url(&mut refusals, "url", url)),
        author_id,
        withdrawn_at: None,
        withdrawn_by: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    check_body(command.kind, command.text.is_some(), command.url.is_some(), &mut refusals);
    refusals.check()?;
    store::insert(&tx, row.clone()).await?;
    let change = Change::of("Instruction", id).client(client).after(&summary(&row));
    tx.commit(permit, change).await?;
    Ok(row)
}

fn check_body(kind: InstructionKind, has_text: bool, has_url: bool, refusals: &mut Refusals) {
    if !fits(kind, has_text, has_url) {
        let (field, words) = match kind {
            InstructionKind::Text => ("text", "A text has words, and no address."),
            InstructionKind::Video | InstructionKind::Article => ("url", "It has an address, and no text."),
        };
        refusals.push(Refusal::new(ErrorCode::Invalid, words).at(field));
    }
}

/// What changes of an instruction; its kind stays.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub title: Patch<String>,
    pub text: Patch<String>,
    pub url: Patch<String>,
}

/// Changes an instruction (K-1).
///
/// # Errors
/// Refused: INVALID fields; WRONG_STATUS once it is withdrawn.
pub async fn update(
    call: &Call,
    id: InstructionId,
    expected_version: i32,
    command: Update,
) -> Result<Edited<instruction::Model>> {
    let tx = call.begin().await?;
    let before = store::instruction::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::KnowledgeManage, &Target::client(before.client_id))?;
    if before.version != expected_version {
        return Ok(Edited::Conflict(before));
    }
    let mut refusals = Refusals::default();
    standing(&before, &mut refusals);
    let mut row = before.clone();
    let title = match command.title {
        Some(Some(title)) => field::text(&mut refusals, "title", &title, TITLE).map(Some),
        other => other,
    };
    set_required(&mut row.title, title, "title", &mut refusals);
    row.title_key = fold(&row.title);
    let (text, url) = (command.text.clone(), command.url.clone());
    check_body(
        row.kind,
        text.as_ref().map_or(row.text.is_some(), Option::is_some),
        url.as_ref().map_or(row.url.is_some(), Option::is_some),
        &mut refusals,
    );
    if let Some(text) = text {
        row.text = text.and_then(|text| field::text(&mut refusals, "text", &text, TEXT));
    }
    if let Some(url) = url {
        row.url = url.and_then(|url| field::url(&mut refusals, "url", &url));
    }
    refusals.check()?;
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await?;
    let change = Change::of("Instruction", id).client(row.client_id);
    tx.commit(permit, change.before(&summary(&before)).after(&summary(&row))).await?;
    Ok(Edited::Done(row))
}

/// Takes an instruction out of the knowledge base; whoever has its id still reads it (K-1).
///
/// # Errors
/// Refused: WRONG_STATUS where it is withdrawn already.
pub async fn withdraw(call: &Call, id: InstructionId) -> Result<instruction::Model> {
    let tx = call.begin().await?;
    let before = store::instruction::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::KnowledgeManage, &Target::client(before.client_id))?;
    let mut refusals = Refusals::default();
    standing(&before, &mut refusals);
    refusals.check()?;
    let row = instruction::Model {
        withdrawn_at: Some(tx.now()),
        withdrawn_by: call.actor.user_id(),
        version: before.version + 1,
        updated_at: tx.now(),
        ..before.clone()
    };
    store::update(&tx, row.clone()).await?;
    let change = Change::of("Instruction", id).client(row.client_id);
    tx.commit(permit, change.before(&summary(&before)).after(&summary(&row))).await?;
    Ok(row)
}

fn standing(row: &instruction::Model, refusals: &mut Refusals) {
    if row.withdrawn_at.is_some() {
        refusals.push(wrong_status("it is withdrawn"));
    }
}

fn summary(row: &instruction::Model) -> serde_json::Value {
    serde_json::json!({
        "blockId": row.block_id, "taskId": row.task_id, "title": row.title, "kind": row.kind, "text": row.text,
        "url": row.url, "withdrawnAt": row.withdrawn_at,
    })
}
