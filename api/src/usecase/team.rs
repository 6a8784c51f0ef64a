//! Teams: who is fixed to a client, in which position, from which day (T-1, A-1).
//!
//! A place ends at once: its end is the first day no longer held, and that is today. Whoever is the last in a position
//! that a running engagement needs can be replaced but not removed, and a replacement must not leave fewer people than
//! the engagement asks for. Every change wakes the rights, since reach comes from the team.

use chrono::NaiveDate;
use domain::id::{ClientId, TeamMemberId, UserId};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::tariff::{StartCondition, StartConditions};
use domain::team::{Position, may_leave, meets, needed};
use domain::user::UserStatus;
use entity::{client, team_member};
use serde::Serialize;
use uuid::Uuid;

use super::client::today;
use crate::app::Call;
use crate::bus::Topic;
use crate::bus::rights::Whom;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change, Tx, dialect};

/// A new place.
#[derive(Debug, Clone, Serialize)]
pub struct Add {
    pub client_id: ClientId,
    pub user_id: UserId,
    pub position: Position,
    /// Today where absent.
    pub starts_on: Option<NaiveDate>,
}

/// A visible place.
///
/// # Errors
/// The caller reads no teams at all; the database's own.
pub async fn find(call: &Call, id: TeamMemberId) -> Result<Option<team_member::Model>> {
    let scope = call.scope(Action::TeamRead)?;
    Ok(store::team::find(call.app.db.reading(), &scope, id).await?)
}

/// What it takes to fill or empty a position: helpers are the project manager's to add and end (T-1).
fn action(position: Position) -> Action {
    match position {
        Position::Assistant | Position::Configurator | Position::Developer => Action::TeamExtend,
        _ => Action::TeamManage,
    }
}

/// Whether a place is held on a day.
fn holds(place: &team_member::Model, day: NaiveDate) -> bool {
    place.starts_on <= day && place.ends_on.is_none_or(|ends_on| day < ends_on)
}

