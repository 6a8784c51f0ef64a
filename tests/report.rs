//! The weekly report: once for each client and week, whatever happens; what it tells, to whom, and what comes back.

mod answer;
mod file;
mod oracle;
mod story;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::calendar::Weekday;
use domain::engagement::EngagementStatus;
use domain::id::ClientId;
use domain::user::{Role, UserStatus};
use entity::{client, client_recipient, mail, user, weekly_report};
use hourbank::graphql::id::Identified;
use hourbank::usecase::report::{freeze, freeze_due};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::support::app::TestApp;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Moves the clock on to a moment.
fn until(app: &TestApp, moment: &str) {
    let moment: DateTime<Utc> = moment.parse().expect("a moment");
    app.advance(moment - app.now());
}

async fn due(app: &TestApp) -> usize {
    freeze_due(&app.system()).await.expect("reports are frozen")
}

/// The weeks reported to a client, in the order in which they were frozen.
async fn weeks(app: &TestApp, client: ClientId) -> Vec<NaiveDate> {
    let found = weekly_report::Entity::find()
        .filter(weekly_report::Column::ClientId.eq(client))
        .order_by_asc(weekly_report::Column::Id);
    found.all(&app.database.db).await.unwrap().into_iter().map(|row| row.week_starts_on).collect()
}

async fn set_client(app: &TestApp, client: ClientId, change: client::ActiveModel) {
    let change = client::ActiveModel { id: Set(client), ..change };
    client::Entity::update(change).exec(&app.database.db).await.unwrap();
}

async fn recipients(app: &TestApp, client: ClientId, emails: &[&str]) {
    for (email, position) in emails.iter().zip(0..) {
        app.write(client_recipient::Model { client_id: client, email: (*email).to_owned(), position }).await;
    }
}

/// Last week's Monday's report of a client, as the API tells it.
async fn read(app: &TestApp, actor: &crate::support::actor::Actor, client: ClientId) -> Value {
    let query = "query($client: ID!) { weeklyReports(filter: {clientId: {eq: $client}}) { totalCount nodes {
        id weekStartsOn timeZone locale recipientCount client { name } content { startsOn endsOn clientName parts {
        serviceNameEn tariffNameRu totalMinutes drawnMinutes rowCount changedMinutes plannedCount
        rows { workedOn userName taskTitle activity minutes note }
        byTask { title minutes } byPerson { name minutes } byActivity { activity minutes }
        changes { before { minutes } now { minutes note } minutes reason }
        done { title } inWork { title status } next { title }
        hours { startsOn endsOn grantedMinutes usedMinutes remainingMinutes overageMinutes lastDay balanceVersion }
        endedMonths { startsOn usedMinutes expiredMinutes } } } } } }";
    actor.ok(app, query, json!({"client": client.global()})).await["weeklyReports"].clone()
}

/// R-1, T66: a report is frozen when the client's clock says so, in each client's zone, and once, however often it is
/// looked; its mails are posted with it and sent once.
#[tokio::test]
async fn r1_each_client_on_its_own_clock() {
    let app = TestApp::start().await;
    let mut clients = Vec::new();
    for (name, zone) in [
        ("Kiritimati", "Pacific/Kiritimati"),
        ("Moscow", "Europe/Moscow"),
        ("Angeles", "America/Los_Angeles"),
    ] {
        let client = app.client(name).await;
        let zone = client::ActiveModel { time_zone: Set(zone.to_owned()), ..Default::default() };
        set_client(&app, client, zone).await;
        app.engagement_from(client, "SUPPORT_20", EngagementStatus::Active, day("2026-03-09")).await;
        recipients(&app, client, &["boss@example.org", "aide@example.org"]).await;
        clients.push(client);
    }
    assert_eq!(due(&app).await, 0, "the week before, nobody was served");
    // 09:00 in Kiritimati (UTC+14), in Moscow (UTC+3), in Los Angeles (UTC-7 since the eighth).
    let moments = ["2026-03-15T19:00:00Z", "2026-03-16T06:00:00Z", "2026-03-16T16:00:00Z"];
    for (at, moment) in moments.iter().enumerate() {
        until(&app, moment);
        app.advance(-Duration::milliseconds(1));
        assert_eq!(due(&app).await, 0, "a moment before {moment}");
        app.advance(Duration::milliseconds(1));
        assert_eq!(due(&app).await, 1, "at {moment}");
        assert_eq!(due(&app).await, 0, "again at {moment}");
        assert_eq!(weeks(&app, clients[at]).await, [day("2026-03-09")]);
        assert_eq!(app.mails().await.len(), 2 * (at + 1));
    }
    assert_eq!(app.mails().await.len(), 6);
    let ids: std::collections::BTreeSet<_> = app.mails().await.into_iter().map(|mail| mail.id).collect();
    assert_eq!(ids.len(), 6, "each address has a Message-ID of its own");
}

