//! The time of everyone of the staff in a meeting, logged in one step as part of its outcome (M-1, B-7).

use chrono::NaiveDate;
use domain::id::{EngagementId, TimeEntryId, UserId};
use domain::policy::{Action, Permit, Target};
use domain::refusal::ErrorCode;
use domain::text::Text;
use domain::time_entry::{Activity, NOTE_CHARS};
use entity::user;

use super::hold::HoldTime;
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change, Tx};
use crate::usecase::ledger::Book;
use crate::usecase::time_entry::{Entered, Log, enter};

/// The time that is to be logged.
pub(super) struct Wanted<'a> {
    pub engagement: EngagementId,
    pub day: NaiveDate,
    pub minutes: i32,
    pub time: &'a HoldTime,
    pub staff: &'a [user::Model],
}

/// Enters the time of everyone of the staff who took part.
pub(super) async fn log_all(
    call: &Call,
    tx: &mut Tx<'_>,
    book: &mut Book,
    wanted: &Wanted<'_>,
    ids: &[TimeEntryId],
    refusals: &mut Refusals,
    changes: &mut Vec<(Permit, Change)>,
) -> Result<Vec<Entered>> {
    let time = wanted.time;
    let client = book.engagement.client_id;
    for (at, (person, _)) in time.people.iter().enumerate() {
        let is_new = time.people.iter().take(at).all(|(other, _)| other != person);
        if !is_new || !wanted.staff.iter().any(|user| user.id == *person) {
            let words = "The person is not, or not once, of the provider's people in the meeting.";
            let refusal = Refusal::new(ErrorCode::Invalid, words).at("userId");
            refusals.push(refusal.of("people", at).at("time"));
        }
    }
    if let Err(error) = Text::parse(&time.note, NOTE_CHARS) {
        let refusal = Refusal::new(ErrorCode::Invalid, error.to_string()).at("note");
        refusals.push(refusal.at("time"));
        return Ok(Vec::new());
    }
    let mut entries = Vec::new();
    for (user, id) in wanted.staff.iter().zip(ids) {
        let named = time.people.iter().position(|(person, _)| *person == user.id);
        let minutes = named.map_or(wanted.minutes, |at| time.people[at].1);
        if minutes == 0 {
            continue;
        }
        let log = Log {
            engagement_id: wanted.engagement,
            user_id: Some(user.id),
            task_id: None,
            worked_on: wanted.day,
            minutes,
            activity: Activity::Meeting,
            note: time.note.clone(),
        };
        match entered(call, tx, book, *id, user.id, &log).await {
            Ok(entered) => {
                let permit = call.permit(Action::MeetingTimeLog, &Target::client(client))?;
                changes.push((permit, Change::of("TimeEntry", *id).client(client).after(&log)));
                entries.push(entered);
            }
            Err(Error::Refused(some)) => {
                for refusal in some {
                    let placed = match named {
                        Some(at) => refusal.of("people", at).at("time"),
                        None => refusal.at("time"),
                    };
                    refusals.push_once(placed);
                }
            }
            Err(other) => return Err(other),
        }
    }
    Ok(entries)
}

/// Enters one person's time, their day included, so that a full one is told with the rest.
async fn entered(
    call: &Call,
    tx: &mut Tx<'_>,
    book: &mut Book,
    id: TimeEntryId,
    person: UserId,
    log: &Log,
) -> Result<Entered> {
    let entered = enter(call, tx, book, id, person, log).await?;
    store::write::run(tx.connection(), vec![entered.day.clone()]).await?;
    Ok(entered)
}
