//! Which action stands behind each root field and each protected field of the schema.
//!
//! A root field without a row fails a test, and the manual's access sentences are made from these rows.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Action::{self, *};

/// `Type.field` and the action it needs, sorted by name within its type.
pub const FIELDS: &[(&str, Action)] = &[
    // Queries
    ("Query.apiKeys", ApiKeyRead),
    ("Query.auditEntries", AuditRead),
    ("Query.capacity", CapacityRead),
    ("Query.client", ClientRead),
    ("Query.clients", ClientRead),
    ("Query.engagement", EngagementRead),
    ("Query.holidays", CalendarRead),
    ("Query.node", ViewerRead),
    ("Query.nodes", ViewerRead),
    ("Query.notifications", NotificationRead),
    ("Query.plan", PlanRead),
    ("Query.rateLimit", ViewerRead),
    ("Query.service", CatalogueRead),
    ("Query.services", CatalogueRead),
    ("Query.tariffAdvice", CatalogueRead),
    ("Query.tariffs", CatalogueRead),
    ("Query.tasks", TaskRead),
    ("Query.timeEntries", TimeEntryRead),
    ("Query.user", MemberRead),
    ("Query.users", MemberRead),
    ("Query.viewer", ViewerRead),
    ("Query.workDays", WorkDayRead),
    ("Query.workingDays", CalendarRead),
    // Mutations
    ("Mutation.apiKeyCreate", ApiKeyManage),
    ("Mutation.apiKeyRevoke", ApiKeyManage),
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
    ("Mutation.engagementCancel", EngagementManage),
    ("Mutation.engagementCreate", EngagementDraft),
    ("Mutation.engagementPlanSet", EngagementManage),
    ("Mutation.engagementStart", EngagementManage),
    ("Mutation.engagementTariffChange", EngagementManage),
    ("Mutation.engagementUpdate", EngagementDraft),
    ("Mutation.grantUnpaidSet", EngagementManage),
    ("Mutation.holidayClear", CalendarManage),
    ("Mutation.holidaySet", CalendarManage),
    ("Mutation.hoursTopUp", HoursTopUp),
    ("Mutation.invitationAccept", SignIn),
    ("Mutation.memberInvite", MemberInvite),
    ("Mutation.notificationChoiceSet", ProfileUpdate),
    ("Mutation.notificationsMark", NotificationMark),
    ("Mutation.overageApprove", OverageApprove),
    ("Mutation.overagePolicySet", EngagementManage),
    ("Mutation.passwordChange", PasswordChange),
    ("Mutation.passwordReset", SignIn),
    ("Mutation.passwordResetRequest", SignIn),
    ("Mutation.paymentRecord", PaymentRecord),
    ("Mutation.planApprove", PlanSignOff),
    ("Mutation.planComplete", PlanManage),
    ("Mutation.planCreate", PlanManage),
    ("Mutation.planReturn", PlanSignOff),
    ("Mutation.planStart", PlanManage),
    ("Mutation.planSubmit", PlanManage),
    ("Mutation.planUpdate", PlanManage),
    ("Mutation.profileUpdate", ProfileUpdate),
    ("Mutation.reservationsSet", ReservationManage),
    ("Mutation.serviceUpdate", CatalogueManage),
    ("Mutation.signIn", SignIn),
    ("Mutation.signOut", SignOut),
    ("Mutation.staffInvite", StaffInvite),
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
    ("Mutation.timeEntryQuestion", TimeEntryQuestion),
    ("Mutation.timeEntryQuestionAnswer", TimeEntryAnswer),
    ("Mutation.timeEntryWithdraw", TimeEntryCorrect),
    ("Mutation.timerDiscard", TimerUse),
    ("Mutation.timerStart", TimeEntryCreate),
    ("Mutation.timerStop", TimerUse),
    ("Mutation.timerUpdate", TimerUse),
    ("Mutation.tokenRefresh", SignIn),
    ("Mutation.userDisable", MemberDisable),
    ("Mutation.userEnable", MemberDisable),
    ("Mutation.userUpdate", UserUpdate),
    ("Mutation.viewAs", ViewAs),
    ("Mutation.wayInRecord", WayInRecord),
    // Subscriptions
    ("Subscription.hourBalanceChanged", BalanceRead),
    ("Subscription.notificationReceived", NotificationRead),
    ("Subscription.planChanged", PlanRead),
    ("Subscription.taskChanged", TaskRead),
    ("Subscription.timeEntryChanged", TimeEntryRead),
    // Protected fields
    ("ApiKey.createdBy", ApiKeyRead),
    ("Block.comments", CommentRead),
    ("Block.signOffs", CommentRead),
    ("BalanceExplanation.movements", MovementRead),
    ("Client.hourBalances", BalanceRead),
    ("Client.timeEntries", TimeEntryRead),
    ("Client.chatUrl", ClientProfileRead),
    ("Client.crmUrl", ClientProfileRead),
    ("Client.engagements", EngagementRead),
    ("Client.goals", ClientProfileRead),
    ("Client.licences", ClientProfileRead),
    ("Client.lineOfBusiness", ClientProfileRead),
    ("Client.reportRecipients", MemberContactRead),
    ("Client.team", TeamRead),
    ("Client.waysIn", WayInRead),
    ("Engagement.endReason", InternalNoteRead),
    ("Engagement.grantUnpaid", PriceRead),
    ("Engagement.payments", PriceRead),
    ("Engagement.hourBalance", BalanceRead),
    ("Engagement.price", PriceRead),
    ("Engagement.reservations", ReservationRead),
    ("Engagement.saleNote", SaleNoteRead),
    ("Engagement.seller", StaffRead),
    ("Engagement.unmetStartConditions", ReservationRead),
    ("Period.paid", PriceRead),
    ("Period.paidBy", PriceRead),
    ("Plan.comments", CommentRead),
    ("Plan.signOffs", CommentRead),
    ("Tariff.revisions", CatalogueManage),
    ("Task.assignee", StaffRead),
    ("Task.comments", CommentRead),
    ("Task.requestedBy", MemberRead),
    ("Task.signOffs", CommentRead),
    ("TimeEntry.comments", CommentRead),
    ("TimeEntry.note", TimeNoteRead),
    ("TimeEntry.questions", TimeNoteRead),
    ("User.capacityMinutes", CapacityRead),
    ("User.email", MemberContactRead),
    ("User.staffEmail", StaffContactRead),
    ("WayIn.note", InternalNoteRead),
];

/// Fields whose need depends on whose they are: a client's contact's, or, under the second name, one of the staff's.
const BY_SIDE: &[(&str, &str)] = &[("User.email", "User.staffEmail")];

/// The words that follow "Needs:" in the manual for `Type.field`, if the field is protected.
pub fn need_of(field: &str) -> Option<String> {
    let need = super::sentence(action_of(field)?);
    let staff = BY_SIDE.iter().find(|(name, _)| *name == field).and_then(|(_, staff)| action_of(staff));
    Some(match staff {
        None => need,
        Some(staff) => {
            format!("Of a client's contact. {need} Of the provider's staff. {}", super::sentence(staff))
        }
    })
}

/// The action behind `Type.field`, if the field is protected.
pub fn action_of(field: &str) -> Option<Action> {
    // Asked once for each protected field of each row.
    static ACTIONS: LazyLock<HashMap<&str, Action>> = LazyLock::new(|| FIELDS.iter().copied().collect());
    ACTIONS.get(field).copied()
}
