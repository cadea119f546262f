//! To-be-closed variables.

use crate::error::{Raised, messages};
use crate::value::{self, Value};
use crate::vm::stack::{EXTRA_FRAMES, MAX_BULK, WINDOW_BYTES};
use crate::vm::{Event, Reg, Vm};
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::Arr;

/// A register that holds a variable to be closed.
pub struct Pending {
    register: Arr<Reg>,
}

impl Pending {
    /// What is to be closed.
    pub fn value(&self) -> Value {
        content(self.register)
    }
}

/// How many are pending: to be handed to [`close_after_error`].
pub fn pending(vm: &Vm) -> usize {
    vm.tbc.borrow().len()
}

/// TBC: marks a register. Nil and false need no closing.
#[residual]
pub fn mark(vm: &Vm, register: Arr<Reg>) -> Result<(), Raised> {
    let value = content(register);
    if !value.is_truthy() {
        return Ok(());
    }
    if vm.metamethod(value, Event::CLOSE).is_nil() {
        let name = messages::local_name(vm, register);
        return Err(vm.raise_message(&format!("variable '{name}' got a non-closable value")));
    }
    vm.tbc.borrow_mut().push(Pending { register });
    Ok(())
}

/// CLOSE: closes the variables in `from` and above, the newest first.
#[residual]
pub fn close(vm: &Vm, from: Arr<Reg>) -> Result<(), Raised> {
    while let Some(value) = take_from(vm, from.addr()) {
        let method = vm.metamethod(value, Event::CLOSE);
        vm.call(method, &[value, Value::nil()])?;
    }
    Ok(())
}

/// CLOSE while an open list up to `vm.top` is live: it is kept above the window meanwhile.
#[residual]
pub fn close_keeping_open_list(vm: &Vm, base: Arr<Reg>, from: Arr<Reg>) -> Result<(), Raised> {
    if vm.tbc.borrow().last().is_none_or(|last| last.register.addr() < from.addr()) {
        return Ok(());
    }
    let top = vm.top.get();
    // The list may reach above the window, where the calls below would overwrite it.
    let saved: Vec<usize> = (0..top).map(|index| vm.root(base.get(index).value())).collect();
    let result = close(vm, from);
    for (index, root) in saved.into_iter().enumerate() {
        base.set(index, Reg::of(vm.rooted(root)));
        vm.unroot(root);
    }
    vm.top.set(top);
    result
}

/// Closes, after an error, what became pending since `count` were; the frames above are gone, but their registers are
/// still as they were. Returns the error value that results.
pub fn close_after_error(vm: &Vm, count: usize, error: Value) -> Value {
    close_down_to(vm, count, Some(error)).expect("there was an error")
}

/// The same where there need not have been an error.
pub fn close_down_to(vm: &Vm, count: usize, error: Option<Value>) -> Option<Value> {
    let mut error = error;
    // Closing may leave more to be closed above, without end.
    let mut highest = None;
    loop {
        let register = {
            let mut tbc = vm.tbc.borrow_mut();
            if tbc.len() <= count {
                return error;
            }
            tbc.pop().expect("longer than count").register
        };
        let value = content(register);
        // The variable's register stays in use while it is closed, and so does one for the error.
        let kept = if register.addr() < vm.scratch().addr() { vm.scratch() } else { register.offset(1) };
        let slot = kept.offset(1);
        let frame = vm.frame.get();
        let levels = levels_above(vm, slot);
        if slot.addr() > *highest.get_or_insert(slot.offset(MAX_BULK).addr()) || levels == 0 {
            vm.raise_message("stack overflow");
            error = Some(vm.error.get());
            continue;
        }
        let argument = Reg::of(error.unwrap_or(Value::nil()));
        kept.set(0, argument);
        slot.set(0, Reg::of(vm.metamethod(value, Event::CLOSE)));
        slot.set(1, Reg::of(value));
        slot.set(2, argument);
        // The frames that made the variable are gone, but not its place: there may be fewer calls above it.
        let (limit, overflowed) = (vm.trap.limit(), vm.overflowed.get());
        vm.trap.set_limit(limit.min(frame.offset(levels).addr()));
        if vm.call_at(slot, 2).is_err() {
            error = Some(vm.error.get());
            if !overflowed {
                vm.end_overflow();
            }
        }
        vm.trap.set_limit(limit);
        vm.frame.set(frame);
    }
}

/// How many levels of calls there is room for above a register.
fn levels_above(vm: &Vm, register: Arr<Reg>) -> usize {
    let room = vm.register_limit.get().saturating_sub(register.addr());
    ((room / WINDOW_BYTES) as usize).saturating_sub(EXTRA_FRAMES)
}

fn take_from(vm: &Vm, address: u64) -> Option<Value> {
    let mut tbc = vm.tbc.borrow_mut();
    if tbc.last()?.register.addr() < address {
        return None;
    }
    tbc.pop().map(|pending| content(pending.register))
}

/// The variable's value: a captured one is in its cell.
fn content(register: Arr<Reg>) -> Value {
    let value = register.get(0).value();
    if value.tag == value::CELL { value.as_cell().value.get() } else { value }
}
