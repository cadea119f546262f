//! The collector: mark and sweep, precise, and only at polls.
//!
//! At a poll everything live is in the registers up to the end of the innermost frame, in the vm's fields, or held by
//! the host through `Vm::root`. Registers above that are cleared, so a register never holds the address of a freed
//! object. Order of a collection: mark from the roots, ephemerons to a fixpoint, clear weak values; finalizers of
//! unreached objects are put aside and those objects marked; again ephemerons, clear weak keys and values; drop unreached
//! strings from the interner and unreached shapes from their parents; sweep; run the finalizers.

use super::mark::Marker;
use super::object::{Header, Kind, flag};
use crate::value::Value;
use crate::vm::{Event, Vm};
use std::cell::{Cell, RefCell};

/// Bytes allocated before the first collection, and at least between collections.
pub const FIRST_THRESHOLD: usize = if cfg!(feature = "gc-stress") { 0 } else { 1 << 20 };

/// State and settings of the collector.
pub struct Control {
    /// `collectgarbage("stop")`
    pub stopped: Cell<bool>,
    /// How large the heap grows before the next collection, in percent of what survived.
    pub pause: Cell<usize>,
    /// What `collectgarbage` was told and gives back; without effect.
    pub step_multiplier: Cell<usize>,
    pub generational: Cell<bool>,
    /// A collection or its finalizers are running.
    running: Cell<bool>,
    /// Base of the function that a finalizer interrupts; 0 while none runs.
    pub(crate) interrupted: Cell<u64>,
    /// Objects with finalizers, in the order in which they got them.
    pub(super) watched: RefCell<Vec<Value>>,
    /// Unreached objects whose finalizers are to run, the last one first.
    pub(super) doomed: RefCell<Vec<Value>>,
    /// How many collections there were.
    pub count: Cell<u64>,
}

