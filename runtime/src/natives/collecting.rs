//! The slow part of polls.

use crate::error::Raised;
use crate::heap::object::Frame;
use crate::vm::trap::Trap;
use crate::vm::{Reg, Vm};
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::Arr;

/// Does what was asked for: collections, interrupts, limits. The innermost frame's record is valid;
/// its registers end at `_above`. Says whether there are hooks to be called.
#[residual(calls, writes_from(_above, Reg))]
#[cold]
#[inline(never)]
pub fn poll(vm: &Vm, _above: Arr<Reg>) -> Result<bool, Raised> {
    let flags = vm.trap.take();
    if flags & Trap::COLLECT != 0 {
        vm.collect_step();
    }
    if flags & (Trap::INTERRUPT | Trap::LIMIT) != 0 {
        (vm.on_limit.get())(vm, flags)?;
    }
    Ok(flags & Trap::WATCH != 0 && vm.hook_state().is_active())
}

/// A call found no frame record below the limit: a request, or too deep a recursion. The innermost frame is the new
/// one, `caller` the one before. Says whether there are hooks to be called.
#[residual(calls, writes_from(above, Reg))]
#[cold]
#[inline(never)]
pub fn enter_slow(vm: &Vm, above: Arr<Reg>, caller: Arr<Frame>) -> Result<bool, Raised> {
    let watched = poll(vm, above)?;
    if vm.frame.get().addr() >= vm.trap.limit() {
        vm.frame.set(caller);
        return Err(vm.raise_overflow("stack overflow"));
    }
    Ok(watched)
}
