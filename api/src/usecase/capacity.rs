//! What a member of the staff can give in a month, holds and has logged: totals only, other clients stay unseen (T-5).

use chrono::{Datelike, Months, NaiveDate};
use domain::id::UserId;
use domain::policy::{Action, Target};
use domain::reservation::{Held, peak};

use super::reservation::held;
use crate::app::Call;
use crate::error::{Error, Result};
use crate::store;

/// A person's month, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    pub person: UserId,
    /// The first day.
    pub starts_on: NaiveDate,
    /// What they can give; none where nothing is stated.
    pub capacity: Option<i32>,
    /// The most that they hold at once within the month.
    pub reserved: i32,
    pub logged: i32,
}

impl Month {
    /// What they can still give; none where nothing is stated, 0 where more is held than they can.
    pub fn free(&self) -> Option<i32> {
        self.capacity.map(|capacity| capacity.saturating_sub(self.reserved).max(0))
    }
}

/// The month that `day` lies in, of a person (T-5).
///
/// # Errors
/// Not allowed; a year before 2000 or after 2099; a contact of a client, or nobody, is not found.
pub async fn month(call: &Call, person: UserId, day: NaiveDate) -> Result<Option<Month>> {
    let _permit = call.permit(Action::CapacityRead, &Target::person(person))?;
    let bounds = (2000..2100)
        .contains(&day.year())
        .then(|| day.with_day(1))
        .flatten()
        .and_then(|first| Some((first, first.checked_add_months(Months::new(1))?)));
    let Some((from, until)) = bounds else {
        return Err(Error::BadInput("A year is 2000 to 2099.".to_owned()));
    };
    let db = call.app.db.reading();
    let Some(user) = store::user::get(db, person).await?.filter(|user| !user.role.is_client()) else {
        return Ok(None);
    };
    let today = call.now.date_naive();
    let rows = store::reservation::of_people(db, &[person]).await?;
    let all: Vec<Held> = rows.iter().filter_map(|(row, engagement)| held(row, engagement, today)).collect();
    Ok(Some(Month {
        person,
        starts_on: from,
        capacity: user.capacity_minutes,
        reserved: peak(&all, from, Some(until)),
        logged: store::reservation::logged_minutes(db, person, from, until).await?,
    }))
}
