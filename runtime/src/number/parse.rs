//! From text to number where `tonumber` is given a base. Without one, the numerals are those of the language.

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{Number, parse_number};

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
