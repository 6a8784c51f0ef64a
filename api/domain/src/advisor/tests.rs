//! The advisor's tables and properties.

use chrono::Days;
use proptest::prelude::*;

use super::*;
use crate::money::Currency;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn money(minor: i64, currency: &str) -> Money {
    Money { minor, currency: currency.parse::<Currency>().expect("a currency") }
}

/// A tariff of so many hours, known by them.
fn offer(hours: i32, price: Option<i64>) -> Offer {
    let price = price.map(|minor| money(minor, "RUB"));
    Offer { tariff: named(hours), minutes: hours * 60, price }
}

fn named(hours: i32) -> TariffId {
    TariffId(uuid::Uuid::from_u128(u128::from(hours.unsigned_abs())))
}

fn wish(hours: i32) -> Wish {
    Wish {
        minutes: hours * 60,
        starts_on: day("2026-03-11"),
        ends_by: None,
        calls_a_week: None,
        monthly_budget: None,
    }
}

fn four() -> Vec<Offer> {
    [(20, 52_000), (40, 98_000), (80, 184_000), (120, 264_000)]
        .map(|(hours, price)| offer(hours, Some(price)))
        .to_vec()
}

/// The hours of the rows in their order.
fn hours(rows: &[Row]) -> Vec<u128> {
    rows.iter().map(|row| row.tariff.0.as_u128()).collect()
}

/// E-7: 160 hours are 80 × 2, 40 × 4, 20 × 8, and 120 × 2 with 80 unused.
#[test]
fn e7_hundred_and_sixty_hours() {
    let rows = advise(&wish(160), &four());
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row.tariff.0.as_u128(), row.months, row.unused_minutes / 60, row.recommended))
        .collect();
    assert_eq!(found, [(80, 2, 0, true), (40, 4, 0, false), (20, 8, 0, false), (120, 2, 80, false)]);
    assert_eq!(rows[0].total_price, Some(money(368_000, "RUB")));
    assert_eq!(rows[0].ends_on, Some(day("2026-05-11")));
    assert_eq!(rows[2].ends_on, Some(day("2026-11-11")));
}

/// E-7: budget counts before time, time before contact, contact before what is left unused.
#[test]
fn e7_order_of_wishes() {
    let budget = Some(money(100_000, "RUB"));
    let end = Some(day("2026-05-10"));
    for (ends_by, calls_a_week, monthly_budget, expected) in [
        (None, None, None, [80, 40, 20, 120]),
        (None, None, budget, [40, 20, 80, 120]),
        // The last day served is the day before the end.
        (end, None, None, [80, 120, 40, 20]),
        (end.and_then(|day| day.pred_opt()), None, None, [80, 40, 20, 120]),
        (None, Some(1), None, [40, 20, 80, 120]),
        (None, Some(2), None, [80, 40, 20, 120]),
        (None, Some(0), None, [80, 40, 20, 120]),
        (end, None, budget, [40, 20, 80, 120]),
        (end, Some(1), None, [80, 120, 40, 20]),
        (end, Some(2), None, [80, 120, 40, 20]),
        // Another currency parts nothing.
        (None, None, Some(money(1, "EUR")), [80, 40, 20, 120]),
    ] {
        let wish = Wish { ends_by, calls_a_week, monthly_budget, ..wish(160) };
        assert_eq!(hours(&advise(&wish, &four())), expected, "{wish:?}");
    }
}

/// E-7: what is beaten in all three is listed with what beats it and is not recommended, even where it stands first.
#[test]
fn e7_dominated_rows() {
    // 100 hours: 30 × 4 leaves 20 and costs 3600; 50 × 2 leaves none and costs 2000.
    let offers = [offer(30, Some(90_000)), offer(50, Some(100_000)), offer(100, None)];
    let rows = advise(&wish(100), &offers);
    assert_eq!(hours(&rows), [100, 50, 30]);
    assert_eq!(rows[2].dominated_by, Some(named(50)));
    assert_eq!(rows[2].reasons(), [AdviceReason::Dominated]);
    assert_eq!(rows[1].dominated_by, None, "a row without a price beats nothing");
    // The cheap month is within the budget and stands first, but is beaten in everything that it comes to.
    let wish = Wish { monthly_budget: Some(money(95_000, "RUB")), ..wish(100) };
    let rows = advise(&wish, &offers[..2]);
    assert_eq!(hours(&rows), [30, 50]);
    assert_eq!((rows[0].recommended, rows[1].recommended), (false, true));
    assert_eq!(rows[1].reasons(), [AdviceReason::OverBudget]);
    // Prices of two currencies are not held against one another.
    let foreign = Offer { price: Some(money(1, "EUR")), ..offers[1] };
    let rows = advise(&self::wish(100), &[offers[0], foreign]);
    assert!(rows.iter().all(|row| row.dominated_by.is_none()));
}

/// E-7: a row without a price is out of no budget and has no total.
#[test]
fn e7_without_a_price() {
    let wish = Wish { monthly_budget: Some(money(1, "RUB")), ..wish(160) };
    let rows = advise(&wish, &[offer(80, Some(184_000)), offer(40, None)]);
    assert_eq!(hours(&rows), [40, 80]);
    assert_eq!((rows[0].within_budget, rows[0].total_price), (None, None));
    assert_eq!((rows[1].within_budget, rows[1].recommended), (Some(false), false));
}

