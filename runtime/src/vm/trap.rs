//! The trap: what another thread or the heap sets to make running code stop at its next poll.
//!
//! Back edges test `flags`; calls test `frame_limit` alone, which a request sets to zero, so that one comparison
//! serves the depth limit and the poll.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Shared between a vm and the handles that interrupt it.
pub struct Trap {
    pub flags: AtomicU32,
    /// Address of the first frame record that must not be used; 0 while a request is pending.
    pub frame_limit: AtomicU64,
    /// What `frame_limit` is without requests.
    limit: AtomicU64,
}

impl Trap {
    /// The heap wants a collection.
    pub const COLLECT: u32 = 1;
    /// The host wants the program to stop.
    pub const INTERRUPT: u32 = 2;
    /// The host has limited the fuel. Unlike the requests it stays set.
    pub const FUEL: u32 = 4;
    /// The running thread has hooks. Stays set likewise.
    pub const WATCH: u32 = 8;
    /// What natives that run long look at.
    pub const OF_HOST: u32 = Trap::INTERRUPT | Trap::FUEL;
    /// What is no request but lasts.
    const LASTING: u32 = Trap::FUEL | Trap::WATCH;

    #[allow(clippy::new_without_default)]
    pub fn new() -> Trap {
        Trap { flags: AtomicU32::new(0), frame_limit: AtomicU64::new(0), limit: AtomicU64::new(0) }
    }

    /// Makes running code poll soon. From any thread.
    pub fn request(&self, flags: u32) {
        self.flags.fetch_or(flags, Ordering::SeqCst);
        self.frame_limit.store(0, Ordering::SeqCst);
    }

    /// Takes the pending requests; tells of what lasts, too.
    pub fn take(&self) -> u32 {
        // In this order: a request that comes between is seen at the next poll.
        let lasting = self.flags.load(Ordering::SeqCst) & Trap::LASTING != 0;
        self.frame_limit.store(if lasting { 0 } else { self.limit.load(Ordering::SeqCst) }, Ordering::SeqCst);
        self.flags.fetch_and(Trap::LASTING, Ordering::SeqCst)
    }

    /// Sets or clears a flag that lasts: [`Trap::WATCH`] or [`Trap::FUEL`]. Pending requests stay pending.
    pub fn set_lasting(&self, flag: u32, on: bool) {
        if on {
            self.request(flag);
        } else {
            self.flags.fetch_and(!flag, Ordering::SeqCst);
            self.set_limit(self.limit());
        }
    }

    /// Changes the depth limit; pending requests stay pending.
    pub fn set_limit(&self, limit: u64) {
        self.limit.store(limit, Ordering::SeqCst);
        self.frame_limit.store(if self.flags.load(Ordering::SeqCst) == 0 { limit } else { 0 }, Ordering::SeqCst);
    }

    /// The depth limit itself.
    pub fn limit(&self) -> u64 {
        self.limit.load(Ordering::SeqCst)
    }
}
