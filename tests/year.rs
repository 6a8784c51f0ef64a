//! A year of support that runs by itself: several instances at once, workers ended at any moment, clients all over the
//! world; and at its end everything has happened once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration as Wait;

use chrono::{Datelike, Days, Duration, NaiveDate};
use chrono_tz::Tz;
use domain::calendar::local_day;
use domain::engagement::OveragePolicy;
use domain::ledger::EntryKind;
use entity::{balance_warning, client, client_recipient, engagement, ledger_entry, weekly_report};
use futures_util::future::join_all;
use hourbank::app::App;
use hourbank::bus::Bus;
use hourbank::job;
use hourbank::mail::Mailer;
use hourbank::store::Db;
use hourbank::usecase::verify::verify;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::support::app::{TestApp, config};
use crate::support::database::is_on_postgres;
use crate::support::story::Support;

const ZONES: [&str; 12] = [
    "Europe/Moscow",
    "Asia/Kamchatka",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
];
const LOG: &str =
    "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) { errors { code } } }";
const TOP_UP: &str = "mutation($input: HoursTopUpInput!) { hoursTopUp(input: $input) { errors { code } } }";
const CANCEL: &str = "mutation($id: ID!, $input: EngagementCancelInput!) { engagementCancel(id: $id, input: $input) { errors { code } } }";

/// How much is simulated.
struct Scale {
    clients: usize,
    days: i64,
    /// Hours between two runs of everything.
    step: i64,
}

/// Chance, the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Instances on one database with one clock and one outbox.
async fn instances(count: usize) -> Vec<TestApp> {
    let first = TestApp::start().await;
    let mut all = Vec::new();
    for _ in 1..count {
        let url = &first.database.url;
        let settings = config(url);
        let db = Db::open(url, settings.pool).await.expect("the database opens");
        let app = App::wire(
            settings,
            db,
            Bus::local(),
            first.app.clock.clone(),
            Arc::clone(&first.app.keys),
            first.app.mailer.clone(),
        );
        all.push(TestApp { app, schema: hourbank::graphql::schema(), database: Arc::clone(&first.database) });
    }
    all.insert(0, first);
    all
}

/// A client in support from some day of this month on, in a zone of its own, paid for as the number says.
async fn client(app: &TestApp, number: usize) -> Support {
    let zone = ZONES[number % ZONES.len()];
    let starts_on = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(number as u64 % 60);
    let paid: Vec<i32> = (1..=15).filter(|month| !(number % 5 == 4 && month % 3 == 0)).collect();
    let policy = if number % 7 == 6 { OveragePolicy::Refused } else { OveragePolicy::Allowed };
    let mut support = app.support_with(&format!("Client {number}"), policy, starts_on, &paid).await;
    let db = &app.database.db;
    engagement::Entity::update_many()
        .col_expr(engagement::Column::TimeZone, Expr::value(zone))
        .filter(engagement::Column::Id.eq(support.engagement.id))
        .exec(db)
        .await
        .unwrap();
    support.engagement.time_zone = Some(zone.to_owned());
    client::Entity::update_many()
        .col_expr(client::Column::TimeZone, Expr::value(zone))
        .filter(client::Column::Id.eq(support.client))
        .exec(db)
        .await
        .unwrap();
    let email = format!("director{number}@example.org");
    app.write(client_recipient::Model { client_id: support.client, email, position: 1 }).await;
    support
}

fn zone(support: &Support) -> Tz {
    support.engagement.time_zone.as_deref().unwrap().parse().unwrap()
}

/// Every job on one instance, cut off after a while where so.
async fn work(app: &TestApp, cut_off: Option<Wait>) {
    let run = async {
        for job in job::JOBS {
            // Losing a race to another instance is no fault: the next run finds what is left.
            let _ = job::once(&app.app, job).await;
        }
    };
    match cut_off {
        None => run.await,
        Some(after) => _ = tokio::time::timeout(after, run).await,
    }
}

