//! Live values of exits that were taken and not yet completed.
//!
//! A unit that calls another may leave through an exit of its own when the callee has left through one, before anybody
//! has looked at what the callee passed. The outer exit is completed first, and completing it completes the inner: the
//! values form a stack. It grows with the nesting of units, which has no bound here.
//!
//! Units write to a fixed area, so that exits can share the code that stores what they have in common, and end with one
//! call of [`PendingExits::commit`], when nothing is alive any more: a call before would have the register allocator keep
//! in memory, from their definition on, all values that are live there.

use std::cell::{Cell, UnsafeCell};

/// Most values that one exit passes.
pub(crate) const MAX_VALUES: usize = (1 << COUNT_BITS) - 1;

/// Bits of a [`packed`] exit for the number of values.
const COUNT_BITS: u32 = 10;

/// The stack of live values that exits pass, as canonical bits.
#[derive(Debug)]
#[repr(C)]
pub struct PendingExits {
    /// The exit that is being taken, as [`packed`] says.
    exit: Cell<u64>,
    /// Its values. What nobody has written is 0: code writes no more bytes than a value has.
    area: [Cell<u64>; MAX_VALUES],
    stack: UnsafeCell<Vec<u64>>,
}

/// Offsets for code.
pub(crate) const EXIT: i32 = std::mem::offset_of!(PendingExits, exit) as i32;
pub(crate) const AREA: i32 = std::mem::offset_of!(PendingExits, area) as i32;

/// What code says of an exit: its number, and how many values it passes.
pub(crate) fn packed(id: u32, values: usize) -> u64 {
    u64::from(id) << COUNT_BITS | values as u64
}

impl PendingExits {
    pub fn new() -> PendingExits {
        PendingExits::default()
    }

    /// What the exit that is being taken has written becomes the top of the stack. Gives the exit's number.
    pub(crate) extern "C" fn commit(pending: *const PendingExits) -> u64 {
        // SAFETY: the address is that of `UnitInfo`, which outlives the code; all units run in one thread.
        let pending = unsafe { &*pending };
        let exit = pending.exit.get();
        let count = exit as usize & MAX_VALUES;
        // SAFETY: no reference to the stack outlives a method, and no method calls back.
        let stack = unsafe { &mut *pending.stack.get() };
        stack.extend(pending.area[..count].iter().map(Cell::take));
        exit >> COUNT_BITS
    }

    /// Adds the values of one exit: what code does, for those that do not compile.
    pub(crate) fn push(&self, exit: &[u64]) {
        // SAFETY: as in `commit`.
        unsafe { (*self.stack.get()).extend_from_slice(exit) };
    }

    /// Takes the values of the exit that was taken last.
    pub fn take(&self, count: usize) -> Vec<u64> {
        // SAFETY: as in `commit`.
        let stack = unsafe { &mut *self.stack.get() };
        let from = stack.len().checked_sub(count).expect("as many values as were passed");
        stack.split_off(from)
    }

    /// The values of the exit that was taken last.
    pub fn peek(&self, count: usize) -> Vec<u64> {
        let from = self.len().checked_sub(count).expect("as many values as were passed");
        // SAFETY: as in `commit`.
        unsafe { (&*self.stack.get())[from..].to_vec() }
    }

    /// How many values are passed and not taken.
    pub fn len(&self) -> usize {
        // SAFETY: as in `commit`.
        unsafe { (*self.stack.get()).len() }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for PendingExits {
    fn default() -> PendingExits {
        PendingExits { exit: Cell::new(0), area: [const { Cell::new(0) }; MAX_VALUES], stack: UnsafeCell::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_that_grows() {
        let pending = PendingExits::new();
        let exit = |n: u64| -> Vec<u64> { (0..n % 1000).map(|value| value * n).collect() };
        for n in 0..200 {
            if n % 2 == 0 {
                pending.push(&exit(n * 7));
                continue;
            }
            let values = exit(n * 7);
            for (slot, &value) in pending.area.iter().zip(&values) {
                slot.set(value);
            }
            pending.exit.set(packed(n as u32, values.len()));
            assert_eq!(PendingExits::commit(&pending), n);
        }
        for n in (0..200).rev() {
            assert_eq!(pending.take((n as usize * 7) % 1000), exit(n * 7));
        }
        assert!(pending.is_empty());
    }
}
