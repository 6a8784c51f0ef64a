//! What many want to read at once, read once for all of them.
//!
//! Whoever asks waits for a reading that begins after they asked, so what they get is as fresh as a query of their own
//! would be. One reading is under way at a time; those who come meanwhile share the next. A thousand callers who come
//! back in the same moment thus cost a few readings and one connection, not a thousand (T51).
//!
//! The reading is a task of its own: an asker who goes away takes nothing from the others.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// What was found, shared by all who asked; a key that is missing stands for nothing. None where the reading failed.
pub type Found<K, V> = Option<Arc<HashMap<K, V>>>;

/// Readings of values by key.
#[derive(Debug)]
pub struct Together<K, V> {
    queue: Arc<Mutex<Queue<K, V>>>,
    /// Keys in one reading at the most, but for an asker who wants more alone.
    most: usize,
}

#[derive(Debug)]
struct Queue<K, V> {
    waiting: Vec<Asker<K, V>>,
    is_reading: bool,
}

#[derive(Debug)]
struct Asker<K, V> {
    keys: Vec<K>,
    answer: oneshot::Sender<Found<K, V>>,
}

/// The one who reads for all; where a reading panics, the next asker begins anew.
struct Turn<K, V> {
    queue: Arc<Mutex<Queue<K, V>>>,
    is_over: bool,
}

impl<K, V> Together<K, V>
where
    K: Copy + Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Nobody asks yet.
    pub fn new(most: usize) -> Self {
        Self { queue: Arc::new(Mutex::new(Queue { waiting: Vec::new(), is_reading: false })), most }
    }

    /// The values of some keys as of now or a moment later. `read` says why itself where it fails.
    pub async fn read<F>(&self, keys: Vec<K>, read: impl Fn(Vec<K>) -> F + Send + 'static) -> Found<K, V>
    where
        F: Future<Output = Option<HashMap<K, V>>> + Send,
    {
        let (answer, found) = oneshot::channel();
        let begins = {
            let mut queue = lock(&self.queue);
            queue.waiting.push(Asker { keys, answer });
            !std::mem::replace(&mut queue.is_reading, true)
        };
        if begins {
            let (queue, most) = (Arc::clone(&self.queue), self.most);
            tokio::spawn(async move {
                let mut turn = Turn { queue, is_over: false };
                while let Some((keys, answers)) = turn.next(most) {
                    let found = read(keys).await.map(Arc::new);
                    for answer in answers {
                        // Whoever has gone away wants no answer.
                        let _ = answer.send(found.clone());
                    }
                }
            });
        }
        found.await.ok().flatten()
    }
}

type Next<K, V> = (Vec<K>, Vec<oneshot::Sender<Found<K, V>>>);

impl<K: Copy + Eq + Hash, V> Turn<K, V> {
    /// The keys of the next reading and who waits for it; none ends the turn.
    fn next(&mut self, most: usize) -> Option<Next<K, V>> {
        let mut queue = lock(&self.queue);
        let mut keys = HashSet::new();
        let mut taken = 0;
        for asker in &queue.waiting {
            if taken > 0 && keys.len() + asker.keys.len() > most {
                break;
            }
            keys.extend(asker.keys.iter().copied());
            taken += 1;
        }
        self.is_over = taken == 0;
        queue.is_reading = !self.is_over;
        let answers = queue.waiting.drain(..taken).map(|asker| asker.answer).collect();
        (taken > 0).then(|| (keys.into_iter().collect(), answers))
    }
}

impl<K, V> Drop for Turn<K, V> {
    fn drop(&mut self) {
        if !self.is_over {
            let mut queue = lock(&self.queue);
            queue.is_reading = false;
            queue.waiting.clear();
        }
    }
}

fn lock<K, V>(queue: &Mutex<Queue<K, V>>) -> MutexGuard<'_, Queue<K, V>> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// T51: a thousand askers cost two readings: of the first, and of all who came meanwhile.
    #[tokio::test]
    async fn a_thousand_askers_share_two_readings() {
        let together: Together<u32, u32> = Together::new(500);
        let readings = Arc::new(AtomicUsize::new(0));
        let askers = (0..1000_u32).map(|n| {
            let readings = Arc::clone(&readings);
            together.read(vec![n % 100], move |keys| {
                let reading = readings.fetch_add(1, Ordering::SeqCst);
                async move {
                    tokio::task::yield_now().await;
                    Some(keys.into_iter().filter(|key| *key != 7).map(|key| (key, reading as u32)).collect())
                }
            })
        });
        for (n, found) in join_all(askers).await.into_iter().enumerate() {
            let found = found.unwrap();
            assert_eq!(found.get(&(n as u32 % 100)).is_some(), n % 100 != 7, "each finds its own");
        }
        assert!(readings.load(Ordering::SeqCst) <= 2);
    }

    /// A reading that fails or panics ends for those who wait for it, and for nobody else.
    #[tokio::test]
    async fn a_reading_that_fails_is_not_the_last() {
        let together: Together<u8, u8> = Together::new(10);
        assert!(together.read(vec![1], |_| async { None }).await.is_none());
        let panics = together.read(vec![1], |_| async { panic!("at the canary") }).await;
        assert!(panics.is_none());
        let found = together.read(vec![1], |_| async { Some(HashMap::from([(1, 2)])) }).await.unwrap();
        assert_eq!(found.get(&1), Some(&2));
    }
}
