//! Teams.

use async_graphql::{Context, ID, InputObject, Object};
use domain::calendar::local_day;
use domain::id::{ClientId, TeamMemberId, UserId};
use domain::policy::Target;
use domain::team::Position;
use entity::{client, team_member, user};
use uuid::Uuid;

use super::client::Client;
use super::error::{answer, field, payload};
use super::id::{Gid, Identified};
use super::scalar::{Date, DateTime};
use super::user::User;
use super::{call, request, settle};
use crate::error::{Error, Result};
use crate::usecase;

/// A person's place in a client's team.
#[derive(Clone)]
pub struct TeamMember {
    row: team_member::Model,
    user: Option<User>,
}

impl From<team_member::Model> for TeamMember {
    fn from(row: team_member::Model) -> Self {
        Self { row, user: None }
    }
}

impl From<(team_member::Model, user::Model)> for TeamMember {
    fn from((row, user): (team_member::Model, user::Model)) -> Self {
        Self { row, user: Some(user.into()) }
    }
}

/// A person's place in a client's team.
#[Object]
impl TeamMember {
    /// The place's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The client.
    async fn client(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Client>> {
        field(request(ctx).loaders.client(self.row.client_id).await.map(|row| row.map(Client::from)))
    }

    /// The person.
    async fn user(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        if let Some(user) = &self.user {
            return Some(Ok(user.clone()));
        }
        field(request(ctx).loaders.user(self.row.user_id).await.map(|row| row.map(User::from)))
    }

    /// What the person is on the team for.
    async fn position(&self) -> Position {
        self.row.position
    }

    /// The first day, of the client's calendar.
    async fn starts_on(&self) -> Date {
        self.row.starts_on.into()
    }

    /// The first day no longer held; null while the place is open.
    async fn ends_on(&self) -> Option<Date> {
        self.row.ends_on.map(Date)
    }

    /// Counts the changes.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When it was written down.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

/// The places of a client, in order of position and first day; ended ones only where asked for.
pub async fn of_client(
    ctx: &Context<'_>,
    client: &client::Model,
    given: Option<&[TeamMember]>,
    include_ended: bool,
) -> Option<async_graphql::Result<Vec<TeamMember>>> {
    let places = async {
        settle(call(ctx), "Client.team", &Target::client(client.id))?;
        let zone = client.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
        let today = local_day(call(ctx).now, zone);
        let mut places: Vec<TeamMember> = match given {
            Some(given) => given.to_vec(),
            None => {
                let rows = request(ctx).loaders.team_of(client.id).await?;
                rows.into_iter().map(TeamMember::from).collect()
            }
        };
        places.retain(|place| include_ended || place.row.ends_on.is_none_or(|ends_on| today < ends_on));
        places.sort_by_key(|place| (place.row.position, place.row.starts_on, place.row.id));
        Ok(Some(places))
    };
    field(places.await)
}

/// A place to be filled.
#[derive(InputObject)]
pub struct TeamMemberAddInput {
    /// The client.
    client_id: Gid<ClientId>,
    /// Who: one of the staff, who has the position's role where it needs one (ROLE_MISMATCH).
    user_id: Gid<UserId>,
    /// In which position.
    position: Position,
    /// The first day; today in the client's time zone where absent.
    starts_on: Option<Date>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// Who follows in a place.
#[derive(InputObject)]
pub struct TeamMemberReplaceInput {
    /// Who: one of the staff, who has the position's role where it needs one (ROLE_MISMATCH).
    user_id: Gid<UserId>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

payload! {
    /// The outcome of adding to a team.
    TeamMemberAddPayload {
        /// The new place.
        team_member: TeamMember,
        /// The client with its team as it is now.
        client: Client,
    }
}

payload! {
    /// The outcome of replacing a person in a team.
    TeamMemberReplacePayload {
        /// The new place.
        team_member: TeamMember,
        /// The place that has ended.
        replaced: TeamMember,
        /// The client with its team as it is now.
        client: Client,
    }
}

payload! {
    /// The outcome of ending a place.
    TeamMemberEndPayload {
        /// The place, ended.
        team_member: TeamMember,
        /// The client with its team as it is now.
        client: Client,
    }
}

async fn client_of(ctx: &Context<'_>, row: &team_member::Model) -> Result<Client> {
    request(ctx).loaders.client(row.client_id).await?.map(Client::from).ok_or(Error::NotFound)
}

/// Changes of teams.
#[derive(Default)]
pub struct TeamMutation;

#[Object]
impl TeamMutation {
    /// Puts one of the staff on a client's team; they see the client from that day on. Project managers of the client
    /// add ASSISTANT, CONFIGURATOR and DEVELOPER, administrators everyone.
    async fn team_member_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new place.")] input: TeamMemberAddInput,
    ) -> Option<async_graphql::Result<TeamMemberAddPayload>> {
        let key = input.idempotency_key;
        let command = usecase::team::Add {
            client_id: input.client_id.0,
            user_id: input.user_id.0,
            position: input.position,
            starts_on: input.starts_on.map(|day| day.0),
        };
        let added = async {
            let row = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
                usecase::team::add(&call, command, key).await
            }))
            .await?;
            let client = client_of(ctx, &row).await?;
            Ok(TeamMemberAddPayload {
                team_member: Some(row.into()),
                client: Some(client),
                errors: Vec::new(),
            })
        };
        answer(added.await)
    }

    /// Puts another person into a place: the one there ends today, the new one begins today. The way to change
    /// the last person in a position that a running engagement needs.
    async fn team_member_replace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The place.")] id: Gid<TeamMemberId>,
        #[graphql(desc = "Who follows.")] input: TeamMemberReplaceInput,
    ) -> Option<async_graphql::Result<TeamMemberReplacePayload>> {
        let key = input.idempotency_key;
        let replaced = async {
            let (old, new) =
                Box::pin(usecase::retry(call(ctx), input.user_id.0, move |call, user| async move {
                    usecase::team::replace(&call, id.0, user, key).await
                }))
                .await?;
            let client = client_of(ctx, &new).await?;
            Ok(TeamMemberReplacePayload {
                team_member: Some(new.into()),
                replaced: Some(old.into()),
                client: Some(client),
                errors: Vec::new(),
            })
        };
        answer(replaced.await)
    }

    /// Ends a place at once. The last person in a position that a running engagement needs is replaced instead
    /// (POSITION_REQUIRED).
    async fn team_member_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The place.")] id: Gid<TeamMemberId>,
    ) -> Option<async_graphql::Result<TeamMemberEndPayload>> {
        let ended = async {
            let row = Box::pin(usecase::retry(call(ctx), (), move |call, ()| async move {
                usecase::team::end(&call, id.0).await
            }))
            .await?;
            let client = client_of(ctx, &row).await?;
            Ok(TeamMemberEndPayload {
                team_member: Some(row.into()),
                client: Some(client),
                errors: Vec::new(),
            })
        };
        answer(ended.await)
    }
}
