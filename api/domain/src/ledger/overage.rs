//! What may be logged beyond the balance, and what a late entry or payment does.
//!
//! The policy of an engagement is judged on the net effect of a whole change, so that a correction
//! which lowers the overage passes under any policy and one which leaves it as it was passes too
//! (B-7). Carried overage does not come here: a TRANSFER may pass the policy.

use thiserror::Error;

use super::Counters;
use crate::engagement::OveragePolicy;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// What becomes of the overage that a period ends with (B-7).
    OverageDecision {
        /// It is carried into the running period.
        Carry,
        /// It is written off.
        WriteOff,
    }
}

/// Why time beyond the balance is not logged (B-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LedgerRefusal {
    /// The engagement refuses time beyond its balance.
    #[error("the hours of the period are used up")]
    BalanceExhausted,
    /// The client's owner has not approved so many extra minutes for the period.
    #[error("the client has to approve extra hours first")]
    ApprovalNeeded,
}

/// Whether a change that draws `asked` minutes and gives `freed` minutes back may be made in a
/// period with these counters (B-7, W-4). Minutes are not negative; `approved_overage` is what the
/// client's owner approved for the period.
///
/// # Errors
/// The change raises the overage: under REFUSED always, under ASK_CLIENT beyond what is approved.
pub fn settle(
    counters: Counters,
    asked: i32,
    freed: i32,
    policy: OveragePolicy,
    approved_overage: i32,
) -> Result<(), LedgerRefusal> {
    let net = counters.net_wide();
    let before = (-net).max(0);
    let after = (i64::from(asked) - i64::from(freed) - net).max(0);
    let grew = after > before;
    match policy {
        OveragePolicy::Refused if grew => Err(LedgerRefusal::BalanceExhausted),
        OveragePolicy::AskClient if grew && after > i64::from(approved_overage) => {
            Err(LedgerRefusal::ApprovalNeeded)
        }
        _ => Ok(()),
    }
}

/// How a first entry for a day of an ended period draws on it (W-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateUse {
    /// Minutes of the period's EXPIRY to reverse.
    pub expiry_reversed: i32,
    /// Minutes that become overage of the period.
    pub overage: i32,
}

/// Draws `minutes` late on an ended period whose unused minutes expired (W-4, B-9): what is left is
/// used first, then as much of the expiry as it needs comes back, the rest is overage there.
///
/// # Errors
/// The rest is more than the policy lets through (B-7); then nothing is drawn at all.
pub fn late(
    counters: Counters,
    minutes: i32,
    policy: OveragePolicy,
    approved_overage: i32,
) -> Result<LateUse, LedgerRefusal> {
    let needed = minutes.max(0).saturating_sub(counters.remaining()).max(0);
    let expiry_reversed = needed.min(counters.expired.max(0));
    settle(counters, minutes, expiry_reversed, policy, approved_overage)?;
    Ok(LateUse { expiry_reversed, overage: needed - expiry_reversed })
}

/// How a grant paid for after its period's end is shared out (E-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LatePaymentSplit {
    /// Minutes granted in the ended period, which cover its overage.
    pub in_period: i32,
    /// Minutes for the running period; where none runs, they stay on the payment as unused.
    pub to_running: i32,
}

