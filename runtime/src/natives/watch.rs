//! Hooks: their events, and how running code comes to be watched.
//!
//! While the running thread has a hook, the trap's `WATCH` flag stays set, so every call and every back edge comes to
//! its slow path. From there the function goes on in the watched dispatch loop. What runs already when a hook is set has
//! no such point at the return of a call; so a watched call whose caller is a Lua function that is not watched ends
//! like an error, with `Vm::watch_results` set: `call_lua`, through which the caller was entered, takes that for what it
//! is and goes on with the caller, watched ([`resume_watched`]). Nothing that catches errors can be between the two: the
//! caller stands at an instruction that calls and does nothing with the results, and there its registers and its frame
//! record are in memory.

use crate::error::{Raised, traceback};
use crate::heap::object::{Closure, Frame, Proto};
use crate::interp::calls::{adjust_results, result_slot};
use crate::natives::moves::extra_of;
use crate::value::Value;
use crate::vm::hook::{HookState, mask};
use crate::vm::trap::Trap;
use crate::vm::{Call, Reg, Vm};
use crate::watch;
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::{Arr, Ref};
use moonshift_lang::bytecode::{Instr, op};
use std::rc::Rc;

impl Vm {
    /// Hooks of the running thread.
    pub fn hook_state(&self) -> Rc<HookState> {
        self.current_thread().state.hook.clone()
    }

    /// Makes the trap say whether the running thread is watched.
    pub fn update_watching(&self) {
        self.trap.set_lasting(Trap::WATCH, self.hook_state().mask.get() != 0);
    }
}

/// Runs a function whose window and frame are made, from `pc` on, watched. Its results go to `slot` and on.
#[residual(calls, writes_from(slot, Reg))]
#[cold]
#[inline(never)]
pub fn run_watched(
    vm: &Vm,
    slot: Arr<Reg>,
    closure: Ref<Closure>,
    base: Arr<Reg>,
    extra: usize,
    proto: Ref<Proto>,
    pc: usize,
) -> Result<usize, Raised> {
    let _ = slot;
    let hooks = vm.hook_state();
    let frame = vm.frame.get();
    let outer = hooks.watched_frame.replace(frame.addr());
    let result = run_from(vm, closure, base, extra, proto, pc);
    hooks.watched_frame.set(outer);
    let count = result?;
    vm.frame.set(frame.back(1));
    leave(vm, count)
}

fn run_from(
    vm: &Vm,
    closure: Ref<Closure>,
    base: Arr<Reg>,
    extra: usize,
    proto: Ref<Proto>,
    pc: usize,
) -> Result<usize, Raised> {
    if pc == 0 {
        called(vm, proto, "call")?;
    }
    watch::dispatch::run(vm, closure, base, extra, proto, pc)
}

/// The event of a call, whose frame is the innermost one.
fn called(vm: &Vm, proto: Ref<Proto>, event: &str) -> Result<(), Raised> {
    let hooks = vm.hook_state();
    hooks.last_pc.set(0);
    if hooks.is_active() && hooks.mask.get() & mask::CALL != 0 {
        let free = vm.scratch();
        hook(vm, event, None, free, (1, proto.num_params))?;
    }
    Ok(())
}

/// A function took the place of the watched one.
#[residual]
pub fn tail_called(vm: &Vm, proto: Ref<Proto>) -> Result<(), Raised> {
    called(vm, proto, "tail call")
}

