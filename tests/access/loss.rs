//! Rights that end, rights that are reached for, and rights of many at once.

use std::sync::Arc;
use std::time::Duration;

use domain::team::Position;
use domain::user::Role;
use futures_util::StreamExt;
use hourbank::graphql::Request;
use hourbank::graphql::id::Identified;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::fixture::{ask, world};
use super::matrix::trace;
use crate::support::actor::Actor;
use crate::support::app::TestApp;

const CLIENT: &str = r#"{ client(by: {id: "@client"}) { name } }"#;

/// A-5: whatever gave a right, its end is felt by the very next request.
#[tokio::test]
async fn a5_a_right_that_ends_is_gone_with_the_next_request() {
    let app = TestApp::start().await;
    let (ours, _) = world(&app).await;
    let admin = ours.caller("ADMINISTRATOR");
    let helper = app.staff(Role::Specialist).await;
    let place = app.join(&helper, ours.client, Position::Developer).await.global().0;
    let key = r#"mutation { apiKeyCreate(input: {name: "K", clientIds: ["@client"]}) { key apiKey { id } errors { code } } }"#;
    let made = ask(&app, admin, key, &ours.ids).await.data["apiKeyCreate"].clone();
    let partner = Actor::holding(made["key"].as_str().expect("a key"));
    let key = made["apiKey"]["id"].as_str().expect("an id");
    let seller = app.staff(Role::Sales).await;
    let sell = |seller: String, version: i32| {
        format!(
            r#"engagementUpdate(id: "@draft", input: {{expectedVersion: {version}, sellerId: {seller}}})"#
        )
    };
    let begin = format!("mutation {{ {} {{ errors {{ code }} }} }}", sell(format!("\"{}\"", seller.id()), 1));
    assert_eq!(ask(&app, admin, &begin, &ours.ids).await.codes(), Vec::<String>::new());
    let quality = ours.caller("QUALITY_MANAGER");
    let (owner, member) = (ours.caller("CLIENT_OWNER"), ours.caller("CLIENT_MEMBER"));
    let sales = ours.caller("SALES");
    for (who, by, end, code) in [
        (&helper, admin, format!(r#"teamMemberEnd(id: "{place}")"#), "NOT_FOUND"),
        (&seller, admin, sell("null".to_owned(), 2), "NOT_FOUND"),
        (&partner, admin, format!(r#"apiKeyRevoke(id: "{key}")"#), "UNAUTHENTICATED"),
        (
            quality,
            admin,
            format!(r#"userUpdate(id: "{}", input: {{expectedVersion: 1, role: SPECIALIST}})"#, quality.id()),
            "UNAUTHENTICATED",
        ),
        (member, owner, format!(r#"userDisable(id: "{}")"#, member.id()), "UNAUTHENTICATED"),
        (owner, admin, format!(r#"userDisable(id: "{}")"#, owner.id()), "UNAUTHENTICATED"),
        (sales, sales, "signOut".to_owned(), "UNAUTHENTICATED"),
    ] {
        assert_eq!(ask(&app, who, CLIENT, &ours.ids).await.data["client"]["name"], "Ours", "before {end}");
        let done = ask(&app, by, &format!("mutation {{ {end} {{ errors {{ code }} }} }}"), &ours.ids).await;
        assert_eq!(done.codes(), Vec::<String>::new(), "{end}");
        assert_eq!(ask(&app, who, CLIENT, &ours.ids).await.codes(), [code], "after {end}");
    }
}

/// T42: nobody raises themselves or others above what they may give.
#[tokio::test]
async fn t42_nobody_raises_themselves() {
    let app = TestApp::start().await;
    let (ours, theirs) = world(&app).await;
    let (manager, specialist) = (ours.caller("PROJECT_MANAGER").id(), ours.caller("SPECIALIST").id());
    let role =
        |id: &str| format!(r#"userUpdate(id: "{id}", input: {{expectedVersion: 1, role: ADMINISTRATOR}})"#);
    let invite = |role: &str| {
        format!(
            r#"memberInvite(input: {{clientId: "@client", email: "!fresh@example.org", name: "N", role: {role}}})"#
        )
    };
    let place = |client: &str, user: &str, position: &str| {
        format!(r#"teamMemberAdd(input: {{clientId: "{client}", userId: "{user}", position: {position}}})"#)
    };
    let log = |user: &str| {
        format!(
            r#"timeEntryCreate(input: {{engagementId: "@engagement", userId: "{user}", workedOn: "2026-03-10", minutes: 5, activity: ANALYSIS, note: "N"}})"#
        )
    };
    let foreign = theirs.ids.of("client");
    let member = ours.caller("CLIENT_MEMBER").id();
    let before = trace(&app).await;
    for (column, call, code) in [
        ("PROJECT_MANAGER", role(&manager), "FORBIDDEN"),
        ("ACCOUNT_MANAGER", role(&manager), "FORBIDDEN"),
        ("SALES", role(&manager), "FORBIDDEN"),
        ("CLIENT_OWNER", role(&member), "FORBIDDEN"),
        ("CLIENT_OWNER", invite("SALES"), "INVALID"),
        ("CLIENT_OWNER", invite("ADMINISTRATOR"), "INVALID"),
        ("CLIENT_OWNER", invite("CLIENT_OWNER"), "FORBIDDEN"),
        ("CLIENT_MEMBER", invite("CLIENT_MEMBER"), "FORBIDDEN"),
        ("ADMINISTRATOR", role(&member), "INVALID"),
        ("PROJECT_MANAGER", place("@client", &specialist, "PROJECT_MANAGER"), "FORBIDDEN"),
        ("PROJECT_MANAGER", place("@client", &manager, "REVIEWER"), "FORBIDDEN"),
        ("PROJECT_MANAGER", place(foreign, &manager, "ASSISTANT"), "NOT_FOUND"),
        ("SPECIALIST", place(foreign, &specialist, "ASSISTANT"), "NOT_FOUND"),
        ("SPECIALIST", log(&manager), "FORBIDDEN"),
        ("ACCOUNT_MANAGER", log(&specialist), "FORBIDDEN"),
        ("PROJECT_MANAGER", log(&specialist), "FORBIDDEN"),
        ("CLIENT_OWNER", r#"commentCreate(input: {subjectId: "@task", body: "B", internal: true})"#.to_owned(), "FORBIDDEN"),
        ("PROJECT_MANAGER", r#"taskAccept(id: "@handed")"#.to_owned(), "FORBIDDEN"),
        ("ADMINISTRATOR", r#"taskAccept(id: "@handed")"#.to_owned(), "FORBIDDEN"),
        ("CLIENT_OWNER", r#"taskAccept(id: "@handed", input: {inMeeting: true})"#.to_owned(), "FORBIDDEN"),
        ("SPECIALIST", r#"taskAccept(id: "@handed", input: {inMeeting: true})"#.to_owned(), "FORBIDDEN"),
        ("SALES", r#"engagementUpdate(id: "@engagement", input: {expectedVersion: 1, price: {amount: "1", currency: "RUB"}})"#.to_owned(), "WRONG_STATUS"),
        ("SALES", r#"engagementStart(id: "@draft", input: {})"#.to_owned(), "FORBIDDEN"),
        ("PARTNER", r#"apiKeyCreate(input: {name: "K", clientIds: ["@client"]})"#.to_owned(), "FORBIDDEN"),
    ] {
        let document = format!("mutation {{ {call} {{ errors {{ code }} }} }}");
        let answer = ask(&app, ours.caller(column), &document, &ours.ids).await;
        assert_eq!(answer.codes(), [code], "{call} by {column}");
    }
    assert_eq!(trace(&app).await, before);
}

/// T42: the last administrator stays one.
#[tokio::test]
async fn t42_the_last_administrator_stays() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    for call in [
        format!(r#"userDisable(id: "{}")"#, admin.id()),
        format!(r#"userUpdate(id: "{}", input: {{expectedVersion: 1, role: SALES}})"#, admin.id()),
    ] {
        let codes =
            admin.codes(&app, &format!("mutation {{ {call} {{ errors {{ code }} }} }}"), json!({})).await;
        assert_eq!(codes, ["LAST_ADMINISTRATOR"], "{call}");
    }
    assert_eq!(app.user_row(admin.user.expect("a person")).await.role, Role::Administrator);
}

/// T46: an owner who invites is not told whose an address is elsewhere, and whoever asks for a new password learns
/// nothing at all.
#[tokio::test]
async fn t46_an_address_does_not_tell_whose_it_is() {
    let app = TestApp::start().await;
    let (ours, theirs) = world(&app).await;
    let owner = ours.caller("CLIENT_OWNER");
    let email = async |actor: &Actor| app.user_row(actor.user.expect("a person")).await.email;
    let gone = app.contact(Role::ClientMember, theirs.client).await;
    let disable = format!(r#"mutation {{ userDisable(id: "{}") {{ errors {{ code }} }} }}"#, gone.id());
    theirs.caller("CLIENT_OWNER").ok(&app, &disable, json!({})).await;
    let mut answers = Vec::new();
    for known in [theirs.caller("CLIENT_OWNER"), theirs.caller("ADMINISTRATOR"), &gone] {
        let invite = format!(
            r#"mutation {{ memberInvite(input: {{clientId: "@client", email: "{}", name: "N"}}) {{ user {{ id }} errors {{ code message field }} }} }}"#,
            email(known).await
        );
        let answer = ask(&app, owner, &invite, &ours.ids).await;
        assert_eq!(answer.codes(), ["INVALID"]);
        answers.push(answer.data);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let mut resets = Vec::new();
    for address in [email(owner).await, email(&gone).await, "nobody@example.org".to_owned()] {
        let reset = format!(
            r#"mutation {{ passwordResetRequest(input: {{email: "{address}"}}) {{ errors {{ code message }} }} }}"#
        );
        resets.push(Actor::anonymous().run(&app, &reset, json!({})).await.data);
    }
    assert!(resets.iter().all(|answer| *answer == resets[0]), "{resets:?}");
}

/// T45: many at once who ask for the same ids each get what is theirs: nothing of one request is found by another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t45_parallel_callers_see_only_their_own() {
    let app = Arc::new(TestApp::start().await);
    let (ours, theirs) = world(&app).await;
    let names =
        ["client", "plan", "block", "task", "entry", "comment", "engagement", "period", "place", "member"];
    let ids: Vec<_> = names
        .iter()
        .flat_map(|name| [ours.ids.of(name).to_owned(), theirs.ids.of(name).to_owned()])
        .collect();
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Client { name plans { title client { name } } }
        ... on Task { client { name } assignee { name email } comments { nodes { body } } } ... on User { client { name } } }
        clients { totalCount nodes { name } } }";
    let mut running = Vec::new();
    for round in 0..64 {
        let side = if round % 2 == 0 { &ours } else { &theirs };
        let column = ["PROJECT_MANAGER", "SPECIALIST", "CLIENT_OWNER", "CLIENT_MEMBER"][round / 2 % 4];
        let (app, actor, ids) = (Arc::clone(&app), side.caller(column).clone(), ids.clone());
        let asked = async move { actor.run(&app, query, json!({"ids": ids})).await };
        running.push((round, column, tokio::spawn(asked)));
    }
    for (round, column, asked) in running {
        let answer = asked.await.expect("an answer");
        let (own, foreign) = if round % 2 == 0 { ("Ours", "Theirs") } else { ("Theirs", "Ours") };
        let nodes = answer.data["nodes"].as_array().expect("nodes");
        for (at, node) in nodes.iter().enumerate() {
            assert_eq!(node.is_object(), at % 2 == round % 2, "{} by {column}", names[at / 2]);
        }
        let text = answer.data.to_string();
        let has = |word: &str| text.contains(word) || text.contains(&word.to_uppercase());
        assert!(has(own) && !has(foreign), "{column}: {text}");
        assert_eq!(answer.data["clients"], json!({"totalCount": 1, "nodes": [{"name": own}]}));
        let is_client = column.starts_with("CLIENT");
        let email = nodes.iter().find_map(|node| node.get("assignee")).map(|person| &person["email"]);
        assert_eq!(email.is_some_and(Value::is_null), is_client, "{column}: {email:?}");
    }
}

/// T44: whoever leaves a team while they watch its client hears no more of it, and that they will not.
#[tokio::test]
async fn t44_a_stream_ends_with_the_place_on_the_team() {
    let app = TestApp::start().await;
    let (ours, theirs) = world(&app).await;
    let helper = app.staff(Role::Specialist).await;
    app.join(&helper, theirs.client, Position::Developer).await;
    let place = app.join(&helper, ours.client, Position::Developer).await.global().0;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let keeper = tokio::spawn(hourbank::usecase::hour_balance::keep(Arc::clone(&app.app), stopping));
    let mut streams = Vec::new();
    for watched in [
        r#"taskChanged(clientId: "@client") { id }"#,
        r#"timeEntryChanged(clientId: "@client") { id }"#,
        r#"planChanged(planId: "@plan") { id }"#,
        r#"hourBalanceChanged(clientId: "@client") { id }"#,
    ] {
        let header = helper.token.as_ref().map(|token| format!("Bearer {token}"));
        let session = app.app.sessions.open(header.as_deref()).await.expect("a session");
        let request =
            async_graphql::Request::new(ours.ids.fill(&format!("subscription {{ {watched} }}"), '@'));
        let request = request.data(Request::new(&app.app, &Arc::new(session), "test"));
        let mut events = app.schema.execute_stream(request).boxed();
        // It listens from its first poll on.
        let _ = timeout(Duration::from_millis(100), events.next()).await;
        streams.push((watched, events));
    }
    let end = format!(r#"mutation {{ teamMemberEnd(id: "{place}") {{ errors {{ code }} }} }}"#);
    assert_eq!(ask(&app, ours.caller("ADMINISTRATOR"), &end, &ours.ids).await.codes(), Vec::<String>::new());
    for (watched, mut events) in streams {
        let last = timeout(Duration::from_secs(5), events.next())
            .await
            .unwrap_or_else(|_| panic!("{watched} goes on"))
            .expect("an end");
        let last = serde_json::to_value(last).expect("JSON");
        assert_eq!(last["errors"][0]["extensions"]["code"], "FORBIDDEN", "{watched}: {last}");
        assert!(
            timeout(Duration::from_secs(5), events.next()).await.expect("in time").is_none(),
            "{watched}"
        );
    }
    stop.send(true).expect("the keeper listens");
    keeper.await.expect("the keeper ends");
}
