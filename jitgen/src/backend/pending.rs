//! Live values of exits that were taken and not yet completed.
//!
//! A unit that calls another may leave through an exit of its own when the callee has left through one, before anybody
//! has looked at what the callee passed. The outer exit is completed first, and completing it completes the inner: the
//! values form a stack. It grows with the nesting of units, which has no bound here.

use std::cell::UnsafeCell;

/// The stack of live values that exits pass, as canonical bits.
#[derive(Debug, Default)]
pub struct PendingExits {
    /// Aliased by running units for the time of one call of [`PendingExits::reserve`] and the writes behind it.
    values: UnsafeCell<Vec<u64>>,
}

impl PendingExits {
    pub fn new() -> PendingExits {
        PendingExits::default()
    }

    /// Room for the values of one more exit: what code calls that passes any.
    pub(crate) extern "C" fn reserve(pending: *const PendingExits, count: u64) -> *mut u64 {
        // SAFETY: the address is that of `UnitInfo`, which outlives the code; nobody else looks while units run, and
        // all of them run in one thread.
        let values = unsafe { &mut *(*pending).values.get() };
        let from = values.len();
        values.resize(from + count as usize, 0);
        values[from..].as_mut_ptr()
    }

    /// Takes the values of the exit that was taken last.
    pub fn take(&self, count: usize) -> Vec<u64> {
        // SAFETY: no unit is in the middle of an exit, and no reference outlives this call.
        let values = unsafe { &mut *self.values.get() };
        values.split_off(values.len() - count)
    }

    /// How many values are passed and not taken.
    pub fn len(&self) -> usize {
        // SAFETY: as for `take`.
        unsafe { &*self.values.get() }.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
