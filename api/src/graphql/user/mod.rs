//! People.

pub mod edit;

pub use edit::UserMutation;

use async_graphql::{Context, ID, InputObject, Object};
use domain::client::Locale;
use domain::id::UserId;
use domain::policy::{Action, Target};
use domain::text::{Email, fold};
use domain::user::{Role, UserStatus};
use entity::user;
use serde::Serialize;

use super::client::Client;
use super::error::{field, found};
use super::filter::{IdFilter, OrderDirection, TextFilter};
use super::id::{Gid, Identified};
use super::page::{PageArgs, connection};
use super::scalar::DateTime;
use super::{call, request, settle};
use crate::store::filter::Tree;
use crate::store::page::{Binding, Direction};
use crate::store::user::Leaf;
use crate::usecase;

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
    /// What a brief row answers.
    pub const BRIEF: &[&str] = &["id", "name", "role", "status", "locale", "client"];

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

    /// The language in which the person is written to.
    async fn locale(&self) -> Locale {
        self.row.locale
    }

    /// The company of a client's contact; null for the provider's staff, and where the caller does not see the client.
    async fn client(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Client>> {
        let id = self.row.client_id?;
        let scope = call(ctx).actor.scope(Action::ClientRead).ok()?;
        if !scope.holds(id, None) {
            return None;
        }
        field(request(ctx).loaders.client(id).await.map(|row| row.map(Client::from)))
    }

    /// Minutes a month that may be reserved of the person's time; null where none were set.
    async fn capacity_minutes(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<i32>> {
        let settled = settle(call(ctx), "User.capacityMinutes", &self.target());
        field(settled.map(|()| self.row.capacity_minutes))
    }

    /// Counts the edits; an update names the one it saw.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When the person was added.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When the person was last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

connection!(
    /// A page of people.
    UserConnection, UserEdge, User
);

/// Which people.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct UserFilter {
    /// By id.
    id: Option<IdFilter>,
    /// By name.
    name: Option<TextFilter>,
    /// By the whole e-mail address, without regard to case. Only for those who may read everybody's.
    email: Option<String>,
    /// By role: one of these.
    role: Option<Vec<Role>>,
    /// By whether they can sign in: one of these.
    status: Option<Vec<UserStatus>>,
    /// By the company of a client's contact; leaves staff out.
    client_id: Option<IdFilter>,
    /// All of these.
    and: Option<Vec<UserFilter>>,
    /// Any of these.
    or: Option<Vec<UserFilter>>,
    /// Not this.
    not: Option<Box<UserFilter>>,
}

impl UserFilter {
    fn tree(self) -> Tree<Leaf> {
        let mut all: Vec<Tree<Leaf>> = Vec::new();
        all.extend(self.id.map(|id| Tree::Leaf(Leaf::Id(id.compare()))));
        all.extend(self.name.map(|name| Tree::Leaf(Leaf::Name(name.into()))));
        all.extend(self.email.map(|email| {
            Tree::Leaf(Leaf::Email(Email::parse(&email).map_or_else(|_| fold(&email), |email| email.key())))
        }));
        all.extend(self.role.map(|roles| Tree::Leaf(Leaf::Role(roles))));
        all.extend(self.status.map(|statuses| Tree::Leaf(Leaf::Status(statuses))));
        all.extend(self.client_id.map(|id| Tree::Leaf(Leaf::Client(id.compare()))));
        all.extend(self.and.map(|parts| Tree::All(parts.into_iter().map(Self::tree).collect())));
        all.extend(self.or.map(|parts| Tree::Any(parts.into_iter().map(Self::tree).collect())));
        all.extend(self.not.map(|part| Tree::Not(Box::new(part.tree()))));
        Tree::All(all)
    }

    fn is_by_email(&self) -> bool {
        let parts = [&self.and, &self.or].into_iter().flatten().flatten();
        self.email.is_some() || parts.chain(self.not.as_deref()).any(Self::is_by_email)
    }
}

/// What people can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, Serialize)]
pub enum UserOrderField {
    /// By name, without regard to case.
    Name,
    /// By the moment they were added.
    CreatedAt,
}

/// How people are sorted.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct UserOrder {
    /// What by.
    field: UserOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

/// Queries of people.
#[derive(Default)]
pub struct UserQuery;

#[Object]
impl UserQuery {
    /// One person.
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: Gid<UserId>,
    ) -> Option<async_graphql::Result<User>> {
        found(Box::pin(usecase::user::find(call(ctx), id.0)).await.map(|row| row.map(User::from)))
    }

    /// The people that the caller sees, by name where no order is given: staff see each other and the contacts of their
    /// clients, contacts see their company and the staff on its team.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where absent.")] filter: Option<Box<UserFilter>>,
        #[graphql(desc = "How they are sorted.")] order_by: Option<Vec<UserOrder>>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<UserConnection>> {
        field(
            async {
                let binding = Binding::new(&("users", &filter, &order_by));
                let page = PageArgs { first, after, last, before }.page(binding)?;
                let by_name =
                    || vec![UserOrder { field: UserOrderField::Name, direction: OrderDirection::Asc }];
                let mut order: Vec<_> = order_by
                    .unwrap_or_else(by_name)
                    .into_iter()
                    .map(|by| {
                        let column = match by.field {
                            UserOrderField::Name => user::Column::NameKey,
                            UserOrderField::CreatedAt => user::Column::CreatedAt,
                        };
                        (column, by.direction.into())
                    })
                    .collect();
                order.push((user::Column::Id, Direction::Asc));
                let by_email = filter.as_ref().is_some_and(|filter| filter.is_by_email());
                let filter = filter.map(|filter| filter.tree());
                let listed = Box::pin(usecase::user::list(
                    call(ctx),
                    filter.as_ref(),
                    by_email,
                    order,
                    binding,
                    &page,
                ))
                .await?;
                Ok(Some(UserConnection::new(listed, User::from)))
            }
            .await,
        )
    }
}
