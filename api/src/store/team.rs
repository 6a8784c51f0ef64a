//! Places in clients' teams.

use domain::id::{ClientId, TeamMemberId};
use domain::policy::Scope;
use entity::team_member;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::visible;

/// A place by its id, whoever asks: for rules, never for answers.
///
/// # Errors
/// The database's own.
pub async fn get(db: &impl ConnectionTrait, id: TeamMemberId) -> Result<Option<team_member::Model>, DbErr> {
    team_member::Entity::find_by_id(id).one(db).await
}

/// A visible place by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: TeamMemberId,
) -> Result<Option<team_member::Model>, DbErr> {
    team_member::Entity::find_by_id(id)
        .filter(visible::of_client(scope, team_member::Column::ClientId))
        .one(db)
        .await
}

/// All places of a client, ended ones included, whoever asks.
///
/// # Errors
/// The database's own.
pub async fn of_client(
    db: &impl ConnectionTrait,
    client: ClientId,
) -> Result<Vec<team_member::Model>, DbErr> {
    team_member::Entity::find().filter(team_member::Column::ClientId.eq(client)).all(db).await
}
