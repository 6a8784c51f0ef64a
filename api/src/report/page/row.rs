//! The lists of a part: what was done, what has changed, who worked, what is in work and comes next.

use domain::client::Locale;
use domain::plural::{ENTRY, Plural, TASK};
use domain::report::{Change, Part, Row, Work};

use super::super::words::Words;
use super::super::{date, difference, line, span};
use super::{INK, Page, RULE, SOFT, esc};

impl Page {
    pub(super) fn heading(&mut self, title: &str, aside: &str) {
        self.put(format_args!(
            "<tr><td class=\"pad\" style=\"padding:24px 24px 4px;\"><table role=\"presentation\" width=\"100%\" \
             cellpadding=\"0\" cellspacing=\"0\"><tr><td><h2 class=\"ink\" style=\"{INK}margin:0;font-size:17px;\
             line-height:1.3;font-weight:700;\">{title}</h2></td><td class=\"soft\" align=\"right\" \
             style=\"{SOFT}font-size:13px;white-space:nowrap;\">{aside}</td></tr></table></td></tr>"
        ));
    }

    pub(super) fn waiting(&mut self, works: &[&Work]) {
        if works.is_empty() {
            return;
        }
        let Words { review, review_hint, .. } = self.words;
        self.put(format_args!(
            "<tr><td class=\"pad\" style=\"padding:18px 24px 0;\"><div class=\"call\" style=\"background-color:#fff7e2;\
             border:1px solid #f2dfa8;border-radius:10px;padding:12px 14px;\"><div class=\"ink\" \
             style=\"{INK}font-size:15px;font-weight:700;\">{review}</div>"
        ));
        for work in works {
            let title = esc(&line(&work.title));
            self.put(format_args!(
                "<div class=\"ink\" style=\"{INK}padding-top:4px;overflow-wrap:anywhere;\">{title}</div>"
            ));
        }
        self.put(format_args!(
            "<div class=\"soft\" style=\"{SOFT}font-size:13px;padding-top:6px;\">{review_hint}</div></div></td></tr>"
        ));
    }

    pub(super) fn tasks(&mut self, part: &Part) {
        let Words { tasks, nothing, no_task, .. } = self.words;
        let count = u64::try_from(part.rows.len()).unwrap_or(u64::MAX);
        let aside = if part.rows.is_empty() { String::new() } else { ENTRY.of(count, self.locale) };
        self.heading(tasks, &aside);
        if part.rows.is_empty() {
            self.put(format_args!(
                "<tr><td class=\"pad soft\" style=\"{SOFT}padding:4px 24px 0;\">{nothing}</td></tr>"
            ));
        }
        let mut room = self.most;
        for total in part.by_task() {
            let name = total.of.as_ref().map_or_else(|| no_task.to_string(), |task| esc(&line(&task.title)));
            self.named(&name, &span(total.minutes, self.locale), true);
            for row in total.rows.iter().take(room) {
                self.row(row);
            }
            room = room.saturating_sub(total.rows.len());
        }
        let hidden = part.rows.len().saturating_sub(self.most);
        if hidden > 0 {
            let said = self.rest(hidden, &ENTRY);
            self.put(format_args!(
                "<tr><td class=\"pad soft\" style=\"{SOFT}padding:8px 24px 0;font-size:13px;\">{said}</td></tr>"
            ));
        }
    }

    /// A name at the left, a figure at the right. Both are safe already.
    pub(super) fn named(&mut self, name: &str, figure: &str, ruled: bool) {
        let (weight, gap) = if ruled { ("600", "10px") } else { ("400", "4px") };
        let rule = if ruled { RULE } else { "" };
        self.put(format_args!(
            "<tr><td class=\"pad\" style=\"padding:{gap} 24px 0;\"><table role=\"presentation\" class=\"rule\" \
             width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"{rule}\"><tr>\
             <td class=\"ink\" valign=\"top\" style=\"{INK}font-weight:{weight};padding-top:{gap};overflow-wrap:anywhere;\
             word-break:break-word;\">{name}</td>\
             <td class=\"ink\" valign=\"top\" align=\"right\" style=\"{INK}font-weight:{weight};padding:{gap} 0 0 12px;\
             white-space:nowrap;\">{figure}</td></tr></table></td></tr>"
        ));
    }

