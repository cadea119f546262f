//! Local variables of running functions.

use super::thread_offset;
use crate::error::{Raised, traceback};
use crate::heap::object::Frame;
use crate::natives::moves::extra_of;
use crate::value::{self, Value};
use crate::vm::invoke::frame_size;
use crate::vm::{Call, Reg, Vm};
use moonshift_jitgen::mem::Arr;

pub(super) fn getlocal(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let offset = thread_offset(call);
    let subject = call.arg(1 + offset);
    let index = call.check_int(vm, 2 + offset)?;
    if subject.is_function() {
        // A function that does not run: names of parameters.
        if subject.tag != value::CLOSURE {
            return call.ret(Value::nil());
        }
        let proto = subject.as_closure().proto;
        let name = usize::try_from(index).ok().and_then(|index| proto.source.local_name(index, 0));
        return call.ret(name.map_or(Value::nil(), |(name, _)| Value::string(vm.new_string(name))));
    }
    match variable(vm, call, offset)? {
        Some((name, register)) => {
            let value = register.get(0).value();
            let value = if value.tag == value::CELL { value.as_cell().value.get() } else { value };
            call.ret2(Value::string(vm.new_string(&name)), value)
        }
        None => call.ret(Value::nil()),
    }
}

pub(super) fn setlocal(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let offset = thread_offset(call);
    let found = variable(vm, call, offset)?;
    let new = call.check_any(vm, 3 + offset)?;
    match found {
        Some((name, register)) => {
            let current = register.get(0).value();
            if current.tag == value::CELL {
                crate::interp::closures::set_cell(vm, current.as_cell(), new);
            } else {
                // The thread may be another than the running one.
                if offset == 1 {
                    vm.heap.note_write(call.arg(1));
                }
                register.set(0, Reg::of(new));
            }
            call.ret(Value::string(vm.new_string(&name)))
        }
        None => call.ret(Value::nil()),
    }
}

/// Name and register.
type Variable = (Vec<u8>, Arr<Reg>);

/// The variable that level and number tell.
fn variable(vm: &Vm, call: Call, offset: usize) -> Result<Option<Variable>, Raised> {
    let level = call.check_int(vm, 1 + offset)?;
    let index = call.check_int(vm, 2 + offset)?;
    let thread = if offset == 0 { vm.current_thread() } else { call.arg(1).as_thread() };
    let frames = usize::try_from(level).ok().and_then(|level| {
        vm.with_frames_of(thread, || {
            let inner = level.checked_sub(1).and_then(|inner| vm.frames().nth(inner));
            Some((vm.frames().nth(level)?, inner))
        })?
    });
    let Some((frame, inner)) = frames else { return Err(call.arg_error(vm, 1 + offset, "level out of range")) };
    if index < 0 {
        return Ok(vararg(frame, index));
    }
    let Some(index) = usize::try_from(index).ok().filter(|&index| index > 0) else { return Ok(None) };
    // Registers in use: those of a function that it calls are none of its own.
    let used = match inner {
        Some(inner) => (inner.base.addr() - frame.base.addr()) as usize / std::mem::size_of::<Reg>() - 1,
        None => frame_size(frame),
    };
    let named = traceback::lua_position(frame)
        .and_then(|(proto, pc)| proto.source.local_name(index, pc).map(|(name, register)| (name.to_vec(), register)))
        // A chunk made by hand may say so of any register.
        .filter(|&(_, register)| register < used);
    if let Some((name, register)) = named {
        return Ok(Some((name, frame.base.offset(register))));
    }
    // Further registers in use, that no variable has.
    let register = frame.base.offset(index - 1);
    if index > used {
        return Ok(None);
    }
    let is_lua = traceback::function(frame).tag == value::CLOSURE;
    Ok(Some((if is_lua { b"(temporary)".to_vec() } else { b"(C temporary)".to_vec() }, register)))
}

/// The variable with a negative number: an argument behind the parameters.
fn vararg(frame: Frame, index: i64) -> Option<Variable> {
    if traceback::function(frame).tag != value::CLOSURE {
        return None;
    }
    let (number, extra) = (usize::try_from(index.unsigned_abs()).ok()?, extra_of(frame));
    (number <= extra).then(|| (b"(vararg)".to_vec(), frame.base.back(1 + extra).offset(number - 1)))
}