/// Puts a person on a client's team (T-1).
///
/// # Errors
/// Refused: not staff or not active (INVALID), ROLE_MISMATCH, the same open place (TAKEN).
pub async fn add(call: &Call, command: Add, key: Option<Uuid>) -> Result<team_member::Model> {
    let mut tx = call.begin().await?;
    let client = store::client::lock(&tx, command.client_id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(action(command.position), &Target::client(client.id))?;
    let id = TeamMemberId::new();
    if let Some(made) = tx.replay(key, "teamMemberAdd", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(TeamMemberId).ok_or(Error::NotFound)?;
        return find(call, made).await?.ok_or(Error::NotFound);
    }
    let starts_on = command.starts_on.unwrap_or_else(|| today(&client, call.now));
    let row = place(&tx, id, &command, starts_on);
    let mut refusals = Refusals::default();
    check_person(&tx, command.user_id, command.position, &mut refusals).await?;
    refusals.check()?;
    store::insert(&tx, row.clone()).await.map_err(taken)?;
    tx.wake(Topic::Rights(Whom::User(row.user_id)));
    tx.commit(permit, Change::of("TeamMember", id).client(client.id).after(&summary(&row))).await?;
    Ok(row)
}

/// Puts another person into a place, from today (T-1).
///
/// # Errors
/// Refused: as [`add`]; the place has ended (WRONG_STATUS); TEAM_INCOMPLETE where a running engagement would be left
/// with too few different people.
pub async fn replace(
    call: &Call,
    id: TeamMemberId,
    user_id: UserId,
    key: Option<Uuid>,
) -> Result<(team_member::Model, team_member::Model)> {
    let mut tx = call.begin().await?;
    let (client, leaving) = lock(&tx, id).await?;
    let permit = call.permit(action(leaving.position), &Target::client(client.id))?;
    let new = TeamMemberId::new();
    if let Some(made) = tx.replay(key, "teamMemberReplace", &(id, user_id), &[new.0]).await? {
        drop(tx);
        let made = made.first().copied().map(TeamMemberId).ok_or(Error::NotFound)?;
        let (old, new) = (find(call, id).await?, find(call, made).await?);
        return Ok((old.ok_or(Error::NotFound)?, new.ok_or(Error::NotFound)?));
    }
    check_open(&leaving)?;
    let day = today(&client, call.now);
    let command = Add { client_id: client.id, user_id, position: leaving.position, starts_on: None };
    let mut refusals = Refusals::default();
    check_person(&tx, user_id, leaving.position, &mut refusals).await?;
    let before = standing(&tx, client.id, day).await?;
    let mut after = without(&before, &leaving);
    after.push((user_id, leaving.position));
    for condition in conditions(&tx, client.id).await? {
        if meets(&before, condition) && !meets(&after, condition) {
            refusals.push(
                Refusal::new(ErrorCode::TeamIncomplete, "A running engagement needs different people here.")
                    .at("userId"),
            );
        }
    }
    refusals.check()?;
    let row = place(&tx, new, &command, day.max(leaving.starts_on));
    store::insert(&tx, row.clone()).await.map_err(taken)?;
    let ended = close(&tx, &leaving, day).await?;
    for user in [leaving.user_id, user_id] {
        tx.wake(Topic::Rights(Whom::User(user)));
    }
    let change =
        Change::of("TeamMember", new).client(client.id).before(&summary(&leaving)).after(&summary(&row));
    tx.commit(permit, change).await?;
    Ok((ended, row))
}

/// Ends a place at once (T-1).
///
/// # Errors
/// Refused: it has ended (WRONG_STATUS); POSITION_REQUIRED for the last one in a position that a running engagement
/// needs; TEAM_INCOMPLETE where too few different people would be left.
pub async fn end(call: &Call, id: TeamMemberId) -> Result<team_member::Model> {
    let mut tx = call.begin().await?;
    let (client, leaving) = lock(&tx, id).await?;
    let permit = call.permit(action(leaving.position), &Target::client(client.id))?;
    check_open(&leaving)?;
    let day = today(&client, call.now);
    let before = standing(&tx, client.id, day).await?;
    let after = without(&before, &leaving);
    for condition in conditions(&tx, client.id).await? {
        if !may_leave(&before, (leaving.user_id, leaving.position), needed(condition)) {
            return Err(Error::refused(
                ErrorCode::PositionRequired,
                "A running engagement needs this position: replace the person instead.",
            ));
        }
        if meets(&before, condition) && !meets(&after, condition) {
            return Err(Error::refused(
                ErrorCode::TeamIncomplete,
                "A running engagement needs more different people than would be left.",
            ));
        }
    }
    let ended = close(&tx, &leaving, day).await?;
    tx.wake(Topic::Rights(Whom::User(leaving.user_id)));
    let change =
        Change::of("TeamMember", id).client(client.id).before(&summary(&leaving)).after(&summary(&ended));
    tx.commit(permit, change).await?;
    Ok(ended)
}

/// The place and its client; the client's row is the lock that changes of one team take turns on.
async fn lock(tx: &Tx<'_>, id: TeamMemberId) -> Result<(client::Model, team_member::Model)> {
    let place = store::team::get(tx.connection(), id).await?.ok_or(Error::NotFound)?;
    let client = store::client::lock(tx, place.client_id).await?.ok_or(Error::NotFound)?;
    let place = store::team::get(tx.connection(), id).await?.ok_or(Error::NotFound)?;
    Ok((client, place))
}

fn check_open(place: &team_member::Model) -> Result<()> {
    match place.ends_on {
        None => Ok(()),
        Some(_) => Err(Error::refused(ErrorCode::WrongStatus, "The place has ended.")),
    }
}

async fn check_person(tx: &Tx<'_>, user: UserId, position: Position, refusals: &mut Refusals) -> Result<()> {
    let person = store::user::get(tx.connection(), user).await?;
    let Some(person) = person.filter(|person| !person.role.is_client()) else {
        refusals.push(Refusal::new(ErrorCode::Invalid, "Only staff stand on a team.").at("userId"));
        return Ok(());
    };
    if person.status == UserStatus::Disabled {
        refusals.push(Refusal::new(ErrorCode::Invalid, "The person is shut out.").at("userId"));
    }
    if position.required_role().is_some_and(|role| role != person.role) {
        refusals.push(
            Refusal::new(ErrorCode::RoleMismatch, "The position needs the role of its name.").at("userId"),
        );
    }
    Ok(())
}

/// What the client's running engagements ask of its team.
async fn conditions(tx: &Tx<'_>, client: ClientId) -> Result<Vec<StartCondition>> {
    let mut all = Vec::new();
    for service in store::service::running(tx.connection(), client).await? {
        let conditions: StartConditions =
            service.start_conditions.parse().map_err(|error| Error::Internal(format!("{error}")))?;
        all.extend(conditions.0);
    }
    Ok(all)
}

async fn standing(tx: &Tx<'_>, client: ClientId, day: NaiveDate) -> Result<Vec<(UserId, Position)>> {
    let places = store::team::of_client(tx.connection(), client).await?;
    Ok(places.iter().filter(|place| holds(place, day)).map(|place| (place.user_id, place.position)).collect())
}

fn without(team: &[(UserId, Position)], leaving: &team_member::Model) -> Vec<(UserId, Position)> {
    let left = (leaving.user_id, leaving.position);
    team.iter().copied().filter(|place| *place != left).collect()
}

fn place(tx: &Tx<'_>, id: TeamMemberId, command: &Add, starts_on: NaiveDate) -> team_member::Model {
    team_member::Model {
        id,
        client_id: command.client_id,
        user_id: command.user_id,
        position: command.position,
        starts_on,
        ends_on: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    }
}

/// A place that has not begun yet ends on the day on which it would have.
async fn close(tx: &Tx<'_>, place: &team_member::Model, day: NaiveDate) -> Result<team_member::Model> {
    let ended = team_member::Model {
        ends_on: Some(day.max(place.starts_on)),
        version: place.version + 1,
        updated_at: tx.now(),
        ..place.clone()
    };
    store::update(tx, ended.clone()).await?;
    Ok(ended)
}

fn summary(row: &team_member::Model) -> impl Serialize + use<> {
    serde_json::json!({
        "id": row.id, "userId": row.user_id, "position": row.position, "startsOn": row.starts_on, "endsOn": row.ends_on,
    })
}

fn taken(error: store::DbErr) -> Error {
    let refusal = Refusal::new(ErrorCode::Taken, "The person holds this place already.").at("userId");
    dialect::on_unique(
        error,
        "uq_team_member_client_id_user_id_position",
        "team_member.client_id, team_member.user_id, team_member.position",
        refusal,
    )
}
