//! From text to number, as `tonumber` and the string coercions read it.
//!
//! White space around the numeral is allowed, a sign too. Decimal integers that do not fit become floats; hexadecimal
//! integers wrap around; hexadecimal floats are rounded once, to the nearest, ties to even.

use super::Number;

/// The number that `text` denotes, `None` if it is not a numeral.
pub fn parse_number(text: &[u8]) -> Option<Number> {
    let (negative, digits) = split_sign(trim(text));
    match digits {
        [b'0', b'x' | b'X', rest @ ..] => parse_hexadecimal(rest, negative),
        _ => parse_decimal(digits, negative),
    }
}

/// The integer that `text` denotes in `base` (2 to 36), wrapping around, as `tonumber(text, base)`.
pub fn parse_in_base(text: &[u8], base: u32) -> Option<i64> {
    let (negative, digits) = split_sign(trim(text));
    if digits.is_empty() {
        return None;
    }
    let mut value = 0u64;
    for &byte in digits {
        let digit = (byte as char).to_digit(base)?;
        value = value.wrapping_mul(u64::from(base)).wrapping_add(u64::from(digit));
    }
    Some(if negative { value.wrapping_neg() } else { value } as i64)
}

/// What C's `isspace` calls white space: Rust's notion lacks the vertical tab.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

fn trim(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&byte| !is_space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|&byte| !is_space(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}

fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

fn parse_decimal(digits: &[u8], negative: bool) -> Option<Number> {
    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        if let Some(int) = decimal_int(digits, negative) {
            return Some(Number::Int(int));
        }
    } else if !is_decimal_float(digits) {
        return None;
    }
    let magnitude: f64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(Number::Float(if negative { -magnitude } else { magnitude }))
}

