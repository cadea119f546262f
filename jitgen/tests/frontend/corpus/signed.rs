//! Signed integers of every width: the same functions for each type, so that no rule of one width goes untested.

pub fn wrapping_i8(a: i8, b: i8, n: u32) -> ((i8, i8, i8, i8), (i8, i8, i8, i8), (i8, i8, i8, i8)) {
    let sums = (a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b), a.wrapping_neg());
    let shifts = (a.wrapping_shl(n), a.wrapping_shr(n), a.rotate_left(n), a.rotate_right(n));
    (sums, shifts, (a & b, a | b, a ^ b, !a))
}

pub fn checked_i8(a: i8, b: i8) -> (Option<i8>, Option<i8>, Option<i8>, Option<i8>, Option<i8>, Option<i8>) {
    let (sum, difference, product) = (a.checked_add(b), a.checked_sub(b), a.checked_mul(b));
    (sum, difference, product, a.checked_div(b), a.checked_rem(b), a.checked_neg())
}

pub fn overflowing_i8(a: i8, b: i8) -> ((i8, bool), (i8, bool), (i8, bool), (i8, bool), i8, i8) {
    let (sum, difference) = (a.overflowing_add(b), a.overflowing_sub(b));
    (sum, difference, a.overflowing_mul(b), a.overflowing_neg(), a.saturating_add(b), a.saturating_sub(b))
}

pub fn compared_i8(a: i8, b: i8) -> ((bool, bool, bool, bool, bool, bool), (i8, i8, u8), (bool, bool, bool)) {
    let none = (a.checked_add(b) == None, a.checked_mul(b) == Some(1), (a, b) != (b, a));
    ((a < b, a <= b, a > b, a >= b, a == b, a != b), (a.min(b), a.max(b), a.abs_diff(b)), none)
}

pub fn divided_i8(a: i8, b: i8) -> (i8, i8, i8, i8) {
    if b == 0 {
        return (a, b, 0, 1);
    }
    let (quotient, remainder) = (a.wrapping_div(b), a.wrapping_rem(b));
    match a.checked_div(b) {
        Some(_) => (quotient, remainder, a / b, a % b),
        None => (quotient, remainder, 2, 3),
    }
}

pub fn counted_i8(a: i8, low: i8) -> (u32, u32, u32, i8, bool, i8) {
    let raised = low.wrapping_add(9);
    let clamped = if low <= raised { a.clamp(low, raised) } else { low };
    let large = a > i8::MAX / 2 || i8::MIN == a || i8::BITS < 16;
    (a.leading_zeros(), a.trailing_zeros(), a.count_ones(), clamped, large, a.signum())
}

pub fn assigned_i8(a: i8, b: i8, n: u8) -> (i8, i8) {
    let mut x = a;
    x ^= b;
    x |= 5;
    x &= !2;
    x <<= n as u32 % i8::BITS;
    x >>= n % 3;
    let y = x;
    if b > 0 {
        x /= b;
        x %= 7;
        x -= x % 2;
        x += 1;
        x *= 3;
    }
    (x, y)
}

pub fn cast_i8(a: i8) -> ((i8, u8, i16, u16, i32, u32, i64, u64), (isize, usize, f64)) {
    let all = (a as i8, a as u8, a as i16, a as u16, a as i32, a as u32, a as i64, a as u64);
    (all, (a as isize, a as usize, a as f64))
}

pub fn signed_i8(a: i8) -> (i8, Option<i8>, u8, bool, bool, u8) {
    (a.wrapping_abs(), a.checked_abs(), a.unsigned_abs(), a.is_negative(), a.is_positive(), a.cast_unsigned())
}

pub fn float_to_i8(a: f64) -> i8 {
    a as i8
}

pub fn matched_i8(a: i8) -> u8 {
    match a {
        i8::MIN => 0,
        ..3 => 1,
        3 | 5 => 2,
        4..=9 => 3,
        i8::MAX => 4,
        100.. => 5,
        n @ 10..20 => n as u8,
        _ => 6,
    }
}

pub fn looped_i8(a: i8, b: i8) -> (u32, i8) {
    let (mut turns, mut last) = (0, a);
    for i in a..b {
        turns += 1;
        last = i;
        if turns > 20 {
            break;
        }
    }
    for i in a..=b {
        turns += 100;
        last = last.wrapping_add(i);
        if turns > 3000 {
            break;
        }
    }
    (turns, last)
}

