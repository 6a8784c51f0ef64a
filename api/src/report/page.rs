//! A report as one page: the mail that a director reads on a phone, and the file behind its link.
//!
//! Tables and inline styles, because mail programs know little else; no picture, no script, no address but the links to
//! the files. The few rules in the head only help where they are understood: a narrow screen, a dark one. Text of people
//! goes through [`esc`] and nothing else does.

mod row;

use std::fmt::Write;

use domain::client::Locale;
use domain::report::{Hours, Month, Part, Report, Work};
use domain::task::TaskStatus;

use super::text::end_line;
use super::words::Words;
use super::{Links, date, line, span, subject};

const SHELL: &str = include_str!("page.html");

/// Rows of a part that a mail shows; the files hold all of them.
const MAIL_ROWS: usize = 60;

/// The whole page; `links` where it is a mail.
pub fn page(report: &Report, links: Option<&Links>, locale: Locale) -> String {
    let words = Words::of(locale);
    let mut page = Page { out: String::new(), words, locale, most: links.map_or(usize::MAX, |_| MAIL_ROWS) };
    page.head(report);
    for part in &report.parts {
        page.part(part);
    }
    page.foot(report, links);
    let title = esc(&subject(report, locale));
    // What the frame holds comes from us; each value is put in once and never read again.
    let mut whole = String::new();
    let mut rest = SHELL;
    for (name, value) in [
        ("{lang}", words.lang),
        ("{title}", &title),
        ("{preheader}", &preheader(report, locale)),
        ("{body}", &page.out),
    ] {
        let (before, after) = rest.split_once(name).unwrap_or((rest, ""));
        whole.push_str(before);
        whole.push_str(value);
        rest = after;
    }
    whole + rest
}

/// Text of people as it stands in a page.
fn esc(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' => safe.push_str("<br>"),
            // Marks that turn the direction of what follows, and what cannot be shown.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => {}
            c => safe.push(c),
        }
    }
    safe
}

/// What a mail program shows beside the subject.
fn preheader(report: &Report, locale: Locale) -> String {
    let lines: Vec<_> = report
        .parts
        .iter()
        .filter_map(|part| part.hours.as_ref())
        .map(|hours| esc(&super::text::hours_line(hours, locale)))
        .collect();
    lines.join(" ")
}

struct Page {
    out: String,
    words: &'static Words,
    locale: Locale,
    most: usize,
}

const INK: &str = "color:#1b2430;";
const SOFT: &str = "color:#5d6876;";
const RULE: &str = "border-top:1px solid #e6eaef;";

impl Page {
    fn put(&mut self, html: std::fmt::Arguments<'_>) {
        let _ = self.out.write_fmt(html);
    }

    fn head(&mut self, report: &Report) {
        let last = report.until.pred_opt().unwrap_or(report.until);
        let is_week = last - report.from == chrono::TimeDelta::days(6);
        let kind = if is_week { self.words.weekly } else { self.words.preview };
        let days = date::range(report.from, last, self.locale);
        let client = esc(&line(&report.client));
        self.put(format_args!(
            "<tr><td class=\"pad\" style=\"padding:0 24px 18px;\">\
             <div class=\"soft\" style=\"{SOFT}font-size:13px;\">{kind} · {days}</div>\
             <h1 class=\"ink\" style=\"{INK}margin:4px 0 0;font-size:24px;line-height:1.25;font-weight:700;\
             overflow-wrap:anywhere;\">{client}</h1></td></tr>"
        ));
        if report.parts.is_empty() {
            let nothing = self.words.nothing;
            self.put(format_args!(
                "<tr><td class=\"pad soft\" style=\"{SOFT}padding:0 24px 18px;\">{nothing}</td></tr>"
            ));
        }
    }

