//! Proofs of the counters and movements.

use proptest::prelude::*;

use super::*;

fn grant(minutes: i32) -> Movement {
    Movement::grant(minutes, GrantCause::Period).expect("a grant")
}

fn sum(movements: &[Movement]) -> Result<Counters, LedgerError> {
    movements.iter().try_fold(Counters::default(), Counters::apply)
}

/// B-1, B-2: each kind of movement changes its own counter, usage and expiry against the balance.
#[test]
fn b2_each_movement_moves_its_counter() {
    let usage = Movement::usage(50).expect("a usage");
    let counters = sum(&[
        grant(100),
        Movement::grant(20, GrantCause::TopUp).expect("a top-up"),
        usage,
        Movement::reversal_of(&usage, 10).expect("a reversal"),
        Movement::transfer(-5).expect("a transfer"),
        Movement::adjustment(3).expect("an adjustment"),
        Movement::expiry(7).expect("an expiry"),
    ]);
    let expected = Counters { granted: 120, transferred: -5, adjusted: 3, used: 40, expired: 7 };
    assert_eq!(counters, Ok(expected));
    assert_eq!((expected.available(), expected.net()), (118, 71));
    assert_eq!((expected.remaining(), expected.overage()), (71, 0));
}

/// B-1: movements with a wrong sign, counter or cause cannot be made or applied.
#[test]
fn b1_malformed_movements_are_refused() {
    for wrong in [0, -1, i32::MIN] {
        assert_eq!(Movement::grant(wrong, GrantCause::Period), Err(LedgerError::WrongMinutes));
        assert_eq!(Movement::usage(wrong), Err(LedgerError::WrongMinutes));
        assert_eq!(Movement::expiry(wrong), Err(LedgerError::WrongMinutes));
    }
    assert_eq!(Movement::adjustment(0), Err(LedgerError::WrongMinutes));
    assert_eq!(Movement::transfer(0), Err(LedgerError::WrongMinutes));
    for misplaced in [
        Movement { counter: Counter::Used, ..grant(5) },
        Movement { cause: None, ..grant(5) },
        Movement { cause: Some(GrantCause::Period), ..Movement::usage(5).expect("a usage") },
    ] {
        assert_eq!(Counters::default().apply(&misplaced), Err(LedgerError::Misplaced));
    }
}

/// B-2: a reversal takes back a part or the whole, in the same counter, and never more.
#[test]
fn b2_reversal_in_part_or_whole() {
    let usage = Movement::usage(30).expect("a usage");
    let whole = Movement::reversal_of(&usage, 30).expect("a reversal");
    assert_eq!((whole.kind, whole.counter, whole.minutes), (EntryKind::Reversal, Counter::Used, 30));
    let top_up = Movement::reversal_of(&grant(20), 20).expect("a reversal");
    assert_eq!((top_up.counter, top_up.minutes), (Counter::Granted, -20));
    assert_eq!(Movement::reversal_of(&usage, 31), Err(LedgerError::NotReversible));
    assert_eq!(Movement::reversal_of(&whole, 30), Err(LedgerError::NotReversible));
    assert_eq!(Movement::reversal_of(&usage, 0), Err(LedgerError::WrongMinutes));
    assert_eq!(Movement::reversal_of(&usage, -30), Err(LedgerError::WrongMinutes));
    assert_eq!(Movement::reversal_of(&usage, i32::MIN), Err(LedgerError::NotReversible));
}

/// B-2: granted, used and expired never fall below zero, whatever is reversed twice.
#[test]
fn b2_counters_stay_above_zero() {
    let usage = Movement::usage(30).expect("a usage");
    let back = Movement::reversal_of(&usage, 30).expect("a reversal");
    assert_eq!(sum(&[usage, back, back]), Err(LedgerError::BelowZero(Counter::Used)));
    assert!(sum(&[Movement::transfer(-500).expect("a transfer")]).is_ok());
}

/// T16: sums beyond 32 bits are refused, not wrapped.
#[test]
fn t16_overflow_is_refused() {
    assert_eq!(sum(&[grant(i32::MAX), grant(1)]), Err(LedgerError::Overflow));
    let more = Movement::transfer(1).expect("a transfer");
    assert_eq!(sum(&[grant(i32::MAX), more]), Err(LedgerError::Overflow));
    let most = Movement::usage(i32::MAX).expect("a usage");
    assert!(sum(&[most]).is_ok());
    let out = Movement::transfer(-2).expect("a transfer");
    assert_eq!(sum(&[most, out]), Err(LedgerError::Overflow));
}

