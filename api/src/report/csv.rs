//! Comma-separated values as RFC 4180 has them, one line for each entry, with the mark by which spreadsheets know UTF-8.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, also in their wide forms and behind
//! white space. What a person wrote never begins so: an apostrophe goes before it, which spreadsheets read as "this is
//! text" (T67).

use domain::client::Locale;
use domain::report::{Part, Report, Row};

use super::words::Words;

/// The report's entries, those added to past weeks last.
pub fn csv(report: &Report, locale: Locale) -> Vec<u8> {
    let words = Words::of(locale);
    let mut out = String::from("\u{feff}");
    let head = [
        words.kind,
        words.service,
        words.day,
        words.person,
        words.task,
        words.activity,
        words.note,
        words.minutes,
        words.draws,
    ];
    push(&mut out, head.map(str::to_owned));
    for part in &report.parts {
        for row in &part.rows {
            push(&mut out, cells(part, row, words.reported, row.minutes, locale));
        }
        for change in &part.changes {
            if let Some(was) = &change.was {
                push(&mut out, cells(part, was, words.taken_back, -was.minutes, locale));
            }
            if let Some(now) = &change.now {
                push(&mut out, cells(part, now, words.added, now.minutes, locale));
            }
        }
    }
    out.into_bytes()
}

fn cells(part: &Part, row: &Row, kind: &str, minutes: i32, locale: Locale) -> [String; 9] {
    let words = Words::of(locale);
    [
        kind.to_owned(),
        format!("{}, {}", part.service.of(locale), part.tariff.of(locale)),
        row.worked_on.to_string(),
        row.user.clone(),
        row.task.as_ref().map_or_else(String::new, |task| task.title.clone()),
        row.activity.text(locale).to_owned(),
        row.note.clone(),
        minutes.to_string(),
        (if row.draws_on_balance { words.yes } else { words.no }).to_owned(),
    ]
}

fn push(out: &mut String, cells: [String; 9]) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        // The minutes are ours, and may be below zero.
        out.push_str(&quoted(&if at == 7 { cell } else { harmless(&cell) }));
    }
    out.push_str("\r\n");
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\r', '\n', ';', '\t']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

fn harmless(cell: &str) -> String {
    let first = cell.trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}');
    let is_risky = first.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '−', '|', '%']);
    if is_risky || cell.starts_with(['\t', '\r', '\n']) { format!("'{cell}") } else { cell.to_owned() }
}
