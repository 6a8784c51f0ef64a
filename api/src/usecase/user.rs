//! People: who sees whom, and what an administrator, an owner and they themselves change.

use chrono::Duration;
use domain::client::Locale;
use domain::id::{SignInId, UserId};
use domain::policy::{Action, Scope, Target};
use domain::refusal::ErrorCode;
use domain::team::Position;
use domain::text::{Email, Text, fold};
use domain::user::{Role, UserStatus};
use entity::{sign_in, user};
use serde::Serialize;

use super::password::shut_out;
use super::patch::{Edited, Patch, set_required};
use crate::app::Call;
use crate::auth::token;
use crate::bus::Topic;
use crate::bus::rights::Whom;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::filter::Tree;
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::user::{Leaf, Visible};
use crate::store::{self, Change, Tx};

/// The longest name.
pub(super) const NAME: usize = 200;
/// The most minutes that a month has.
const MONTH: i32 = 31 * 24 * 60;
/// How long a token issued on the command line lives at the most.
pub const OPERATOR_SECONDS: u32 = 12 * 60 * 60;

/// How far the caller sees people.
fn visible(call: &Call) -> Result<Visible> {
    Ok(Visible { staff: call.scope(Action::StaffRead)?, members: call.scope(Action::MemberRead)? })
}

/// One visible person.
///
/// # Errors
/// The caller sees no people at all; the database's own.
pub async fn find(call: &Call, id: UserId) -> Result<Option<user::Model>> {
    Ok(store::user::find(call.app.db.reading(), &visible(call)?, id).await?)
}

/// A page of the visible people. Filtering by address needs the right to read addresses, the staff's included.
///
/// # Errors
/// As [`find`]; Forbidden for a filter over what the caller may not read.
pub async fn list(
    call: &Call,
    filter: Option<&Tree<Leaf>>,
    by_email: bool,
    order: Vec<(user::Column, Direction)>,
    binding: Binding,
    page: &Page,
) -> Result<Listed<user::Model>> {
    if by_email && call.scope(Action::StaffContactRead)? != Scope::All {
        return Err(domain::policy::Denied::Forbidden.into());
    }
    let select = store::user::select(&visible(call)?, filter);
    Ok(List { select, order, binding }.read(&call.app.db, page).await?)
}

/// What changes of a person.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub name: Patch<String>,
    pub role: Patch<Role>,
    pub locale: Patch<Locale>,
    pub capacity_minutes: Patch<i32>,
}

/// Changes a person. Another role takes effect at once: all their sign-ins end.
///
/// # Errors
/// Refused: INVALID fields, a role of the other side, LAST_ADMINISTRATOR, ROLE_MISMATCH where a place on a team needs
/// the present role.
pub async fn update(
    call: &Call,
    id: UserId,
    expected_version: i32,
    command: Update,
) -> Result<Edited<user::Model>> {
    let mut tx = call.begin().await?;
    let administrators = store::user::lock_administrators(&tx).await?;
    let before = locked(call, &tx, id).await?;
    let permit = call.permit(Action::UserUpdate, &target(&before))?;
    if before.version != expected_version {
        return Ok(Edited::Conflict(before));
    }
    let mut refusals = Refusals::default();
    let mut row = before.clone();
    apply_own(&mut row, command.name, command.locale, &mut refusals);
    set_required(&mut row.role, command.role, "role", &mut refusals);
    if let Some(capacity) = command.capacity_minutes {
        is_capacity(capacity, &mut refusals);
        row.capacity_minutes = capacity;
    }
    let new_role = row.role != before.role;
    if row.role.is_client() != before.role.is_client() {
        let words = "Staff and clients' contacts cannot change sides; invite a new person.";
        refusals.push(Refusal::new(ErrorCode::Invalid, words).at("role"));
    } else if new_role {
        if administrators == [id] {
            refusals.push(last_administrator().at("role"));
        }
        let bound: Vec<Position> = Position::ALL
            .iter()
            .copied()
            .filter(|position| position.required_role().is_some_and(|role| role != row.role))
            .collect();
        if store::user::open_places(&tx, id, &bound).await? > 0 {
            let words = "A place on a team needs the present role; fill that place with somebody else first.";
            refusals.push(Refusal::new(ErrorCode::RoleMismatch, words).at("role"));
        }
    }
    refusals.check()?;
    if new_role {
        shut_out(&mut tx, &mut row, "ROLE_CHANGED").await?;
    }
    write(&tx, &mut row).await?;
    tx.commit(permit, change(&row).before(&summary(&before))).await?;
    Ok(Edited::Done(row))
}

/// Changes what is the caller's own to change.
///
/// # Errors
/// Refused: INVALID fields.
pub async fn update_profile(
    call: &Call,
    expected_version: i32,
    name: Patch<String>,
    locale: Patch<Locale>,
) -> Result<Edited<user::Model>> {
    let owner = call.actor.user_id();
    let permit = call.permit(Action::ProfileUpdate, &Target { client: None, owner })?;
    let tx = call.begin().await?;
    let before = store::user::lock(&tx, owner.ok_or(Error::NotFound)?).await?.ok_or(Error::NotFound)?;
    if before.version != expected_version {
        return Ok(Edited::Conflict(before));
    }
    let mut refusals = Refusals::default();
    let mut row = before.clone();
    apply_own(&mut row, name, locale, &mut refusals);
    refusals.check()?;
    write(&tx, &mut row).await?;
    tx.commit(permit, change(&row).before(&summary(&before))).await?;
    Ok(Edited::Done(row))
}

