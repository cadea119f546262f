//! The slow part of polls.

use crate::error::Raised;
use crate::vm::Vm;
use crate::vm::trap::Trap;
use moonshift_jitgen::marks::residual;

/// Does what was asked for: collections, interrupts, limits. The innermost frame's record is valid.
#[residual]
#[cold]
#[inline(never)]
pub fn poll(vm: &Vm) -> Result<(), Raised> {
    let flags = vm.trap.take();
    if flags & Trap::COLLECT != 0 {
        vm.collect_step();
    }
    if flags & (Trap::INTERRUPT | Trap::LIMIT) != 0 {
        return (vm.on_limit.get())(vm, flags);
    }
    Ok(())
}

/// A call found no frame record below the limit: a request, or too deep a recursion.
#[residual]
#[cold]
#[inline(never)]
pub fn enter_slow(vm: &Vm) -> Result<(), Raised> {
    poll(vm)?;
    if vm.frame.get().offset(1).addr() >= vm.trap.limit() {
        return Err(vm.raise_message("stack overflow"));
    }
    Ok(())
}
