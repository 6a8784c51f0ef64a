//! The course of an engagement: which periods are due to open and to close, and what that moves (E-3, E-4, B-4).
//!
//! What is due follows from the calendar alone, so the same function serves those who read and those who write:
//! a reader applies the steps in mind and sees the month as it is, however late the writer comes; the writer makes
//! them true, once.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::calendar::Calendar;
use crate::id::TariffRevisionId;
use crate::ledger::{Counters, Movement, expire};
use crate::period::{Span, number_on, span};
use crate::tariff::{GrantRule, UnusedMinutes, own_grant_minutes};

/// The terms that a period runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub revision: TariffRevisionId,
    pub rule: GrantRule,
    /// Minutes of a month or of a working day, by the rule.
    pub minutes: Option<i32>,
    pub length_months: Option<i32>,
    pub unused: UnusedMinutes,
}

/// What an engagement's course follows from.
#[derive(Debug, Clone)]
pub struct Course<'a> {
    pub starts_on: NaiveDate,
    /// The first day no longer served.
    pub ends_on: Option<NaiveDate>,
    pub own_minutes: Option<i32>,
    pub own_length_months: Option<i32>,
    /// Periods after the first are granted their minutes without payment.
    pub grant_unpaid: bool,
    /// The terms from a period's number on, in order.
    pub terms: &'a [(i32, Terms)],
    /// The numbers of the periods paid for.
    pub paid: &'a BTreeSet<i32>,
    pub calendar: &'a Calendar,
}

/// A period that is open, or the last one there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub number: i32,
    pub ends_on: NaiveDate,
    pub unused: UnusedMinutes,
    pub counters: Counters,
    pub is_closed: bool,
}

/// Something that the calendar has made due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A period has ended; what was left expires (B-4).
    Close { number: i32, expiry: Option<Movement> },
    /// A period has begun; its own minutes are granted where they are due (E-4).
    Open { span: Span, terms: Terms, grant: Option<Movement> },
    /// The engagement has ended.
    End,
}

