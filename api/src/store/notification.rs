//! What people were told, and by which way they want it.

use std::collections::HashMap;

use domain::id::{ClientId, NotificationId, UserId};
use domain::notification::NotificationKind;
use domain::policy::Scope;
use domain::team::Position;
use domain::user::{Role, UserStatus};
use entity::{notification, notification_choice, team_member, user};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};

use super::tx::Tx;
use super::visible;

/// Who is told; each once, however many reasons there are.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    people: Vec<UserId>,
    positions: Vec<Position>,
    roles: Vec<Role>,
    owners: bool,
}

impl Audience {
    /// These people; of a client's matter those who see that client.
    pub fn people(people: impl IntoIterator<Item = UserId>) -> Self {
        Self { people: people.into_iter().collect(), ..Self::default() }
    }

    /// Whoever has one of these places on the client's team.
    pub fn places(positions: &[Position]) -> Self {
        Self { positions: positions.to_vec(), ..Self::default() }
    }

    /// Everybody of these roles, which look across all clients.
    pub fn roles(roles: &[Role]) -> Self {
        Self { roles: roles.to_vec(), ..Self::default() }
    }

    /// The owners on the client's side.
    pub fn owners() -> Self {
        Self { owners: true, ..Self::default() }
    }

    /// Both.
    pub fn and(mut self, other: Self) -> Self {
        self.people.extend(other.people);
        self.positions.extend(other.positions);
        self.roles.extend(other.roles);
        self.owners |= other.owners;
        self
    }
}

/// The people of an audience who can sign in, in one order.
///
/// # Errors
/// The database's own.
pub async fn audience(
    tx: &Tx<'_>,
    client: Option<ClientId>,
    audience: &Audience,
) -> Result<Vec<user::Model>, DbErr> {
    let placed = |client: ClientId| {
        team_member::Entity::find()
            .select_only()
            .column(team_member::Column::UserId)
            .filter(team_member::Column::ClientId.eq(client))
            .filter(
                Condition::any()
                    .add(team_member::Column::EndsOn.is_null())
                    .add(team_member::Column::EndsOn.gt(tx.now().date_naive())),
            )
    };
    let mut any = Condition::any();
    if !audience.roles.is_empty() {
        any = any.add(user::Column::Role.is_in(audience.roles.iter().copied()));
    }
    let named = Condition::all().add(user::Column::Id.is_in(audience.people.iter().copied()));
    any = match client {
        None => any.add(named),
        Some(client) => {
            let sees = Condition::any()
                .add(user::Column::ClientId.eq(client))
                .add(user::Column::Role.is_in([Role::Administrator, Role::QualityManager]))
                .add(user::Column::Id.in_subquery(placed(client).into_query()));
            let positions = audience.positions.iter().copied();
            let places = placed(client).filter(team_member::Column::Position.is_in(positions));
            let mut any = any.add(named.add(sees)).add(user::Column::Id.in_subquery(places.into_query()));
            if audience.owners {
                any = any.add(
                    Condition::all()
                        .add(user::Column::ClientId.eq(client))
                        .add(user::Column::Role.eq(Role::ClientOwner)),
                );
            }
            any
        }
    };
    user::Entity::find()
        .filter(user::Column::Status.eq(UserStatus::Active))
        .filter(any)
        .order_by_asc(user::Column::Id)
        .all(tx.connection())
        .await
}

/// Keeps a notification unless its person was told the same before; whether it is new.
///
/// # Errors
/// The database's own.
pub async fn insert(tx: &Tx<'_>, row: notification::Model) -> Result<bool, DbErr> {
    let columns = [notification::Column::UserId, notification::Column::Once];
    let new = notification::Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(new == 1)
}

/// What a person was told and may still see: matters of clients within the scope, and the provider's own.
pub fn select(user: UserId, clients: &Scope) -> Select<notification::Entity> {
    let seen = Condition::any()
        .add(notification::Column::ClientId.is_null())
        .add(visible::of_client(clients, notification::Column::ClientId));
    notification::Entity::find().filter(notification::Column::UserId.eq(user)).filter(seen)
}

/// The part of them that is unread or read, and of these kinds.
pub fn filtered(
    mut select: Select<notification::Entity>,
    unread: Option<bool>,
    kinds: Option<&[NotificationKind]>,
) -> Select<notification::Entity> {
    let read_at = notification::Column::ReadAt;
    if let Some(unread) = unread {
        select = select.filter(if unread { read_at.is_null() } else { read_at.is_not_null() });
    }
    if let Some(kinds) = kinds {
        select = select.filter(notification::Column::Kind.is_in(kinds.iter().copied()));
    }
    select
}

/// One of a person's own that they may still see.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    user: UserId,
    clients: &Scope,
    id: NotificationId,
) -> Result<Option<notification::Model>, DbErr> {
    select(user, clients).filter(notification::Column::Id.eq(id)).one(db).await
}

/// Which of a person's notifications are marked.
#[derive(Debug, Clone)]
pub enum Which {
    These(Vec<NotificationId>),
    /// This one and all that came before it.
    UpTo(notification::Model),
}

/// Marks notifications of a person as read or unread; how many were not so yet.
///
/// # Errors
/// The database's own.
pub async fn mark(tx: &Tx<'_>, user: UserId, which: &Which, read: bool) -> Result<u64, DbErr> {
    let which = match which {
        Which::These(ids) => Condition::all().add(notification::Column::Id.is_in(ids.iter().copied())),
        Which::UpTo(last) => Condition::any().add(notification::Column::CreatedAt.lt(last.created_at)).add(
            notification::Column::CreatedAt.eq(last.created_at).and(notification::Column::Id.lte(last.id)),
        ),
    };
    let was = if read {
        notification::Column::ReadAt.is_null()
    } else {
        notification::Column::ReadAt.is_not_null()
    };
    let marked = notification::Entity::update_many()
        .col_expr(notification::Column::ReadAt, Expr::value(read.then_some(tx.now())))
        .filter(notification::Column::UserId.eq(user))
        .filter(was)
        .filter(which)
        .exec(tx.connection())
        .await?;
    Ok(marked.rows_affected)
}

/// What people chose for a kind; who chose nothing is not among them.
///
/// # Errors
/// The database's own.
pub async fn choices(
    tx: &Tx<'_>,
    users: &[UserId],
    kind: NotificationKind,
) -> Result<HashMap<UserId, bool>, DbErr> {
    let rows = notification_choice::Entity::find()
        .filter(notification_choice::Column::UserId.is_in(users.iter().copied()))
        .filter(notification_choice::Column::Kind.eq(kind))
        .all(tx.connection())
        .await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.by_mail)).collect())
}

/// What a person chose, by kind.
///
/// # Errors
/// The database's own.
pub async fn choices_of(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<HashMap<NotificationKind, bool>, DbErr> {
    let rows = notification_choice::Entity::find()
        .filter(notification_choice::Column::UserId.eq(user))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.by_mail)).collect())
}

/// Keeps a choice.
///
/// # Errors
/// The database's own.
pub async fn choose(tx: &Tx<'_>, choice: notification_choice::Model) -> Result<(), DbErr> {
    notification_choice::Entity::insert(choice.into_active_model())
        .on_conflict(
            OnConflict::columns([notification_choice::Column::UserId, notification_choice::Column::Kind])
                .update_column(notification_choice::Column::ByMail)
                .to_owned(),
        )
        .exec_without_returning(tx.connection())
        .await
        .map(|_| ())
}
