//! The coroutine library.

use super::{Functions, open_library};
use crate::error::Raised;
use crate::heap::object::Thread;
use crate::value::{self, Value};
use crate::vm::thread::Status;
use crate::vm::{Call, Reg, Vm};
use moonshift_jitgen::mem::Ref;

const FUNCTIONS: Functions = &[
    ("coroutine.close", close),
    ("coroutine.create", create),
    ("coroutine.isyieldable", isyieldable),
    ("coroutine.resume", resume),
    ("coroutine.running", running),
    ("coroutine.status", status),
    ("coroutine.wrap", wrap),
    ("coroutine.yield", yield_),
];

pub(super) fn open(vm: &Vm) {
    open_library(vm, "coroutine", FUNCTIONS);
}

fn check_thread(vm: &Vm, call: Call) -> Result<Ref<Thread>, Raised> {
    let value = call.arg(1);
    if value.tag == value::THREAD { Ok(value.as_thread()) } else { Err(call.type_error(vm, 1, "thread")) }
}

fn create(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let body = call.check_function(vm, 1)?;
    call.ret(Value::thread(vm.new_thread(body)))
}

fn resume(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let thread = check_thread(vm, call)?;
    match vm.resume(thread, call.base.offset(1), call.nargs() - 1, call.base) {
        Ok(count) => {
            call.base.back(1).set(0, Reg::of(Value::bool(true)));
            Ok(count + 1)
        }
        Err(error) => call.ret2(Value::bool(false), error),
    }
}

fn yield_(vm: &Vm, call: Call) -> Result<usize, Raised> {
    vm.yield_arguments(call)
}

fn wrap(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let body = call.check_function(vm, 1)?;
    let thread = Value::thread(vm.new_thread(body));
    call.ret(Value::native(vm.new_native_with("", resume_wrapped, &[thread], None)))
}

fn resume_wrapped(vm: &Vm, call: Call) -> Result<usize, Raised> {
    // The thread is reachable from the native itself until the results overwrite it.
    let thread = call.upvalue(0).as_thread();
    let error = match vm.resume(thread, call.base, call.nargs(), call.base.back(1)) {
        Ok(count) => return Ok(count),
        Err(error) => error,
    };
    call.push(vm, error)?;
    let mut error = error;
    if thread.state.failed()
        && let Err(last) = vm.close_thread(thread)
    {
        error = last;
    }
    if error.tag == value::STRING {
        return Err(vm.raise_bytes(1, error.as_string().as_bytes()));
    }
    Err(vm.raise(error))
}

fn status(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let thread = check_thread(vm, call)?;
    call.ret(Value::string(vm.new_string(status_name(thread.state.status()).as_bytes())))
}

fn status_name(status: Status) -> &'static str {
    match status {
        Status::Suspended => "suspended",
        Status::Running => "running",
        Status::Normal => "normal",
        Status::Dead => "dead",
    }
}

fn isyieldable(vm: &Vm, call: Call) -> Result<usize, Raised> {
    if !call.has(1) {
        return call.ret(Value::bool(vm.is_yieldable()));
    }
    let thread = check_thread(vm, call)?;
    let yieldable = if thread == vm.current_thread() { vm.is_yieldable() } else { !vm.is_main_thread(thread) };
    call.ret(Value::bool(yieldable))
}

fn running(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let thread = vm.current_thread();
    call.ret2(Value::thread(thread), Value::bool(vm.is_main_thread(thread)))
}

fn close(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let thread = check_thread(vm, call)?;
    let status = thread.state.status();
    if !matches!(status, Status::Suspended | Status::Dead) {
        return Err(vm.raise_string(1, &format!("cannot close a {} coroutine", status_name(status))));
    }
    match vm.close_thread(thread) {
        Ok(()) => call.ret(Value::bool(true)),
        Err(error) => call.ret2(Value::bool(false), error),
    }
}
