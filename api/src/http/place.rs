//! How many sockets and event streams one caller may hold open at once (T51).
//!
//! They are counted by address, so that nobody takes every connection of the server, and by principal, so that one
//! account cannot multiply the operations that a socket may run. The anonymous have no principal to count by. A place
//! is given back when it is dropped, however its connection ends; the map holds those with an open one alone.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::refusal::Refusal;
use super::{Api, address};
use crate::auth::Session;
use crate::graphql::error as code;

/// Places taken, by caller.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(Arc<Mutex<HashMap<String, usize>>>);

/// One place, for as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    key: String,
}

impl Places {
    pub(super) fn take(&self, key: String, most: usize) -> Option<Place> {
        let mut taken = self.lock();
        if taken.get(&key).copied().unwrap_or(0) >= most {
            return None;
        }
        *taken.entry(key.clone()).or_default() += 1;
        Some(Place { places: self.clone(), key })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

impl Api {
    /// A place of the address.
    ///
    /// # Errors
    /// `UNAVAILABLE` where it has as many as it may.
    pub(super) fn place_of_address(&self, address: IpAddr) -> Result<Place, Refusal> {
        let busy = || {
            self.refused("sockets_per_address");
            Refusal {
                message: "This address has as many live connections as it may: close one first.".to_owned(),
                ..Refusal::busy()
            }
        };
        self.places.take(address::key(address), self.limits.sockets_per_address).ok_or_else(busy)
    }

    /// A place of the principal; none for the anonymous.
    ///
    /// # Errors
    /// `RATE_LIMITED` where it has as many as it may.
    pub(super) fn place_of_principal(&self, session: &Session) -> Result<Option<Place>, Refusal> {
        if session.principal == "anonymous" {
            return Ok(None);
        }
        let message = "This caller has as many live connections as it may: close one first.";
        self.places.take(session.principal.clone(), self.limits.sockets_per_principal).map(Some).ok_or_else(
            || {
                self.refused("sockets_per_principal");
                Refusal::new(code::RATE_LIMITED, message)
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn t51_places_are_counted_and_given_back() {
        let places = Places::default();
        let take = |key: &str| places.take(key.to_owned(), 2);
        let (first, second) = (take("a"), take("a"));
        assert!(first.is_some() && second.is_some());
        assert!(take("a").is_none());
        assert!(take("b").is_some());
        drop(first);
        assert!(take("a").is_some());
        drop(second);
        assert!(places.lock().is_empty());
        assert!(places.take("a".to_owned(), 0).is_none());
    }
}
