//! One row for each root field: how it is asked, and whose what it asks for is.

/// Whose the thing is that a root field asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// A client's: strangers are told that it does not exist.
    Client,
    /// A client's, and this caller's own where the policy says so.
    Person(&'static str),
    /// A client's person: strangers are told that they do not exist, and whoever reads no people that they may not.
    Contact,
    /// The provider's as a whole, or a list that is cut to what the caller sees.
    Provider,
    /// Whoever asks: their own.
    Me,
}

use Of::{Client, Contact, Me, Person, Provider};

/// A root field with its arguments, `@name` for an id of the fixture; a query with what it selects.
pub type Row = (&'static str, Of, &'static str);

/// Every query and subscription.
pub const READS: &[Row] = &[
    ("Query.apiKeys", Provider, "apiKeys { totalCount nodes { id } }"),
    ("Query.auditEntries", Provider, "auditEntries { totalCount nodes { id } }"),
    (
        "Query.capacity",
        Person("SPECIALIST"),
        r#"capacity(userId: "@specialist", month: "2026-03-01") { reservedMinutes }"#,
    ),
    ("Query.client", Client, r#"client(by: {id: "@client"}) { name }"#),
    ("Query.clients", Provider, "clients { totalCount nodes { id } }"),
    ("Query.engagement", Client, r#"engagement(id: "@engagement") { status }"#),
    ("Query.holidays", Provider, "holidays(year: 2026) { day }"),
    ("Query.jobs", Provider, "jobs { name }"),
    ("Query.mails", Provider, "mails { totalCount nodes { id } }"),
    ("Query.node", Client, r#"node(id: "@task") { id }"#),
    ("Query.nodes", Client, r#"nodes(ids: ["@task"]) { id }"#),
    ("Query.notifications", Me, "notifications { totalCount nodes { id } }"),
    ("Query.plan", Client, r#"plan(id: "@plan") { title }"#),
    (
        "Query.reportPreview",
        Client,
        r#"reportPreview(clientId: "@client", from: "2026-03-02", to: "2026-03-15") { content { clientName } }"#,
    ),
    ("Query.service", Provider, r#"service(code: "SAM") { id }"#),
    ("Query.services", Provider, "services { id }"),
    ("Query.tariffs", Provider, "tariffs { id }"),
    ("Query.tasks", Provider, "tasks { totalCount nodes { id } }"),
    ("Query.timeEntries", Provider, "timeEntries { totalCount nodes { id } }"),
    ("Query.user", Client, r#"user(id: "@member") { name }"#),
    ("Query.users", Provider, "users { totalCount nodes { id } }"),
    ("Query.rateLimit", Provider, "rateLimit { limit }"),
    ("Query.viewer", Provider, "viewer { role }"),
    ("Query.weeklyReports", Provider, "weeklyReports { totalCount nodes { id } }"),
    ("Query.workingDays", Provider, r#"workingDays(from: "2026-03-01", to: "2026-03-08")"#),
    ("Subscription.hourBalanceChanged", Client, r#"hourBalanceChanged(clientId: "@client") { id }"#),
    ("Subscription.notificationReceived", Me, "notificationReceived { id }"),
    ("Subscription.planChanged", Client, r#"planChanged(planId: "@plan") { id }"#),
    ("Subscription.taskChanged", Client, r#"taskChanged(clientId: "@client") { id }"#),
    ("Subscription.timeEntryChanged", Client, r#"timeEntryChanged(clientId: "@client") { id }"#),
];

/// Every mutation.
pub const WRITES: &[Row] = &[
    ("Mutation.apiKeyCreate", Provider, r#"(input: {name: "K", clientIds: ["@client"]})"#),
    ("Mutation.apiKeyRevoke", Provider, r#"(id: "@key")"#),
    ("Mutation.blockConfirm", Client, r#"(id: "@block")"#),
    ("Mutation.blockCreate", Client, r#"(input: {planId: "@plan", title: "B"})"#),
    ("Mutation.blockDelete", Client, r#"(id: "@block")"#),
    ("Mutation.blockDependenciesSet", Client, r#"(id: "@block", input: {dependsOn: []})"#),
    ("Mutation.blockMove", Client, r#"(id: "@block", input: {})"#),
    ("Mutation.blockReturn", Client, r#"(id: "@block", input: {comment: "More"})"#),
    ("Mutation.blockStart", Client, r#"(id: "@block")"#),
    ("Mutation.blockSubmit", Client, r#"(id: "@block")"#),
    ("Mutation.blockUpdate", Client, r#"(id: "@block", input: {expectedVersion: 1, title: "B"})"#),
    ("Mutation.calendarLoad", Provider, "(input: {country: RU, year: 2031})"),
    ("Mutation.clientCreate", Provider, r#"(input: {name: "New", crmKind: BITRIX24, setUpBy: PROVIDER})"#),
    (
        "Mutation.clientUpdate",
        Client,
        r#"(id: "@client", input: {expectedVersion: 1, lineOfBusiness: "Tea"})"#,
    ),
    ("Mutation.commentCreate", Client, r#"(input: {subjectId: "@task", body: "Hello"})"#),
    ("Mutation.engagementCancel", Client, r#"(id: "@draft", input: {reason: "Unwanted"})"#),
    ("Mutation.engagementCreate", Client, r#"(input: {clientId: "@client", tariffId: "@tariff"})"#),
    ("Mutation.engagementPlanSet", Client, r#"(id: "@engagement", input: {planId: "@plan"})"#),
    ("Mutation.engagementStart", Client, r#"(id: "@draft", input: {})"#),
    (
        "Mutation.engagementTariffChange",
        Client,
        r#"(id: "@engagement", input: {tariffId: "@tariff", reservations: [{userId: "@specialist", minutes: 2400}]})"#,
    ),
    ("Mutation.engagementUpdate", Client, r#"(id: "@draft", input: {expectedVersion: 1, saleNote: "Soon"})"#),
    ("Mutation.grantUnpaidSet", Client, r#"(id: "@engagement", input: {grantUnpaid: true})"#),
    ("Mutation.holidayClear", Provider, r#"(input: {days: ["2027-05-05"]})"#),
    ("Mutation.holidaySet", Provider, r#"(input: {days: [{day: "2027-05-05", name: "Rest"}]})"#),
    ("Mutation.hoursTopUp", Client, r#"(input: {engagementId: "@engagement", minutes: 60})"#),
    ("Mutation.invitationAccept", Provider, r#"(input: {token: "none", password: "a very long sentence"})"#),
    ("Mutation.mailRetry", Provider, r#"(id: "@mail")"#),
    (
        "Mutation.memberInvite",
        Client,
        r#"(input: {clientId: "@client", email: "!fresh@example.org", name: "M"})"#,
    ),
    ("Mutation.notificationChoiceSet", Me, "(input: {kind: HOURS_USED, byMail: true})"),
    ("Mutation.notificationsMark", Me, "(input: {ids: []})"),
    ("Mutation.overageApprove", Client, r#"(input: {engagementId: "@engagement", minutes: 60})"#),
    ("Mutation.overageAsk", Client, r#"(input: {engagementId: "@engagement", minutes: 60, reason: "More"})"#),
    ("Mutation.overagePolicySet", Client, r#"(id: "@engagement", input: {overagePolicy: REFUSED})"#),
    (
        "Mutation.overageSettle",
        Client,
        r#"(input: {engagementId: "@engagement", period: 1, decision: WRITE_OFF})"#,
    ),
    (
        "Mutation.passwordChange",
        Me,
        r#"(input: {currentPassword: "wrong", newPassword: "a very long sentence"})"#,
    ),
    ("Mutation.passwordReset", Provider, r#"(input: {token: "none", password: "a very long sentence"})"#),
    ("Mutation.passwordResetRequest", Provider, r#"(input: {email: "!fresh@example.org"})"#),
    (
        "Mutation.paymentRecord",
        Client,
        r#"(input: {engagementId: "@engagement", reference: "!fresh", periods: [2], paidOn: "2026-03-10", amount: {amount: "40000", currency: "RUB"}})"#,
    ),
    ("Mutation.planApprove", Client, r#"(id: "@plan", input: {revision: 1})"#),
    ("Mutation.planComplete", Client, r#"(id: "@plan")"#),
    ("Mutation.planCreate", Client, r#"(input: {clientId: "@client", title: "P"})"#),
    ("Mutation.planReturn", Client, r#"(id: "@plan", input: {revision: 1, comment: "More"})"#),
    ("Mutation.planStart", Client, r#"(id: "@plan")"#),
    ("Mutation.planSubmit", Client, r#"(id: "@plan")"#),
    ("Mutation.planUpdate", Client, r#"(id: "@plan", input: {expectedVersion: 1, title: "P"})"#),
    ("Mutation.profileUpdate", Me, r#"(input: {expectedVersion: 1, name: "Me"})"#),
    ("Mutation.reportAnswer", Client, r#"(input: {weeklyReportId: "@report", satisfaction: 5})"#),
    (
        "Mutation.reservationsSet",
        Client,
        r#"(engagementId: "@engagement", input: {fromPeriod: 2, reservations: [{userId: "@specialist", minutes: 1200}]})"#,
    ),
    (
        "Mutation.serviceUpdate",
        Provider,
        r#"(id: "@service", input: {expectedVersion: 1, dailyChecks: true})"#,
    ),
    ("Mutation.signIn", Provider, r#"(input: {email: "!fresh@example.org", password: "wrong"})"#),
    ("Mutation.staffInvite", Provider, r#"(input: {email: "!fresh@example.org", name: "S", role: SALES})"#),
    (
        "Mutation.tariffCreate",
        Provider,
        r#"(input: {code: "T!fresh", nameRu: "T", nameEn: "T", serviceId: "@service", grantRule: MONTHLY, unused: EXPIRE, minutes: 60})"#,
    ),
    ("Mutation.tariffRevise", Provider, r#"(id: "@tariff", input: {expectedVersion: 1, nameEn: "T"})"#),
    ("Mutation.tariffWithdraw", Provider, r#"(id: "@tariff")"#),
    ("Mutation.taskAccept", Client, r#"(id: "@handed")"#),
    ("Mutation.taskCancel", Client, r#"(id: "@handed", input: {reason: "Unwanted"})"#),
    ("Mutation.taskCreate", Client, r#"(input: {blockId: "@block", title: "T"})"#),
    ("Mutation.taskLimitSet", Client, r#"(id: "@task", input: {limitMinutes: 90})"#),
    ("Mutation.taskMove", Client, r#"(id: "@task", input: {})"#),
    ("Mutation.taskPause", Client, r#"(id: "@task")"#),
    ("Mutation.taskPlan", Client, r#"(id: "@task", input: {blockId: "@block"})"#),
    ("Mutation.taskRequest", Client, r#"(input: {clientId: "@client", title: "T"})"#),
    ("Mutation.taskResume", Client, r#"(id: "@task")"#),
    ("Mutation.taskReturn", Client, r#"(id: "@handed", input: {comment: "More"})"#),
    ("Mutation.taskStart", Person("SPECIALIST"), r#"(id: "@task")"#),
    ("Mutation.taskSubmit", Person("SPECIALIST"), r#"(id: "@task")"#),
    ("Mutation.taskUpdate", Client, r#"(id: "@task", input: {expectedVersion: 2, title: "T"})"#),
    ("Mutation.taskUrgentSet", Client, r#"(id: "@task", input: {urgent: true})"#),
    (
        "Mutation.teamMemberAdd",
        Client,
        r#"(input: {clientId: "@client", userId: "@assistant", position: DEVELOPER})"#,
    ),
    ("Mutation.teamMemberEnd", Client, r#"(id: "@place")"#),
    ("Mutation.teamMemberReplace", Client, r#"(id: "@place", input: {userId: "@specialist"})"#),
    (
        "Mutation.timeEntryCorrect",
        Person("SPECIALIST"),
        r#"(id: "@entry", input: {minutes: 45, reason: "Longer"})"#,
    ),
    (
        "Mutation.timeEntryCreate",
        Me,
        r#"(input: {engagementId: "@engagement", workedOn: "2026-03-10", minutes: 5, activity: ANALYSIS, note: "N"})"#,
    ),
    ("Mutation.timeEntryWithdraw", Person("SPECIALIST"), r#"(id: "@entry", input: {reason: "Twice"})"#),
    ("Mutation.tokenRefresh", Provider, r#"(input: {refreshToken: "none"})"#),
    ("Mutation.userDisable", Contact, r#"(id: "@member")"#),
    ("Mutation.userEnable", Contact, r#"(id: "@member")"#),
    ("Mutation.userUpdate", Contact, r#"(id: "@member", input: {expectedVersion: 1, name: "Other"})"#),
    ("Mutation.viewAs", Contact, r#"(userId: "@owner")"#),
    (
        "Mutation.wayInRecord",
        Client,
        r#"(input: {clientId: "@client", kind: IMPLEMENTATION, completedOn: "2026-03-01"})"#,
    ),
    // Last, for it ends the caller's sign-in.
    ("Mutation.signOut", Me, ""),
];

/// The document that asks a row.
pub fn document((name, _, arguments): &Row) -> String {
    match name.split_once('.').expect("Type.field") {
        ("Query", _) => format!("{{ {arguments} }}"),
        ("Mutation", field) => {
            format!("mutation {{ {field}{arguments} {{ errors {{ code message field }} }} }}")
        }
        (_, _) => format!("subscription {{ {arguments} }}"),
    }
}
