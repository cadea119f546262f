//! Integers.

pub fn wrapping(a: i64, b: i64) -> (i64, i64, i64, i64) {
    (a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b), a.wrapping_neg())
}

pub fn plain(a: i32, b: i32) -> i32 {
    let mut x = a + b * 3 - 7;
    x -= b;
    x *= 2;
    x / 5 + x % 5
}

pub fn narrow(a: u8, b: u8) -> (u8, u8, u8, u8, i8) {
    (a.wrapping_add(b), a.wrapping_sub(b), a & b, !a, a as i8 >> 1)
}

pub fn bits(a: u64, b: u64) -> (u64, u64, u64, u64) {
    (a & b, a | b, a ^ b, !(a << 3) >> 2)
}

pub fn shifts(a: i64, n: u32) -> (i64, i64, u64, i64, i64) {
    (a << (n & 63), a >> (n & 63), (a as u64) >> (n & 63), a.wrapping_shl(n), a.wrapping_shr(n))
}

pub fn rotates(a: u32, n: u32) -> (u32, u32) {
    (a.rotate_left(n), a.rotate_right(n))
}

pub fn checked(a: i64, b: i64) -> (Option<i64>, Option<i64>, Option<i64>, Option<i64>) {
    (a.checked_add(b), a.checked_sub(b), a.checked_mul(b), a.checked_neg())
}

pub fn checked_unsigned(a: u32, b: u32) -> (Option<u32>, Option<u32>, Option<u32>) {
    (a.checked_add(b), a.checked_sub(b), a.checked_mul(b))
}

pub fn overflowing(a: i64, b: i64) -> (i64, bool, bool) {
    let (sum, carry) = a.overflowing_add(b);
    let (_, borrow) = a.overflowing_sub(b);
    (sum, carry, borrow)
}

pub fn overflowing_unsigned(a: u64, b: u64) -> ((u64, bool), (u64, bool)) {
    (a.overflowing_mul(b), a.overflowing_sub(b))
}

pub fn saturating(a: i8, b: i8) -> (i8, i8, u8) {
    (a.saturating_add(b), a.saturating_sub(b), (a as u8).saturating_sub(b as u8))
}

pub fn division(a: i64, b: i64) -> (i64, i64, Option<i64>, Option<i64>) {
    if b == 0 {
        return (0, 0, a.checked_div(b), a.checked_rem(b));
    }
    (a.wrapping_div(b), a.wrapping_rem(b), a.checked_div(b), a.checked_rem(b))
}

pub fn division_unsigned(a: u64, b: u64) -> (u64, u64) {
    if b == 0 { (0, 0) } else { (a / b, a % b) }
}

pub fn sizes(a: i64, b: i64) -> (i64, u64, i64, u64, bool, bool) {
    (a.wrapping_abs(), a.unsigned_abs(), a.signum(), a.abs_diff(b), a.is_negative(), b.is_positive())
}

pub fn counting(a: u32, b: u8) -> (u32, u32, u32, u32, u32, bool) {
    (a.leading_zeros(), a.trailing_zeros(), a.count_ones(), b.leading_zeros(), b.trailing_zeros(), a.is_power_of_two())
}

pub fn least_and_greatest(a: i32, b: i32) -> (i32, i32, i32) {
    (a.min(b), a.max(b), a.clamp(-5, 5))
}

pub fn compare_signed(a: i16, b: i16) -> (bool, bool, bool, bool, bool, bool) {
    (a < b, a <= b, a > b, a >= b, a == b, a != b)
}

pub fn compare_unsigned(a: u16, b: u16) -> (bool, bool, bool, bool) {
    (a < b, a <= b, a > b, a >= b)
}

pub fn casts(a: i64) -> (u8, i8, u16, i32, u32, usize, i64, bool) {
    (a as u8, a as i8, a as u16, a as i32, a as u32, a as usize, a as i8 as i64, a as u8 as i64 == a)
}

pub fn widening(a: i8, b: u8, c: bool) -> (i64, u64, i64, i64, u8) {
    (a as i64, b as u64, i64::from(a), b as i64, c as u8)
}

pub fn literals(n: u8) -> (u8, u64, i64, u32, u8, i64) {
    (0xff, 0xdead_beef, -5, 0b1010, b'a' + n % 2, i64::MIN + i64::MAX)
}

pub fn inferred(n: usize) -> usize {
    let mut sum = 0;
    let mut i = 1;
    while i <= n {
        sum += i;
        i += 2;
    }
    sum
}

pub fn compound(a: u32) -> u32 {
    let mut x = a;
    x |= 8;
    x &= !1;
    x ^= 0x55;
    x <<= 2;
    x >>= 1u8;
    x %= 1000;
    x
}
