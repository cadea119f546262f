//! Text to numbers, by the rules of the language (also those of `tonumber` and string arithmetic).

/// A number as the language has it.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Number {
    Int(i64),
    Float(f64),
}

/// Converts a whole text: surrounding white space and a sign are allowed. `None` when it is not a numeral.
pub fn parse_number(text: &[u8]) -> Option<Number> {
    let is_space = |c: &u8| matches!(c, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    let start = text.iter().position(|c| !is_space(c))?;
    let end = text.iter().rposition(|c| !is_space(c))? + 1;
    let text = &text[start..end];
    let (negative, digits) = match text[0] {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let magnitude = match digits {
        [b'0', b'x' | b'X', hex @ ..] => parse_hex(hex)?,
        _ => return parse_decimal(digits, negative),
    };
    Some(match magnitude {
        Number::Int(i) if negative => Number::Int(i.wrapping_neg()),
        Number::Float(f) if negative => Number::Float(-f),
        number => number,
    })
}

/// Decimal digits without a sign. An integer that does not fit becomes a float; `negative` matters only for the
/// smallest integer.
fn parse_decimal(digits: &[u8], negative: bool) -> Option<Number> {
    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        let mut value: u64 = 0;
        let limit = i64::MAX as u64 + u64::from(negative);
        let fits = digits.iter().all(|d| {
            let next = value.checked_mul(10).and_then(|v| v.checked_add(u64::from(d - b'0')));
            next.is_some_and(|v| {
                value = v;
                v <= limit
            })
        });
        if fits {
            let value = value as i64;
            return Some(Number::Int(if negative { value.wrapping_neg() } else { value }));
        }
    }
    // The standard parser also takes signs, "inf" and "nan": those must not come this far.
    let plain = digits.iter().all(|c| matches!(c, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if !plain || !digits.first().is_some_and(|c| c.is_ascii_digit() || *c == b'.') {
        return None;
    }
    let value: f64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(Number::Float(if negative { -value } else { value }))
}

/// Hexadecimal digits after `0x`: an integer modulo 2^64, or a float when there is a point or an exponent.
fn parse_hex(text: &[u8]) -> Option<Number> {
    let mut rest = text;
    let mut integer: u64 = 0;
    let mut mantissa: u64 = 0;
    // Binary exponent of the mantissa's lowest bit.
    let mut exponent: i64 = 0;
    let mut any_digit = false;
    let mut seen_point = false;
    let mut is_float = false;
    while let [c, tail @ ..] = rest {
        if *c == b'.' && !seen_point {
            seen_point = true;
            is_float = true;
        } else if let Some(digit) = (*c as char).to_digit(16) {
            any_digit = true;
            integer = integer.wrapping_mul(16).wrapping_add(u64::from(digit));
            if mantissa >> 60 == 0 {
                mantissa = mantissa * 16 + u64::from(digit);
                exponent -= if seen_point { 4 } else { 0 };
            } else {
                // Digits too many only decide the rounding.
                mantissa |= u64::from(digit != 0);
                exponent += if seen_point { 0 } else { 4 };
            }
        } else {
            break;
        }
        rest = tail;
    }
    if !any_digit {
        return None;
    }
    if let [b'p' | b'P', tail @ ..] = rest {
        is_float = true;
        let (negative, digits) = match tail {
            [b'-', digits @ ..] => (true, digits),
            [b'+', digits @ ..] => (false, digits),
            _ => (false, tail),
        };
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let value = digits.iter().fold(0i64, |v, d| (v * 10 + i64::from(d - b'0')).min(1 << 40));
        exponent += if negative { -value } else { value };
        rest = &[];
    }
    if !rest.is_empty() {
        return None;
    }
    Some(if is_float { Number::Float(scale(mantissa, exponent)) } else { Number::Int(integer as i64) })
}

/// `mantissa * 2^exponent`, rounded once, to nearest even; the lowest mantissa bit may be sticky.
fn scale(mantissa: u64, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let shift = mantissa.leading_zeros();
    let mut m = mantissa << shift;
    let mut e = exponent - i64::from(shift);
    // The value is m * 2^e with the top bit of m set: its magnitude is about 2^(e + 63).
    if e + 63 > 1023 {
        return f64::INFINITY;
    }
    if e + 63 < -1022 {
        // Subnormal: drop the bits it cannot hold before the one rounding below, keeping them sticky.
        let drop = (-1022 - (e + 63)).min(63) as u32;
        let lost = m & ((1u64 << drop) - 1) != 0;
        if -1022 - (e + 63) > 63 {
            return 0.0;
        }
        m = (m >> drop) | u64::from(lost);
        // Round by hand to a multiple of 2^-1074; its lowest bit is 2^-1085, so that unit is 2^11.
        let unit = 1u64 << 11;
        let (quotient, remainder) = (m / unit, m % unit);
        let up = remainder > unit / 2 || (remainder == unit / 2 && quotient % 2 == 1);
        return f64::from_bits(quotient + u64::from(up));
    }
    let mut value = m as f64;
    // Each factor is exact: the result is normal.
    while e > 0 {
        let step = e.min(1000);
        value *= f64::from_bits(((step + 1023) as u64) << 52);
        e -= step;
    }
    while e < 0 {
        let step = (-e).min(1000);
        value *= f64::from_bits(((1023 - step) as u64) << 52);
        e += step;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn float(text: &str) -> f64 {
        match parse_number(text.as_bytes()) {
            Some(Number::Float(f)) => f,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn integers() {
        assert_eq!(parse_number(b"9223372036854775807"), Some(Number::Int(i64::MAX)));
        assert_eq!(parse_number(b" -9223372036854775808\n"), Some(Number::Int(i64::MIN)));
        assert_eq!(parse_number(b"9223372036854775808"), Some(Number::Float(9223372036854775808.0)));
        assert_eq!(parse_number(b"0xffffffffffffffff"), Some(Number::Int(-1)));
        assert_eq!(parse_number(b"-0x10"), Some(Number::Int(-16)));
        assert_eq!(parse_number(b"0x1ffffffffffffffff"), Some(Number::Int(-1)));
    }

    #[test]
    fn floats() {
        assert_eq!(float("5."), 5.0);
        assert_eq!(float(".5e1"), 5.0);
        assert_eq!(float("1e400"), f64::INFINITY);
        assert_eq!(float("0x.8p1"), 1.0);
        assert_eq!(float("0xA.8"), 10.5);
        assert_eq!(float("0x1p-1074"), 5e-324);
        assert_eq!(float("0x1p-1075"), 0.0);
        assert_eq!(float("0x1.8p-1075"), 5e-324);
        assert_eq!(float("0x1.fffffffffffffp-1023"), 2.2250738585072014e-308);
        assert_eq!(float("0x1p1024"), f64::INFINITY);
        assert_eq!(float("0x1.fffffffffffff7p1023"), f64::MAX);
        assert_eq!(float("0x10000000000000000.0"), 18446744073709551616.0);
        assert_eq!(float("-0x0p1").to_bits(), (-0.0f64).to_bits());
    }

    #[test]
    fn rejected() {
        for text in ["", " ", "inf", "nan", "1e", "0x", "0xp1", "1 2", "--1", "0x1p", "1.2.3", "e1", ".", "1e+", "- 1"]
        {
            assert_eq!(parse_number(text.as_bytes()), None, "{text}");
        }
    }
}
