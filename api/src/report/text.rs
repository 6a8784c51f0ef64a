//! A report as plain text: what a mail program shows that shows no pages, and the subject.

use std::fmt::Write;

use domain::client::Locale;
use domain::report::{Hours, Part, Report, Work};
use domain::task::TaskStatus;

use super::words::Words;
use super::{Links, date, difference, line, span};

/// The subject of the mail, what matters first: which days, how long, what is left, whose report.
pub fn subject(report: &Report, locale: Locale) -> String {
    let last = report.until.pred_opt().unwrap_or(report.until);
    let minutes = report.parts.iter().fold(0, |sum: i32, part| sum.saturating_add(part.minutes()));
    let days = date::range(report.from, last, locale);
    let words = Words::of(locale);
    // Hours left are each engagement's own and are never added up.
    let left = match report.parts.as_slice() {
        [Part { hours: Some(hours), .. }] => {
            format!(", {} {}", words.left, span(hours.remaining_minutes, locale))
        }
        _ => String::new(),
    };
    line(&format!("{} {days}: {}{left} · {}", words.weekly, span(minutes, locale), report.client))
}

/// The whole report.
pub fn text(report: &Report, links: Option<&Links>, locale: Locale) -> String {
    let words = Words::of(locale);
    let last = report.until.pred_opt().unwrap_or(report.until);
    let mut out = format!("{}\n{}\n", line(&report.client), date::range(report.from, last, locale));
    for one in &report.parts {
        part(&mut out, one, locale);
    }
    if let Some(links) = links {
        let _ = write!(
            out,
            "\n{}: {}\nExcel: {}\nCSV: {}\n{}\n",
            words.open, links.html, links.xlsx, links.csv, words.files_hint
        );
    }
    out.replace('\u{a0}', " ")
}

fn part(out: &mut String, part: &Part, locale: Locale) {
    let words = Words::of(locale);
    let title = format!("{} · {}", part.service.of(locale), part.tariff.of(locale));
    let _ = write!(out, "\n{}\n{}\n", line(&title), "=".repeat(title.chars().count().min(60)));
    let _ = writeln!(out, "{} {}", words.total, span(part.minutes(), locale));
    if let Some(hours) = &part.hours {
        let _ = writeln!(out, "{}", hours_line(hours, locale));
    }
    for month in &part.ended {
        let last = month.ends_on.pred_opt().unwrap_or(month.ends_on);
        let _ = writeln!(
            out,
            "{} ({}): {} {} {} {}, {} {}",
            words.month_ended,
            date::range(month.starts_on, last, locale),
            words.used,
            span(month.used_minutes, locale),
            words.of,
            span(month.granted_minutes, locale),
            words.expired,
            span(month.expired_minutes, locale),
        );
    }
    if part.rows.is_empty() {
        let _ = writeln!(out, "\n{}", words.nothing);
    } else {
        let _ = writeln!(out, "\n{}", words.tasks);
        for total in part.by_task() {
            let name = total.of.as_ref().map_or_else(|| words.no_task.to_owned(), |task| line(&task.title));
            let _ = writeln!(out, "\n{name}: {}", span(total.minutes, locale));
            for row in total.rows {
                let _ = writeln!(
                    out,
                    "- {}, {}, {}: {}",
                    date::weekday(row.worked_on, locale),
                    line(&row.user),
                    span(row.minutes, locale),
                    line(&row.note),
                );
            }
        }
        let _ = writeln!(out, "\n{}", words.people);
        for total in part.by_person() {
            let _ = writeln!(out, "- {}: {}", line(&total.of.name), span(total.minutes, locale));
        }
    }
    if !part.changes.is_empty() {
        let _ = writeln!(out, "\n{}: {}", words.changes, difference(part.changed_minutes(), locale));
        for change in &part.changes {
            let Some(row) = change.row() else { continue };
            let _ = writeln!(
                out,
                "- {}, {}, {}: {}",
                date::weekday(row.worked_on, locale),
                line(&row.user),
                difference(change.minutes(), locale),
                line(&row.note),
            );
        }
    }
    let in_status = |some: &[TaskStatus]| -> Vec<Work> {
        part.in_work.iter().filter(|work| some.contains(&work.status)).cloned().collect()
    };
    works(out, words.review, &in_status(&[TaskStatus::InReview]), words);
    works(out, words.done, &part.done, words);
    works(out, words.in_work, &in_status(&[TaskStatus::InProgress, TaskStatus::Paused]), words);
    works(out, words.next, &part.next, words);
}

fn works(out: &mut String, title: &str, works: &[Work], words: &Words) {
    if works.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    for work in works {
        let status = words.status(work.status).map_or_else(String::new, |status| format!(" ({status})"));
        let _ = writeln!(out, "- {}{status}", line(&work.title));
    }
}

/// Hours left, and when they end.
pub fn hours_line(hours: &Hours, locale: Locale) -> String {
    let words = Words::of(locale);
    let mut said = format!(
        "{}: {} {} {} {}, {} {}.",
        words.hours,
        words.left,
        span(hours.remaining_minutes, locale),
        words.of,
        span(hours.granted_minutes, locale),
        words.used,
        span(hours.used_minutes, locale),
    );
    if hours.overage_minutes > 0 {
        let _ = write!(said, " {}: {}.", words.over, span(hours.overage_minutes, locale));
    }
    let _ = write!(said, " {}", end_line(hours, locale));
    said
}

/// When unused hours end.
pub fn end_line(hours: &Hours, locale: Locale) -> String {
    let words = Words::of(locale);
    match hours.last_day {
        Some(last) => format!("{} {}.", words.expire, date::day(last, locale)),
        None => words.kept.to_owned(),
    }
}
