//! What reports tell over the weeks: nothing twice, nothing lost.

use chrono::Days;
use proptest::prelude::*;
use uuid::Uuid;

use super::schedule::next_week;
use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

const OURS: EngagementId = EngagementId(Uuid::from_u128(1));

fn part(engagement: EngagementId) -> Part {
    let title = |text: &str| Title { en: text.to_owned(), ru: text.to_owned() };
    Part {
        engagement_id: engagement,
        service: title("Support"),
        tariff: title("20 hours a month"),
        rows: Vec::new(),
        changes: Vec::new(),
        done: Vec::new(),
        in_work: Vec::new(),
        next: Vec::new(),
        planned: 0,
        hours: None,
        ended: Vec::new(),
    }
}

fn logged(number: u128, worked_on: NaiveDate, minutes: i32, created_at: DateTime<Utc>) -> Logged {
    Logged {
        engagement_id: OURS,
        row: Row {
            id: TimeEntryId(Uuid::from_u128(number)),
            worked_on,
            user_id: UserId(Uuid::from_u128(7)),
            user: "Anna".to_owned(),
            task: None,
            activity: Activity::Configuration,
            minutes,
            note: "Funnels".to_owned(),
            draws_on_balance: true,
            stage: None,
        },
        created_at,
        corrected_at: None,
        corrects: None,
        reason: None,
    }
}

/// What is read for a report: the week as it stands, and of the past what may be new.
fn read(seen: Option<&Seen>, from: NaiveDate, until: NaiveDate, all: &[Logged]) -> Vec<Logged> {
    let wanted = |entry: &&Logged| {
        let stands = entry.corrected_at.is_none();
        let on = entry.row.worked_on;
        if on >= from {
            return on < until && stands;
        }
        seen.is_some_and(|seen| {
            let doubt = seen.doubt_from();
            entry.created_at > doubt
                || entry.corrected_at.is_some_and(|at| at > doubt)
                || (on >= seen.until && stands)
        })
    };
    all.iter().filter(wanted).cloned().collect()
}

fn report(before: Option<&Report>, week: NaiveDate, made_at: DateTime<Utc>, all: &[Logged]) -> Report {
    let (seen, until) = (before.map(Seen::of), next_week(week));
    assemble(Facts {
        client: "Ours".to_owned(),
        from: week,
        until,
        made_at,
        time_zone: "UTC".to_owned(),
        engagements: vec![Served { in_force: true, part: part(OURS) }],
        entries: read(seen.as_ref(), week, until, all),
        seen,
    })
}

/// an empty week is told as one; time logged late, corrected and taken back since is told in the next report, once.
#[test]
fn r1_the_past_is_told_in_the_next_report() {
    let mut all = vec![
        logged(1, day("2026-03-03"), 60, at("2026-03-03T10:00:00Z")),
        logged(2, day("2026-03-04"), 30, at("2026-03-04T10:00:00Z")),
        logged(3, day("2026-03-05"), 45, at("2026-03-05T10:00:00Z")),
    ];
    let first = report(None, day("2026-03-02"), at("2026-03-09T09:00:00Z"), &all);
    assert_eq!(first.parts[0].minutes(), 135);
    assert_eq!(first.parts[0].changes, []);
    // One more, one corrected, one taken back, one corrected twice.
    all.push(logged(4, day("2026-03-06"), 20, at("2026-03-09T09:00:01Z")));
    all[0].corrected_at = Some(at("2026-03-10T10:00:00Z"));
    all[0].reason = Some("Longer".to_owned());
    all.push(Logged {
        corrects: Some(TimeEntryId(Uuid::from_u128(1))),
        corrected_at: Some(at("2026-03-11T10:00:00Z")),
        ..logged(5, day("2026-03-03"), 90, at("2026-03-10T10:00:00Z"))
    });
    all.push(Logged {
        corrects: Some(TimeEntryId(Uuid::from_u128(5))),
        ..logged(6, day("2026-03-02"), 80, at("2026-03-11T10:00:00Z"))
    });
    all[1].corrected_at = Some(at("2026-03-10T11:00:00Z"));
    let second = report(Some(&first), day("2026-03-09"), at("2026-03-16T09:00:00Z"), &all);
    assert_eq!(second.parts.len(), 1);
    assert_eq!(second.parts[0].rows, []);
    let told: Vec<_> = second.parts[0]
        .changes
        .iter()
        .map(|change| {
            let minutes = |row: &Option<Row>| row.as_ref().map(|row| row.minutes);
            (minutes(&change.was), minutes(&change.now))
        })
        .collect();
    assert_eq!(told, [(Some(60), Some(80)), (Some(30), None), (None, Some(20))]);
    assert_eq!(second.parts[0].changes[0].reason.as_deref(), Some("Longer"));
    assert_eq!(second.parts[0].changed_minutes(), 10);
    let third = report(Some(&second), day("2026-03-16"), at("2026-03-23T09:00:00Z"), &all);
    assert_eq!(third.parts[0].changes, []);
}

