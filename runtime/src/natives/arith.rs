//! Arithmetic off the fast paths: metamethods (those of strings among them), errors.

use crate::error::{Raised, messages};
use crate::interp::arith as fast;
use crate::value::{self, Value};
use crate::vm::{Event, Reg, Vm};
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::Arr;

/// [`arith`] for the interpreter, which owns the registers below `_above`.
#[residual(calls, writes_from(_above, Reg))]
#[inline(never)]
pub fn arith_above(vm: &Vm, _above: Arr<Reg>, event: u8, x: Value, y: Value) -> Result<Value, Raised> {
    arith(vm, event, x, y)
}

/// `x op y` for any values, the operation given by its event; for `UNM` and `BNOT` `y` is `x`. Strings have metamethods.
pub fn arith(vm: &Vm, event: u8, x: Value, y: Value) -> Result<Value, Raised> {
    if x.is_number() && y.is_number() {
        if is_bitwise(event) {
            return bits(event, x, y).ok_or_else(|| messages::arith_error(vm, event, x, y));
        }
        return numbers(event, x, y).ok_or_else(|| division_by_zero(vm, event));
    }
    let mut method = vm.metamethod(x, event);
    if method.is_nil() {
        method = vm.metamethod(y, event);
    }
    if !method.is_nil() {
        return vm.call1(method, &[x, y]);
    }
    Err(messages::arith_error(vm, event, x, y))
}

/// The error of an integer division.
pub fn division_by_zero(vm: &Vm, event: u8) -> Raised {
    vm.raise_message(if event == Event::IDIV { "attempt to divide by zero" } else { "attempt to perform 'n%0'" })
}

/// Whether an event is that of a bitwise operation.
pub fn is_bitwise(event: u8) -> bool {
    event == Event::BNOT || (Event::BAND..=Event::SHR).contains(&event)
}

/// A bitwise operation on numbers; None when one is a float without integer value.
fn bits(event: u8, x: Value, y: Value) -> Option<Value> {
    let (a, b) = (x.number_as_int()?, y.number_as_int()?);
    Some(Value::int(match event {
        Event::BAND => a & b,
        Event::BOR => a | b,
        Event::BXOR => a ^ b,
        Event::SHL => fast::shift_left(a, b),
        Event::SHR => fast::shift_right(a, b),
        _ => !a,
    }))
}

/// An arithmetic operation on numbers; None for an integer division by zero.
pub fn numbers(event: u8, x: Value, y: Value) -> Option<Value> {
    if x.tag == value::INT && y.tag == value::INT {
        let (a, b) = (x.as_int(), y.as_int());
        match event {
            Event::ADD => return Some(Value::int(a.wrapping_add(b))),
            Event::SUB => return Some(Value::int(a.wrapping_sub(b))),
            Event::MUL => return Some(Value::int(a.wrapping_mul(b))),
            Event::UNM => return Some(Value::int(a.wrapping_neg())),
            Event::IDIV | Event::MOD if b == 0 => return None,
            Event::IDIV => return Some(Value::int(fast::int_floor_div(a, b))),
            Event::MOD => return Some(Value::int(fast::int_floor_mod(a, b))),
            _ => {}
        }
    }
    let (a, b) = (x.number_as_float()?, y.number_as_float()?);
    Some(Value::float(match event {
        Event::ADD => a + b,
        Event::SUB => a - b,
        Event::MUL => a * b,
        Event::DIV => a / b,
        Event::MOD => fast::float_mod(a, b),
        Event::POW => fast::float_pow(a, b),
        Event::IDIV => (a / b).floor(),
        _ => -a,
    }))
}
