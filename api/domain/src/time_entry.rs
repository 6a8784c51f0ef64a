//! Time as people log it.
//!
//! An entry is parsed into values that prove themselves: minutes of one day, a note that the client
//! can read (W-1, W-2). Whether it draws on the balance follows from the service's scope, the
//! positions that the person held that day and the kind of work, and each answer carries its reason
//! for the explanation (W-6, B-11). Corrections and late entries are in `correction`.

mod correction;

pub use correction::{
    CorrectionFacts, CorrectionRefused, LateRefused, check_correction, check_late, late_until,
};

use chrono::NaiveDate;
use thiserror::Error;

use crate::client::Locale;
use crate::tariff::DrawScope;
use crate::team::Position;
use crate::text::{Text, TextError};
use crate::vocabulary::vocabulary;

vocabulary! {
    /// The kind of work that time went into.
    Activity {
        /// Answering in the shared chat.
        ChatSupport,
        /// Stating tasks for others.
        TaskSetting,
        /// Analysis of information and processes.
        Analysis,
        /// Calls and meetings.
        Meeting,
        /// Consulting colleagues or the client.
        Consultation,
        /// Configuring the CRM.
        Configuration,
        /// Loading data.
        DataImport,
        /// Connecting other systems.
        Integration,
        /// Writing custom code.
        Development,
        /// Testing.
        Testing,
        /// Writing documents and instructions.
        Documentation,
        /// Teaching.
        Training,
        /// Demonstrating what was done.
        Demonstration,
        /// Reporting on time and results.
        Reporting,
        /// Work at the client's place.
        OnSite,
    }
    /// Why logged time does or does not draw on the balance.
    DrawReason {
        /// Every minute of the service counts, whoever worked it.
        EveryMinute,
        /// It is the implementation specialist's own work.
        SpecialistWork,
        /// It was not worked as the client's implementation specialist.
        OtherPosition,
        /// Custom code is paid for separately.
        DevelopmentApart,
        /// Work at the client's place is paid for separately.
        OnSiteApart,
    }
}

impl Activity {
    /// The kind of work in a word or two that the client reads.
    pub fn text(self, locale: Locale) -> &'static str {
        let (en, ru) = match self {
            Self::ChatSupport => ("Chat", "Ответы в чате"),
            Self::TaskSetting => ("Stating tasks", "Постановка задач"),
            Self::Analysis => ("Analysis", "Анализ"),
            Self::Meeting => ("Meetings", "Созвоны и встречи"),
            Self::Consultation => ("Consulting", "Консультации"),
            Self::Configuration => ("Configuration", "Настройка"),
            Self::DataImport => ("Data import", "Загрузка данных"),
            Self::Integration => ("Integration", "Интеграция"),
            Self::Development => ("Development", "Разработка"),
            Self::Testing => ("Testing", "Тестирование"),
            Self::Documentation => ("Documentation", "Документация"),
            Self::Training => ("Training", "Обучение"),
            Self::Demonstration => ("Demonstration", "Демонстрация"),
            Self::Reporting => ("Reporting", "Отчётность"),
            Self::OnSite => ("On site", "Работа на выезде"),
        };
        match locale {
            Locale::En => en,
            Locale::Ru => ru,
        }
    }
}

impl DrawReason {
    /// The reason in words that the client reads (B-11).
    pub fn text(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::EveryMinute, Locale::En) => {
                "In this service every minute of everyone's work is taken from the balance."
            }
            (Self::EveryMinute, Locale::Ru) => {
                "В этой услуге с баланса списывается каждая минута работы каждого сотрудника."
            }
            (Self::SpecialistWork, Locale::En) => {
                "The implementation specialist's own work is taken from the balance."
            }
            (Self::SpecialistWork, Locale::Ru) => "Работа специалиста по внедрению списывается с баланса.",
            (Self::OtherPosition, Locale::En) => {
                "Only the implementation specialist's work is taken from the balance; this was somebody else's."
            }
            (Self::OtherPosition, Locale::Ru) => {
                "С баланса списывается только работа специалиста по внедрению; это время другого сотрудника."
            }
            (Self::DevelopmentApart, Locale::En) => "Custom code is agreed and paid for separately.",
            (Self::DevelopmentApart, Locale::Ru) => "Доработки согласуются и оплачиваются отдельно.",
            (Self::OnSiteApart, Locale::En) => "Work at your place is agreed and paid for separately.",
            (Self::OnSiteApart, Locale::Ru) => "Выездная работа согласуется и оплачивается отдельно.",
        }
    }
}

