//! People.

use async_graphql::{Context, ID, Object};
use domain::policy::Target;
use domain::user::{Role, UserStatus};
use entity::user;

use super::error::field;
use super::id::Identified;
use super::{call, settle};

/// A person who signs in: staff of the provider, or a contact of one client.
#[derive(Clone)]
pub struct User {
    row: user::Model,
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self { row }
    }
}

impl User {
    /// Where the person's protected fields belong.
    fn target(&self) -> Target {
        Target { client: self.row.client_id, owner: Some(self.row.id) }
    }
}

/// A person who signs in: staff of the provider, or a contact of one client.
#[Object]
impl User {
    /// The person's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The person's name.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// The person's e-mail address.
    async fn email(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        let class = if self.row.role.is_client() { "User.email" } else { "User.staffEmail" };
        field(settle(call(ctx), class, &self.target()).map(|()| Some(self.row.email.clone())))
    }

    /// What the person may do.
    async fn role(&self) -> Role {
        self.row.role
    }

    /// Whether the person can sign in.
    async fn status(&self) -> UserStatus {
        self.row.status
    }

    /// Counts the edits; an update names the one it saw.
    async fn version(&self) -> i32 {
        self.row.version
    }
}
