//! Numbers and their texts: what `tostring`, `tonumber`, `string.format` and the coercions of the language share.
//!
//! Nothing here knows of values or of the VM: the input is bytes and machine numbers.

mod convert;
mod decimal;
mod parse;

pub use convert::{float_to_int, int_fits_float, string_to_int};
pub use decimal::{write_exponent, write_fixed, write_general, write_hexadecimal};
pub use moonshift_lang::number::{Number, parse_number};
pub use parse::parse_in_base;

/// Appends the decimal digits of `int`.
pub fn write_int(out: &mut Vec<u8>, int: i64) {
    if int < 0 {
        out.push(b'-');
    }
    write_unsigned(out, int.unsigned_abs());
}

/// Appends the decimal digits of `value`.
pub fn write_unsigned(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Appends the text of `float` as `tostring` gives it: C's `%.14g`, and ".0" behind what would look like an integer.
pub fn write_float(out: &mut Vec<u8>, float: f64) {
    if float.is_sign_negative() {
        out.push(b'-');
    }
    let magnitude = float.abs();
    if magnitude < 1e14 && magnitude.trunc() == magnitude {
        write_unsigned(out, magnitude as u64);
        out.extend_from_slice(b".0");
        return;
    }
    if !magnitude.is_finite() {
        out.extend_from_slice(if magnitude.is_nan() { b"nan" } else { b"inf" });
        return;
    }
    let start = out.len();
    write_general(out, magnitude, 14, false);
    if out[start..].iter().all(u8::is_ascii_digit) {
        out.extend_from_slice(b".0");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(float: f64) -> String {
        let mut out = Vec::new();
        write_float(&mut out, float);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn floats_read_as_the_reference_prints_them() {
        for (float, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (1.0 / 3.0, "0.33333333333333"),
            (100.0, "100.0"),
            (1e13, "10000000000000.0"),
            (99999999999999.0, "99999999999999.0"),
            (1e14, "1e+14"),
            (1e15, "1e+15"),
            (123456789012345.0, "1.2345678901234e+14"),
            (9007199254740993.0, "9.007199254741e+15"),
            (1e100, "1e+100"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (std::f64::consts::PI, "3.1415926535898"),
            (5e-324, "4.9406564584125e-324"),
            (f64::MAX, "1.7976931348623e+308"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(text(float), expected);
        }
        assert_eq!(text(f64::NAN.copysign(1.0)), "nan");
        assert_eq!(text(f64::NAN.copysign(-1.0)), "-nan");
    }

    #[test]
    fn integers_read_as_decimal_digits() {
        for int in [0, 7, -7, 10, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            write_int(&mut out, int);
            assert_eq!(String::from_utf8(out).unwrap(), int.to_string());
        }
    }
}
