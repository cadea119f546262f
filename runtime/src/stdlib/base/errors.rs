//! Raising and catching errors.

use crate::error::Raised;
use crate::stdlib::io;
use crate::value::{self, Value};
use crate::vm::{Call, Reg, Vm, stack};

pub(super) fn assert(vm: &Vm, call: Call) -> Result<usize, Raised> {
    if call.truthy(1) {
        return call.ret_args_from(1);
    }
    call.check_any(vm, 1)?;
    if call.has(2) {
        let message = call.arg(2);
        if message.tag == value::STRING {
            return Err(vm.raise_bytes(1, message.as_string().as_bytes()));
        }
        return Err(vm.raise(message));
    }
    Err(vm.raise_string(1, "assertion failed!"))
}

pub(super) fn error(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let level = call.opt_int(vm, 2, 1)?;
    let error = call.arg(1);
    if error.tag == value::STRING && level > 0 {
        return Err(vm.raise_bytes(level as usize, error.as_string().as_bytes()));
    }
    Err(vm.raise(error))
}

pub(super) fn pcall(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.check_any(vm, 1)?;
    match vm.call_at_protected(call.base, call.nargs() - 1) {
        Ok(count) => {
            // The results stand from the first argument on, right behind the slot of the first result.
            call.base.back(1).set(0, Reg::of(Value::bool(true)));
            Ok(count + 1)
        }
        // The end of a closed coroutine cannot be caught.
        Err(error) if vm.is_kill(error) => Err(vm.raise(error)),
        Err(error) => call.ret2(Value::bool(false), error),
    }
}

pub(super) fn xpcall(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let function = call.arg(1);
    let handler = call.check_function(vm, 2)?;
    // The handler stays in the first register, the function and its arguments follow.
    call.base.set(0, Reg::of(handler));
    call.base.set(1, Reg::of(function));
    let slot = call.base.offset(1);
    let outcome = vm.protected(|| {
        vm.call_at(slot, call.nargs() - 2).map_err(|Raised| {
            // The frames are still those of the error: the handler may look at them.
            let error = vm.error.get();
            if vm.is_kill(error) {
                return Raised;
            }
            vm.raise(handle(vm, handler, error))
        })
    });
    match outcome {
        Ok(count) => {
            call.base.back(1).set(0, Reg::of(Value::bool(true)));
            for index in 0..count {
                call.base.set(index, slot.get(index));
            }
            Ok(count + 1)
        }
        Err(error) if vm.is_kill(error) => Err(vm.raise(error)),
        Err(error) => call.ret2(Value::bool(false), error),
    }
}

/// What a handler makes of an error. Errors in the handler are handled in turn, but not for ever.
fn handle(vm: &Vm, handler: Value, error: Value) -> Value {
    let mut error = error;
    let depth = vm.native_depth.get();
    for _ in depth..stack::MAX_NATIVE_CALLS {
        // Of an error at the limit the handler runs beyond it, where it has some room.
        if vm.overflowed.get() && depth + 1 == stack::MAX_NATIVE_CALLS {
            vm.native_depth.set(stack::MAX_NATIVE_CALLS);
        }
        let handled = vm.call1(handler, &[error]);
        vm.native_depth.set(depth);
        match handled {
            Ok(handled) => return handled,
            Err(Raised) => error = vm.error.get(),
        }
    }
    Value::string(vm.new_string(b"error in error handling"))
}

/// Warnings go to the standard error stream, once "@on" has turned them on.
pub(super) fn warn(vm: &Vm, call: Call) -> Result<usize, Raised> {
    for index in 1..=call.nargs().max(1) {
        call.check_str(vm, index)?;
    }
    let first = call.arg(1).as_string();
    if let (1, [b'@', control @ ..]) = (call.nargs(), first.as_bytes()) {
        match control {
            b"on" => vm.warnings.set(true),
            b"off" => vm.warnings.set(false),
            _ => {}
        }
        return call.ret0();
    }
    let mut text = Vec::new();
    for index in 1..=call.nargs() {
        text.extend_from_slice(call.arg(index).as_string().as_bytes());
    }
    show_warning(vm, &text);
    call.ret0()
}

fn show_warning(vm: &Vm, text: &[u8]) {
    if vm.warnings.get() {
        io::write_standard_error(&[b"Lua warning: ", text, b"\n"].concat());
    }
}

/// What becomes of errors in finalizers.
pub(super) fn warn_of_finalizer(vm: &Vm, error: Value) {
    let message = error.to_string_object();
    let text = message.as_ref().map_or(&b"error object is not a string"[..], |message| message.as_bytes());
    show_warning(vm, &[b"error in __gc (", text, b")"].concat());
}