pub fn wrapping_i16(a: i16, b: i16, n: u32) -> ((i16, i16, i16, i16), (i16, i16, i16, i16), (i16, i16, i16, i16)) {
    let sums = (a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b), a.wrapping_neg());
    let shifts = (a.wrapping_shl(n), a.wrapping_shr(n), a.rotate_left(n), a.rotate_right(n));
    (sums, shifts, (a & b, a | b, a ^ b, !a))
}

pub fn checked_i16(a: i16, b: i16) -> (Option<i16>, Option<i16>, Option<i16>, Option<i16>, Option<i16>, Option<i16>) {
    let (sum, difference, product) = (a.checked_add(b), a.checked_sub(b), a.checked_mul(b));
    (sum, difference, product, a.checked_div(b), a.checked_rem(b), a.checked_neg())
}

pub fn overflowing_i16(a: i16, b: i16) -> ((i16, bool), (i16, bool), (i16, bool), (i16, bool), i16, i16) {
    let (sum, difference) = (a.overflowing_add(b), a.overflowing_sub(b));
    (sum, difference, a.overflowing_mul(b), a.overflowing_neg(), a.saturating_add(b), a.saturating_sub(b))
}

pub fn compared_i16(a: i16, b: i16) -> ((bool, bool, bool, bool, bool, bool), (i16, i16, u16), (bool, bool, bool)) {
    let none = (a.checked_add(b) == None, a.checked_mul(b) == Some(1), (a, b) != (b, a));
    ((a < b, a <= b, a > b, a >= b, a == b, a != b), (a.min(b), a.max(b), a.abs_diff(b)), none)
}

pub fn divided_i16(a: i16, b: i16) -> (i16, i16, i16, i16) {
    if b == 0 {
        return (a, b, 0, 1);
    }
    let (quotient, remainder) = (a.wrapping_div(b), a.wrapping_rem(b));
    match a.checked_div(b) {
        Some(_) => (quotient, remainder, a / b, a % b),
        None => (quotient, remainder, 2, 3),
    }
}

pub fn counted_i16(a: i16, low: i16) -> (u32, u32, u32, i16, bool, i16) {
    let raised = low.wrapping_add(9);
    let clamped = if low <= raised { a.clamp(low, raised) } else { low };
    let large = a > i16::MAX / 2 || i16::MIN == a || i16::BITS < 16;
    (a.leading_zeros(), a.trailing_zeros(), a.count_ones(), clamped, large, a.signum())
}

pub fn assigned_i16(a: i16, b: i16, n: u8) -> (i16, i16) {
    let mut x = a;
    x ^= b;
    x |= 5;
    x &= !2;
    x <<= n as u32 % i16::BITS;
    x >>= n % 3;
    let y = x;
    if b > 0 {
        x /= b;
        x %= 7;
        x -= x % 2;
        x += 1;
        x *= 3;
    }
    (x, y)
}

pub fn cast_i16(a: i16) -> ((i8, u8, i16, u16, i32, u32, i64, u64), (isize, usize, f64)) {
    let all = (a as i8, a as u8, a as i16, a as u16, a as i32, a as u32, a as i64, a as u64);
    (all, (a as isize, a as usize, a as f64))
}

pub fn signed_i16(a: i16) -> (i16, Option<i16>, u16, bool, bool, u16) {
    (a.wrapping_abs(), a.checked_abs(), a.unsigned_abs(), a.is_negative(), a.is_positive(), a.cast_unsigned())
}

pub fn float_to_i16(a: f64) -> i16 {
    a as i16
}

pub fn matched_i16(a: i16) -> u8 {
    match a {
        i16::MIN => 0,
        ..3 => 1,
        3 | 5 => 2,
        4..=9 => 3,
        i16::MAX => 4,
        100.. => 5,
        n @ 10..20 => n as u8,
        _ => 6,
    }
}

pub fn looped_i16(a: i16, b: i16) -> (u32, i16) {
    let (mut turns, mut last) = (0, a);
    for i in a..b {
        turns += 1;
        last = i;
        if turns > 20 {
            break;
        }
    }
    for i in a..=b {
        turns += 100;
        last = last.wrapping_add(i);
        if turns > 3000 {
            break;
        }
    }
    (turns, last)
}

