//! Which tariff suits work of a known size (E-7).
//!
//! For so many minutes each tariff makes a row: how many of its months they take, what is left unused in the last one,
//! what that costs by the list and when it ends. Rows are ordered by what the client wished: within the monthly budget
//! first, then in time, then with as many calls a week as the client can hold, then by less unused, then by an earlier
//! end. A wish that was not named, or that cannot be held against a row (a price in another currency, or none), parts no
//! rows. A row that another one beats strictly in months, in price and in unused minutes is listed with the name of the
//! better one and is never recommended; a row without a price neither beats nor is beaten.
//!
//! How often a client has to be there follows from the hours of a month, since more work is more to decide: up to 40
//! hours one call a week, up to 80 two, beyond that three. It is a rule about hours and not a figure of a tariff, so that
//! an operator's own tariffs have it too.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use chrono::NaiveDate;

use crate::client::Locale;
use crate::id::TariffId;
use crate::money::Money;
use crate::period::span;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// What speaks against a tariff.
    AdviceReason {
        /// A month costs more than the budget.
        OverBudget,
        /// It ends after the day wished for.
        TooLate,
        /// It takes more calls a week than the client can hold.
        TooManyCalls,
        /// Another tariff takes fewer months, costs less and leaves less unused.
        Dominated,
    }
}

impl AdviceReason {
    /// The reason in words.
    pub fn text(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::OverBudget, Locale::En) => "A month costs more than the budget.",
            (Self::OverBudget, Locale::Ru) => "Месяц стоит больше бюджета.",
            (Self::TooLate, Locale::En) => "It ends after the day wished for.",
            (Self::TooLate, Locale::Ru) => "Работы закончатся позже желаемого дня.",
            (Self::TooManyCalls, Locale::En) => "It takes more calls a week than you can hold.",
            (Self::TooManyCalls, Locale::Ru) => "Созвонов в неделю нужно больше, чем вы готовы проводить.",
            (Self::Dominated, Locale::En) => {
                "Another tariff takes fewer months, costs less and leaves less unused."
            }
            (Self::Dominated, Locale::Ru) => {
                "Другой тариф короче, дешевле и оставляет меньше неиспользованных часов."
            }
        }
    }
}

/// A tariff on sale that grants the same minutes every month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    pub tariff: TariffId,
    /// Minutes of a month.
    pub minutes: i32,
    /// The list price of a month.
    pub price: Option<Money>,
}

/// What is to be done and what the client wishes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// All that is to be done; nothing is advised where it is nothing.
    pub minutes: i32,
    pub starts_on: NaiveDate,
    /// The last day on which work may still be done.
    pub ends_by: Option<NaiveDate>,
    /// Calls a week that the client can hold.
    pub calls_a_week: Option<i32>,
    /// What a month may cost.
    pub monthly_budget: Option<Money>,
}

/// What a tariff comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub tariff: TariffId,
    pub months: i32,
    /// Minutes left over in the last month.
    pub unused_minutes: i32,
    /// All months by the list; none without a price, or where no amount is that large.
    pub total_price: Option<Money>,
    /// The first day no longer served; none beyond the year 9999.
    pub ends_on: Option<NaiveDate>,
    pub calls_a_week: i32,
    /// None where no budget was named or the price cannot be held against it.
    pub within_budget: Option<bool>,
    /// None where no end was wished for.
    pub in_time: Option<bool>,
    /// None where nothing was said of calls.
    pub enough_contact: Option<bool>,
    /// The best of the rows that beat it in months, price and unused minutes.
    pub dominated_by: Option<TariffId>,
    /// The first row that no other beats; one of each list.
    pub recommended: bool,
}

impl Row {
    /// What speaks against it.
    pub fn reasons(&self) -> Vec<AdviceReason> {
        let not = |wish: Option<bool>| wish == Some(false);
        [
            (not(self.within_budget), AdviceReason::OverBudget),
            (not(self.in_time), AdviceReason::TooLate),
            (not(self.enough_contact), AdviceReason::TooManyCalls),
            (self.dominated_by.is_some(), AdviceReason::Dominated),
        ]
        .into_iter()
        .filter_map(|(stands, reason)| stands.then_some(reason))
        .collect()
    }
}

/// Calls a week that a month of so many minutes takes (E-7).
pub fn calls_a_week(minutes: i32) -> i32 {
    match minutes {
        ..=2400 => 1,
        2401..=4800 => 2,
        _ => 3,
    }
}

