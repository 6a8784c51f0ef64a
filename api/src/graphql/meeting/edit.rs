//! Planning, moving and calling off meetings, and what is put on their agendas.

use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use domain::id::{EngagementId, MeetingId, MeetingItemId, UserId};
use domain::meeting::MeetingKind;
use entity::{meeting, meeting_item};
use uuid::Uuid;

use super::super::error::{answer, payload};
use super::super::id::Gid;
use super::super::patch::{conflict, patch};
use super::super::scalar::DateTime;
use super::super::{call, request};
use super::item::{MeetingItem, MeetingItemAddInput};
use super::rhythm::{MeetingRhythmClearPayload, MeetingRhythmSetInput, MeetingRhythmSetPayload};
use super::{Meeting, rhythm};
use crate::error::Result;
use crate::usecase;
use crate::usecase::patch::Edited;

/// A meeting to be planned.
#[derive(InputObject)]
pub struct MeetingPlanInput {
    /// The engagement that it is about; it runs.
    engagement_id: Gid<EngagementId>,
    /// What it is for.
    #[graphql(default_with = "MeetingKind::Other")]
    kind: MeetingKind,
    /// When it begins: on a day that the engagement serves, at most 31 days back and 366 ahead.
    starts_at: DateTime,
    /// How long it is, 5 to 600 minutes.
    #[graphql(default = 60)]
    duration_minutes: i32,
    /// Where it is: a place, or the link of a call.
    place: Option<String>,
    /// Who takes part: people of the client's team and the client's own; its project managers and owners where absent.
    participant_ids: Option<Vec<Gid<UserId>>>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// A change of a meeting to come: what is absent keeps, null clears.
#[derive(InputObject)]
pub struct MeetingUpdateInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Another time, to which it is moved; everyone who takes part is told.
    starts_at: MaybeUndefined<DateTime>,
    /// How long it is, 5 to 600 minutes.
    duration_minutes: MaybeUndefined<i32>,
    /// Where it is: a place, or the link of a call.
    place: MaybeUndefined<String>,
    /// Who takes part.
    participant_ids: MaybeUndefined<Vec<Gid<UserId>>>,
}

/// A meeting that is called off.
#[derive(InputObject)]
pub struct MeetingCancelInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Why; required, at most 4,000 characters. Everyone who takes part is told.
    reason: String,
}

payload! {
    /// The outcome of planning a meeting.
    MeetingPlanPayload {
        /// The meeting.
        meeting: Meeting,
    }
}

payload! {
    /// The outcome of changing a meeting.
    MeetingUpdatePayload {
        /// The meeting as it is now, also where the change met a conflict.
        meeting: Meeting,
    }
}

payload! {
    /// The outcome of calling a meeting off.
    MeetingCancelPayload {
        /// The meeting as it is now, also where the change met a conflict.
        meeting: Meeting,
    }
}

payload! {
    /// The outcome of raising a point.
    MeetingItemAddPayload {
        /// The point.
        meeting_item: MeetingItem,
        /// The meeting that it is talked about in; null where it waits for one.
        meeting: Meeting,
    }
}

payload! {
    /// The outcome of taking a point away.
    MeetingItemRemovePayload {
        /// The point, which is gone.
        meeting_item: MeetingItem,
        /// The meeting that it was on the agenda of, where there is one.
        meeting: Meeting,
    }
}

/// The meeting that a point is on the agenda of.
async fn meeting_of(ctx: &Context<'_>, row: &meeting_item::Model) -> Result<Option<Meeting>> {
    match row.meeting_id {
        Some(id) => Ok(request(ctx).loaders.meeting(id).await?.map(Meeting::from)),
        None => Ok(None),
    }
}

/// Changes of meetings.
#[derive(Default)]
pub struct MeetingMutation;

