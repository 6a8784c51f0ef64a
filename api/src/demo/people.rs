//! The people of the demonstration: the provider's staff, and the contacts of its clients.
//!
//! What they do goes through the use-cases under their own rights. Their reach is kept here as the story gives it to
//! them, so that nobody has to sign in on each day of three months.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::client::Locale;
use domain::id::{ClientId, SignInId, UserId};
use domain::policy::{Actor, UserActor};
use domain::user::Role;

use super::text::STAFF;
use crate::app::{App, Call};
use crate::error::Result;
use crate::usecase::invitation::{self, Invite};

/// The password of everyone in the demonstration.
pub const PASSWORD: &str = "demo of the hour bank";

/// Someone who acts.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
    company: Option<ClientId>,
    team: BTreeSet<ClientId>,
    brought: BTreeSet<ClientId>,
}

impl Person {
    /// Lets a person in, with a password that is hashed already.
    pub async fn enter(
        app: &Arc<App>,
        (email, name): (&str, &str),
        role: Role,
        place: Place,
        hash: &str,
    ) -> Result<Self> {
        let invite = Invite {
            email: email.to_owned(),
            name: name.to_owned(),
            role,
            client: place.company,
            locale: place.locale,
            capacity_minutes: place.capacity_minutes,
        };
        let user = invitation::add_hashed(&Call::system(app, "demo"), invite, hash.to_owned()).await?;
        Ok(Self {
            id: user.id,
            email: user.email,
            name: user.name,
            role,
            company: place.company,
            team: BTreeSet::new(),
            brought: BTreeSet::new(),
        })
    }

    /// An operation of this person, now.
    pub fn call(&self, app: &Arc<App>) -> Call {
        let actor = Actor::User(UserActor {
            id: self.id,
            sign_in: SignInId::new(),
            role: self.role,
            company: self.company,
            team: self.team.clone(),
            reviews: BTreeSet::new(),
            brought: self.brought.clone(),
            viewed_by: None,
        });
        Call::new(Arc::clone(app), Arc::new(actor), "demo".to_owned())
    }

    /// Notes that the person is on the client's team.
    pub fn join(&mut self, client: ClientId) {
        self.team.insert(client);
    }

    /// Notes that the person brought the client.
    pub fn bring(&mut self, client: ClientId) {
        self.brought.insert(client);
    }
}

/// Where a person belongs.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub company: Option<ClientId>,
    pub locale: Locale,
    pub capacity_minutes: Option<i32>,
}

/// The provider's staff, in the order of [`STAFF`].
#[derive(Debug)]
pub struct Staff {
    pub people: Vec<Person>,
    /// The hash of [`PASSWORD`].
    pub hash: String,
}

impl Staff {
    /// Hires everyone.
    pub async fn hire(app: &Arc<App>) -> Result<Self> {
        let hash = app.passwords.hash(PASSWORD.to_owned()).await?;
        let mut people = Vec::new();
        for (email, name, role) in STAFF {
            // 160 hours a month for those who are held for clients.
            let capacity_minutes = matches!(role, Role::ProjectManager | Role::Specialist).then_some(9600);
            let place = Place { company: None, locale: Locale::Ru, capacity_minutes };
            people.push(Person::enter(app, (email, name), *role, place, &hash).await?);
        }
        Ok(Self { people, hash })
    }

    /// The place in the list of the n-th person of a role, counted in a circle.
    pub fn nth(&self, role: Role, n: usize) -> usize {
        let of_role: Vec<usize> =
            self.people.iter().enumerate().filter(|(_, one)| one.role == role).map(|(at, _)| at).collect();
        of_role[n % of_role.len().max(1)]
    }

    /// The n-th person of a role.
    pub fn one(&self, role: Role, n: usize) -> &Person {
        &self.people[self.nth(role, n)]
    }
}
