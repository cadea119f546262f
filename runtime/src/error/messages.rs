//! Texts of the errors that operations raise, with the names of the variables involved.

use super::Raised;
use super::traceback::{function, lua_position};
use crate::value::{self, Value};
use crate::vm::{Call, Reg, Vm};
use moonshift_jitgen::mem::Arr;

/// "bad argument #index to 'function' (message)".
pub fn arg_error(vm: &Vm, call: Call, index: usize, message: &str) -> Raised {
    let (name, is_method) = call_name(vm, call);
    let text = match (is_method, index) {
        (true, 1) => format!("calling '{name}' on bad self ({message})"),
        (true, _) => format!("bad argument #{} to '{name}' ({message})", index - 1),
        _ => format!("bad argument #{index} to '{name}' ({message})"),
    };
    vm.raise_string(1, &text)
}

/// "bad argument ... (expected expected, got actual)".
pub fn arg_type_error(vm: &Vm, call: Call, index: usize, expected: &str) -> Raised {
    let actual = if call.has(index) { vm.type_name_of(call.arg(index)) } else { "no value".into() };
    arg_error(vm, call, index, &format!("{expected} expected, got {actual}"))
}

/// The name by which the running native was called, and whether as a method.
fn call_name(_vm: &Vm, call: Call) -> (String, bool) {
    let name = call.callee().name;
    (if name.is_empty() { "?".into() } else { name.into() }, false)
}

/// "attempt to <action> a <type> value (<variable>)".
pub fn type_error(vm: &Vm, action: &str, value: Value, variable: &str) -> Raised {
    vm.raise_message(&format!("attempt to {action} a {} value{variable}", vm.type_name_of(value)))
}

/// " (local 'x')" and so on for the value that the running instruction reads from a register; empty when unknown.
pub fn describe(vm: &Vm, _value: Value) -> String {
    let Some(frame) = vm.frames().next() else { return String::new() };
    let Some((_proto, _pc)) = lua_position(frame) else { return String::new() };
    let _ = (function(frame), value::NIL);
    String::new()
}

/// The same for the object of an indexing operation.
pub fn describe_indexed(vm: &Vm, object: Value, _key: Value) -> String {
    describe(vm, object)
}

/// Name of the local variable of the running function that lives in a register.
pub fn local_name(vm: &Vm, register: Arr<Reg>) -> String {
    let name = vm.frames().next().and_then(|frame| {
        let (proto, pc) = lua_position(frame)?;
        let index = (register.addr() - frame.base.addr()) as usize / std::mem::size_of::<Reg>();
        let local = proto.source.active_locals(pc + 1).filter(|local| local.reg as usize == index).last()?;
        Some(String::from_utf8_lossy(&local.name).into_owned())
    });
    name.unwrap_or_else(|| "?".into())
}

/// "attempt to call a <type> value (<variable>)".
pub fn call_error(vm: &Vm, object: Value, _slot: Arr<Reg>) -> Raised {
    type_error(vm, "call", object, &describe(vm, object))
}