/// The tariffs for a wish, the best first (E-7). Offers that grant nothing make no row; equal rows keep the order of the
/// offers.
pub fn advise(wish: &Wish, offers: &[Offer]) -> Vec<Row> {
    if wish.minutes <= 0 {
        return Vec::new();
    }
    let mut rows: Vec<(Row, Option<Cost>)> =
        offers.iter().filter(|offer| offer.minutes > 0).map(|offer| row(wish, offer)).collect();
    let fails = |wish: Option<bool>| wish == Some(false);
    rows.sort_by_key(|(row, _)| {
        let wishes = (fails(row.within_budget), fails(row.in_time), fails(row.enough_contact));
        (wishes, row.unused_minutes, row.months)
    });
    let beaten: Vec<Vec<usize>> = rows.iter().map(|row| better(&rows, row)).collect();
    let first = beaten.iter().position(Vec::is_empty);
    rows.iter()
        .enumerate()
        .map(|(at, (row, _))| {
            // What beats a row that is beaten beats it as well: one of them is beaten by none.
            let by =
                beaten[at].iter().find(|other| beaten[**other].is_empty()).map(|other| rows[*other].0.tariff);
            Row { dominated_by: by, recommended: first == Some(at), ..row.clone() }
        })
        .collect()
}

/// The tariff under which a month of so many minutes fits best: the smallest that holds them, or the largest there is.
/// None where the present one is as good: it is that one, or falls short by no more than a tenth (B-13).
pub fn better_for_pace(
    minutes: i32,
    starts_on: NaiveDate,
    present: TariffId,
    offers: &[Offer],
) -> Option<TariffId> {
    let holding = offers.iter().filter(|offer| offer.minutes >= minutes);
    let mut fitting: Vec<Offer> = holding.copied().collect();
    if fitting.is_empty() {
        fitting.extend(offers.iter().max_by_key(|offer| (offer.minutes, Reverse(offer.tariff))));
    }
    let wish = Wish { minutes, starts_on, ends_by: None, calls_a_week: None, monthly_budget: None };
    let best = advise(&wish, &fitting).into_iter().find(|row| row.recommended)?.tariff;
    let size = |id| offers.iter().find(|offer| offer.tariff == id).map(|offer| i64::from(offer.minutes));
    let is_larger = size(best) > size(present);
    let nearly_holds = size(present).is_some_and(|present| i64::from(minutes) * 10 <= present * 11);
    (best != present && !(is_larger && nearly_holds)).then_some(best)
}

/// All months by the list, exactly.
#[derive(Debug, Clone, Copy)]
struct Cost {
    minor: i128,
    money: Money,
}

fn row(wish: &Wish, offer: &Offer) -> (Row, Option<Cost>) {
    let (needed, monthly) = (i64::from(wish.minutes), i64::from(offer.minutes));
    // Neither passes what is needed, which fits.
    let months = i32::try_from((needed + monthly - 1) / monthly).unwrap_or(i32::MAX);
    let unused = i64::from(months) * monthly - needed;
    let cost = offer.price.map(|money| Cost { minor: i128::from(money.minor) * i128::from(months), money });
    let ends_on = Some(span(wish.starts_on, months).ends_on).filter(|day| *day < first_day_unknown());
    let calls = calls_a_week(offer.minutes);
    let within_budget = wish
        .monthly_budget
        .zip(offer.price)
        .filter(|(budget, price)| budget.currency == price.currency)
        .map(|(budget, price)| price.minor <= budget.minor);
    let row = Row {
        tariff: offer.tariff,
        months,
        unused_minutes: i32::try_from(unused).unwrap_or(i32::MAX),
        total_price: cost
            .and_then(|cost| i64::try_from(cost.minor).ok().map(|minor| Money { minor, ..cost.money })),
        ends_on,
        calls_a_week: calls,
        within_budget,
        in_time: wish
            .ends_by
            .map(|last| ends_on.and_then(|day| day.pred_opt()).is_some_and(|end| end <= last)),
        enough_contact: wish.calls_a_week.map(|held| held >= calls),
        dominated_by: None,
        recommended: false,
    };
    (row, cost)
}

/// The first day that has no four-digit year: nothing that can be written as a day lies behind.
fn first_day_unknown() -> NaiveDate {
    NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap_or(NaiveDate::MAX)
}

/// The places of the rows that beat one strictly in months, price and unused minutes.
fn better(rows: &[(Row, Option<Cost>)], (row, cost): &(Row, Option<Cost>)) -> Vec<usize> {
    let beats = |(other, other_cost): &(Row, Option<Cost>)| {
        other_cost.zip(*cost).is_some_and(|(theirs, ours)| {
            theirs.money.currency == ours.money.currency
                && theirs.minor < ours.minor
                && other.months < row.months
                && other.unused_minutes < row.unused_minutes
        })
    };
    rows.iter().enumerate().filter(|(_, other)| beats(other)).map(|(at, _)| at).collect()
}
