//! Hooks of a machine without a just-in-time compiler.

use crate::error::Raised;
use crate::heap::object::{Closure, Counter, Proto};
use crate::interp::regs::save_pc;
use crate::vm::{Hook, Hooks, Reg, Unit, Vm};
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::{Arr, Ref};

pub const NO_HOOKS: Hooks = Hooks {
    back_edge: no_back_edge,
    entry: no_entry,
    finish: no_finish,
    first_loop_count: u32::MAX,
    first_entry_count: u32::MAX,
};

fn no_entry(_: &Vm, _: Ref<Closure>, _: Arr<Reg>, _: usize, _: Ref<Proto>, _: usize) -> Hook {
    Hook { status: Hook::NOTHING, value: 0 }
}

fn no_back_edge(_: &Vm, _: Ref<Closure>, _: Arr<Reg>, _: usize, _: Ref<Proto>, _: usize, _: usize) -> Hook {
    Hook { status: Hook::NOTHING, value: 0 }
}

fn no_finish(_: &Vm, _: Ref<Closure>, _: Arr<Reg>, _: usize, _: Ref<Proto>, _: u64) -> Result<usize, Raised> {
    unreachable!("no compiled code without a compiler")
}

/// Counts down at a function's entry; at zero asks the hook.
#[inline(always)]
pub fn count_entry(vm: &Vm, closure: Ref<Closure>, base: Arr<Reg>, extra: usize, proto: Ref<Proto>) -> Hook {
    let left = proto.entry_counter.get();
    if left == 0 {
        return entry_hook(vm, closure, base, extra, proto);
    }
    proto.entry_counter.set(left - 1);
    Hook { status: Hook::NOTHING, value: 0 }
}

/// Counts down at a back edge; at zero asks the hook. `pc` is where the loop goes on.
#[inline(always)]
pub fn count_back_edge(
    vm: &Vm,
    closure: Ref<Closure>,
    base: Arr<Reg>,
    extra: usize,
    proto: Ref<Proto>,
    pc: usize,
    number: usize,
) -> Hook {
    let left = proto.loop_counters.get(number).left;
    if left == 0 {
        return back_edge_hook(vm, closure, base, extra, proto, pc, number);
    }
    proto.loop_counters.set(number, Counter { left: left - 1 });
    Hook { status: Hook::NOTHING, value: 0 }
}

#[cold]
#[inline(never)]
fn entry_hook(vm: &Vm, closure: Ref<Closure>, base: Arr<Reg>, extra: usize, proto: Ref<Proto>) -> Hook {
    proto.entry_counter.set(u32::MAX);
    save_pc(vm, base, 0);
    (vm.hooks.get().entry)(vm, closure, base, extra, proto, 0)
}

#[cold]
#[inline(never)]
fn back_edge_hook(
    vm: &Vm,
    closure: Ref<Closure>,
    base: Arr<Reg>,
    extra: usize,
    proto: Ref<Proto>,
    pc: usize,
    number: usize,
) -> Hook {
    proto.loop_counters.set(number, Counter { left: u32::MAX });
    save_pc(vm, base, pc);
    (vm.hooks.get().back_edge)(vm, closure, base, extra, proto, pc, number)
}

/// Finishes a function that left compiled code. Its results go to `slot` and on.
#[residual(calls, writes_from(slot, Reg))]
#[inline(never)]
pub fn finish(
    vm: &Vm,
    slot: Arr<Reg>,
    closure: Ref<Closure>,
    base: Arr<Reg>,
    extra: usize,
    proto: Ref<Proto>,
    value: u64,
) -> Result<usize, Raised> {
    // The results' place is a parameter for the sake of the effects alone.
    let _ = slot;
    (vm.hooks.get().finish)(vm, closure, base, extra, proto, value)
}

/// Runs a function that is not compiled yet, as the interpreter would: it is counted.
#[residual(calls, writes_from(slot, Reg))]
#[inline(never)]
pub fn enter_uncompiled(
    vm: &Vm,
    slot: Arr<Reg>,
    closure: Ref<Closure>,
    base: Arr<Reg>,
    extra: usize,
    proto: Ref<Proto>,
) -> Result<usize, Raised> {
    let _ = slot;
    crate::interp::calls::enter(vm, closure, base, extra, proto)
}

/// Calls the code of a unit.
#[inline(always)]
pub fn call_code(code: usize, vm: &Vm, closure: Ref<Closure>, base: Arr<Reg>, extra: usize) -> Unit {
    type Code = extern "C" fn(&Vm, Ref<Closure>, Arr<Reg>, usize) -> Unit;
    // SAFETY: `Proto::entry` holds 0 or the address of a unit for the prototype, which has this signature; the code is
    // not freed while it runs.
    let code: Code = unsafe { std::mem::transmute(code) };
    code(vm, closure, base, extra)
}

/// No opcode is left.
#[residual]
#[inline(always)]
pub fn invalid_opcode() -> Result<usize, Raised> {
    // SAFETY: code comes from the compiler or has passed the verifier: all its opcodes exist, and the dispatch loop has
    // an arm for each.
    unsafe { std::hint::unreachable_unchecked() }
}
