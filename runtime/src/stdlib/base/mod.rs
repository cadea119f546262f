//! The basic functions.

mod convert;
mod errors;
mod load;
mod tables;

use super::{Functions, add_functions, io, package, set_field};
use crate::error::Raised;
use crate::error::messages::until_zero;
use crate::value::{self, Value};
use crate::vm::{Call, Vm};
use std::cell::Cell;

const FUNCTIONS: Functions = &[
    ("assert", errors::assert),
    ("collectgarbage", collectgarbage),
    ("dofile", load::dofile),
    ("error", errors::error),
    ("getmetatable", tables::getmetatable),
    ("load", load::load),
    ("loadfile", load::loadfile),
    ("pcall", errors::pcall),
    ("rawequal", tables::rawequal),
    ("rawget", tables::rawget),
    ("rawlen", tables::rawlen),
    ("rawset", tables::rawset),
    ("select", select),
    ("setmetatable", tables::setmetatable),
    ("tonumber", convert::tonumber),
    ("tostring", convert::tostring),
    ("warn", errors::warn),
    ("xpcall", errors::xpcall),
];

pub(super) fn open(vm: &Vm) {
    let globals = vm.globals();
    add_functions(vm, globals, FUNCTIONS);
    let next = Value::native(vm.new_native("next", tables::next));
    vm.next_function.set(next);
    set_field(vm, globals, "next", next);
    let step = Value::native(vm.new_native("", tables::ipairs_step));
    for (name, function, upvalues) in [
        ("pairs", tables::pairs as crate::heap::object::NativeFn, vec![next]),
        ("ipairs", tables::ipairs, vec![step]),
        ("type", convert::type_of, convert::type_names(vm)),
        ("print", print, vec![io::standard_output(vm)]),
    ] {
        set_field(vm, globals, name, Value::native(vm.new_native_with(name, function, &upvalues, None)));
    }
    vm.on_warning.set(errors::warn_of_finalizer);
    set_field(vm, globals, "_G", Value::table(globals));
    set_field(vm, globals, "_VERSION", Value::string(vm.new_string(b"Lua 5.4")));
    package::set_loaded(vm, "_G", Value::table(globals));
}

fn print(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let output = call.upvalue(0);
    for index in 1..=call.nargs() {
        if index > 1 {
            io::write_standard(output, b"\t");
        }
        let argument = call.arg(index);
        match argument.tag {
            value::STRING => io::write_standard(output, argument.as_string().as_bytes()),
            _ => {
                let text = vm.tostring(argument)?;
                io::write_standard(output, text.as_bytes());
            }
        }
    }
    io::write_standard(output, b"\n");
    call.ret0()
}

fn select(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let selector = call.arg(1);
    if selector.tag == value::STRING && selector.as_string().as_bytes().first() == Some(&b'#') {
        return call.ret(Value::int(call.nargs() as i64 - 1));
    }
    let index = call.check_int(vm, 1)?;
    let count = call.nargs() as i64;
    let first = if index < 0 { count + index } else { index.min(count) };
    if first < 1 {
        return Err(call.arg_error(vm, 1, "index out of range"));
    }
    call.ret_args_from(first as usize + 1)
}

/// Changes a setting; its old value.
fn exchange(setting: &Cell<usize>, new: i64) -> Value {
    Value::int(setting.replace(usize::try_from(new).unwrap_or(0)) as i64)
}

fn collectgarbage(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let option = call.opt_str(vm, 1)?;
    let control = &vm.heap.control;
    if control.is_running() {
        // In a finalizer: the collector is not reentrant.
        return call.ret(Value::bool(false));
    }
    vm.charge(match option.as_ref().map(|option| option.as_bytes()) {
        None | Some(b"collect" | b"step") => vm.heap.bytes.get() / 64,
        _ => 0,
    })?;
    let result = match option.as_ref().map_or(&b"collect"[..], |option| option.as_bytes()) {
        b"collect" => {
            vm.collect_full();
            Value::int(0)
        }
        b"count" => Value::float(vm.heap.bytes.get() as f64 / 1024.0),
        b"step" => {
            let kib = call.opt_int(vm, 2, 0)?;
            Value::bool(vm.collect_explicitly(usize::try_from(kib).unwrap_or(0)))
        }
        b"isrunning" => Value::bool(!control.stopped.get()),
        b"stop" => {
            control.stopped.set(true);
            Value::int(0)
        }
        b"restart" => {
            control.stopped.set(false);
            Value::int(0)
        }
        b"setpause" => exchange(&control.pause, call.opt_int(vm, 2, 0)?),
        b"setstepmul" => exchange(&control.step_multiplier, call.opt_int(vm, 2, 0)?),
        mode @ (b"incremental" | b"generational") => {
            let generational = mode == b"generational";
            let settings: &[&Cell<usize>] = if generational {
                &[&control.minor_multiplier, &control.major_multiplier]
            } else {
                &[&control.pause, &control.step_multiplier, &control.step_size]
            };
            for (index, setting) in settings.iter().enumerate() {
                // 0 leaves it as it is.
                let new = call.opt_int(vm, index + 2, 0)?;
                if new != 0 {
                    exchange(setting, new);
                }
            }
            let before = control.generational.get();
            vm.set_generational(generational);
            Value::string(vm.new_string(if before { b"generational" } else { b"incremental" }))
        }
        other => {
            let message = format!("invalid option '{}'", String::from_utf8_lossy(until_zero(other)));
            return Err(call.arg_error(vm, 1, &message));
        }
    };
    call.ret(result)
}
