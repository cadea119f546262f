//! Sweeping: what a marking has not reached is freed, block by block: by whoever needs cells, and at polls.

use super::object::{Header, Kind, Native, Proto, Thread, Userdata};
use super::{CLASSES, Heap};
use crate::string::LuaString;
use crate::table::{self, Shape, Table};
use crate::vm::Vm;
use moonshift_jitgen::mem::Ref;
use std::cell::Cell;

/// Where the sweeping of polls is.
#[derive(Default)]
pub(super) struct Sweeping {
    class: Cell<usize>,
    /// Large objects below this are still to be looked at.
    large: Cell<usize>,
    /// Large objects below this are older than the last collection.
    old_large: Cell<usize>,
}

impl Heap {
    /// Begins to sweep: everything, or what is young.
    pub(super) fn start_sweeping(&self, only_young: bool) {
        self.start_sweeping_blocks(only_young);
        let sweeping = &self.control.sweeping;
        sweeping.class.set(0);
        sweeping.large.set(self.large.borrow().len());
        if !only_young {
            sweeping.old_large.set(0);
        }
    }

    /// Frees what a dead object owns that has nothing to drop.
    pub(super) fn drop_plain(&self, address: usize) {
        // SAFETY: the object at the address is of the kind its header says, and nobody refers to it any more.
        unsafe {
            match (*(address as *const Header)).kind {
                Kind::Table => table::free_table(self, Ref::<Table>::from_addr(address as u64)),
                Kind::String => {
                    let string = Ref::<LuaString>::from_addr(address as u64);
                    if string.is_short() {
                        self.strings.remove(string);
                    }
                }
                _ => {}
            }
        }
    }
}

impl Vm {
    /// Sweeps about `budget` objects, or until all is swept: then true.
    pub(super) fn sweep(&self, budget: usize) -> bool {
        let heap = &self.heap;
        let sweeping = &heap.control.sweeping;
        let mut done = 0;
        while sweeping.class.get() < CLASSES {
            let index = sweeping.class.get();
            let count = heap.sweep_next(index, &|address| self.drop_object(address));
            if count == 0 {
                sweeping.class.set(index + 1);
            }
            done += count;
            if done >= budget {
                return false;
            }
        }
        while sweeping.large.get() > sweeping.old_large.get() {
            let at = sweeping.large.get() - 1;
            sweeping.large.set(at);
            let (address, size) = heap.large.borrow()[at];
            // SAFETY: the list holds live allocations that begin with headers.
            let mark = unsafe { (*(address as *const Header)).mark.get() };
            if mark != heap.black.get() && mark != heap.white.get() {
                // Those behind it were looked at, or are new.
                heap.large.borrow_mut().swap_remove(at);
                let debt = heap.debt.get();
                self.drop_object(address);
                heap.sub_bytes(size);
                heap.debt.set(debt);
                // SAFETY: nothing reached the object; its allocation has this size.
                unsafe { super::deallocate(address, size) };
            }
            done += 1;
            if done >= budget {
                return false;
            }
        }
        true
    }

    /// Sweeps what is still to be swept, at once.
    pub(super) fn sweep_rest(&self) {
        let done = self.sweep(usize::MAX);
        debug_assert!(done);
        let heap = &self.heap;
        heap.control.sweeping.old_large.set(heap.large.borrow().len());
    }

    /// Frees what a dead object owns.
    fn drop_object(&self, address: usize) {
        // SAFETY: the object at the address is of the kind its header says, and nobody refers to it any more.
        unsafe {
            match (*(address as *const Header)).kind {
                Kind::Native => std::ptr::drop_in_place(address as *mut Native),
                Kind::Userdata => std::ptr::drop_in_place(address as *mut Userdata),
                Kind::Thread => {
                    self.book_stacks_freed(Ref::<Thread>::from_addr(address as u64));
                    std::ptr::drop_in_place(address as *mut Thread);
                }
                Kind::Shape => std::ptr::drop_in_place(address as *mut Shape),
                Kind::Proto => std::ptr::drop_in_place(address as *mut Proto),
                Kind::Free | Kind::String | Kind::Table | Kind::Closure | Kind::VarCell => {
                    self.heap.drop_plain(address);
                }
            }
        }
    }

    /// Frees all objects: only when the machine is dropped.
    pub(crate) fn free_all(&self) {
        let heap = &self.heap;
        self.sweep_rest();
        // No object has colour 0.
        heap.black.set(0);
        heap.white.set(0);
        heap.start_sweeping(false);
        self.sweep_rest();
    }
}
