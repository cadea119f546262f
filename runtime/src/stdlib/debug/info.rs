//! `debug.getinfo`.

use super::thread_offset;
use crate::error::messages::called_as;
use crate::error::{Raised, traceback};
use crate::stdlib::set_field;
use crate::table::{Table, table_set_int};
use crate::value::{self, Value};
use crate::vm::{Call, Vm};
use moonshift_jitgen::mem::Ref;

pub(super) fn getinfo(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let offset = thread_offset(call);
    let options = call.opt_str(vm, 2 + offset)?;
    let options = options.as_ref().map_or(&b"flnSrtu"[..], |options| options.as_bytes());
    if options.first() == Some(&b'>') {
        return Err(call.arg_error(vm, 2 + offset, "invalid option '>'"));
    }
    if options.iter().any(|option| !b"SlnrutLf".contains(option)) {
        return Err(call.arg_error(vm, 2 + offset, "invalid option"));
    }
    let subject = call.arg(1 + offset);
    if subject.is_function() {
        return fill(vm, call, options, subject, None);
    }
    let level = call.check_int(vm, 1 + offset)?;
    let Ok(level) = usize::try_from(level) else { return call.ret(Value::nil()) };
    let thread = if offset == 0 { vm.current_thread() } else { call.arg(1).as_thread() };
    let found = vm.with_frames_of(thread, || {
        let frame = vm.frames().nth(level)?;
        Some(fill(vm, call, options, traceback::function(frame), Some(level)))
    });
    found.flatten().unwrap_or_else(|| call.ret(Value::nil()))
}

/// The answer about a function, which runs at a level if there is one.
fn fill(vm: &Vm, call: Call, options: &[u8], function: Value, level: Option<usize>) -> Result<usize, Raised> {
    let info = vm.new_table_sized(0, 16);
    for option in options {
        match option {
            b'S' => source(vm, info, function),
            b'l' => {
                let line = level.and_then(|level| vm.frames().nth(level)).map_or(0, traceback::line);
                set_field(vm, info, "currentline", Value::int(if line == 0 { -1 } else { i64::from(line) }));
            }
            b'u' => counts(vm, info, function),
            b'n' => {
                let (kind, name) = match level.and_then(|level| called_as(vm, level)) {
                    Some((kind, name)) => (kind, Value::string(vm.new_string(name.as_bytes()))),
                    None => ("", Value::nil()),
                };
                set_field(vm, info, "namewhat", Value::string(vm.new_string(kind.as_bytes())));
                set_field(vm, info, "name", name);
            }
            b't' => {
                let frame = level.and_then(|level| vm.frames().nth(level));
                set_field(vm, info, "istailcall", Value::bool(frame.is_some_and(traceback::is_tail_called)));
            }
            b'r' => {
                let hooks = vm.hook_state();
                let frame = level.and_then(|level| vm.frames().nth(level));
                let is_subject = frame.is_some_and(|frame| frame.base.addr() == hooks.subject.get());
                let (first, count) = if is_subject { hooks.transfer.get() } else { (0, 0) };
                set_field(vm, info, "ftransfer", Value::int(first as i64));
                set_field(vm, info, "ntransfer", Value::int(count as i64));
            }
            b'L' => active_lines(vm, info, function),
            _ => set_field(vm, info, "func", function),
        }
    }
    call.ret(Value::table(info))
}

fn source(vm: &Vm, info: Ref<Table>, function: Value) {
    let text = |bytes: &[u8]| Value::string(vm.new_string(bytes));
    let (source, short, what, first, last) = if function.tag == value::CLOSURE {
        let proto = function.as_closure().proto;
        let main = proto.source.line_defined == 0;
        (
            text(if proto.source.source.is_empty() { b"=?" } else { &proto.source.source }),
            traceback::chunk_name(proto),
            if main { "main" } else { "Lua" },
            i64::from(proto.source.line_defined),
            i64::from(proto.source.last_line),
        )
    } else {
        (text(b"=[C]"), "[C]".to_string(), "C", -1, -1)
    };
    set_field(vm, info, "source", source);
    set_field(vm, info, "short_src", text(short.as_bytes()));
    set_field(vm, info, "what", text(what.as_bytes()));
    set_field(vm, info, "linedefined", Value::int(first));
    set_field(vm, info, "lastlinedefined", Value::int(last));
}

fn counts(vm: &Vm, info: Ref<Table>, function: Value) {
    let (upvalues, parameters, vararg) = if function.tag == value::CLOSURE {
        let closure = function.as_closure();
        (closure.num_upvalues as usize, closure.proto.num_params, closure.proto.is_vararg)
    } else {
        (super::upvalues::of_native(function).len(), 0, true)
    };
    set_field(vm, info, "nups", Value::int(upvalues as i64));
    set_field(vm, info, "nparams", Value::int(parameters as i64));
    set_field(vm, info, "isvararg", Value::bool(vararg));
}

/// The lines that have instructions, as keys.
fn active_lines(vm: &Vm, info: Ref<Table>, function: Value) {
    if function.tag != value::CLOSURE {
        return set_field(vm, info, "activelines", Value::nil());
    }
    let proto = function.as_closure().proto;
    let lines = vm.new_table();
    for &line in proto.source.lines.iter().filter(|&&line| line != 0) {
        table_set_int(vm, lines, i64::from(line), Value::bool(true));
    }
    // The end of a function is a line of its own, even where nothing comes to it.
    if proto.source.line_defined != 0 && !proto.source.lines.is_empty() {
        table_set_int(vm, lines, i64::from(proto.source.last_line), Value::bool(true));
    }
    set_field(vm, info, "activelines", Value::table(lines));
}
