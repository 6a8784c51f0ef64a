//! How often one may try to sign in (A-3, T32).
//!
//! Failures are counted over a quarter of an hour, three ways: by address alone, by account and address together, and
//! by account alone. The last never shuts an account, or anybody could shut out anybody: it makes each address's share
//! of tries small, so that guessing from many places gains little and the owner still gets in from any of them.

/// Over how many minutes failures are counted.
pub const WINDOW_MINUTES: i64 = 15;
/// Failures from one address, whatever the account.
const BY_ADDRESS: u64 = 100;
/// Failures on one account from one address.
const BY_PAIR: u64 = 10;
/// Failures on one account from where on it counts as under attack.
const BY_ACCOUNT: u64 = 50;
/// Failures on an account under attack from one address.
const BY_PAIR_UNDER_ATTACK: u64 = 3;
/// Links to set a new password that one account is sent.
const RESETS: u64 = 3;

/// Failures within the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    pub by_address: u64,
    pub by_pair: u64,
    pub by_account: u64,
}

impl Failures {
    /// Whether one more try is allowed.
    pub fn allow_another(self) -> bool {
        let pair = if self.by_account >= BY_ACCOUNT { BY_PAIR_UNDER_ATTACK } else { BY_PAIR };
        self.by_address < BY_ADDRESS && self.by_pair < pair
    }

    /// Whether one more link for a new password is sent; what is counted are the links asked for.
    pub fn allow_another_reset(self) -> bool {
        self.by_account < RESETS
    }

    /// Whether the address has asked too much, whatever for.
    pub fn address_is_spent(self) -> bool {
        self.by_address >= BY_ADDRESS
    }
}

#[cfg(test)]
mod tests {
    use super::Failures;

    /// A-3, T32: guessing is slowed by pair and by address; an account under attack still opens to its owner.
    #[test]
    fn a3_tries_are_limited_and_nobody_is_locked_out_by_others() {
        for (by_address, by_pair, by_account, expected) in [
            (0, 0, 0, true),
            (9, 9, 9, true),
            (10, 10, 10, false),
            (99, 0, 0, true),
            (100, 0, 0, false),
            (0, 0, 1_000_000, true),
            (2, 2, 50, true),
            (3, 3, 50, false),
            (3, 3, 49, true),
        ] {
            let failures = Failures { by_address, by_pair, by_account };
            assert_eq!(failures.allow_another(), expected, "{failures:?}");
        }
    }
}
