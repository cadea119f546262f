//! Floats as text in C's layouts: `%e`, `%f`, `%g`, `%a`.
//!
//! Rust's own formatting is exact and rounds ties to even at any precision, as C's does; only the layout of exponents
//! and the choice between the two forms of `%g` differ. All functions append the text of a magnitude: the caller has
//! written the sign and dealt with infinities and NaN.

use std::io::Write;

/// `%.{precision}f`. With `alternative` (flag `#`) the point stands even without decimals.
pub fn write_fixed(out: &mut Vec<u8>, magnitude: f64, precision: usize, alternative: bool) {
    write!(out, "{magnitude:.precision$}").expect("writing to memory");
    if precision == 0 && alternative {
        out.push(b'.');
    }
}

/// `%.{precision}e`.
pub fn write_exponent(out: &mut Vec<u8>, magnitude: f64, precision: usize, alternative: bool) {
    let start = out.len();
    let exponent = write_digits(out, magnitude, precision);
    debug_assert!(out.len() > start);
    if precision == 0 && alternative {
        out.push(b'.');
    }
    push_exponent(out, exponent);
}

/// `%.{precision}g`. With `alternative` trailing zeros stay.
pub fn write_general(out: &mut Vec<u8>, magnitude: f64, precision: usize, alternative: bool) {
    let precision = precision.max(1);
    let start = out.len();
    let exponent = write_digits(out, magnitude, precision - 1);
    if exponent < -4 || exponent >= precision as i32 {
        if alternative && precision == 1 {
            out.push(b'.');
        }
        strip_zeros(out, start, alternative);
        push_exponent(out, exponent);
        return;
    }
    // From d.ddd to the fixed form: the digits are right already, the point moves.
    if precision > 1 {
        out.remove(start + 1);
    }
    if exponent < 0 {
        let zeros = (-exponent) as usize;
        out.splice(start..start, std::iter::repeat_n(b'0', zeros));
        out.insert(start + 1, b'.');
    } else if exponent as usize + 1 < precision || alternative {
        out.insert(start + 1 + exponent as usize, b'.');
    }
    strip_zeros(out, start, alternative);
}

/// `%.{precision}a`; without a precision as many digits as the value needs.
pub fn write_hexadecimal(out: &mut Vec<u8>, magnitude: f64, precision: Option<usize>, alternative: bool) {
    const FRACTION_BITS: u32 = 52;
    let bits = magnitude.to_bits();
    let mut fraction = bits & ((1 << FRACTION_BITS) - 1);
    let biased = (bits >> FRACTION_BITS) as i32;
    let mut lead = u64::from(biased != 0);
    let exponent = match (biased, fraction) {
        (0, 0) => 0,
        (0, _) => -1022,
        _ => biased - 1023,
    };
    let mut digits = 13;
    match precision {
        Some(precision) if precision < 13 => {
            // Round to the nearest, ties to even, at the last digit kept; the carry may reach the leading digit.
            let dropped = 4 * (13 - precision as u32);
            let whole = (lead << FRACTION_BITS) | fraction;
            let half = 1u64 << (dropped - 1);
            let rest = whole & ((1 << dropped) - 1);
            let mut kept = whole >> dropped;
            if rest > half || (rest == half && kept & 1 == 1) {
                kept += 1;
            }
            lead = kept >> (4 * precision);
            fraction = kept & ((1u64 << (4 * precision)) - 1);
            digits = precision;
        }
        Some(_) => {}
        None => {
            while digits > 0 && fraction & 0xf == 0 {
                fraction >>= 4;
                digits -= 1;
            }
        }
    }
    write!(out, "0x{lead}").expect("writing to memory");
    let wanted = precision.unwrap_or(digits);
    if wanted > 0 || alternative {
        out.push(b'.');
    }
    if digits > 0 {
        write!(out, "{fraction:0digits$x}").expect("writing to memory");
    }
    out.extend(std::iter::repeat_n(b'0', wanted.saturating_sub(digits)));
    write!(out, "p{exponent:+}").expect("writing to memory");
}