/// Shuts a person out: every sign-in, link and token of theirs ends at once (A-5, T30).
///
/// # Errors
/// Refused: WRONG_STATUS where they are shut out already, LAST_ADMINISTRATOR.
pub async fn disable(call: &Call, id: UserId) -> Result<user::Model> {
    let mut tx = call.begin().await?;
    let administrators = store::user::lock_administrators(&tx).await?;
    let before = locked(call, &tx, id).await?;
    let permit = call.permit(shutting(&before), &target(&before))?;
    if before.status == UserStatus::Disabled {
        return Err(Error::refused(ErrorCode::WrongStatus, "This person is shut out already."));
    }
    if administrators == [id] {
        return Err(last_administrator().into());
    }
    let mut row = before.clone();
    row.status = UserStatus::Disabled;
    shut_out(&mut tx, &mut row, "DISABLED").await?;
    write(&tx, &mut row).await?;
    tx.commit(permit, change(&row).before(&summary(&before))).await?;
    Ok(row)
}

/// Lets a person in again; they sign in anew, or are invited anew where they never had a password.
///
/// # Errors
/// Refused: WRONG_STATUS where they are not shut out.
pub async fn enable(call: &Call, id: UserId) -> Result<user::Model> {
    let mut tx = call.begin().await?;
    let before = locked(call, &tx, id).await?;
    let permit = call.permit(shutting(&before), &target(&before))?;
    if before.status != UserStatus::Disabled {
        return Err(Error::refused(ErrorCode::WrongStatus, "This person is not shut out."));
    }
    let mut row = before.clone();
    row.status = if row.password_hash.is_some() { UserStatus::Active } else { UserStatus::Invited };
    write(&tx, &mut row).await?;
    tx.wake(Topic::Rights(Whom::User(id)));
    tx.commit(permit, change(&row).before(&summary(&before))).await?;
    Ok(row)
}

/// Issues an access token from the command line, for so many seconds, twelve hours at the most.
///
/// # Errors
/// Nobody active has that address; the caller is not the system.
pub async fn token(call: &Call, email: &str, seconds: u32) -> Result<String> {
    let permit = call.permit(Action::SignIn, &Target::PROVIDER)?;
    let key = Email::parse(email).map_err(|error| Error::BadInput(error.to_string()))?.key();
    let tx = call.begin().await?;
    let user = store::user::by_email(tx.connection(), &key).await?;
    let user = user.filter(|user| user.status == UserStatus::Active).ok_or(Error::NotFound)?;
    let lifetime = Duration::seconds(seconds.min(OPERATOR_SECONDS).into());
    let row = sign_in::Model {
        id: SignInId::new(),
        user_id: user.id,
        viewed_as_by: None,
        created_at: tx.now(),
        expires_at: tx.now() + lifetime,
        ended_at: None,
        end_reason: None,
    };
    let id = row.id;
    store::insert(&tx, row).await?;
    tx.commit(permit, super::sign_in::change(id, &user)).await?;
    Ok(token::issue(&call.app.keys, user.id, id, user.session_version, call.now, lifetime))
}

/// The person, locked, where the caller sees them at all.
async fn locked(call: &Call, tx: &Tx<'_>, id: UserId) -> Result<user::Model> {
    let seen = store::user::find(tx.connection(), &visible(call)?, id).await?;
    seen.ok_or(Error::NotFound)?;
    store::user::lock(tx, id).await?.ok_or(Error::NotFound)
}

fn target(row: &user::Model) -> Target {
    Target { client: row.client_id, owner: Some(row.id) }
}

/// Owners shut out and let in the members of their company; anybody else is an administrator's.
fn shutting(row: &user::Model) -> Action {
    if row.role == Role::ClientMember { Action::MemberDisable } else { Action::UserDisable }
}

fn apply_own(row: &mut user::Model, name: Patch<String>, locale: Patch<Locale>, refusals: &mut Refusals) {
    let name = match name {
        Some(Some(name)) => refusals.take("name", Text::parse(&name, NAME)).map(|name| Some(name.into())),
        other => other,
    };
    set_required(&mut row.name, name, "name", refusals);
    row.name_key = fold(&row.name);
    set_required(&mut row.locale, locale, "locale", refusals);
}

/// Refuses a capacity that no month has.
pub(super) fn is_capacity(minutes: Option<i32>, refusals: &mut Refusals) {
    if minutes.is_some_and(|minutes| !(0..=MONTH).contains(&minutes)) {
        let words = format!("A month's capacity lies between 0 and {MONTH} minutes.");
        refusals.push(Refusal::new(ErrorCode::Invalid, words).at("capacityMinutes"));
    }
}

async fn write(tx: &Tx<'_>, row: &mut user::Model) -> Result<()> {
    row.version += 1;
    row.updated_at = tx.now();
    Ok(store::update(tx, row.clone()).await?)
}

fn last_administrator() -> Refusal {
    Refusal::new(ErrorCode::LastAdministrator, "Somebody has to be administrator; name another one first.")
}

/// The audit log's row of a change of a person.
pub(super) fn change(row: &user::Model) -> Change {
    let change = Change::of("User", row.id).after(&summary(row));
    match row.client_id {
        Some(client) => change.client(client),
        None => change,
    }
}

/// What the audit log keeps of a person.
fn summary(row: &user::Model) -> impl Serialize + use<> {
    serde_json::json!({
        "email": row.email, "name": row.name, "role": row.role, "status": row.status, "locale": row.locale,
        "clientId": row.client_id, "capacityMinutes": row.capacity_minutes,
    })
}