pub fn wrapping_i32(a: i32, b: i32, n: u32) -> ((i32, i32, i32, i32), (i32, i32, i32, i32), (i32, i32, i32, i32)) {
    let sums = (a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b), a.wrapping_neg());
    let shifts = (a.wrapping_shl(n), a.wrapping_shr(n), a.rotate_left(n), a.rotate_right(n));
    (sums, shifts, (a & b, a | b, a ^ b, !a))
}

pub fn checked_i32(a: i32, b: i32) -> (Option<i32>, Option<i32>, Option<i32>, Option<i32>, Option<i32>, Option<i32>) {
    let (sum, difference, product) = (a.checked_add(b), a.checked_sub(b), a.checked_mul(b));
    (sum, difference, product, a.checked_div(b), a.checked_rem(b), a.checked_neg())
}

pub fn overflowing_i32(a: i32, b: i32) -> ((i32, bool), (i32, bool), (i32, bool), (i32, bool), i32, i32) {
    let (sum, difference) = (a.overflowing_add(b), a.overflowing_sub(b));
    (sum, difference, a.overflowing_mul(b), a.overflowing_neg(), a.saturating_add(b), a.saturating_sub(b))
}

pub fn compared_i32(a: i32, b: i32) -> ((bool, bool, bool, bool, bool, bool), (i32, i32, u32), (bool, bool, bool)) {
    let none = (a.checked_add(b) == None, a.checked_mul(b) == Some(1), (a, b) != (b, a));
    ((a < b, a <= b, a > b, a >= b, a == b, a != b), (a.min(b), a.max(b), a.abs_diff(b)), none)
}

pub fn divided_i32(a: i32, b: i32) -> (i32, i32, i32, i32) {
    if b == 0 {
        return (a, b, 0, 1);
    }
    let (quotient, remainder) = (a.wrapping_div(b), a.wrapping_rem(b));
    match a.checked_div(b) {
        Some(_) => (quotient, remainder, a / b, a % b),
        None => (quotient, remainder, 2, 3),
    }
}

pub fn counted_i32(a: i32, low: i32) -> (u32, u32, u32, i32, bool, i32) {
    let raised = low.wrapping_add(9);
    let clamped = if low <= raised { a.clamp(low, raised) } else { low };
    let large = a > i32::MAX / 2 || i32::MIN == a || i32::BITS < 16;
    (a.leading_zeros(), a.trailing_zeros(), a.count_ones(), clamped, large, a.signum())
}

pub fn assigned_i32(a: i32, b: i32, n: u8) -> (i32, i32) {
    let mut x = a;
    x ^= b;
    x |= 5;
    x &= !2;
    x <<= n as u32 % i32::BITS;
    x >>= n % 3;
    let y = x;
    if b > 0 {
        x /= b;
        x %= 7;
        x -= x % 2;
        x += 1;
        x *= 3;
    }
    (x, y)
}

pub fn cast_i32(a: i32) -> ((i8, u8, i16, u16, i32, u32, i64, u64), (isize, usize, f64)) {
    let all = (a as i8, a as u8, a as i16, a as u16, a as i32, a as u32, a as i64, a as u64);
    (all, (a as isize, a as usize, a as f64))
}

pub fn signed_i32(a: i32) -> (i32, Option<i32>, u32, bool, bool, u32) {
    (a.wrapping_abs(), a.checked_abs(), a.unsigned_abs(), a.is_negative(), a.is_positive(), a.cast_unsigned())
}

pub fn float_to_i32(a: f64) -> i32 {
    a as i32
}

pub fn matched_i32(a: i32) -> u8 {
    match a {
        i32::MIN => 0,
        ..3 => 1,
        3 | 5 => 2,
        4..=9 => 3,
        i32::MAX => 4,
        100.. => 5,
        n @ 10..20 => n as u8,
        _ => 6,
    }
}

pub fn looped_i32(a: i32, b: i32) -> (u32, i32) {
    let (mut turns, mut last) = (0, a);
    for i in a..b {
        turns += 1;
        last = i;
        if turns > 20 {
            break;
        }
    }
    for i in a..=b {
        turns += 100;
        last = last.wrapping_add(i);
        if turns > 3000 {
            break;
        }
    }
    (turns, last)
}

