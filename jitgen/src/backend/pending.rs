//! Live values of exits that were taken and not yet completed.
//!
//! A unit that calls another may leave through an exit of its own when the callee has left through one, before anybody
//! has looked at what the callee passed. The outer exit is completed first, and completing it completes the inner: the
//! values form a stack. It grows with the nesting of units, which has no bound here.
//!
//! Units write it themselves: a call in an exit's block would have the register allocator keep in memory, from their
//! definition on, all values that are live there. So there is always room for [`MAX_VALUES`] more, which an exit sees
//! to after it has written.

use std::cell::{Cell, UnsafeCell};

/// Most values that one exit passes.
pub(crate) const MAX_VALUES: usize = 1 << 10;

/// The stack of live values that exits pass, as canonical bits.
#[derive(Debug)]
#[repr(C)]
pub struct PendingExits {
    /// Behind the last value.
    top: Cell<*mut u64>,
    /// Where [`MAX_VALUES`] are left.
    limit: Cell<*mut u64>,
    /// The memory. Its length says nothing.
    values: UnsafeCell<Vec<u64>>,
}

/// Offsets for code.
pub(crate) const TOP: i32 = std::mem::offset_of!(PendingExits, top) as i32;
pub(crate) const LIMIT: i32 = std::mem::offset_of!(PendingExits, limit) as i32;

impl PendingExits {
    pub fn new() -> PendingExits {
        PendingExits::default()
    }

    /// Makes room for [`MAX_VALUES`] more: what an exit calls that has gone beyond the limit.
    pub(crate) extern "C" fn grow(pending: *const PendingExits) {
        // SAFETY: the address is that of `UnitInfo`, which outlives the code; all units run in one thread.
        let pending = unsafe { &*pending };
        pending.resize(2 * pending.len() + 2 * MAX_VALUES);
    }

    fn resize(&self, size: usize) {
        let used = self.len();
        // SAFETY: no reference to the vector outlives a method, and no method calls back.
        let values = unsafe { &mut *self.values.get() };
        values.resize(size, 0);
        let base = values.as_mut_ptr();
        self.top.set(base.wrapping_add(used));
        self.limit.set(base.wrapping_add(size - MAX_VALUES));
    }

    /// Adds the values of one exit, no more than [`MAX_VALUES`]: what code does, for those that do not compile.
    pub(crate) fn push(&self, exit: &[u64]) {
        assert!(exit.len() <= MAX_VALUES);
        let top = self.top.get();
        // SAFETY: there is room for that many from the top on.
        unsafe { top.copy_from_nonoverlapping(exit.as_ptr(), exit.len()) };
        self.top.set(top.wrapping_add(exit.len()));
        if self.top.get() > self.limit.get() {
            PendingExits::grow(self);
        }
    }

    /// Takes the values of the exit that was taken last.
    pub fn take(&self, count: usize) -> Vec<u64> {
        let from = self.len().checked_sub(count).expect("as many values as were passed");
        // SAFETY: all up to the top were written, and no unit is in the middle of an exit.
        let taken = unsafe { (&*self.values.get())[from..from + count].to_vec() };
        self.top.set(self.top.get().wrapping_sub(count));
        taken
    }

    /// How many values are passed and not taken.
    pub fn len(&self) -> usize {
        // SAFETY: as in `resize`.
        let base = unsafe { (*self.values.get()).as_ptr() };
        (self.top.get() as usize - base as usize) / size_of::<u64>()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for PendingExits {
    fn default() -> PendingExits {
        let mut values = vec![0; 2 * MAX_VALUES];
        let base = values.as_mut_ptr();
        PendingExits {
            top: Cell::new(base),
            limit: Cell::new(base.wrapping_add(MAX_VALUES)),
            values: UnsafeCell::new(values),
        }
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
            pending.push(&exit(n * 7));
        }
        for n in (0..200).rev() {
            assert_eq!(pending.take((n as usize * 7) % 1000), exit(n * 7));
        }
        assert!(pending.is_empty());
    }
}
