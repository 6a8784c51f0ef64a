//! Trainings: who is taught what, when, by whom, and who came (K-2). Time is logged on its own, as TRAINING.

use chrono::{DateTime, Utc};
use domain::id::{ClientId, TrainingId, TrainingPersonId, UserId};
use domain::knowledge::{EACH, PEOPLE, TrainingStatus, check_open};
use domain::policy::{Action, Permit, Target};
use domain::refusal::ErrorCode;
use domain::text::{Text, fold};
use entity::{client, training, training_person, user};
use serde::Serialize;
use uuid::Uuid;

use super::client::today;
use super::field::{self, TEXT, TITLE, wrong_status};
use super::knowledge::{On, check_on, check_room};
use super::patch::{Edited, Patch, set, set_required};
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::filter::Tree;
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::training::Leaf;
use crate::store::{self, Change, Tx};

/// The longest place or link.
const PLACE: usize = 2000;
/// The longest name of a person.
const NAME: usize = 200;

/// A person of a training: a contact of the client, or a plain name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Who {
    User(UserId),
    Name(String),
}

/// One visible training.
///
/// # Errors
/// The caller reads no trainings at all; the database's own.
pub async fn find(call: &Call, id: TrainingId) -> Result<Option<training::Model>> {
    let scope = call.scope(Action::KnowledgeRead)?;
    Ok(store::training::find(call.app.db.reading(), &scope, id).await?)
}

/// A page of the trainings of a client whose knowledge base the caller may read, the latest first.
///
/// # Errors
/// The database's own.
pub async fn list(
    call: &Call,
    client: ClientId,
    filter: &Tree<Leaf>,
    binding: Binding,
    page: &Page,
) -> Result<Listed<training::Model>> {
    let order = vec![(training::Column::StartsAt, Direction::Desc), (training::Column::Id, Direction::Desc)];
    let select = store::training::select(client, filter);
    Ok(List { select, order, binding }.read(&call.app.db, page).await?)
}

/// A training to be planned.
#[derive(Debug, Clone, Serialize)]
pub struct Create {
    pub client_id: ClientId,
    pub on: On,
    pub title: String,
    pub description: Option<String>,
    pub starts_at: DateTime<Utc>,
    pub place: Option<String>,
    /// The caller where absent.
    pub trainer_id: Option<UserId>,
    /// For all of the client's people; else for those who are named.
    pub everyone: bool,
    pub people: Vec<Who>,
}

/// Plans a training (K-2).
///
/// # Errors
/// Refused: INVALID fields.
pub async fn create(call: &Call, command: Create, key: Option<Uuid>) -> Result<training::Model> {
    let permit = call.permit(Action::KnowledgeManage, &Target::client(command.client_id))?;
    let tx = call.begin().await?;
    let id = TrainingId::new();
    if let Some(made) = tx.replay(key, "trainingCreate", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(TrainingId).ok_or(Error::NotFound)?;
        return find(call, made).await?.ok_or(Error::NotFound);
    }
    let around = Around::take(&tx, command.client_id).await?;
    let mut refusals = Refusals::default();
    check_on(&tx, command.client_id, command.on, &mut refusals).await?;
    let count = store::training::count_on(&tx, command.on.block_id, command.on.task_id).await?;
    check_room(count, EACH, command.on, &mut refusals);
    let me = call.actor.user_id().ok_or_else(|| Error::Internal("only people teach".to_owned()))?;
    let trainer_id = command.trainer_id.unwrap_or(me);
    around.check_trainer(trainer_id, me, &mut refusals);
    let title = field::text(&mut refusals, "title", &command.title, TITLE).unwrap_or_default();
    let text = |refusals: &mut Refusals, name, value: &Option<String>, most| {
        value.as_deref().and_then(|value| field::text(refusals, name, value, most))
    };
    let row = training::Model {
        id,
        client_id: command.client_id,
        block_id: command.on.block_id,
        task_id: command.on.task_id,
        title_key: fold(&title),
        title,
        description: text(&mut refusals, "description", &command.description, TEXT),
        status: TrainingStatus::Planned,
        starts_at: command.starts_at,
        place: text(&mut refusals, "place", &command.place, PLACE),
        trainer_id,
        everyone: command.everyone,
        cancel_reason: None,
        closed_at: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    let people = around.people(&command.people, "people", &mut refusals);
    check_audience(row.everyone, people.len(), &mut refusals);
    refusals.check()?;
    store::insert(&tx, row.clone()).await?;
    store::training::set_people(&tx, id, rows(id, people.into_iter().map(|who| (who, None)))).await?;
    commit(tx, permit, None, &row).await?;
    Ok(row)
}

/// A training is for everyone, or for somebody.
fn check_audience(everyone: bool, people: usize, refusals: &mut Refusals) {
    if everyone != (people == 0) {
        let words = "Name the people, or say that it is for everyone.";
        refusals.push(Refusal::new(ErrorCode::Invalid, words).at("people"));
    }
}

/// What changes of a training to come.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub title: Patch<String>,
    pub description: Patch<String>,
    pub starts_at: Patch<DateTime<Utc>>,
    pub place: Patch<String>,
    pub trainer_id: Patch<UserId>,
    /// Everyone where it is empty.
    pub people: Patch<Vec<Who>>,
}

