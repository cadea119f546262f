//! The collector (to come: this only books).

use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};

/// Bytes allocated before the first collection.
pub const FIRST_THRESHOLD: usize = 1 << 20;

/// State and settings of the collector.
#[derive(Default)]
pub struct Control {
    /// `collectgarbage("stop")`
    pub stopped: Cell<bool>,
    watched: RefCell<Vec<Value>>,
}

impl Control {
    /// Remembers that an object has a finalizer.
    pub fn watch(&self, object: Value) {
        self.watched.borrow_mut().push(object);
    }
}

impl Vm {
    /// What a poll does when the heap asked for it.
    pub fn collect_step(&self) {
        self.heap.debt.set(-(FIRST_THRESHOLD as isize));
    }

    /// A full collection, finalizers included. Only at a poll, or in a native whose values are all in registers.
    pub fn collect_full(&self) {}
}