/// Before each instruction of watched functions; `pc` is its own.
#[residual]
pub fn before(vm: &Vm, base: Arr<Reg>, proto: Ref<Proto>, pc: usize) -> Result<(), Raised> {
    let hooks = vm.hook_state();
    if !hooks.is_active() || hooks.mask.get() & (mask::LINE | mask::COUNT) == 0 {
        return Ok(());
    }
    vm.frame.get().set(0, Frame { base, pc: pc + 1 });
    let instruction = proto.code.get(pc);
    let mut free = vm.scratch();
    if uses_open_list(instruction) {
        let end = base.offset(vm.top.get());
        if end.addr() > free.addr() {
            free = end;
        }
    }
    let line_of = |pc: usize| Some(proto.source.line(pc)).filter(|&line| line != 0);
    if hooks.mask.get() & mask::COUNT != 0 {
        let left = hooks.left.get().saturating_sub(1);
        hooks.left.set(if left == 0 { hooks.count.get() } else { left });
        if left == 0 {
            hook(vm, "count", None, free, (0, 0))?;
        }
    }
    if hooks.mask.get() & mask::LINE != 0 {
        let last = hooks.last_pc.replace(pc);
        let last = if last < proto.source.code.len() { last } else { 0 };
        if pc <= last || line_of(pc) != line_of(last) {
            hook(vm, "line", line_of(pc), free, (0, 0))?;
            // Calls in the hook have changed it.
            hooks.last_pc.set(pc);
        }
    }
    Ok(())
}

/// Whether an instruction takes values up to `vm.top`.
fn uses_open_list(instruction: Instr) -> bool {
    matches!(instruction.op(), op::CALL | op::TAILCALL | op::RETURN | op::SETLIST) && instruction.b() == 0
        || instruction.op() == op::CLOSE && instruction.b() != 0
}

/// A watched function goes on at `pc` after a call: what ran meanwhile has changed which instruction was the last.
#[residual]
pub fn came_back(vm: &Vm, pc: usize) {
    vm.hook_state().last_pc.set(pc - 1);
}

/// Before a watched function returns `count` values from `R[a]`.
#[residual]
pub fn returning(vm: &Vm, base: Arr<Reg>, pc: usize, a: usize, count: usize) -> Result<(), Raised> {
    let hooks = vm.hook_state();
    if !hooks.is_active() || hooks.mask.get() & mask::RETURN == 0 {
        return Ok(());
    }
    vm.frame.get().set(0, Frame { base, pc });
    let (mut free, end) = (vm.scratch(), base.offset(a + count));
    if end.addr() > free.addr() {
        free = end;
    }
    hook(vm, "return", None, free, (a + 1, count))
}

/// The same for a function that ended by calling a native last: its results are at `slot` already.
#[residual]
pub fn returned(vm: &Vm, slot: Arr<Reg>, base: Arr<Reg>, pc: usize, count: usize) -> Result<(), Raised> {
    let hooks = vm.hook_state();
    if !hooks.is_active() || hooks.mask.get() & mask::RETURN == 0 {
        return Ok(());
    }
    // The hook wants to see the function, whose place the first result has taken.
    vm.frame.get().set(0, Frame { base, pc });
    let roots: Vec<usize> = (0..count).map(|index| vm.root(slot.get(index).value())).collect();
    let outcome = hook(vm, "return", None, vm.scratch(), (0, 0));
    for (index, root) in roots.into_iter().enumerate() {
        slot.set(index, Reg::of(vm.rooted(root)));
        vm.unroot(root);
    }
    outcome
}

/// A native call while hooks are set. Its frame is the innermost one.
pub fn call_native_watched(vm: &Vm, args: Arr<Reg>, nargs: usize, caller: Arr<Frame>) -> Result<usize, Raised> {
    let hooks = vm.hook_state();
    if hooks.is_active() && hooks.mask.get() & mask::CALL != 0 {
        hook(vm, "call", None, args.offset(nargs), (1, nargs))?;
    }
    let callee = args.back(1).get(0);
    let count = (callee.value().as_native().function)(vm, Call { base: args, nargs })?;
    finish_native(vm, args, nargs, callee.value(), count, caller)
}