/// Appends "d.ddd" with `decimals` decimals, and returns the exponent of ten it was scaled by.
fn write_digits(out: &mut Vec<u8>, magnitude: f64, decimals: usize) -> i32 {
    let start = out.len();
    write!(out, "{magnitude:.decimals$e}").expect("writing to memory");
    let mark = start + out[start..].iter().position(|&byte| byte == b'e').expect("the exponent form has an exponent");
    let exponent = std::str::from_utf8(&out[mark + 1..]).ok().and_then(|text| text.parse().ok());
    out.truncate(mark);
    exponent.expect("the exponent is a small integer")
}

/// C writes a sign and at least two digits.
fn push_exponent(out: &mut Vec<u8>, exponent: i32) {
    let sign = if exponent < 0 { '-' } else { '+' };
    write!(out, "e{sign}{:02}", exponent.abs()).expect("writing to memory");
}

/// Removes the zeros at the end of a text with a point, and the point if nothing stands behind it.
fn strip_zeros(out: &mut Vec<u8>, start: usize, keep: bool) {
    if keep || !out[start..].contains(&b'.') {
        return;
    }
    while out.last() == Some(&b'0') {
        out.pop();
    }
    if out.last() == Some(&b'.') {
        out.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = b"=".to_vec();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn general_chooses_the_form() {
        let general = |value, precision| text(|out| write_general(out, value, precision, false));
        assert_eq!(general(0.0, 6), "=0");
        assert_eq!(general(100000.0, 6), "=100000");
        assert_eq!(general(1000000.0, 6), "=1e+06");
        assert_eq!(general(999999.5, 6), "=1e+06");
        assert_eq!(general(0.00012345, 3), "=0.000123");
        assert_eq!(general(0.000012345, 3), "=1.23e-05");
        assert_eq!(general(1.5, 0), "=2");
        assert_eq!(general(0.1, 20), "=0.10000000000000000555");
        assert_eq!(text(|out| write_general(out, 1.0, 3, true)), "=1.00");
        assert_eq!(text(|out| write_general(out, 1e10, 1, true)), "=1.e+10");
        assert_eq!(text(|out| write_general(out, 3.0, 1, true)), "=3.");
    }

    #[test]
    fn exponent_and_fixed() {
        assert_eq!(text(|out| write_exponent(out, 0.0, 6, false)), "=0.000000e+00");
        assert_eq!(text(|out| write_exponent(out, 12345.678, 2, false)), "=1.23e+04");
        assert_eq!(text(|out| write_exponent(out, 1e-100, 0, true)), "=1.e-100");
        assert_eq!(text(|out| write_fixed(out, 2.5, 0, false)), "=2");
        assert_eq!(text(|out| write_fixed(out, 2.5, 0, true)), "=2.");
        assert_eq!(text(|out| write_fixed(out, 1e22, 1, false)), "=10000000000000000000000.0");
    }

    #[test]
    fn hexadecimal() {
        let hex = |value, precision| text(|out| write_hexadecimal(out, value, precision, false));
        assert_eq!(hex(1.0, None), "=0x1p+0");
        assert_eq!(hex(0.0, None), "=0x0p+0");
        assert_eq!(hex(0.5, None), "=0x1p-1");
        assert_eq!(hex(0.1, None), "=0x1.999999999999ap-4");
        assert_eq!(hex(1.999, Some(1)), "=0x2.0p+0");
        assert_eq!(hex(1.5, Some(0)), "=0x2p+0");
        assert_eq!(hex(2.5, Some(0)), "=0x1p+1");
        assert_eq!(hex(1.0, Some(15)), "=0x1.000000000000000p+0");
        assert_eq!(hex(5e-324, None), "=0x0.0000000000001p-1022");
    }
}
