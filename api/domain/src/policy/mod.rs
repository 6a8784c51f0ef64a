//! Who may do what: one table, one decision.
//!
//! Deny by default. **Rights come from the role, reach from the team** (A-1, A-2): a row of [`TABLE`] says for an
//! action how far each kind of caller reaches, and [`decide`] holds a target against it. What a caller may not see
//! does not exist for them ([`Denied::Unseen`]); what they see but may not do is [`Denied::Forbidden`].
//!
//! A [`Permit`] has no public constructor: holding one proves that a decision was made, and the unit of work wants
//! one before it commits. Reads use the same table through [`Actor::scope`], which turns a reach into a set of
//! clients. [`FIELDS`] ties each root field and each protected field of the schema to its action; the manual's
//! access sentences are made from it, so they cannot lie.
//!
//! What a client decides is the client's: no member of staff, not even an administrator, signs off in their place.

use std::collections::BTreeSet;

use crate::id::{ApiKeyId, ClientId, SignInId, UserId};
use crate::user::Role;

mod field;
mod table;
#[cfg(test)]
mod tests;

pub use field::{FIELDS, action_of, need_of};
pub use table::{Action, CALLERS, TABLE};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody yet: signing in, opening an invitation.
    Anonymous,
    /// The system itself, in a named job.
    System(&'static str),
    /// A person.
    User(UserActor),
    /// An outside system with an API key.
    Partner(PartnerActor),
}

/// A person with what their reach is made of, as of a moment ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserActor {
    pub id: UserId,
    pub sign_in: SignInId,
    pub role: Role,
    /// The company of a client's contact.
    pub company: Option<ClientId>,
    /// Clients on whose team the person has an open place.
    pub team: BTreeSet<ClientId>,
    /// Clients on whose team the person is the reviewer.
    pub reviews: BTreeSet<ClientId>,
    /// Clients that the person created or sells an engagement to.
    pub brought: BTreeSet<ClientId>,
    /// Set while someone of the provider looks at the API as this contact: read only.
    pub viewed_by: Option<UserId>,
}

/// A partner's key and the clients granted to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerActor {
    pub key: ApiKeyId,
    pub clients: BTreeSet<ClientId>,
}

/// How far a right goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Not at all.
    None,
    /// What is the caller's own: their time, their tasks, themselves; of clients they reach.
    Own,
    /// Clients whose team they are on.
    Team,
    /// Clients they created or sell to.
    Brought,
    /// Their own company.
    Company,
    /// Clients granted to the key.
    Granted,
    /// Everything.
    All,
}

/// What an action is done to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Target {
    /// The client that it belongs to; none for what belongs to the provider.
    pub client: Option<ClientId>,
    /// The person whose own it is.
    pub owner: Option<UserId>,
}

impl Target {
    /// What belongs to the provider as a whole.
    pub const PROVIDER: Self = Self { client: None, owner: None };

    /// Something of a client.
    pub fn client(client: ClientId) -> Self {
        Self { client: Some(client), owner: None }
    }

    /// Something of a person.
    pub fn person(owner: UserId) -> Self {
        Self { client: None, owner: Some(owner) }
    }

    /// The same target, as this person's own.
    pub fn owned_by(self, owner: Option<UserId>) -> Self {
        Self { owner, ..self }
    }
}

/// Why a caller may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("sign in first")]
    Unauthenticated,
    #[error("not found")]
    Unseen,
    #[error("not allowed")]
    Forbidden,
}

/// Proof that a decision was made for an action on a target.
#[derive(Debug)]
#[must_use]
pub struct Permit {
    action: Action,
    client: Option<ClientId>,
}

impl Permit {
    /// What was permitted.
    pub fn action(&self) -> Action {
        self.action
    }

    /// The client that it was permitted for.
    pub fn client(&self) -> Option<ClientId> {
        self.client
    }
}

/// The clients that a reading action reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    All,
    Clients(BTreeSet<ClientId>),
    /// The caller's own objects among these clients.
    Own(UserId, BTreeSet<ClientId>),
}

impl Scope {
    /// Whether anything of this client is inside.
    pub fn reaches(&self, client: ClientId) -> bool {
        match self {
            Self::All => true,
            Self::Clients(clients) | Self::Own(_, clients) => clients.contains(&client),
        }
    }

    /// Whether something of this client (and this owner) is inside.
    pub fn holds(&self, client: ClientId, owner: Option<UserId>) -> bool {
        match self {
            Self::All => true,
            Self::Clients(clients) => clients.contains(&client),
            Self::Own(me, clients) => owner == Some(*me) && clients.contains(&client),
        }
    }
}

use Reach::{All, Brought, Company, Granted, Own, Team};

const REVIEWER: usize = 11;

fn row(action: Action) -> &'static [Reach; 12] {
    // Rows stand in the order of the enumeration; the tests hold that.
    &TABLE[action as usize].1
}

/// How far a role reaches with an action, the reviewer's place left out.
pub fn reach(role: Role, action: Action) -> Reach {
    row(action)[2 + role as usize]
}

