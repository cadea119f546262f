//! Unsigned integers of every width: the same functions for each type, so that no rule of one width goes untested.

pub fn wrapping_u8(a: u8, b: u8, n: u32) -> ((u8, u8, u8, u8), (u8, u8, u8, u8), (u8, u8, u8, u8)) {
    let sums = (a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b), a.wrapping_neg());
    let shifts = (a.wrapping_shl(n), a.wrapping_shr(n), a.rotate_left(n), a.rotate_right(n));
    (sums, shifts, (a & b, a | b, a ^ b, !a))
}

pub fn checked_u8(a: u8, b: u8) -> (Option<u8>, Option<u8>, Option<u8>, Option<u8>, Option<u8>, Option<u8>) {
    let (sum, difference, product) = (a.checked_add(b), a.checked_sub(b), a.checked_mul(b));
    (sum, difference, product, a.checked_div(b), a.checked_rem(b), a.checked_neg())
}

pub fn overflowing_u8(a: u8, b: u8) -> ((u8, bool), (u8, bool), (u8, bool), (u8, bool), u8, u8) {
    let (sum, difference) = (a.overflowing_add(b), a.overflowing_sub(b));
    (sum, difference, a.overflowing_mul(b), a.overflowing_neg(), a.saturating_add(b), a.saturating_sub(b))
}

pub fn compared_u8(a: u8, b: u8) -> ((bool, bool, bool, bool, bool, bool), (u8, u8, u8), (bool, bool, bool)) {
    let none = (a.checked_add(b) == None, a.checked_mul(b) == Some(1), (a, b) != (b, a));
    ((a < b, a <= b, a > b, a >= b, a == b, a != b), (a.min(b), a.max(b), a.abs_diff(b)), none)
}

pub fn divided_u8(a: u8, b: u8) -> (u8, u8, u8, u8) {
    if b == 0 {
        return (a, b, 0, 1);
    }
    let (quotient, remainder) = (a.wrapping_div(b), a.wrapping_rem(b));
    match a.checked_div(b) {
        Some(_) => (quotient, remainder, a / b, a % b),
        None => (quotient, remainder, 2, 3),
    }
}

pub fn counted_u8(a: u8, low: u8) -> (u32, u32, u32, u8, bool, u8) {
    let raised = low.wrapping_add(9);
    let clamped = if low <= raised { a.clamp(low, raised) } else { low };
    let large = a > u8::MAX / 2 || u8::MIN == a || u8::BITS < 16;
    (a.leading_zeros(), a.trailing_zeros(), a.count_ones(), clamped, large, a.is_power_of_two() as u8)
}

