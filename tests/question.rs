//! What clients ask about time, and the answers.

use std::sync::Arc;

use domain::user::Role;
use entity::client;
use hourbank::bus::Topic;
use hourbank::graphql::id::Identified;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::ready::LOG;
use crate::support::story::Support;
use crate::support::work::id;

const QUESTION: &str =
    "id text askedBy { id } answer answeredBy { id } answeredAt timeEntry { id } askedOf { id }";

async fn log(app: &TestApp, support: &Support, minutes: i32) -> String {
    let input = json!({"engagementId": support.id(), "workedOn": "2026-03-11", "minutes": minutes,
        "activity": "CONFIGURATION", "note": "Поля"});
    let made = support.specialist.ok(app, LOG, json!({"input": input})).await;
    id(&made["timeEntryCreate"]["timeEntry"])
}

fn ask() -> String {
    format!(
        "mutation($id: ID!, $input: TimeEntryQuestionInput!) {{ timeEntryQuestion(id: $id, input: $input) {{
        question {{ {QUESTION} }} timeEntry {{ id questions {{ id }} }} errors {{ code field }} }} }}"
    )
}

fn answer() -> String {
    format!("mutation($id: ID!, $input: TimeEntryQuestionAnswerInput!) {{ timeEntryQuestionAnswer(id: $id, input: $input) {{
        question {{ {QUESTION} }} timeEntry {{ id }} errors {{ code field }} }} }}")
}

async fn asked(app: &TestApp, by: &Actor, entry: &str, text: &str) -> Value {
    let input = json!({"id": entry, "input": {"text": text}});
    by.ok(app, &ask(), input).await["timeEntryQuestion"]["question"].clone()
}

/// The entries with an open question that somebody sees.
async fn open(app: &TestApp, actor: &Actor, open: bool) -> Vec<String> {
    let list = "query($open: Boolean!) { timeEntries(filter: {hasOpenQuestion: $open}) { totalCount totalMinutes nodes { id } } }";
    let found = actor.ok(app, list, json!({"open": open})).await["timeEntries"].clone();
    let nodes = found["nodes"].as_array().expect("nodes").clone();
    assert_eq!(found["totalCount"], nodes.len());
    nodes.iter().map(id).collect()
}

/// The kinds of what somebody was told.
async fn told(app: &TestApp, actor: &Actor) -> Vec<String> {
    let read = "{ notifications { nodes { kind } } }";
    let told = actor.ok(app, read, json!({})).await["notifications"]["nodes"].clone();
    let kinds =
        told.as_array().expect("nodes").iter().map(|one| one["kind"].as_str().unwrap_or("").to_owned());
    kinds.collect()
}

/// The entries that watchers were woken about.
fn woken(wakes: &mut Receiver<Topic>) -> Vec<String> {
    let mut entries = Vec::new();
    while let Ok(topic) = wakes.try_recv() {
        if let Topic::TimeEntry(_, id) = topic {
            entries.push(id.global().0);
        }
    }
    entries
}

/// W-5: asked by either of the client's people, told to the author and the project manager, answered once, told to whoever
/// asked; the entry stands.
#[tokio::test]
async fn w5_asked_and_answered() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let member = app.contact(Role::ClientMember, support.client).await;
    let (first, second) = (log(&app, &support, 90).await, log(&app, &support, 30).await);
    let mut wakes = app.app.bus.listen();
    let input = json!({"id": first, "input": {"text": "Почему полтора часа?", "idempotencyKey": uuid::Uuid::new_v4()}});
    let made = member.ok(&app, &ask(), input.clone()).await;
    assert_eq!(made, member.ok(&app, &ask(), input).await);
    let question = made["timeEntryQuestion"]["question"].clone();
    assert_eq!(made["timeEntryQuestion"]["timeEntry"]["questions"], json!([{"id": question["id"]}]));
    assert_eq!((&question["askedBy"]["id"], &question["answeredAt"]), (&json!(member.id()), &Value::Null));
    assert!(woken(&mut wakes).contains(&first), "whoever watches time is told");
    asked(&app, &support.owner, &second, "А это?").await;
    woken(&mut wakes);
    for staff in [&support.specialist, &support.manager] {
        assert_eq!(told(&app, staff).await, ["ENTRY_QUESTIONED", "ENTRY_QUESTIONED"]);
    }
    assert_eq!(told(&app, &support.owner).await, Vec::<String>::new());
    assert_eq!(open(&app, &support.manager, true).await, [second.clone(), first.clone()]);
    let words = json!({"id": question["id"], "input": {"answer": "Две воронки."}});
    let answered = support.manager.ok(&app, &answer(), words.clone()).await;
    assert!(woken(&mut wakes).contains(&first));
    let answered = &answered["timeEntryQuestionAnswer"]["question"];
    assert_eq!(
        (&answered["answer"], &answered["answeredBy"]["id"]),
        (&json!("Две воронки."), &json!(support.manager.id()))
    );
    assert_eq!(told(&app, &member).await, ["ENTRY_ANSWERED"]);
    assert_eq!(support.specialist.codes(&app, &answer(), words).await, ["WRONG_STATUS"]);
    for (has, entry) in [(true, &second), (false, &first)] {
        assert_eq!(open(&app, &member, has).await, std::slice::from_ref(entry), "{has}");
    }
    let node =
        "query($id: ID!) { node(id: $id) { ... on TimeEntryQuestion { text timeEntry { minutes } } } }";
    let read = support.owner.ok(&app, node, json!({"id": question["id"]})).await;
    assert_eq!(read["node"], json!({"text": "Почему полтора часа?", "timeEntry": {"minutes": 90}}));
}