/// B-4, B-9: what is left, top-ups included, expires once; the ended period reads so before.
#[test]
fn b4_the_rest_expires_with_its_period() {
    let top_up = Movement::grant(20, GrantCause::TopUp).expect("a top-up");
    let open = sum(&[grant(100), top_up, Movement::usage(50).expect("a usage")]).expect("counters");
    let expiry = expire(open).expect("something is left");
    assert_eq!((expiry.kind, expiry.minutes), (EntryKind::Expiry, -70));
    let closed = open.apply(&expiry).expect("counters");
    assert_eq!(closed, open.ended(UnusedMinutes::Expire));
    assert_eq!((closed.remaining(), closed.overage()), (0, 0));
    assert_eq!(expire(closed), None);
    assert_eq!(closed.ended(UnusedMinutes::Expire), closed);
    assert_eq!(open.ended(UnusedMinutes::Keep), open);
}

/// B-7: a top-up covers the overage of the running period by itself.
#[test]
fn b7_top_up_covers_overage() {
    let over = sum(&[grant(60), Movement::usage(90).expect("a usage")]).expect("counters");
    assert_eq!((over.remaining(), over.overage()), (0, 30));
    let topped = over.apply(&grant(45)).expect("counters");
    assert_eq!((topped.remaining(), topped.overage()), (15, 0));
}

fn any_movement() -> impl Strategy<Value = Movement> {
    (0..6usize, 1..3_000i32, any::<bool>()).prop_map(|(kind, minutes, out)| {
        let signed = if out { -minutes } else { minutes };
        let movement = match kind {
            0 => Movement::grant(minutes, GrantCause::TopUp),
            1 => Movement::usage(minutes),
            2 => Movement::expiry(minutes),
            3 => Movement::adjustment(signed),
            4 => Movement::transfer(signed),
            _ => Movement::usage(minutes).and_then(|usage| Movement::reversal_of(&usage, minutes)),
        };
        movement.expect("a movement")
    })
}

proptest! {
    /// B-2: net equals the sum of all applied movements; remaining and overage never both stand.
    #[test]
    fn b2_counters_are_the_sum_of_the_entries(movements in prop::collection::vec(any_movement(), 0..60)) {
        let mut counters = Counters::default();
        let mut net = 0;
        for movement in &movements {
            if let Ok(next) = counters.apply(movement) {
                counters = next;
                net += movement.minutes;
            }
            prop_assert_eq!(counters.net(), net);
            prop_assert_eq!(counters.remaining() - counters.overage(), net);
            prop_assert!(counters.remaining() == 0 || counters.overage() == 0);
            prop_assert!(counters.granted >= 0 && counters.used >= 0 && counters.expired >= 0);
        }
    }

    /// B-12: movements that all pass give the same counters in any order.
    #[test]
    fn b12_order_of_writers_does_not_matter(amounts in prop::collection::vec(1..500i32, 1..20)) {
        let entries: Vec<_> = amounts.iter().map(|minutes| Movement::usage(*minutes).expect("a usage")).collect();
        let reversed: Vec<_> = entries.iter().rev().copied().collect();
        prop_assert_eq!(sum(&entries), sum(&reversed));
    }

    /// T16: no counters and no movement panic.
    #[test]
    fn t16_any_figures(values in any::<[i32; 5]>(), minutes in any::<i32>(), kind in 0..EntryKind::ALL.len(), counter in 0..Counter::ALL.len()) {
        let [granted, transferred, adjusted, used, expired] = values;
        let counters = Counters { granted, transferred, adjusted, used, expired };
        let movement = Movement { kind: EntryKind::ALL[kind], counter: Counter::ALL[counter], minutes, cause: None };
        let _ = counters.apply(&movement);
        let _ = Movement::reversal_of(&movement, minutes);
        let _ = (counters.available(), counters.overage(), counters.remaining());
        let _ = (expire(counters), counters.ended(UnusedMinutes::Expire));
    }
}