    pub(super) fn row(&mut self, row: &Row) {
        let day = date::weekday(row.worked_on, self.locale);
        let who = esc(&line(&row.user));
        let activity = row.activity.text(self.locale);
        let minutes = span(row.minutes, self.locale);
        let note = esc(row.note.trim());
        let apart = if row.draws_on_balance { String::new() } else { format!(" · {}", self.words.apart) };
        self.put(format_args!(
            "<tr><td class=\"pad\" style=\"padding:6px 24px 0;\">\
             <div class=\"ink\" style=\"{INK}font-size:14px;overflow-wrap:anywhere;word-break:break-word;\">{note}</div>\
             <div class=\"soft\" style=\"{SOFT}font-size:13px;\">{day} · {who} · {activity}{apart} · {minutes}</div>\
             </td></tr>"
        ));
    }

    pub(super) fn changes(&mut self, part: &Part) {
        if part.changes.is_empty() {
            return;
        }
        let Words { changes, changes_hint, .. } = self.words;
        self.heading(changes, &difference(part.changed_minutes(), self.locale));
        self.put(format_args!(
            "<tr><td class=\"pad soft\" style=\"{SOFT}padding:0 24px;font-size:13px;\">{changes_hint}</td></tr>"
        ));
        for change in part.changes.iter().take(self.most) {
            self.change(change);
        }
    }

    pub(super) fn change(&mut self, change: &Change) {
        let Some(row) = change.row() else { return };
        let Words { added, corrected, taken_back, .. } = self.words;
        let said = match (&change.was, &change.now) {
            (Some(was), Some(now)) => {
                let (was, now) = (span(was.minutes, self.locale), span(now.minutes, self.locale));
                format!("{corrected}: {was} → {now}")
            }
            (Some(_), None) => (*taken_back).to_string(),
            _ => (*added).to_string(),
        };
        let (day, who) = (date::weekday(row.worked_on, self.locale), esc(&line(&row.user)));
        let reason =
            change.reason.as_deref().map_or_else(String::new, |why| format!(" · {}", esc(&line(why))));
        let note = esc(row.note.trim());
        self.named(&note, &difference(change.minutes(), self.locale), false);
        self.put(format_args!(
            "<tr><td class=\"pad soft\" style=\"{SOFT}padding:0 24px;font-size:13px;overflow-wrap:anywhere;\">\
             {day} · {who} · {said}{reason}</td></tr>"
        ));
    }

    pub(super) fn people(&mut self, part: &Part) {
        if part.rows.is_empty() {
            return;
        }
        let (people, activities) = (self.words.people, self.words.activities);
        self.heading(people, "");
        for total in part.by_person() {
            self.named(&esc(&line(&total.of.name)), &span(total.minutes, self.locale), false);
        }
        self.heading(activities, "");
        for total in part.by_activity() {
            self.named(total.of.text(self.locale), &span(total.minutes, self.locale), false);
        }
    }

    pub(super) fn works(&mut self, title: &str, works: &[&Work], more: usize) {
        if works.is_empty() {
            return;
        }
        self.heading(title, "");
        for work in works {
            let name = esc(&line(&work.title));
            let mut marks: Vec<String> = Vec::new();
            if work.urgent {
                marks.push(self.words.urgent.to_owned());
            }
            marks.extend(self.words.status(work.status).map(str::to_owned));
            marks.extend(work.assignee.as_deref().map(|who| esc(&line(who))));
            if let (0, Some(estimate)) = (work.spent_minutes, work.estimate_minutes) {
                marks.push(format!("{} {}", self.words.estimate, span(estimate, self.locale)));
            } else if let Some(estimate) = work.estimate_minutes {
                let (spent, all) = (span(work.spent_minutes, self.locale), span(estimate, self.locale));
                marks.push(format!("{spent} {} {all}", self.words.of));
            } else if work.spent_minutes > 0 {
                marks.push(span(work.spent_minutes, self.locale));
            }
            let marks = marks.join(" · ");
            self.put(format_args!(
                "<tr><td class=\"pad\" style=\"padding:6px 24px 0;\"><div class=\"ink\" style=\"{INK}overflow-wrap:anywhere;\
                 word-break:break-word;\">{name}</div><div class=\"soft\" style=\"{SOFT}font-size:13px;\">{marks}</div>\
                 </td></tr>"
            ));
        }
        if more > 0 {
            let said = self.rest(more, &TASK);
            self.put(format_args!(
                "<tr><td class=\"pad soft\" style=\"{SOFT}padding:6px 24px 0;font-size:13px;\">{said}</td></tr>"
            ));
        }
    }

    /// How many of something are not shown.
    pub(super) fn rest(&self, number: usize, of: &Plural) -> String {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        let form = of.form(number, self.locale);
        match self.locale {
            Locale::En => format!("… {number} {} {form}", self.words.more),
            Locale::Ru => format!("… {} {number} {form}", self.words.more),
        }
    }
}
