//! Protected fields and figures: who reads the value, and who null and a reason.

use domain::policy::{Action, FIELDS, Reach, action_of};
use serde_json::Value;

use super::fixture::{Caller, Ids, Side, ask, world};
use super::matrix::reach;
use crate::support::actor::Answer;
use crate::support::app::TestApp;

/// Each protected field: the thing it is asked of, what is selected, and whose own it is.
const ROWS: &[(&str, &str, &str, &str)] = &[
    ("ApiKey.createdBy", "key", "createdBy { id }", ""),
    ("Block.comments", "block", "comments { totalCount }", ""),
    ("Block.signOffs", "block", "signOffs { id }", ""),
    ("Client.hourBalances", "client", "hourBalances { id }", ""),
    ("Client.timeEntries", "client", "timeEntries { totalCount }", ""),
    ("Client.engagements", "client", "engagements { id }", ""),
    ("Client.chatUrl", "client", "chatUrl", ""),
    ("Client.crmUrl", "client", "crmUrl", ""),
    ("Client.goals", "client", "goals", ""),
    ("Client.licences", "client", "licences", ""),
    ("Client.lineOfBusiness", "client", "lineOfBusiness", ""),
    ("Client.reportRecipients", "client", "reportRecipients", ""),
    ("Client.team", "client", "team { id }", ""),
    ("Client.waysIn", "client", "waysIn { id }", ""),
    ("Engagement.endReason", "engagement", "endReason", ""),
    ("Engagement.hourBalance", "engagement", "hourBalance { id }", ""),
    ("Engagement.grantUnpaid", "engagement", "grantUnpaid", ""),
    ("Engagement.payments", "engagement", "payments { id }", ""),
    ("Engagement.price", "engagement", "price { amount }", ""),
    ("Engagement.reservations", "engagement", "reservations { id }", ""),
    ("Engagement.saleNote", "engagement", "saleNote", ""),
    ("Engagement.seller", "engagement", "seller { id }", ""),
    ("Engagement.unmetStartConditions", "draft", "unmetStartConditions", ""),
    ("Period.paid", "period", "paid", ""),
    ("Period.paidBy", "period", "paidBy { id }", ""),
    ("Plan.comments", "plan", "comments { totalCount }", ""),
    ("Plan.signOffs", "plan", "signOffs { id }", ""),
    ("Tariff.revisions", "tariff", "revisions { id }", ""),
    ("Task.assignee", "task", "assignee { id }", ""),
    ("Task.comments", "task", "comments { totalCount }", ""),
    ("Task.requestedBy", "task", "requestedBy { id }", ""),
    ("Task.signOffs", "task", "signOffs { id }", ""),
    ("TimeEntry.comments", "entry", "comments { totalCount }", ""),
    ("TimeEntry.note", "entry", "note", "SPECIALIST"),
    ("User.capacityMinutes", "specialist", "capacityMinutes", "SPECIALIST"),
    ("User.email", "owner", "email", "CLIENT_OWNER"),
    ("User.staffEmail", "specialist", "email", "SPECIALIST"),
    ("WayIn.note", "wayIn", "note", ""),
    ("WeeklyReport.answers", "report", "answers { totalCount }", ""),
    ("WeeklyReport.comments", "report", "comments { totalCount }", ""),
];

/// Protected fields of what has no id: asked in `movements_are_for_whom_the_policy_names`.
const ELSEWHERE: &[&str] = &["BalanceExplanation.movements"];

/// What has an id and is a client's, by its name in the fixture.
const NODES: &[(&str, &str)] = &[
    ("ApiKey", "key"),
    ("AuditEntry", "record"),
    ("Block", "block"),
    ("Client", "client"),
    ("Comment", "comment"),
    ("Comment", "whisper"),
    ("Engagement", "engagement"),
    ("Engagement", "draft"),
    ("HourBalance", "balance"),
    ("LedgerEntry", "movement"),
    ("Mail", "mail"),
    ("Payment", "payment"),
    ("Period", "period"),
    ("Plan", "plan"),
    ("ReportAnswer", "reply"),
    ("Reservation", "reservation"),
    ("SignOff", "signOff"),
    ("Task", "task"),
    ("TeamMember", "place"),
    ("TimeEntry", "entry"),
    ("User", "member"),
    ("WayIn", "wayIn"),
    ("WeeklyReport", "report"),
];

