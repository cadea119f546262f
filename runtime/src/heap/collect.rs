//! The collector: mark and sweep, precise, and only at polls.
//!
//! # When
//!
//! At a poll everything live is in the registers up to the end of the innermost frame, in the vm's fields, or held by
//! the host through `Vm::root`. When a marking ends, registers above that are cleared, so a register never holds the address of a freed
//! object.
//!
//! # A cycle
//!
//! `Pause`, `Mark`, `Sweep`, each in slices that polls run as the program allocates. A marking begins with the roots and
//! propagates from slice to slice. Its end is one slice (`finish_marking`): roots and what was written are marked again, ephemerons to a
//! fixpoint, weak values cleared; finalizers of unreached objects are put aside and those objects marked; again
//! ephemerons, weak keys and values cleared; unreached shapes dropped from their parents. From there nothing refers to what is
//! white, and sweeping frees it.
//!
//! # Generations
//!
//! In generational mode black objects stay black: they are *old*. A young collection marks from the roots and from old objects that were
//! written, sweeps the blocks in which something was allocated, and makes all that is left old. When the heap
//! has grown enough since the last full collection, there is another.
//!
//! # Colours
//!
//! Three, which take turns, so that nothing is to be recoloured. `black` is that of objects which the marking has reached, `white` that
//! of new objects; what has the third one is garbage, or (while a marking runs) not reached yet. Between a marking's end and
//! the next one's start, black and white are the same; in generational mode only till all is swept, which is at once.

use super::Heap;
use super::mark::{Marker, Marking};
use super::object::{Header, flag};
use super::sweep::Sweeping;
use crate::table::Shape;
use crate::value::Value;
use crate::vm::Vm;
use moonshift_jitgen::mem::Ref;
use std::cell::{Cell, RefCell};

/// Bytes allocated before the first collection, and at least between collections.
pub const FIRST_THRESHOLD: usize = if STRESS { 0 } else { 1 << 20 };
/// A slice at every poll, and now and then a full collection.
const STRESS: bool = cfg!(feature = "gc-stress");
/// Finalizers called in one slice.
const FINALIZERS: usize = 64;
/// `step_multiplier` references are visited for so many bytes allocated.
const BYTES_PER_STEP: usize = 16;

/// Where a cycle is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Phase {
    Pause,
    Mark,
    Sweep,
}

/// State and settings of the collector.
pub struct Control {
    /// `collectgarbage("stop")`
    pub stopped: Cell<bool>,
    /// How large the heap grows before the next cycle, in percent of what was left by the last.
    pub pause: Cell<usize>,
    /// Speed of a cycle, see `BYTES_PER_STEP`.
    pub step_multiplier: Cell<usize>,
    /// Logarithm of the bytes allocated between slices.
    pub step_size: Cell<usize>,
    pub generational: Cell<bool>,
    /// How much the heap grows before a young collection, in percent of what the last collection left.
    pub minor_multiplier: Cell<usize>,
    /// How much it grows before a full one, in percent of what the last full one left.
    pub major_multiplier: Cell<usize>,
    /// Whether every marking is checked afterwards: for tests.
    pub check: Cell<bool>,
    phase: Cell<Phase>,
    marking: RefCell<Marking>,
    /// What was written was visited once more, before the last slice of the marking.
    revisited: Cell<bool>,
    pub(super) sweeping: Sweeping,
    /// What the last full collection left.
    base: Cell<usize>,
    /// Objects that were written, of kinds that the cards do not tell of.
    pub(super) written: RefCell<Vec<usize>>,
    /// A collection or its finalizers are running.
    pub(super) running: Cell<bool>,
    /// Base of the function that a finalizer interrupts; 0 while none runs.
    pub(crate) interrupted: Cell<u64>,
    /// Objects with finalizers, in the order in which they got them.
    pub(super) watched: RefCell<Vec<Value>>,
    /// Unreached objects whose finalizers are to run, the last one first.
    pub(super) doomed: RefCell<Vec<Value>>,
    /// How many markings ended.
    pub count: Cell<u64>,
}

impl Default for Control {
    fn default() -> Self {
        Control {
            stopped: Cell::new(false),
            pause: Cell::new(200),
            step_multiplier: Cell::new(100),
            step_size: Cell::new(15),
            generational: Cell::new(false),
            minor_multiplier: Cell::new(20),
            major_multiplier: Cell::new(100),
            check: Cell::new(STRESS),
            phase: Cell::new(Phase::Pause),
            marking: RefCell::default(),
            revisited: Cell::new(false),
            sweeping: Sweeping::default(),
            base: Cell::new(0),
            written: RefCell::default(),
            running: Cell::new(false),
            interrupted: Cell::new(0),
            watched: RefCell::default(),
            doomed: RefCell::default(),
            count: Cell::new(0),
        }
    }
}

