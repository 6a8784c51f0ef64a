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
    ("Query.plan", PlanRead),
    ("Query.service", CatalogueRead),
    ("Query.services", CatalogueRead),
    ("Query.tariffs", CatalogueRead),
    ("Query.tasks", TaskRead),
    ("Query.timeEntries", TimeEntryRead),
    ("Query.viewer", ViewerRead),
    ("Query.workingDays", CalendarRead),
    // Mutations
    ("Mutation.blockConfirm", BlockSignOff),
    ("Mutation.blockCreate", PlanManage),
    ("Mutation.blockDelete", PlanManage),
    ("Mutation.blockDependenciesSet", PlanManage),
    ("Mutation.blockMove", WorkOrder),
    ("Mutation.blockReturn", BlockSignOff),
    ("Mutation.blockStart", PlanManage),
    ("Mutation.blockSubmit", PlanManage),
    ("Mutation.blockUpdate", PlanManage),
    ("Mutation.calendarLoad", CalendarManage),
    ("Mutation.clientCreate", ClientCreate),
    ("Mutation.clientUpdate", ClientUpdate),
    ("Mutation.commentCreate", CommentCreate),
    ("Mutation.holidayClear", CalendarManage),
    ("Mutation.holidaySet", CalendarManage),
    ("Mutation.planApprove", PlanSignOff),
    ("Mutation.planComplete", PlanManage),
    ("Mutation.planCreate", PlanManage),
    ("Mutation.planReturn", PlanSignOff),
    ("Mutation.planStart", PlanManage),
    ("Mutation.planSubmit", PlanManage),
    ("Mutation.planUpdate", PlanManage),
    ("Mutation.reservationsSet", ReservationManage),
    ("Mutation.serviceUpdate", CatalogueManage),
    ("Mutation.tariffCreate", CatalogueManage),
    ("Mutation.tariffRevise", CatalogueManage),
    ("Mutation.tariffWithdraw", CatalogueManage),
    ("Mutation.taskAccept", TaskSignOff),
    ("Mutation.taskCancel", TaskSteer),
    ("Mutation.taskCreate", TaskManage),
    ("Mutation.taskLimitSet", TaskSteer),
    ("Mutation.taskMove", WorkOrder),
    ("Mutation.taskPause", TaskSteer),
    ("Mutation.taskPlan", TaskManage),
    ("Mutation.taskRequest", TaskRequest),
    ("Mutation.taskResume", TaskSteer),
    ("Mutation.taskReturn", TaskSignOff),
    ("Mutation.taskStart", TaskWork),
    ("Mutation.taskSubmit", TaskWork),
    ("Mutation.taskUpdate", TaskManage),
    ("Mutation.taskUrgentSet", TaskSteer),
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
    ("Block.comments", CommentRead),
    ("Block.signOffs", CommentRead),
    ("Client.reportRecipients", MemberContactRead),
    ("Client.team", TeamRead),
    ("Client.waysIn", WayInRead),
    ("Engagement.reservations", ReservationRead),
    ("Plan.comments", CommentRead),
    ("Plan.signOffs", CommentRead),
    ("Tariff.revisions", CatalogueManage),
    ("Task.assignee", StaffRead),
    ("Task.comments", CommentRead),
    ("Task.requestedBy", MemberRead),
    ("Task.signOffs", CommentRead),
    ("TimeEntry.comments", CommentRead),
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
