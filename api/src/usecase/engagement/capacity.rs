//! What people can be held for: their reservations over all engagements that run (T-2).

use chrono::NaiveDate;
use domain::id::{EngagementId, UserId};
use domain::period::span;
use domain::team::{Hold, peak};
use entity::{engagement, reservation, user};

use crate::error::Result;
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
    let others = store::reservation::of_people(tx.connection(), &ids, engagement).await?;
    Ok(judge(wanted, from, &people, &others))
}

/// The same for what was read.
pub fn judge(
    wanted: &[(UserId, i32)],
    from: NaiveDate,
    people: &[user::Model],
    others: &[(reservation::Model, engagement::Model)],
) -> Vec<UserId> {
    let is_passed = |(id, minutes): &(UserId, i32)| {
        let capacity = people.iter().find(|user| user.id == *id)?.capacity_minutes?;
        let elsewhere = others.iter().filter(|(held, _)| held.user_id == *id);
        let mut holds: Vec<Hold> =
            elsewhere.filter_map(|(held, engagement)| hold(held, engagement)).collect();
        holds.push(Hold { minutes: *minutes, from, until: None });
        (peak(&holds, from) > i64::from(capacity)).then_some(*id)
    };
    wanted.iter().filter_map(is_passed).collect()
}

/// The days of a reservation, its engagement's end included; none for an engagement without a first day.
fn hold(held: &reservation::Model, engagement: &engagement::Model) -> Option<Hold> {
    let begin = |number| engagement.starts_on.map(|starts_on| span(starts_on, number).starts_on);
    let until = held.until_period.and_then(begin);
    Some(Hold {
        minutes: held.minutes,
        from: begin(held.from_period)?,
        until: until.into_iter().chain(engagement.ends_on).min(),
    })
}
