//! The whole policy, asked: each root field by each kind of caller, inside and outside.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use async_graphql::Request as Query;
use domain::policy::{Action, CALLERS, Reach, TABLE, action_of};
use domain::refusal::ErrorCode;
use futures_util::StreamExt;
use hourbank::graphql::{Request, sdl};
use sea_orm::{DbBackend, FromQueryResult, Statement};
use serde_json::Value;

use super::fixture::{Caller, Ids, Side, ask, world};
use super::roots::{Of, READS, Row, WRITES, document};
use crate::support::actor::{Actor, Answer};
use crate::support::app::TestApp;

/// How far a column of the policy reaches with an action.
pub fn reach(column: &str, action: Action) -> Reach {
    let column = CALLERS.iter().position(|name| *name == column).expect("a column");
    TABLE.iter().find(|(row, _)| *row == action).expect("a row").1[column]
}

/// The code with which a caller is turned away, if they are, by the table alone.
fn expected((name, of, _): &Row, column: &str, is_stranger: bool) -> Option<&'static str> {
    let action = action_of(name).expect("the policy knows every root field");
    let reach = reach(column, action);
    let is_of_client = matches!(of, Of::Client | Of::Contact | Of::Person(_)) && *name != "Query.capacity";
    match reach {
        Reach::None if column == "ANONYMOUS" => Some("UNAUTHENTICATED"),
        // Who reads nothing of a kind is told so before anything is looked for.
        Reach::None if !name.starts_with("Mutation.") => Some("FORBIDDEN"),
        _ if *of == Of::Contact && self::reach(column, Action::StaffRead) == Reach::None => Some("FORBIDDEN"),
        _ if is_stranger
            && (is_of_client || ["Mutation.timeEntryCreate", "Mutation.timerStart"].contains(name)) =>
        {
            Some("NOT_FOUND")
        }
        Reach::None => Some("FORBIDDEN"),
        Reach::Own => match of {
            Of::Me => None,
            Of::Person(owner) if *owner == column && !is_stranger => None,
            _ => Some("FORBIDDEN"),
        },
        _ => None,
    }
}

/// Asks a row; of a subscription the first event.
async fn put(app: &TestApp, actor: &Actor, row: &Row, ids: &Ids) -> Answer {
    let document = document(row);
    if !row.0.starts_with("Subscription.") {
        return ask(app, actor, &document, ids).await;
    }
    let header = actor.token.as_ref().map(|token| format!("Bearer {token}"));
    let session = app.app.sessions.open(header.as_deref()).await.expect("a session");
    let context = Request::new(&app.app, &Arc::new(session), "test");
    let mut events = app.schema.execute_stream(Query::new(ids.fill(&document, '@')).data(context));
    // Refusals come at once; where nothing changes, silence is what the right to watch sounds like.
    let first = tokio::time::timeout(std::time::Duration::from_millis(200), events.next());
    let Ok(first) = first.await else { return Answer { data: Value::Null, errors: Vec::new() } };
    let first = first.expect("an event");
    let first = serde_json::to_value(first).expect("JSON");
    Answer {
        data: first["data"].clone(),
        errors: first.get("errors").and_then(Value::as_array).cloned().unwrap_or_default(),
    }
}

/// The code in an answer that no caller with the right should get, if there is one: of access, or of what was asked in
/// words that mean nothing, or of a fault.
fn turned_away(answer: &Answer) -> Option<String> {
    let is_rule = |code: &String| {
        let code = serde_json::from_value::<ErrorCode>(Value::from(code.as_str()));
        code.is_ok_and(|code| code != ErrorCode::NotFound)
    };
    answer.codes().into_iter().find(|code| !is_rule(code))
}

/// How many rows every table has, and how often they were edited where they count it.
pub async fn trace(app: &TestApp) -> Vec<(String, i64)> {
    #[derive(FromQueryResult)]
    struct Name {
        name: String,
        versioned: bool,
    }
    #[derive(FromQueryResult)]
    struct Count {
        rows: i64,
    }
    let db = &app.database.db;
    let backend = sea_orm::ConnectionTrait::get_database_backend(db);
    let tables = if backend == DbBackend::Postgres {
        "SELECT t.table_name AS name, EXISTS (SELECT 1 FROM information_schema.columns c WHERE c.table_name = t.table_name \
         AND c.column_name = 'version') AS versioned FROM information_schema.tables t WHERE t.table_schema = 'public' ORDER BY 1"
    } else {
        "SELECT m.name AS name, EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = 'version') AS versioned \
         FROM sqlite_master m WHERE m.type = 'table' ORDER BY 1"
    };
    let tables = Name::find_by_statement(Statement::from_string(backend, tables)).all(db).await.unwrap();
    assert!(tables.len() > 30);
    let mut counts = Vec::new();
    for Name { name, versioned } in tables {
        let edits = if versioned && name != "seaql_migrations" { "+ COALESCE(SUM(version), 0)" } else { "" };
        let count = format!("SELECT CAST(COUNT(*) {edits} AS BIGINT) AS rows FROM \"{name}\"");
        let count = Count::find_by_statement(Statement::from_string(backend, count)).one(db).await.unwrap();
        counts.push((name, count.expect("a count").rows));
    }
    counts
}

fn callers<'a>(ours: &'a Side, theirs: &'a Side) -> impl Iterator<Item = (&'a Caller, bool)> {
    ours.callers.iter().map(|caller| (caller, false)).chain(theirs.insiders().map(|caller| (caller, true)))
}

