//! Arithmetic and bitwise operations.
//!
//! The operation is given by its event. Where that is a constant, and it is at every use in the dispatch loop, nothing
//! of the selection remains.

use super::regs::{above, save_pc, set_reg};
use crate::error::Raised;
use crate::heap::object::Proto;
use crate::natives::arith::arith_above as arith_any;
use crate::value::{FLOAT, INT, Value};
use crate::vm::{Event, Reg, Vm};
use moonshift_jitgen::hint::promote;
use moonshift_jitgen::marks::{elidable, residual};
use moonshift_jitgen::mem::{Arr, Ref};

/// ADD, SUB, MUL: integers stay integers, wrapping.
#[inline(always)]
pub fn arith(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    a: usize,
    event: u8,
    x: Value,
    y: Value,
) -> Result<(), Raised> {
    let tx = promote(x.tag);
    let ty = promote(y.tag);
    if tx == INT && ty == INT {
        set_reg(base, a, Value::int(int_op(event, x.as_int(), y.as_int())));
        return Ok(());
    }
    float_arith(vm, base, proto, pc, a, event, x, y)
}

/// DIV and POW, and the others when an operand is a float.
#[inline(always)]
pub fn float_arith(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    a: usize,
    event: u8,
    x: Value,
    y: Value,
) -> Result<(), Raised> {
    let tx = promote(x.tag);
    let ty = promote(y.tag);
    if tx == FLOAT {
        if ty == FLOAT {
            set_reg(base, a, Value::float(float_op(event, x.as_float(), y.as_float())));
            return Ok(());
        }
        if ty == INT {
            set_reg(base, a, Value::float(float_op(event, x.as_float(), y.as_int() as f64)));
            return Ok(());
        }
    } else if tx == INT {
        if ty == FLOAT {
            set_reg(base, a, Value::float(float_op(event, x.as_int() as f64, y.as_float())));
            return Ok(());
        }
        if ty == INT {
            set_reg(base, a, Value::float(float_op(event, x.as_int() as f64, y.as_int() as f64)));
            return Ok(());
        }
    }
    arith_slow(vm, base, proto, pc, a, event, x, y)
}

/// MOD and IDIV: integers stay integers, rounding to negative infinity; zero divisors raise.
#[inline(always)]
pub fn floor_arith(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    a: usize,
    event: u8,
    x: Value,
    y: Value,
) -> Result<(), Raised> {
    let tx = promote(x.tag);
    let ty = promote(y.tag);
    if tx == INT && ty == INT {
        let divisor = y.as_int();
        if divisor == 0 {
            return arith_slow(vm, base, proto, pc, a, event, x, y);
        }
        let result =
            if event == Event::MOD { int_floor_mod(x.as_int(), divisor) } else { int_floor_div(x.as_int(), divisor) };
        set_reg(base, a, Value::int(result));
        return Ok(());
    }
    float_arith(vm, base, proto, pc, a, event, x, y)
}

/// BAND, BOR, BXOR, SHL, SHR.
#[inline(always)]
pub fn bitwise(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    a: usize,
    event: u8,
    x: Value,
    y: Value,
) -> Result<(), Raised> {
    if promote(x.tag) == INT && promote(y.tag) == INT {
        set_reg(base, a, Value::int(int_op(event, x.as_int(), y.as_int())));
        return Ok(());
    }
    arith_slow(vm, base, proto, pc, a, event, x, y)
}

/// UNM
#[inline(always)]
pub fn negate(vm: &Vm, base: Arr<Reg>, proto: Ref<Proto>, pc: usize, a: usize, x: Value) -> Result<(), Raised> {
    let tx = promote(x.tag);
    if tx == INT {
        set_reg(base, a, Value::int(x.as_int().wrapping_neg()));
        return Ok(());
    }
    if tx == FLOAT {
        set_reg(base, a, Value::float(-x.as_float()));
        return Ok(());
    }
    arith_slow(vm, base, proto, pc, a, Event::UNM, x, x)
}

/// BNOT
#[inline(always)]
pub fn complement(vm: &Vm, base: Arr<Reg>, proto: Ref<Proto>, pc: usize, a: usize, x: Value) -> Result<(), Raised> {
    if promote(x.tag) == INT {
        set_reg(base, a, Value::int(!x.as_int()));
        return Ok(());
    }
    arith_slow(vm, base, proto, pc, a, Event::BNOT, x, x)
}