/// Changes a training to come (K-2).
///
/// # Errors
/// Refused: INVALID fields; WRONG_STATUS where it was held or cancelled.
pub async fn update(
    call: &Call,
    id: TrainingId,
    expected_version: i32,
    command: Update,
) -> Result<Edited<training::Model>> {
    let tx = call.begin().await?;
    let (before, permit) = take(call, &tx, id).await?;
    if before.version != expected_version {
        return Ok(Edited::Conflict(before));
    }
    let around = Around::take(&tx, before.client_id).await?;
    let mut refusals = Refusals::default();
    open(&before, &mut refusals);
    let mut row = before.clone();
    let title = match command.title {
        Some(Some(title)) => field::text(&mut refusals, "title", &title, TITLE).map(Some),
        other => other,
    };
    set_required(&mut row.title, title, "title", &mut refusals);
    row.title_key = fold(&row.title);
    set_required(&mut row.starts_at, command.starts_at, "startsAt", &mut refusals);
    let mut text = |patch: Patch<String>, name, most| -> Patch<String> {
        patch.map(|value| value.and_then(|value| field::text(&mut refusals, name, &value, most)))
    };
    set(&mut row.description, text(command.description, "description", TEXT));
    set(&mut row.place, text(command.place, "place", PLACE));
    set_required(&mut row.trainer_id, command.trainer_id, "trainerId", &mut refusals);
    if row.trainer_id != before.trainer_id {
        around.check_trainer(row.trainer_id, call.actor.user_id().unwrap_or(row.trainer_id), &mut refusals);
    }
    let people = command.people.map(|people| people.unwrap_or_default());
    let people = people.map(|people| around.people(&people, "people", &mut refusals));
    refusals.check()?;
    if let Some(people) = people {
        row.everyone = people.is_empty();
        store::training::set_people(&tx, id, rows(id, people.into_iter().map(|who| (who, None)))).await?;
    }
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await?;
    commit(tx, permit, Some(&before), &row).await?;
    Ok(Edited::Done(row))
}

/// Records that a training was held, and who came: of those who were named, and whoever came beside them (K-2).
///
/// # Errors
/// Refused: WRONG_STATUS where it was held or cancelled, FUTURE_DAY, INVALID people.
pub async fn hold(
    call: &Call,
    id: TrainingId,
    expected_version: i32,
    attended: Vec<Who>,
) -> Result<Edited<training::Model>> {
    let tx = call.begin().await?;
    let (before, permit) = take(call, &tx, id).await?;
    if before.version != expected_version {
        return Ok(Edited::Conflict(before));
    }
    let around = Around::take(&tx, before.client_id).await?;
    let mut refusals = Refusals::default();
    open(&before, &mut refusals);
    if today(&around.client, before.starts_at) > today(&around.client, call.now) {
        refusals.push(Refusal::new(ErrorCode::FutureDay, "The training's day has not come yet."));
    }
    let came = around.people(&attended, "attended", &mut refusals);
    refusals.check()?;
    let named = store::training::people(&tx, id).await?;
    let named: Vec<Who> = named
        .into_iter()
        .filter_map(|person| person.user_id.map(Who::User).or(person.name.map(Who::Name)))
        .collect();
    let beside: Vec<Who> = came.iter().filter(|who| !named.contains(who)).cloned().collect();
    let all = named.into_iter().chain(beside).map(|who| {
        let is_there = came.contains(&who);
        (who, Some(is_there))
    });
    store::training::set_people(&tx, id, rows(id, all)).await?;
    let row = training::Model {
        status: TrainingStatus::Held,
        closed_at: Some(tx.now()),
        version: before.version + 1,
        updated_at: tx.now(),
        ..before.clone()
    };
    store::update(&tx, row.clone()).await?;
    commit(tx, permit, Some(&before), &row).await?;
    Ok(Edited::Done(row))
}

