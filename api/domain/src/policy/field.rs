//! Which action stands behind each root field and each protected field of the schema.
//!
//! A root field without a row fails a test, and the manual's access sentences are made from these rows.

use super::Action::{self, *};

/// `Type.field` and the action it needs, sorted by name within its type.
pub const FIELDS: &[(&str, Action)] = &[
    // Queries
    ("Query.client", ClientRead),
    ("Query.clients", ClientRead),
    ("Query.timeEntries", TimeEntryRead),
    ("Query.viewer", ViewerRead),
    // Mutations
    ("Mutation.clientCreate", ClientCreate),
    ("Mutation.clientUpdate", ClientUpdate),
    ("Mutation.timeEntryCorrect", TimeEntryCorrect),
    ("Mutation.timeEntryCreate", TimeEntryCreate),
    ("Mutation.timeEntryWithdraw", TimeEntryCorrect),
    // Subscriptions
    ("Subscription.hourBalanceChanged", BalanceRead),
    // Protected fields
    ("Client.reportRecipients", MemberContactRead),
    ("TimeEntry.note", TimeNoteRead),
    ("User.email", MemberContactRead),
    // A person of the provider's own staff; the field is the same.
    ("User.staffEmail", StaffContactRead),
];

/// The action behind `Type.field`, if the field is protected.
pub fn action_of(field: &str) -> Option<Action> {
    FIELDS.iter().find(|(name, _)| *name == field).map(|(_, action)| *action)
}
