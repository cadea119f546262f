//! Fuel: a limit on how much a program may do, set by the host.
//!
//! While there is one, the trap's `FUEL` flag stays set, so every back edge and every call comes to its slow path, in
//! the interpreter and in compiled code alike, and uses up one unit there. What natives do in loops of their own they
//! [charge](Vm::charge). Between two polls, code runs forward only, so nothing escapes; and since it is the same polls in
//! every mode, the same program runs out at the same place, compiled or not. Without a limit there is no cost: the flag
//! is one more bit of a word that polls look at anyway.
//!
//! Once the fuel is used up every further poll fails: a script may catch the error, but it does not get any further.

use super::Vm;
use super::trap::Trap;
use crate::error::Raised;
use std::sync::atomic::Ordering;

/// So many bytes that a native copies or compares are as much as one step of a program.
const BYTES: usize = 64;

impl Vm {
    /// Limits what is run from now on, or lifts the limit.
    pub fn set_fuel(&self, fuel: Option<u64>) {
        self.fuel.set(fuel.unwrap_or(0));
        self.trap.set_lasting(Trap::FUEL, fuel.is_some());
    }

    /// What is left, if there is a limit.
    pub fn fuel(&self) -> Option<u64> {
        (self.trap.flags.load(Ordering::Relaxed) & Trap::FUEL != 0).then(|| self.fuel.get())
    }

    /// Uses up fuel, where there is a limit. When it does not suffice all is gone, and the host says what comes of it.
    #[inline]
    pub fn burn(&self, amount: u64) -> Result<(), Raised> {
        if self.trap.flags.load(Ordering::Relaxed) & Trap::FUEL == 0 {
            return Ok(());
        }
        match self.fuel.get().checked_sub(amount) {
            Some(left) => {
                self.fuel.set(left);
                Ok(())
            }
            None => {
                self.fuel.set(0);
                (self.on_limit.get())(self, Trap::FUEL)
            }
        }
    }

    /// Uses up fuel for what has been done. If that was more than there was, the next poll fails.
    pub fn settle(&self, amount: u64) {
        self.fuel.set(self.fuel.get().saturating_sub(amount));
    }

    /// From the middle of a native: uses up fuel for `steps` of it, and looks for requests of the host. Collections are
    /// left to the next poll, so that natives may hold what they hold.
    #[inline]
    pub fn charge(&self, steps: usize) -> Result<(), Raised> {
        if self.trap.flags.load(Ordering::Relaxed) & Trap::OF_HOST == 0 { Ok(()) } else { self.charge_slow(steps) }
    }

    /// [`Vm::charge`] for copying, comparing or searching so many bytes.
    #[inline]
    pub fn charge_bytes(&self, bytes: usize) -> Result<(), Raised> {
        if bytes < BYTES { Ok(()) } else { self.charge(bytes / BYTES) }
    }

    #[cold]
    #[inline(never)]
    fn charge_slow(&self, steps: usize) -> Result<(), Raised> {
        if self.trap.flags.load(Ordering::Relaxed) & Trap::INTERRUPT != 0 {
            let flags = self.trap.take();
            if flags & Trap::COLLECT != 0 {
                self.trap.request(Trap::COLLECT);
            }
            (self.on_limit.get())(self, Trap::INTERRUPT)?;
        }
        self.burn(steps as u64)
    }
}
