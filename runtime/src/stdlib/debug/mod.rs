//! The debug library.

mod console;
mod hooks;
mod info;
mod locals;
mod upvalues;

use super::{Functions, open_library};
use crate::error::{Raised, traceback as trace};
use crate::value::{self, Value};
use crate::vm::{Call, Vm};

const FUNCTIONS: Functions = &[
    ("debug.gethook", hooks::gethook),
    ("debug.getinfo", info::getinfo),
    ("debug.getlocal", locals::getlocal),
    ("debug.getmetatable", getmetatable),
    ("debug.getregistry", getregistry),
    ("debug.getupvalue", upvalues::getupvalue),
    ("debug.getuservalue", getuservalue),
    ("debug.sethook", hooks::sethook),
    ("debug.setlocal", locals::setlocal),
    ("debug.setmetatable", setmetatable),
    ("debug.setupvalue", upvalues::setupvalue),
    ("debug.setuservalue", setuservalue),
    ("debug.traceback", traceback),
    ("debug.upvalueid", upvalues::upvalueid),
    ("debug.upvaluejoin", upvalues::upvaluejoin),
];

pub(super) fn open(vm: &Vm) {
    let library = open_library(vm, "debug", FUNCTIONS);
    console::open(vm, library);
}

/// Where the arguments behind an optional thread begin: 0 or 1 are to be added to their indices.
fn thread_offset(call: Call) -> usize {
    usize::from(call.arg(1).tag == value::THREAD)
}

fn traceback(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let offset = thread_offset(call);
    let message = call.arg(1 + offset);
    if !message.is_nil() && !message.is_number() && message.tag != value::STRING {
        return call.ret(message);
    }
    let level = call.opt_int(vm, 2 + offset, if offset == 0 { 1 } else { 0 })?.max(0) as usize;
    let mut text = Vec::new();
    if !message.is_nil() {
        text.extend_from_slice(call.check_str(vm, 1 + offset)?.as_bytes());
        text.push(b'\n');
    }
    let lines = if offset == 0 {
        trace::traceback(vm, level)
    } else {
        let trace = vm.with_frames_of(call.arg(1).as_thread(), || trace::traceback(vm, level));
        trace.unwrap_or_else(|| "stack traceback:".into())
    };
    text.extend_from_slice(lines.as_bytes());
    call.ret(Value::string(vm.new_string(&text)))
}

fn getmetatable(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let value = call.check_any(vm, 1)?;
    call.ret(vm.metatable_of(value).map_or(Value::nil(), Value::table))
}

fn setmetatable(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let metatable = match call.arg(2) {
        metatable if metatable.tag == value::TABLE => Some(metatable.as_table()),
        metatable if metatable.is_nil() && call.has(2) => None,
        _ => return Err(call.type_error(vm, 2, "nil or table")),
    };
    vm.set_metatable(call.arg(1), metatable);
    call.ret(call.arg(1))
}

fn getregistry(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.ret(Value::table(vm.registry()))
}

fn getuservalue(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let index = call.opt_int(vm, 2, 1)?;
    let value = call.arg(1);
    if value.tag == value::USERDATA && index >= 1 {
        let userdata = value.as_userdata();
        let found = userdata.user_values.borrow().get(index as usize - 1).copied();
        if let Some(found) = found {
            return call.ret2(found, Value::bool(true));
        }
    }
    call.ret(Value::nil())
}

fn setuservalue(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let index = call.opt_int(vm, 3, 1)?;
    if call.arg(1).tag != value::USERDATA {
        return Err(call.type_error(vm, 1, "userdata"));
    }
    let new = call.check_any(vm, 2)?;
    let userdata = call.arg(1).as_userdata();
    let mut values = userdata.user_values.borrow_mut();
    match usize::try_from(index - 1).ok().and_then(|index| values.get_mut(index)) {
        Some(slot) => {
            vm.heap.note_write(call.arg(1));
            *slot = new;
            call.ret(call.arg(1))
        }
        None => call.ret(Value::nil()),
    }
}