/// an engagement without a part in these days appears with what has changed, and not at all without.
#[test]
fn r1_parts() {
    let facts = |in_force, entries| Facts {
        client: "Ours".to_owned(),
        from: day("2026-03-09"),
        until: day("2026-03-16"),
        made_at: at("2026-03-16T09:00:00Z"),
        time_zone: "UTC".to_owned(),
        seen: Some(Seen::of(&report(None, day("2026-03-02"), at("2026-03-09T09:00:00Z"), &[]))),
        engagements: vec![Served { in_force, part: part(OURS) }],
        entries,
    };
    assert_eq!(assemble(facts(true, Vec::new())).parts.len(), 1);
    assert_eq!(assemble(facts(false, Vec::new())).parts, []);
    let late = logged(1, day("2026-03-08"), 60, at("2026-03-09T10:00:00Z"));
    assert_eq!(assemble(facts(false, vec![late])).parts[0].changes.len(), 1);
}

/// an engagement serves from its first day to the one before its end.
#[test]
fn r1_serving_a_week() {
    let week = (day("2026-03-09"), day("2026-03-16"));
    for (starts, ends, expected) in [
        (Some("2026-03-15"), None, true),
        (Some("2026-03-16"), None, false),
        (None, None, false),
        (Some("2026-01-01"), Some("2026-03-09"), false),
        (Some("2026-01-01"), Some("2026-03-10"), true),
    ] {
        assert_eq!(serves(starts.map(day), ends.map(day), week.0, week.1), expected, "{starts:?} {ends:?}");
    }
}

/// days of a preview.
#[test]
fn r3_days_of_a_preview() {
    let preview = |from, to| preview_days(day(from), day(to));
    assert_eq!(preview("2026-03-09", "2026-03-09"), Ok((day("2026-03-09"), day("2026-03-10"))));
    assert_eq!(preview("2026-03-09", "2026-03-08"), Err(RangeRefused::TurnedRound));
    assert!(preview("2026-01-01", "2027-01-01").is_ok());
    assert_eq!(preview("2026-01-01", "2027-01-02"), Err(RangeRefused::TooLong));
    assert_eq!(preview_days(NaiveDate::MAX, NaiveDate::MAX), Err(RangeRefused::TooLong));
    assert_eq!(preview_days(NaiveDate::MIN, NaiveDate::MAX), Err(RangeRefused::TooLong));
}

/// what is kept is read again as it was.
#[test]
fn r1_a_report_is_kept_whole() {
    let all = [logged(1, day("2026-03-03"), 60, at("2026-03-03T10:00:00Z"))];
    let made = report(None, day("2026-03-02"), at("2026-03-09T09:00:00Z"), &all);
    let kept = serde_json::to_string(&made).expect("JSON");
    assert_eq!(serde_json::from_str::<Report>(&kept).expect("a report"), made);
}

proptest! {
    /// over any weeks of logging, correcting, moving and taking back, the reports together tell exactly what
    /// stands, though requests are written up to nine minutes after the moment that they bear.
    #[test]
    fn r1_the_reports_together_tell_what_stands(
        events in prop::collection::vec((0u8..10, 0usize..40, 0u64..45, 1i32..600, 1i64..900, 0i64..9), 1..80),
    ) {
        let start = at("2026-03-02T00:00:00Z");
        let first = day("2026-03-02");
        let mut now = start;
        // Each write with the moment from which on it is to be seen.
        let mut written: Vec<(DateTime<Utc>, Logged)> = Vec::new();
        let mut taken: Vec<(DateTime<Utc>, usize)> = Vec::new();
        for (kind, which, offset, minutes, step, lag) in events {
            now += TimeDelta::minutes(step);
            let (seen_at, on) = (now + TimeDelta::minutes(lag), first + Days::new(offset));
            let on = on.min(now.date_naive());
            let number = written.len() as u128 + 1;
            let fresh = logged(number, on, minutes, now);
            let standing: Vec<usize> = (0..written.len())
                .filter(|at| written[*at].1.corrected_at.is_none() && written[*at].0 <= now)
                .collect();
            if kind < 4 || standing.is_empty() {
                written.push((seen_at, fresh));
                continue;
            }
            let old = standing[which % standing.len()];
            written[old].1.corrected_at = Some(now);
            taken.push((seen_at, old));
            if kind < 8 {
                let on = if kind < 6 { on } else { written[old].1.row.worked_on };
                let corrects = Some(written[old].1.row.id);
                written.push((seen_at, Logged { corrects, ..logged(number, on, minutes, now) }));
            }
        }
        let visible = |now: DateTime<Utc>| -> Vec<Logged> {
            let mut rows = Vec::new();
            for (index, (seen_at, entry)) in written.iter().enumerate() {
                if *seen_at > now {
                    continue;
                }
                let is_taken = taken.iter().any(|(at, old)| *old == index && *at <= now);
                rows.push(Logged { corrected_at: entry.corrected_at.filter(|_| is_taken), ..entry.clone() });
            }
            rows
        };
        let (mut told, mut before, mut week) = (0, None, first);
        while week < day("2026-05-04") {
            let made_at = next_week(week).and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(9);
            let all = visible(made_at);
            let made = report(before.as_ref(), week, made_at, &all);
            told += made.parts[0].minutes() + made.parts[0].changed_minutes();
            let stands = all
                .iter()
                .filter(|entry| entry.corrected_at.is_none())
                .filter(|entry| entry.row.worked_on >= first && entry.row.worked_on < next_week(week));
            prop_assert_eq!(told, stands.map(|entry| entry.row.minutes).sum::<i32>(), "in the week of {}", week);
            before = Some(made);
            week = next_week(week);
        }
    }
}
