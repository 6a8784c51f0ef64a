//! Ids inside inputs: what another client has is, also there, as if it were not.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use hourbank::graphql::sdl;

use super::fixture::{Ids, Side, ask, world};
use super::matrix::trace;
use crate::support::actor::Answer;
use crate::support::app::TestApp;

/// Who may do it to their own (`@`), and where an id of the others' (`~`) stands in it.
const ROWS: &[(&str, &str)] = &[
    ("PROJECT_MANAGER", r#"blockDependenciesSet(id: "@block", input: {dependsOn: ["~block"]})"#),
    ("PROJECT_MANAGER", r#"blockMove(id: "@block", input: {before: "~block"})"#),
    ("PROJECT_MANAGER", r#"blockCreate(input: {planId: "@plan", title: "B", before: "~block"})"#),
    ("PROJECT_MANAGER", r#"clientUpdate(id: "@client", input: {expectedVersion: 1, contactId: "~owner"})"#),
    ("PROJECT_MANAGER", r#"commentCreate(input: {subjectId: "~entry", body: "Hello"})"#),
    ("PROJECT_MANAGER", r#"commentCreate(input: {subjectId: "~plan", body: "Hello"})"#),
    ("PROJECT_MANAGER", r#"commentCreate(input: {subjectId: "~block", body: "Hello", internal: true})"#),
    (
        "PROJECT_MANAGER",
        r#"instructionCreate(input: {clientId: "@client", taskId: "~task", title: "I", kind: TEXT, text: "T"})"#,
    ),
    (
        "PROJECT_MANAGER",
        r#"meetingPlan(input: {engagementId: "@engagement", startsAt: "2026-03-21T09:00:00Z", participantIds: ["~owner"]})"#,
    ),
    (
        "PROJECT_MANAGER",
        r#"meetingUpdate(id: "@meeting", input: {expectedVersion: 1, participantIds: ["~owner"]})"#,
    ),
    (
        "PROJECT_MANAGER",
        r#"meetingHold(id: "@meeting", input: {expectedVersion: 1, doneItemIds: ["~item"], cancel: [{taskId: "~task", reason: "No"}], create: [{blockId: "~block", title: "T"}], move: [{taskId: "@task", before: "~task"}, {taskId: "~task"}], accept: [{taskId: "~handed"}], time: {note: "N", people: [{userId: "~specialist", minutes: 5}]}})"#,
    ),
    (
        "PROJECT_MANAGER",
        r#"trainingCreate(input: {clientId: "@client", blockId: "~block", title: "T", startsAt: "2026-03-20T09:00:00Z", trainerId: "~specialist", people: [{userId: "~owner"}]})"#,
    ),
    (
        "PROJECT_MANAGER",
        r#"trainingHold(id: "@training", input: {expectedVersion: 1, attended: [{userId: "~member"}]})"#,
    ),
    (
        "CLIENT_OWNER",
        r#"meetingItemAdd(input: {engagementId: "@engagement", meetingId: "~meeting", taskId: "~task", text: "T"})"#,
    ),
    ("PROJECT_MANAGER", r#"taskCreate(input: {blockId: "@block", title: "T", before: "~task"})"#),
    ("PROJECT_MANAGER", r#"taskCreate(input: {blockId: "@block", title: "T", assigneeId: "~owner"})"#),
    ("PROJECT_MANAGER", r#"taskMove(id: "@task", input: {blockId: "~block"})"#),
    ("PROJECT_MANAGER", r#"taskMove(id: "@task", input: {before: "~task"})"#),
    ("PROJECT_MANAGER", r#"taskPlan(id: "@task", input: {blockId: "~block"})"#),
    ("PROJECT_MANAGER", r#"taskUpdate(id: "@task", input: {expectedVersion: 2, assigneeId: "~owner"})"#),
    (
        "PROJECT_MANAGER",
        r#"teamMemberAdd(input: {clientId: "@client", userId: "~owner", position: ASSISTANT})"#,
    ),
    ("PROJECT_MANAGER", r#"teamMemberReplace(id: "@place", input: {userId: "~owner"})"#),
    (
        "PROJECT_MANAGER",
        r#"reservationsSet(engagementId: "@engagement", input: {fromPeriod: 2, reservations: [{userId: "~owner", minutes: 1200}]})"#,
    ),
    (
        "SPECIALIST",
        r#"timeEntryCreate(input: {engagementId: "@engagement", taskId: "~task", workedOn: "2026-03-10", minutes: 5, activity: ANALYSIS, note: "N"})"#,
    ),
    (
        "SPECIALIST",
        r#"timeEntryCreate(input: {engagementId: "~draft", workedOn: "2026-03-10", minutes: 5, activity: ANALYSIS, note: "N"})"#,
    ),
    (
        "SPECIALIST",
        r#"timeEntryCorrect(id: "@entry", input: {engagementId: "~engagement", reason: "Wrong one"})"#,
    ),
    ("SPECIALIST", r#"timeEntryCorrect(id: "@entry", input: {engagementId: "~draft", reason: "Wrong one"})"#),
    ("SPECIALIST", r#"timeEntryCorrect(id: "@entry", input: {taskId: "~task", reason: "Wrong one"})"#),
    ("ACCOUNT_MANAGER", r#"engagementPlanSet(id: "@engagement", input: {planId: "~plan"})"#),
    ("ACCOUNT_MANAGER", r#"engagementUpdate(id: "@draft", input: {expectedVersion: 1, planId: "~plan"})"#),
    (
        "ACCOUNT_MANAGER",
        r#"engagementCreate(input: {clientId: "@client", tariffId: "@tariff", planId: "~plan"})"#,
    ),
    (
        "ACCOUNT_MANAGER",
        r#"engagementCreate(input: {clientId: "@client", tariffId: "@tariff", sellerId: "~owner"})"#,
    ),
    ("ACCOUNT_MANAGER", r#"engagementUpdate(id: "@draft", input: {expectedVersion: 1, sellerId: "~owner"})"#),
    (
        "ACCOUNT_MANAGER",
        r#"engagementTariffChange(id: "@engagement", input: {tariffId: "@tariff", reservations: [{userId: "~owner", minutes: 2400}]})"#,
    ),
    ("CLIENT_OWNER", r#"blockMove(id: "@block", input: {before: "~block"})"#),
    ("CLIENT_OWNER", r#"taskMove(id: "@task", input: {before: "~task"})"#),
    ("CLIENT_OWNER", r#"commentCreate(input: {subjectId: "~task", body: "Hello"})"#),
    ("CLIENT_OWNER", r#"commentCreate(input: {subjectId: "~report", body: "Hello"})"#),
    ("CLIENT_OWNER", r#"reportAnswer(input: {weeklyReportId: "~report", satisfaction: 5})"#),
];

async fn put(app: &TestApp, side: &Side, column: &str, call: &str, others: &Ids) -> Answer {
    let call = others.fill(call, '~');
    let document = format!("mutation {{ {call} {{ errors {{ code message field }} }} }}");
    ask(app, side.caller(column), &document, &side.ids).await
}

/// T37: an id of another client inside an input is refused in the same words as one that names nothing.
#[tokio::test]
async fn t37_others_ids_in_inputs_are_nothing() {
    let app = TestApp::start().await;
    let (ours, theirs) = world(&app).await;
    let unknown = theirs.ids.unknown();
    let before = trace(&app).await;
    let mut wrong = Vec::new();
    for (column, call) in ROWS {
        let refused = put(&app, &ours, column, call, &theirs.ids).await;
        let nothing = put(&app, &ours, column, call, &unknown).await;
        let codes = refused.codes();
        if codes.is_empty() || codes.iter().any(|code| code == "INTERNAL" || code == "UNAVAILABLE") {
            wrong.push(format!("{call} by {column}: {refused:?}"));
        }
        if (&refused.data, &refused.errors) != (&nothing.data, &nothing.errors) {
            wrong.push(format!("{call} by {column} tells {refused:?} from {nothing:?}"));
        }
        if trace(&app).await != before {
            wrong.push(format!("{call} by {column} left a trace: {refused:?}"));
            break;
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// T40: what the server sets stands in no input, and what gives rights stands only where it is meant to be given.
#[test]
fn t40_inputs_hold_nothing_that_the_server_sets() {
    let document = parse_schema(sdl()).expect("a schema");
    let mut fields = Vec::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        let TypeKind::InputObject(input) = definition.node.kind else { continue };
        if name.ends_with("Input") {
            fields.extend(input.fields.iter().map(|field| (name.clone(), field.node.name.node.to_string())));
        }
    }
    assert!(fields.len() > 100);
    let set_by_the_server = [
        "id",
        "authorId",
        "createdAt",
        "createdBy",
        "updatedAt",
        "version",
        "status",
        "loggedBy",
        "recordedBy",
        "spentMinutes",
        "usedMinutes",
        "grantedMinutes",
        "remainingMinutes",
        "expiredMinutes",
        "drawsOnBalance",
        "approvedOverageMinutes",
        "revokedAt",
        "closedAt",
        "startedAt",
        "endedAt",
        "doneAt",
        "requestedBy",
        "sessionVersion",
        "passwordHash",
        "viewedBy",
    ];
    let wrong: Vec<_> =
        fields.iter().filter(|(_, field)| set_by_the_server.contains(&field.as_str())).collect();
    assert_eq!(wrong, Vec::<&(String, String)>::new());
    let of = |name: &str| -> Vec<&str> {
        fields.iter().filter(|(_, field)| field == name).map(|(input, _)| input.as_str()).collect()
    };
    assert_eq!(of("role"), ["MemberInviteInput", "StaffInviteInput", "UserUpdateInput"]);
    assert!(of("clientId").iter().all(|input| !input.contains("Update")), "nothing changes its client");
}