/// E-7: calls a week follow from the hours.
#[test]
fn e7_contact() {
    for (hours, calls) in [(1, 1), (20, 1), (40, 1), (41, 2), (80, 2), (81, 3), (120, 3), (500, 3)] {
        assert_eq!(calls_a_week(hours * 60), calls, "{hours}");
    }
}

/// T16: the edges of minutes, prices and days.
#[test]
fn t16_edges() {
    let dear = Offer { price: Some(money(i64::MAX, "RUB")), minutes: 1, tariff: named(1) };
    let wish = Wish { minutes: i32::MAX, starts_on: NaiveDate::MAX, ..wish(1) };
    let wish = Wish { ends_by: Some(NaiveDate::MAX), ..wish };
    let rows = advise(&wish, &[dear, offer(20, Some(1)), Offer { minutes: 0, ..dear }]);
    assert_eq!(rows.len(), 2);
    let row = rows.iter().find(|row| row.tariff == named(1)).expect("a row");
    assert_eq!((row.months, row.unused_minutes, row.total_price, row.ends_on), (i32::MAX, 0, None, None));
    assert_eq!((row.in_time, row.dominated_by), (Some(false), None));
    for minutes in [0, -1, i32::MIN] {
        assert_eq!(advise(&Wish { minutes, ..wish }, &four()), []);
    }
}

/// B-13: a month's pace and the tariff that fits it better than the present one.
#[test]
fn b13_better_for_a_pace() {
    let minutes = |hours: i32| hours * 60;
    for (pace, present, expected) in [
        (minutes(38), 40, None),
        (minutes(15), 40, Some(20)),
        (minutes(40), 40, None),
        // Short by no more than a tenth, it is not worth a change.
        (minutes(44), 40, None),
        (minutes(44) + 1, 40, Some(80)),
        (minutes(100), 20, Some(120)),
        // Nothing holds it: the largest is the nearest.
        (minutes(300), 80, Some(120)),
        (minutes(300), 120, None),
        (minutes(60), 120, Some(80)),
        // A tariff no longer on sale is left for one that is.
        (minutes(30), 50, Some(40)),
        (0, 40, None),
    ] {
        let found = better_for_pace(pace, day("2026-03-11"), named(present), &four());
        assert_eq!(found, expected.map(named), "{pace} on {present}");
    }
    assert_eq!(better_for_pace(60, day("2026-03-11"), named(20), &[]), None);
}

prop_compose! {
    fn offers()(figures in prop::collection::vec((1i32..20_000, prop::option::of(0i64..5_000_000), any::<bool>()), 0..8))
        -> Vec<Offer> {
        figures
            .into_iter()
            .enumerate()
            .map(|(at, (minutes, price, is_rub))| Offer {
                tariff: TariffId(uuid::Uuid::from_u128(at as u128 + 1)),
                minutes,
                price: price.map(|minor| money(minor, if is_rub { "RUB" } else { "EUR" })),
            })
            .collect()
    }
}

prop_compose! {
    fn wishes()(
        minutes in prop_oneof![1i32..100_000, Just(i32::MAX)],
        ends in prop::option::of(0u64..1_000),
        calls_a_week in prop::option::of(0i32..5),
        budget in prop::option::of(0i64..5_000_000),
    ) -> Wish {
        let starts_on = day("2026-03-11");
        Wish {
            minutes,
            starts_on,
            ends_by: ends.map(|days| starts_on + Days::new(days)),
            calls_a_week,
            monthly_budget: budget.map(|minor| money(minor, "RUB")),
        }
    }
}

proptest! {
    /// E-7: a dominated row is never recommended, what dominates is itself beaten by none, and where there are rows
    /// exactly one is recommended.
    #[test]
    fn e7_never_recommends_a_dominated_row(wish in wishes(), offers in offers()) {
        let rows = advise(&wish, &offers);
        prop_assert_eq!(rows.len(), offers.len());
        prop_assert_eq!(rows.iter().filter(|row| row.recommended).count(), usize::from(!rows.is_empty()));
        for row in &rows {
            prop_assert!(!(row.recommended && row.dominated_by.is_some()));
            if let Some(by) = row.dominated_by {
                let better = rows.iter().find(|other| other.tariff == by).expect("a listed row");
                prop_assert_eq!(better.dominated_by, None);
                prop_assert!(better.months < row.months && better.unused_minutes < row.unused_minutes);
                let price = |row: &Row| offers.iter().find(|offer| offer.tariff == row.tariff).and_then(|offer| offer.price);
                prop_assert!(price(better).is_some() && price(row).is_some());
            }
        }
    }

    /// E-7: the months hold the minutes, one fewer would not, and the order is that of the wishes.
    #[test]
    fn e7_rows_hold_the_minutes_in_order(wish in wishes(), offers in offers()) {
        let rows = advise(&wish, &offers);
        for row in &rows {
            let offer = offers.iter().find(|offer| offer.tariff == row.tariff).expect("an offer");
            let held = i64::from(row.months) * i64::from(offer.minutes);
            prop_assert_eq!(held - i64::from(wish.minutes), i64::from(row.unused_minutes));
            prop_assert!(row.unused_minutes < offer.minutes);
            if wish.monthly_budget.is_none() || offer.price.is_none() {
                prop_assert_ne!(row.within_budget, Some(false));
            }
        }
        for pair in rows.windows(2) {
            let key = |row: &Row| {
                let no = |wish: Option<bool>| wish == Some(false);
                (no(row.within_budget), no(row.in_time), no(row.enough_contact), row.unused_minutes, row.months)
            };
            prop_assert!(key(&pair[0]) <= key(&pair[1]));
        }
    }
}
