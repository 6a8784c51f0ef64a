//! Documents that have passed the guard, with what it found: neither scanned nor parsed again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Prepared, inspect};
use crate::http::refusal::Refusal;

/// What the documents kept may weigh; a tree takes up to a hundred times its text.
const MOST: usize = 256 * 1024;
/// What a document weighs beside the bytes of its text: the smallest tree has its size too.
const EACH: usize = 256;

/// A document's text and the operation chosen in it.
type Key = (Arc<str>, Option<String>);

/// The documents known; the oldest is forgotten for a new one.
#[derive(Debug, Default)]
pub struct Known(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    prepared: HashMap<Key, Arc<Prepared>>,
    oldest_first: VecDeque<Key>,
    weight: usize,
}

impl Known {
    /// Checks a document as [`inspect`] does, or knows that it was.
    ///
    /// # Errors
    /// As [`inspect`]; what is refused is not remembered.
    pub fn inspect(&self, text: &Arc<str>, operation_name: Option<&str>) -> Result<Arc<Prepared>, Refusal> {
        let key = (Arc::clone(text), operation_name.map(str::to_owned));
        if let Some(prepared) = self.kept(|kept| kept.prepared.get(&key).cloned()) {
            return Ok(prepared);
        }
        let prepared = Arc::new(inspect(text, operation_name)?);
        self.kept(|kept| kept.keep(key, Arc::clone(&prepared)));
        Ok(prepared)
    }

    fn kept<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    fn keep(&mut self, key: Key, prepared: Arc<Prepared>) {
        // Two may have come with it at once.
        if self.prepared.insert(key.clone(), prepared).is_some() {
            return;
        }
        self.weight += weight(&key);
        self.oldest_first.push_back(key);
        while self.weight > MOST {
            let Some(oldest) = self.oldest_first.pop_front() else { break };
            self.weight -= weight(&oldest);
            self.prepared.remove(&oldest);
        }
    }
}

fn weight((text, _): &Key) -> usize {
    EACH + text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T1: the same text is judged once, by operation; what was refused is judged again.
    #[test]
    fn what_passed_is_known() {
        let known = Known::default();
        let text: Arc<str> = "query A { a } query B { b }".into();
        let first = known.inspect(&text, Some("A")).expect("it passes");
        assert!(Arc::ptr_eq(&first, &known.inspect(&text, Some("A")).expect("it passes")));
        assert_eq!(known.inspect(&text, Some("B")).expect("it passes").name.as_deref(), Some("B"));
        assert!(known.inspect(&text, None).is_err());
        assert!(known.inspect(&text, Some("C")).is_err());
        assert_eq!(known.kept(|kept| kept.prepared.len()), 2);
    }

    /// T18: a flood of documents, long or short, does not grow what is kept.
    #[test]
    fn a_flood_is_forgotten() {
        for (length, documents) in [(8_000, 100), (0, 3_000)] {
            let known = Known::default();
            let note = "#".repeat(length);
            for n in 0..documents {
                known.inspect(&format!("{{ a{n} }} {note}").into(), None).expect("it passes");
            }
            known.kept(|kept| {
                assert!(kept.weight <= MOST && kept.weight > MOST / 2);
                assert!(kept.prepared.len() <= MOST / (EACH + length));
                assert_eq!(kept.prepared.len(), kept.oldest_first.len());
                assert_eq!(kept.weight, kept.oldest_first.iter().map(weight).sum::<usize>());
            });
        }
    }
}
