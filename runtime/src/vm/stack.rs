//! Stacks: registers and frame records, and the native stack that Lua runs on.
//!
//! All three are mappings that take memory only where they are touched; those of coroutines lie together (`slots.rs`). A
//! stack of depth limit `d` has room for `d` windows of 256 registers, so calls check the depth alone; what puts many
//! values on the stack at once (varargs, `unpack`) checks the registers: it leaves room for as many windows as there may
//! still be calls ([`Vm::bulk_limit`]).

use super::{Reg, Vm};
use crate::heap::object::Frame;
use moonshift_jitgen::mem::Arr;
use std::num::NonZeroUsize;

/// Depth limit of the main stack.
pub const MAIN_DEPTH: usize = if cfg!(debug_assertions) { 7_000 } else { 199_990 };
/// Frames beyond the limit, for handlers of the overflow.
pub const EXTRA_FRAMES: usize = 48;
/// Calls of natives into Lua that may be nested, as in the reference.
pub const MAX_NATIVE_CALLS: usize = 200;
/// The same for handlers of the overflow.
pub const MAX_HANDLER_CALLS: usize = MAX_NATIVE_CALLS / 10 * 11;
/// Most values that may be put on the stack at once.
pub const MAX_BULK: usize = 1_000_000;
/// Most native stack that one level of Lua code takes, interpreted or compiled.
pub const LEVEL: usize = if cfg!(debug_assertions) { 64 * 1024 } else { MAX_UNIT_FRAME + 512 };
/// Most native stack that a call of a compiled unit takes; functions that need more stay interpreted. That is some
/// hundred values alive across one call.
pub const MAX_UNIT_FRAME: usize = 4 * 1024;
/// Native stack of the main thread.
const MAIN_NATIVE: usize = 1 << 30;
const _: () = assert!(MAIN_NATIVE >= MAIN_DEPTH * LEVEL + NATIVE_RESERVE);
/// What the natives of one level may use without a check. Half of it is for handlers of the overflow, and their levels.
pub const NATIVE_RESERVE: usize = 128 * LEVEL;
const _: () = assert!(EXTRA_FRAMES * LEVEL <= NATIVE_RESERVE / 2);
/// Most registers of one window, and a margin for what calls place above it.
const WINDOW: usize = 256 + 8;
/// Bytes of a window.
pub const WINDOW_BYTES: u64 = (WINDOW * std::mem::size_of::<Reg>()) as u64;

/// Anonymous memory, lazily committed.
pub struct Mapping {
    address: usize,
    size: usize,
}

impl Mapping {
    /// `None` if there is no room for it.
    pub fn try_new(size: usize) -> Option<Mapping> {
        let size = size.next_multiple_of(4096);
        // SAFETY: a fresh anonymous mapping touches nobody's memory.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        (address != libc::MAP_FAILED).then_some(Mapping { address: address as usize, size })
    }

    /// Makes a page inaccessible.
    pub fn guard(&self, page: usize) {
        debug_assert!(page >= self.address && page < self.address + self.size);
        // SAFETY: the page belongs to this mapping, and its owner keeps nothing there.
        unsafe { libc::mprotect(page as *mut _, 4096, libc::PROT_NONE) };
    }

    /// Never backs the mapping with huge pages: what is touched there are single pages far apart.
    pub fn keep_pages_small(&self) {
        // SAFETY: advice about this mapping alone.
        unsafe { libc::madvise(self.address as *mut _, self.size, libc::MADV_NOHUGEPAGE) };
    }

    /// Zeroes a range, giving the memory of whole pages back.
    pub fn clear(&self, from: usize, end: usize) {
        debug_assert!(from >= self.address && from <= end && end <= self.address + self.size);
        let far = from.next_multiple_of(4096).min(end);
        // SAFETY: the range is inside the mapping; the caller says nothing there is in use.
        unsafe {
            std::ptr::write_bytes(from as *mut u8, 0, far - from);
            if far < end {
                libc::madvise(far as *mut _, end - far, libc::MADV_DONTNEED);
            }
        }
    }

    /// First address.
    pub fn address(&self) -> usize {
        self.address
    }

