//! Texts of the errors that operations raise, with the names of the variables involved.

use super::Raised;
use super::traceback::{is_tail_called, lua_position, native_name};
use crate::heap::object::Proto;
use crate::natives::arith::is_bitwise;
use crate::value::Value;
use crate::vm::{Call, Reg, Vm};
use moonshift_jitgen::mem::{Arr, Ref};
use moonshift_lang::bytecode::{describe_register, describe_upvalue, function_name_at_call, op};

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
    attempt(vm, action, culprit, &describe(vm, culprit, Side::Left))
}

/// As [`type_error`], for the value of one register of the running instruction.
pub fn type_error_at(vm: &Vm, action: &str, register: Arr<Reg>) -> Raised {
    let variable = running(vm).map_or_else(Vec::new, |(proto, pc, base)| {
        let index = (register.addr() - base.addr()) as usize / std::mem::size_of::<Reg>();
        register_name(proto, pc, index)
    });
    attempt(vm, action, register.get(0).value(), &variable)
}

fn attempt(vm: &Vm, action: &str, culprit: Value, variable: &[u8]) -> Raised {
    let text = format!("attempt to {action} a {} value", vm.type_name_of(culprit));
    vm.raise_bytes(0, &[text.as_bytes(), variable].concat())
}

/// `attempt to call a <type> value (<variable>)`.
pub fn call_error(vm: &Vm, object: Value) -> Raised {
    let variable = running(vm)
        .and_then(|(proto, pc, _)| function_name_at_call(&proto.source, pc).map(|(kind, name)| variable(kind, name)))
        .unwrap_or_default();
    attempt(vm, "call", object, &variable)
}

/// The error of an arithmetic or bitwise operation without a metamethod.
pub fn arith_error(vm: &Vm, event: u8, x: Value, y: Value) -> Raised {
    let bitwise = is_bitwise(event);
    if bitwise && x.is_number() && y.is_number() {
        let (culprit, side) = if x.number_as_int().is_none() { (x, Side::Left) } else { (y, Side::Right) };
        let variable = describe(vm, culprit, side);
        return vm.raise_bytes(0, &[b"number", &variable[..], b" has no integer representation"].concat());
    }
    let (culprit, side) = if x.is_number() { (y, Side::Right) } else { (x, Side::Left) };
    let action = if bitwise { "perform bitwise operation on" } else { "perform arithmetic on" };
    attempt(vm, action, culprit, &describe(vm, culprit, side))
}

/// An operand of a binary operation; of others there is one, on the left.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// " (local 'x')" and so on for a value that the running instruction uses; empty when unknown.
fn describe(vm: &Vm, culprit: Value, side: Side) -> Vec<u8> {
    let Some((proto, pc, base)) = running(vm) else { return Vec::new() };
    let i = proto.source.code[pc];
    let holds = |register: usize| {
        let value = base.get(register).value();
        value.tag == culprit.tag && value.bits == culprit.bits
    };
    let register = match i.op() {
        op::GETENV | op::SETENV => {
            return describe_upvalue(&proto.source, i.b()).map_or_else(Vec::new, |(k, n)| variable(k, n));
        }
        op::GETTABLE | op::GETFIELD | op::GETINT | op::SELF | op::UNM | op::BNOT | op::LEN => i.b(),
        op::SETTABLE | op::SETFIELD | op::SETINT => i.a(),
        op::ADD..=op::SHR => {
            if side == Side::Left {
                i.b()
            } else {
                i.c()
            }
        }
        // The other operand is a constant: the left one, if the instruction is marked.
        op::ADDK..=op::SHRK if (side == Side::Right) == (i.e() != 0) => i.b(),
        _ => return Vec::new(),
    };
    if holds(register) { register_name(proto, pc, register) } else { Vec::new() }
}

fn register_name(proto: Ref<Proto>, pc: usize, register: usize) -> Vec<u8> {
    describe_register(&proto.source, pc, register).map_or_else(Vec::new, |(kind, name)| variable(kind, name))
}

fn variable(kind: &str, name: &[u8]) -> Vec<u8> {
    [b" (", kind.as_bytes(), b" '", until_zero(name), b"')"].concat()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(until_zero(bytes)).into_owned()
}

/// What messages show of a name: it ends at a zero.
pub fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or(bytes)
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
