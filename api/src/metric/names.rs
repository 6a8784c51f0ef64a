//! One figure for each name, of a bounded number of names.
//!
//! Names may come from clients, so their number, length and characters are bounded: what does not fit is counted as
//! `other`. A name is taken in once and never left; looking one up is reading a table that only fills.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The longest name.
const LONGEST: usize = 64;

/// Free, or a name and what is counted of it.
type Slot<T> = OnceLock<(Box<str>, T)>;

/// A table of names and what is counted of each.
#[derive(Debug)]
pub struct Names<T> {
    /// Open addressing: a name stands in the first free slot from its hash on. Never more than half of them are taken.
    slots: Box<[Slot<T>]>,
    taken: AtomicUsize,
    most: usize,
    other: T,
}

impl<T: Default> Names<T> {
    /// Room for so many names.
    pub fn new(most: usize) -> Self {
        let slots = (2 * most).next_power_of_two();
        Self {
            slots: (0..slots).map(|_| OnceLock::new()).collect(),
            taken: AtomicUsize::new(0),
            most,
            other: T::default(),
        }
    }

    /// The figure of a name, which is taken in where it is new.
    pub fn of(&self, name: &str) -> &T {
        self.find(name, true)
    }

    /// The figure of a name that somebody unknown gave: a new one is not taken in, or anybody could fill the table.
    pub fn of_known(&self, name: &str) -> &T {
        self.find(name, false)
    }

    fn find(&self, name: &str, may_enter: bool) -> &T {
        let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"_-.:".contains(&c);
        if name.is_empty() || name.len() > LONGEST || !name.bytes().all(is_plain) {
            return &self.other;
        }
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let mask = self.slots.len() - 1;
        // Only the low bits count.
        #[allow(clippy::cast_possible_truncation)]
        let first = hasher.finish() as usize;
        for step in 0..self.slots.len() {
            let slot = &self.slots[(first + step) & mask];
            let is_free = slot.get().is_none();
            if is_free && !(may_enter && self.reserve()) {
                return &self.other;
            }
            let mut is_new = false;
            let (known, figure) = slot.get_or_init(|| {
                is_new = true;
                (name.into(), T::default())
            });
            if is_free && !is_new {
                // Another thread was quicker, and has a place of its own for it.
                self.taken.fetch_sub(1, Ordering::Relaxed);
            }
            if **known == *name {
                return figure;
            }
        }
        &self.other
    }

    fn reserve(&self) -> bool {
        let more = |taken: usize| (taken < self.most).then_some(taken + 1);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Every name with its figure, `other` at the end.
    pub fn all(&self) -> impl Iterator<Item = (&str, &T)> {
        let known = self.slots.iter().filter_map(OnceLock::get).map(|(name, figure)| (&**name, figure));
        known.chain([("other", &self.other)])
    }
}

#[cfg(test)]
mod tests {
    use super::super::Counter;
    use super::*;

    fn count(names: &Names<Counter>, name: &str) -> u64 {
        names.all().filter(|(known, _)| *known == name).map(|(_, figure)| figure.get()).sum()
    }

    /// T51: clients cannot make the page grow, whatever they call their operations.
    #[test]
    fn the_number_of_names_is_bounded() {
        let names: Names<Counter> = Names::new(10);
        for n in 0..1_000 {
            names.of(&format!("N{n}")).count();
        }
        names.of("N3").count();
        assert_eq!(names.all().count(), 11);
        assert_eq!((count(&names, "N3"), count(&names, "N999"), count(&names, "other")), (2, 0, 990));
    }

    /// T67: a name that is too long or holds odd characters is none.
    #[test]
    fn odd_names_are_other() {
        let names: Names<Counter> = Names::new(10);
        for name in ["", "a\nb", "a\"b", "имя", "a b", &"x".repeat(65)] {
            names.of(name).count();
        }
        assert_eq!((names.all().count(), count(&names, "other")), (1, 6));
        names.of_known("Stranger").count();
        assert_eq!(count(&names, "Stranger"), 0);
        names.of("Stranger").count();
        names.of_known("Stranger").count();
        assert_eq!(count(&names, "Stranger"), 2);
    }

    /// Threads that bring the same names at once count each of them once.
    #[test]
    fn threads_agree_on_the_names() {
        let names: Names<Counter> = Names::new(50);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..50).for_each(|n| names.of(&format!("N{n}")).count()));
            }
        });
        assert!((0..50).all(|n| count(&names, &format!("N{n}")) == 8));
        assert_eq!(names.taken.load(Ordering::Relaxed), 50);
    }
}