pub fn assigned_u8(a: u8, b: u8, n: u8) -> (u8, u8) {
    let mut x = a;
    x ^= b;
    x |= 5;
    x &= !2;
    x <<= n as u32 % u8::BITS;
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

pub fn cast_u8(a: u8) -> ((i8, u8, i16, u16, i32, u32, i64, u64), (isize, usize, f64)) {
    let all = (a as i8, a as u8, a as i16, a as u16, a as i32, a as u32, a as i64, a as u64);
    (all, (a as isize, a as usize, a as f64))
}

pub fn unsigned_u8(a: u8) -> (i8, bool) {
    (a.cast_signed(), a.is_power_of_two())
}

pub fn float_to_u8(a: f64) -> u8 {
    a as u8
}

pub fn matched_u8(a: u8) -> u8 {
    match a {
        u8::MIN => 0,
        ..3 => 1,
        3 | 5 => 2,
        4..=9 => 3,
        u8::MAX => 4,
        100.. => 5,
        n @ 10..20 => n as u8,
        _ => 6,
    }
}

pub fn looped_u8(a: u8, b: u8) -> (u32, u8) {
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

pub fn wrapping_u16(a: u16, b: u16, n: u32) -> ((u16, u16, u16, u16), (u16, u16, u16, u16), (u16, u16, u16, u16)) {
    let sums = (a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b), a.wrapping_neg());
    let shifts = (a.wrapping_shl(n), a.wrapping_shr(n), a.rotate_left(n), a.rotate_right(n));
    (sums, shifts, (a & b, a | b, a ^ b, !a))
}

pub fn checked_u16(a: u16, b: u16) -> (Option<u16>, Option<u16>, Option<u16>, Option<u16>, Option<u16>, Option<u16>) {
    let (sum, difference, product) = (a.checked_add(b), a.checked_sub(b), a.checked_mul(b));
    (sum, difference, product, a.checked_div(b), a.checked_rem(b), a.checked_neg())
}

pub fn overflowing_u16(a: u16, b: u16) -> ((u16, bool), (u16, bool), (u16, bool), (u16, bool), u16, u16) {
    let (sum, difference) = (a.overflowing_add(b), a.overflowing_sub(b));
    (sum, difference, a.overflowing_mul(b), a.overflowing_neg(), a.saturating_add(b), a.saturating_sub(b))
}

pub fn compared_u16(a: u16, b: u16) -> ((bool, bool, bool, bool, bool, bool), (u16, u16, u16), (bool, bool, bool)) {
    let none = (a.checked_add(b) == None, a.checked_mul(b) == Some(1), (a, b) != (b, a));
    ((a < b, a <= b, a > b, a >= b, a == b, a != b), (a.min(b), a.max(b), a.abs_diff(b)), none)
}

pub fn divided_u16(a: u16, b: u16) -> (u16, u16, u16, u16) {
    if b == 0 {
        return (a, b, 0, 1);
    }
    let (quotient, remainder) = (a.wrapping_div(b), a.wrapping_rem(b));
    match a.checked_div(b) {
        Some(_) => (quotient, remainder, a / b, a % b),
        None => (quotient, remainder, 2, 3),
    }
}

pub fn counted_u16(a: u16, low: u16) -> (u32, u32, u32, u16, bool, u16) {
    let raised = low.wrapping_add(9);
    let clamped = if low <= raised { a.clamp(low, raised) } else { low };
    let large = a > u16::MAX / 2 || u16::MIN == a || u16::BITS < 16;
    (a.leading_zeros(), a.trailing_zeros(), a.count_ones(), clamped, large, a.is_power_of_two() as u16)
}

pub fn assigned_u16(a: u16, b: u16, n: u8) -> (u16, u16) {
    let mut x = a;
    x ^= b;
    x |= 5;
    x &= !2;
    x <<= n as u32 % u16::BITS;
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

pub fn cast_u16(a: u16) -> ((i8, u8, i16, u16, i32, u32, i64, u64), (isize, usize, f64)) {
    let all = (a as i8, a as u8, a as i16, a as u16, a as i32, a as u32, a as i64, a as u64);
    (all, (a as isize, a as usize, a as f64))
}

pub fn unsigned_u16(a: u16) -> (i16, bool) {
    (a.cast_signed(), a.is_power_of_two())
}

pub fn float_to_u16(a: f64) -> u16 {
    a as u16
}

pub fn matched_u16(a: u16) -> u8 {
    match a {
        u16::MIN => 0,
        ..3 => 1,
        3 | 5 => 2,
        4..=9 => 3,
        u16::MAX => 4,
        100.. => 5,
        n @ 10..20 => n as u8,
        _ => 6,
    }
}

pub fn looped_u16(a: u16, b: u16) -> (u32, u16) {
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

pub fn wrapping_u32(a: u32, b: u32, n: u32) -> ((u32, u32, u32, u32), (u32, u32, u32, u32), (u32, u32, u32, u32)) {
    let sums = (a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b), a.wrapping_neg());
    let shifts = (a.wrapping_shl(n), a.wrapping_shr(n), a.rotate_left(n), a.rotate_right(n));
    (sums, shifts, (a & b, a | b, a ^ b, !a))
}

pub fn checked_u32(a: u32, b: u32) -> (Option<u32>, Option<u32>, Option<u32>, Option<u32>, Option<u32>, Option<u32>) {
    let (sum, difference, product) = (a.checked_add(b), a.checked_sub(b), a.checked_mul(b));
    (sum, difference, product, a.checked_div(b), a.checked_rem(b), a.checked_neg())
}

pub fn overflowing_u32(a: u32, b: u32) -> ((u32, bool), (u32, bool), (u32, bool), (u32, bool), u32, u32) {
    let (sum, difference) = (a.overflowing_add(b), a.overflowing_sub(b));
    (sum, difference, a.overflowing_mul(b), a.overflowing_neg(), a.saturating_add(b), a.saturating_sub(b))
}

pub fn compared_u32(a: u32, b: u32) -> ((bool, bool, bool, bool, bool, bool), (u32, u32, u32), (bool, bool, bool)) {
    let none = (a.checked_add(b) == None, a.checked_mul(b) == Some(1), (a, b) != (b, a));
    ((a < b, a <= b, a > b, a >= b, a == b, a != b), (a.min(b), a.max(b), a.abs_diff(b)), none)
}

pub fn divided_u32(a: u32, b: u32) -> (u32, u32, u32, u32) {
    if b == 0 {
        return (a, b, 0, 1);
    }
    let (quotient, remainder) = (a.wrapping_div(b), a.wrapping_rem(b));
    match a.checked_div(b) {
        Some(_) => (quotient, remainder, a / b, a % b),
        None => (quotient, remainder, 2, 3),
    }
}

pub fn counted_u32(a: u32, low: u32) -> (u32, u32, u32, u32, bool, u32) {
    let raised = low.wrapping_add(9);
    let clamped = if low <= raised { a.clamp(low, raised) } else { low };
    let large = a > u32::MAX / 2 || u32::MIN == a || u32::BITS < 16;
    (a.leading_zeros(), a.trailing_zeros(), a.count_ones(), clamped, large, a.is_power_of_two() as u32)
}

pub fn assigned_u32(a: u32, b: u32, n: u8) -> (u32, u32) {
    let mut x = a;
    x ^= b;
    x |= 5;
    x &= !2;
    x <<= n as u32 % u32::BITS;
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

pub fn cast_u32(a: u32) -> ((i8, u8, i16, u16, i32, u32, i64, u64), (isize, usize, f64)) {
    let all = (a as i8, a as u8, a as i16, a as u16, a as i32, a as u32, a as i64, a as u64);
    (all, (a as isize, a as usize, a as f64))
}

pub fn unsigned_u32(a: u32) -> (i32, bool) {
    (a.cast_signed(), a.is_power_of_two())
}

pub fn float_to_u32(a: f64) -> u32 {
    a as u32
}

pub fn matched_u32(a: u32) -> u8 {
    match a {
        u32::MIN => 0,
        ..3 => 1,
        3 | 5 => 2,
        4..=9 => 3,
        u32::MAX => 4,
        100.. => 5,
        n @ 10..20 => n as u8,
        _ => 6,
    }
}

pub fn looped_u32(a: u32, b: u32) -> (u32, u32) {
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

pub fn wrapping_u64(a: u64, b: u64, n: u32) -> ((u64, u64, u64, u64), (u64, u64, u64, u64), (u64, u64, u64, u64)) {
    let sums = (a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b), a.wrapping_neg());
    let shifts = (a.wrapping_shl(n), a.wrapping_shr(n), a.rotate_left(n), a.rotate_right(n));
    (sums, shifts, (a & b, a | b, a ^ b, !a))
}

pub fn checked_u64(a: u64, b: u64) -> (Option<u64>, Option<u64>, Option<u64>, Option<u64>, Option<u64>, Option<u64>) {
    let (sum, difference, product) = (a.checked_add(b), a.checked_sub(b), a.checked_mul(b));
    (sum, difference, product, a.checked_div(b), a.checked_rem(b), a.checked_neg())
}

pub fn overflowing_u64(a: u64, b: u64) -> ((u64, bool), (u64, bool), (u64, bool), (u64, bool), u64, u64) {
    let (sum, difference) = (a.overflowing_add(b), a.overflowing_sub(b));
    (sum, difference, a.overflowing_mul(b), a.overflowing_neg(), a.saturating_add(b), a.saturating_sub(b))
}

pub fn compared_u64(a: u64, b: u64) -> ((bool, bool, bool, bool, bool, bool), (u64, u64, u64), (bool, bool, bool)) {
    let none = (a.checked_add(b) == None, a.checked_mul(b) == Some(1), (a, b) != (b, a));
    ((a < b, a <= b, a > b, a >= b, a == b, a != b), (a.min(b), a.max(b), a.abs_diff(b)), none)
}

pub fn divided_u64(a: u64, b: u64) -> (u64, u64, u64, u64) {
    if b == 0 {
        return (a, b, 0, 1);
    }
    let (quotient, remainder) = (a.wrapping_div(b), a.wrapping_rem(b));
    match a.checked_div(b) {
        Some(_) => (quotient, remainder, a / b, a % b),
        None => (quotient, remainder, 2, 3),
    }
}

pub fn counted_u64(a: u64, low: u64) -> (u32, u32, u32, u64, bool, u64) {
    let raised = low.wrapping_add(9);
    let clamped = if low <= raised { a.clamp(low, raised) } else { low };
    let large = a > u64::MAX / 2 || u64::MIN == a || u64::BITS < 16;
    (a.leading_zeros(), a.trailing_zeros(), a.count_ones(), clamped, large, a.is_power_of_two() as u64)
}

pub fn assigned_u64(a: u64, b: u64, n: u8) -> (u64, u64) {
    let mut x = a;
    x ^= b;
    x |= 5;
    x &= !2;
    x <<= n as u32 % u64::BITS;
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

pub fn cast_u64(a: u64) -> ((i8, u8, i16, u16, i32, u32, i64, u64), (isize, usize, f64)) {
    let all = (a as i8, a as u8, a as i16, a as u16, a as i32, a as u32, a as i64, a as u64);
    (all, (a as isize, a as usize, a as f64))
}

pub fn unsigned_u64(a: u64) -> (i64, bool) {
    (a.cast_signed(), a.is_power_of_two())
}

pub fn float_to_u64(a: f64) -> u64 {
    a as u64
}

pub fn matched_u64(a: u64) -> u8 {
    match a {
        u64::MIN => 0,
        ..3 => 1,
        3 | 5 => 2,
        4..=9 => 3,
        u64::MAX => 4,
        100.. => 5,
        n @ 10..20 => n as u8,
        _ => 6,
    }
}

pub fn looped_u64(a: u64, b: u64) -> (u32, u64) {
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

pub fn wrapping_usize(
    a: usize,
    b: usize,
    n: u32,
) -> ((usize, usize, usize, usize), (usize, usize, usize, usize), (usize, usize, usize, usize)) {
    let sums = (a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b), a.wrapping_neg());
    let shifts = (a.wrapping_shl(n), a.wrapping_shr(n), a.rotate_left(n), a.rotate_right(n));
    (sums, shifts, (a & b, a | b, a ^ b, !a))
}

pub fn checked_usize(
    a: usize,
    b: usize,
) -> (Option<usize>, Option<usize>, Option<usize>, Option<usize>, Option<usize>, Option<usize>) {
    let (sum, difference, product) = (a.checked_add(b), a.checked_sub(b), a.checked_mul(b));
    (sum, difference, product, a.checked_div(b), a.checked_rem(b), a.checked_neg())
}

pub fn overflowing_usize(
    a: usize,
    b: usize,
) -> ((usize, bool), (usize, bool), (usize, bool), (usize, bool), usize, usize) {
    let (sum, difference) = (a.overflowing_add(b), a.overflowing_sub(b));
    (sum, difference, a.overflowing_mul(b), a.overflowing_neg(), a.saturating_add(b), a.saturating_sub(b))
}

pub fn compared_usize(
    a: usize,
    b: usize,
) -> ((bool, bool, bool, bool, bool, bool), (usize, usize, usize), (bool, bool, bool)) {
    let none = (a.checked_add(b) == None, a.checked_mul(b) == Some(1), (a, b) != (b, a));
    ((a < b, a <= b, a > b, a >= b, a == b, a != b), (a.min(b), a.max(b), a.abs_diff(b)), none)
}

pub fn divided_usize(a: usize, b: usize) -> (usize, usize, usize, usize) {
    if b == 0 {
        return (a, b, 0, 1);
    }
    let (quotient, remainder) = (a.wrapping_div(b), a.wrapping_rem(b));
    match a.checked_div(b) {
        Some(_) => (quotient, remainder, a / b, a % b),
        None => (quotient, remainder, 2, 3),
    }
}

pub fn counted_usize(a: usize, low: usize) -> (u32, u32, u32, usize, bool, usize) {
    let raised = low.wrapping_add(9);
    let clamped = if low <= raised { a.clamp(low, raised) } else { low };
    let large = a > usize::MAX / 2 || usize::MIN == a || usize::BITS < 16;
    (a.leading_zeros(), a.trailing_zeros(), a.count_ones(), clamped, large, a.is_power_of_two() as usize)
}

pub fn assigned_usize(a: usize, b: usize, n: u8) -> (usize, usize) {
    let mut x = a;
    x ^= b;
    x |= 5;
    x &= !2;
    x <<= n as u32 % usize::BITS;
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

pub fn cast_usize(a: usize) -> ((i8, u8, i16, u16, i32, u32, i64, u64), (isize, usize, f64)) {
    let all = (a as i8, a as u8, a as i16, a as u16, a as i32, a as u32, a as i64, a as u64);
    (all, (a as isize, a as usize, a as f64))
}

pub fn unsigned_usize(a: usize) -> (isize, bool) {
    (a.cast_signed(), a.is_power_of_two())
}

pub fn float_to_usize(a: f64) -> usize {
    a as usize
}

pub fn matched_usize(a: usize) -> u8 {
    match a {
        usize::MIN => 0,
        ..3 => 1,
        3 | 5 => 2,
        4..=9 => 3,
        usize::MAX => 4,
        100.. => 5,
        n @ 10..20 => n as u8,
        _ => 6,
    }
}

pub fn looped_usize(a: usize, b: usize) -> (u32, usize) {
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