pub fn wrapping_i64(a: i64, b: i64, n: u32) -> ((i64, i64, i64, i64), (i64, i64, i64, i64), (i64, i64, i64, i64)) {
    let sums = (a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b), a.wrapping_neg());
    let shifts = (a.wrapping_shl(n), a.wrapping_shr(n), a.rotate_left(n), a.rotate_right(n));
    (sums, shifts, (a & b, a | b, a ^ b, !a))
}

pub fn checked_i64(a: i64, b: i64) -> (Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>) {
    let (sum, difference, product) = (a.checked_add(b), a.checked_sub(b), a.checked_mul(b));
    (sum, difference, product, a.checked_div(b), a.checked_rem(b), a.checked_neg())
}

pub fn overflowing_i64(a: i64, b: i64) -> ((i64, bool), (i64, bool), (i64, bool), (i64, bool), i64, i64) {
    let (sum, difference) = (a.overflowing_add(b), a.overflowing_sub(b));
    (sum, difference, a.overflowing_mul(b), a.overflowing_neg(), a.saturating_add(b), a.saturating_sub(b))
}

pub fn compared_i64(a: i64, b: i64) -> ((bool, bool, bool, bool, bool, bool), (i64, i64, u64), (bool, bool, bool)) {
    let none = (a.checked_add(b) == None, a.checked_mul(b) == Some(1), (a, b) != (b, a));
    ((a < b, a <= b, a > b, a >= b, a == b, a != b), (a.min(b), a.max(b), a.abs_diff(b)), none)
}

pub fn divided_i64(a: i64, b: i64) -> (i64, i64, i64, i64) {
    if b == 0 {
        return (a, b, 0, 1);
    }
    let (quotient, remainder) = (a.wrapping_div(b), a.wrapping_rem(b));
    match a.checked_div(b) {
        Some(_) => (quotient, remainder, a / b, a % b),
        None => (quotient, remainder, 2, 3),
    }
}

pub fn counted_i64(a: i64, low: i64) -> (u32, u32, u32, i64, bool, i64) {
    let raised = low.wrapping_add(9);
    let clamped = if low <= raised { a.clamp(low, raised) } else { low };
    let large = a > i64::MAX / 2 || i64::MIN == a || i64::BITS < 16;
    (a.leading_zeros(), a.trailing_zeros(), a.count_ones(), clamped, large, a.signum())
}

pub fn assigned_i64(a: i64, b: i64, n: u8) -> (i64, i64) {
    let mut x = a;
    x ^= b;
    x |= 5;
    x &= !2;
    x <<= n as u32 % i64::BITS;
    x >>= n % 3;
    let y = x;
    if b > 0 {
        x /= b;
        x %= 7;
        x -= x % 2;
        x += 1;
        x *= 3;
    }
    (x, y)
}

pub fn cast_i64(a: i64) -> ((i8, u8, i16, u16, i32, u32, i64, u64), (isize, usize, f64)) {
    let all = (a as i8, a as u8, a as i16, a as u16, a as i32, a as u32, a as i64, a as u64);
    (all, (a as isize, a as usize, a as f64))
}

pub fn signed_i64(a: i64) -> (i64, Option<i64>, u64, bool, bool, u64) {
    (a.wrapping_abs(), a.checked_abs(), a.unsigned_abs(), a.is_negative(), a.is_positive(), a.cast_unsigned())
}

pub fn float_to_i64(a: f64) -> i64 {
    a as i64
}

pub fn matched_i64(a: i64) -> u8 {
    match a {
        i64::MIN => 0,
        ..3 => 1,
        3 | 5 => 2,
        4..=9 => 3,
        i64::MAX => 4,
        100.. => 5,
        n @ 10..20 => n as u8,
        _ => 6,
    }
}

pub fn looped_i64(a: i64, b: i64) -> (u32, i64) {
    let (mut turns, mut last) = (0, a);
    for i in a..b {
        turns += 1;
        last = i;
        if turns > 20 {
            break;
        }
    }
    for i in a..=b {
        turns += 100;
        last = last.wrapping_add(i);
        if turns > 3000 {
            break;
        }
    }
    (turns, last)
}

