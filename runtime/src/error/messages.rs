//! Texts of the errors that operations raise, with the names of the variables involved.

use super::Raised;
use super::traceback::{is_tail_called, lua_position, native_name};
use crate::heap::object::{Frame, Proto};
use crate::natives::arith::is_bitwise;
use crate::value::{self, Value};
use crate::vm::{Call, Event, Reg, Vm};
use moonshift_jitgen::mem::{Arr, Ref};
use moonshift_lang::bytecode::{RK_CONST, describe_register, describe_upvalue, function_name_at_call, op};

/// "bad argument #index to 'function' (message)".
pub fn arg_error(vm: &Vm, call: Call, index: usize, message: &str) -> Raised {
    let (kind, name) = called_as(vm, 0).unwrap_or_else(|| ("", native_name(vm, Value::native(call.callee()))));
    let text = match (kind, index) {
        ("method", 1) => format!("calling '{name}' on bad self ({message})"),
        ("method", _) => format!("bad argument #{} to '{name}' ({message})", index - 1),
        _ => format!("bad argument #{index} to '{name}' ({message})"),
    };
    vm.raise_string(1, &text)
}

/// "bad argument ... (expected expected, got actual)".
pub fn arg_type_error(vm: &Vm, call: Call, index: usize, expected: &str) -> Raised {
    let actual = if call.has(index) { vm.type_name_of(call.arg(index)) } else { "no value".into() };
    arg_error(vm, call, index, &format!("{expected} expected, got {actual}"))
}

/// How the function of the frame at a level was called: what kind of variable it was found in, and its name. Known when
/// its caller is a Lua function.
pub fn called_as(vm: &Vm, level: usize) -> Option<(&'static str, String)> {
    let mut frames = vm.frames().skip(level);
    if is_tail_called(frames.next()?) {
        return None;
    }
    let caller = frames.next()?;
    if caller.base.addr() == vm.hook_state().subject.get() {
        return Some(("hook", "?".into()));
    }
    if caller.base.addr() == vm.heap.control.interrupted.get() {
        return Some(("metamethod", "__gc".into()));
    }
    let (proto, pc) = lua_position(caller)?;
    let (kind, name) = function_name_at_call(&proto.source, pc)?;
    Some((kind, text(name)))
}

/// `attempt to <action> a <type> value (<variable>)` for a value that the running instruction uses.
pub fn type_error(vm: &Vm, action: &str, culprit: Value) -> Raised {
    let variable = describe(vm, culprit);
    vm.raise_message(&format!("attempt to {action} a {} value{variable}", vm.type_name_of(culprit)))
}

/// `attempt to call a <type> value (<variable>)`.
pub fn call_error(vm: &Vm, object: Value) -> Raised {
    let variable = running(vm)
        .and_then(|(proto, pc, _)| function_name_at_call(&proto.source, pc).map(|(kind, name)| variable(kind, name)))
        .unwrap_or_default();
    vm.raise_message(&format!("attempt to call a {} value{variable}", vm.type_name_of(object)))
}

/// The error of an arithmetic or bitwise operation without a metamethod.
pub fn arith_error(vm: &Vm, event: u8, x: Value, y: Value) -> Raised {
    let bitwise = is_bitwise(event);
    let culprit = if x.is_number() { y } else { x };
    if bitwise {
        if x.is_number() && y.is_number() {
            let culprit = if x.number_as_int().is_none() { x } else { y };
            let variable = describe(vm, culprit);
            return vm.raise_message(&format!("number{variable} has no integer representation"));
        }
        return type_error(vm, "perform bitwise operation on", culprit);
    }
    if x.tag == value::STRING || y.tag == value::STRING {
        let name = &Event::NAMES[event as usize][2..];
        let message = format!("attempt to {name} a '{}' with a '{}'", x.type_name(), y.type_name());
        if running(vm).is_none() {
            return vm.raise_message(&message);
        }
        push_native_frame(vm, name);
        return vm.raise_string(1, &message);
    }
    type_error(vm, "perform arithmetic on", culprit)
}

/// A frame for tracebacks alone: arithmetic on strings is a metamethod of theirs, a native. The error takes it away.
fn push_native_frame(vm: &Vm, name: &'static str) {
    let function = Value::native(vm.new_native(name, |_, _| Ok(0)));
    let base = vm.scratch().offset(1);
    base.back(1).set(0, Reg::of(function));
    let frame = vm.frame.get().offset(1);
    frame.set(0, Frame { base, pc: 0 });
    vm.frame.set(frame);
}

/// " (local 'x')" and so on for a value that the running instruction uses; empty when unknown.
pub fn describe(vm: &Vm, culprit: Value) -> String {
    let Some((proto, pc, base)) = running(vm) else { return String::new() };
    let i = proto.source.code[pc];
    let holds = |register: usize| {
        let value = base.get(register).value();
        value.tag == culprit.tag && value.bits == culprit.bits
    };
    let candidates = match i.op() {
        op::GETENV | op::SETENV => {
            return describe_upvalue(&proto.source, i.b()).map_or_else(String::new, |(k, n)| variable(k, n));
        }
        op::GETTABLE | op::GETFIELD | op::GETINT | op::SELF | op::UNM | op::BNOT | op::LEN => [i.b(), i.b()],
        op::SETTABLE | op::SETFIELD | op::SETINT => [i.a(), i.a()],
        // The instruction's own order: the first operand is looked at first.
        op::ADD..=op::SHR => [i.b(), i.c()],
        op::ADDK..=op::SHRK => [i.b(), i.b()],
        op::CONCAT => {
            let found = (i.a()..i.a() + i.b()).find(|&register| holds(register));
            return found.map_or_else(String::new, |register| register_name(proto, pc, register));
        }
        _ => return String::new(),
    };
    candidates
        .into_iter()
        .find(|&register| register < RK_CONST && holds(register))
        .map_or_else(String::new, |register| register_name(proto, pc, register))
}

fn register_name(proto: Ref<Proto>, pc: usize, register: usize) -> String {
    describe_register(&proto.source, pc, register).map_or_else(String::new, |(kind, name)| variable(kind, name))
}

fn variable(kind: &str, name: &[u8]) -> String {
    format!(" ({kind} '{}')", text(name))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Prototype, position and window of the running function, if it is a Lua function.
fn running(vm: &Vm) -> Option<(Ref<Proto>, usize, Arr<Reg>)> {
    let frame = vm.frames().next()?;
    let (proto, pc) = lua_position(frame)?;
    (pc < proto.source.code.len()).then_some((proto, pc, frame.base))
}

/// Name of the local variable of the running function that lives in a register.
pub fn local_name(vm: &Vm, register: Arr<Reg>) -> String {
    let name = running(vm).and_then(|(proto, pc, base)| {
        let index = (register.addr() - base.addr()) as usize / std::mem::size_of::<Reg>();
        let local = proto.source.active_locals(pc + 1).filter(|local| local.reg as usize == index).last()?;
        Some(text(&local.name))
    });
    name.unwrap_or_else(|| "?".into())
}
