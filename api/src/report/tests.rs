//! Words of people in every form of a report: they stay words (T67), and figures add up.

use std::io::Read;

use chrono::{DateTime, NaiveDate};
use domain::client::Locale;
use domain::id::{EngagementId, TaskId, TimeEntryId, UserId};
use domain::report::{Change, Hours, Month, Part, Report, Row, TaskName, Title, Work};
use domain::task::TaskStatus;
use domain::time_entry::Activity;

use super::*;

/// What people may write that others read as something else.
pub const PAYLOADS: [&str; 16] = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    " =HYPERLINK(\"https://evil.example\")",
    "＝1+1",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "{body}{lang}{{title}}",
    "&lt;b&gt; &amp; ]]>",
    "a\r\nBcc: x@y.z",
    "\u{202e}gpj.exe\u{1}\u{8}\u{ffff}",
    "\"quoted\", and; more",
];

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn row(words: &str, minutes: i32) -> Row {
    Row {
        id: TimeEntryId::new(),
        worked_on: day("2026-03-04"),
        user_id: UserId::new(),
        user: words.to_owned(),
        task: Some(TaskName { id: TaskId::new(), title: words.to_owned() }),
        activity: Activity::Configuration,
        minutes,
        note: words.to_owned(),
        draws_on_balance: true,
        stage: None,
    }
}

fn work(words: &str, status: TaskStatus) -> Work {
    Work {
        task_id: TaskId::new(),
        title: words.to_owned(),
        block: Some(words.to_owned()),
        status,
        urgent: true,
        spent_minutes: 30,
        estimate_minutes: Some(90),
        assignee: Some(words.to_owned()),
    }
}

/// A report in which everything that a person may write says this.
fn saying(words: &str) -> Report {
    let title = Title { en: words.to_owned(), ru: words.to_owned() };
    let month = Month {
        starts_on: day("2026-02-05"),
        ends_on: day("2026-03-05"),
        granted_minutes: 1200,
        used_minutes: 1100,
        expired_minutes: 100,
        overage_minutes: 0,
    };
    Report {
        client: words.to_owned(),
        from: day("2026-03-02"),
        until: day("2026-03-09"),
        made_at: DateTime::UNIX_EPOCH,
        time_zone: "Europe/Moscow".to_owned(),
        settled: Vec::new(),
        parts: vec![Part {
            engagement_id: EngagementId::new(),
            service: title.clone(),
            tariff: title,
            rows: vec![row(words, 90), row(words, 35)],
            changes: vec![
                Change {
                    was: Some(row(words, 20)),
                    now: Some(row(words, 50)),
                    reason: Some(words.to_owned()),
                },
                Change { was: Some(row(words, 45)), now: None, reason: None },
            ],
            done: vec![work(words, TaskStatus::Done)],
            in_work: vec![work(words, TaskStatus::InReview), work(words, TaskStatus::Paused)],
            next: vec![work(words, TaskStatus::Planned)],
            planned: 3,
            hours: Some(Hours {
                starts_on: day("2026-03-05"),
                ends_on: day("2026-04-05"),
                granted_minutes: 1200,
                used_minutes: 125,
                remaining_minutes: 1075,
                overage_minutes: 0,
                last_day: Some(day("2026-04-04")),
                version: 7,
            }),
            ended: vec![month],
        }],
    }
}

fn links() -> Links {
    let link = |form: &str| format!("https://hours.example/reports/{form}");
    Links { html: link("h"), xlsx: link("x"), csv: link("c") }
}

/// The tags of a page, in order, without what stands in them.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).map(|tag| tag.split([' ', '>', '\n']).next().unwrap_or_default()).collect()
}

/// T67: whatever people write, the page has the same tags, links and attributes, and loads nothing.
#[test]
fn t67_words_stay_words_in_the_page() {
    for locale in [Locale::En, Locale::Ru] {
        let plain = page(&saying("x"), Some(&links()), locale);
        for outside in ["src=", "url(", "@import", "<script", "<link", "<iframe", "<form", "javascript:"] {
            assert!(!plain.contains(outside), "{outside}");
        }
        for payload in PAYLOADS {
            let page = page(&saying(payload), Some(&links()), locale);
            let ours: Vec<_> = tags(&plain).into_iter().filter(|tag| *tag != "br").collect();
            let theirs: Vec<_> = tags(&page).into_iter().filter(|tag| *tag != "br").collect();
            assert_eq!(theirs, ours, "{payload:?}");
            assert_eq!(page.matches("href=").count(), 3, "{payload:?}");
            assert!(!page.contains("<script") && !page.contains("\u{202e}"), "{payload:?}");
        }
    }
}

