//! Sign-offs.

use async_graphql::{Context, ID, Object};
use domain::plan::SignOffDecision;
use entity::sign_off;

use super::error::field;
use super::id::Identified;
use super::request;
use super::scalar::DateTime;
use super::user::User;

/// What a person said of a revision: never changed afterwards.
#[derive(Clone)]
pub struct SignOff {
    row: sign_off::Model,
}

impl From<sign_off::Model> for SignOff {
    fn from(row: sign_off::Model) -> Self {
        Self { row }
    }
}

/// What a person said of a revision: never changed afterwards.
#[Object]
impl SignOff {
    /// The sign-off's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The revision of the plan that it was given for.
    async fn revision(&self) -> i32 {
        self.row.revision
    }

    /// Approved or returned.
    async fn decision(&self) -> SignOffDecision {
        self.row.decision
    }

    /// Who said it, or recorded it.
    async fn user(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        field(request(ctx).loaders.user(self.row.user_id).await.map(|row| row.map(User::from)))
    }

    /// The words; always there for a return.
    async fn comment(&self) -> Option<&str> {
        self.row.comment.as_deref()
    }

    /// Whether the client said so in a meeting and the provider recorded it.
    async fn in_meeting(&self) -> bool {
        self.row.in_meeting
    }

    /// When it was given.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}
