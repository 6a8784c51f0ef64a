//! Many clients at once, each report held against what that client alone has (T43).

use std::collections::BTreeMap;

use chrono::Days;
use domain::engagement::EngagementStatus;
use domain::id::{ClientId, CommentId, PeriodId, TimeEntryId};
use domain::time_entry::Activity;
use domain::user::Role;
use entity::{comment, time_entry, weekly_report};
use sea_orm::EntityTrait;
use serde_json::Value;

use super::{day, due, recipients, until};
use crate::support::app::TestApp;

const CLIENTS: u64 = 40;

/// What an entry is known by: day, minutes, note.
type Known = (String, i64, String);

/// T43: of many clients served by the same people in the same week, each report holds what was done for its client and
/// nothing of any other, nothing internal, and goes to that client's own address.
#[tokio::test]
async fn t43_each_report_is_its_clients_own() {
    let app = TestApp::start().await;
    let people = [app.staff(Role::Specialist).await, app.staff(Role::Specialist).await];
    let mut expected: BTreeMap<ClientId, Vec<Known>> = BTreeMap::new();
    let mut names: BTreeMap<ClientId, String> = BTreeMap::new();
    let mut dice = 20_260_311_u64;
    let mut roll = move |most: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % most
    };
    for number in 0..CLIENTS {
        let mark = format!("MARK{number:03}");
        let client = app.client(&mark).await;
        recipients(&app, client, &[&format!("{}@example.org", mark.to_lowercase())]).await;
        let row =
            app.engagement_from(client, "SUPPORT_20", EngagementStatus::Active, day("2026-03-02")).await;
        let (_, tasks) = app.tasks(client, 2).await;
        names.insert(client, mark.clone());
        let known = expected.entry(client).or_default();
        for entry in 0..roll(9) {
            let (on, minutes) =
                (day("2026-03-05") + Days::new(roll(7)), 1 + i32::try_from(roll(240)).unwrap());
            let note = format!("{mark} work {entry}");
            let id = TimeEntryId::new();
            let person = people[usize::try_from(roll(2)).unwrap()].user.unwrap();
            let is_withdrawn = roll(5) == 0;
            app.write(time_entry::Model {
                id,
                client_id: client,
                engagement_id: row.id,
                period_id: PeriodId::nth(row.id, 1),
                task_id: (roll(2) == 0).then(|| tasks[usize::try_from(roll(2)).unwrap()]),
                user_id: person,
                logged_by: person,
                worked_on: on,
                minutes,
                activity: Activity::ALL[usize::try_from(roll(15)).unwrap()],
                note: note.clone(),
                stage: None,
                draws_on_balance: true,
                corrects_id: None,
                corrected_at: is_withdrawn.then(|| app.now()),
                corrected_by: None,
                correction_reason: is_withdrawn.then(|| "Twice".to_owned()),
                created_at: app.now(),
            })
            .await;
            app.write(comment::Model {
                id: CommentId::new(),
                client_id: client,
                plan_id: None,
                block_id: None,
                task_id: None,
                time_entry_id: Some(id),
                report_id: None,
                author_id: person,
                body: "INTERNAL".to_owned(),
                internal: true,
                created_at: app.now(),
            })
            .await;
            if !is_withdrawn && on >= day("2026-03-09") {
                known.push((on.to_string(), minutes.into(), note));
            }
        }
        known.sort();
    }
    until(&app, "2026-03-16T06:00:00Z");
    assert_eq!(due(&app).await, 2 * CLIENTS as usize, "the week before it too");
    let reports = weekly_report::Entity::find().all(&app.database.db).await.unwrap();
    assert_eq!(reports.len(), 2 * CLIENTS as usize);
    for report in &reports {
        let mine = &names[&report.client_id];
        for other in names.values().filter(|other| *other != mine) {
            assert!(!report.content.contains(other.as_str()), "{other} in the report of {mine}");
        }
        assert!(!report.content.contains("INTERNAL"), "{mine}");
        if report.week_starts_on != day("2026-03-09") {
            continue;
        }
        let content: Value = serde_json::from_str(&report.content).unwrap();
        let mut told: Vec<Known> = content["parts"][0]["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let text = |name: &str| row[name].as_str().unwrap().to_owned();
                (text("worked_on"), row["minutes"].as_i64().unwrap(), text("note"))
            })
            .collect();
        told.sort();
        assert_eq!(told, expected[&report.client_id], "{mine}");
    }
    let mails = app.mails().await;
    assert_eq!(mails.len(), 2 * CLIENTS as usize);
    for mail in mails {
        let mine = mail.to.as_str().split('@').next().unwrap().to_uppercase();
        let page = mail.words.html.unwrap();
        for words in [&mail.words.subject, &mail.words.text, &page] {
            assert!(words.contains(&mine));
            let others = names.values().filter(|other| **other != mine);
            assert!(others.clone().all(|other| !words.contains(other.as_str())), "{mine}: {words}");
        }
    }
}
