//! The slow part of polls.

use super::load::register_live;
use crate::error::{Raised, traceback};
use crate::heap::object::Frame;
use crate::value::{self, Value};
use crate::vm::trap::Trap;
use crate::vm::{Reg, Vm};
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::Arr;
use std::sync::atomic::Ordering;

/// Does what was asked for: collections, interrupts, limits. The innermost frame's record is valid;
/// its registers end at `_above`. Says whether there are hooks to be called.
#[residual(calls, writes_from(_above, Reg))]
#[cold]
#[inline(never)]
pub fn poll(vm: &Vm, _above: Arr<Reg>) -> Result<bool, Raised> {
    if vm.trap.flags.load(Ordering::Relaxed) == Trap::FUEL {
        vm.burn(1)?;
        return Ok(false);
    }
    let flags = vm.trap.take();
    if flags & Trap::COLLECT != 0 {
        clear_dead_registers(vm);
        vm.collect_step();
    }
    if flags & Trap::INTERRUPT != 0 {
        (vm.on_limit.get())(vm, Trap::INTERRUPT)?;
    }
    vm.burn(1)?;
    Ok(flags & Trap::WATCH != 0 && vm.hook_state().is_active())
}

/// Sets registers of the innermost frame to nil that nothing reads any more, where that is known: before an instruction
/// that is jumped back to. What they hold would otherwise stay alive, and that is not even the same in all modes:
/// compiled code does not write registers that are dead there, so they may hold what they held long ago.
fn clear_dead_registers(vm: &Vm) {
    let frame = vm.frame.get().get(0);
    let function = traceback::function(frame);
    // At 0 the frame is new, and its function about to be entered.
    if frame.pc == 0 || function.tag != value::CLOSURE {
        return;
    }
    let proto = function.as_closure().proto;
    for index in 0..proto.max_stack {
        if !register_live(proto, frame.pc, index) {
            frame.base.set(index, Reg::of(Value::nil()));
        }
    }
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
