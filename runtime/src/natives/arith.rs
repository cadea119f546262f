//! Arithmetic off the fast paths: strings that read as numbers, metamethods, errors.

use crate::error::{Raised, messages};
use crate::interp::arith as fast;
use crate::natives::convert::to_number;
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

/// `x op y` for any values, the operation given by its event; for `UNM` and `BNOT` `y` is `x`.
pub fn arith(vm: &Vm, event: u8, x: Value, y: Value) -> Result<Value, Raised> {
    // Strings convert themselves, unless the other operand has a metamethod: numbers and strings have none.
    // Bitwise operations take numbers alone.
    let bitwise = event == Event::BNOT || (Event::BAND..=Event::SHR).contains(&event);
    let operand = |value: Value| if bitwise && value.tag == value::STRING { None } else { to_number(value) };
    if let (Some(a), Some(b)) = (operand(x), operand(y))
        && let Some(result) = numbers(vm, event, a, b)?
    {
        return Ok(result);
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

/// Whether an event is that of a bitwise operation.
pub fn is_bitwise(event: u8) -> bool {
    event == Event::BNOT || (Event::BAND..=Event::SHR).contains(&event)
}

/// The operation on numbers; None when a bitwise one meets a float without integer value.
fn numbers(vm: &Vm, event: u8, x: Value, y: Value) -> Result<Option<Value>, Raised> {
    if is_bitwise(event) {
        let (Some(a), Some(b)) = (x.number_as_int(), y.number_as_int()) else { return Ok(None) };
        return Ok(Some(Value::int(match event {
            Event::BAND => a & b,
            Event::BOR => a | b,
            Event::BXOR => a ^ b,
            Event::SHL => fast::shift_left(a, b),
            Event::SHR => fast::shift_right(a, b),
            _ => !a,
        })));
    }
    if x.tag == value::INT && y.tag == value::INT {
        let (a, b) = (x.as_int(), y.as_int());
        match event {
            Event::ADD => return Ok(Some(Value::int(a.wrapping_add(b)))),
            Event::SUB => return Ok(Some(Value::int(a.wrapping_sub(b)))),
            Event::MUL => return Ok(Some(Value::int(a.wrapping_mul(b)))),
            Event::UNM => return Ok(Some(Value::int(a.wrapping_neg()))),
            Event::IDIV if b == 0 => return Err(vm.raise_message("attempt to divide by zero")),
            Event::MOD if b == 0 => return Err(vm.raise_message("attempt to perform 'n%0'")),
            Event::IDIV => return Ok(Some(Value::int(fast::int_floor_div(a, b)))),
            Event::MOD => return Ok(Some(Value::int(fast::int_floor_mod(a, b)))),
            _ => {}
        }
    }
    let a = x.number_as_float().expect("a number");
    let b = y.number_as_float().expect("a number");
    Ok(Some(Value::float(match event {
        Event::ADD => a + b,
        Event::SUB => a - b,
        Event::MUL => a * b,
        Event::DIV => a / b,
        Event::MOD => fast::float_mod(a, b),
        Event::POW => fast::float_pow(a, b),
        Event::IDIV => (a / b).floor(),
        _ => -a,
    })))
}