    /// Zeroes everything from an address to the end, giving memory back.
    fn clear_from(&self, address: usize) {
        const NEAR: usize = 64 * 1024;
        let end = self.address + self.size;
        let far = (address + NEAR).next_multiple_of(4096).min(end);
        // SAFETY: both ranges are inside the mapping; the caller says nothing there is in use.
        unsafe {
            std::ptr::write_bytes(address as *mut u8, 0, far - address);
            if far < end {
                libc::madvise(far as *mut _, end - far, libc::MADV_DONTNEED);
            }
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and its owner is gone.
        unsafe { libc::munmap(self.address as *mut _, self.size) };
    }
}

/// Size of the registers of a stack.
pub const fn register_bytes(depth: usize) -> usize {
    ((depth + EXTRA_FRAMES + 8) * WINDOW + MAX_BULK) * std::mem::size_of::<Reg>()
}

/// What lies behind the last register that the deepest frame may use, up to the end of the registers.
pub const REGISTER_MARGIN: usize = 2 * WINDOW * std::mem::size_of::<Reg>();

/// Size of the frame records of a stack: some above the limit are there for error handling.
pub const fn frame_bytes(depth: usize) -> usize {
    (depth + 64) * std::mem::size_of::<Frame>()
}

const _: () = assert!(EXTRA_FRAMES < 64, "frame records above the limit");

/// Registers and frame records of the main thread.
pub struct LuaStack {
    registers: Mapping,
    frames: Mapping,
    depth: usize,
}

impl LuaStack {
    pub fn new(depth: usize) -> LuaStack {
        let map = |size| Mapping::try_new(size).expect("address space for a stack");
        LuaStack { registers: map(register_bytes(depth)), frames: map(frame_bytes(depth)), depth }
    }

    /// First register.
    pub fn registers(&self) -> Arr<Reg> {
        // SAFETY: the mapping lives as long as the stack; zero bytes are nil registers.
        unsafe { Arr::from_ptr(self.registers.address as *mut Reg) }
    }

    /// First frame record.
    pub fn frames(&self) -> Arr<Frame> {
        // SAFETY: as above; records are written before they are read.
        unsafe { Arr::from_ptr(self.frames.address as *mut Frame) }
    }

    /// Address of the first frame record over the depth limit. Some records above it are there for error handling.
    pub fn frame_limit(&self) -> u64 {
        self.frames().offset(self.depth).addr()
    }

    /// Address behind the last register that the deepest frame may use.
    pub fn register_limit(&self) -> u64 {
        (self.registers.address + self.registers.size - REGISTER_MARGIN) as u64
    }

    /// Zeroes the registers from `first` on.
    pub fn clear_from(&self, first: Arr<Reg>) {
        self.registers.clear_from(first.addr() as usize);
    }
}

impl Vm {
    /// Address behind the last register that the innermost frame may put values in: above it there is room for the
    /// windows of as many calls as the depth limit still allows.
    pub fn bulk_limit(&self) -> u64 {
        let left = self.trap.limit().saturating_sub(self.frame.get().addr());
        let levels = left / std::mem::size_of::<Frame>() as u64;
        self.register_limit.get().saturating_sub(levels * WINDOW_BYTES)
    }
}

/// The native stack of the main thread.
pub struct NativeStack {
    mapping: Mapping,
}

impl NativeStack {
    pub fn main() -> NativeStack {
        let mapping = Mapping::try_new(MAIN_NATIVE).expect("address space for a stack");
        mapping.guard(mapping.address);
        NativeStack { mapping }
    }

    /// Lowest usable address.
    pub fn bottom(&self) -> usize {
        self.mapping.address + 4096
    }

    /// Runs `f` on this stack, which must be free.
    pub fn run<R>(&mut self, f: impl FnOnce() -> R) -> R {
        corosensei::on_stack(self, f)
    }
}

// SAFETY: base and limit are the ends of a mapping that lives as long as the value; its lowest page is a guard.
unsafe impl corosensei::stack::Stack for NativeStack {
    fn base(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.mapping.address + self.mapping.size).expect("mappings are not at zero")
    }

    fn limit(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.mapping.address).expect("mappings are not at zero")
    }
}

/// Address of something on the native stack, roughly its top.
#[inline(always)]
pub fn native_position() -> usize {
    let here = 0u8;
    std::ptr::addr_of!(here) as usize
}
