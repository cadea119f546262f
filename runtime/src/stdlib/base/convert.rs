//! Types and conversions.

use crate::error::Raised;
use crate::natives::convert::to_number;
use crate::number::parse_in_base;
use crate::value::{self, Value};
use crate::vm::{Call, Vm};

/// The names of the types by tag: upvalues of `type`, so that it makes no string.
pub(super) fn type_names(vm: &Vm) -> Vec<Value> {
    (0..=value::THREAD)
        .map(|tag| {
            let name = Value { tag, bits: 0 }.type_name();
            Value::string(vm.new_string(name.as_bytes()))
        })
        .collect()
}

pub(super) fn type_of(vm: &Vm, call: Call) -> Result<usize, Raised> {
    if !call.has(1) {
        call.check_any(vm, 1)?;
    }
    call.ret(call.upvalue(call.arg(1).tag as usize))
}

pub(super) fn tostring(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let value = call.check_any(vm, 1)?;
    let text = vm.tostring(value)?;
    call.ret(Value::string(text))
}

pub(super) fn tonumber(vm: &Vm, call: Call) -> Result<usize, Raised> {
    if call.is_none_or_nil(2) {
        let value = call.check_any(vm, 1)?;
        if let Some(text) = value.to_string_object() {
            vm.charge_bytes(text.len)?;
        }
        return call.ret(to_number(value).unwrap_or(Value::nil()));
    }
    let base = call.check_int(vm, 2)?;
    if call.arg(1).tag != value::STRING {
        return Err(call.type_error(vm, 1, "string"));
    }
    if !(2..=36).contains(&base) {
        return Err(call.arg_error(vm, 2, "base out of range"));
    }
    let text = call.arg(1).as_string();
    vm.charge_bytes(text.len)?;
    call.ret(parse_in_base(text.as_bytes(), base as u32).map_or(Value::nil(), Value::int))
}
