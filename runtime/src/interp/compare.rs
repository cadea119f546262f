//! Comparisons and conditions.

use super::regs::{above, save_pc};
use crate::error::Raised;
use crate::heap::object::Proto;
use crate::natives::compare;
use crate::string::{SHORT, long_equals};
use crate::value::{FALSE, FLOAT, INT, NIL, STRING, TABLE, TRUE, USERDATA, Value};
use crate::vm::{Reg, Vm};
use moonshift_jitgen::hint::promote;
use moonshift_jitgen::mem::{Arr, Ref};

/// Whether a value counts as true.
#[inline(always)]
pub fn is_true(x: Value) -> bool {
    promote(x.tag) >= TRUE
}

/// `x < y`
#[inline(always)]
pub fn less_than(vm: &Vm, base: Arr<Reg>, proto: Ref<Proto>, pc: usize, x: Value, y: Value) -> Result<bool, Raised> {
    let tx = promote(x.tag);
    let ty = promote(y.tag);
    if tx == INT && ty == INT {
        return Ok(x.as_int() < y.as_int());
    }
    if tx == FLOAT && ty == FLOAT {
        return Ok(x.as_float() < y.as_float());
    }
    less_than_slow(vm, base, proto, pc, x, y)
}

/// `x <= y`
#[inline(always)]
pub fn less_equal(vm: &Vm, base: Arr<Reg>, proto: Ref<Proto>, pc: usize, x: Value, y: Value) -> Result<bool, Raised> {
    let tx = promote(x.tag);
    let ty = promote(y.tag);
    if tx == INT && ty == INT {
        return Ok(x.as_int() <= y.as_int());
    }
    if tx == FLOAT && ty == FLOAT {
        return Ok(x.as_float() <= y.as_float());
    }
    less_equal_slow(vm, base, proto, pc, x, y)
}

#[inline(never)]
fn less_than_slow(vm: &Vm, base: Arr<Reg>, proto: Ref<Proto>, pc: usize, x: Value, y: Value) -> Result<bool, Raised> {
    if is_number(promote(x.tag)) && is_number(promote(y.tag)) {
        return Ok(compare::mixed_less_than(x, y));
    }
    save_pc(vm, base, pc);
    compare::less_than_above(vm, above(base, proto), x, y)
}

#[inline(never)]
fn less_equal_slow(vm: &Vm, base: Arr<Reg>, proto: Ref<Proto>, pc: usize, x: Value, y: Value) -> Result<bool, Raised> {
    if is_number(promote(x.tag)) && is_number(promote(y.tag)) {
        return Ok(compare::mixed_less_equal(x, y));
    }
    save_pc(vm, base, pc);
    compare::less_equal_above(vm, above(base, proto), x, y)
}

/// `x == y`
#[inline(always)]
pub fn equal(vm: &Vm, base: Arr<Reg>, proto: Ref<Proto>, pc: usize, x: Value, y: Value) -> Result<bool, Raised> {
    let tx = promote(x.tag);
    let ty = promote(y.tag);
    if tx == ty && tx != FLOAT && x.bits == y.bits {
        return Ok(true);
    }
    if tx == ty && (tx == TABLE || tx == USERDATA) {
        return equal_objects(vm, base, proto, pc, x, y);
    }
    Ok(raw_equal_different(x, y))
}

/// `x == y` where one is a constant, hence without metamethods.
#[inline(always)]
pub fn equal_constant(x: Value, y: Value) -> bool {
    let tx = promote(x.tag);
    let ty = promote(y.tag);
    if tx == ty && tx != FLOAT && x.bits == y.bits {
        return true;
    }
    raw_equal_different(x, y)
}

/// Raw equality of values that are not the same one.
#[inline(always)]
fn raw_equal_different(x: Value, y: Value) -> bool {
    let tx = promote(x.tag);
    let ty = promote(y.tag);
    if tx == ty {
        if tx == FLOAT {
            return x.as_float() == y.as_float();
        }
        return tx == STRING && x.as_string().len > SHORT && long_equals(&x.as_string(), &y.as_string());
    }
    is_number(tx) && is_number(ty) && compare::mixed_equals(x, y)
}

/// Two different tables or userdata: they may have `__eq`.
#[inline(never)]
fn equal_objects(vm: &Vm, base: Arr<Reg>, proto: Ref<Proto>, pc: usize, x: Value, y: Value) -> Result<bool, Raised> {
    if promote(x.tag) == TABLE && x.as_table().metatable.get().is_none() && y.as_table().metatable.get().is_none() {
        return Ok(false);
    }
    save_pc(vm, base, pc);
    compare::equals_above(vm, above(base, proto), x, y)
}

#[inline(always)]
fn is_number(tag: u8) -> bool {
    tag == INT || tag == FLOAT
}

/// `not x`
#[inline(always)]
pub fn not(x: Value) -> Value {
    let tag = promote(x.tag);
    Value::bool(tag == NIL || tag == FALSE)
}
