//! Sets of registers.

/// A set of registers, by number.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct RegSet([u64; 4]);

impl RegSet {
    pub const EMPTY: RegSet = RegSet([0; 4]);

    /// `first..first + count`, as far as there are registers.
    pub fn range(first: usize, count: usize) -> RegSet {
        let mut set = RegSet::EMPTY;
        for reg in first..(first + count).min(256) {
            set.insert(reg);
        }
        set
    }

    pub fn contains(self, reg: usize) -> bool {
        reg < 256 && self.0[reg / 64] >> (reg % 64) & 1 != 0
    }

    pub fn insert(&mut self, reg: usize) {
        if reg < 256 {
            self.0[reg / 64] |= 1 << (reg % 64);
        }
    }

    pub fn remove(&mut self, reg: usize) {
        if reg < 256 {
            self.0[reg / 64] &= !(1 << (reg % 64));
        }
    }

    pub fn union(self, other: RegSet) -> RegSet {
        self.zip(other, |x, y| x | y)
    }

    pub fn intersection(self, other: RegSet) -> RegSet {
        self.zip(other, |x, y| x & y)
    }

    /// Without the members of `other`.
    pub fn difference(self, other: RegSet) -> RegSet {
        self.zip(other, |x, y| x & !y)
    }

    pub fn is_empty(self) -> bool {
        self == RegSet::EMPTY
    }

    /// Members, in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..256).filter(move |reg| self.contains(*reg))
    }

    fn zip(self, other: RegSet, f: impl Fn(u64, u64) -> u64) -> RegSet {
        RegSet(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}