/// W-4, W-5: a question follows its entry to the correction, which may answer it; what is taken back leaves none open.
#[tokio::test]
async fn w5_questions_follow_corrections() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let entry = log(&app, &support, 90).await;
    let kept = asked(&app, &support.owner, &entry, "Кто?").await;
    let named = asked(&app, &support.owner, &entry, "Почему столько?").await;
    let correct = "mutation($id: ID!, $input: TimeEntryCorrectInput!) { timeEntryCorrect(id: $id, input: $input) {
        timeEntry { id questions { id text answer timeEntry { id } askedOf { id } } } errors { code field } } }";
    let input = |question: &Value| json!({"id": entry, "input": {"minutes": 60, "reason": "Лишние полчаса", "answersQuestionId": question}});
    let strange = domain::id::TimeEntryQuestionId::new().global().0;
    let refused = support.specialist.run(&app, correct, input(&json!(strange))).await;
    assert_eq!(
        refused.data["timeEntryCorrect"]["errors"],
        json!([{"code": "NOT_FOUND", "field": ["answersQuestionId"]}])
    );
    let done = support.specialist.ok(&app, correct, input(&named["id"])).await;
    let now = done["timeEntryCorrect"]["timeEntry"].clone();
    let shown = |question: &Value, text: &str, answer: Value| json!({"id": question["id"], "text": text, "answer": answer, "timeEntry": {"id": now["id"]}, "askedOf": {"id": entry}});
    assert_eq!(
        now["questions"],
        json!([shown(&kept, "Кто?", Value::Null), shown(&named, "Почему столько?", json!("Лишние полчаса"))])
    );
    assert_eq!(open(&app, &support.owner, true).await, [id(&now)]);
    assert_eq!(told(&app, &support.owner).await, ["ENTRY_ANSWERED"]);
    // The entry that was corrected is asked about no more.
    let again = json!({"id": entry, "input": {"text": "И ещё?"}});
    assert_eq!(support.owner.codes(&app, &ask(), again).await, ["WRONG_STATUS"]);
    let withdraw = "mutation($id: ID!) { timeEntryWithdraw(id: $id, input: {reason: \"Не было\"}) { timeEntry { questions { answer } } errors { code } } }";
    let gone = support.manager.ok(&app, withdraw, json!({"id": now["id"]})).await;
    assert_eq!(
        gone["timeEntryWithdraw"]["timeEntry"]["questions"],
        json!([{"answer": "Не было"}, {"answer": "Лишние полчаса"}])
    );
    assert_eq!(told(&app, &support.owner).await.len(), 2);
}

