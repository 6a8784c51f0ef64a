//! A notification in words: a title of one line, and a text.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::Content;
use crate::client::Locale;
use crate::minutes::format_hours;

/// What a person reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// One line.
    pub title: String,
    /// One or a few sentences.
    pub text: String,
}

impl Content {
    /// The words in a language.
    pub fn words(&self, locale: Locale) -> Words {
        let (title, text) = match locale {
            Locale::En => self.english(),
            Locale::Ru => self.russian(),
        };
        Words { title, text }
    }

    fn english(&self) -> (String, String) {
        let hours = |minutes: &i32| format_hours(*minutes, Locale::En);
        let day = |day: &NaiveDate| day.format("%-d %B %Y").to_string();
        match self {
            Self::HoursEnding { client, minutes, on } => (
                format!("{client}: {} expire after {}", hours(minutes), day(on)),
                format!("{} are unused and expire when the month ends, after {}.", hours(minutes), day(on)),
            ),
            Self::HoursNearlyUsed { client, remaining_minutes } => (
                format!("{client}: 80 % of the hours are used"),
                format!("{} are left in this month.", hours(remaining_minutes)),
            ),
            Self::HoursUsed { client, overage_minutes: 0 } => (
                format!("{client}: all hours are used"),
                "No hours are left in this month. More can be added at any time.".to_owned(),
            ),
            Self::HoursUsed { client, overage_minutes } => (
                format!("{client}: all hours are used"),
                format!("{} were worked beyond this month's hours.", hours(overage_minutes)),
            ),
            Self::OverageLeft { client, minutes, ended_on } => (
                format!("{client}: {} beyond the hours of a month", hours(minutes)),
                format!(
                    "The month that ended on {} has {} more than its hours. Decide whether they are carried into the next month or written off.",
                    day(ended_on),
                    hours(minutes)
                ),
            ),
            Self::ApprovalAsked { client, by, minutes, reason } => (
                format!("{client}: {} more are asked for", hours(minutes)),
                format!("{by} asks you to approve {} beyond this month's hours: {reason}", hours(minutes)),
            ),
            Self::EntryQuestioned { client, by, worked_on, minutes, question } => (
                format!("{client}: a question about {} on {}", hours(minutes), day(worked_on)),
                format!("{by} asks: {question}"),
            ),
            Self::EntryAnswered { client, by, worked_on, minutes, answer } => (
                format!("{client}: your question about {} on {}", hours(minutes), day(worked_on)),
                format!("{by} answers: {answer}"),
            ),
            Self::DayUnexplained { day: on } => (
                format!("No time is logged for {}", day(on)),
                "That working day has no time of yours. Log what you worked on.".to_owned(),
            ),
            Self::WorkMissing { client, day: on } => (
                format!("{client}: no work on {}", day(on)),
                "No time was logged on the project that day.".to_owned(),
            ),
            Self::ContactMissing { client, day: on } => (
                format!("{client}: no contact on {}", day(on)),
                "That day had neither a comment for the client nor a meeting nor time in contact with them."
                    .to_owned(),
            ),
            Self::ClientIdle { client, since } => (
                format!("{client}: nothing happens"),
                format!(
                    "There has been no task, comment or meeting since {}. Idle clients lose hours.",
                    day(since)
                ),
            ),
            Self::MeetingPlanned { client, title, at, time_zone } => (
                format!("{client}: {title}"),
                format!("A meeting is planned for {}.", moment(*at, time_zone, "%-d %B %Y, %H:%M")),
            ),
            Self::MeetingMoved { client, title, at, time_zone } => (
                format!("{client}: {title} was moved"),
                format!("The meeting is now on {}.", moment(*at, time_zone, "%-d %B %Y, %H:%M")),
            ),
            Self::MeetingCancelled { client, title, at, time_zone, reason } => (
                format!("{client}: {title} was cancelled"),
                format!(
                    "The meeting of {} does not take place: {reason}",
                    moment(*at, time_zone, "%-d %B %Y, %H:%M")
                ),
            ),
            Self::ReportAnswered { client, by, satisfaction, comment } => (
                format!("{client}: the weekly report was answered"),
                match satisfaction {
                    Some(mark) => format!("{by} gives {mark} of 5. {comment}"),
                    None => format!("{by} writes: {comment}"),
                }
                .trim_end()
                .to_owned(),
            ),
            Self::MailFailed { recipient, reason } => (
                format!("A mail to {recipient} was not sent"),
                format!("It is not tried again by itself: {reason}"),
            ),
        }
    }

