//! Reservations and capacity.

use async_graphql::{Context, ID, InputObject, Object};
use domain::id::{ClientId, EngagementId, UserId};
use domain::policy::Target;
use entity::reservation;
use uuid::Uuid;

use super::error::{answer, field, found, payload};
use super::id::{Gid, Identified};
use super::scalar::Date;
use super::user::User;
use super::{call, request, settle};
use crate::usecase;
use crate::usecase::capacity::Month;
use crate::usecase::reservation::Share;

/// Minutes a month that a member of the team holds for an engagement.
#[derive(Clone)]
pub struct Reservation {
    row: reservation::Model,
}

impl From<reservation::Model> for Reservation {
    fn from(row: reservation::Model) -> Self {
        Self { row }
    }
}

/// Minutes a month that a member of the team holds for an engagement.
#[Object]
impl Reservation {
    /// The reservation's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// Who holds them.
    async fn user(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        field(request(ctx).loaders.user(self.row.user_id).await.map(|row| row.map(User::from)))
    }

    /// Minutes a month.
    async fn minutes(&self) -> i32 {
        self.row.minutes
    }

    /// The number of the first period.
    async fn from_period(&self) -> i32 {
        self.row.from_period
    }

    /// The number of the first period in which they are no longer held; null while no end is known.
    async fn until_period(&self) -> Option<i32> {
        self.row.until_period
    }

    /// Why an administrator let the person's capacity be passed; null where it was not.
    async fn override_reason(&self) -> Option<&str> {
        self.row.override_reason.as_deref()
    }
}

/// The reservations of an engagement, past ones included, by period; for its `reservations` field.
pub async fn of_engagement(
    ctx: &Context<'_>,
    client: ClientId,
    engagement: EngagementId,
) -> Option<async_graphql::Result<Vec<Reservation>>> {
    let rows = async {
        settle(call(ctx), "Engagement.reservations", &Target::client(client))?;
        let mut rows = request(ctx).loaders.reservations_of(engagement).await?;
        rows.sort_by_key(|row| (row.from_period, row.id));
        Ok(Some(rows.into_iter().map(Reservation::from).collect()))
    };
    field(rows.await)
}

/// A person's month in totals, so that other clients stay unseen.
pub struct MemberCapacity {
    month: Month,
}

/// A person's month in totals, so that other clients stay unseen.
#[Object]
impl MemberCapacity {
    /// Who.
    async fn user(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        field(request(ctx).loaders.user(self.month.person).await.map(|row| row.map(User::from)))
    }

    /// The first day of the month.
    async fn month(&self) -> Date {
        self.month.starts_on.into()
    }

    /// Minutes that the person can give in a month; null where nothing is stated.
    async fn capacity_minutes(&self) -> Option<i32> {
        self.month.capacity
    }

    /// The most minutes a month that the person holds at once within this month, over all engagements.
    async fn reserved_minutes(&self) -> i32 {
        self.month.reserved
    }

    /// Minutes that the person logged in this month, over all engagements.
    async fn logged_minutes(&self) -> i32 {
        self.month.logged
    }

    /// Minutes that can still be reserved, never below 0; null where no capacity is stated.
    async fn free_minutes(&self) -> Option<i32> {
        self.month.free()
    }
}

/// What one person holds.
#[derive(InputObject)]
pub struct ReservationInput {
    /// Who: a person of the client's team.
    user_id: Gid<UserId>,
    /// Minutes a month, 1 or more.
    minutes: i32,
}

impl From<ReservationInput> for Share {
    fn from(input: ReservationInput) -> Self {
        Self { user_id: input.user_id.0, minutes: input.minutes }
    }
}

/// Who holds how much, from a period on.
#[derive(InputObject)]
pub struct ReservationsSetInput {
    /// The number of the first period; not before the running one.
    from_period: i32,
    /// Everyone who holds minutes from then on, at most 50; in support they sum to the tariff's minutes.
    reservations: Vec<ReservationInput>,
    /// Why someone may hold more than their monthly capacity; administrators only.
    override_reason: Option<String>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

payload! {
    /// The outcome of setting reservations.
    ReservationsSetPayload {
        /// What is held from the period on.
        reservations: Vec<Reservation>,
    }
}

/// Queries of capacity.
#[derive(Default)]
pub struct CapacityQuery;

#[Object]
impl CapacityQuery {
    /// What one of the staff can give in a month, holds and has logged.
    async fn capacity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] user_id: Gid<UserId>,
        #[graphql(desc = "Any day of the month.")] month: Date,
    ) -> Option<async_graphql::Result<MemberCapacity>> {
        let read = Box::pin(usecase::capacity::month(call(ctx), user_id.0, month.0)).await;
        found(read.map(|month| month.map(|month| MemberCapacity { month })))
    }
}

/// Changes of reservations.
#[derive(Default)]
pub struct ReservationMutation;

#[Object]
impl ReservationMutation {
    /// Replaces an engagement's reservations from a period on, up to the next change of its tariff.
    async fn reservations_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which engagement.")] engagement_id: Gid<EngagementId>,
        #[graphql(desc = "Who holds how much.")] input: ReservationsSetInput,
    ) -> Option<async_graphql::Result<ReservationsSetPayload>> {
        let key = input.idempotency_key;
        let command = usecase::reservation::Set {
            from_period: input.from_period,
            shares: input.reservations.into_iter().map(Share::from).collect(),
            override_reason: input.override_reason,
        };
        let set = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::reservation::set(&call, engagement_id.0, command, key).await
        }))
        .await;
        answer(set.map(|rows| ReservationsSetPayload {
            reservations: Some(rows.into_iter().map(Reservation::from).collect()),
            errors: Vec::new(),
        }))
    }
}