/// The event of a native's return, and what comes behind it. Its `count` results stand where it stood itself.
pub fn finish_native(
    vm: &Vm,
    args: Arr<Reg>,
    nargs: usize,
    callee: Value,
    count: usize,
    caller: Arr<Frame>,
) -> Result<usize, Raised> {
    let hooks = vm.hook_state();
    if hooks.is_active() && hooks.mask.get() & mask::RETURN != 0 {
        // While the hook looks, the native is in its place and the results are above its arguments.
        let (slot, results, inner) = (args.back(1), args.offset(nargs), caller.offset(1));
        (0..count).rev().for_each(|index| results.set(index, slot.get(index)));
        let kept: Vec<Reg> = (0..count).map(|index| results.get(index)).collect();
        slot.set(0, Reg::of(callee));
        vm.frame.set(inner);
        inner.set(0, Frame { base: args, pc: nargs + count });
        hook(vm, "return", None, args.offset(nargs + count), (nargs + 1, count))?;
        kept.into_iter().enumerate().for_each(|(index, result)| slot.set(index, result));
    }
    vm.frame.set(caller);
    leave(vm, count)
}

/// At the end of a watched call: the caller has to be watched, too.
pub fn leave(vm: &Vm, count: usize) -> Result<usize, Raised> {
    let hooks = vm.hook_state();
    let caller = vm.frame.get();
    if caller == vm.first_frame.get() {
        return Ok(count);
    }
    let Some((proto, _)) = traceback::lua_position(caller.get(0)) else { return Ok(count) };
    let pc = caller.get(0).pc;
    hooks.last_pc.set(pc.saturating_sub(1));
    if !hooks.is_active() || hooks.watched_frame.get() == caller.addr() || pc == 0 {
        return Ok(count);
    }
    if !matches!(proto.code.get(pc - 1).op(), op::CALL | op::TFORCALL | op::CLOSE) {
        return Ok(count);
    }
    vm.watch_results.set(Some(count));
    Err(Raised)
}

/// After an error from a Lua function whose frame is `frame`: goes on with it, watched, if that was none (see the
/// module). Its results go to `slot` and on.
#[residual(calls, writes_from(slot, Reg))]
#[cold]
#[inline(never)]
pub fn resume_watched(vm: &Vm, slot: Arr<Reg>, frame: Arr<Frame>) -> Result<usize, Raised> {
    let Some(count) = vm.watch_results.take() else { return Err(Raised) };
    vm.frame.set(frame);
    let Frame { base, pc } = frame.get(0);
    let closure = traceback::function(frame.get(0)).as_closure();
    let proto = closure.proto;
    let instruction = proto.code.get(pc - 1);
    let (a, c) = (instruction.a(), instruction.c());
    let mut at = pc;
    match instruction.op() {
        op::CALL if c == 0 => vm.top.set(a + count),
        op::CALL => adjust_results(base.offset(a), count, c - 1),
        op::TFORCALL => adjust_results(base.offset(a + 4), count, c),
        // There may be more to close.
        _ => at = pc - 1,
    }
    let extra = extra_of(frame.get(0));
    debug_assert!(slot == result_slot(base, extra, proto));
    run_watched(vm, slot, closure, base, extra, proto, at)
}

/// Calls the hook for the innermost frame; registers from `free` on are not in use.
fn hook(vm: &Vm, event: &str, line: Option<u32>, free: Arr<Reg>, transfer: (usize, usize)) -> Result<(), Raised> {
    let hooks = vm.hook_state();
    let (frame, top) = (vm.frame.get(), vm.top.get());
    hooks.blocked.set(hooks.blocked.get() + 1);
    hooks.subject.set(frame.get(0).base.addr());
    hooks.transfer.set(transfer);
    let no_yield = vm.threads.no_yield.get();
    vm.threads.no_yield.set(no_yield + 1);
    free.set(0, Reg::of(hooks.function.get()));
    free.set(1, Reg::of(Value::string(vm.new_string(event.as_bytes()))));
    free.set(2, Reg::of(line.map_or(Value::nil(), |line| Value::int(i64::from(line)))));
    let outcome = vm.call_at(free, 2);
    vm.threads.no_yield.set(no_yield);
    hooks.transfer.set((0, 0));
    hooks.blocked.set(hooks.blocked.get() - 1);
    // After an error tracebacks still have to know; whoever catches it restores the subject.
    outcome?;
    hooks.subject.set(0);
    vm.frame.set(frame);
    vm.top.set(top);
    Ok(())
}
