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
    ("Query.engagement", EngagementRead),
    ("Query.holidays", CalendarRead),
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
    ("Mutation.engagementCancel", EngagementManage),
    ("Mutation.engagementCreate", EngagementDraft),
    ("Mutation.engagementPlanSet", EngagementManage),
    ("Mutation.engagementStart", EngagementManage),
    ("Mutation.engagementTariffChange", EngagementManage),
    ("Mutation.engagementUpdate", EngagementDraft),
    ("Mutation.grantUnpaidSet", EngagementManage),
    ("Mutation.hoursTopUp", HoursTopUp),
    ("Mutation.overageApprove", OverageApprove),
    ("Mutation.overagePolicySet", EngagementManage),
    ("Mutation.paymentRecord", PaymentRecord),
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
    ("Client.engagements", EngagementRead),
    ("Client.reportRecipients", MemberContactRead),
    ("Engagement.endReason", InternalNoteRead),
    ("Engagement.grantUnpaid", PriceRead),
    ("Engagement.payments", PriceRead),
    ("Engagement.price", PriceRead),
    ("Engagement.saleNote", SaleNoteRead),
    ("Engagement.seller", StaffRead),
    ("Engagement.unmetStartConditions", ReservationRead),
    ("Period.paid", PriceRead),
    ("Period.paidBy", PriceRead),
    ("Client.team", TeamRead),
    ("Client.waysIn", WayInRead),
    ("Engagement.reservations", ReservationRead),
    ("Tariff.revisions", CatalogueManage),
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
