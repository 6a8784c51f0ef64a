//! What people are told: in the application, and by mail where they want it so.
//!
//! A notification keeps its facts, not its words: [`Content`] is stored as it is, and the words are
//! made in the reader's language when they are read. What became of the thing it tells of is found
//! by following its subject, with the rights of that day.
//!
//! - **B-5**, **B-6** Both sides are warned of hours that are about to expire or to run out.
//! - **Q-2** A client in support without a task, comment or meeting for five working days is
//!   reported to the account manager.
//! - Each person decides for each [`NotificationKind`] whether it also comes by mail; until they do
//!   it does. *In the application everything is shown.*

mod words;

pub use words::Words;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where a mail stands.
    MailStatus {
        /// On its way.
        Waiting,
        /// Handed over.
        Sent,
        /// Given up after many attempts or a final refusal; left to a person.
        Failed,
    }
    /// What a notification tells of.
    NotificationKind {
        /// Unused hours expire in some days.
        HoursEnding,
        /// 80 % of the period's hours are used.
        HoursNearlyUsed,
        /// All of the period's hours are used.
        HoursUsed,
        /// A period ended with time beyond its hours, of which it is to be decided what becomes.
        OverageLeft,
        /// The client is asked to approve minutes beyond the balance.
        ApprovalAsked,
        /// The client asks about a time entry.
        EntryQuestioned,
        /// A question about a time entry was answered.
        EntryAnswered,
        /// A working day passed without one's own time.
        DayUnexplained,
        /// A project passed a working day without logged work.
        WorkMissing,
        /// A project passed a working day without contact with its client.
        ContactMissing,
        /// A client in support has been idle for some days.
        ClientIdle,
        /// A meeting was planned.
        MeetingPlanned,
        /// A meeting was moved.
        MeetingMoved,
        /// A meeting was cancelled.
        MeetingCancelled,
        /// The client answered a weekly report.
        ReportAnswered,
        /// A mail could not be sent and is left to a person.
        MailFailed,
    }
}

/// What is told, with its facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub enum Content {
    HoursEnding { client: String, minutes: i32, on: NaiveDate },
    HoursNearlyUsed { client: String, remaining_minutes: i32 },
    HoursUsed { client: String, overage_minutes: i32 },
    OverageLeft { client: String, minutes: i32, ended_on: NaiveDate },
    ApprovalAsked { client: String, by: String, minutes: i32, reason: String },
    EntryQuestioned { client: String, by: String, worked_on: NaiveDate, minutes: i32, question: String },
    EntryAnswered { client: String, by: String, worked_on: NaiveDate, minutes: i32, answer: String },
    DayUnexplained { day: NaiveDate },
    WorkMissing { client: String, day: NaiveDate },
    ContactMissing { client: String, day: NaiveDate },
    ClientIdle { client: String, since: NaiveDate },
    MeetingPlanned { client: String, title: String, at: DateTime<Utc>, time_zone: String },
    MeetingMoved { client: String, title: String, at: DateTime<Utc>, time_zone: String },
    MeetingCancelled { client: String, title: String, at: DateTime<Utc>, time_zone: String, reason: String },
    ReportAnswered { client: String, by: String, satisfaction: Option<i32>, comment: String },
    MailFailed { recipient: String, reason: String },
}

impl Content {
    /// What it tells of.
    pub fn kind(&self) -> NotificationKind {
        use NotificationKind as Kind;
        match self {
            Self::HoursEnding { .. } => Kind::HoursEnding,
            Self::HoursNearlyUsed { .. } => Kind::HoursNearlyUsed,
            Self::HoursUsed { .. } => Kind::HoursUsed,
            Self::OverageLeft { .. } => Kind::OverageLeft,
            Self::ApprovalAsked { .. } => Kind::ApprovalAsked,
            Self::EntryQuestioned { .. } => Kind::EntryQuestioned,
            Self::EntryAnswered { .. } => Kind::EntryAnswered,
            Self::DayUnexplained { .. } => Kind::DayUnexplained,
            Self::WorkMissing { .. } => Kind::WorkMissing,
            Self::ContactMissing { .. } => Kind::ContactMissing,
            Self::ClientIdle { .. } => Kind::ClientIdle,
            Self::MeetingPlanned { .. } => Kind::MeetingPlanned,
            Self::MeetingMoved { .. } => Kind::MeetingMoved,
            Self::MeetingCancelled { .. } => Kind::MeetingCancelled,
            Self::ReportAnswered { .. } => Kind::ReportAnswered,
            Self::MailFailed { .. } => Kind::MailFailed,
        }
    }
}
