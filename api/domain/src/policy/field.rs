//! Which action stands behind each root field and each protected field of the schema.
//!
//! A root field without a row fails a test, and the manual's access sentences are made from these rows.

use super::Action::{self, *};

/// `Type.field` and the action it needs, sorted by name within its type.
pub const FIELDS: &[(&str, Action)] = &[
    // Queries
    ("Query.capacity", CapacityRead),
    ("Query.client", ClientRead),
    ("Query.clients", ClientRead),
    ("Query.holidays", CalendarRead),
    ("Query.node", ViewerRead),
    ("Query.nodes", ViewerRead),
    ("Query.service", CatalogueRead),
    ("Query.services", CatalogueRead),
    ("Query.tariffs", CatalogueRead),
    ("Query.timeEntries", TimeEntryRead),
    ("Query.viewer", ViewerRead),
    ("Query.workingDays", CalendarRead),
    // Mutations
    ("Mutation.calendarLoad", CalendarManage),
    ("Mutation.clientCreate", ClientCreate),
    ("Mutation.clientUpdate", ClientUpdate),
    ("Mutation.holidayClear", CalendarManage),
    ("Mutation.holidaySet", CalendarManage),
    ("Mutation.reservationsSet", ReservationManage),
    ("Mutation.serviceUpdate", CatalogueManage),
    ("Mutation.tariffCreate", CatalogueManage),
    ("Mutation.tariffRevise", CatalogueManage),
    ("Mutation.tariffWithdraw", CatalogueManage),
    ("Mutation.teamMemberAdd", TeamExtend),
    ("Mutation.teamMemberEnd", TeamExtend),
    ("Mutation.teamMemberReplace", TeamExtend),
    ("Mutation.timeEntryCorrect", TimeEntryCorrect),
    ("Mutation.timeEntryCreate", TimeEntryCreate),
    ("Mutation.timeEntryWithdraw", TimeEntryCorrect),
    ("Mutation.wayInRecord", WayInRecord),
    // Subscriptions
    ("Subscription.hourBalanceChanged", BalanceRead),
    // Protected fields
    ("Client.reportRecipients", MemberContactRead),
    ("Client.team", TeamRead),
    ("Client.waysIn", WayInRead),
    ("Engagement.reservations", ReservationRead),
    ("TimeEntry.note", TimeNoteRead),
    ("User.email", MemberContactRead),
    // A person of the provider's own staff; the field is the same.
    ("User.staffEmail", StaffContactRead),
    ("WayIn.note", InternalNoteRead),
];

/// The action behind `Type.field`, if the field is protected.
pub fn action_of(field: &str) -> Option<Action> {
    FIELDS.iter().find(|(name, _)| *name == field).map(|(_, action)| *action)
}
