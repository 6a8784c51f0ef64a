//! Chance that is the same each time: splitmix64, which is ten lines and good enough for data to be measured on.

use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

/// A row of numbers that follows from where it began.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// One of many independent rows of one seed.
    pub fn new(seed: u64, row: u64) -> Self {
        let mut start = Self(seed);
        let mut random = Self(start.number() ^ row.wrapping_mul(0xd134_2543_de82_ef95));
        random.number();
        random
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `most`; 0 where that is 0.
    pub fn below(&mut self, most: usize) -> usize {
        ((u128::from(self.number()) * most as u128) >> 64) as usize
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: i32, most: i32) -> i32 {
        least + self.below((most - least + 1).max(1) as usize) as i32
    }

    /// Whether something happens that happens so many times in a hundred.
    pub fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a list that is not empty.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// The identifier of something made at that moment: it sorts by time, as those that are made in earnest.
    pub fn id<T: From<Uuid>>(&mut self, at: DateTime<Utc>) -> T {
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&self.number().to_be_bytes());
        bytes[8..].copy_from_slice(&self.number().to_be_bytes()[..2]);
        Builder::from_unix_timestamp_millis(at.timestamp_millis().unsigned_abs(), &bytes).into_uuid().into()
    }
}
