//! Arithmetic.

use moonshift_jitgen::marks::{elidable, residual};

/// `x // y` rounding to negative infinity; `y` is not 0.
#[inline(always)]
pub fn int_floor_div(x: i64, y: i64) -> i64 {
    if y == -1 {
        // The hardware traps on MIN / -1.
        return x.wrapping_neg();
    }
    let quotient = x.wrapping_div(y);
    let remainder = x.wrapping_sub(quotient.wrapping_mul(y));
    if remainder != 0 && (remainder ^ y) < 0 { quotient.wrapping_sub(1) } else { quotient }
}

/// `x % y` with the sign of `y`; `y` is not 0.
#[inline(always)]
pub fn int_floor_mod(x: i64, y: i64) -> i64 {
    if y == -1 {
        return 0;
    }
    let remainder = x.wrapping_rem(y);
    if remainder != 0 && (remainder ^ y) < 0 { remainder.wrapping_add(y) } else { remainder }
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
#[elidable]
#[residual(pure)]
pub fn float_mod(x: f64, y: f64) -> f64 {
    let remainder = x % y;
    if remainder * y < 0.0 { remainder + y } else { remainder }
}

/// `x ^ y`
#[elidable]
#[residual(pure)]
pub fn float_pow(x: f64, y: f64) -> f64 {
    if y == 2.0 { x * x } else { x.powf(y) }
}
