//! What people can be held for: their reservations over all engagements that run (T-2).

use chrono::NaiveDate;
use domain::id::{EngagementId, UserId};
use domain::period::span;
use domain::reservation::{Held, peak};
use entity::{engagement, reservation, user};

use crate::error::Result;
use crate::store::engagement::RUNNING;
use crate::store::{self, Tx};

/// Those who would be held for more minutes a month than they have, were they held for these from a day on (T-2).
/// The people are locked, so that two writers cannot fill one capacity twice. Who states no capacity has no bounds.
///
/// # Errors
/// The database's own.
pub async fn passed(
    tx: &Tx<'_>,
    wanted: &[(UserId, i32)],
    from: NaiveDate,
    engagement: EngagementId,
) -> Result<Vec<UserId>> {
    let ids: Vec<UserId> = wanted.iter().map(|(user, _)| *user).collect();
    let people = store::reservation::lock_people(tx, &ids).await?;
    let others = store::reservation::of_people(tx.connection(), &ids).await?;
    Ok(judge(wanted, from, engagement, &people, &others))
}

/// The same for what was read.
pub fn judge(
    wanted: &[(UserId, i32)],
    from: NaiveDate,
    engagement: EngagementId,
    people: &[user::Model],
    others: &[(reservation::Model, engagement::Model)],
) -> Vec<UserId> {
    let is_passed = |(id, minutes): &(UserId, i32)| {
        let capacity = people.iter().find(|user| user.id == *id)?.capacity_minutes?;
        let mut held: Vec<Held> = others
            .iter()
            .filter(|(held, other)| {
                held.user_id == *id && other.id != engagement && RUNNING.contains(&other.status)
            })
            .filter_map(|(held, other)| days(held, other))
            .collect();
        held.push(Held { minutes: *minutes, from, until: None });
        (peak(&held, from, None) > capacity).then_some(*id)
    };
    wanted.iter().filter_map(is_passed).collect()
}

/// The days of a reservation, its engagement's end included; none for an engagement without a first day.
fn days(held: &reservation::Model, engagement: &engagement::Model) -> Option<Held> {
    let begin = |number| engagement.starts_on.map(|starts_on| span(starts_on, number).starts_on);
    let until = held.until_period.and_then(begin);
    Some(Held {
        minutes: held.minutes,
        from: begin(held.from_period)?,
        until: until.into_iter().chain(engagement.ends_on).min(),
    })
}