    fn part(&mut self, part: &Part) {
        self.out.push_str(
            "<tr><td style=\"padding:0 0 16px;\"><table role=\"presentation\" class=\"card\" width=\"100%\" \
             cellpadding=\"0\" cellspacing=\"0\" style=\"border-collapse:separate;background-color:#ffffff;border:1px \
             solid #e3e8ee;border-radius:14px;\">",
        );
        let name = esc(part.service.of(self.locale));
        let tariff = esc(part.tariff.of(self.locale));
        let (total, worked) = (span(part.minutes(), self.locale), self.words.worked);
        self.put(format_args!(
            "<tr><td class=\"pad\" style=\"padding:20px 24px 0;\">\
             <div class=\"soft\" style=\"{SOFT}font-size:13px;\">{name} · {tariff}</div>\
             <div class=\"ink big\" style=\"{INK}font-size:34px;line-height:1.2;font-weight:700;padding-top:6px;\">{total}\
             <span class=\"soft\" style=\"{SOFT}font-size:15px;font-weight:400;\"> {worked}</span></div></td></tr>"
        ));
        if let Some(hours) = &part.hours {
            self.hours(hours);
        }
        for month in &part.ended {
            self.month(month);
        }
        let with_status = |some: &[TaskStatus]| -> Vec<&Work> {
            part.in_work.iter().filter(|work| some.contains(&work.status)).collect()
        };
        self.waiting(&with_status(&[TaskStatus::InReview]));
        self.tasks(part);
        self.changes(part);
        self.people(part);
        let (done, review, next) = (self.words.done, self.words.in_work, self.words.next);
        self.works(done, &part.done.iter().collect::<Vec<_>>(), 0);
        self.works(review, &with_status(&[TaskStatus::InProgress, TaskStatus::Paused]), 0);
        let more = usize::try_from(part.planned).unwrap_or(0).saturating_sub(part.next.len());
        self.works(next, &part.next.iter().collect::<Vec<_>>(), more);
        self.out.push_str(
            "<tr><td style=\"height:22px;line-height:22px;font-size:0;\">&nbsp;</td></tr></table></td></tr>",
        );
    }

    fn hours(&mut self, hours: &Hours) {
        let Words { left, of, used, over, .. } = self.words;
        let granted = i64::from(hours.granted_minutes.max(0));
        let share = (i64::from(hours.used_minutes) * 100).checked_div(granted).unwrap_or(100).clamp(0, 100);
        let colour = match share {
            100.. => "#d4483b",
            80.. => "#dd8a1a",
            _ => "#2f9e6a",
        };
        let figures =
            [hours.remaining_minutes, hours.granted_minutes, hours.used_minutes, hours.overage_minutes];
        let [rest, all, spent, beyond] = figures.map(|minutes| span(minutes, self.locale));
        self.put(format_args!(
            "<tr><td class=\"pad\" style=\"padding:16px 24px 0;\"><table role=\"presentation\" width=\"100%\" \
             cellpadding=\"0\" cellspacing=\"0\"><tr>\
             <td class=\"ink\" style=\"{INK}font-size:15px;\"><strong>{rest}</strong> {left} {of}&nbsp;{all}</td>\
             <td class=\"soft\" align=\"right\" style=\"{SOFT}font-size:13px;\">{used} {spent}</td></tr></table>"
        ));
        let free = 100 - share;
        self.out.push_str(
            "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" \
             style=\"margin-top:8px;table-layout:fixed;\"><tr>",
        );
        if share > 0 {
            let shape = if free == 0 { "border-radius:4px;" } else { "border-radius:4px 0 0 4px;" };
            self.put(format_args!(
                "<td width=\"{share}%\" style=\"width:{share}%;height:8px;line-height:8px;font-size:0;\
                 background-color:{colour};{shape}\">&nbsp;</td>"
            ));
        }
        if free > 0 {
            let shape = if share == 0 { "border-radius:4px;" } else { "border-radius:0 4px 4px 0;" };
            self.put(format_args!(
                "<td class=\"track\" width=\"{free}%\" style=\"width:{free}%;height:8px;line-height:8px;font-size:0;\
                 background-color:#e4e9ef;{shape}\">&nbsp;</td>"
            ));
        }
        self.out.push_str("</tr></table>");
        if hours.remaining_minutes > 0 || hours.last_day.is_some() {
            let end = end_line(hours, self.locale);
            self.put(format_args!(
                "<div class=\"soft\" style=\"{SOFT}font-size:13px;padding-top:8px;\">{end}</div>"
            ));
        }
        if hours.overage_minutes > 0 {
            self.put(format_args!(
                "<div class=\"over\" style=\"color:#c4392c;font-size:14px;font-weight:600;padding-top:6px;\">{over}: {beyond}</div>"
            ));
        }
        self.out.push_str("</td></tr>");
    }