/// the client's own day and hour.
#[tokio::test]
async fn r1_the_clients_own_day() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    let manager = app.on_team(Role::ProjectManager, client).await;
    app.engagement_from(client, "SUPPORT_20", EngagementStatus::Active, day("2026-03-02")).await;
    let change = "mutation($id: ID!, $input: ClientUpdateInput!) { clientUpdate(id: $id, input: $input) {
        client { reportWeekday reportHour version } errors { code field } } }";
    let wrong = json!({"id": client.global(), "input": {"expectedVersion": 1, "reportHour": 24}});
    assert_eq!(manager.codes(&app, change, wrong).await, ["INVALID"]);
    let nothing = json!({"id": client.global(), "input": {"expectedVersion": 1, "reportWeekday": null}});
    assert_eq!(manager.codes(&app, change, nothing).await, ["INVALID"]);
    let right = json!({"id": client.global(),
        "input": {"expectedVersion": 1, "reportWeekday": "FRIDAY", "reportHour": 17}});
    let made = manager.ok(&app, change, right).await["clientUpdate"]["client"].clone();
    assert_eq!(made, json!({"reportWeekday": "FRIDAY", "reportHour": 17, "version": 2}));
    assert_eq!(due(&app).await, 0, "Wednesday");
    until(&app, "2026-03-13T13:59:59Z");
    assert_eq!(due(&app).await, 0);
    until(&app, "2026-03-13T14:00:00Z");
    assert_eq!(due(&app).await, 1);
    assert_eq!(weeks(&app, client).await, [day("2026-03-02")]);
    // Earlier in the week from now on: the week is not told again, and the next one on its new day.
    let monday = client::ActiveModel { report_weekday: Set(Weekday::Monday), ..Default::default() };
    set_client(&app, client, monday).await;
    assert_eq!(due(&app).await, 0);
    until(&app, "2026-03-16T14:00:00Z");
    assert_eq!(due(&app).await, 1);
}

/// whoever was served in any part of the week is told, whatever little happened; nobody else is.
#[tokio::test]
async fn r1_for_whom() {
    let app = TestApp::start().await;
    let mut told = Vec::new();
    for (name, starts, ends, is_told) in [
        ("runs", "2026-02-01", None, true),
        ("began on Sunday", "2026-03-08", None, true),
        ("begins after", "2026-03-09", None, false),
        ("ended before", "2026-01-01", Some("2026-03-02"), false),
        ("ended on Monday", "2026-01-01", Some("2026-03-03"), true),
    ] {
        let client = app.client(name).await;
        let row = app.engagement_from(client, "SUPPORT_20", EngagementStatus::Active, day(starts)).await;
        if let Some(end) = ends {
            use entity::engagement;
            let end = engagement::ActiveModel {
                id: Set(row.id),
                ends_on: Set(Some(day(end))),
                ..Default::default()
            };
            engagement::Entity::update(end).exec(&app.database.db).await.unwrap();
        }
        told.push((client, name, is_told));
    }
    let draft = app.client("an offer").await;
    app.engagement(draft, "SUPPORT_20", EngagementStatus::Draft).await;
    told.push((draft, "an offer", false));
    told.push((app.client("nothing").await, "nothing", false));
    for (client, name, is_told) in told {
        assert_eq!(freeze(&app.system(), client, day("2026-03-02")).await.unwrap(), is_told, "{name}");
        assert_eq!(weeks(&app, client).await.len(), usize::from(is_told), "{name}");
    }
}

