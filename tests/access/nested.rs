//! Ids inside inputs: what another client has is, also there, as if it were not.

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