/// W-5, A-1, A-2: the client asks, the author and the client's project manager answer; others see what they may.
#[tokio::test]
async fn w5_who_may() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let entry = log(&app, &support, 90).await;
    let input = json!({"id": entry, "input": {"text": "Почему?"}});
    for staff in [&support.manager, &support.specialist, &app.staff(Role::Administrator).await] {
        assert_eq!(staff.codes(&app, &ask(), input.clone()).await, ["FORBIDDEN"]);
    }
    let stranger = app.contact(Role::ClientOwner, app.client("Theirs").await).await;
    assert_eq!(stranger.codes(&app, &ask(), input.clone()).await, ["NOT_FOUND"]);
    let empty = json!({"id": entry, "input": {"text": "  "}});
    assert_eq!(support.owner.codes(&app, &ask(), empty).await, ["INVALID"]);
    let question = asked(&app, &support.owner, &entry, "Почему?").await;
    let words = json!({"id": question["id"], "input": {"answer": "Так"}});
    let colleague = app.on_team(Role::Specialist, support.client).await;
    let account = app.on_team(Role::AccountManager, support.client).await;
    for other in [&colleague, &account, &support.owner] {
        assert_eq!(other.codes(&app, &answer(), words.clone()).await, ["FORBIDDEN"]);
    }
    assert_eq!(stranger.codes(&app, &answer(), words.clone()).await, ["NOT_FOUND"]);
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(stranger.codes(&app, node, json!({"id": question["id"]})).await, ["NOT_FOUND"]);
    // Whoever sells to the client sees its time without what is said of it, and cannot find out by a filter.
    let sales = app.staff(Role::Sales).await;
    let brought =
        client::ActiveModel { id: Set(support.client), created_by: Set(sales.user), ..Default::default() };
    client::Entity::update(brought).exec(&app.database.db).await.unwrap();
    let list = "{ timeEntries { nodes { id questions { id } } } }";
    assert_eq!(sales.codes(&app, list, json!({})).await, ["FORBIDDEN"]);
    for has in [true, false] {
        let filter =
            format!("{{ timeEntries(filter: {{not: {{hasOpenQuestion: {has}}}}}) {{ totalCount }} }}");
        assert_eq!(sales.codes(&app, &filter, json!({})).await, ["FORBIDDEN"]);
    }
    support.specialist.ok(&app, &answer(), words).await;
    for _ in 1..20 {
        asked(&app, &support.owner, &entry, "Почему?").await;
    }
    assert_eq!(support.owner.codes(&app, &ask(), input).await, ["INVALID"]);
}

/// W-4, W-5: answered and corrected at once, a question has one answer, and hangs on what stands.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w5_answered_and_corrected_at_once() {
    let app = Arc::new(TestApp::start().await);
    let support = app.support("Ours").await;
    for round in 0..5 {
        let entry = log(&app, &support, 20 + round).await;
        let question = asked(&app, &support.owner, &entry, "Почему?").await;
        let correct = "mutation($id: ID!, $input: TimeEntryCorrectInput!) { timeEntryCorrect(id: $id, input: $input) { errors { code } } }";
        let correction = json!({"id": entry, "input": {"minutes": 10, "reason": "Меньше", "answersQuestionId": question["id"]}});
        let words = json!({"id": question["id"], "input": {"answer": "Так"}});
        let run = |actor: &Actor, document: String, input: Value| {
            let (app, actor) = (Arc::clone(&app), actor.clone());
            tokio::spawn(async move { actor.codes(&app, &document, input).await })
        };
        let corrected = run(&support.specialist, correct.to_owned(), correction);
        let answered = run(&support.manager, answer(), words);
        let (corrected, answered) = (corrected.await.unwrap(), answered.await.unwrap());
        // Whoever comes second is refused.
        let refused = [corrected.as_slice(), answered.as_slice()].concat();
        assert!(refused == ["NOT_FOUND"] || refused == ["WRONG_STATUS"], "{corrected:?} {answered:?}");
        let node = "query($id: ID!) { node(id: $id) { ... on TimeEntryQuestion { answer timeEntry { correctedAt } } } }";
        let read = support.owner.ok(&app, node, json!({"id": question["id"]})).await["node"].clone();
        assert_eq!(read["answer"], if answered.is_empty() { "Так" } else { "Меньше" });
        assert_eq!(read["timeEntry"]["correctedAt"], Value::Null);
    }
}

/// W-5: a page of entries with their questions is the same number of statements, however many.
#[tokio::test]
async fn w5_a_page_of_questions() {
    let app = TestApp::start().await;
    let support = app.support("Ours").await;
    let list = format!(
        "{{ timeEntries(filter: {{hasOpenQuestion: true}}) {{ nodes {{ questions {{ {QUESTION} }} }} }} }}"
    );
    let mut counts = Vec::new();
    for _ in 0..3 {
        let entry = log(&app, &support, 10).await;
        asked(&app, &support.owner, &entry, "Почему?").await;
        let (count, _) = app.count(support.owner.ok(&app, &list, json!({}))).await;
        counts.push(count);
    }
    assert_eq!(counts[1], counts[2], "{counts:?}");
}