/// T66: of two who freeze at once one does, and one mail goes to each address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t66_two_freeze_at_once() {
    let app = TestApp::start().await;
    for round in 0..4 {
        let client = app.client(&format!("Ours {round}")).await;
        app.engagement_from(client, "SUPPORT_20", EngagementStatus::Active, day("2026-02-01")).await;
        recipients(&app, client, &["boss@example.org"]).await;
        let calls = [app.system(), app.system(), app.system()];
        let freezing = calls.iter().map(|call| freeze(call, client, day("2026-03-02")));
        let done: Vec<_> = futures_util::future::join_all(freezing).await;
        let done: Vec<bool> = done.into_iter().map(|one| one.expect("none fails")).collect();
        assert_eq!(done.iter().filter(|done| **done).count(), 1, "{done:?}");
        assert_eq!(weeks(&app, client).await.len(), 1);
        assert_eq!(mail::Entity::find().count(&app.database.db).await.unwrap(), round + 1);
    }
    assert_eq!(app.mails().await.len(), 4);
}

/// what an outage kept back is made good, oldest week first; old weeks are not mailed, and very old ones not made.
#[tokio::test]
async fn r1_after_an_outage() {
    let app = TestApp::start().await;
    let client = app.client("Ours").await;
    recipients(&app, client, &["boss@example.org"]).await;
    app.engagement_from(client, "SUPPORT_20", EngagementStatus::Active, day("2026-03-02")).await;
    assert_eq!(due(&app).await, 1);
    until(&app, "2026-04-13T09:00:00Z");
    assert_eq!(due(&app).await, 5);
    let expected = ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30", "2026-04-06"];
    assert_eq!(weeks(&app, client).await, expected.map(day));
    let mails = app.mails().await;
    let told: Vec<_> = mails.iter().map(|mail| mail.words.subject.replace('\u{a0}', " ")).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    for days in [" 2–8 марта", " 30 марта – 5 апреля", " 6–12 апреля"] {
        assert!(told.iter().any(|told| told.contains(days)), "{days} in {told:?}");
    }
    until(&app, "2026-12-28T09:00:00Z");
    assert_eq!(due(&app).await, 8, "two months, not nine");
    assert_eq!(due(&app).await, 0);
}

/// R-1, T43: the addresses on record get it; without any, the owners who can sign in do; nobody of another client and
/// nobody who was shut out does.
#[tokio::test]
async fn r1_to_whom() {
    let app = TestApp::start().await;
    let email = async |actor: &crate::support::actor::Actor| app.user_row(actor.user.unwrap()).await.email;
    let (ours, theirs) = (app.client("Ours").await, app.client("Theirs").await);
    for client in [ours, theirs] {
        app.engagement_from(client, "SUPPORT_20", EngagementStatus::Active, day("2026-02-01")).await;
    }
    let owner = app.contact(Role::ClientOwner, ours).await;
    let gone = app.contact(Role::ClientOwner, ours).await;
    app.contact(Role::ClientMember, ours).await;
    let foreign = app.contact(Role::ClientOwner, theirs).await;
    let disabled = user::ActiveModel {
        id: Set(gone.user.unwrap()),
        status: Set(UserStatus::Disabled),
        ..Default::default()
    };
    user::Entity::update(disabled).exec(&app.database.db).await.unwrap();
    let to = async |from: usize| -> Vec<String> {
        app.mails().await[from..].iter().map(|mail| mail.to.as_str().to_owned()).collect()
    };
    assert!(freeze(&app.system(), ours, day("2026-02-23")).await.unwrap());
    assert_eq!(to(0).await, [email(&owner).await]);
    let barred = [email(&gone).await, email(&foreign).await.to_uppercase()];
    recipients(&app, ours, &["boss@example.org", &barred[0], &barred[1]]).await;
    assert!(freeze(&app.system(), ours, day("2026-03-02")).await.unwrap());
    assert_eq!(to(1).await, ["boss@example.org"]);
    let seen = read(&app, &owner, ours).await;
    assert_eq!(seen["nodes"][0]["recipientCount"], 1);
    // Nobody to be mailed: frozen all the same.
    let alone = app.client("Alone").await;
    app.engagement_from(alone, "SUPPORT_20", EngagementStatus::Active, day("2026-02-01")).await;
    assert!(freeze(&app.system(), alone, day("2026-03-02")).await.unwrap());
    assert_eq!(app.mails().await.len(), 2);
}
