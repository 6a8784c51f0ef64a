//! Access tokens whose signature was found good: a caller sends the same one for ten minutes, and proving it costs more
//! than all else that is done to know them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::Keys;
use super::token::{self, Claims};

/// Tokens remembered.
const MOST: usize = 10_000;

/// The tokens proved lately, by their digest: whoever reads the memory finds no token in it.
#[derive(Debug, Default)]
pub(super) struct Proved(Mutex<HashMap<Vec<u8>, Arc<Claims>>>);

impl Proved {
    /// What a good token says, as of now; none for any other.
    pub(super) fn verify(&self, keys: &Keys, token: &str, now: DateTime<Utc>) -> Option<Arc<Claims>> {
        let digest = token::hash(token);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        if let Some(claims) = known {
            return claims.hold_at(now).then_some(claims);
        }
        let claims = Arc::new(token::verify(keys, token, now)?);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, claims| claims.hold_at(now));
        }
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(digest, Arc::clone(&claims));
        Some(claims)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use domain::id::{SignInId, UserId};
    use uuid::Uuid;

    use super::*;
    use crate::clock::Clock;

    /// T27: a token that was good once is not good after its end, and one that differs in a letter never was.
    #[test]
    fn what_was_proved_still_ends() {
        let (keys, proved, now) =
            (Keys::ephemeral().expect("randomness"), Proved::default(), Clock::System.now());
        let (user, sign_in) = (UserId(Uuid::now_v7()), SignInId(Uuid::now_v7()));
        let token = token::issue(&keys, user, sign_in, 1, now, TimeDelta::minutes(10));
        for _ in 0..2 {
            assert_eq!(proved.verify(&keys, &token, now).expect("it is good").user(), user);
        }
        assert!(proved.verify(&keys, &token, now + TimeDelta::minutes(11)).is_none());
        assert!(proved.verify(&keys, &token, now - TimeDelta::minutes(1)).is_none());
        assert!(proved.verify(&keys, &token.replace('.', ".A"), now).is_none());
        assert_eq!(proved.0.lock().expect("not poisoned").len(), 1);
    }

    /// T33: a flood of tokens does not grow what is remembered.
    #[test]
    fn a_flood_is_forgotten() {
        let (keys, proved, now) =
            (Keys::ephemeral().expect("randomness"), Proved::default(), Clock::System.now());
        let claims = {
            let ids = (UserId(Uuid::now_v7()), SignInId(Uuid::now_v7()));
            let token = token::issue(&keys, ids.0, ids.1, 1, now, TimeDelta::minutes(10));
            proved.verify(&keys, &token, now).expect("it is good")
        };
        for n in 0..MOST {
            let digest = token::hash(&n.to_string());
            proved.0.lock().expect("not poisoned").insert(digest, Arc::clone(&claims));
        }
        let ids = (UserId(Uuid::now_v7()), SignInId(Uuid::now_v7()));
        let token = token::issue(&keys, ids.0, ids.1, 1, now, TimeDelta::minutes(10));
        assert!(proved.verify(&keys, &token, now).is_some());
        assert!(proved.0.lock().expect("not poisoned").len() <= MOST);
    }
}