async fn simulate(scale: Scale) {
    let all = instances(if is_on_postgres() { 3 } else { 1 }).await;
    let app = &all[0];
    let mut chance = Chance(2026);
    let mut supports = Vec::new();
    for number in 0..scale.clients {
        supports.push(client(app, number).await);
    }
    let first = app.now();
    let steps = scale.days * 24 / scale.step;
    // About twenty entries a client and month.
    let entries = (scale.clients as i64 * 20 * scale.step / (30 * 24)).max(1);
    for step in 0..steps {
        app.app.clock.advance(Duration::hours(scale.step));
        let cuts: Vec<Option<Wait>> = all
            .iter()
            .map(|_| (chance.below(3) == 0).then(|| Wait::from_micros(chance.below(40_000) as u64)))
            .collect();
        join_all(all.iter().zip(cuts).map(|(app, cut)| work(app, cut))).await;
        for _ in 0..entries {
            let support = &supports[chance.below(supports.len())];
            let app = &all[chance.below(all.len())];
            let day = local_day(app.now(), zone(support)) - Days::new(chance.below(3) as u64);
            let minutes = 5 + 5 * chance.below(24);
            let input = json!({"engagementId": support.id(), "workedOn": day, "minutes": minutes,
                "activity": "CONFIGURATION", "note": "Work"});
            // What the balance, the day or the end of the service refuses is refused.
            support.specialist.run(app, LOG, json!({"input": input})).await;
        }
        if step % 40 == 0 {
            let support = &supports[chance.below(supports.len())];
            let account = app.on_team(domain::user::Role::AccountManager, support.client).await;
            let input = json!({"input": {"engagementId": support.id(), "minutes": 120}});
            account.run(app, TOP_UP, input).await;
        }
        if step == steps / 2 {
            for support in supports.iter().step_by(17) {
                let account = app.on_team(domain::user::Role::AccountManager, support.client).await;
                let input = json!({"id": support.id(), "input": {"reason": "It is enough"}});
                account.ok(app, CANCEL, input).await;
            }
        }
    }
    // Whoever was cut off last is made up for.
    for job in job::JOBS {
        job::once(&app.app, job).await.unwrap();
    }
    assert_eq!(verify(&app.system()).await.unwrap(), Vec::<String>::new());
    months_are_whole(app, &supports).await;
    reports_are_whole(app, &supports, first.date_naive()).await;
    mails_are_single(app);
    warnings_are_single(app).await;
}

/// E-3, B-4: each month closed once, without a gap, and of it expired what was unused, once, and nothing else.
async fn months_are_whole(app: &TestApp, supports: &[Support]) {
    let db = &app.database.db;
    let mut expired: BTreeMap<_, Vec<i32>> = BTreeMap::new();
    for entry in ledger_entry::Entity::find()
        .filter(ledger_entry::Column::Kind.eq(EntryKind::Expiry))
        .all(db)
        .await
        .unwrap()
    {
        expired.entry(entry.period_id).or_default().push(entry.minutes);
    }
    for support in supports {
        let row = engagement::Entity::find_by_id(support.engagement.id).one(db).await.unwrap().unwrap();
        let periods = app.periods(row.id).await;
        let today = local_day(app.now(), zone(support));
        let mut next = row.starts_on.unwrap();
        for (index, period) in periods.iter().enumerate() {
            assert_eq!((period.number as usize, period.starts_on), (index + 1, next), "{row:?}");
            next = period.ends_on;
            let is_over = period.ends_on <= today;
            assert_eq!(period.closed_at.is_some(), is_over, "{period:?}");
            let movements = expired.remove(&period.id).unwrap_or_default();
            assert!(movements.len() <= 1, "expired twice: {period:?}");
            let (granted, used) = (period.granted_minutes, period.used_minutes);
            let net = granted + period.transferred_minutes + period.adjusted_minutes
                - used
                - period.expired_minutes;
            if is_over {
                assert!(net <= 0, "unused minutes are left: {period:?}");
                assert!(net == 0 || period.expired_minutes == 0, "more expired than was unused: {period:?}");
            } else {
                assert_eq!(period.expired_minutes, 0, "{period:?}");
            }
        }
        let expected_end = row.ends_on.unwrap_or(next).max(next);
        assert!(
            expected_end == next && (next > today || row.ends_on == Some(next)),
            "{row:?} ends on {next}"
        );
    }
    assert!(expired.is_empty());
}

