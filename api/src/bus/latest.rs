//! The newest value of each key that somebody watches, and who is to be told.
//!
//! A watcher holds a *set* of keys that changed since it last looked, and takes the newest values when it does: one
//! that reads slowly costs nothing and misses nothing that still holds. Memory grows with keys and watchers, never
//! with changes times watchers.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

use super::rights::{Whom, Whose};

/// The values by key.
#[derive(Debug)]
pub struct Latest<K, V> {
    inner: Mutex<Inner<K, V>>,
}

#[derive(Debug)]
struct Inner<K, V> {
    values: HashMap<K, V>,
    watchers: HashMap<K, Vec<Weak<Watcher<K>>>>,
    everything: Vec<Weak<Watcher<K>>>,
}

/// One who watches some keys, or all of them.
#[derive(Debug)]
pub struct Watcher<K> {
    /// Whose changes of rights concern it.
    whose: Whose,
    changed: Mutex<BTreeSet<K>>,
    wake: Notify,
}

impl<K: Ord + Copy> Watcher<K> {
    fn new(whose: Whose) -> Arc<Self> {
        Arc::new(Self { whose, changed: Mutex::default(), wake: Notify::new() })
    }

    fn tell(&self, key: K) {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        self.wake.notify_one();
    }

    /// Waits until something changed; the keys that did. Empty where the watcher was only stirred.
    pub async fn changed(&self) -> BTreeSet<K> {
        self.wake.notified().await;
        std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<K, V> Default for Latest<K, V> {
    fn default() -> Self {
        let inner = Inner { values: HashMap::new(), watchers: HashMap::new(), everything: Vec::new() };
        Self { inner: Mutex::new(inner) }
    }
}

impl<K: Copy + Ord + Hash, V: Clone + PartialEq> Latest<K, V> {
    /// Begins to watch these keys, or, with none given, every key.
    pub fn watch(&self, keys: Option<&BTreeSet<K>>, whose: Whose) -> Arc<Watcher<K>> {
        let watcher = Watcher::new(whose);
        let weak = Arc::downgrade(&watcher);
        let mut inner = self.lock();
        match keys {
            None => inner.everything.push(weak),
            Some(keys) => {
                for key in keys {
                    inner.watchers.entry(*key).or_default().push(Weak::clone(&weak));
                }
            }
        }
        drop(inner);
        watcher
    }

    /// The newest value, if it is held.
    pub fn get(&self, key: K) -> Option<V> {
        self.lock().values.get(&key).cloned()
    }

    /// Takes a value in; where it is another than before, whoever watches the key is told.
    pub fn put(&self, key: K, value: V, reads_alike: impl Fn(&V, &V) -> bool) {
        let mut inner = self.lock();
        let is_news = inner.values.get(&key).is_none_or(|held| !reads_alike(held, &value));
        inner.values.insert(key, value);
        if !is_news {
            return;
        }
        let Inner { watchers, everything, .. } = &*inner;
        for watcher in watchers.get(&key).into_iter().flatten().chain(everything) {
            if let Some(watcher) = watcher.upgrade() {
                watcher.tell(key);
            }
        }
    }

    /// Stirs every watcher whom a change of these rights concerns, so that it looks at its own again; with none given,
    /// every one.
    pub fn stir(&self, whom: Option<Whom>) {
        let inner = self.lock();
        for watcher in inner.watchers.values().flatten().chain(&inner.everything) {
            if let Some(watcher) = watcher.upgrade().filter(|watcher| watcher.whose.concerns(whom)) {
                watcher.wake.notify_one();
            }
        }
    }

    /// Whether anybody watches the key; forgets those who are gone.
    pub fn is_watched(&self, key: K) -> bool {
        let mut inner = self.lock();
        inner.everything.retain(|watcher| watcher.strong_count() > 0);
        if !inner.everything.is_empty() {
            return true;
        }
        let Some(watchers) = inner.watchers.get_mut(&key) else { return false };
        watchers.retain(|watcher| watcher.strong_count() > 0);
        let is_watched = !watchers.is_empty();
        if !is_watched {
            inner.watchers.remove(&key);
            inner.values.remove(&key);
        }
        is_watched
    }

    /// The keys that are watched or held; forgets those that are neither.
    pub fn keys(&self) -> BTreeSet<K> {
        let known: BTreeSet<K> = {
            let inner = self.lock();
            inner.values.keys().chain(inner.watchers.keys()).copied().collect()
        };
        known.into_iter().filter(|key| self.is_watched(*key)).collect()
    }

    /// The least of what the values held give.
    pub fn first<T: Ord>(&self, of: impl Fn(&V) -> Option<T>) -> Option<T> {
        self.lock().values.values().filter_map(of).min()
    }

    fn lock(&self) -> MutexGuard<'_, Inner<K, V>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// L-1: a slow reader finds each key once and the newest value, however often it changed.
    #[tokio::test]
    async fn a_slow_reader_gets_the_newest_value() {
        let latest: Latest<u8, i32> = Latest::default();
        let watcher = latest.watch(Some(&BTreeSet::from([1, 2])), Whose::default());
        for value in 0..1000 {
            latest.put(1, value, |a, b| a == b);
        }
        latest.put(3, 7, |a, b| a == b);
        assert_eq!(watcher.changed().await, BTreeSet::from([1]));
        assert_eq!(latest.get(1), Some(999));
        latest.put(1, 999, |a, b| a == b);
        latest.put(2, 5, |a, b| a == b);
        assert_eq!(watcher.changed().await, BTreeSet::from([2]));
    }

    /// L-1: what nobody watches any more is forgotten.
    #[tokio::test]
    async fn nothing_is_kept_for_nobody() {
        let latest: Latest<u8, i32> = Latest::default();
        let watcher = latest.watch(Some(&BTreeSet::from([1])), Whose::default());
        latest.put(1, 1, |a, b| a == b);
        assert_eq!(latest.keys(), BTreeSet::from([1]));
        drop(watcher);
        assert_eq!(latest.keys(), BTreeSet::new());
        assert_eq!(latest.get(1), None);
        let everything = latest.watch(None, Whose::default());
        latest.put(2, 2, |a, b| a == b);
        assert_eq!(everything.changed().await, BTreeSet::from([2]));
    }
}
