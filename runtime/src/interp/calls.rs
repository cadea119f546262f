//! Calls and returns.
//!
//! A call's function is in `slot[0]`, its arguments follow, and its results are left from `slot[0]` on. The callee's
//! window begins behind the slot, so it overlaps the caller's registers; that of a vararg function begins above its
//! arguments, `extra` of which lie right below the copy of the function.

use super::dispatch::run;
use super::regs::{above, reg, save_pc, set_reg};
use crate::error::Raised;
use crate::heap::object::{Closure, Frame, Proto};
use crate::natives::calls::{call_native, call_object, call_unknown, resolve_callee};
use crate::natives::collecting::enter_slow;
use crate::natives::hooks::{count_entry, enter_uncompiled, finish};
use crate::natives::moves::{check_registers, copy_registers, fill_nil, shift_varargs};
use crate::natives::watch::{resume_watched, run_watched};
use crate::value::{CLOSURE, NATIVE, TAIL_CALLED, Value};
use crate::vm::{Hook, Reg, Unit, Vm};
use moonshift_jitgen::hint::{dead_from, interpreting, promote, promote_few, rooted};
use moonshift_jitgen::marks::{indirect, unroll};
use moonshift_jitgen::mem::{Arr, Ref};
use std::sync::atomic::Ordering;

/// Up to this many registers are moved one by one in compiled code.
const FEW: usize = 8;

/// Calls whatever is in `slot[0]`. The caller's frame record is valid.
#[inline(always)]
pub fn call_value(vm: &Vm, slot: Arr<Reg>, nargs: usize) -> Result<usize, Raised> {
    let callee = reg(slot, 0);
    let tag = promote(callee.tag);
    if tag == CLOSURE {
        // It stays in `slot`, below the window of its frame.
        let closure = rooted(callee.as_closure());
        return match promote_few(closure.proto) {
            Some(proto) => call_lua(vm, closure, proto, slot.offset(1), nargs),
            None => call_unknown(vm, closure, slot.offset(1), nargs),
        };
    }
    if tag == NATIVE {
        return call_native(vm, slot.offset(1), nargs);
    }
    call_object(vm, slot, nargs)
}

/// [`call_value`], for natives.
#[inline(never)]
pub fn call_any(vm: &Vm, slot: Arr<Reg>, nargs: usize) -> Result<usize, Raised> {
    call_value(vm, slot, nargs)
}

/// Calls a Lua function with `nargs` arguments in `args[0..]`; results from `args[-1]` on.
#[inline(always)]
pub fn call_lua(
    vm: &Vm,
    closure: Ref<Closure>,
    proto: Ref<Proto>,
    args: Arr<Reg>,
    nargs: usize,
) -> Result<usize, Raised> {
    let frame = vm.frame.get();
    let inner = frame.offset(1);
    let mut base = args;
    let mut extra = 0;
    if nargs < proto.num_params {
        fill_params(args, nargs, proto.num_params);
    }
    if proto.is_vararg {
        let count = if nargs < proto.num_params { proto.num_params } else { nargs };
        check_registers(vm, args, count)?;
        base = shift_varargs(args, count, proto.num_params);
        extra = count - proto.num_params;
    }
    vm.frame.set(inner);
    if inner.addr() >= vm.trap.frame_limit.load(Ordering::Relaxed) {
        save_pc(vm, base, 0);
        if enter_slow(vm, above(base, proto), frame)? {
            return run_watched(vm, args.back(1), closure, base, extra, proto, 0);
        }
    }
    let count = match enter(vm, closure, base, extra, proto) {
        Ok(count) => count,
        Err(_) => resume_watched(vm, args.back(1), inner)?,
    };
    vm.frame.set(frame);
    Ok(count)
}

/// Runs a function whose window and frame are made.
#[inline(always)]
pub fn enter(vm: &Vm, closure: Ref<Closure>, base: Arr<Reg>, extra: usize, proto: Ref<Proto>) -> Result<usize, Raised> {
    if interpreting() {
        let hook = count_entry(vm, closure, base, extra, proto);
        if hook.status != Hook::NOTHING {
            if hook.status == Hook::RETURNED {
                return Ok(hook.value as usize);
            }
            if hook.status == Hook::RAISED {
                return Err(Raised);
            }
            return run(vm, closure, base, extra, proto, hook.value as usize);
        }
    }
    if interpreting() && !proto.is_compiled.get() {
        return run(vm, closure, base, extra, proto, 0);
    }
    let unit = if proto.is_vararg {
        call_vararg_unit(proto.entry.get(), vm, closure, base, extra)
    } else {
        call_unit(proto.entry.get(), vm, closure, base, extra, proto, 0)
    };
    if unit.status == Unit::RETURNED {
        return Ok(unit.value as usize);
    }
    if unit.status == Unit::RAISED {
        return Err(Raised);
    }
    if unit.status == Unit::LEFT {
        return finish(vm, result_slot(base, extra, proto), closure, base, extra, proto, unit.value);
    }
    enter_uncompiled(vm, result_slot(base, extra, proto), closure, base, extra, proto)
}

/// Calls compiled code of a function with varargs: its results go below them.
#[indirect(calls)]
#[inline(always)]
pub fn call_vararg_unit(code: usize, vm: &Vm, closure: Ref<Closure>, base: Arr<Reg>, extra: usize) -> Unit {
    crate::natives::hooks::call_code(code, vm, closure, base, extra)
}

