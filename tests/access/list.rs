//! Lists: what is not to be seen is neither in them nor in their counts, however they are filtered and sorted.

use serde_json::{Value, json};

use super::fixture::{Ids, ask, world};
use crate::support::actor::Actor;
use crate::support::app::TestApp;

/// Lists cut to one client, by its own id and by ids of what it has.
const CUT: &[&str] = &[
    r#"clients(filter: {id: {eq: "@client"}})"#,
    r#"clients(filter: {name: {contains: "ours"}}, orderBy: [{field: NAME}])"#,
    r#"clients(filter: {not: {name: {contains: "theirs"}}})"#,
    r#"tasks(filter: {clientId: {eq: "@client"}})"#,
    r#"tasks(filter: {or: [{planId: {eq: "@plan"}}, {blockId: {eq: "@block"}}, {id: {in: ["@task"]}}]})"#,
    r#"tasks(filter: {title: {contains: "ours"}}, orderBy: [{field: TITLE}])"#,
    r#"timeEntries(filter: {clientId: {eq: "@client"}})"#,
    r#"weeklyReports(filter: {clientId: {eq: "@client"}})"#,
    r#"timeEntries(filter: {or: [{engagementId: {eq: "@engagement"}}, {taskId: {eq: "@task"}}]})"#,
    r#"timeEntries(filter: {userId: {eq: "@specialist"}}, orderBy: [{field: MINUTES}])"#,
    r#"users(filter: {clientId: {eq: "@client"}})"#,
    r#"users(filter: {id: {in: ["@owner", "@member"]}}, orderBy: [{field: NAME}])"#,
];

async fn count(app: &TestApp, actor: &Actor, list: &str, ids: &Ids) -> Value {
    let name = list.split('(').next().expect("a name");
    let answer = ask(app, actor, &format!("{{ {list} {{ totalCount nodes {{ id }} }} }}"), ids).await;
    if answer.errors.is_empty() { answer.data[name].clone() } else { json!(answer.codes()) }
}

/// T38: strangers' lists are empty, and so are their counts; those who reach the client see something.
#[tokio::test]
async fn t38_lists_hold_and_count_what_is_seen() {
    let app = TestApp::start().await;
    let (ours, theirs) = world(&app).await;
    for list in CUT {
        for column in ["ADMINISTRATOR", "PROJECT_MANAGER", "CLIENT_OWNER"] {
            let seen = count(&app, ours.caller(column), list, &ours.ids).await;
            assert!(seen["totalCount"].as_i64().is_some_and(|count| count > 0), "{list} by {column}: {seen}");
            let nodes = seen["nodes"].as_array().expect("nodes").len();
            assert_eq!(seen["totalCount"], nodes, "{list} by {column}");
        }
        for stranger in theirs.insiders() {
            let seen = count(&app, &stranger.actor, list, &ours.ids).await;
            let is_empty = seen == json!({"totalCount": 0, "nodes": []});
            let may_read_none = stranger.column == "PARTNER"
                || (stranger.column == "SALES" && list.starts_with("weeklyReports"));
            let reads_none = may_read_none && seen == json!(["FORBIDDEN"]);
            assert!(is_empty || reads_none, "{list} by {}: {seen}", stranger.column);
        }
        assert_eq!(count(&app, &Actor::anonymous(), list, &ours.ids).await, json!(["UNAUTHENTICATED"]));
    }
    let minutes = r#"{ timeEntries(filter: {clientId: {eq: "@client"}}) { totalMinutes } }"#;
    let seen = ask(&app, theirs.caller("SPECIALIST"), minutes, &ours.ids).await;
    assert_eq!(seen.data["timeEntries"]["totalMinutes"], 0);
}

/// T38: a filter over what a caller may not read is refused, also deep inside others; it would tell by its count.
#[tokio::test]
async fn t38_hidden_fields_do_not_filter() {
    let app = TestApp::start().await;
    let (ours, _) = world(&app).await;
    let by_email = [
        r#"users(filter: {email: "a@example.org"})"#,
        r#"users(filter: {not: {or: [{and: [{email: "a@example.org"}]}]}})"#,
    ];
    for list in by_email {
        for column in ["CLIENT_OWNER", "CLIENT_MEMBER", "PARTNER"] {
            assert_eq!(
                count(&app, ours.caller(column), list, &ours.ids).await,
                json!(["FORBIDDEN"]),
                "{list} by {column}"
            );
        }
        let seen = count(&app, ours.caller("SPECIALIST"), list, &ours.ids).await;
        assert!(seen["totalCount"].is_i64(), "the staff read addresses: {seen}");
    }
    for list in [
        r#"tasks(filter: {assigneeId: {eq: "@specialist"}})"#,
        r#"tasks(filter: {not: {and: [{or: [{assigneeId: {eq: "@specialist"}}]}]}})"#,
    ] {
        let partner = ours.caller("PARTNER");
        assert_eq!(count(&app, partner, list, &ours.ids).await, json!(["FORBIDDEN"]), "{list}");
    }
}