    fn russian(&self) -> (String, String) {
        let hours = |minutes: &i32| format_hours(*minutes, Locale::Ru);
        let day = |day: &NaiveDate| day.format("%d.%m.%Y").to_string();
        match self {
            Self::HoursEnding { client, minutes, on } => (
                format!("{client}: {} сгорят после {}", hours(minutes), day(on)),
                format!("Не использовано {}. Они сгорят в конце месяца, после {}.", hours(minutes), day(on)),
            ),
            Self::HoursNearlyUsed { client, remaining_minutes } => (
                format!("{client}: использовано 80 % часов"),
                format!("В этом месяце осталось {}.", hours(remaining_minutes)),
            ),
            Self::HoursUsed { client, overage_minutes: 0 } => (
                format!("{client}: часы закончились"),
                "В этом месяце часов не осталось. Их можно докупить в любой момент.".to_owned(),
            ),
            Self::HoursUsed { client, overage_minutes } => (
                format!("{client}: часы закончились"),
                format!("Сверх часов этого месяца отработано {}.", hours(overage_minutes)),
            ),
            Self::OverageLeft { client, minutes, ended_on } => (
                format!("{client}: {} сверх часов месяца", hours(minutes)),
                format!(
                    "За месяц, который закончился {}, сверх часов отработано {}. Решите: перенести их на следующий месяц или списать.",
                    day(ended_on),
                    hours(minutes)
                ),
            ),
            Self::ApprovalAsked { client, by, minutes, reason } => (
                format!("{client}: просят согласовать ещё {}", hours(minutes)),
                format!("{by} просит согласовать {} сверх часов этого месяца: {reason}", hours(minutes)),
            ),
            Self::EntryQuestioned { client, by, worked_on, minutes, question } => (
                format!("{client}: вопрос о {} за {}", hours(minutes), day(worked_on)),
                format!("{by} спрашивает: {question}"),
            ),
            Self::EntryAnswered { client, by, worked_on, minutes, answer } => (
                format!("{client}: ваш вопрос о {} за {}", hours(minutes), day(worked_on)),
                format!("{by} отвечает: {answer}"),
            ),
            Self::DayUnexplained { day: on } => (
                format!("Нет времени за {}", day(on)),
                "За этот рабочий день у вас не записано время. Запишите, над чем вы работали.".to_owned(),
            ),
            Self::WorkMissing { client, day: on } => (
                format!("{client}: нет работы за {}", day(on)),
                "За этот день по проекту не записано время.".to_owned(),
            ),
            Self::ContactMissing { client, day: on } => (
                format!("{client}: нет контакта за {}", day(on)),
                "В этот день не было ни комментария для клиента, ни встречи, ни времени на общение с ним."
                    .to_owned(),
            ),
            Self::ClientIdle { client, since } => (
                format!("{client}: ничего не происходит"),
                format!(
                    "С {} нет ни задач, ни комментариев, ни встреч. Без них клиент теряет часы.",
                    day(since)
                ),
            ),
            Self::MeetingPlanned { client, title, at, time_zone } => (
                format!("{client}: {title}"),
                format!("Запланирована встреча: {}.", moment(*at, time_zone, "%d.%m.%Y, %H:%M")),
            ),
            Self::MeetingMoved { client, title, at, time_zone } => (
                format!("{client}: {title}: новое время"),
                format!("Встреча перенесена: {}.", moment(*at, time_zone, "%d.%m.%Y, %H:%M")),
            ),
            Self::MeetingCancelled { client, title, at, time_zone, reason } => (
                format!("{client}: {title}: отмена"),
                format!("Встреча {} отменена: {reason}", moment(*at, time_zone, "%d.%m.%Y, %H:%M")),
            ),
            Self::ReportAnswered { client, by, satisfaction, comment } => (
                format!("{client}: ответ на отчёт за неделю"),
                match satisfaction {
                    Some(mark) => format!("{by}: оценка {mark} из 5. {comment}"),
                    None => format!("{by} пишет: {comment}"),
                }
                .trim_end()
                .to_owned(),
            ),
            Self::MailFailed { recipient, reason } => (
                format!("Письмо на {recipient} не отправлено"),
                format!("Само оно больше не отправляется: {reason}"),
            ),
        }
    }
}