/// The minutes of a day.
pub const DAY_MINUTES: i32 = 1440;

/// The most characters of a note.
pub const NOTE_CHARS: usize = 2000;

/// Why time cannot be logged as asked (W-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TimeEntryRefused {
    /// Fewer than 1 or more than 1440 minutes.
    #[error("an entry has 1 to 1440 minutes")]
    WrongMinutes,
    /// A day that has not come yet.
    #[error("time cannot be logged for a day to come")]
    FutureDay,
    /// More than 24 hours of one person on one day, over all clients.
    #[error("a day has no more than 24 hours")]
    DayFull,
}

/// The minutes of one entry, 1 to 1440 (W-1, W-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryMinutes(i32);

impl EntryMinutes {
    /// Reads the minutes of an entry.
    ///
    /// # Errors
    /// Outside 1 to 1440.
    pub fn parse(minutes: i32) -> Result<Self, TimeEntryRefused> {
        if (1..=DAY_MINUTES).contains(&minutes) {
            Ok(Self(minutes))
        } else {
            Err(TimeEntryRefused::WrongMinutes)
        }
    }

    /// The minutes.
    pub fn get(self) -> i32 {
        self.0
    }
}

/// What was done, in words that the client reads: required, at most 2000 characters (W-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note(Text);

impl Note {
    /// Reads a note.
    ///
    /// # Errors
    /// Empty, too long, or with U+0000.
    pub fn parse(note: &str) -> Result<Self, TextError> {
        Text::parse(note, NOTE_CHARS).map(Self)
    }

