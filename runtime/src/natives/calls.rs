//! Calls of what compiled code does not call itself.

use crate::error::{Raised, messages};
use crate::heap::object::{Closure, Frame};
use crate::interp::calls::{call_any, call_lua};
use crate::natives::collecting::enter_slow;
use crate::natives::moves::check_registers;
use crate::natives::watch::call_native_watched;
use crate::vm::stack::MAX_BULK;
use crate::vm::{Call, Event, Reg, Vm};
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::{Arr, Ref};
use std::sync::atomic::Ordering;

/// Calls the native function in `args[-1]`.
#[residual(calls, writes_from(args, Reg, 1))]
#[inline(always)]
pub fn call_native(vm: &Vm, args: Arr<Reg>, nargs: usize) -> Result<usize, Raised> {
    let frame = vm.frame.get();
    let inner = frame.offset(1);
    vm.frame.set(inner);
    inner.set(0, Frame { base: args, pc: nargs });
    if inner.addr() >= vm.trap.frame_limit.load(Ordering::Relaxed) && enter_slow(vm, args.offset(nargs), frame)? {
        return call_native_watched(vm, args, nargs, frame);
    }
    let function = args.back(1).get(0).value().as_native().function;
    let count = function(vm, Call { base: args, nargs })?;
    vm.frame.set(frame);
    Ok(count)
}

/// Calls a Lua function whose prototype compiled code does not know.
#[residual(calls, writes_from(args, Reg, 1))]
pub fn call_unknown(vm: &Vm, closure: Ref<Closure>, args: Arr<Reg>, nargs: usize) -> Result<usize, Raised> {
    call_lua(vm, closure, closure.proto, args, nargs)
}

/// Calls something that is no function: by `__call`, with the object as first argument.
#[residual(calls, writes_from(slot, Reg))]
#[cold]
#[inline(never)]
pub fn call_object(vm: &Vm, slot: Arr<Reg>, nargs: usize) -> Result<usize, Raised> {
    if !vm.has_native_room() {
        return Err(vm.raise_overflow("C stack overflow"));
    }
    let nargs = resolve_callee(vm, slot, nargs)?;
    call_any(vm, slot, nargs)
}

/// Makes `slot[0]` a function: an object is replaced by its `__call` and becomes the first argument, as often as it
/// takes. Returns how many arguments there are then.
#[residual(calls, writes_from(slot, Reg))]
#[cold]
#[inline(never)]
pub fn resolve_callee(vm: &Vm, slot: Arr<Reg>, nargs: usize) -> Result<usize, Raised> {
    let mut objects = Vec::new();
    let mut callee = slot.get(0).value();
    while !callee.is_function() {
        let method = vm.metamethod(callee, Event::CALL);
        if method.is_nil() {
            return Err(messages::call_error(vm, callee));
        }
        if objects.len() >= MAX_BULK {
            return Err(vm.raise_overflow("stack overflow"));
        }
        objects.push(callee);
        check_registers(vm, slot, nargs + objects.len() + 1)?;
        callee = method;
    }
    for index in (1..=nargs).rev() {
        slot.set(index + objects.len(), slot.get(index));
    }
    slot.set(0, Reg::of(callee));
    for (index, &object) in objects.iter().rev().enumerate() {
        slot.set(index + 1, Reg::of(object));
    }
    Ok(nargs + objects.len())
}

/// The function that TAILCALL in a native or object calls: as a call, the results moved to the frame's slot.
#[residual(calls, writes_from(to, Reg))]
#[inline(never)]
pub fn tail_call_other(vm: &Vm, to: Arr<Reg>, slot: Arr<Reg>, nargs: usize) -> Result<usize, Raised> {
    let count = call_any(vm, slot, nargs)?;
    for index in 0..count {
        to.set(index, slot.get(index));
    }
    Ok(count)
}