impl Course<'_> {
    /// The days of a period. Minutes granted once have one period of their own length.
    pub fn span(&self, number: i32) -> Option<Span> {
        let terms = self.terms(number)?;
        let mut span = span(self.starts_on, number);
        if terms.rule == GrantRule::Once {
            if number != 1 {
                return None;
            }
            let months = self.own_length_months.or(terms.length_months).unwrap_or(1);
            span.ends_on = crate::period::span(self.starts_on, months).ends_on;
        }
        (self.ends_on.is_none_or(|end| span.starts_on < end)).then_some(span)
    }

    /// The period that a day falls into, whether it is open yet or not; none outside of what the engagement serves.
    pub fn number_on(&self, day: NaiveDate) -> Option<i32> {
        if self.ends_on.is_some_and(|end| day >= end) {
            return None;
        }
        let is_once = self.terms(1).is_some_and(|terms| terms.rule == GrantRule::Once);
        let number = if is_once { 1 } else { number_on(self.starts_on, day)? };
        self.span(number).filter(|span| span.contains(day)).map(|span| span.number)
    }

    fn terms(&self, number: i32) -> Option<Terms> {
        self.terms.iter().rev().find(|(from, _)| *from <= number).map(|(_, terms)| *terms)
    }

    fn grant(&self, span: &Span, terms: &Terms) -> Option<Movement> {
        let is_due = self.paid.contains(&span.number) || (self.grant_unpaid && span.number > 1);
        let minutes = own_grant_minutes(terms.rule, terms.minutes, self.own_minutes, span, self.calendar);
        is_due.then(|| Movement::grant(minutes, crate::ledger::GrantCause::Period).ok()).flatten()
    }

    /// Everything due by `today`, in the order in which it happens: each period closes before the next one opens.
    /// `standing` holds the periods not closed yet and the last one, by number.
    pub fn due(&self, standing: &[Standing], today: NaiveDate) -> Vec<Step> {
        let mut steps = Vec::new();
        for period in standing {
            steps.extend(self.close(period, today));
        }
        let mut next = standing.last().map_or(1, |last| last.number + 1);
        while let Some(span) = self.span(next).filter(|span| span.starts_on <= today) {
            let Some(terms) = self.terms(next) else { break };
            let grant = self.grant(&span, &terms);
            let counters = grant.and_then(|grant| Counters::default().apply(&grant).ok()).unwrap_or_default();
            let opened = Standing {
                number: next,
                ends_on: span.ends_on,
                unused: terms.unused,
                counters,
                is_closed: false,
            };
            steps.push(Step::Open { span, terms, grant });
            steps.extend(self.close(&opened, today));
            next += 1;
        }
        if self.ends_on.is_some_and(|end| end <= today) {
            steps.push(Step::End);
        }
        steps
    }

    /// Unused minutes that are kept stay with their period until the engagement ends, and lapse then (B-8).
    fn close(&self, period: &Standing, today: NaiveDate) -> Option<Step> {
        let is_over = !period.is_closed && period.ends_on <= today;
        let has_ended = self.ends_on.is_some_and(|end| end <= today);
        (is_over && (has_ended || period.unused == UnusedMinutes::Expire))
            .then(|| Step::Close { number: period.number, expiry: expire(period.counters) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn terms(minutes: i32) -> Terms {
        Terms {
            revision: TariffRevisionId(uuid::Uuid::nil()),
            rule: GrantRule::Monthly,
            minutes: Some(minutes),
            length_months: None,
            unused: UnusedMinutes::Expire,
        }
    }

    struct Story {
        terms: Vec<(i32, Terms)>,
        paid: BTreeSet<i32>,
        calendar: Calendar,
        ends_on: Option<NaiveDate>,
        grant_unpaid: bool,
    }

    impl Story {
        fn new(paid: &[i32]) -> Self {
            Self {
                terms: vec![(1, terms(1200))],
                paid: paid.iter().copied().collect(),
                calendar: Calendar::default(),
                ends_on: None,
                grant_unpaid: false,
            }
        }

        fn course(&self) -> Course<'_> {
            Course {
                starts_on: day("2026-01-31"),
                ends_on: self.ends_on,
                own_minutes: None,
                own_length_months: None,
                grant_unpaid: self.grant_unpaid,
                terms: &self.terms,
                paid: &self.paid,
                calendar: &self.calendar,
            }
        }
    }

    fn numbers(steps: &[Step]) -> Vec<String> {
        steps
            .iter()
            .map(|step| match step {
                Step::Open { span, grant, .. } => {
                    format!("open {} {:?}", span.number, grant.map(|grant| grant.minutes))
                }
                Step::Close { number, expiry } => {
                    format!("close {number} {:?}", expiry.map(|expiry| expiry.minutes))
                }
                Step::End => "end".to_owned(),
            })
            .collect()
    }

    /// E-4: the first period opens on its day with its minutes, an unpaid one stands at 0.
    #[test]
    fn a_paid_period_opens_with_its_minutes() {
        assert_eq!(numbers(&Story::new(&[1]).course().due(&[], day("2026-01-30"))), Vec::<String>::new());
        assert_eq!(numbers(&Story::new(&[1]).course().due(&[], day("2026-01-31"))), ["open 1 Some(1200)"]);
        assert_eq!(numbers(&Story::new(&[]).course().due(&[], day("2026-02-01"))), ["open 1 None"]);
    }

    /// B-4, E-3: whoever comes months late makes every step, each once, in order.
    #[test]
    fn months_missed_are_caught_up_in_order() {
        let story = Story::new(&[1, 3]);
        let steps = story.course().due(&[], day("2026-03-31"));
        let expected =
            ["open 1 Some(1200)", "close 1 Some(-1200)", "open 2 None", "close 2 None", "open 3 Some(1200)"];
        assert_eq!(numbers(&steps), expected);
    }

    /// E-4: periods after the first are granted unpaid where that was agreed; the first never is.
    #[test]
    fn unpaid_periods_are_granted_where_agreed() {
        let story = Story { grant_unpaid: true, ..Story::new(&[]) };
        let steps = story.course().due(&[], day("2026-02-28"));
        assert_eq!(numbers(&steps), ["open 1 None", "close 1 None", "open 2 Some(1200)"]);
    }

    /// E-5: another tariff counts from its period on.
    #[test]
    fn a_tariff_changes_with_the_next_period() {
        let mut story = Story::new(&[1, 2]);
        story.terms.push((2, terms(2400)));
        let standing = [Standing {
            number: 1,
            ends_on: day("2026-02-28"),
            unused: UnusedMinutes::Expire,
            counters: Counters { granted: 1200, used: 200, ..Counters::default() },
            is_closed: false,
        }];
        let steps = story.course().due(&standing, day("2026-02-28"));
        assert_eq!(numbers(&steps), ["close 1 Some(-1000)", "open 2 Some(2400)"]);
    }

    /// E-2: a cancelled support ends with its period and no new one opens.
    #[test]
    fn nothing_opens_behind_the_end() {
        let story = Story { ends_on: Some(day("2026-02-28")), ..Story::new(&[1, 2]) };
        let steps = story.course().due(&[], day("2026-06-01"));
        assert_eq!(numbers(&steps), ["open 1 Some(1200)", "close 1 Some(-1200)", "end"]);
        assert_eq!(story.course().number_on(day("2026-02-27")), Some(1));
        assert_eq!(story.course().number_on(day("2026-02-28")), None);
    }

    /// B-8: minutes that are kept lapse with the engagement, those of all its periods.
    #[test]
    fn what_was_kept_lapses_at_the_end() {
        let kept = vec![(1, Terms { unused: UnusedMinutes::Keep, ..terms(1200) })];
        let mut story = Story { terms: kept, ..Story::new(&[1, 2]) };
        let steps = story.course().due(&[], day("2026-03-30"));
        assert_eq!(numbers(&steps), ["open 1 Some(1200)", "open 2 Some(1200)"]);
        story.ends_on = Some(day("2026-03-31"));
        let standing = [1, 2].map(|number| Standing {
            number,
            ends_on: span(day("2026-01-31"), number).ends_on,
            unused: UnusedMinutes::Keep,
            counters: Counters { granted: 1200, used: 100 * number, ..Counters::default() },
            is_closed: false,
        });
        let steps = story.course().due(&standing, day("2026-03-31"));
        assert_eq!(numbers(&steps), ["close 1 Some(-1100)", "close 2 Some(-1000)", "end"]);
    }

    /// E-4: an audit has one period of its own length, and its minutes are kept.
    #[test]
    fn an_audit_is_one_period_of_its_own_length() {
        let story = Story {
            terms: vec![(1, Terms { rule: GrantRule::Once, unused: UnusedMinutes::Keep, ..terms(0) })],
            ..Story::new(&[1])
        };
        let course = Course { own_minutes: Some(900), own_length_months: Some(2), ..story.course() };
        assert_eq!(numbers(&course.due(&[], day("2026-07-01"))), ["open 1 Some(900)"]);
        assert_eq!(course.span(1).map(|span| span.ends_on), Some(day("2026-03-31")));
        assert_eq!(course.number_on(day("2026-03-30")), Some(1));
        assert_eq!(course.number_on(day("2026-03-31")), None);
    }
}
