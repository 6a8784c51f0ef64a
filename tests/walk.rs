//! The support service walked from its first sentence to its last, through the API alone.
//!
//! A client whose CRM another integrator set up comes by an audit, gets a plan and an offer, a team and a cabinet; work
//! is done and logged, minutes are seen at once, the client steers; the report comes by mail and the meeting starts from
//! it; what stays unused expires after fair warning, and the next month begins.

mod people;

use chrono::{Duration, NaiveDate};
use chrono_tz::Europe::Moscow;
use domain::user::Role;
use hourbank::job;
use hourbank::usecase::verify::verify;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use people::{Person, set};

/// One run of everything that runs by itself.
async fn time_passes(app: &TestApp, by: Duration) {
    app.advance(by);
    for job in job::JOBS {
        job::once(&app.app, job).await.unwrap();
    }
}

/// Until an hour of Moscow's clock on a day to come.
async fn until(app: &TestApp, day: &str, hour: u32) {
    let day: NaiveDate = day.parse().unwrap();
    let then = day.and_hms_opt(hour, 0, 0).unwrap().and_local_timezone(Moscow).unwrap();
    time_passes(app, then.to_utc() - app.now()).await;
}

/// C-1, C-3, C-8, E-2, E-4, E-7, T-1, T-2, P-2, P-4, P-5, W-1, W-2, W-5, B-4, B-5, R-1, R-4, M-1, K-1, K-2, L-1.
#[tokio::test]
async fn support_from_the_first_sentence_to_the_last() {
    let app = TestApp::start().await;
    let app = &app;
    let admin = &Person::first(app, Role::Administrator).await;
    let [sales, manager, account, specialist, developer] = [
        ("sales", "SALES"),
        ("manager", "PROJECT_MANAGER"),
        ("account", "ACCOUNT_MANAGER"),
        ("support", "SPECIALIST"),
        ("developer", "SPECIALIST"),
    ]
    .map(|(name, role)| async move {
        let input = json!({"email": format!("{name}@sol.example"), "name": name, "role": role, "capacityMinutes": 9600});
        let made = set(app, admin, "staffInvite", input, "invitationUrl").await;
        Person::invited(app, &made["invitationUrl"]).await
    });
    let (sales, manager, account) = (&sales.await, &manager.await, &account.await);
    let (specialist, developer) = (&specialist.await, &developer.await);

    // "Sometimes clients come to us whose CRM another integrator set up": sales makes them known.
    let client = set(
        app,
        sales,
        "clientCreate",
        json!({"name": "Ромашка", "crmKind": "BITRIX24", "setUpBy": "OTHER", "timeZone": "Europe/Moscow",
            "reportRecipients": ["director@romashka.example"]}),
        "client { id version }",
    )
    .await["client"]
        .clone();
    let id = &client["id"];
    for (who, position) in
        [(manager, "PROJECT_MANAGER"), (account, "ACCOUNT_MANAGER"), (specialist, "SUPPORT_SPECIALIST")]
    {
        let input = json!({"clientId": id, "userId": who.id, "position": position});
        set(app, admin, "teamMemberAdd", input, "").await;
    }

    // "We make a development plan for the client's CRM": 160 hours in all.
    let plan = set(
        app,
        manager,
        "planCreate",
        json!({"clientId": id, "title": "План развития", "goals": ["Продажи без потерь"], "estimateMinutes": 9600}),
        "plan { id }",
    )
    .await["plan"]["id"]
        .clone();

    // "We offer two months of 80 hours, four of 40, eight of 20."
    let advice = account
        .ask(
            app,
            "query($plan: ID!) { tariffAdvice(input: {planId: $plan}) { minutes rows { months unusedMinutes tariff { code } } } }",
            json!({"plan": plan}),
        )
        .await["tariffAdvice"]
        .clone();
    assert_eq!(advice["minutes"], 9600);
    let mut rows: Vec<(String, i64, i64)> = advice["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let number = |name: &str| row[name].as_i64().unwrap();
            (row["tariff"]["code"].as_str().unwrap().to_owned(), number("months"), number("unusedMinutes"))
        })
        .collect();
    rows.sort();
    let expected =
        [("SUPPORT_120", 2, 4800), ("SUPPORT_20", 8, 0), ("SUPPORT_40", 4, 0), ("SUPPORT_80", 2, 0)];
    assert_eq!(rows, expected.map(|(code, months, unused)| (code.to_owned(), months, unused)));

    // The client takes 20 hours a month. Nothing can start yet, and the offer says all that is missing.
    let tariffs = account.ask(app, "{ tariffs { id code } }", json!({})).await["tariffs"].clone();
    let tariff =
        tariffs.as_array().unwrap().iter().find(|tariff| tariff["code"] == "SUPPORT_20").unwrap()["id"]
            .clone();
    let engagement = set(
        app,
        account,
        "engagementCreate",
        json!({"clientId": id, "tariffId": tariff, "planId": plan, "price": {"amount": "40000", "currency": "RUB"}}),
        "engagement { id unmetStartConditions }",
    )
    .await["engagement"]
        .clone();
    let support = &engagement["id"];
    let unmet = engagement["unmetStartConditions"].as_array().unwrap();
    assert!(unmet.len() >= 4, "{unmet:?}");

    // "We carry out an audit"; the chat is opened, the cabinet made, the hours reserved, the first month paid.
    let audit = json!({"clientId": id, "kind": "AUDIT", "completedOn": app.now().date_naive(), "findings": "Воронки настроены хорошо, сотрудники ими не пользуются"});
    set(app, admin, "wayInRecord", audit, "").await;
    let chat = json!({"expectedVersion": client["version"], "chatUrl": "https://chat.example/romashka"});
    set(app, manager, "clientUpdate", json!({"id": id, "input": chat}), "").await;
    let invited = set(
        app,
        admin,
        "memberInvite",
        json!({"clientId": id, "email": "owner@romashka.example", "name": "Наталья", "role": "CLIENT_OWNER", "locale": "RU"}),
        "invitationUrl",
    )
    .await;
    let owner = &Person::invited(app, &invited["invitationUrl"]).await;
    let hours = [(manager, 300), (specialist, 900)]
        .map(|(who, minutes)| json!({"userId": who.id, "minutes": minutes}));
    let reserve = json!({"engagementId": support, "input": {"fromPeriod": 1, "reservations": hours}});
    set(app, manager, "reservationsSet", reserve, "").await;
    let pay = |month: i32| {
        json!({"engagementId": support, "reference": format!("invoice {month}"), "periods": [month],
            "paidOn": app.now().date_naive(), "amount": {"amount": "40000", "currency": "RUB"}})
    };
    set(app, account, "paymentRecord", pay(1), "").await;
    set(app, account, "engagementStart", json!({"id": support, "input": {}}), "engagement { status }").await;

    // "In the cabinet the client sees which tasks are done and in work, how many hours are spent and left."
    let cabinet = async || {
        let seen = owner
            .ask(
                app,
                "query($id: ID!) { client(by: {id: $id}) { hourBalances { usedMinutes remainingMinutes expiredMinutes }
                    plans { blocks { tasks { title status spentMinutes } } }
                    timeEntries { totalCount totalMinutes nodes { minutes note user { name } } } } }",
                json!({"id": id}),
            )
            .await;
        seen["client"].clone()
    };
    assert_eq!(cabinet().await["hourBalances"][0]["remainingMinutes"], 1200);

    // "We divide the goals into directions of work and write down tasks."
    let block =
        set(app, manager, "blockCreate", json!({"planId": plan, "title": "Воронки"}), "block { id }").await;
    let mut tasks = Vec::new();
    for (title, minutes) in [("Настроить воронку", 240), ("Импорт базы", 300), ("Обучить отдел", 120)]
    {
        let input = json!({"blockId": block["block"]["id"], "title": title, "estimateMinutes": minutes, "assigneeId": specialist.id});
        tasks.push(set(app, manager, "taskCreate", input, "task { id }").await["task"]["id"].clone());
    }
    let [funnel, import, teaching] = tasks.as_slice() else { panic!("three tasks") };

    // "10 minutes that a specialist spent answering in the chat, 20 in which the project manager stated a task."
    let log = async |who: &Person, task: &Value, minutes: i32, activity: &str, note: &str| {
        let input = json!({"engagementId": support, "taskId": task, "workedOn": app.now().with_timezone(&Moscow).date_naive(),
            "minutes": minutes, "activity": activity, "note": note});
        set(app, who, "timeEntryCreate", input, "timeEntry { id } hourBalance { remainingMinutes }").await
    };
    log(specialist, &Value::Null, 10, "CHAT_SUPPORT", "Ответил на вопрос в чате").await;
    let stated = log(manager, funnel, 20, "TASK_SETTING", "Поставила задачу").await;
    assert_eq!(stated["hourBalance"]["remainingMinutes"], 1170);
    set(app, specialist, "taskStart", json!({"id": funnel}), "").await;
    log(specialist, funnel, 200, "CONFIGURATION", "Настроил этапы").await;
    // A developer is called in for a while.
    let place = json!({"clientId": id, "userId": developer.id, "position": "DEVELOPER"});
    set(app, manager, "teamMemberAdd", place, "").await;
    log(developer, import, 60, "DEVELOPMENT", "Скрипт импорта").await;
    let seen = cabinet().await;
    assert_eq!(
        (&seen["hourBalances"][0]["usedMinutes"], &seen["timeEntries"]["totalMinutes"]),
        (&json!(290), &json!(290))
    );

    // "We record instructions, and teach some of the staff in person."
    let how = json!({"clientId": id, "taskId": funnel, "kind": "TEXT", "title": "Как вести сделку", "text": "Откройте сделку…"});
    set(app, specialist, "instructionCreate", how, "instruction { id }").await;
    let lesson = json!({"clientId": id, "taskId": teaching, "title": "Воронки для отдела продаж", "trainerId": specialist.id,
        "startsAt": app.now() + Duration::days(1), "people": [{"name": "Пётр"}, {"userId": owner.id}]});
    let lesson =
        set(app, manager, "trainingCreate", lesson, "training { id version }").await["training"].clone();
    let known = owner
        .ask(app, "query($id: ID!) { client(by: {id: $id}) { instructions { nodes { title } } trainings { nodes { title status } } } }", json!({"id": id}))
        .await["client"]
        .clone();
    assert_eq!(known["instructions"]["nodes"][0]["title"], "Как вести сделку");
    assert_eq!(known["trainings"]["nodes"][0]["status"], "PLANNED");

    // The client accepts what is done.
    set(app, specialist, "taskSubmit", json!({"id": funnel}), "").await;
    set(app, owner, "taskAccept", json!({"id": funnel}), "task { status }").await;

    // "Clients can ask about the report and correct the hours: stop one work, give another more time and do it first."
    let entries =
        owner.ask(app, "{ timeEntries(filter: {minutes: {eq: 60}}) { nodes { id } } }", json!({})).await;
    let dear = &entries["timeEntries"]["nodes"][0]["id"];
    let asked = set(
        app,
        owner,
        "timeEntryQuestion",
        json!({"id": dear, "input": {"text": "Почему час?"}}),
        "question { id }",
    )
    .await;
    let answer =
        json!({"id": asked["question"]["id"], "input": {"answer": "Формат файла пришлось разобрать"}});
    set(app, developer, "timeEntryQuestionAnswer", answer, "question { answer }").await;
    set(app, owner, "taskPause", json!({"id": import}), "task { status }").await;
    set(app, owner, "taskUrgentSet", json!({"id": teaching, "input": {"urgent": true, "first": true}}), "")
        .await;
    set(app, owner, "taskLimitSet", json!({"id": teaching, "input": {"limitMinutes": 240}}), "").await;

    // The lesson is held on Thursday.
    until(app, "2026-03-12", 17).await;
    let came = json!({"expectedVersion": lesson["version"], "attended": [{"name": "Пётр"}]});
    set(app, specialist, "trainingHold", json!({"id": lesson["id"], "input": came}), "training { status }")
        .await;
    log(specialist, teaching, 90, "TRAINING", "Обучил отдел продаж").await;

    // "Once a week we put it into a table and mail the client a report."
    set(
        app,
        manager,
        "meetingRhythmSet",
        json!({"engagementId": support, "input": {"weekday": "MONDAY", "hour": 12}}),
        "",
    )
    .await;
    until(app, "2026-03-16", 10).await;
    let mails = app.mails().await;
    let report = mails.iter().find(|mail| mail.to.as_str() == "director@romashka.example").expect("a report");
    assert!(report.words.html.is_some());
    for said in ["Ромашка", "Обучил отдел продаж", "13 ч 40 мин"] {
        assert!(report.words.text.contains(said), "{said} in {}", report.words.text);
    }
    let weekly = owner
        .ask(app, "{ weeklyReports { totalCount nodes { id weekStartsOn content { parts { totalMinutes byTask { minutes } } } files { html xlsx csv } } } }", json!({}))
        .await["weeklyReports"]
        .clone();
    assert_eq!(
        (&weekly["totalCount"], &weekly["nodes"][0]["weekStartsOn"]),
        (&json!(1), &json!("2026-03-09"))
    );
    assert_eq!(weekly["nodes"][0]["content"]["parts"][0]["totalMinutes"], 380);

    // "Every week the project manager calls the client and discusses the report": its answer is on the agenda.
    let answer = json!({"weeklyReportId": weekly["nodes"][0]["id"], "satisfaction": 4, "changesWanted": "Добавить задачу по телефонии"});
    set(app, owner, "reportAnswer", answer, "").await;
    let meetings = manager
        .ask(app, "{ meetings(filter: {status: {eq: PLANNED}}, orderBy: [{field: STARTS_AT}]) { nodes { id version startsAt agenda { id text source } participants { name } } } }", json!({}))
        .await["meetings"]["nodes"]
        .clone();
    let meeting = &meetings[0];
    assert_eq!(meeting["startsAt"], "2026-03-16T09:00:00.000Z");
    assert_eq!(meeting["agenda"][0]["text"], "Добавить задачу по телефонии");
    let people = json!({"expectedVersion": meeting["version"], "participantIds": [manager.id, owner.id, specialist.id]});
    let joined = set(
        app,
        manager,
        "meetingUpdate",
        json!({"id": meeting["id"], "input": people}),
        "meeting { version }",
    )
    .await;
    until(app, "2026-03-16", 13).await;
    let outcome = json!({"expectedVersion": joined["meeting"]["version"], "satisfaction": 5, "notes": "Довольны",
        "cancel": [{"taskId": import, "reason": "Базу перенесли сами"}],
        "create": [{"blockId": block["block"]["id"], "title": "Подключить телефонию", "estimateMinutes": 180, "assigneeId": specialist.id}],
        "doneItemIds": [meeting["agenda"][0]["id"]], "time": {"note": "Встреча по отчёту", "people": [
            {"userId": manager.id, "minutes": 30}, {"userId": specialist.id, "minutes": 30}]}});
    let held = set(app, manager, "meetingHold", json!({"id": meeting["id"], "input": outcome}), "meeting { status satisfaction } timeEntries { minutes } tasks { title status } hourBalance { remainingMinutes }").await;
    assert_eq!(held["timeEntries"].as_array().unwrap().len(), 2);
    assert_eq!(held["hourBalance"]["remainingMinutes"], 1200 - 380 - 60);

    // "We honestly warn: what is unused is gone at the month's end."
    until(app, "2026-04-04", 12).await;
    let warned = owner
        .ask(
            app,
            "{ notifications(filter: {kindIn: [HOURS_ENDING]}) { nodes { title(locale: RU) } } }",
            json!({}),
        )
        .await;
    assert_eq!(warned["notifications"]["nodes"][0]["title"], "Ромашка: 12 ч 40 мин сгорят после 10.04.2026");
    assert!(app.mails().await.iter().any(|mail| mail.to.as_str() == "owner@romashka.example" && mail.words.subject.contains("сгорят")));

    // The next month is paid; the old one ends and its unused hours with it.
    set(app, account, "paymentRecord", pay(2), "").await;
    until(app, "2026-04-11", 1).await;
    let periods = owner
        .ask(app, "query($id: ID!) { engagement(id: $id) { periods { number grantedMinutes usedMinutes expiredMinutes remainingMinutes } } }", json!({"id": support}))
        .await["engagement"]["periods"]
        .clone();
    let figures = |row: &Value| {
        ["number", "grantedMinutes", "usedMinutes", "expiredMinutes", "remainingMinutes"]
            .map(|name| row[name].as_i64().unwrap())
    };
    assert_eq!(figures(&periods[1]), [1, 1200, 440, 760, 0]);
    assert_eq!(figures(&periods[0]), [2, 1200, 0, 0, 1200]);
    assert_eq!(cabinet().await["hourBalances"][0]["remainingMinutes"], 1200);
    assert_eq!(verify(&app.system()).await.unwrap(), Vec::<String>::new());
}