/// T67: neither the subject nor a line of the text can be anything but what it is.
#[test]
fn t67_words_stay_on_their_line() {
    for payload in PAYLOADS {
        let subject = subject(&saying(payload), Locale::En);
        assert!(!subject.chars().any(char::is_control), "{subject:?}");
        let text = text(&saying(payload), Some(&links()), Locale::Ru);
        let plain = super::text(&saying("x"), Some(&links()), Locale::Ru);
        assert_eq!(text.lines().count(), plain.lines().count(), "{payload:?}");
    }
}

/// The records of comma-separated values, by RFC 4180.
fn records(values: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut letters = values.chars().peekable();
    let mut is_quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => record.push(std::mem::take(&mut cell)),
            '\r' if !is_quoted && letters.peek() == Some(&'\n') => {
                letters.next();
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            other => cell.push(other),
        }
    }
    records
}

/// T67, R-2: every value is read back as it was written, and none begins as a formula does.
#[test]
fn t67_values_are_no_formulas() {
    for payload in PAYLOADS {
        let bytes = csv(&saying(payload), Locale::Ru);
        let values = String::from_utf8(bytes).expect("UTF-8");
        let values = values.strip_prefix('\u{feff}').expect("the mark of UTF-8");
        let records = records(values);
        assert_eq!(records.len(), 1 + 2 + 3, "{payload:?}");
        for (at, record) in records.iter().enumerate() {
            assert_eq!(record.len(), 9, "{payload:?}: {record:?}");
            for (column, cell) in record.iter().enumerate().filter(|(column, _)| *column != 7) {
                let starts = cell.trim_start().chars().next().unwrap_or('x');
                assert!(!"=+-@＝＋－＠".contains(starts), "{payload:?}: {column} {cell:?}");
            }
            assert!(at == 0 || record[7].parse::<i32>().is_ok());
            let is_said = record[6] == payload || record[6] == format!("'{payload}");
            assert!(at == 0 || is_said, "{:?}", record[6]);
        }
    }
}

/// The files inside a workbook.
fn unpacked(bytes: Vec<u8>) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    (0..archive.len())
        .map(|at| {
            let mut file = archive.by_index(at).expect("a file");
            let mut text = String::new();
            file.read_to_string(&mut text).expect("text");
            (file.name().expect("a name").into_owned(), text)
        })
        .collect()
}

/// T67, R-2: the workbook holds numbers as numbers, a head that stands still, totals, and no formula, whatever was
/// written.
#[test]
fn t67_the_spreadsheet_has_no_formula() {
    for locale in [Locale::En, Locale::Ru] {
        for payload in PAYLOADS {
            let files = unpacked(xlsx(&saying(payload), locale).expect("a workbook"));
            let sheets: Vec<_> =
                files.iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet")).collect();
            assert_eq!(sheets.len(), 5, "{payload:?}");
            for (name, sheet) in &sheets {
                assert!(!sheet.contains("<f>") && !sheet.contains("<f "), "{payload:?} in {name}");
                assert!(sheet.contains("state=\"frozen\""), "{name}");
                assert!(!sheet.contains("hyperlink"), "{name}");
            }
            for (name, text) in &files {
                assert!(!text.contains("<script>"), "{payload:?} in {name}");
                assert!(text.chars().all(|c| !c.is_control() || c.is_whitespace()), "{payload:?} in {name}");
            }
        }
    }
    let files = unpacked(xlsx(&saying("x"), Locale::En).expect("a workbook"));
    let sheet = |name: &str| &files.iter().find(|(file, _)| file.ends_with(name)).expect("a sheet").1;
    // 90 and 35 minutes and their total, with the hours that they are.
    for number in ["<v>90</v>", "<v>1.5</v>", "<v>35</v>", "<v>125</v>"] {
        assert!(sheet("sheet2.xml").contains(number), "{number}");
    }
    assert!(sheet("sheet5.xml").contains("<v>-15</v>"), "the past became 15 minutes shorter");
}

/// R-1: an empty report is a report.
#[test]
fn r1_an_empty_report() {
    let mut report = saying("x");
    report.parts[0].rows.clear();
    report.parts[0].changes.clear();
    for locale in [Locale::En, Locale::Ru] {
        assert!(page(&report, None, locale).contains(words::Words::of(locale).nothing));
        assert!(text(&report, None, locale).contains(words::Words::of(locale).nothing));
        assert!(xlsx(&report, locale).is_ok());
    }
    report.parts.clear();
    assert!(page(&report, None, Locale::En).contains(words::Words::of(Locale::En).nothing));
}
