//! Comparisons off the fast paths.

use crate::error::Raised;
use crate::value::{self, Value};
use crate::vm::{Event, Reg, Vm};
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::Arr;
use std::cmp::Ordering;

/// `x == y` with metamethods.
pub fn equals(vm: &Vm, x: Value, y: Value) -> Result<bool, Raised> {
    if x.raw_equals(y) {
        return Ok(true);
    }
    if x.tag != y.tag || !matches!(x.tag, value::TABLE | value::USERDATA) {
        return Ok(false);
    }
    let mut method = vm.metamethod(x, Event::EQ);
    if method.is_nil() {
        method = vm.metamethod(y, Event::EQ);
    }
    if method.is_nil() { Ok(false) } else { Ok(vm.call1(method, &[x, y])?.is_truthy()) }
}

/// `x < y`
pub fn less_than(vm: &Vm, x: Value, y: Value) -> Result<bool, Raised> {
    charge(vm, x, y)?;
    match order(x, y) {
        Some(order) => Ok(order == Some(Ordering::Less)),
        None => match order_method(vm, Event::LT, x, y) {
            Some(method) => Ok(vm.call1(method, &[x, y])?.is_truthy()),
            None => Err(order_error(vm, x, y)),
        },
    }
}

/// `x <= y`
pub fn less_equal(vm: &Vm, x: Value, y: Value) -> Result<bool, Raised> {
    charge(vm, x, y)?;
    match order(x, y) {
        Some(order) => Ok(matches!(order, Some(Ordering::Less | Ordering::Equal))),
        None => match order_method(vm, Event::LE, x, y) {
            Some(method) => Ok(vm.call1(method, &[x, y])?.is_truthy()),
            // As the reference does when built as by default (LUA_COMPAT_LT_LE): not (y < x).
            None => match order_method(vm, Event::LT, y, x) {
                Some(method) => Ok(!vm.call1(method, &[y, x])?.is_truthy()),
                None => Err(order_error(vm, x, y)),
            },
        },
    }
}

/// Charges for comparing texts.
fn charge(vm: &Vm, x: Value, y: Value) -> Result<(), Raised> {
    if x.tag != value::STRING || y.tag != value::STRING {
        return Ok(());
    }
    vm.charge_bytes(x.as_string().len.min(y.as_string().len))
}

/// [`equals`] for the interpreter, which owns the registers below `_above`.
#[residual(calls, writes_from(_above, Reg))]
#[inline(never)]
pub fn equals_above(vm: &Vm, _above: Arr<Reg>, x: Value, y: Value) -> Result<bool, Raised> {
    equals(vm, x, y)
}

/// [`less_than`] for the interpreter, which owns the registers below `_above`.
#[residual(calls, writes_from(_above, Reg))]
#[inline(never)]
pub fn less_than_above(vm: &Vm, _above: Arr<Reg>, x: Value, y: Value) -> Result<bool, Raised> {
    less_than(vm, x, y)
}

/// [`less_equal`] for the interpreter, which owns the registers below `_above`.
#[residual(calls, writes_from(_above, Reg))]
#[inline(never)]
pub fn less_equal_above(vm: &Vm, _above: Arr<Reg>, x: Value, y: Value) -> Result<bool, Raised> {
    less_equal(vm, x, y)
}

/// The order of numbers and of strings; None for other values. Some(None): a NaN is involved.
fn order(x: Value, y: Value) -> Option<Option<Ordering>> {
    match (x.tag, y.tag) {
        (value::INT, value::INT) => Some(Some(x.as_int().cmp(&y.as_int()))),
        (value::FLOAT, value::FLOAT) => Some(x.as_float().partial_cmp(&y.as_float())),
        (value::INT, value::FLOAT) => Some(order_int_float(x.as_int(), y.as_float())),
        (value::FLOAT, value::INT) => Some(order_int_float(y.as_int(), x.as_float()).map(Ordering::reverse)),
        (value::STRING, value::STRING) => Some(Some(x.as_string().as_bytes().cmp(y.as_string().as_bytes()))),
        _ => None,
    }
}

/// The exact order of an integer and a float.
fn order_int_float(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // Every float beyond the range of integers is smaller or greater than all of them.
    if float >= 9223372036854775808.0 {
        return Some(Ordering::Less);
    }
    if float < -9223372036854775808.0 {
        return Some(Ordering::Greater);
    }
    let floor = float.floor();
    Some(int.cmp(&(floor as i64)).then(if float > floor { Ordering::Less } else { Ordering::Equal }))
}

/// `x < y` of numbers with different subtypes.
#[residual(pure)]
pub fn mixed_less_than(x: Value, y: Value) -> bool {
    matches!(order(x, y), Some(Some(Ordering::Less)))
}

/// `x <= y` of numbers with different subtypes.
#[residual(pure)]
pub fn mixed_less_equal(x: Value, y: Value) -> bool {
    matches!(order(x, y), Some(Some(Ordering::Less | Ordering::Equal)))
}

/// `x == y` of an integer and a float, in either order.
#[residual(pure)]
pub fn mixed_equals(x: Value, y: Value) -> bool {
    x.raw_equals(y)
}

/// The metamethod of an order event, the first operand's before the second's.
fn order_method(vm: &Vm, event: u8, x: Value, y: Value) -> Option<Value> {
    [x, y].into_iter().map(|operand| vm.metamethod(operand, event)).find(|method| !method.is_nil())
}

fn order_error(vm: &Vm, x: Value, y: Value) -> Raised {
    let (a, b) = (vm.type_name_of(x), vm.type_name_of(y));
    vm.raise_message(&if a == b {
        format!("attempt to compare two {a} values")
    } else {
        format!("attempt to compare {a} with {b}")
    })
}