#[Object]
impl MeetingMutation {
    /// Sets when the weekly meeting of an engagement is. From then on each one is planned by itself, more than a week
    /// ahead; what was planned before and nobody moved follows within its week.
    async fn meeting_rhythm_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which engagement.")] engagement_id: Gid<EngagementId>,
        #[graphql(desc = "When it is.")] input: MeetingRhythmSetInput,
    ) -> Option<async_graphql::Result<MeetingRhythmSetPayload>> {
        rhythm::set(ctx, engagement_id.0, input).await
    }

    /// Ends the rhythm of an engagement: no more meetings are planned by themselves; those that are planned stay.
    async fn meeting_rhythm_clear(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which engagement.")] engagement_id: Gid<EngagementId>,
    ) -> Option<async_graphql::Result<MeetingRhythmClearPayload>> {
        rhythm::clear(ctx, engagement_id.0).await
    }

    /// Plans a meeting by hand. One that was held without being planned is planned for its time, and then held.
    async fn meeting_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The meeting.")] input: MeetingPlanInput,
    ) -> Option<async_graphql::Result<MeetingPlanPayload>> {
        let key = input.idempotency_key;
        let command = usecase::meeting::Plan {
            engagement_id: input.engagement_id.0,
            kind: input.kind,
            starts_at: input.starts_at.0,
            duration_minutes: input.duration_minutes,
            place: input.place,
            participant_ids: input.participant_ids.map(|ids| ids.into_iter().map(|id| id.0).collect()),
        };
        let planned = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::meeting::plan(&call, command, key).await
        }))
        .await;
        answer(planned.map(|row| MeetingPlanPayload { meeting: Some(row.into()), errors: Vec::new() }))
    }

    /// Changes a meeting to come; with another time it is moved, and everyone who takes part is told.
    async fn meeting_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which meeting.")] id: Gid<MeetingId>,
        #[graphql(desc = "What changes.")] input: MeetingUpdateInput,
    ) -> Option<async_graphql::Result<MeetingUpdatePayload>> {
        let version = input.expected_version;
        let people = patch(input.participant_ids);
        let command = usecase::meeting::Update {
            starts_at: patch(input.starts_at).map(|at| at.map(|at| at.0)),
            duration_minutes: patch(input.duration_minutes),
            place: patch(input.place),
            participant_ids: people
                .map(|people| people.map(|people| people.into_iter().map(|id| id.0).collect())),
        };
        let edited = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::meeting::update(&call, id.0, version, command).await
        }))
        .await;
        answer(edited.map(|edited| {
            let (row, errors) = split(edited);
            MeetingUpdatePayload { meeting: Some(row.into()), errors }
        }))
    }

    /// Calls a meeting off, with the reason; what was on its agenda goes on to the next one.
    async fn meeting_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which meeting.")] id: Gid<MeetingId>,
        #[graphql(desc = "Why.")] input: MeetingCancelInput,
    ) -> Option<async_graphql::Result<MeetingCancelPayload>> {
        let version = input.expected_version;
        let edited = Box::pin(usecase::retry(call(ctx), input.reason, move |call, reason| async move {
            usecase::meeting::cancel(&call, id.0, version, reason).await
        }))
        .await;
        answer(edited.map(|edited| {
            let (row, errors) = split(edited);
            MeetingCancelPayload { meeting: Some(row.into()), errors }
        }))
    }

    /// Puts a point on the agenda of a meeting, or of the next one; either side may.
    async fn meeting_item_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The point.")] input: MeetingItemAddInput,
    ) -> Option<async_graphql::Result<MeetingItemAddPayload>> {
        let key = input.idempotency_key;
        let command = usecase::meeting::Add {
            engagement_id: input.engagement_id.0,
            meeting_id: input.meeting_id.map(|id| id.0),
            task_id: input.task_id.map(|id| id.0),
            text: input.text,
        };
        let added = async {
            let row = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
                usecase::meeting::add(&call, command, key).await
            }))
            .await?;
            let meeting = meeting_of(ctx, &row).await?;
            Ok(MeetingItemAddPayload { meeting_item: Some(row.into()), meeting, errors: Vec::new() })
        };
        answer(added.await)
    }

    /// Takes a point that is not done off its agenda: whoever raised it, or who manages meetings.
    async fn meeting_item_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which point.")] id: Gid<MeetingItemId>,
    ) -> Option<async_graphql::Result<MeetingItemRemovePayload>> {
        let removed = async {
            let row = Box::pin(usecase::retry(call(ctx), (), move |call, ()| async move {
                usecase::meeting::remove(&call, id.0).await
            }))
            .await?;
            let meeting = meeting_of(ctx, &row).await?;
            Ok(MeetingItemRemovePayload { meeting_item: Some(row.into()), meeting, errors: Vec::new() })
        };
        answer(removed.await)
    }
}

/// An edit as a row and its errors.
fn split(edited: Edited<meeting::Model>) -> (meeting::Model, Vec<super::super::error::UserError>) {
    match edited {
        Edited::Done(row) => (row, Vec::new()),
        Edited::Conflict(row) => (row, vec![conflict()]),
    }
}
