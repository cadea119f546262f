//! Floats.

pub fn arithmetic(a: f64, b: f64) -> (f64, f64, f64, f64, f64) {
    (a + b, a - b, a * b, a / b, -a)
}

pub fn methods(a: f64) -> (f64, f64, f64, f64, f64) {
    (a.abs(), a.abs().sqrt(), a.floor(), a.ceil(), a.trunc())
}

pub fn classes(a: f64) -> (bool, bool, bool, bool) {
    (a.is_nan(), a.is_finite(), a.is_infinite(), a.is_sign_negative())
}

pub fn comparisons(a: f64, b: f64) -> (bool, bool, bool, bool, bool, bool) {
    (a < b, a <= b, a > b, a >= b, a == b, a != b)
}

pub fn conversions(a: f64, b: i64, c: u64) -> (i64, u64, i32, u8, f64, f64) {
    (a as i64, a as u64, a as i32, a as u8, b as f64, c as f64)
}

pub fn to_and_from_bits(a: f64) -> (u64, f64) {
    let bits = a.to_bits();
    (bits, f64::from_bits(bits ^ 1 << 63))
}

pub fn sign(a: f64, b: f64) -> f64 {
    a.copysign(b)
}

pub fn constants(a: f64) -> (bool, bool, f64) {
    (a < f64::INFINITY, a == f64::NEG_INFINITY, std::f64::consts::PI)
}

pub fn compound_float(a: f64) -> f64 {
    let mut x = a;
    x += 1.5;
    x *= 2.0;
    x /= 3.0;
    x -= 1e3;
    x
}
