//! People.

use domain::id::{ClientId, UserId};
use domain::policy::Scope;
use domain::user::{Role, UserStatus};
use entity::{team_member, user};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};

use super::filter::{Compare, TextCompare, Tree};
use super::tx::Tx;
use super::visible;

/// What people can be filtered by.
#[derive(Debug, Clone)]
pub enum Leaf {
    Id(Compare<UserId>),
    Name(TextCompare),
    /// The folded address.
    Email(String),
    Role(Vec<Role>),
    Status(Vec<UserStatus>),
    Client(Compare<ClientId>),
}

/// How far a caller sees people: the staff, and the contacts of clients.
#[derive(Debug, Clone)]
pub struct Visible {
    /// All of them, or those who have or had a place on these clients' teams.
    pub staff: Scope,
    pub members: Scope,
}

/// The people within a scope that pass a filter.
pub fn select(visible: &Visible, filter: Option<&Tree<Leaf>>) -> Select<user::Entity> {
    let staff = Condition::all().add(user::Column::ClientId.is_null()).add(match &visible.staff {
        Scope::All => Condition::all(),
        scope => Condition::all().add(
            user::Column::Id.in_subquery(
                team_member::Entity::find()
                    .select_only()
                    .column(team_member::Column::UserId)
                    .filter(visible::of_client(scope, team_member::Column::ClientId))
                    .into_query(),
            ),
        ),
    });
    let members = Condition::all()
        .add(user::Column::ClientId.is_not_null())
        .add(visible::of_client(&visible.members, user::Column::ClientId));
    let select = user::Entity::find().filter(Condition::any().add(staff).add(members));
    match filter {
        Some(tree) => select.filter(tree.condition(&leaf)),
        None => select,
    }
}

fn leaf(leaf: &Leaf) -> Condition {
    match leaf {
        Leaf::Id(compare) => compare.on(user::Column::Id),
        Leaf::Name(compare) => compare.on(user::Column::NameKey),
        Leaf::Email(key) => Condition::all().add(user::Column::EmailKey.eq(key)),
        Leaf::Role(roles) => Condition::all().add(user::Column::Role.is_in(roles.iter().copied())),
        Leaf::Status(statuses) => Condition::all().add(user::Column::Status.is_in(statuses.iter().copied())),
        // Staff belong to no client: a comparison leaves them out, its negation keeps them.
        Leaf::Client(compare) => {
            Condition::all().add(user::Column::ClientId.is_not_null()).add(compare.on(user::Column::ClientId))
        }
    }
}

/// A visible person by id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    visible: &Visible,
    id: UserId,
) -> Result<Option<user::Model>, DbErr> {
    select(visible, None).filter(user::Column::Id.eq(id)).one(db).await
}

/// A person by id, whoever asks: for rules, never for answers.
///
/// # Errors
/// The database's own.
pub async fn get(db: &impl ConnectionTrait, id: UserId) -> Result<Option<user::Model>, DbErr> {
    user::Entity::find_by_id(id).one(db).await
}

/// A person by the folded address, whoever asks: for rules, never for answers.
///
/// # Errors
/// The database's own.
pub async fn by_email(db: &impl ConnectionTrait, email_key: &str) -> Result<Option<user::Model>, DbErr> {
    user::Entity::find().filter(user::Column::EmailKey.eq(email_key)).one(db).await
}

/// The person, locked until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: UserId) -> Result<Option<user::Model>, DbErr> {
    user::Entity::find_by_id(id).lock_exclusive().one(tx.connection()).await
}

/// All administrators who can sign in, locked in one order, so that two of them cannot remove each other.
///
/// # Errors
/// The database's own.
pub async fn lock_administrators(tx: &Tx<'_>) -> Result<Vec<UserId>, DbErr> {
    let rows = user::Entity::find()
        .filter(user::Column::Role.eq(Role::Administrator))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .order_by_asc(user::Column::Id)
        .lock_exclusive()
        .all(tx.connection())
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// How many open places a person has on teams in one of these positions.
///
/// # Errors
/// The database's own.
pub async fn open_places(
    tx: &Tx<'_>,
    id: UserId,
    positions: &[domain::team::Position],
) -> Result<u64, DbErr> {
    team_member::Entity::find()
        .filter(team_member::Column::UserId.eq(id))
        .filter(team_member::Column::Position.is_in(positions.iter().copied()))
        .filter(
            Condition::any()
                .add(team_member::Column::EndsOn.is_null())
                .add(team_member::Column::EndsOn.gt(tx.now().date_naive())),
        )
        .count(tx.connection())
        .await
}
