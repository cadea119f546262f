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
    /// Some limit of the host's is to be looked at (fuel, deadline, hooks).
    pub const LIMIT: u32 = 4;
    /// The running thread has hooks. Unlike the requests it stays set.
    pub const WATCH: u32 = 8;

    #[allow(clippy::new_without_default)]
    pub fn new() -> Trap {
        Trap { flags: AtomicU32::new(0), frame_limit: AtomicU64::new(0), limit: AtomicU64::new(0) }
    }

    /// Makes running code poll soon. From any thread.
    pub fn request(&self, flags: u32) {
        self.flags.fetch_or(flags, Ordering::SeqCst);
        self.frame_limit.store(0, Ordering::SeqCst);
    }

    /// Takes the pending requests.
    pub fn take(&self) -> u32 {
        // In this order: a request that comes between is seen at the next poll.
        let watching = self.flags.load(Ordering::SeqCst) & Trap::WATCH != 0;
        self.frame_limit.store(if watching { 0 } else { self.limit.load(Ordering::SeqCst) }, Ordering::SeqCst);
        self.flags.fetch_and(Trap::WATCH, Ordering::SeqCst)
    }

    /// Sets or clears [`Trap::WATCH`]. Pending requests stay pending.
    pub fn set_watching(&self, watching: bool) {
        if watching {
            self.request(Trap::WATCH);
        } else {
            self.flags.fetch_and(!Trap::WATCH, Ordering::SeqCst);
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
