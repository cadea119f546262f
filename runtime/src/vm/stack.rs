//! Stacks: registers and frame records, and the native stack that Lua runs on.
//!
//! All three are mappings that take memory only where they are touched. A stack of depth limit `d` has room for `d`
//! windows of 256 registers, so calls check the depth alone; what puts many values on the stack at once (varargs,
//! `unpack`) checks the registers.

use super::Reg;
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
/// Most native stack that one level of Lua code takes.
pub const LEVEL: usize = if cfg!(debug_assertions) { 64 * 1024 } else { 2 * 1024 };
/// Native stack of the main thread.
const MAIN_NATIVE: usize = 1 << 30;
/// What the natives of one level may use without a check. Half of it is for handlers of the overflow, and their levels.
pub const NATIVE_RESERVE: usize = 128 * LEVEL;
const _: () = assert!(EXTRA_FRAMES * LEVEL <= NATIVE_RESERVE / 2);
/// Most registers of one window, and a margin for what calls place above it.
const WINDOW: usize = 256 + 8;

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

    /// Makes the lowest page inaccessible.
    fn guard(&self) {
        // SAFETY: the page belongs to this mapping.
        unsafe { libc::mprotect(self.address as *mut _, 4096, libc::PROT_NONE) };
    }

    /// Zeroes everything from an address to the end and gives all whole pages back.
    fn clear_pages_from(&self, address: usize) {
        let end = self.address + self.size;
        let far = address.next_multiple_of(4096).min(end);
        // SAFETY: as in `clear_from`.
        unsafe {
            std::ptr::write_bytes(address as *mut u8, 0, far - address);
            if far < end {
                libc::madvise(far as *mut _, end - far, libc::MADV_DONTNEED);
            }
        }
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

/// Registers and frame records of one thread of Lua.
pub struct LuaStack {
    registers: Mapping,
    frames: Mapping,
    depth: usize,
}

impl LuaStack {
    pub fn new(depth: usize) -> LuaStack {
        LuaStack::try_new(depth).expect("address space for a stack")
    }

    /// `None` if there is no room for it.
    pub fn try_new(depth: usize) -> Option<LuaStack> {
        let registers = Mapping::try_new((depth * WINDOW + MAX_BULK + 4 * WINDOW) * std::mem::size_of::<Reg>())?;
        let frames = Mapping::try_new((depth + 64) * std::mem::size_of::<Frame>())?;
        Some(LuaStack { registers, frames, depth })
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

    /// Address behind the last register that bulk pushes may use.
    pub fn register_limit(&self) -> u64 {
        (self.registers.address + self.registers.size) as u64 - (2 * WINDOW * std::mem::size_of::<Reg>()) as u64
    }

    /// Zeroes the registers from `first` on, giving back the memory of whole pages.
    pub fn clear_pages_from(&self, first: Arr<Reg>) {
        self.registers.clear_pages_from(first.addr() as usize);
    }

    /// Zeroes the registers from `first` on.
    pub fn clear_from(&self, first: Arr<Reg>) {
        self.registers.clear_from(first.addr() as usize);
    }
}

/// A native stack.
pub struct NativeStack {
    mapping: Mapping,
}

impl NativeStack {
    pub fn main() -> NativeStack {
        NativeStack::new(MAIN_NATIVE)
    }

    pub fn new(size: usize) -> NativeStack {
        NativeStack::try_new(size).expect("address space for a stack")
    }

    /// `None` if there is no room for it.
    pub fn try_new(size: usize) -> Option<NativeStack> {
        let mapping = Mapping::try_new(size)?;
        mapping.guard();
        Some(NativeStack { mapping })
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