impl Actor {
    /// The person, where there is one.
    pub fn user(&self) -> Option<&UserActor> {
        match self {
            Self::User(user) => Some(user),
            _ => None,
        }
    }

    /// The person's id, where there is one.
    pub fn user_id(&self) -> Option<UserId> {
        self.user().map(|user| user.id)
    }

    fn column(&self) -> usize {
        match self {
            Self::Anonymous => 0,
            Self::System(_) => 1,
            Self::User(user) => 2 + user.role as usize,
            Self::Partner(_) => 10,
        }
    }

    /// The clients within the caller's widest reach, whatever the action.
    fn clients(&self, reach: Reach) -> BTreeSet<ClientId> {
        match (self, reach) {
            (Self::User(user), Team) => user.team.clone(),
            (Self::User(user), Brought) => user.brought.clone(),
            (Self::User(user), Company) => user.company.into_iter().collect(),
            (Self::User(user), Own) if user.role.is_client() => user.company.into_iter().collect(),
            (Self::User(user), Own) => user.team.clone(),
            (Self::Partner(partner), Granted) => partner.clients.clone(),
            _ => BTreeSet::new(),
        }
    }

    /// The clients that a reading action reaches; none at all is [`Denied`].
    pub fn scope(&self, action: Action) -> Result<Scope, Denied> {
        let reach = row(action)[self.column()];
        let scope = match (reach, self) {
            (All, _) => return Ok(Scope::All),
            (Reach::None, Self::Anonymous) => return Err(Denied::Unauthenticated),
            (Reach::None, Self::User(user)) if row(action)[REVIEWER] == Team && !user.reviews.is_empty() => {
                return Ok(Scope::Clients(user.reviews.clone()));
            }
            (Reach::None, _) => return Err(Denied::Forbidden),
            (Own, Self::User(user)) => Scope::Own(user.id, self.clients(Own)),
            (reach, _) => Scope::Clients(self.clients(reach)),
        };
        Ok(match (scope, self) {
            (Scope::Clients(mut clients), Self::User(user)) if row(action)[REVIEWER] == Team => {
                clients.extend(&user.reviews);
                Scope::Clients(clients)
            }
            (scope, _) => scope,
        })
    }
}

fn reaches(actor: &Actor, action: Action, target: &Target) -> bool {
    let inside = |clients: &BTreeSet<ClientId>| target.client.is_some_and(|client| clients.contains(&client));
    let by_role = match (row(action)[actor.column()], actor) {
        (Reach::None, _) => false,
        (All, _) => true,
        (Team, Actor::User(user)) => inside(&user.team),
        (Brought, Actor::User(user)) => inside(&user.brought),
        (Company, Actor::User(user)) => target.client.is_some() && target.client == user.company,
        (Own, Actor::User(user)) => {
            target.owner == Some(user.id)
                && target
                    .client
                    .is_none_or(|client| user.team.contains(&client) || user.company == Some(client))
        }
        (Granted, Actor::Partner(partner)) => inside(&partner.clients),
        _ => false,
    };
    let as_reviewer = row(action)[REVIEWER] == Team && actor.user().is_some_and(|user| inside(&user.reviews));
    by_role || as_reviewer
}

/// Decides whether `actor` may do `action` to `target`.
///
/// # Errors
/// [`Denied::Unauthenticated`] for nobody, [`Denied::Unseen`] where the caller may not even see the target's client,
/// [`Denied::Forbidden`] otherwise.
pub fn decide(actor: &Actor, action: Action, target: &Target) -> Result<Permit, Denied> {
    let looking_only = actor.user().is_some_and(|user| user.viewed_by.is_some()) && !action.is_read();
    if reaches(actor, action, target) && !(looking_only && action != Action::SignOut) {
        return Ok(Permit { action, client: target.client });
    }
    match (actor, target.client) {
        (Actor::Anonymous, _) => Err(Denied::Unauthenticated),
        (_, Some(_)) if !reaches(actor, Action::ClientRead, target) => Err(Denied::Unseen),
        _ => Err(Denied::Forbidden),
    }
}

/// The words that follow "Needs:" in the manual for an action.
pub fn sentence(action: Action) -> String {
    let words: Vec<String> = row(action)
        .iter()
        .zip(CALLERS)
        .filter(|(_, caller)| *caller != "SYSTEM")
        .filter_map(|(reach, caller)| {
            let place = match reach {
                Reach::None => return None,
                All => "",
                Own => " (their own)",
                Team => " (clients of their teams)",
                Brought => " (clients they brought)",
                Company => " (own company)",
                Granted => " (clients granted)",
            };
            Some(format!("{caller}{place}"))
        })
        .collect();
    match words.split_last() {
        None => "Needs: the system itself.".to_owned(),
        Some((only, [])) => format!("Needs: {only}."),
        Some((last, rest)) => format!("Needs: {} or {last}.", rest.join(", ")),
    }
}
