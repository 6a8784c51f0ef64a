//! Which action stands behind each root field and each protected field of the schema.
//!
//! A root field without a row fails a test, and the manual's access sentences are made from these rows.

use super::Action::{self, *};

/// `Type.field` and the action it needs, sorted by name within its type.
pub const FIELDS: &[(&str, Action)] = &[
    // Queries
    ("Query.client", ClientRead),
    ("Query.clients", ClientRead),
    ("Query.engagement", EngagementRead),
    ("Query.timeEntries", TimeEntryRead),
    ("Query.viewer", ViewerRead),
    // Mutations
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
    ("Mutation.timeEntryCorrect", TimeEntryCorrect),
    ("Mutation.timeEntryCreate", TimeEntryCreate),
    ("Mutation.timeEntryWithdraw", TimeEntryCorrect),
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
    ("TimeEntry.note", TimeNoteRead),
    ("User.email", MemberContactRead),
    // A person of the provider's own staff; the field is the same.
    ("User.staffEmail", StaffContactRead),
];

/// The action behind `Type.field`, if the field is protected.
pub fn action_of(field: &str) -> Option<Action> {
    FIELDS.iter().find(|(name, _)| *name == field).map(|(_, action)| *action)
}
