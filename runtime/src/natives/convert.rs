//! Conversions between numbers and strings.

use crate::number::{Number, parse_number, write_float, write_int};
use crate::string::LuaString;
use crate::value::{self, Value};
use crate::vm::Vm;
use moonshift_jitgen::mem::Ref;

/// A number, or a string that reads as one.
pub fn to_number(value: Value) -> Option<Value> {
    match value.tag {
        value::INT | value::FLOAT => Some(value),
        value::STRING => string_to_number(value.as_string().as_bytes()),
        _ => None,
    }
}

/// The number that a text reads as.
pub fn string_to_number(text: &[u8]) -> Option<Value> {
    parse_number(text).map(|number| match number {
        Number::Int(int) => Value::int(int),
        Number::Float(float) => Value::float(float),
    })
}

/// Appends a number as `tostring` writes it.
pub fn write_number(out: &mut Vec<u8>, value: Value) {
    if value.tag == value::INT { write_int(out, value.as_int()) } else { write_float(out, value.as_float()) }
}

/// A number as a string.
pub fn number_to_string(vm: &Vm, value: Value) -> Ref<LuaString> {
    let mut text = Vec::with_capacity(32);
    write_number(&mut text, value);
    vm.new_string(&text)
}
