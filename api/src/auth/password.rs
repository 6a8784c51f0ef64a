//! Passwords: argon2id, and never more of it at once than the machine has cores.
//!
//! Hashing is slow on purpose, so it is the cheapest way to bring a server down (T33): it runs on blocking threads
//! behind a semaphore, a bounded number of callers wait, and whoever comes on top is told to come again. Someone
//! unknown costs as much as someone known (T31): their password is held against a hash of nobody's.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::text::fold;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::token;
use crate::error::{Error, Result};

/// The fewest characters of a password.
pub const SHORTEST: usize = 12;
/// The most characters of a password.
pub const LONGEST: usize = 256;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Words and rows of keys that guessing begins with, one a line, folded.
const COMMON: &str = include_str!("common_password.txt");

/// Hashes and verifies passwords, a few at once.
#[derive(Debug)]
pub struct Passwords {
    cores: Arc<Semaphore>,
    /// Of those who are served and those who wait.
    places: Arc<Semaphore>,
    /// A hash that no password has.
    nobody: String,
}

/// A place among those whose passwords are checked or wait for it.
#[derive(Debug)]
pub struct Turn(#[allow(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    #[error("A password has at least {SHORTEST} characters.")]
    Short,
    #[error("A password has at most {LONGEST} characters.")]
    Long,
    #[error("This password is among the first that are guessed.")]
    Common,
    #[error("A password is not one's name or e-mail address.")]
    Own,
}

impl Passwords {
    /// So many at once, or all of the machine's cores but one, and so many more who wait.
    pub fn new(threads: Option<usize>, waiting: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let cores = threads.unwrap_or(cores - 1).max(1);
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            places: Arc::new(Semaphore::new(cores.saturating_add(waiting).min(Semaphore::MAX_PERMITS))),
            nobody: encode(&token::random::<16>(), &token::random::<32>()),
        }
    }

    /// A place in the queue. Whoever counts tries takes it before counting: being turned away is no try.
    ///
    /// # Errors
    /// Unavailable where too many wait already.
    pub fn turn(&self) -> Result<Turn> {
        let full = |_| Error::Unavailable("too many sign-ins at once".to_owned());
        Arc::clone(&self.places).try_acquire_owned().map(Turn).map_err(full)
    }

    /// The hash to keep of a password.
    ///
    /// # Errors
    /// Unavailable where too many wait already.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.work(self.turn()?, move || {
            let salt = token::random::<16>();
            Some(encode(&salt, &derive(&password, &salt)?))
        })
        .await?
        .ok_or_else(|| Error::Internal("a password could not be hashed".to_owned()))
    }

    /// Whether the password is the one of the hash; without a hash it is not, after the same work (T31).
    ///
    /// # Errors
    /// A fault of the machine's.
    pub async fn verify(&self, turn: Turn, password: String, hash: Option<&str>) -> Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.nobody).to_owned();
        let same = self
            .work(turn, move || {
                let (salt, expected) = decode(&hash)?;
                Some(verify_slices_are_equal(&derive(&password, &salt)?, &expected).is_ok())
            })
            .await?;
        Ok(known && same == Some(true))
    }

    async fn work<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let core = Arc::clone(&self.cores)
            .acquire_owned()
            .await
            .map_err(|_| Error::Internal("the semaphore is never closed".to_owned()))?;
        // A caller who goes away leaves the thread at work: place and core are free when the work is done.
        tokio::task::spawn_blocking(move || {
            let _held = (turn, core);
            work()
        })
        .await
        .map_err(|error| Error::Internal(error.to_string()))
    }
}

fn derive(password: &str, salt: &[u8]) -> Option<[u8; 32]> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).ok()?;
    let mut hash = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut hash)
        .ok()?;
    Some(hash)
}

/// The usual way to write an argon2 hash down, its cost included, so that a later change of cost can be told.
fn encode(salt: &[u8], hash: &[u8]) -> String {
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}")
}

