//! The exits of all units, by their numbers, which code knows. Numbers of units that were released are given again.

use super::unit::{ExitRecord, UnitKey};
use crate::genext::{ExitInfo, ExitReason};
use std::ops::Range;
use std::rc::Rc;

pub(super) struct Exits {
    records: Vec<ExitRecord>,
    /// Numbers that no code knows, in order.
    free: Vec<Range<u32>>,
    /// Stands where there is none.
    vacant: ExitRecord,
}

impl Default for Exits {
    fn default() -> Exits {
        let info = ExitInfo {
            reason: ExitReason::NoCode,
            making: vec![],
            writes: vec![],
            frames: Default::default(),
            live: 0,
            places: vec![],
            entered: vec![],
            entry: None,
        };
        let vacant = ExitRecord { info: Rc::new(info), unit: (u32::MAX, vec![], None), taken: 0 };
        Exits { records: vec![], free: vec![], vacant }
    }
}

impl Exits {
    pub fn records(&self) -> &[ExitRecord] {
        &self.records
    }

    pub fn get(&self, number: u64) -> &ExitRecord {
        &self.records[number as usize]
    }

    pub fn get_mut(&mut self, number: u64) -> &mut ExitRecord {
        &mut self.records[number as usize]
    }

    /// So many numbers in a row.
    pub fn reserve(&mut self, count: usize) -> Range<u32> {
        let count = count as u32;
        if let Some(at) = self.free.iter().position(|range| range.end - range.start >= count) {
            let start = self.free[at].start;
            self.free[at].start += count;
            if self.free[at].is_empty() {
                self.free.remove(at);
            }
            return start..start + count;
        }
        let start = self.records.len() as u32;
        self.records.resize(self.records.len() + count as usize, self.vacant.clone());
        start..start + count
    }

    /// The exits of a unit get the numbers that were reserved for them.
    pub fn install(&mut self, numbers: Range<u32>, exits: Vec<ExitInfo>, unit: &UnitKey) {
        let places = &mut self.records[numbers.start as usize..numbers.end as usize];
        for (place, info) in places.iter_mut().zip(exits) {
            *place = ExitRecord { info: Rc::new(info), unit: unit.clone(), taken: 0 };
        }
    }

    /// No code knows these any more.
    pub fn release(&mut self, numbers: Range<u32>) {
        if numbers.is_empty() {
            return;
        }
        self.records[numbers.start as usize..numbers.end as usize].fill(self.vacant.clone());
        let at = self.free.partition_point(|range| range.start < numbers.start);
        self.free.insert(at, numbers);
        for at in [at + 1, at] {
            if at > 0 && at < self.free.len() && self.free[at - 1].end == self.free[at].start {
                self.free[at - 1].end = self.free[at].end;
                self.free.remove(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_again() {
        let mut exits = Exits::default();
        let ranges: Vec<_> = [3, 2, 4, 1].into_iter().map(|count| exits.reserve(count)).collect();
        assert_eq!(ranges, [0..3, 3..5, 5..9, 9..10]);
        exits.release(3..5);
        assert_eq!(exits.reserve(3), 10..13, "two do not hold three");
        exits.release(5..9);
        exits.release(0..3);
        assert_eq!((exits.free.len(), exits.free[0].clone()), (1, 0..9), "neighbours are one");
        assert_eq!(exits.reserve(7), 0..7);
        assert_eq!((exits.reserve(2), exits.reserve(0)), (7..9, 13..13));
        assert!(exits.free.is_empty());
    }
}
