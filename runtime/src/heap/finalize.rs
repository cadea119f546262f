//! Finalizers: objects that got `__gc` with their metatable are *watched*; those that a marking has not reached are
//! *doomed*, stay alive, and their finalizers are called, the one set last first.

use super::collect::header_of;
use super::mark::Marker;
use super::object::flag;
use crate::value::Value;
use crate::vm::{Event, Vm};

impl Vm {
    /// Puts objects aside whose finalizers are to run, and marks them.
    pub(super) fn separate_doomed(&self, marker: &mut Marker) {
        let mut watched = self.heap.control.watched.borrow_mut();
        let mut doomed = self.heap.control.doomed.borrow_mut();
        // Those whose turn has not come yet stay alive.
        let (dead, alive): (Vec<Value>, Vec<Value>) =
            watched.drain(..).partition(|&object| header_of(object).mark.get() != self.heap.black.get());
        *watched = alive;
        // Finalizers run in the reverse order of their setting: the newest is last here, and is taken first.
        let older = std::mem::take(&mut *doomed);
        doomed.extend(dead);
        doomed.extend(older);
        for &object in doomed.iter() {
            marker.mark(object);
        }
    }

    /// Calls up to `most` finalizers, after unwinding abandoned threads.
    pub(super) fn run_finalizers(&self, most: usize) {
        self.unwind_abandoned();
        for _ in 0..most {
            let Some(object) = self.heap.control.doomed.borrow_mut().pop() else { return };
            self.finalize(object);
        }
    }

    fn finalize(&self, object: Value) {
        let header = header_of(object);
        header.flags.set(header.flags.get() & !flag::FINALIZER);
        let method = self.metamethod(object, Event::GC);
        if !method.is_function() {
            return;
        }
        let (top, error) = (self.top.get(), self.error.get());
        self.threads.no_yield.set(self.threads.no_yield.get() + 1);
        let hooks = self.hook_state();
        hooks.blocked.set(hooks.blocked.get() + 1);
        let interrupted = &self.heap.control.interrupted;
        interrupted.set(self.frame.get().get(0).base.addr());
        let outcome = self.call_protected(method, &[object]);
        interrupted.set(0);
        if let Err(error) = outcome {
            (self.on_warning.get())(self, error);
        }
        hooks.blocked.set(hooks.blocked.get() - 1);
        self.threads.no_yield.set(self.threads.no_yield.get() - 1);
        self.top.set(top);
        self.error.set(error);
    }

    /// Runs all finalizers: the end of the machine. Objects that get one meanwhile are finalized too.
    pub fn finalize_all(&self) {
        self.heap.control.running.set(true);
        for _ in 0..10 {
            let watched: Vec<Value> = self.heap.control.watched.borrow_mut().drain(..).collect();
            if watched.is_empty() {
                break;
            }
            self.heap.control.doomed.borrow_mut().extend(watched);
            self.run_finalizers(usize::MAX);
        }
        self.separate_abandoned(&|_| false);
        self.unwind_abandoned();
        self.heap.control.running.set(false);
    }
}