pub fn wrapping_isize(
    a: isize,
    b: isize,
    n: u32,
) -> ((isize, isize, isize, isize), (isize, isize, isize, isize), (isize, isize, isize, isize)) {
    let sums = (a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b), a.wrapping_neg());
    let shifts = (a.wrapping_shl(n), a.wrapping_shr(n), a.rotate_left(n), a.rotate_right(n));
    (sums, shifts, (a & b, a | b, a ^ b, !a))
}

pub fn checked_isize(
    a: isize,
    b: isize,
) -> (Option<isize>, Option<isize>, Option<isize>, Option<isize>, Option<isize>, Option<isize>) {
    let (sum, difference, product) = (a.checked_add(b), a.checked_sub(b), a.checked_mul(b));
    (sum, difference, product, a.checked_div(b), a.checked_rem(b), a.checked_neg())
}

pub fn overflowing_isize(
    a: isize,
    b: isize,
) -> ((isize, bool), (isize, bool), (isize, bool), (isize, bool), isize, isize) {
    let (sum, difference) = (a.overflowing_add(b), a.overflowing_sub(b));
    (sum, difference, a.overflowing_mul(b), a.overflowing_neg(), a.saturating_add(b), a.saturating_sub(b))
}

pub fn compared_isize(
    a: isize,
    b: isize,
) -> ((bool, bool, bool, bool, bool, bool), (isize, isize, usize), (bool, bool, bool)) {
    let none = (a.checked_add(b) == None, a.checked_mul(b) == Some(1), (a, b) != (b, a));
    ((a < b, a <= b, a > b, a >= b, a == b, a != b), (a.min(b), a.max(b), a.abs_diff(b)), none)
}

pub fn divided_isize(a: isize, b: isize) -> (isize, isize, isize, isize) {
    if b == 0 {
        return (a, b, 0, 1);
    }
    let (quotient, remainder) = (a.wrapping_div(b), a.wrapping_rem(b));
    match a.checked_div(b) {
        Some(_) => (quotient, remainder, a / b, a % b),
        None => (quotient, remainder, 2, 3),
    }
}

pub fn counted_isize(a: isize, low: isize) -> (u32, u32, u32, isize, bool, isize) {
    let raised = low.wrapping_add(9);
    let clamped = if low <= raised { a.clamp(low, raised) } else { low };
    let large = a > isize::MAX / 2 || isize::MIN == a || isize::BITS < 16;
    (a.leading_zeros(), a.trailing_zeros(), a.count_ones(), clamped, large, a.signum())
}

pub fn assigned_isize(a: isize, b: isize, n: u8) -> (isize, isize) {
    let mut x = a;
    x ^= b;
    x |= 5;
    x &= !2;
    x <<= n as u32 % isize::BITS;
    x >>= n % 3;
    let y = x;
    if b > 0 {
        x /= b;
        x %= 7;
        x -= x % 2;
        x += 1;
        x *= 3;
    }
    (x, y)
}

pub fn cast_isize(a: isize) -> ((i8, u8, i16, u16, i32, u32, i64, u64), (isize, usize, f64)) {
    let all = (a as i8, a as u8, a as i16, a as u16, a as i32, a as u32, a as i64, a as u64);
    (all, (a as isize, a as usize, a as f64))
}

pub fn signed_isize(a: isize) -> (isize, Option<isize>, usize, bool, bool, usize) {
    (a.wrapping_abs(), a.checked_abs(), a.unsigned_abs(), a.is_negative(), a.is_positive(), a.cast_unsigned())
}

pub fn float_to_isize(a: f64) -> isize {
    a as isize
}

pub fn matched_isize(a: isize) -> u8 {
    match a {
        isize::MIN => 0,
        ..3 => 1,
        3 | 5 => 2,
        4..=9 => 3,
        isize::MAX => 4,
        100.. => 5,
        n @ 10..20 => n as u8,
        _ => 6,
    }
}

pub fn looped_isize(a: isize, b: isize) -> (u32, isize) {
    let (mut turns, mut last) = (0, a);
    for i in a..b {
        turns += 1;
        last = i;
        if turns > 20 {
            break;
        }
    }
    for i in a..=b {
        turns += 100;
        last = last.wrapping_add(i);
        if turns > 3000 {
            break;
        }
    }
    (turns, last)
}