/// Calls compiled code of a function without varargs, which is for `proto` from `pc` on.
#[indirect(calls, writes_from(base, Reg, 1), enters(run))]
#[inline(always)]
pub fn call_unit(
    code: usize,
    vm: &Vm,
    closure: Ref<Closure>,
    base: Arr<Reg>,
    extra: usize,
    proto: Ref<Proto>,
    pc: usize,
) -> Unit {
    // Code is made for them.
    let _ = (proto, pc);
    crate::natives::hooks::call_code(code, vm, closure, base, extra)
}

/// Sets the parameters that got no argument to nil.
#[unroll]
#[inline(always)]
fn fill_params(args: Arr<Reg>, nargs: usize, num_params: usize) {
    if num_params > FEW {
        fill_nil(args.offset(nargs), num_params - nargs);
        return;
    }
    for index in 0..num_params {
        if index >= nargs {
            set_reg(args, index, Value::nil());
        }
    }
}

/// Sets the results that a call did not give, of `wanted`, to nil.
#[unroll]
#[inline(always)]
pub fn adjust_results(slot: Arr<Reg>, count: usize, wanted: usize) {
    if count < wanted {
        if wanted > FEW {
            fill_nil(slot.offset(count), wanted - count);
            return;
        }
        for index in 0..wanted {
            if index >= count {
                set_reg(slot, index, Value::nil());
            }
        }
    }
}

/// Where the results of the running function go: the slot of its function.
#[inline(always)]
pub fn result_slot(base: Arr<Reg>, extra: usize, proto: Ref<Proto>) -> Arr<Reg> {
    if proto.is_vararg { base.back(2 + proto.num_params + extra) } else { base.back(1) }
}

/// RETURN with `count` values from `R[a]`, the number known from the instruction.
#[unroll]
#[inline(always)]
pub fn return_values(base: Arr<Reg>, extra: usize, proto: Ref<Proto>, a: usize, count: usize) {
    let slot = result_slot(base, extra, proto);
    if count > FEW {
        copy_registers(slot, base.offset(a), count);
        return;
    }
    for index in 0..count {
        set_reg(slot, index, reg(base, a + index));
    }
    dead_from(slot.offset(count));
}

/// RETURN up to top; how many.
#[inline(always)]
pub fn return_open(vm: &Vm, base: Arr<Reg>, extra: usize, proto: Ref<Proto>, a: usize) -> usize {
    let count = vm.top.get() - a;
    copy_registers(result_slot(base, extra, proto), base.offset(a), count);
    count
}

/// VARARG with a fixed number of values.
#[unroll]
#[inline(always)]
pub fn varargs_fixed(base: Arr<Reg>, extra: usize, a: usize, wanted: usize) {
    let from = base.back(1 + extra);
    if wanted > FEW {
        let count = if extra < wanted { extra } else { wanted };
        copy_registers(base.offset(a), from, count);
        fill_nil(base.offset(a + count), wanted - count);
        return;
    }
    for index in 0..wanted {
        if index < extra {
            set_reg(base, a + index, reg(from, index));
        } else {
            set_reg(base, a + index, Value::nil());
        }
    }
}

/// VARARG with all values; sets top.
#[inline(always)]
pub fn varargs_open(vm: &Vm, base: Arr<Reg>, pc: usize, extra: usize, a: usize) -> Result<(), Raised> {
    save_pc(vm, base, pc);
    check_registers(vm, base.offset(a), extra)?;
    copy_registers(base.offset(a), base.back(1 + extra), extra);
    vm.top.set(a + extra);
    Ok(())
}

/// TAILCALL: puts a function in the slot, where it is an object; how many arguments there are then.
#[inline(always)]
pub fn prepare_tail_call(vm: &Vm, slot: Arr<Reg>, nargs: usize) -> Result<usize, Raised> {
    let tag = promote(reg(slot, 0).tag);
    if tag == CLOSURE || tag == NATIVE { Ok(nargs) } else { resolve_callee(vm, slot, nargs) }
}

/// TAILCALL of a Lua function: moves the function and its arguments to the running function's place. Returns the new
/// base and how many arguments lie below it.
#[inline(always)]
pub fn replace_frame(
    vm: &Vm,
    slot: Arr<Reg>,
    from: Arr<Reg>,
    nargs: usize,
    proto: Ref<Proto>,
) -> Result<(Arr<Reg>, usize), Raised> {
    let args = slot.offset(1);
    // Before the arguments move: they may come to lie where the function was. Tracebacks tell by the tag.
    set_reg(slot, 0, Value { tag: TAIL_CALLED, bits: reg(from, 0).bits });
    copy_registers(args, from.offset(1), nargs);
    let mut base = args;
    let mut extra = 0;
    if nargs < proto.num_params {
        fill_params(args, nargs, proto.num_params);
    }
    if proto.is_vararg {
        let count = if nargs < proto.num_params { proto.num_params } else { nargs };
        check_registers(vm, args, count)?;
        base = shift_varargs(args, count, proto.num_params);
        extra = count - proto.num_params;
    }
    vm.frame.get().set(0, Frame { base, pc: 0 });
    Ok((base, extra))
}