impl Control {
    /// Whether a collection or its finalizers are running.
    pub fn is_running(&self) -> bool {
        self.running.get()
    }

    /// Where the cycle is.
    pub fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Remembers that an object has a finalizer.
    pub fn watch(&self, object: Value) {
        let header = header_of(object);
        if header.flags.get() & flag::FINALIZER == 0 {
            header.flags.set(header.flags.get() | flag::FINALIZER);
            self.watched.borrow_mut().push(object);
        }
    }
}

/// The header of a collectable value.
pub(super) fn header_of(object: Value) -> &'static Header {
    debug_assert!(object.is_collectable());
    // SAFETY: the payload is the address of a live object (invariant of `Value`), which begins with a header. The
    // reference is not kept across a collection.
    unsafe { &*(object.bits as usize as *const Header) }
}

impl Heap {
    /// Tells the collector that an object of any kind may have got references.
    pub fn note_write(&self, object: Value) {
        self.note_write_to(header_of(object));
    }

    /// The same, of an object by its header.
    pub fn note_write_to(&self, header: &Header) {
        if header.flags.get() & flag::WRITTEN == 0 {
            header.flags.set(header.flags.get() | flag::WRITTEN);
            self.control.written.borrow_mut().push(std::ptr::from_ref(header) as usize);
        }
    }

    /// Somebody got a shape from a weak reference, or made it, and may store it in any table: it is reached.
    pub fn reach_shape(&self, shape: Ref<Shape>) {
        if self.control.phase.get() == Phase::Mark && shape.header.mark.get() != self.black.get() {
            shape.header.mark.set(self.black.get());
            self.control.marking.borrow_mut().grey.push(shape.addr() as usize);
        }
    }

    /// Somebody got a string from the table of strings, which may wait to be swept: it lives.
    #[inline(always)]
    pub(super) fn revive(&self, header: &Header) {
        if self.control.phase.get() == Phase::Sweep {
            header.mark.set(self.white.get());
        }
    }

    /// A colour that neither of two is.
    fn other_colour(&self, x: u8, y: u8) -> u8 {
        (1..=3).find(|&colour| colour != x && colour != y).expect("there are three")
    }
}

impl Vm {
    /// What a poll does when the heap asked for it.
    pub fn collect_step(&self) {
        let control = &self.heap.control;
        if control.stopped.get() || control.running.get() {
            self.heap.debt.set(-(FIRST_THRESHOLD.max(1 << 16) as isize));
            return;
        }
        if STRESS && control.count.get() % 4 == 3 {
            return self.collect_full();
        }
        control.running.set(true);
        if control.generational.get() {
            self.collect_young();
        } else {
            let references = control.step_multiplier.get().max(1).saturating_mul(1 << control.step_size.get().min(40))
                / BYTES_PER_STEP;
            self.slice(if STRESS { self.heap.bytes.get() / 64 % 97 + 1 } else { references });
        }
        self.run_finalizers(FINALIZERS);
        control.running.set(false);
    }

    /// `collectgarbage("step", kib)`: a slice as large as allocating so much leads to; whether a cycle ended.
    pub fn collect_explicitly(&self, kib: usize) -> bool {
        let control = &self.heap.control;
        if control.running.replace(true) {
            return false;
        }
        let ended = if control.generational.get() {
            self.collect_young();
            true
        } else {
            let bytes = kib.saturating_mul(1024).saturating_add(1 << control.step_size.get().min(40));
            let mut references = (bytes / BYTES_PER_STEP).saturating_mul(control.step_multiplier.get().max(1));
            loop {
                let (before, some) = (control.phase.get(), references.min(1 << 20));
                self.slice(some);
                references -= some;
                if control.phase.get() == Phase::Pause && before == Phase::Sweep {
                    break true;
                }
                if references == 0 {
                    break false;
                }
            }
        };
        self.run_finalizers(usize::MAX);
        control.running.set(false);
        ended
    }

    /// A full collection, finalizers included. Only at a poll, or in a native whose values are all in registers.
    pub fn collect_full(&self) {
        let control = &self.heap.control;
        if control.running.replace(true) {
            return;
        }
        self.mark_and_sweep();
        if self.unwind_abandoned() {
            // What only they referred to goes with them.
            self.mark_and_sweep();
        }
        self.run_finalizers(usize::MAX);
        control.running.set(false);
    }

    /// Begins to collect by generations, or goes back to cycles.
    pub fn set_generational(&self, generational: bool) {
        let control = &self.heap.control;
        if control.generational.get() != generational && !control.running.get() {
            control.generational.set(generational);
            self.collect_full();
        }
    }

