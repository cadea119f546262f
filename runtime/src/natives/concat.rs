//! Concatenation.

use crate::error::{Raised, messages};
use crate::natives::convert::write_number;
use crate::value::{self, Value};
use crate::vm::{Event, Reg, Vm};
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::Arr;

/// Concatenates `count` (at least 2) registers from the right, and leaves the result in the first.
#[residual(calls, writes_from(first, Reg))]
#[inline(never)]
pub fn concat(vm: &Vm, first: Arr<Reg>, count: usize) -> Result<(), Raised> {
    let mut left = count;
    while left > 1 {
        // The longest run of strings and numbers at the end, at least two.
        let mut run = 0;
        while run < left && is_text(first.get(left - 1 - run).value()) {
            run += 1;
        }
        if run >= 2 {
            let start = left - run;
            let result = join(vm, first.offset(start), run)?;
            first.set(start, Reg::of(result));
            left = start + 1;
        } else {
            let (x, y) = (first.get(left - 2).value(), first.get(left - 1).value());
            let Some(result) = by_metamethod(vm, x, y)? else {
                let culprit = if is_text(x) { left - 1 } else { left - 2 };
                return Err(messages::type_error_at(vm, "concatenate", first.offset(culprit)));
            };
            first.set(left - 2, Reg::of(result));
            left -= 1;
        }
    }
    Ok(())
}

/// `x .. y`
pub fn concat_two(vm: &Vm, x: Value, y: Value) -> Result<Value, Raised> {
    if is_text(x) && is_text(y) {
        let mut text = Vec::new();
        append(&mut text, x);
        append(&mut text, y);
        return Ok(Value::string(vm.new_string(&text)));
    }
    by_metamethod(vm, x, y)?.ok_or_else(|| messages::type_error(vm, "concatenate", if is_text(x) { y } else { x }))
}

fn is_text(value: Value) -> bool {
    value.tag == value::STRING || value.is_number()
}

fn append(text: &mut Vec<u8>, value: Value) {
    if value.tag == value::STRING {
        text.extend_from_slice(value.as_string().as_bytes());
    } else {
        write_number(text, value);
    }
}

fn join(vm: &Vm, first: Arr<Reg>, count: usize) -> Result<Value, Raised> {
    // An empty string on one side leaves a string on the other as it is.
    if count == 2 {
        let (x, y) = (first.get(0).value(), first.get(1).value());
        if y.tag == value::STRING && x.tag == value::STRING {
            if y.as_string().len == 0 {
                return Ok(x);
            }
            if x.as_string().len == 0 {
                return Ok(y);
            }
        }
    }
    let mut text = vm.buffer.take();
    text.clear();
    for index in 0..count {
        append(&mut text, first.get(index).value());
    }
    vm.charge_bytes(text.len())?;
    let result = Value::string(vm.new_string(&text));
    // A very long text's buffer is not worth keeping.
    if text.capacity() <= 1 << 16 {
        vm.buffer.set(text);
    }
    Ok(result)
}

/// Nothing where neither has a metamethod.
fn by_metamethod(vm: &Vm, x: Value, y: Value) -> Result<Option<Value>, Raised> {
    let mut method = vm.metamethod(x, Event::CONCAT);
    if method.is_nil() {
        method = vm.metamethod(y, Event::CONCAT);
    }
    if !method.is_nil() {
        return vm.call1(method, &[x, y]).map(Some);
    }
    Ok(None)
}
