//! Stacks of coroutines: native stack, frame records and registers of one coroutine are a *slot*.
//!
//! # Layout
//!
//! ```text
//! guard | native stack, grows down | frame records, grow up | registers, grow up
//! ```
//!
//! A slot reserves some hundreds of megabytes of addresses and takes memory where it is touched. What a shallow coroutine
//! touches lies close together: native stack and frame records begin inside one page and grow apart, the registers begin
//! a little behind, and one page of page tables describes all three. So a coroutine that waits takes two pages, and one
//! for the tables.
//!
//! # Many of them
//!
//! Systems limit how many mappings a process has (Linux: 65,530), so slots are cut from *slabs*, one mapping for many.
//! A guard page splits its slab's mapping: only the first [`MAX_GUARDS`] slots have one. What keeps a native stack within
//! its bounds is not the guard but the check at every call of a native into Lua (`Vm::has_native_room`), which leaves
//! `NATIVE_RESERVE` for natives; below a slot without a guard lie those of its neighbour's registers that only the
//! deepest recursion uses.
//!
//! A slot that comes back gives its memory back at once, and a slab without slots in use its addresses; `thread.rs` keeps
//! slots for coroutines to come.

use super::Reg;
use super::stack::{self, LEVEL, MAIN_DEPTH, Mapping, NATIVE_RESERVE, REGISTER_MARGIN};
use crate::heap::object::Frame;
use moonshift_jitgen::mem::Arr;
use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Depth limit of a coroutine.
const DEPTH: usize = if cfg!(debug_assertions) { MAIN_DEPTH / 2 } else { MAIN_DEPTH / 4 };
const PAGE: usize = 4096;
/// What one page of page tables describes.
const TABLE: usize = 2 << 20;
/// Where the native stack begins, downwards: at `NEAR` of a table, after `FIRST` bytes of its page. Behind it the frame
/// records begin. All levels have room.
const FIRST: usize = 3072;
const NEAR: usize = 256 << 10;
const TOP: usize = (DEPTH * LEVEL + NATIVE_RESERVE).next_multiple_of(TABLE) + NEAR + FIRST;
const REGISTERS: usize = (TOP + stack::frame_bytes(DEPTH)).next_multiple_of(PAGE);
const END: usize = REGISTERS + stack::register_bytes(DEPTH);
const SIZE: usize = END.next_multiple_of(TABLE);
const SLOTS_OF_SLAB: usize = 32;
/// How many slots of the process may have a guard, each of which takes two of the system's mappings.
const MAX_GUARDS: usize = 8192;
const _: () = assert!(FIRST.is_multiple_of(64));

static GUARDS: AtomicUsize = AtomicUsize::new(0);

struct Slab {
    mapping: Mapping,
    /// Its slots have guards.
    guarded: bool,
    free: Vec<usize>,
}

/// The slabs of one machine.
#[derive(Default)]
pub struct Slots {
    slabs: RefCell<Slabs>,
}

#[derive(Default)]
struct Slabs {
    /// By number; `None` can be used again.
    all: Vec<Option<Slab>>,
    /// Numbers of slabs that have free slots.
    open: Vec<usize>,
    /// Numbers without a slab.
    vacant: Vec<usize>,
}

impl Slots {
    /// A slot whose registers are nil; `None` if there is no room for it.
    pub fn take(self: &Rc<Slots>) -> Option<Slot> {
        let mut slabs = self.slabs.borrow_mut();
        if slabs.open.is_empty() {
            slabs.add()?;
        }
        let number = *slabs.open.last().expect("one was added if there was none");
        let slab = slabs.all[number].as_mut().expect("open slabs exist");
        let address = slab.free.pop().expect("open slabs have free slots");
        if slab.free.is_empty() {
            slabs.open.pop();
        }
        Some(Slot { address, slab: number, owner: self.clone() })
    }

    /// How many bytes of addresses the slabs take.
    #[cfg(test)]
    fn reserved(&self) -> usize {
        self.slabs.borrow().all.iter().flatten().count() * SIZE * SLOTS_OF_SLAB
    }
}

impl Slabs {
    fn add(&mut self) -> Option<()> {
        let mapping = Mapping::try_new(SIZE * SLOTS_OF_SLAB)?;
        mapping.keep_pages_small();
        let first = mapping.address();
        let free: Vec<usize> = (0..SLOTS_OF_SLAB).rev().map(|index| first + index * SIZE).collect();
        let guarded = GUARDS.fetch_add(SLOTS_OF_SLAB, Ordering::Relaxed) + SLOTS_OF_SLAB <= MAX_GUARDS;
        if guarded {
            free.iter().for_each(|&slot| mapping.guard(slot));
        } else {
            GUARDS.fetch_sub(SLOTS_OF_SLAB, Ordering::Relaxed);
        }
        let slab = Slab { mapping, guarded, free };
        let number = match self.vacant.pop() {
            Some(number) => {
                self.all[number] = Some(slab);
                number
            }
            None => {
                self.all.push(Some(slab));
                self.all.len() - 1
            }
        };
        self.open.push(number);
        Some(())
    }