    /// The note.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Refuses a day after `today`, which is today in the client's zone (W-1).
///
/// # Errors
/// `worked_on` has not come yet.
pub fn check_day(worked_on: NaiveDate, today: NaiveDate) -> Result<(), TimeEntryRefused> {
    if worked_on <= today { Ok(()) } else { Err(TimeEntryRefused::FutureDay) }
}

/// The minutes of a person's day over all clients after a change, which is negative where time is
/// taken back (W-1).
///
/// # Errors
/// The day would hold more than 24 hours, or fewer than none.
pub fn day_total(logged: i32, change: i32) -> Result<i32, TimeEntryRefused> {
    let total = logged.checked_add(change).filter(|total| (0..=DAY_MINUTES).contains(total));
    total.ok_or(TimeEntryRefused::DayFull)
}

/// Whether time draws on the balance, and why (W-6, B-11). `positions` are the places that the
/// person held in the client's team on the day worked.
pub fn draws_on_balance(scope: DrawScope, positions: &[Position], activity: Activity) -> (bool, DrawReason) {
    match (scope, activity) {
        (DrawScope::Everyone, _) => (true, DrawReason::EveryMinute),
        (DrawScope::ImplementationSpecialist, Activity::Development) => (false, DrawReason::DevelopmentApart),
        (DrawScope::ImplementationSpecialist, Activity::OnSite) => (false, DrawReason::OnSiteApart),
        (DrawScope::ImplementationSpecialist, _) => {
            if positions.contains(&Position::ImplementationSpecialist) {
                (true, DrawReason::SpecialistWork)
            } else {
                (false, DrawReason::OtherPosition)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// W-1, W-2: whole minutes, one to a day's; ten minutes in the chat count.
    #[test]
    fn w1_minutes_of_an_entry() {
        for (minutes, valid) in [
            (i32::MIN, false),
            (-1, false),
            (0, false),
            (1, true),
            (10, true),
            (1440, true),
            (1441, false),
            (i32::MAX, false),
        ] {
            let parsed = EntryMinutes::parse(minutes).map(EntryMinutes::get);
            assert_eq!(
                parsed,
                if valid { Ok(minutes) } else { Err(TimeEntryRefused::WrongMinutes) },
                "{minutes}"
            );
        }
    }

    /// W-1: a note is required, trimmed and bounded.
    #[test]
    fn w1_notes_are_required() {
        assert_eq!(Note::parse(" позвонил ").expect("a note").as_str(), "позвонил");
        assert_eq!(Note::parse("  "), Err(TextError::Empty));
        assert_eq!(Note::parse("a\0"), Err(TextError::Nul));
        assert!(Note::parse(&"ы".repeat(2000)).is_ok());
        assert_eq!(Note::parse(&"ы".repeat(2001)), Err(TextError::TooLong(2000)));
    }

    /// W-1: today and any day before, never tomorrow.
    #[test]
    fn w1_no_future_days() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let today = day("2026-03-10");
        assert_eq!(check_day(today, today), Ok(()));
        assert_eq!(check_day(day("2020-01-01"), today), Ok(()));
        assert_eq!(check_day(day("2026-03-11"), today), Err(TimeEntryRefused::FutureDay));
    }

    /// W-1: a person's day holds 24 hours.
    #[test]
    fn w1_a_day_has_24_hours() {
        for (logged, change, expected) in [
            (0, 1440, Ok(1440)),
            (1400, 40, Ok(1440)),
            (1400, 41, Err(TimeEntryRefused::DayFull)),
            (60, -60, Ok(0)),
            (60, -61, Err(TimeEntryRefused::DayFull)),
            (i32::MAX, 1, Err(TimeEntryRefused::DayFull)),
        ] {
            assert_eq!(day_total(logged, change), expected, "{logged} {change}");
        }
    }

    /// W-6, B-11: who and what draws on the balance, and why.
    #[test]
    fn w6_what_draws_on_the_balance() {
        use Activity::{ChatSupport, Development, Meeting, OnSite};
        use DrawScope::{Everyone, ImplementationSpecialist as Scoped};
        use Position::{Configurator, ImplementationSpecialist, Reviewer};
        for (scope, positions, activity, expected) in [
            (Everyone, &[][..], ChatSupport, (true, DrawReason::EveryMinute)),
            (Everyone, &[Position::Developer], Development, (true, DrawReason::EveryMinute)),
            (Everyone, &[Position::SupportSpecialist], OnSite, (true, DrawReason::EveryMinute)),
            (Scoped, &[ImplementationSpecialist], Meeting, (true, DrawReason::SpecialistWork)),
            (Scoped, &[Configurator, ImplementationSpecialist], Meeting, (true, DrawReason::SpecialistWork)),
            (Scoped, &[ImplementationSpecialist], Development, (false, DrawReason::DevelopmentApart)),
            (Scoped, &[ImplementationSpecialist], OnSite, (false, DrawReason::OnSiteApart)),
            (Scoped, &[Configurator, Reviewer], Meeting, (false, DrawReason::OtherPosition)),
            (Scoped, &[], Meeting, (false, DrawReason::OtherPosition)),
        ] {
            assert_eq!(
                draws_on_balance(scope, positions, activity),
                expected,
                "{scope:?} {positions:?} {activity:?}"
            );
        }
    }

    proptest! {
        /// W-6: where everyone counts, everything draws; else nothing without the specialist's place.
        #[test]
        fn w6_scopes(activity in 0..Activity::ALL.len(), places in prop::collection::vec(0..Position::ALL.len(), 0..4)) {
            let activity = Activity::ALL[activity];
            let positions: Vec<_> = places.into_iter().map(|i| Position::ALL[i]).collect();
            prop_assert!(draws_on_balance(DrawScope::Everyone, &positions, activity).0);
            let (draws, _) = draws_on_balance(DrawScope::ImplementationSpecialist, &positions, activity);
            prop_assert!(!draws || positions.contains(&Position::ImplementationSpecialist));
        }

        /// T16: no minutes panic.
        #[test]
        fn t16_any_minutes(logged in any::<i32>(), change in any::<i32>()) {
            let _ = (EntryMinutes::parse(logged), day_total(logged, change));
        }
    }
}
