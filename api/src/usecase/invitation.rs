//! Inviting people, and their first password (T34).
//!
//! The link's secret stands in the fragment of its address, which no server and no log sees (T24), and in the table as a
//! hash alone. It works once, for a day; inviting the same person again makes a new link and uses up the old one.

use chrono::Duration;
use domain::client::Locale;
use domain::id::{ClientId, InvitationId, UserId};
use domain::policy::{Action, Permit, Scope, Target};
use domain::refusal::ErrorCode;
use domain::text::{Email, Text, fold};
use domain::user::{InvitationKind, Role, UserStatus};
use entity::{invitation, user};
use serde::Serialize;
use uuid::Uuid;

use super::sign_in::{self, Signed};
use super::user::{NAME, change, is_capacity};
use super::{mail, password, retry};
use crate::app::Call;
use crate::auth::{self, token};
use crate::bus::Topic;
use crate::bus::rights::Whom;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::mail::{Invitation, Letter};
use crate::store::{self, Tx, dialect};

/// Who is invited, as what.
#[derive(Debug, Clone, Serialize)]
pub struct Invite {
    pub email: String,
    pub name: String,
    pub role: Role,
    /// The company of a client's contact; none for staff.
    pub client: Option<ClientId>,
    pub locale: Locale,
    pub capacity_minutes: Option<i32>,
}

/// A person invited, with the link that was mailed to them; a repeated request is not told the link again.
#[derive(Debug, Clone)]
pub struct Invited {
    pub user: user::Model,
    pub url: Option<String>,
}

/// Invites a member of staff.
///
/// # Errors
/// Refused: INVALID fields, an address that is TAKEN.
pub async fn staff(call: &Call, command: Invite, key: Option<Uuid>) -> Result<Invited> {
    let permit = call.permit(Action::StaffInvite, &Target::PROVIDER)?;
    if command.role.is_client() {
        return Err(Error::refused_at("role", ErrorCode::Invalid, "This is a role of a client's contacts."));
    }
    invite(call, permit, command, key, "staffInvite").await
}

/// Invites a contact of a client: an owner of the company its members, an administrator owners as well.
///
/// # Errors
/// Refused: INVALID fields, an address that is TAKEN by a contact of the same client or, to administrators, by anybody.
pub async fn member(call: &Call, command: Invite, key: Option<Uuid>) -> Result<Invited> {
    let client = command.client.ok_or(Error::NotFound)?;
    let action = match command.role {
        Role::ClientOwner => Action::OwnerInvite,
        Role::ClientMember => Action::MemberInvite,
        _ => {
            return Err(Error::refused_at(
                "role",
                ErrorCode::Invalid,
                "This is a role of the provider's staff.",
            ));
        }
    };
    let permit = call.permit(action, &Target::client(client))?;
    invite(call, permit, command, key, "memberInvite").await
}

/// Adds a person from the command line, with a password or with a link to set one.
///
/// # Errors
/// Refused: INVALID fields, an address that is TAKEN, WEAK_PASSWORD.
pub async fn add(call: &Call, command: Invite, first_password: Option<String>) -> Result<Invited> {
    let permit = may_add(call, &command)?;
    let Some(first_password) = first_password else {
        return invite(call, permit, command, None, "userAdd").await;
    };
    auth::password::check(&first_password, &command.email, &command.name)
        .map_err(|weak| Error::refused_at("password", ErrorCode::WeakPassword, weak.to_string()))?;
    let hash = call.app.passwords.hash(first_password).await?;
    let user = enter(call, permit, command, hash).await?;
    Ok(Invited { user, url: None })
}

/// Adds a person with a password that is hashed already, where many share one.
///
/// # Errors
/// As [`add`], but for the password.
pub async fn add_hashed(call: &Call, command: Invite, hash: String) -> Result<user::Model> {
    let permit = may_add(call, &command)?;
    enter(call, permit, command, hash).await
}

fn may_add(call: &Call, command: &Invite) -> Result<Permit> {
    let permit = match command.client {
        None => call.permit(Action::StaffInvite, &Target::PROVIDER)?,
        Some(client) => call.permit(Action::OwnerInvite, &Target::client(client))?,
    };
    if command.role.is_client() != command.client.is_some() {
        return Err(Error::refused_at(
            "role",
            ErrorCode::Invalid,
            "Contacts have a client, staff have none.",
        ));
    }
    Ok(permit)
}

async fn enter(call: &Call, permit: Permit, command: Invite, hash: String) -> Result<user::Model> {
    let mut tx = call.begin().await?;
    let user = match invited_before(call, &tx, &command).await? {
        Some(user) => user,
        None => insert(call, &tx, UserId::new(), &command).await?,
    };
    let user = password::set(&mut tx, user, hash, "PASSWORD_SET").await?;
    commit(tx, permit, &user).await?;
    Ok(user)
}