/// Splits `grant_minutes` of a period that was paid after its end: its overage is covered first,
/// the rest goes to the running period (E-4).
pub fn late_payment(counters: Counters, grant_minutes: i32) -> LatePaymentSplit {
    let grant = grant_minutes.max(0);
    let in_period = counters.overage().min(grant);
    LatePaymentSplit { in_period, to_running: grant - in_period }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counters(granted: i32, used: i32, expired: i32) -> Counters {
        Counters { granted, used, expired, ..Counters::default() }
    }

    /// B-7: each policy, judged on the net effect of the change.
    #[test]
    fn b7_policy_is_judged_on_the_net_effect() {
        use LedgerRefusal::{ApprovalNeeded, BalanceExhausted};
        use OveragePolicy::{Allowed, AskClient, Refused};
        for (used, asked, freed, policy, approved, expected) in [
            (60, 60, 0, Allowed, 0, Ok(())),
            (40, 20, 0, Refused, 0, Ok(())),
            (40, 21, 0, Refused, 0, Err(BalanceExhausted)),
            (40, 21, 0, Refused, 100, Err(BalanceExhausted)),
            // Overage from before: lower or equal passes, higher does not.
            (90, 50, 60, Refused, 0, Ok(())),
            (90, 60, 60, Refused, 0, Ok(())),
            (90, 61, 60, Refused, 0, Err(BalanceExhausted)),
            (90, 0, 10, AskClient, 0, Ok(())),
            (40, 20, 0, AskClient, 0, Ok(())),
            (40, 21, 0, AskClient, 0, Err(ApprovalNeeded)),
            (40, 50, 0, AskClient, 30, Ok(())),
            (40, 51, 0, AskClient, 30, Err(ApprovalNeeded)),
            (90, 60, 60, AskClient, 0, Ok(())),
            // What is approved holds for the period, not for each change.
            (90, 5, 0, AskClient, 30, Err(ApprovalNeeded)),
            (90, 5, 0, AskClient, 35, Ok(())),
        ] {
            let outcome = settle(counters(60, used, 0), asked, freed, policy, approved);
            assert_eq!(outcome, expected, "{used} {asked} {freed} {policy:?} {approved}");
        }
    }

    /// W-4: a late entry brings back as much expiry as it needs; the rest is overage or refused whole.
    #[test]
    fn w4_late_entry_reverses_expiry_first() {
        use OveragePolicy::{Allowed, AskClient, Refused};
        let used = |expiry_reversed, overage| Ok(LateUse { expiry_reversed, overage });
        for (period, minutes, policy, approved, expected) in [
            (counters(60, 40, 20), 15, Refused, 0, used(15, 0)),
            (counters(60, 40, 20), 20, Refused, 0, used(20, 0)),
            (counters(60, 40, 20), 21, Refused, 0, Err(LedgerRefusal::BalanceExhausted)),
            (counters(60, 40, 20), 30, Allowed, 0, used(20, 10)),
            (counters(60, 40, 20), 30, AskClient, 9, Err(LedgerRefusal::ApprovalNeeded)),
            (counters(60, 40, 20), 30, AskClient, 10, used(20, 10)),
            // Minutes that came back by a correction are used before the expiry is touched.
            (counters(60, 30, 20), 15, Refused, 0, used(5, 0)),
            (counters(0, 0, 0), 10, Allowed, 0, used(0, 10)),
        ] {
            assert_eq!(late(period, minutes, policy, approved), expected, "{period:?} {minutes}");
        }
    }

    /// E-4: a late payment covers the ended period's overage, the rest goes on.
    #[test]
    fn e4_late_payment_covers_overage_first() {
        for (used, grant, in_period, to_running) in
            [(0, 1200, 0, 1200), (300, 1200, 300, 900), (1500, 1200, 1200, 0)]
        {
            let expected = LatePaymentSplit { in_period, to_running };
            assert_eq!(late_payment(counters(0, used, 0), grant), expected);
        }
    }

    proptest! {
        /// B-7: under REFUSED nothing that passes raises the overage, and what lowers it passes.
        #[test]
        fn b7_refused_never_raises_overage(granted in 0..5_000, used in 0..5_000, asked in 0..2_000, freed in 0..2_000) {
            let before = counters(granted, used, 0);
            let after = counters(granted + freed, used + asked, 0);
            let passes = settle(before, asked, freed, OveragePolicy::Refused, 0).is_ok();
            prop_assert_eq!(passes, after.overage() <= before.overage());
        }

        /// T16: any figures are judged without panic.
        #[test]
        fn t16_edges_do_not_panic(values in any::<[i32; 5]>(), asked in any::<i32>(), freed in any::<i32>()) {
            let [granted, transferred, adjusted, used, expired] = values;
            let any = Counters { granted, transferred, adjusted, used, expired };
            for policy in OveragePolicy::ALL {
                let _ = settle(any, asked, freed, *policy, asked);
                let _ = late(any, asked, *policy, freed);
            }
            late_payment(any, asked);
        }
    }
}
