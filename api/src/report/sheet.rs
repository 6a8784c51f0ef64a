//! A report as a spreadsheet: sums, entries, tasks, people, and what was added to past weeks.
//!
//! Minutes and hours are numbers and days are days, so that they can be sorted and added up. There is no formula at all,
//! the totals are numbers too: a frozen report adds up to what it was, and what a person wrote is a string and is never
//! read as anything else (T67).

use domain::client::Locale;
use domain::report::{Part, Report, Row, total};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::words::Words;

/// The workbook's bytes.
///
/// # Errors
/// The writer's own; none that a report's content can cause.
pub fn xlsx(report: &Report, locale: Locale) -> Result<Vec<u8>, String> {
    write(report, locale).map_err(|error| error.to_string())
}

fn write(report: &Report, locale: Locale) -> Result<Vec<u8>, XlsxError> {
    let words = Words::of(locale);
    let mut book = Workbook::new();
    let cut = |name: &str| name.chars().take(31).collect::<String>();
    summary(Table::new(book.add_worksheet().set_name(cut(words.summary))?), report, locale)?;
    entries(Table::new(book.add_worksheet().set_name(cut(words.entries))?), report, locale)?;
    let by_task = |part: &Part| {
        part.by_task()
            .into_iter()
            .map(|sum| (sum.of.map_or_else(|| words.no_task.to_owned(), |task| task.title), sum.minutes))
            .collect()
    };
    sums(Table::new(book.add_worksheet().set_name(cut(words.task))?), report, words.task, locale, by_task)?;
    let by_person =
        |part: &Part| part.by_person().into_iter().map(|sum| (sum.of.name, sum.minutes)).collect();
    sums(
        Table::new(book.add_worksheet().set_name(cut(words.person))?),
        report,
        words.person,
        locale,
        by_person,
    )?;
    if report.parts.iter().any(|part| !part.changes.is_empty()) {
        changes(Table::new(book.add_worksheet().set_name(cut(words.changes))?), report, locale)?;
    }
    book.save_to_buffer()
}

/// A sheet that is filled line by line, its first line standing still.
struct Table<'a> {
    sheet: &'a mut Worksheet,
    line: u32,
    column: u16,
    bold: bool,
}

impl<'a> Table<'a> {
    fn new(sheet: &'a mut Worksheet) -> Self {
        Self { sheet, line: 0, column: 0, bold: false }
    }

    fn head(&mut self, names: &[(&str, f64)]) -> Result<(), XlsxError> {
        self.bold = true;
        for ((name, width), column) in names.iter().zip(0..) {
            self.sheet.set_column_width(column, *width)?;
            self.text(name)?;
        }
        self.bold = false;
        self.sheet.set_freeze_panes(1, 0)?;
        self.end();
        Ok(())
    }

    fn end(&mut self) {
        self.line += 1;
        self.column = 0;
    }

    fn format(&self) -> Format {
        let format = Format::new();
        if self.bold { format.set_bold() } else { format }
    }

    fn text(&mut self, text: &str) -> Result<(), XlsxError> {
        // Longer than any text of ours; a cell holds no more.
        let cut: String = text.chars().take(32_000).collect();
        let format = self.format().set_text_wrap();
        self.sheet.write_string_with_format(self.line, self.column, cut, &format)?;
        self.column += 1;
        Ok(())
    }

    /// Minutes, and the hours that they are.
    fn time(&mut self, minutes: i32) -> Result<(), XlsxError> {
        let (whole, part) = (self.format().set_num_format("0"), self.format().set_num_format("0.00"));
        self.sheet.write_number_with_format(self.line, self.column, minutes, &whole)?;
        self.sheet.write_number_with_format(self.line, self.column + 1, f64::from(minutes) / 60.0, &part)?;
        self.column += 2;
        Ok(())
    }

    fn day(&mut self, day: chrono::NaiveDate) -> Result<(), XlsxError> {
        use chrono::Datelike;
        let format = self.format().set_num_format("yyyy-mm-dd");
        let year = u16::try_from(day.year()).unwrap_or(1900).max(1900);
        let part = |number: u32| u8::try_from(number).unwrap_or(1);
        let day = ExcelDateTime::from_ymd(year, part(day.month()), part(day.day()))?;
        self.sheet.write_datetime_with_format(self.line, self.column, &day, &format)?;
        self.column += 1;
        Ok(())
    }

    /// The last line: a word, and the minutes in a column.
    fn total(&mut self, word: &str, column: u16, minutes: i32) -> Result<(), XlsxError> {
        self.bold = true;
        self.column = 0;
        self.text(word)?;
        self.column = column;
        self.time(minutes)
    }
}

