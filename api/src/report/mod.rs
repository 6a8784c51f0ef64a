//! A report as people take it away: a page, a spreadsheet, comma-separated values, and the plain text of a mail.
//!
//! Everything here is a function from a report and a language to bytes. Whatever a person wrote is put in as text and as
//! nothing else: escaped in the page, a string cell in the spreadsheet, quoted and kept from being read as a formula in
//! the values (T67). The page holds all that it needs, so that a mail program shows it without asking anyone.

mod csv;
mod date;
mod page;
mod sheet;
#[cfg(test)]
mod tests;
mod text;
mod words;

use domain::client::Locale;
use domain::minutes::format_hours;
use domain::report::Report;
use serde::{Deserialize, Serialize};

pub use csv::csv;
pub use page::page;
pub use sheet::xlsx;
pub use text::{subject, text};

/// The files of a report, by their addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    pub html: String,
    pub xlsx: String,
    pub csv: String,
}

/// What a report is called where it is saved: ASCII, so that every system takes it.
pub fn file_name(report: &Report, ending: &str) -> String {
    let last = report.until.pred_opt().unwrap_or(report.until);
    format!("report-{}-{last}.{ending}", report.from)
}

/// Minutes as a person reads them, with a real minus and spaces that do not break.
fn span(minutes: i32, locale: Locale) -> String {
    format_hours(minutes, locale).replace('-', "−").replace(' ', "\u{a0}")
}

/// A difference, with its sign.
fn difference(minutes: i32, locale: Locale) -> String {
    if minutes > 0 { format!("+{}", span(minutes, locale)) } else { span(minutes, locale) }
}

/// Text on one line.
fn line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}')
        .filter(|part| !part.trim().is_empty())
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ")
}
