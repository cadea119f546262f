//! Conversions between the two subtypes of numbers, and from texts to integers.

use super::{Number, parse_number};

/// The integer that equals `float`, if there is one.
pub fn float_to_int(float: f64) -> Option<i64> {
    // 2^63 is exact as a float; i64::MAX is not, so the upper comparison has to be strict.
    let in_range = (-9223372036854775808.0..9223372036854775808.0).contains(&float);
    (in_range && float.trunc() == float).then_some(float as i64)
}

/// Whether `int` has an exact float.
pub fn int_fits_float(int: i64) -> bool {
    (1u64 << 53).wrapping_add(int as u64) <= 1u64 << 54
}

/// The integer that a text denotes, through a float with an integral value if need be.
pub fn string_to_int(text: &[u8]) -> Option<i64> {
    match parse_number(text)? {
        Number::Int(int) => Some(int),
        Number::Float(float) => float_to_int(float),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_integral_floats_in_range_convert() {
        assert_eq!(float_to_int(3.0), Some(3));
        assert_eq!(float_to_int(-0.0), Some(0));
        assert_eq!(float_to_int(3.5), None);
        assert_eq!(float_to_int(9223372036854775808.0), None);
        assert_eq!(float_to_int(-9223372036854775808.0), Some(i64::MIN));
        assert_eq!(float_to_int(f64::NAN), None);
        assert_eq!(float_to_int(f64::INFINITY), None);
        assert_eq!(string_to_int(b" 10 "), Some(10));
        assert_eq!(string_to_int(b"1e1"), Some(10));
        assert_eq!(string_to_int(b"1.5"), None);
        assert!(int_fits_float(1 << 53) && int_fits_float(-(1 << 53)) && !int_fits_float((1 << 53) + 1));
    }
}