/// A moment as the clock of a zone shows it, with the zone's name.
fn moment(at: DateTime<Utc>, zone: &str, form: &str) -> String {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    format!("{} ({zone})", at.with_timezone(&zone).format(form))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Content> {
        let on = "2026-03-05".parse().expect("a day");
        let at = "2026-03-05T07:00:00Z".parse().expect("a moment");
        let zone = || "Europe/Moscow".to_owned();
        let (client, by, text) =
            (|| "Ромашка".to_owned(), || "Anna".to_owned(), || "because {it} <is>".to_owned());
        vec![
            Content::HoursEnding { client: client(), minutes: 130, on },
            Content::HoursNearlyUsed { client: client(), remaining_minutes: 240 },
            Content::HoursUsed { client: client(), overage_minutes: 0 },
            Content::HoursUsed { client: client(), overage_minutes: 15 },
            Content::OverageLeft { client: client(), minutes: 15, ended_on: on },
            Content::ApprovalAsked { client: client(), by: by(), minutes: 60, reason: text() },
            Content::EntryQuestioned {
                client: client(),
                by: by(),
                worked_on: on,
                minutes: 60,
                question: text(),
            },
            Content::EntryAnswered { client: client(), by: by(), worked_on: on, minutes: 60, answer: text() },
            Content::DayUnexplained { day: on },
            Content::WorkMissing { client: client(), day: on },
            Content::ContactMissing { client: client(), day: on },
            Content::ClientIdle { client: client(), since: on },
            Content::MeetingPlanned { client: client(), title: text(), at, time_zone: zone() },
            Content::MeetingMoved { client: client(), title: text(), at, time_zone: zone() },
            Content::MeetingCancelled {
                client: client(),
                title: text(),
                at,
                time_zone: zone(),
                reason: text(),
            },
            Content::ReportAnswered { client: client(), by: by(), satisfaction: Some(4), comment: text() },
            Content::ReportAnswered { client: client(), by: by(), satisfaction: None, comment: text() },
            Content::MailFailed { recipient: by(), reason: text() },
        ]
    }

    /// B-5: hours that expire are told with their day, in both languages.
    #[test]
    fn b5_hours_that_expire() {
        let told = &all()[0];
        assert_eq!(told.words(Locale::En).title, "Ромашка: 2 h 10 min expire after 5 March 2026");
        assert_eq!(
            told.words(Locale::Ru).text,
            "Не использовано 2 ч 10 мин. Они сгорят в конце месяца, после 05.03.2026."
        );
    }

    /// M-1: a meeting's hour is told as the clocks of its client show it.
    #[test]
    fn m1_a_meeting_in_its_own_zone() {
        let told = &all()[12];
        assert_eq!(
            told.words(Locale::En).text,
            "A meeting is planned for 5 March 2026, 10:00 (Europe/Moscow)."
        );
    }

    /// Each kind is kept under its own name and has words of its own in both languages.
    #[test]
    fn every_kind_has_words() {
        let mut kinds = Vec::new();
        for told in all() {
            let json = serde_json::to_value(&told).expect("JSON");
            assert_eq!(json["kind"], serde_json::to_value(told.kind()).expect("JSON"));
            assert_eq!(serde_json::from_value::<Content>(json).expect("JSON"), told);
            for locale in [Locale::En, Locale::Ru] {
                let words = told.words(locale);
                assert!(!words.title.is_empty() && !words.title.contains('\n') && !words.text.is_empty());
            }
            assert_ne!(told.words(Locale::En), told.words(Locale::Ru));
            kinds.push(told.kind());
        }
        kinds.dedup();
        assert_eq!(kinds, super::super::NotificationKind::ALL);
    }
}