fn title(part: &Part, locale: Locale) -> String {
    format!("{}, {}", part.service.of(locale), part.tariff.of(locale))
}

fn all_minutes(report: &Report) -> i32 {
    report.parts.iter().fold(0, |sum, part| sum.saturating_add(part.minutes()))
}

fn summary(mut table: Table<'_>, report: &Report, locale: Locale) -> Result<(), XlsxError> {
    let words = Words::of(locale);
    let left = format!("{}: {}", words.hours, words.left);
    let used = format!("{}: {}", words.hours, words.used);
    table.head(&[
        (words.service, 36.0),
        (words.minutes, 12.0),
        (words.hours_number, 12.0),
        (words.granted, 14.0),
        (&used, 20.0),
        (&left, 18.0),
        (words.over, 24.0),
        (words.last_day, 16.0),
        (words.version, 18.0),
    ])?;
    for part in &report.parts {
        table.text(&title(part, locale))?;
        table.time(part.minutes())?;
        if let Some(hours) = &part.hours {
            let figures =
                [hours.granted_minutes, hours.used_minutes, hours.remaining_minutes, hours.overage_minutes];
            for minutes in figures {
                let format = table.format().set_num_format("0.00");
                let (line, column) = (table.line, table.column);
                table.sheet.write_number_with_format(line, column, f64::from(minutes) / 60.0, &format)?;
                table.column += 1;
            }
            match hours.last_day {
                Some(last) => table.day(last)?,
                None => table.text("")?,
            }
            let (line, column) = (table.line, table.column);
            table.sheet.write_number(line, column, hours.version)?;
        }
        table.end();
    }
    table.total(words.total, 1, all_minutes(report))
}

fn cells(table: &mut Table<'_>, part: &Part, row: &Row, locale: Locale) -> Result<(), XlsxError> {
    table.day(row.worked_on)?;
    table.text(&title(part, locale))?;
    table.text(&row.user)?;
    table.text(row.task.as_ref().map_or("", |task| task.title.as_str()))?;
    table.text(row.activity.text(locale))?;
    table.text(&row.note)
}

fn entry_head(words: &Words) -> [(&str, f64); 6] {
    [
        (words.day, 12.0),
        (words.service, 26.0),
        (words.person, 22.0),
        (words.task, 32.0),
        (words.activity, 20.0),
        (words.note, 60.0),
    ]
}

fn entries(mut table: Table<'_>, report: &Report, locale: Locale) -> Result<(), XlsxError> {
    let words = Words::of(locale);
    let mut head = entry_head(words).to_vec();
    head.extend([(words.minutes, 10.0), (words.hours_number, 10.0), (words.draws, 18.0)]);
    table.head(&head)?;
    for part in &report.parts {
        for row in &part.rows {
            cells(&mut table, part, row, locale)?;
            table.time(row.minutes)?;
            table.text(if row.draws_on_balance { words.yes } else { words.no })?;
            table.end();
        }
    }
    let minutes = total::minutes(report.parts.iter().flat_map(|part| &part.rows));
    table.total(words.total, 6, minutes)
}

fn sums(
    mut table: Table<'_>,
    report: &Report,
    of: &str,
    locale: Locale,
    sums: impl Fn(&Part) -> Vec<(String, i32)>,
) -> Result<(), XlsxError> {
    let words = Words::of(locale);
    table.head(&[(of, 48.0), (words.service, 32.0), (words.minutes, 10.0), (words.hours_number, 10.0)])?;
    for part in &report.parts {
        for (name, minutes) in sums(part) {
            table.text(&name)?;
            table.text(&title(part, locale))?;
            table.time(minutes)?;
            table.end();
        }
    }
    table.total(words.total, 2, all_minutes(report))
}

fn changes(mut table: Table<'_>, report: &Report, locale: Locale) -> Result<(), XlsxError> {
    let words = Words::of(locale);
    let mut head = entry_head(words).to_vec();
    head.extend([
        (words.was, 10.0),
        (words.hours_number, 10.0),
        (words.now, 10.0),
        (words.hours_number, 10.0),
    ]);
    head.push((words.reason, 40.0));
    table.head(&head)?;
    let mut all = 0_i32;
    for part in &report.parts {
        all = all.saturating_add(part.changed_minutes());
        for change in &part.changes {
            let Some(row) = change.row() else { continue };
            cells(&mut table, part, row, locale)?;
            table.time(change.was.as_ref().map_or(0, |row| row.minutes))?;
            table.time(change.now.as_ref().map_or(0, |row| row.minutes))?;
            table.text(change.reason.as_deref().unwrap_or(""))?;
            table.end();
        }
    }
    table.total(words.total, 8, all)
}