fn decimal_int(digits: &[u8], negative: bool) -> Option<i64> {
    let mut value = 0i64;
    for &byte in digits {
        // Counted downwards, so that the least integer needs no special case.
        value = value.checked_mul(10)?.checked_sub(i64::from(byte - b'0'))?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}

/// Digits with at most one point among them, at least one digit, and an optional exponent.
fn is_decimal_float(text: &[u8]) -> bool {
    let mark = text.iter().position(|byte| matches!(byte, b'e' | b'E'));
    let (mantissa, exponent) = text.split_at(mark.unwrap_or(text.len()));
    let points = mantissa.iter().filter(|&&byte| byte == b'.').count();
    let digits = mantissa.iter().filter(|byte| byte.is_ascii_digit()).count();
    if points > 1 || digits == 0 || points + digits != mantissa.len() {
        return false;
    }
    let (_, exponent) = if exponent.is_empty() { return true } else { split_sign(&exponent[1..]) };
    !exponent.is_empty() && exponent.iter().all(u8::is_ascii_digit)
}

fn parse_hexadecimal(text: &[u8], negative: bool) -> Option<Number> {
    if !text.is_empty() && text.iter().all(u8::is_ascii_hexdigit) {
        let value = text.iter().fold(0u64, |value, &byte| (value << 4) | hex_digit(byte));
        return Some(Number::Int(if negative { value.wrapping_neg() } else { value } as i64));
    }
    let mut mantissa = 0u64;
    let mut lost = false;
    let mut scale = 0i64;
    let (mut any_digit, mut any_point) = (false, false);
    let mut position = 0;
    while let Some(&byte) = text.get(position) {
        match byte {
            b'.' if !any_point => any_point = true,
            _ if byte.is_ascii_hexdigit() => {
                any_digit = true;
                if mantissa >> 60 == 0 {
                    mantissa = (mantissa << 4) | hex_digit(byte);
                } else {
                    lost |= byte != b'0';
                    scale += 4;
                }
                scale -= if any_point { 4 } else { 0 };
            }
            _ => break,
        }
        position += 1;
    }
    if !any_digit {
        return None;
    }
    if let [b'p' | b'P', exponent @ ..] = &text[position..] {
        let (down, digits) = split_sign(exponent);
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        // Beyond a few thousand every exponent means zero or infinity, but the mantissa's own scale counts against it.
        let bound = 1 << 40;
        let value =
            digits.iter().fold(0i64, |value, &byte| value.saturating_mul(10).saturating_add(i64::from(byte - b'0')));
        scale += if down { -value.min(bound) } else { value.min(bound) };
    } else if position != text.len() {
        return None;
    }
    let magnitude = scaled(mantissa, lost, scale);
    Some(Number::Float(if negative { -magnitude } else { magnitude }))
}

fn hex_digit(byte: u8) -> u64 {
    u64::from((byte as char).to_digit(16).expect("checked to be a hexadecimal digit"))
}

/// `mantissa * 2^scale` rounded once; `lost` tells that bits below the mantissa were not all zero.
fn scaled(mantissa: u64, lost: bool, scale: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let shift = mantissa.leading_zeros();
    let mantissa = mantissa << shift;
    // The value is in [2^exponent, 2^(exponent+1)).
    let exponent = scale - i64::from(shift) + 63;
    if exponent > 1023 {
        return f64::INFINITY;
    }
    let precision = if exponent >= -1022 { 53 } else { 53 + exponent + 1022 };
    if precision < 0 {
        return 0.0;
    }
    let dropped = 64 - precision as u32;
    let (kept, rest, half) = match dropped {
        64 => (0, mantissa, 1u64 << 63),
        _ => (mantissa >> dropped, mantissa & ((1 << dropped) - 1), 1u64 << (dropped - 1)),
    };
    let up = rest > half || (rest == half && (lost || kept & 1 == 1));
    let kept = kept + u64::from(up);
    // Read as bits, a carry out of the fraction raises the exponent by one, up to infinity: just what is wanted.
    let biased = if exponent >= -1022 { (exponent + 1022) as u64 } else { 0 };
    f64::from_bits((biased << 52) + kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn float(text: &str) -> f64 {
        match parse_number(text.as_bytes()) {
            Some(Number::Float(float)) => float,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn integers() {
        for (text, expected) in [
            ("0", 0),
            ("  12\t\n", 12),
            ("-7", -7),
            ("+7", 7),
            ("0x10", 16),
            ("-0xA", -10),
            ("0xffffffffffffffff", -1),
            ("0x1ffffffffffffffff", -1),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("00012", 12),
        ] {
            assert_eq!(parse_number(text.as_bytes()), Some(Number::Int(expected)), "{text}");
        }
    }

    #[test]
    fn floats() {
        for (text, expected) in [
            ("9223372036854775808", 9223372036854775808.0),
            ("1e1", 10.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("5.e-1", 0.5),
            ("0x.8", 0.5),
            ("0x8.", 8.0),
            ("0xA.8p1", 21.0),
            ("0x1p-1074", 5e-324),
            ("0x1p-1075", 0.0),
            ("0x1.8p-1075", 5e-324),
            ("0x1p1024", f64::INFINITY),
            ("0x1.fffffffffffff8p1023", f64::INFINITY),
            ("0x1.fffffffffffff7p1023", f64::MAX),
            ("0x1.00000000000008p0", 1.0),
            ("0x1.000000000000080000000001p0", 1.0 + f64::EPSILON),
            ("0x0.00000000000000000000000000001p4", 16.0 * 2f64.powi(-116)),
            ("0x10000000000000000000.0", 2f64.powi(76)),
            ("1e400", f64::INFINITY),
            ("1e-400", 0.0),
            ("0x1p99999999999999999999", f64::INFINITY),
        ] {
            assert_eq!(float(text), expected, "{text}");
        }
        assert!(float("-0.0").is_sign_negative());
    }

    #[test]
    fn not_numerals() {
        for text in [
            "", " ", "-", "0x", "0xg", "1e", "1e+", ".", "1 2", "1\0", "inf", "nan", "1..2", "0x1p", "--1", "- 1",
            "1_0", "0x.", "1e5.0", "infinity", "é", "0x1p+",
        ] {
            assert_eq!(parse_number(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn bases() {
        assert_eq!(parse_in_base(b" 11 ", 2), Some(3));
        assert_eq!(parse_in_base(b"-zZ", 36), Some(-1295));
        assert_eq!(parse_in_base(b"8", 8), None);
        assert_eq!(parse_in_base(b"", 10), None);
        assert_eq!(parse_in_base(b"ffffffffffffffff", 16), Some(-1));
    }
}