/// Strings, metamethods, errors.
#[cold]
#[inline(never)]
fn arith_slow(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    a: usize,
    event: u8,
    x: Value,
    y: Value,
) -> Result<(), Raised> {
    save_pc(vm, base, pc);
    // A constant on the left of a commutative operation is the second operand of the instruction: here it matters.
    let swapped = proto.code.get(pc - 1).e() != 0;
    let (left, right) = if swapped { (y, x) } else { (x, y) };
    let result = arith_any(vm, above(base, proto), event, left, right)?;
    set_reg(base, a, result);
    Ok(())
}

#[inline(always)]
fn int_op(event: u8, x: i64, y: i64) -> i64 {
    match event {
        Event::ADD => x.wrapping_add(y),
        Event::SUB => x.wrapping_sub(y),
        Event::MUL => x.wrapping_mul(y),
        Event::BAND => x & y,
        Event::BOR => x | y,
        Event::BXOR => x ^ y,
        Event::SHL => shift_left(x, y),
        Event::SHR => shift_right(x, y),
        _ => unreachable!(),
    }
}

#[inline(always)]
fn float_op(event: u8, x: f64, y: f64) -> f64 {
    match event {
        Event::ADD => x + y,
        Event::SUB => x - y,
        Event::MUL => x * y,
        Event::DIV => x / y,
        Event::IDIV => (x / y).floor(),
        Event::MOD => float_mod(x, y),
        Event::POW => float_pow(x, y),
        _ => unreachable!(),
    }
}

/// `x // y` rounding to negative infinity; `y` is not 0.
#[inline(always)]
pub fn int_floor_div(x: i64, y: i64) -> i64 {
    if y == -1 {
        // The hardware traps on MIN / -1.
        return x.wrapping_neg();
    }
    let quotient = x.wrapping_div(y);
    let remainder = x.wrapping_sub(quotient.wrapping_mul(y));
    if y > 0 {
        // One less where the remainder's sign is set.
        return quotient.wrapping_add(remainder >> 63);
    }
    if remainder > 0 { quotient.wrapping_sub(1) } else { quotient }
}

/// `x % y` with the sign of `y`; `y` is not 0.
#[inline(always)]
pub fn int_floor_mod(x: i64, y: i64) -> i64 {
    if y > 0 {
        let remainder = x.wrapping_rem(y);
        // `y` is added where the sign is set.
        return remainder.wrapping_add((remainder >> 63) & y);
    }
    if y == -1 {
        // The hardware traps on MIN % -1.
        return 0;
    }
    let remainder = x.wrapping_rem(y);
    if remainder > 0 { remainder.wrapping_add(y) } else { remainder }
}

/// `x << y`, shifting in zeros; negative counts shift right.
#[inline(always)]
pub fn shift_left(x: i64, y: i64) -> i64 {
    if y >= 0 {
        if y >= 64 { 0 } else { x << y }
    } else if y <= -64 {
        0
    } else {
        ((x as u64) >> y.wrapping_neg()) as i64
    }
}

/// `x >> y`, shifting in zeros; negative counts shift left.
#[inline(always)]
pub fn shift_right(x: i64, y: i64) -> i64 {
    if y >= 0 {
        if y >= 64 { 0 } else { ((x as u64) >> y) as i64 }
    } else if y <= -64 {
        0
    } else {
        x << y.wrapping_neg()
    }
}

/// `x % y` of floats, with the sign of `y`.
#[inline(always)]
pub fn float_mod(x: f64, y: f64) -> f64 {
    // Positive whole numbers, the usual case, need no general remainder: that of integers is exact.
    let int_x = x as i64;
    let int_y = y as i64;
    let whole_x = (x > 0.0) & (int_x as f64 == x) & (int_x != i64::MAX);
    let whole_y = (y > 0.0) & (int_y as f64 == y) & (int_y != i64::MAX);
    if whole_x & whole_y { int_x.wrapping_rem(int_y) as f64 } else { any_float_mod(x, y) }
}

#[elidable]
#[residual(pure)]
pub fn any_float_mod(x: f64, y: f64) -> f64 {
    let remainder = x % y;
    if remainder != 0.0 && (remainder < 0.0) != (y < 0.0) { remainder + y } else { remainder }
}

/// `x ^ y`
#[elidable]
#[residual(pure)]
pub fn float_pow(x: f64, y: f64) -> f64 {
    if y == 2.0 { x * x } else { x.powf(y) }
}