    fn month(&mut self, month: &Month) {
        let Words { month_ended, used, of, expired, over, .. } = self.words;
        let last = month.ends_on.pred_opt().unwrap_or(month.ends_on);
        let days = date::range(month.starts_on, last, self.locale);
        let figures =
            [month.used_minutes, month.granted_minutes, month.expired_minutes, month.overage_minutes];
        let [spent, all, gone, beyond] = figures.map(|minutes| span(minutes, self.locale));
        let mut said = format!("{used} {spent} {of}&nbsp;{all}");
        if month.expired_minutes > 0 {
            let _ = write!(said, ", {expired} {gone}");
        }
        if month.overage_minutes > 0 {
            let _ = write!(said, ". {over}: {beyond}");
        }
        self.put(format_args!(
            "<tr><td class=\"pad\" style=\"padding:14px 24px 0;\"><div class=\"well\" style=\"background-color:#f4f6f9;\
             border-radius:10px;padding:10px 14px;\"><div class=\"ink\" style=\"{INK}font-size:14px;font-weight:600;\">\
             {month_ended}: {days}</div><div class=\"soft\" style=\"{SOFT}font-size:14px;\">{said}</div></div></td></tr>"
        ));
    }

    fn foot(&mut self, report: &Report, links: Option<&Links>) {
        let Words { open, files_hint, made, version, .. } = self.words;
        if let Some(links) = links {
            let [html, xlsx, csv] = [&links.html, &links.xlsx, &links.csv].map(|link| esc(link));
            let (loud, quiet) = (
                "display:inline-block;margin:0 8px 8px 0;padding:11px 18px;border-radius:10px;font-size:15px;\
                 font-weight:600;text-decoration:none;background-color:#2459c9;color:#ffffff;",
                "display:inline-block;margin:0 8px 8px 0;padding:11px 18px;border-radius:10px;font-size:15px;\
                 font-weight:600;text-decoration:none;background-color:#e3e8ef;color:#1b2430;",
            );
            self.put(format_args!(
                "<tr><td class=\"pad\" style=\"padding:4px 24px 0;\"><a class=\"button\" href=\"{html}\" \
                 style=\"{loud}\">{open}</a><a class=\"button quiet\" href=\"{xlsx}\" style=\"{quiet}\">Excel</a>\
                 <a class=\"button quiet\" href=\"{csv}\" style=\"{quiet}\">CSV</a></td></tr>\
                 <tr><td class=\"pad soft\" style=\"{SOFT}padding:4px 24px 0;font-size:13px;\">{files_hint}</td></tr>"
            ));
        }
        let zone: Option<chrono_tz::Tz> = report.time_zone.parse().ok();
        let at = report.made_at.with_timezone(&zone.unwrap_or(chrono_tz::UTC));
        let moment = format!("{}, {}", date::day(at.date_naive(), self.locale), at.format("%H:%M"));
        let zone = esc(&report.time_zone);
        let versions: Vec<_> = report
            .parts
            .iter()
            .filter_map(|part| part.hours.as_ref())
            .map(|hours| hours.version.to_string())
            .collect();
        let versions =
            if versions.is_empty() { String::new() } else { format!("; {version} {}", versions.join(", ")) };
        self.put(format_args!(
            "<tr><td class=\"pad soft\" style=\"{SOFT}padding:10px 24px 0;font-size:12px;\">\
             {made} {moment} ({zone}){versions}. Hourbank</td></tr>"
        ));
    }
}
