//! Calls of all kinds, hints.

use super::aggregates::Value;
use super::control::Failed;
use super::matching::{Color, Shape};
use moonshift_jitgen::hint::{self, concrete, likely, promote, promote_few, variable};
use moonshift_jitgen::marks::{elidable, never_inline, residual, unroll};

pub fn fibonacci(n: u64) -> u64 {
    if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

pub fn is_even(n: u64) -> bool {
    n == 0 || is_odd(n - 1)
}

fn is_odd(n: u64) -> bool {
    n != 0 && is_even(n - 1)
}

#[residual]
pub fn joined(a: u8, b: i64, c: f64) -> i64 {
    format!("{a}{b}{c}").len() as i64
}

#[residual(pure)]
pub fn no_results(_a: bool) {}

#[residual(pure)]
pub fn two_results(a: i64) -> (f64, u8) {
    (a as f64 / 2.0, a as u8)
}

#[residual(pure)]
pub fn many_results(a: i64) -> Result<Value, Failed> {
    if a > 0 { Ok(Value::int(a)) } else { Err(Failed(4)) }
}

#[residual(pure)]
pub fn takes_aggregates(v: Value, o: Option<i64>, t: (u8, bool), c: Color, s: Shape) -> (Color, Shape) {
    let other = match s {
        Shape::Box { width, height } => Shape::Tagged(t.0, Some(width + height + v.as_int())),
        Shape::Circle(r) => Shape::Circle(r * 2.0),
        s => s,
    };
    (if t.1 { c } else { Color::Green }, if o.is_some() { other } else { Shape::Empty })
}

pub fn calls_residuals(a: u8, b: i64) -> (i64, f64, u8) {
    no_results(a > 3);
    let (x, y) = two_results(b);
    (joined(a, b, 0.5), x, y)
}

pub fn calls_many_results(a: i64) -> Result<u64, Failed> {
    let value = many_results(a)?;
    Ok(value.bits + value.tag as u64)
}

pub fn calls_with_aggregates(a: i64, flag: bool) -> (Color, Shape) {
    let shape = super::matching::shape_of(a);
    takes_aggregates(Value::int(a), if flag { Some(a) } else { None }, (1, flag), Color::Blue, shape)
}

#[elidable]
pub fn logarithm(x: f64) -> f64 {
    x.ln()
}

pub fn calls_elidable(x: f64) -> f64 {
    logarithm(x) * 2.0
}

#[never_inline]
pub fn kept_apart(a: i64) -> i64 {
    a * 3
}

pub fn calls_kept_apart(a: i64) -> i64 {
    kept_apart(a) + kept_apart(a + 1)
}

#[unroll]
pub fn hints(a: i64, b: u8) -> i64 {
    let x = promote(a);
    let y = variable(x) + 1;
    if likely(y > 0 && x != 5) {
        return concrete(x) + y;
    }
    match promote_few(b) {
        Some(known) => known as i64,
        None => -1,
    }
}

pub fn interpreting_is_skipped(a: i64) -> i64 {
    if hint::interpreting() {
        let text = format!("{a}");
        std::hint::black_box(text);
    }
    let extra = if hint::interpreting() && a > 0 { 0 } else { 0 };
    a + extra
}

pub fn unused_results(a: i64) -> i64 {
    kept_apart(a);
    let _ = joined(1, a, 2.0);
    a
}

pub fn primitive_paths(a: i64, b: i64) -> (i64, f64, u64) {
    (i64::wrapping_add(a, b), f64::abs(a as f64), u64::from(a as u32))
}

/// Leaves in several ways, and calls another.
#[inline(always)]
fn lowered(a: i64, limit: i64) -> Result<i64, Failed> {
    let mut left = a;
    while left > limit {
        if left == 13 {
            return Err(Failed(13));
        }
        left = spread(left)? - 1;
    }
    if left < -100 { Err(Failed(1)) } else { Ok(left) }
}

#[inline(always)]
fn spread(a: i64) -> Result<i64, Failed> {
    if a % 7 == 3 {
        return Err(Failed((a & 0xff) as u8));
    }
    Ok(if a > 50 { a / 2 } else { a })
}

pub fn calls_inlined(a: i64, limit: i64) -> Result<i64, Failed> {
    let first = lowered(a & 0xff, limit)?;
    match lowered(limit & 0xff, 4) {
        Ok(second) => Ok(first - second),
        Err(Failed(code)) => Ok(first + i64::from(code)),
    }
}

/// Cannot disappear from itself.
#[inline(always)]
fn descended(a: i64, n: u8) -> i64 {
    if n == 0 { a } else { descended(a.wrapping_mul(3), n - 1).wrapping_add(i64::from(n)) }
}

pub fn calls_recursive(a: i64) -> i64 {
    descended(a, (a & 7) as u8)
}

/// Promoted in one way only, and promoted again behind.
pub fn promoted_often(a: i64, flag: bool) -> i64 {
    let first = promote(a);
    let again = promote(a);
    let other = if flag { promote(first + again) } else { 3 };
    promoted_inside(a, other)
}

#[inline(always)]
fn promoted_inside(a: i64, other: i64) -> i64 {
    if other > 3 { promote(a).wrapping_mul(promote(other)) } else { promote(a).wrapping_sub(promote(other)) }
}