fn decode(encoded: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let rest = encoded.strip_prefix(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"))?;
    let (salt, hash) = rest.split_once('$')?;
    Some((STANDARD_NO_PAD.decode(salt).ok()?, STANDARD_NO_PAD.decode(hash).ok()?))
}

/// Holds a new password against what is guessed first: length, common words, the person's own name and address.
///
/// # Errors
/// The first thing wrong with it.
pub fn check(password: &str, email: &str, name: &str) -> std::result::Result<(), Weak> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Weak::Short);
    }
    if length > LONGEST {
        return Err(Weak::Long);
    }
    let folded: String = fold(password).chars().filter(|c| !c.is_whitespace()).collect();
    let word = unit(folded.trim_matches(|c: char| !c.is_alphabetic()));
    let mut letters: Vec<char> = folded.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.len() < 5 || COMMON.lines().any(|common| common == folded || common == word) {
        return Err(Weak::Common);
    }
    let local = email.split('@').next().unwrap_or(email);
    let own = [email, local, name].map(|own| fold(own).replace(' ', ""));
    let is_own = |own: &String| !own.is_empty() && (*own == folded || *own == word);
    if own.iter().any(is_own) { Err(Weak::Own) } else { Ok(()) }
}

/// What a text repeats: `abcabc` is `abc` twice, any other is itself.
fn unit(text: &str) -> &str {
    (1..=text.len() / 2)
        .filter(|size| text.len().is_multiple_of(*size) && text.is_char_boundary(*size))
        .map(|size| &text[..size])
        .find(|start| start.repeat(text.len() / start.len()) == text)
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// what is guessed first is refused, a sentence is not.
    #[test]
    fn weak_passwords_are_refused() {
        for (password, expected) in [
            ("short", Err(Weak::Short)),
            ("elevenchars", Err(Weak::Short)),
            ("Password12345!", Err(Weak::Common)),
            ("passwordpassword", Err(Weak::Common)),
            ("111111111111", Err(Weak::Common)),
            ("123456789012", Err(Weak::Common)),
            ("Пароль123456", Err(Weak::Common)),
            ("qwertyuiop[]", Err(Weak::Common)),
            ("anna.petrova@example.org", Err(Weak::Own)),
            ("Anna.Petrova1", Err(Weak::Own)),
            ("annapetrova2026", Err(Weak::Own)),
            ("correct horse battery", Ok(())),
            ("ёлки да палки в лесу", Ok(())),
        ] {
            assert_eq!(check(password, "anna.petrova@example.org", "Anna Petrova"), expected, "{password}");
        }
        assert_eq!(check(&"aб1 x".repeat(52), "a@b.co", "A"), Err(Weak::Long));
    }

    /// T31, T35: a hash fits its password alone, and two hashes of one password differ.
    #[tokio::test]
    async fn a_hash_fits_its_password_alone() {
        let passwords = Passwords::new(Some(2), 8);
        let hash = passwords.hash("correct horse battery".to_owned()).await.unwrap();
        assert_ne!(hash, passwords.hash("correct horse battery".to_owned()).await.unwrap());
        assert!(
            passwords
                .verify(passwords.turn().unwrap(), "correct horse battery".to_owned(), Some(&hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(passwords.turn().unwrap(), "correct horse batterz".to_owned(), Some(&hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(passwords.turn().unwrap(), "correct horse battery".to_owned(), None)
                .await
                .unwrap()
        );
    }

    /// T33: beyond the queue the answer comes at once, and the queue is free again afterwards.
    #[tokio::test]
    async fn too_many_at_once_are_turned_away() {
        let passwords = Arc::new(Passwords::new(Some(1), 32));
        let many: Vec<_> = (0..100)
            .map(|_| {
                let passwords = Arc::clone(&passwords);
                tokio::spawn(async move { passwords.verify(passwords.turn()?, "x".to_owned(), None).await })
            })
            .collect();
        let mut turned_away = 0;
        for one in many {
            turned_away += usize::from(one.await.unwrap().is_err());
        }
        assert_eq!(turned_away, 100 - (1 + 32));
        assert!(passwords.turn().is_ok());
    }
}
