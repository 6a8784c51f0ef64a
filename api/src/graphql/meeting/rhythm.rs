//! The rhythm of an engagement's meetings.

use async_graphql::{Context, InputObject, Object};
use domain::calendar::Weekday;
use domain::id::EngagementId;
use domain::policy::Target;
use entity::{engagement, meeting_rhythm};

use super::super::error::{answer, field, payload};
use super::super::{call, request, settle};
use crate::error::Result;
use crate::usecase::meeting::SetRhythm;

/// When the weekly meeting of an engagement is, by the clock of its own time zone.
#[derive(Clone)]
pub struct MeetingRhythm {
    row: meeting_rhythm::Model,
}

impl From<meeting_rhythm::Model> for MeetingRhythm {
    fn from(row: meeting_rhythm::Model) -> Self {
        Self { row }
    }
}

/// When the weekly meeting of an engagement is, by the clock of its own time zone.
#[Object]
impl MeetingRhythm {
    /// The day of the week.
    async fn weekday(&self) -> Weekday {
        self.row.weekday
    }

    /// The hour, 0 to 23.
    async fn hour(&self) -> i32 {
        self.row.minute_of_day / 60
    }

    /// The minute, 0 to 59.
    async fn minute(&self) -> i32 {
        self.row.minute_of_day % 60
    }

    /// How long it is, in minutes.
    async fn duration_minutes(&self) -> i32 {
        self.row.duration_minutes
    }

    /// Where it is: a place, or the link of a call. Null where nobody said.
    async fn place(&self) -> Option<&str> {
        self.row.place.as_deref()
    }
}

/// The rhythm of an engagement; null where it has none.
pub async fn of_engagement(
    ctx: &Context<'_>,
    row: &engagement::Model,
) -> Option<async_graphql::Result<MeetingRhythm>> {
    let read = async {
        settle(call(ctx), "Engagement.meetingRhythm", &Target::client(row.client_id))?;
        let rows = request(ctx).loaders.rhythm_of(row.id).await?;
        Ok(rows.into_iter().next().map(MeetingRhythm::from))
    };
    field(read.await)
}

/// When the weekly meeting is to be.
#[derive(InputObject)]
pub struct MeetingRhythmSetInput {
    /// The day of the week.
    pub weekday: Weekday,
    /// The hour, 0 to 23, in the engagement's time zone.
    pub hour: i32,
    /// The minute, 0 to 59.
    #[graphql(default)]
    pub minute: i32,
    /// How long it is, 5 to 600 minutes.
    #[graphql(default = 60)]
    pub duration_minutes: i32,
    /// Where it is: a place, or the link of a call.
    pub place: Option<String>,
}

payload! {
    /// The outcome of setting a rhythm.
    MeetingRhythmSetPayload {
        /// The engagement with its rhythm.
        engagement: super::super::engagement::Engagement,
    }
}

payload! {
    /// The outcome of ending a rhythm.
    MeetingRhythmClearPayload {
        /// The engagement, without a rhythm.
        engagement: super::super::engagement::Engagement,
    }
}

/// Sets a rhythm.
pub(super) async fn set(
    ctx: &Context<'_>,
    engagement: EngagementId,
    input: MeetingRhythmSetInput,
) -> Option<async_graphql::Result<MeetingRhythmSetPayload>> {
    let command = SetRhythm {
        weekday: input.weekday,
        hour: input.hour,
        minute: input.minute,
        duration_minutes: input.duration_minutes,
        place: input.place,
    };
    let set: Result<_> =
        Box::pin(crate::usecase::retry(call(ctx), command, move |call, command| async move {
            crate::usecase::meeting::set(&call, engagement, command).await
        }))
        .await;
    answer(set.map(|row| MeetingRhythmSetPayload { engagement: Some(row.into()), errors: Vec::new() }))
}

/// Ends a rhythm.
pub(super) async fn clear(
    ctx: &Context<'_>,
    engagement: EngagementId,
) -> Option<async_graphql::Result<MeetingRhythmClearPayload>> {
    let cleared = Box::pin(crate::usecase::retry(call(ctx), (), move |call, ()| async move {
        crate::usecase::meeting::clear(&call, engagement).await
    }))
    .await;
    answer(cleared.map(|row| MeetingRhythmClearPayload { engagement: Some(row.into()), errors: Vec::new() }))
}
