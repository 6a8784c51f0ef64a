//! Who takes part: the client's team and the client's own people (M-1).

use chrono::NaiveDate;
use domain::id::{ClientId, UserId};
use domain::meeting::PARTICIPANTS;
use domain::refusal::ErrorCode;
use domain::team::Position;
use domain::user::Role;
use entity::client;

use crate::error::{Refusal, Refusals, Result};
use crate::store::{self, Tx};

/// Who is asked to a weekly meeting where nobody says who: the project managers, the client's owners and the contact who
/// is responsible.
pub(super) async fn usual(tx: &Tx<'_>, client: &client::Model, day: NaiveDate) -> Result<Vec<UserId>> {
    let around = store::meeting::people_around(tx.connection(), client.id, day).await?;
    let mut people: Vec<UserId> = around
        .iter()
        .filter(|(user, position)| match position {
            Some(position) => *position == Position::ProjectManager,
            None => user.role == Role::ClientOwner || Some(user.id) == client.contact_id,
        })
        .map(|(user, _)| user.id)
        .collect();
    people.sort_unstable();
    people.dedup();
    people.truncate(PARTICIPANTS);
    Ok(people)
}

/// The people named, each once; refused are those who are neither on the team nor the client's own.
pub(super) async fn named(
    tx: &Tx<'_>,
    client: ClientId,
    day: NaiveDate,
    named: &[UserId],
    refusals: &mut Refusals,
) -> Result<Vec<UserId>> {
    const FIELD: &str = "participantIds";
    if named.is_empty() || named.len() > PARTICIPANTS {
        let words = format!("1 to {PARTICIPANTS} people take part in a meeting.");
        refusals.push(Refusal::new(ErrorCode::Invalid, words).at(FIELD));
        return Ok(Vec::new());
    }
    let around = store::meeting::people_around(tx.connection(), client, day).await?;
    for (at, id) in named.iter().enumerate() {
        if !around.iter().any(|(user, _)| user.id == *id) {
            let words = "The person is neither on the client's team nor one of its people.";
            refusals.push(Refusal::new(ErrorCode::Invalid, words).of(FIELD, at));
        }
    }
    let mut people = named.to_vec();
    people.sort_unstable();
    people.dedup();
    Ok(people)
}