/// Nodes that are one person's own: asked for beside their noun.
const OWN: &[&str] = &["Notification"];

/// Nodes that are nobody's secret.
const PUBLIC: &[&str] = &["Service", "Tariff", "TariffRevision"];

fn signed_in(side: &Side) -> impl Iterator<Item = &Caller> {
    side.callers.iter().filter(|caller| caller.column != "ANONYMOUS")
}

async fn node(app: &TestApp, caller: &Caller, of: &str, what: &str, ids: &Ids) -> Answer {
    ask(app, &caller.actor, &format!(r#"{{ node(id: "@{what}") {{ id ... on {of} }} }}"#), ids).await
}

/// T39: a protected field is a value or null with one FORBIDDEN, as the policy says of the caller.
#[tokio::test]
async fn t39_protected_fields_are_read_by_whom_the_policy_names() {
    let named: Vec<_> = ROWS.iter().map(|(name, ..)| *name).collect();
    let is_root =
        |name: &str| ["Query.", "Mutation.", "Subscription."].iter().any(|root| name.starts_with(root));
    let all: Vec<_> = FIELDS.iter().map(|(name, _)| *name).filter(|name| !is_root(name)).collect();
    let all: Vec<_> = all.into_iter().filter(|name| !ELSEWHERE.contains(name)).collect();
    for name in &all {
        assert!(named.contains(name), "{name} is protected and asked nowhere in tests/access/field.rs");
    }
    assert_eq!(named.len(), all.len());
    let app = TestApp::start().await;
    let (ours, _) = world(&app).await;
    let mut wrong = Vec::new();
    for (name, what, selection, owner) in ROWS {
        let of = name.split('.').next().expect("Type.field");
        for caller in signed_in(&ours) {
            let answer = node(&app, caller, &format!("{of} {{ {selection} }}"), what, &ours.ids).await;
            if answer.data["node"].is_null() {
                assert!(["NOT_FOUND", "FORBIDDEN"].contains(&answer.codes()[0].as_str()), "{name}");
                continue;
            }
            let right = match reach(caller.column, action_of(name).expect("a row")) {
                Reach::None => false,
                Reach::Own => *owner == caller.column,
                // What belongs to a client's contact: the addresses that its reports go to are nobody's own.
                _ => true,
            };
            let path: Vec<_> = answer.errors.iter().map(|error| error["path"].clone()).collect();
            let field = selection.split(' ').next().expect("a field");
            let is_denied = answer.codes() == ["FORBIDDEN"]
                && answer.data["node"][field].is_null()
                && path == [serde_json::json!(["node", field])];
            let fits = if right { answer.errors.is_empty() } else { is_denied };
            if !fits {
                wrong.push(format!("{name} by {} (right: {right}): {answer:?}", caller.column));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// T37: whatever has an id is, for strangers, as if it were not: alone and among others.
#[tokio::test]
async fn t37_no_node_tells_a_stranger_that_it_exists() {
    let sdl = hourbank::graphql::sdl();
    for line in sdl.lines().filter(|line| line.starts_with("type ") && line.contains("implements Node")) {
        let name = line.split(' ').nth(1).expect("a name");
        let is_asked =
            NODES.iter().any(|(of, _)| *of == name) || PUBLIC.contains(&name) || OWN.contains(&name);
        assert!(is_asked, "{name} is a node that no stranger asks for in tests/access/field.rs");
    }
    let app = TestApp::start().await;
    let (ours, theirs) = world(&app).await;
    let unknown = ours.ids.unknown();
    for (of, what) in NODES {
        let seen = node(&app, &ours.callers[1], &format!("{of} {{ __typename }}"), what, &ours.ids).await;
        assert_eq!((seen.codes().len(), &seen.data["node"]["__typename"]), (0, &Value::from(*of)), "{what}");
        for stranger in theirs.insiders().chain(&ours.callers[..1]) {
            let who = stranger.column;
            for query in [format!(r#"node(id: "@{what}")"#), format!(r#"nodes(ids: ["@{what}"])"#)] {
                let query = format!("{{ {query} {{ id }} }}");
                let answer = ask(&app, &stranger.actor, &query, &ours.ids).await;
                let nothing = ask(&app, &stranger.actor, &query, &unknown).await;
                assert_eq!(
                    (&answer.data, &answer.errors),
                    (&nothing.data, &nothing.errors),
                    "{what} by {who}"
                );
                let codes = answer.codes();
                if who == "ANONYMOUS" {
                    assert_eq!(codes, ["UNAUTHENTICATED"], "{what}");
                } else {
                    assert!(codes == ["NOT_FOUND"] || codes == ["FORBIDDEN"], "{what} by {who}: {codes:?}");
                }
            }
        }
    }
}

/// A-2: an internal comment is, for the client's people and their partners, as if it were not; so are members of the
/// staff who never had to do with them.
#[tokio::test]
async fn a2_the_providers_own_is_nothing_to_a_client() {
    let app = TestApp::start().await;
    let (ours, theirs) = world(&app).await;
    let unknown = ours.ids.unknown();
    let comments = r#"{ node(id: "@task") { ... on Task { comments { totalCount nodes { body } } } } }"#;
    for column in ["CLIENT_OWNER", "CLIENT_MEMBER", "PARTNER"] {
        let (insider, stranger) = (ours.caller(column), theirs.caller(column));
        for (caller, query) in [
            (insider, r#"{ node(id: "@whisper") { id } }"#),
            (stranger, r#"{ node(id: "@specialist") { id } }"#),
            (stranger, r#"{ user(id: "@specialist") { name } }"#),
            (stranger, r#"{ users(filter: {id: {eq: "@specialist"}}) { totalCount } }"#),
            (insider, r#"{ capacity(userId: "@specialist", month: "2026-03-01") { reservedMinutes } }"#),
        ] {
            let answer = ask(&app, caller, query, &ours.ids).await;
            let nothing = ask(&app, caller, query, &unknown).await;
            assert_eq!(
                (&answer.data, &answer.errors),
                (&nothing.data, &nothing.errors),
                "{query} by {column}"
            );
            assert!(
                !answer.codes().is_empty() || answer.data["users"]["totalCount"] == 0,
                "{query} by {column}"
            );
        }
        if column != "PARTNER" {
            let seen = ask(&app, insider, comments, &ours.ids).await;
            assert_eq!(seen.data["node"]["comments"]["totalCount"], 1, "{column}");
        }
    }
    let seen = ask(&app, ours.caller("SPECIALIST"), comments, &ours.ids).await;
    assert_eq!(seen.data["node"]["comments"]["totalCount"], 2);
}

/// T39: whoever reads a balance reads its sentence; its movements only whom the policy names.
#[tokio::test]
async fn movements_are_for_whom_the_policy_names() {
    let app = TestApp::start().await;
    let (ours, _) = world(&app).await;
    let query =
        r#"{ node(id: "@balance") { ... on HourBalance { explain { text movements { totalCount } } } } }"#;
    for caller in signed_in(&ours) {
        let answer = ask(&app, &caller.actor, query, &ours.ids).await;
        let explained = &answer.data["node"]["explain"];
        assert!(explained["text"].is_string(), "{}: {answer:?}", caller.column);
        if reach(caller.column, Action::MovementRead) == Reach::None {
            assert_eq!(
                (answer.codes(), &explained["movements"]),
                (vec!["FORBIDDEN".to_owned()], &Value::Null)
            );
        } else {
            assert!(explained["movements"]["totalCount"].as_i64().is_some_and(|count| count > 0));
        }
    }
}