/// Calls a training off, with the reason (K-2).
///
/// # Errors
/// Refused: REASON_REQUIRED; WRONG_STATUS where it was held or cancelled.
pub async fn cancel(
    call: &Call,
    id: TrainingId,
    expected_version: i32,
    reason: String,
) -> Result<Edited<training::Model>> {
    let tx = call.begin().await?;
    let (before, permit) = take(call, &tx, id).await?;
    if before.version != expected_version {
        return Ok(Edited::Conflict(before));
    }
    let mut refusals = Refusals::default();
    open(&before, &mut refusals);
    let reason = field::reason(&mut refusals, "reason", &reason);
    refusals.check()?;
    let row = training::Model {
        status: TrainingStatus::Cancelled,
        cancel_reason: reason,
        closed_at: Some(tx.now()),
        version: before.version + 1,
        updated_at: tx.now(),
        ..before.clone()
    };
    store::update(&tx, row.clone()).await?;
    commit(tx, permit, Some(&before), &row).await?;
    Ok(Edited::Done(row))
}

async fn take(call: &Call, tx: &Tx<'_>, id: TrainingId) -> Result<(training::Model, Permit)> {
    let row = store::training::lock(tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::KnowledgeManage, &Target::client(row.client_id))?;
    Ok((row, permit))
}

fn open(row: &training::Model, refusals: &mut Refusals) {
    if let Err(refused) = check_open(row.status) {
        refusals.push(wrong_status(refused));
    }
}

/// The client and who is around it today.
struct Around {
    client: client::Model,
    staff: Vec<UserId>,
    own: Vec<user::Model>,
}

impl Around {
    async fn take(tx: &Tx<'_>, id: ClientId) -> Result<Self> {
        let client = store::client::get(tx.connection(), id).await?.ok_or(Error::NotFound)?;
        let all = store::meeting::people_around(tx.connection(), id, today(&client, tx.now())).await?;
        let (staff, own): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, position)| position.is_some());
        let staff = staff.into_iter().map(|(user, _)| user.id).collect();
        Ok(Self { client, staff, own: own.into_iter().map(|(user, _)| user).collect() })
    }

    fn check_trainer(&self, trainer: UserId, me: UserId, refusals: &mut Refusals) {
        if trainer != me && !self.staff.contains(&trainer) {
            let words = "The person is not on the client's team.";
            refusals.push(Refusal::new(ErrorCode::Invalid, words).at("trainerId"));
        }
    }

    /// The people named, each once; refused are those who are not the client's, and names that are none.
    fn people(&self, named: &[Who], field: &'static str, refusals: &mut Refusals) -> Vec<Who> {
        if named.len() > PEOPLE {
            let words = format!("At most {PEOPLE} people.");
            refusals.push(Refusal::new(ErrorCode::Invalid, words).at(field));
            return Vec::new();
        }
        let mut people = Vec::new();
        for (at, who) in named.iter().enumerate() {
            let who = match who {
                Who::User(id) if self.own.iter().any(|user| user.id == *id) => Ok(who.clone()),
                Who::User(_) => Err("The client has no such person.".to_owned()),
                Who::Name(name) => Text::parse(name, NAME)
                    .map(|name| Who::Name(name.into()))
                    .map_err(|error| error.to_string()),
            };
            match who {
                Ok(who) if people.contains(&who) => {}
                Ok(who) => people.push(who),
                Err(words) => refusals.push(Refusal::new(ErrorCode::Invalid, words).of(field, at)),
            }
        }
        people
    }
}

fn rows(
    training: TrainingId,
    people: impl Iterator<Item = (Who, Option<bool>)>,
) -> Vec<training_person::Model> {
    let row = |((who, attended), position): ((Who, Option<bool>), i32)| {
        let (user_id, name) = match who {
            Who::User(id) => (Some(id), None),
            Who::Name(name) => (None, Some(name)),
        };
        let id = TrainingPersonId::new();
        training_person::Model { id, training_id: training, position, user_id, name, attended }
    };
    people.zip(1..).map(row).collect()
}

async fn commit(
    tx: Tx<'_>,
    permit: Permit,
    before: Option<&training::Model>,
    row: &training::Model,
) -> Result<()> {
    let summary = |row: &training::Model| {
        serde_json::json!({
            "blockId": row.block_id, "taskId": row.task_id, "title": row.title, "description": row.description,
            "status": row.status, "startsAt": row.starts_at, "place": row.place, "trainerId": row.trainer_id,
            "everyone": row.everyone, "cancelReason": row.cancel_reason,
        })
    };
    let mut change = Change::of("Training", row.id).client(row.client_id).after(&summary(row));
    if let Some(before) = before {
        change = change.before(&summary(before));
    }
    tx.commit(permit, change).await
}