    fn mark_and_sweep(&self) {
        if self.heap.control.phase.get() == Phase::Sweep {
            self.sweep_rest();
        }
        self.start_marking();
        self.finish_marking(false);
        self.sweep_rest();
        self.pause();
    }

    /// Waits until enough was allocated for the next cycle or young collection.
    fn pause(&self) {
        let (heap, control) = (&self.heap, &self.heap.control);
        control.phase.set(Phase::Pause);
        let live = heap.bytes.get();
        control.base.set(live);
        if control.generational.get() {
            heap.white.set(heap.other_colour(heap.black.get(), heap.black.get()));
        }
        let percent = if control.generational.get() {
            control.minor_multiplier.get()
        } else {
            control.pause.get().max(110) - 100
        };
        let allowed = (live / 100).saturating_mul(percent).clamp(FIRST_THRESHOLD, isize::MAX as usize);
        heap.debt.set(if STRESS { 0 } else { -(allowed as isize) });
    }

    /// A part of a cycle.
    fn slice(&self, budget: usize) {
        let (heap, control) = (&self.heap, &self.heap.control);
        heap.debt.set(if STRESS { 0 } else { -(1 << control.step_size.get().min(40)) });
        match control.phase.get() {
            Phase::Pause => self.start_marking(),
            Phase::Mark => {
                let mut marking = control.marking.borrow_mut();
                let mut marker = Marker::<false>::new(self, &mut marking);
                if !marker.propagate(budget) {
                    return;
                }
                if control.revisited.replace(true) {
                    drop(marking);
                    self.finish_marking(false);
                } else {
                    // What is left for the end is what is written from now on.
                    marker.mark_written();
                }
            }
            Phase::Sweep => {
                if self.sweep(budget) {
                    self.pause();
                }
            }
        }
    }

    fn start_marking(&self) {
        let (heap, control) = (&self.heap, &self.heap.control);
        let black = heap.other_colour(heap.black.get(), heap.white.get());
        heap.black.set(black);
        heap.clear_cards();
        for address in control.written.borrow_mut().drain(..) {
            // SAFETY: what was written since the last marking is alive: it was reached, or made later.
            let header = unsafe { &*(address as *const Header) };
            header.flags.set(header.flags.get() & !flag::WRITTEN);
        }
        // So that whoever stores a shape has got it by `reach_shape`.
        self.empty_caches();
        control.revisited.set(false);
        control.phase.set(Phase::Mark);
        let mut marking = control.marking.borrow_mut();
        *marking = Marking::default();
        Marker::<false>::new(self, &mut marking).mark_roots(self.scratch());
    }

    /// Ends a marking, or is all of a young one, and begins to sweep.
    fn finish_marking(&self, young_only: bool) {
        let (heap, control) = (&self.heap, &self.heap.control);
        self.trim_stacks();
        control.count.set(control.count.get() + 1);
        let end = self.scratch();
        self.clear_registers(end);
        let mut marking = control.marking.borrow_mut();
        marking.young_only = young_only;
        let mut marker = Marker::<false>::new(self, &mut marking);
        marker.mark_roots(end);
        marker.mark_written();
        marker.finish_marking();
        self.separate_doomed(&mut marker);
        marker.finish_resurrection();
        self.separate_abandoned(&|thread| marker.is_marked(thread));
        marker.mark_abandoned();
        marker.finish_resurrection();
        marker.release_dependents();
        if control.check.get() {
            self.check_marking(end, young_only);
        }
        if !young_only {
            marker.forget_shapes();
            self.empty_caches();
        }
        *marking = Marking::default();
        let black = heap.black.get();
        heap.protos.borrow_mut().retain(|proto| proto.header.mark.get() == black);
        heap.white.set(black);
        control.phase.set(Phase::Sweep);
        heap.start_sweeping(young_only);
    }

    /// A young collection, or a full one where it is time for that.
    fn collect_young(&self) {
        let control = &self.heap.control;
        let base = control.base.get();
        let most = base.saturating_add((base / 100).saturating_mul(control.major_multiplier.get()));
        if self.heap.bytes.get() > most.max(FIRST_THRESHOLD) {
            return self.mark_and_sweep();
        }
        debug_assert!(control.phase.get() == Phase::Pause);
        self.finish_marking(true);
        self.sweep_rest();
        self.pause();
        control.base.set(base);
    }

    /// Empties the inline caches.
    fn empty_caches(&self) {
        for proto in self.heap.protos.borrow().iter() {
            for cache in 0..proto.storage.caches.len() {
                proto.caches.set(cache, crate::table::FieldCache::EMPTY);
            }
        }
    }
}
