//! What a report tells, week after week.

use entity::engagement;
use hourbank::graphql::id::Identified;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};

use super::{due, read, recipients, until};
use crate::support::app::TestApp;
use crate::support::story::Support;

const LOG: &str = "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) { timeEntry { id } errors { code } } }";
const CORRECT: &str = "mutation($id: ID!, $input: TimeEntryCorrectInput!) { timeEntryCorrect(id: $id, input: $input) { errors { code } } }";
const WITHDRAW: &str = "mutation($id: ID!, $input: TimeEntryWithdrawInput!) { timeEntryWithdraw(id: $id, input: $input) { errors { code } } }";

async fn log(
    app: &TestApp,
    support: &Support,
    day: &str,
    minutes: i32,
    note: &str,
    task: Option<&str>,
) -> String {
    let input = json!({"input": {"engagementId": support.id(), "workedOn": day, "minutes": minutes,
        "activity": "CONFIGURATION", "note": note, "taskId": task}});
    let made = support.specialist.ok(app, LOG, input).await;
    made["timeEntryCreate"]["timeEntry"]["id"].as_str().expect("an id").to_owned()
}

fn part(seen: &Value, at: usize) -> &Value {
    &seen["nodes"][at]["content"]["parts"][0]
}

/// what was done, by whom, how long and by task; what is in work and next; how the hours stand, at their version.
/// What is logged, corrected and taken back later stands in the next report as a change of past weeks, and in it alone.
#[tokio::test]
async fn r1_weeks_of_a_support() {
    let app = TestApp::start().await;
    let support = app.support("Ромашка").await;
    recipients(&app, support.client, &["boss@example.org"]).await;
    let (block, tasks) = app.tasks(support.client, 2).await;
    let plan = entity::block::Entity::find_by_id(block).one(&app.database.db).await.unwrap().unwrap().plan_id;
    let planned = engagement::ActiveModel {
        id: Set(support.engagement.id),
        plan_id: Set(Some(plan)),
        ..Default::default()
    };
    engagement::Entity::update(planned).exec(&app.database.db).await.unwrap();
    app.settle(&support.owner).await;
    let task = tasks[0].global().0;
    log(&app, &support, "2026-03-09", 60, "Поля сделки", Some(&task)).await;
    let longer = log(&app, &support, "2026-03-10", 30, "Ответы в чате", None).await;
    let gone = log(&app, &support, "2026-03-11", 45, "Отчёт", Some(&task)).await;
    log(&app, &support, "2026-03-11", 15, "Воронка", Some(&tasks[1].global())).await;

    until(&app, "2026-03-16T06:00:00Z");
    assert_eq!(due(&app).await, 2, "the first days of the support are a week too");
    let seen = read(&app, &support.owner, support.client).await;
    assert_eq!(seen["totalCount"], 2);
    let report = &seen["nodes"][0];
    assert_eq!(
        [&report["weekStartsOn"], &report["content"]["endsOn"], &report["locale"], &report["recipientCount"]],
        [&json!("2026-03-09"), &json!("2026-03-15"), &json!("RU"), &json!(1)]
    );
    let part_now = part(&seen, 0);
    assert_eq!(part_now["totalMinutes"], 150);
    assert_eq!(part_now["rowCount"], 4);
    assert_eq!(part_now["serviceNameEn"], "Support");
    assert_eq!(part_now["tariffNameRu"], "20 часов в месяц");
    let expected = json!([{"title": "Task 1", "minutes": 105}, {"title": "Task 2", "minutes": 15}, {"title": null, "minutes": 30}]);
    assert_eq!(part_now["byTask"], expected);
    assert_eq!(part_now["byActivity"], json!([{"activity": "CONFIGURATION", "minutes": 150}]));
    assert_eq!(part_now["byPerson"].as_array().map(Vec::len), Some(1));
    assert_eq!(part_now["inWork"].as_array().map(Vec::len), Some(2));
    assert_eq!(part_now["changes"], json!([]));
    let hours = &part_now["hours"];
    assert_eq!(
        *hours,
        json!({"startsOn": "2026-03-05", "endsOn": "2026-04-05", "grantedMinutes": 1200, "usedMinutes": 150,
            "remainingMinutes": 1050, "overageMinutes": 0, "lastDay": "2026-04-04", "balanceVersion": 5})
    );
    // The days before it, when nothing was done yet.
    assert_eq!(part(&seen, 1)["rowCount"], 0);
    let mails = app.mails().await;
    assert_eq!(mails.len(), 2);
    let mail = mails.iter().find(|mail| mail.words.subject.contains(" 9–15")).expect("last week's mail");
    let (subject, text) = (&mail.words.subject, &mail.words.text);
    assert_eq!(
        subject.replace('\u{a0}', " "),
        "Отчёт за неделю 9–15 марта 2026: 2 ч 30 мин, осталось 17 ч 30 мин · Ромашка"
    );
    for words in
        ["Поля сделки", "1 ч 45 мин", "осталось 17 ч 30 мин из 20 ч", "4 апреля", "Task 2", "В работе"]
    {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert!(mail.words.html.as_ref().is_some_and(|page| page.contains("Поля сделки")));

    // Late, longer, taken back: in the week after.
    until(&app, "2026-03-17T09:00:00Z");
    log(&app, &support, "2026-03-12", 20, "Забытый звонок", None).await;
    let correct = json!({"id": longer, "input": {"minutes": 50, "reason": "Считали долго"}});
    support.specialist.ok(&app, CORRECT, correct).await;
    let withdraw = json!({"id": gone, "input": {"reason": "Дважды"}});
    support.specialist.ok(&app, WITHDRAW, withdraw).await;
    log(&app, &support, "2026-03-16", 10, "Новая неделя", None).await;
    until(&app, "2026-03-23T06:00:00Z");
    assert_eq!(due(&app).await, 1);
    let seen = read(&app, &support.owner, support.client).await;
    let part_now = part(&seen, 0);
    assert_eq!([&part_now["totalMinutes"], &part_now["changedMinutes"]], [10, -5]);
    let expected = json!([
        {"before": {"minutes": 30}, "now": {"minutes": 50, "note": "Ответы в чате"}, "minutes": 20, "reason": "Считали долго"},
        {"before": {"minutes": 45}, "now": null, "minutes": -45, "reason": "Дважды"},
        {"before": null, "now": {"minutes": 20, "note": "Забытый звонок"}, "minutes": 20, "reason": null},
    ]);
    assert_eq!(part_now["changes"], expected);
    assert_eq!(part_now["hours"]["usedMinutes"], 155);
    // What was frozen stays as it was mailed.
    assert_eq!(part(&seen, 1)["totalMinutes"], 150);
    until(&app, "2026-03-30T06:00:00Z");
    assert_eq!(due(&app).await, 1);
    let seen = read(&app, &support.manager, support.client).await;
    assert_eq!(part(&seen, 0)["changes"], json!([]), "told once");
}

/// R-1, B-4: the report of a week in which a month ended tells how it ended.
#[tokio::test]
async fn r1_a_month_that_ended() {
    let app = TestApp::start().await;
    let support = app.support("Ромашка").await;
    app.settle(&support.owner).await;
    log(&app, &support, "2026-03-11", 200, "Воронка", None).await;
    // The month ends on the fourth of April, a Saturday.
    until(&app, "2026-04-06T06:00:00Z");
    due(&app).await;
    let seen = read(&app, &support.owner, support.client).await;
    let part = part(&seen, 0);
    assert_eq!(seen["nodes"][0]["weekStartsOn"], "2026-03-30");
    let ended = json!([{"startsOn": "2026-03-05", "usedMinutes": 200, "expiredMinutes": 1000}]);
    assert_eq!(part["endedMonths"], ended);
    assert_eq!(part["hours"]["startsOn"], "2026-04-05");
    assert_eq!(part["hours"]["grantedMinutes"], 0, "the next month is not paid yet");
}

/// a report of any days, of an engagement or a stage alone, is made at once and kept nowhere.
#[tokio::test]
async fn r3_previews() {
    let app = TestApp::start().await;
    let support = app.support("Ромашка").await;
    app.settle(&support.owner).await;
    log(&app, &support, "2026-03-10", 30, "Поля", None).await;
    log(&app, &support, "2026-03-11", 20, "Чат", None).await;
    let ask = "query($client: ID!, $from: Date!, $to: Date!, $engagement: ID, $stage: Stage) {
        reportPreview(clientId: $client, from: $from, to: $to, engagementId: $engagement, stage: $stage) {
            content { startsOn endsOn parts { totalMinutes rows(first: 1, skip: 1) { minutes } hours { remainingMinutes } } } } }";
    let of = |from: &str, to: &str| json!({"client": support.client.global(), "from": from, "to": to});
    let whole = support.owner.ok(&app, ask, of("2026-03-10", "2026-03-11")).await;
    let content = &whole["reportPreview"]["content"];
    let expected =
        json!([{"totalMinutes": 50, "rows": [{"minutes": 20}], "hours": {"remainingMinutes": 1150}}]);
    assert_eq!(content["parts"], expected);
    assert_eq!([&content["startsOn"], &content["endsOn"]], ["2026-03-10", "2026-03-11"]);
    let one = support.manager.ok(&app, ask, of("2026-03-11", "2026-03-11")).await;
    assert_eq!(one["reportPreview"]["content"]["parts"][0]["totalMinutes"], 20);
    let before = support.owner.ok(&app, ask, of("2026-02-01", "2026-02-28")).await;
    assert_eq!(before["reportPreview"]["content"]["parts"], json!([]));
    let mut staged = of("2026-03-10", "2026-03-11");
    staged["stage"] = json!("EXECUTION");
    staged["engagement"] = json!(support.id());
    let staged = support.owner.ok(&app, ask, staged).await;
    assert_eq!(staged["reportPreview"]["content"]["parts"][0]["totalMinutes"], 0);
    for (from, to) in [("2026-03-11", "2026-03-10"), ("2025-01-01", "2026-03-10")] {
        assert_eq!(support.owner.codes(&app, ask, of(from, to)).await, ["BAD_USER_INPUT"], "{from} {to}");
    }
    let rows = "query($client: ID!, $first: Int!, $skip: Int!) { reportPreview(clientId: $client, from: \"2026-03-10\",
        to: \"2026-03-11\") { content { parts { rows(first: $first, skip: $skip) { minutes } } } } }";
    for (first, skip) in [(0, 0), (101, 0), (-1, 0), (1, -1)] {
        let asked = json!({"client": support.client.global(), "first": first, "skip": skip});
        assert_eq!(support.owner.codes(&app, rows, asked).await, ["BAD_USER_INPUT"], "{first} {skip}");
    }
    let seen = read(&app, &support.owner, support.client).await;
    assert_eq!(seen["totalCount"], 0, "kept nowhere");
}