/// Sets the first password by the link of an invitation, and signs in.
///
/// # Errors
/// Refused: LINK_EXPIRED, WEAK_PASSWORD.
pub async fn accept(call: &Call, secret: &str, first_password: String) -> Result<Signed> {
    let kind = InvitationKind::Invitation;
    let hash = password::prepare(call, secret, kind, first_password).await?;
    let tokens = retry(call, (secret.to_owned(), hash), move |call, (secret, hash)| async move {
        let permit = call.permit(Action::SignIn, &Target::PROVIDER)?;
        let mut tx = call.begin_for_anyone().await?;
        let user = password::take(&tx, &secret, kind).await?;
        let user = password::set(&mut tx, user, hash, "PASSWORD_SET").await?;
        let (_, tokens) = sign_in::open(&call, &tx, &user).await?;
        commit(tx, permit, &user).await?;
        Ok(tokens)
    })
    .await?;
    sign_in::signed(call, tokens).await
}

async fn invite(
    call: &Call,
    permit: Permit,
    command: Invite,
    key: Option<Uuid>,
    operation: &'static str,
) -> Result<Invited> {
    let mut tx = call.begin().await?;
    let before = invited_before(call, &tx, &command).await;
    let id = before.as_ref().ok().and_then(Option::as_ref).map_or_else(UserId::new, |user| user.id);
    if let Some(made) = tx.replay(key, operation, &command, &[id.0]).await? {
        let made = made.first().copied().map(UserId).ok_or(Error::NotFound)?;
        let user = store::user::get(tx.connection(), made).await?.ok_or(Error::NotFound)?;
        return Ok(Invited { user, url: None });
    }
    let user = match before? {
        Some(user) => user,
        None => insert(call, &tx, id, &command).await?,
    };
    let url = link(call, &mut tx, &user).await?;
    commit(tx, permit, &user).await?;
    Ok(Invited { user, url: Some(url) })
}

/// The person of the address, where they have been invited to the same place already and have not come.
async fn invited_before(call: &Call, tx: &Tx<'_>, command: &Invite) -> Result<Option<user::Model>> {
    let Ok(email) = Email::parse(&command.email) else {
        return Ok(None);
    };
    let Some(user) = store::user::by_email(tx.connection(), &email.key()).await? else {
        return Ok(None);
    };
    let same = user.role == command.role && user.client_id == command.client;
    if same && user.status == UserStatus::Invited {
        return Ok(Some(user));
    }
    Err(taken(call, user.client_id == command.client).into())
}

async fn insert(call: &Call, tx: &Tx<'_>, id: UserId, command: &Invite) -> Result<user::Model> {
    let mut refusals = Refusals::default();
    let email = refusals.take("email", Email::parse(&command.email));
    let name = refusals.take("name", Text::parse(&command.name, NAME));
    is_capacity(command.capacity_minutes, &mut refusals);
    if let Some(client) = command.client {
        let known = store::client::find(tx.connection(), &Scope::All, client).await?;
        known.ok_or(Error::NotFound)?;
    }
    refusals.check()?;
    let (Some(email), Some(name)) = (email, name) else {
        return Err(Error::Internal("what was checked is there".to_owned()));
    };
    let user = user::Model {
        id,
        email: email.as_str().to_owned(),
        email_key: email.key(),
        name: name.as_str().to_owned(),
        name_key: fold(name.as_str()),
        locale: command.locale,
        role: command.role,
        client_id: command.client,
        status: UserStatus::Invited,
        password_hash: None,
        session_version: 1,
        capacity_minutes: command.capacity_minutes,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    store::insert(tx, user.clone()).await.map_err(|error| {
        dialect::on_unique(error, "uq_user_email_key", "user.email_key", taken(call, false))
    })?;
    Ok(user)
}

/// Makes the link and mails it.
async fn link(call: &Call, tx: &mut Tx<'_>, user: &user::Model) -> Result<String> {
    let secret = token::link();
    let row = invitation::Model {
        id: InvitationId::new(),
        user_id: user.id,
        kind: InvitationKind::Invitation,
        token_hash: token::hash(&secret),
        created_by: call.actor.user_id(),
        created_at: tx.now(),
        expires_at: tx.now() + Duration::hours(token::INVITATION_HOURS),
        used_at: None,
    };
    store::invitation::use_up(tx, user.id).await?;
    store::insert(tx, row).await?;
    let link = format!("{}/invitation#{secret}", call.app.config.base_url());
    let letter = Letter::Invitation(Invitation { name: user.name.clone(), link: link.clone() });
    mail::post(call, tx, &user.email, user.locale, letter).await?;
    Ok(link)
}

async fn commit(mut tx: Tx<'_>, permit: Permit, user: &user::Model) -> Result<()> {
    tx.wake(Topic::Rights(Whom::User(user.id)));
    tx.commit(permit, change(user)).await
}

/// Why an address cannot be invited. A client's owner is not told of people elsewhere (T46).
fn taken(call: &Call, in_sight: bool) -> Refusal {
    let is_outsider = call.actor.user().is_some_and(|user| user.role.is_client());
    let refusal = if is_outsider && !in_sight {
        Refusal::new(ErrorCode::Invalid, "This address cannot be invited.")
    } else {
        Refusal::new(ErrorCode::Taken, "Somebody has this address already.")
    };
    refusal.at("email")
}
