//! What comes back to a report: answers and comments.

use domain::user::Role;
use hourbank::graphql::id::Identified;
use hourbank::usecase::report::freeze;
use serde_json::{Value, json};

use super::{day, read};
use crate::support::app::TestApp;

const ANSWER: &str = "mutation($input: ReportAnswerInput!) { reportAnswer(input: $input) {
    reportAnswer { id satisfaction comment changesWanted user { id } weeklyReport { id } } weeklyReport { id }
    errors { code field } } }";

/// the client's owner answers, as often as they like, and nothing said is lost; nobody answers in their place.
#[tokio::test]
async fn r4_answers() {
    let app = TestApp::start().await;
    let support = app.support("Ромашка").await;
    assert!(freeze(&app.system(), support.client, day("2026-03-02")).await.unwrap());
    let report =
        read(&app, &support.owner, support.client).await["nodes"][0]["id"].as_str().unwrap().to_owned();
    let say = |mark: i32| {
        json!({"input": {"weeklyReportId": report, "satisfaction": mark,
        "comment": "Спасибо", "changesWanted": "Звонить по вторникам"}})
    };
    let member = app.contact(Role::ClientMember, support.client).await;
    let admin = app.staff(Role::Administrator).await;
    for who in [&member, &support.manager, &support.specialist, &admin] {
        assert_eq!(who.codes(&app, ANSWER, say(5)).await, ["FORBIDDEN"]);
    }
    let other = app.client("Чужие").await;
    let stranger = app.contact(Role::ClientOwner, other).await;
    assert_eq!(stranger.codes(&app, ANSWER, say(5)).await, ["NOT_FOUND"]);
    for mark in [0, 6, -1] {
        assert_eq!(support.owner.codes(&app, ANSWER, say(mark)).await, ["INVALID"], "{mark}");
    }
    let long = json!({"input": {"weeklyReportId": report, "satisfaction": 9, "comment": "я".repeat(4001)}});
    assert_eq!(support.owner.codes(&app, ANSWER, long).await, ["INVALID", "INVALID"], "all at once");
    let mut first = say(3);
    first["input"]["idempotencyKey"] = json!(uuid::Uuid::new_v4());
    let made = support.owner.ok(&app, ANSWER, first.clone()).await;
    assert_eq!(made, support.owner.ok(&app, ANSWER, first).await, "once");
    let given = &made["reportAnswer"]["reportAnswer"];
    assert_eq!(given["weeklyReport"]["id"], *report);
    assert_eq!([&given["satisfaction"], &given["user"]["id"]], [&json!(3), &json!(support.owner.id())]);
    let blank = json!({"input": {"weeklyReportId": report, "satisfaction": 5, "comment": "  "}});
    app.advance(chrono::Duration::seconds(1));
    support.owner.ok(&app, ANSWER, blank).await;
    let query = "query($id: ID!) { node(id: $id) { ... on WeeklyReport { answers { totalCount nodes { satisfaction comment changesWanted } } } } }";
    for reader in [&member, &support.manager, &admin] {
        let seen = reader.ok(&app, query, json!({"id": report})).await;
        let expected = json!({"totalCount": 2, "nodes": [
            {"satisfaction": 5, "comment": null, "changesWanted": null},
            {"satisfaction": 3, "comment": "Спасибо", "changesWanted": "Звонить по вторникам"}]});
        assert_eq!(seen["node"]["answers"], expected);
    }
    let told = "{ notifications { nodes { kind } } }";
    let seen = support.manager.ok(&app, told, json!({})).await;
    assert_eq!(
        seen["notifications"]["nodes"],
        json!([{"kind": "REPORT_ANSWERED"}, {"kind": "REPORT_ANSWERED"}])
    );
    let agenda = "query($id: ID!) { client(by: {id: $id}) { meetingItems { nodes { text source } }
        satisfaction { nodes { score source } } } }";
    let seen =
        support.manager.ok(&app, agenda, json!({"id": support.client.global()})).await["client"].clone();
    let mut raised: Vec<&str> = seen["meetingItems"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| item["text"].as_str())
        .collect();
    raised.sort_unstable();
    assert_eq!(
        raised,
        ["Звонить по вторникам", "Спасибо"],
        "the next meeting's agenda starts from the answers"
    );
    assert_eq!(seen["meetingItems"]["nodes"][0]["source"], "REPORT_ANSWER");
    assert_eq!(seen["satisfaction"]["nodes"].as_array().unwrap().len(), 2);
}

/// who reads reports and previews is who reads the notes of time.
#[tokio::test]
async fn r1_who_reads() {
    let app = TestApp::start().await;
    let support = app.support("Ромашка").await;
    assert!(freeze(&app.system(), support.client, day("2026-03-02")).await.unwrap());
    let list = "{ weeklyReports { totalCount } }";
    let preview = "query($c: ID!) { reportPreview(clientId: $c, from: \"2026-03-02\", to: \"2026-03-08\") { content { clientName } } }";
    let client = json!({"c": support.client.global()});
    let member = app.contact(Role::ClientMember, support.client).await;
    let quality = app.staff(Role::QualityManager).await;
    for reader in [&support.owner, &member, &support.manager, &support.specialist, &quality] {
        let seen: Value = reader.ok(&app, list, json!({})).await;
        assert_eq!(seen["weeklyReports"]["totalCount"], 1);
        reader.ok(&app, preview, client.clone()).await;
    }
    let partner = crate::support::ready::key_of(&app, support.client).await;
    assert_eq!(partner.codes(&app, list, json!({})).await, ["FORBIDDEN"]);
    assert_eq!(partner.codes(&app, preview, client.clone()).await, ["FORBIDDEN"]);
    let stranger = app.staff(Role::ProjectManager).await;
    assert_eq!(stranger.ok(&app, list, json!({})).await["weeklyReports"]["totalCount"], 0);
    assert_eq!(stranger.codes(&app, preview, client.clone()).await, ["NOT_FOUND"]);
    let seller = app.staff(Role::Sales).await;
    assert_eq!(seller.codes(&app, list, json!({})).await, ["FORBIDDEN"]);
}

/// P-11: a report is commented on by both sides; what is internal stays with the staff.
#[tokio::test]
async fn p11_comments_on_a_report() {
    let app = TestApp::start().await;
    let support = app.support("Ромашка").await;
    assert!(freeze(&app.system(), support.client, day("2026-03-02")).await.unwrap());
    let report = read(&app, &support.owner, support.client).await["nodes"][0]["id"].clone();
    let say = "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { weeklyReport { id } errors { code } } }";
    for (who, internal) in [(&support.owner, false), (&support.manager, true)] {
        let input = json!({"input": {"subjectId": report, "body": "Почему так мало?", "internal": internal}});
        assert_eq!(who.ok(&app, say, input).await["commentCreate"]["weeklyReport"]["id"], report);
    }
    let count = "query($id: ID!) { node(id: $id) { ... on WeeklyReport { comments { totalCount } } } }";
    for (who, seen) in [(&support.owner, 1), (&support.manager, 2)] {
        let answer = who.ok(&app, count, json!({"id": report})).await;
        assert_eq!(answer["node"]["comments"]["totalCount"], seen);
    }
}