impl Default for Control {
    fn default() -> Self {
        Control {
            stopped: Cell::new(false),
            pause: Cell::new(200),
            step_multiplier: Cell::new(100),
            generational: Cell::new(false),
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

impl Vm {
    /// What a poll does when the heap asked for it.
    pub fn collect_step(&self) {
        if self.heap.control.stopped.get() || self.heap.control.running.get() {
            self.heap.debt.set(-(FIRST_THRESHOLD.max(1 << 16) as isize));
            return;
        }
        self.collect_full();
    }

    /// A full collection, finalizers included. Only at a poll, or in a native whose values are all in registers.
    pub fn collect_full(&self) {
        let control = &self.heap.control;
        if control.running.replace(true) {
            return;
        }
        self.mark_and_sweep();
        let live = self.heap.bytes.get();
        let allowed = (live / 100).saturating_mul(control.pause.get().max(110) - 100).max(FIRST_THRESHOLD);
        self.heap.debt.set(if cfg!(feature = "gc-stress") { 0 } else { -(allowed as isize) });
        self.run_finalizers();
        control.running.set(false);
    }

    fn mark_and_sweep(&self) {
        let heap = &self.heap;
        self.trim_stacks();
        heap.control.count.set(heap.control.count.get() + 1);
        heap.colour.set(3 - heap.colour.get());
        let end = self.scratch();
        self.clear_registers(end);
        let mut marker = Marker::new(self);
        marker.mark_roots(end);
        marker.finish_marking();
        self.separate_doomed(&mut marker);
        marker.finish_resurrection();
        marker.forget_unreached();
        self.strings.retain(|string| string.header.mark.get() == heap.colour.get());
        self.sweep();
    }

    /// Puts objects aside whose finalizers are to run, and marks them.
    fn separate_doomed(&self, marker: &mut Marker) {
        let mut watched = self.heap.control.watched.borrow_mut();
        let mut doomed = self.heap.control.doomed.borrow_mut();
        // Those whose turn has not come yet stay alive.
        let (dead, alive): (Vec<Value>, Vec<Value>) =
            watched.drain(..).partition(|&object| header_of(object).mark.get() != self.heap.colour.get());
        *watched = alive;
        // Finalizers run in the reverse order of their setting: the newest is last here, and is taken first.
        let older = std::mem::take(&mut *doomed);
        doomed.extend(dead);
        doomed.extend(older);
        for &object in doomed.iter() {
            marker.mark(object);
        }
    }

    fn run_finalizers(&self) {
        loop {
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
            self.run_finalizers();
        }
        self.heap.control.running.set(false);
    }

    fn sweep(&self) {
        let heap = &self.heap;
        let colour = heap.colour.get();
        for index in 0..super::CLASSES {
            self.sweep_class(index, colour);
        }
        let mut large = std::mem::take(&mut *heap.large.borrow_mut());
        large.retain(|&(address, size)| {
            // SAFETY: the list holds live allocations that begin with headers.
            let header = unsafe { &*(address as *const Header) };
            if header.mark.get() == colour {
                return true;
            }
            self.drop_object(address);
            heap.sub_bytes(size);
            // SAFETY: nothing reached the object; its allocation has this size.
            unsafe { super::deallocate(address, size) };
            false
        });
        heap.large.borrow_mut().append(&mut large);
    }

    fn sweep_class(&self, index: usize, colour: u8) {
        let class = &self.heap.classes[index];
        let size = (index + 1) * super::GRAIN;
        let mut free = 0;
        let mut freed = 0;
        let mut blocks = class.blocks.borrow_mut();
        let bump_block = blocks.last().copied();
        blocks.retain(|&block| {
            let is_bump = Some(block) == bump_block;
            let end = if is_bump { class.bump.get() } else { block + super::BLOCK / size * size };
            let before = free;
            let mut live = 0;
            let mut cell = block;
            while cell < end {
                // SAFETY: cells of a block up to its end hold objects or are free; all begin with a header.
                let header = unsafe { &*(cell as *const Header) };
                if header.kind != Kind::Free && header.mark.get() == colour {
                    live += 1;
                } else {
                    if header.kind != Kind::Free {
                        self.drop_object(cell);
                        freed += size;
                    }
                    // SAFETY: nobody refers to the cell any more.
                    unsafe { free_cell(cell, size, free) };
                    free = cell;
                }
                cell += size;
            }
            if live == 0 && !is_bump {
                free = before;
                // SAFETY: no cell of the block is in use or on the free list.
                unsafe { super::deallocate(block, super::BLOCK) };
                return false;
            }
            true
        });
        class.free.set(free);
        self.heap.sub_bytes(freed);
    }

    /// Frees what an unreached object owns.
    fn drop_object(&self, address: usize) {
        use super::object::{Native, Proto, Thread, Userdata};
        use crate::table::{Shape, Table};
        use moonshift_jitgen::mem::Ref;
        // SAFETY: the object at the address is of the kind its header says, and nobody refers to it any more.
        unsafe {
            match (*(address as *const Header)).kind {
                Kind::Table => crate::table::free_table(self, Ref::<Table>::from_addr(address as u64)),
                Kind::Native => std::ptr::drop_in_place(address as *mut Native),
                Kind::Userdata => std::ptr::drop_in_place(address as *mut Userdata),
                Kind::Thread => {
                    self.book_stacks_freed(Ref::<Thread>::from_addr(address as u64));
                    std::ptr::drop_in_place(address as *mut Thread);
                }
                Kind::Shape => std::ptr::drop_in_place(address as *mut Shape),
                Kind::Proto => {
                    (self.hooks.get().free_proto)(self, Ref::<Proto>::from_addr(address as u64));
                    std::ptr::drop_in_place(address as *mut Proto);
                }
                Kind::Free | Kind::String | Kind::Closure | Kind::VarCell => {}
            }
        }
    }

    /// Frees all objects: only when the machine is dropped.
    pub(crate) fn free_all(&self) {
        // No object has colour 0.
        let colour = 0;
        for index in 0..super::CLASSES {
            self.sweep_class(index, colour);
            let class = &self.heap.classes[index];
            for block in class.blocks.borrow_mut().drain(..) {
                // SAFETY: all objects of the block were dropped.
                unsafe { super::deallocate(block, super::BLOCK) };
            }
        }
        for (address, size) in self.heap.large.borrow_mut().drain(..) {
            self.drop_object(address);
            // SAFETY: the object was dropped.
            unsafe { super::deallocate(address, size) };
        }
    }
}

/// # Safety
/// Nobody refers to the cell.
unsafe fn free_cell(cell: usize, size: usize, next: usize) {
    // SAFETY: a cell has at least 16 bytes.
    unsafe {
        if cfg!(feature = "gc-stress") {
            std::ptr::write_bytes(cell as *mut u8, 0xdb, size);
        }
        *(cell as *mut u8) = Kind::Free as u8;
        *((cell + 8) as *mut usize) = next;
    }
}