/// one report for each client and each week in which it was served on some day, and none else.
async fn reports_are_whole(app: &TestApp, supports: &[Support], first: NaiveDate) {
    let mut found: BTreeMap<_, BTreeSet<NaiveDate>> = BTreeMap::new();
    for report in weekly_report::Entity::find().all(&app.database.db).await.unwrap() {
        assert!(found.entry(report.client_id).or_default().insert(report.week_starts_on), "{report:?}");
    }
    for support in supports {
        let row = engagement::Entity::find_by_id(support.engagement.id)
            .one(&app.database.db)
            .await
            .unwrap()
            .unwrap();
        let now = app.now().with_timezone(&zone(support)).naive_local();
        let weeks = found.remove(&support.client).unwrap_or_default();
        let mut monday = first - Days::new(first.weekday().num_days_from_monday().into());
        // The week of the beginning may or may not have been under way.
        weeks.iter().for_each(|week| assert_eq!(week.weekday(), chrono::Weekday::Mon));
        loop {
            let due = (monday + Days::new(7)).and_hms_opt(9, 0, 0).unwrap();
            if due > now {
                break;
            }
            let served =
                row.starts_on.unwrap() < monday + Days::new(7) && row.ends_on.is_none_or(|end| end > monday);
            assert_eq!(
                weeks.contains(&monday),
                served,
                "{} in the week of {monday}: {row:?}",
                support.client.0
            );
            monday = monday + Days::new(7);
        }
    }
    assert!(found.is_empty());
}

/// T66: no mail twice but under the same name, and then it is the same.
fn mails_are_single(app: &TestApp) {
    let Mailer::Memory(outbox) = &app.app.mailer else { panic!("tests send into memory") };
    let outbox = outbox.lock().unwrap();
    let mut by_name = BTreeMap::new();
    let mut said = BTreeSet::new();
    for mail in &outbox.sent {
        let one = by_name.entry(mail.id).or_insert(mail);
        assert_eq!((&one.to, &one.words), (&mail.to, &mail.words), "one name, one mail");
    }
    for mail in by_name.values() {
        let words = (mail.to.as_str().to_owned(), mail.words.subject.clone(), mail.words.text.clone());
        if mail.to.as_str().starts_with("director") {
            assert!(said.insert(words.clone()), "the same said twice: {words:?}");
        }
    }
    assert!(!said.is_empty());
}

/// B-5, B-6: no warning was told twice in a month but where hours were added.
async fn warnings_are_single(app: &TestApp) {
    let rows = balance_warning::Entity::find().all(&app.database.db).await.unwrap();
    assert!(!rows.is_empty());
    let told = entity::notification::Entity::find().all(&app.database.db).await.unwrap();
    let unique: BTreeSet<_> = told.iter().map(|one| (one.user_id, one.once.clone())).collect();
    assert_eq!(unique.len(), told.len());
}

/// E-3, B-4, B-5, R-1, T58, T59, T65, T66: six weeks of a client in each zone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_weeks_run_by_themselves() {
    simulate(Scale { clients: 12, days: 42, step: 8 }).await;
}

/// The same for a year of two hundred clients: `tests/run year`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the long form, tests/run year"]
async fn a_year_runs_by_itself() {
    simulate(Scale { clients: 200, days: 365, step: 6 }).await;
}