/// A-1: a root field that nobody asks here is a hole.
#[test]
fn every_root_field_is_asked() {
    let text = sdl();
    let mut fields = BTreeSet::new();
    for root in ["Query", "Mutation", "Subscription"] {
        let from = text.find(&format!("\ntype {root} {{")).expect("a root");
        let body = text[from..].split("\n}").next().expect("a body");
        let names = body.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        fields.extend(names.filter_map(|line| {
            let name: String = line.trim().chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
            let after = line.trim()[name.len()..].chars().next()?;
            (matches!(after, '(' | ':') && !name.is_empty()).then(|| format!("{root}.{name}"))
        }));
    }
    let asked: BTreeSet<String> = READS.iter().chain(WRITES).map(|row| row.0.to_owned()).collect();
    // Words of a description may look like a field; the policy has a row for each field, which another test holds.
    let missing: Vec<_> = fields.difference(&asked).filter(|name| action_of(name).is_some()).collect();
    assert!(missing.is_empty(), "root fields that no caller asks in tests/access/roots.rs: {missing:?}");
    let ruled: BTreeSet<_> = domain::policy::FIELDS
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .filter(|name| ["Query.", "Mutation.", "Subscription."].iter().any(|root| name.starts_with(root)))
        .collect();
    assert_eq!(asked, ruled);
    assert_eq!(asked.len(), READS.len() + WRITES.len(), "a root field is asked twice");
}

/// A-1, A-2, T37, T41: each root field answers each kind of caller as the policy says; whoever does not see a thing is
/// told the same as of one that does not exist; and what is denied leaves no trace.
#[tokio::test]
async fn a1_every_root_field_answers_each_caller_as_the_policy_says() {
    let app = TestApp::start().await;
    let (ours, theirs) = world(&app).await;
    let unknown = ours.ids.unknown();
    let before = trace(&app).await;
    let mut wrong = Vec::new();
    for row in READS.iter().chain(WRITES) {
        for (Caller { column, actor }, is_stranger) in callers(&ours, &theirs) {
            let Some(code) = expected(row, column, is_stranger) else { continue };
            let answer = put(&app, actor, row, &ours.ids).await;
            let who = if is_stranger { "stranger" } else { "insider" };
            if answer.codes() != [code] {
                wrong.push(format!("{} by {who} {column}: {:?}, not {code}", row.0, answer.codes()));
            }
            if is_stranger || *column == "ANONYMOUS" {
                let nothing = put(&app, actor, row, &unknown).await;
                if (&answer.data, &answer.errors) != (&nothing.data, &nothing.errors) {
                    wrong.push(format!("{} by {who} {column} tells {answer:?} from {nothing:?}", row.0));
                }
            }
        }
        if trace(&app).await != before {
            wrong.push(format!("{} left a trace", row.0));
            break;
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    for row in READS.iter().chain(WRITES) {
        for (Caller { column, actor }, is_stranger) in callers(&ours, &theirs) {
            if expected(row, column, is_stranger).is_none() {
                let answer = put(&app, actor, row, &ours.ids).await;
                if let Some(code) = turned_away(&answer) {
                    wrong.push(format!("{} by {column} (stranger: {is_stranger}): {code} {answer:?}", row.0));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A-6: whoever looks as a contact can do none of it but stop looking.
#[tokio::test]
async fn a6_looking_changes_nothing() {
    let app = TestApp::start().await;
    let (ours, _) = world(&app).await;
    let look = r#"mutation { viewAs(userId: "@owner") { accessToken errors { code } } }"#;
    let begun = ask(&app, ours.caller("ADMINISTRATOR"), look, &ours.ids).await;
    let looking = Actor::holding(begun.data["viewAs"]["accessToken"].as_str().expect("a token"));
    let before = trace(&app).await;
    for row in WRITES.iter().filter(|row| row.0 != "Mutation.signOut") {
        assert_eq!(put(&app, &looking, row, &ours.ids).await.codes(), ["FORBIDDEN"], "{}", row.0);
    }
    assert_eq!(trace(&app).await, before);
    for row in READS {
        let owner = put(&app, ours.caller("CLIENT_OWNER"), row, &ours.ids).await;
        assert_eq!(put(&app, &looking, row, &ours.ids).await.codes(), owner.codes(), "{}", row.0);
    }
}

/// The policy as a picture: a change of it is read as one. `HOURBANK_UPDATE_SCHEMA=1 cargo test policy` draws it anew.
#[test]
fn the_committed_policy_is_the_servers_own() {
    let mut text = format!("{:<22}", "");
    for caller in CALLERS {
        write!(text, " {caller:<15}").expect("a text takes all");
    }
    for (action, row) in TABLE {
        write!(text, "\n{:<22}", action.name()).expect("a text takes all");
        for reach in row {
            let word = if *reach == Reach::None { "-".to_owned() } else { format!("{reach:?}") };
            write!(text, " {word:<15}").expect("a text takes all");
        }
    }
    let text: String = text.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/snapshots/policy.txt");
    #[allow(clippy::disallowed_methods, reason = "a switch of this test alone")]
    if std::env::var("HOURBANK_UPDATE_SCHEMA").is_ok() {
        std::fs::write(&path, &text).expect("the picture is written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        committed, text,
        "tests/snapshots/policy.txt is not the policy: draw it anew and review it like code"
    );
}
