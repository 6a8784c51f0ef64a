//! Who may still write into the past.
//!
//! An open period is corrected by those who know its work. A closed one keeps its counters, so what
//! touches it is an administrator's: the correction of an entry there, and one that moves an entry
//! into or out of it or between engagements. A forgotten entry for a closed period is its author's
//! for three working days, later an administrator's (W-4).
//!
//! The policy table decides who reaches the entry at all; here is what its period adds to that.

use chrono::NaiveDate;
use thiserror::Error;

use crate::calendar::Calendar;

/// Working days after a period's close in which its author may still log a first entry (W-4).
const LATE_WORKING_DAYS: u16 = 3;

/// Who corrects an entry, and what the correction touches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CorrectionFacts {
    /// The caller is the one whose time it is.
    pub is_author: bool,
    /// The caller is a project manager of the entry's client.
    pub is_project_manager: bool,
    /// The caller is an administrator.
    pub is_administrator: bool,
    /// The entry's period is closed.
    pub from_closed: bool,
    /// The period that it would belong to afterwards is closed.
    pub to_closed: bool,
    /// It would belong to another engagement.
    pub changes_engagement: bool,
}

/// Why a correction is refused (W-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CorrectionRefused {
    /// Neither the caller's own time nor that of their client's team.
    #[error("only the author or the client's project manager corrects this entry")]
    NotYours,
    /// It touches a closed period or another engagement.
    #[error("only an administrator corrects an entry of a closed period or of two engagements")]
    AdministratorOnly,
}

/// Whether the caller may make a correction (W-4).
///
/// # Errors
/// A closed period or another engagement is touched by someone who is no administrator; or it is
/// not the caller's to correct at all.
pub fn check_correction(facts: &CorrectionFacts) -> Result<(), CorrectionRefused> {
    if facts.is_administrator {
        Ok(())
    } else if !(facts.is_author || facts.is_project_manager) {
        Err(CorrectionRefused::NotYours)
    } else if facts.from_closed || facts.to_closed || facts.changes_engagement {
        Err(CorrectionRefused::AdministratorOnly)
    } else {
        Ok(())
    }
}

/// The author's time for a first entry in a closed period has passed (W-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("only an administrator logs time for this period now")]
pub struct LateRefused {
    /// The last day on which the author could.
    pub until: NaiveDate,
}

/// The last day on which an author may log a first entry for a closed period: the third working day
/// after the period's last day (W-4). `ends_on` is the period's, the first day no longer in it.
pub fn late_until(ends_on: NaiveDate, calendar: &Calendar) -> NaiveDate {
    let last_day = ends_on.pred_opt().unwrap_or(ends_on);
    calendar.add_working_days(last_day, LATE_WORKING_DAYS)
}

/// Whether a first entry for a day of a closed period may still be logged on `today`, both in the
/// client's zone (W-4).
///
/// # Errors
/// The author's three working days are over and the caller is no administrator.
pub fn check_late(
    ends_on: NaiveDate,
    today: NaiveDate,
    calendar: &Calendar,
    is_administrator: bool,
) -> Result<(), LateRefused> {
    let until = late_until(ends_on, calendar);
    if is_administrator || today <= until { Ok(()) } else { Err(LateRefused { until }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// W-4: every combination of caller and reach, against the rule in one line.
    #[test]
    fn w4_who_corrects() {
        for bits in 0u8..64 {
            let bit = |place: u8| bits & (1 << place) != 0;
            let facts = CorrectionFacts {
                is_author: bit(0),
                is_project_manager: bit(1),
                is_administrator: bit(2),
                from_closed: bit(3),
                to_closed: bit(4),
                changes_engagement: bit(5),
            };
            let within_one_open_engagement = !bit(3) && !bit(4) && !bit(5);
            let expected = bit(2) || ((bit(0) || bit(1)) && within_one_open_engagement);
            assert_eq!(check_correction(&facts).is_ok(), expected, "{facts:?}");
        }
        let author = CorrectionFacts { is_author: true, from_closed: true, ..CorrectionFacts::default() };
        assert_eq!(check_correction(&author), Err(CorrectionRefused::AdministratorOnly));
        let stranger = CorrectionFacts { is_author: false, ..author };
        assert_eq!(check_correction(&stranger), Err(CorrectionRefused::NotYours));
    }

    /// W-4: three whole working days after the close, weekends and holidays not counted.
    #[test]
    fn w4_late_entries() {
        let calendar = Calendar { days: [(day("2026-04-03"), false)].into() };
        // The period's last day is Tuesday, 31 March; Friday is a holiday.
        let ends_on = day("2026-04-01");
        assert_eq!(late_until(ends_on, &calendar), day("2026-04-06"));
        for (today, is_administrator, expected) in [
            ("2026-04-01", false, true),
            ("2026-04-06", false, true),
            ("2026-04-07", false, false),
            ("2026-04-07", true, true),
        ] {
            let found = check_late(ends_on, day(today), &calendar, is_administrator);
            assert_eq!(found.is_ok(), expected, "{today} {is_administrator}");
        }
        let refused = check_late(ends_on, day("2026-05-01"), &calendar, false);
        assert_eq!(refused, Err(LateRefused { until: day("2026-04-06") }));
        assert!(check_late(NaiveDate::MIN, NaiveDate::MAX, &calendar, true).is_ok());
    }
}