    fn give_back(&mut self, number: usize, address: usize) {
        let slab = self.all[number].as_mut().expect("a slot's slab exists");
        slab.free.push(address);
        match slab.free.len() {
            SLOTS_OF_SLAB => {
                self.all[number] = None;
                self.vacant.push(number);
                self.open.retain(|&open| open != number);
            }
            count => {
                slab.mapping.clear(address + PAGE, address + SIZE);
                if count == 1 {
                    self.open.push(number);
                }
            }
        }
    }
}

impl Drop for Slab {
    fn drop(&mut self) {
        if self.guarded {
            GUARDS.fetch_sub(SLOTS_OF_SLAB, Ordering::Relaxed);
        }
    }
}

/// The stacks of one coroutine.
pub struct Slot {
    address: usize,
    slab: usize,
    owner: Rc<Slots>,
}

impl Slot {
    /// First register.
    pub fn registers(&self) -> Arr<Reg> {
        // SAFETY: the slab is mapped as long as the slot is in use; zero bytes are nil registers.
        unsafe { Arr::from_ptr((self.address + REGISTERS) as *mut Reg) }
    }

    /// First frame record.
    pub fn frames(&self) -> Arr<Frame> {
        // SAFETY: as above; records are written before they are read.
        unsafe { Arr::from_ptr((self.address + TOP) as *mut Frame) }
    }

    /// Address of the first frame record over the depth limit.
    pub fn frame_limit(&self) -> u64 {
        self.frames().offset(DEPTH).addr()
    }

    /// Address behind the last register that the deepest frame may use.
    pub fn register_limit(&self) -> u64 {
        (self.address + END - REGISTER_MARGIN) as u64
    }

    /// Lowest address of the native stack that natives may use before they check.
    pub fn native_limit(&self) -> usize {
        self.address + PAGE + NATIVE_RESERVE
    }

    /// The native stack, which is valid as long as the slot.
    pub fn native(&self) -> NativeStack {
        NativeStack { bottom: self.address, top: self.address + TOP }
    }

    /// Zeroes the registers from `first` on, giving back the memory of whole pages.
    pub fn clear_registers(&self, first: Arr<Reg>) {
        let slabs = self.owner.slabs.borrow();
        let slab = slabs.all[self.slab].as_ref().expect("a slot's slab exists");
        slab.mapping.clear(first.addr() as usize, self.address + SIZE);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.owner.slabs.borrow_mut().give_back(self.slab, self.address);
    }
}

/// The native stack of a slot.
pub struct NativeStack {
    bottom: usize,
    top: usize,
}

// SAFETY: base and limit are bounds inside the slot; checks keep code within them, and a guard where there is one.
unsafe impl corosensei::stack::Stack for NativeStack {
    fn base(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.top).expect("mappings are not at zero")
    }

    fn limit(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.bottom).expect("mappings are not at zero")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn slots_come_back_empty_and_slabs_go() {
        let slots = Rc::new(Slots::default());
        let mut taken: Vec<Slot> = (0..3 * SLOTS_OF_SLAB).map(|_| slots.take().expect("room")).collect();
        assert_eq!(slots.reserved(), 3 * SLOTS_OF_SLAB * SIZE);
        for slot in &taken {
            slot.registers().set(0, Reg::of(Value::int(1)));
            slot.registers().set(100_000, Reg::of(Value::int(1)));
        }
        taken.swap(0, 40);
        taken.truncate(3);
        assert_eq!(slots.reserved(), 2 * SLOTS_OF_SLAB * SIZE);
        let again: Vec<Slot> = (0..40).map(|_| slots.take().expect("room")).collect();
        for slot in &again {
            assert!(slot.registers().get(0).value().is_nil());
            assert!(slot.registers().get(100_000).value().is_nil());
        }
        assert_eq!(slots.reserved(), 2 * SLOTS_OF_SLAB * SIZE);
        drop((again, taken));
        assert_eq!(slots.reserved(), 0);
    }

    #[test]
    fn ends_of_registers_are_cleared() {
        let slots = Rc::new(Slots::default());
        let slot = slots.take().expect("room");
        for index in 0..1000 {
            slot.registers().set(index, Reg::of(Value::int(index as i64)));
        }
        slot.clear_registers(slot.registers().offset(10));
        for index in 0..1000 {
            let expected = if index < 10 { Some(index as i64) } else { None };
            assert_eq!(slot.registers().get(index).value().number_as_int(), expected);
        }
    }
}
