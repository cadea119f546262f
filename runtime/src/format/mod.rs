//! One conversion of `string.format`: reading its specification and writing the converted value as C's `printf` does.
//!
//! Which value goes with which conversion is the library's business; here are texts and machine numbers only.

mod quote;
mod spec;

pub use quote::{quote_float, quote_int, quote_text};
pub use spec::{FormatError, Spec};

use crate::number::{write_exponent, write_fixed, write_general, write_hexadecimal, write_unsigned};
use std::io::Write;

/// Flags, width and precision of a conversion, checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub left: bool,
    pub plus: bool,
    pub space: bool,
    pub alternative: bool,
    pub zero: bool,
    pub width: usize,
    pub precision: Option<usize>,
}

impl Layout {
    /// `%c`, `%s`, `%p`: text cut to the precision and padded with spaces.
    pub fn write_text(&self, out: &mut Vec<u8>, text: &[u8]) {
        let text = &text[..self.precision.unwrap_or(text.len()).min(text.len())];
        self.pad(out, b"", text, false);
    }

    /// `%d`, `%i`.
    pub fn write_signed(&self, out: &mut Vec<u8>, int: i64) {
        let mut digits = Vec::with_capacity(24);
        write_unsigned(&mut digits, int.unsigned_abs());
        self.write_digits(out, self.sign(int < 0), digits, int == 0);
    }

    /// `%u`.
    pub fn write_unsigned(&self, out: &mut Vec<u8>, int: u64) {
        let mut digits = Vec::with_capacity(24);
        write_unsigned(&mut digits, int);
        self.write_digits(out, b"", digits, int == 0);
    }

    /// `%x`, `%X`.
    pub fn write_hex(&self, out: &mut Vec<u8>, int: u64, upper: bool) {
        let mut digits = Vec::with_capacity(24);
        if upper { write!(digits, "{int:X}") } else { write!(digits, "{int:x}") }.expect("writing to memory");
        let prefix: &[u8] = match (self.alternative && int != 0, upper) {
            (false, _) => b"",
            (true, false) => b"0x",
            (true, true) => b"0X",
        };
        self.write_digits(out, prefix, digits, int == 0);
    }

    /// `%o`.
    pub fn write_octal(&self, out: &mut Vec<u8>, int: u64) {
        let mut digits = Vec::with_capacity(24);
        write!(digits, "{int:o}").expect("writing to memory");
        let mut layout = *self;
        if self.alternative {
            // The flag asks for a leading zero, as if the precision were one more than needed.
            let needed = digits.len() + usize::from(int != 0);
            layout.precision = Some(self.precision.unwrap_or(0).max(needed));
            layout.zero &= self.precision.is_none();
            if layout.zero {
                layout.precision = Some(needed.max(if self.left { 0 } else { self.width }));
            }
        }
        layout.write_digits(out, b"", digits, int == 0);
    }

    /// The float conversions: `conversion` is one of `e f g a` in either case.
    pub fn write_float(&self, out: &mut Vec<u8>, conversion: u8, float: f64) {
        let mut digits = Vec::with_capacity(32);
        let magnitude = float.abs();
        let precision = self.precision.unwrap_or(6);
        let finite = magnitude.is_finite();
        match conversion.to_ascii_lowercase() {
            _ if !finite => digits.extend_from_slice(if magnitude.is_nan() { b"nan" } else { b"inf" }),
            b'e' => write_exponent(&mut digits, magnitude, precision, self.alternative),
            b'f' => write_fixed(&mut digits, magnitude, precision, self.alternative),
            b'g' => write_general(&mut digits, magnitude, precision, self.alternative),
            _ => write_hexadecimal(&mut digits, magnitude, self.precision, self.alternative),
        }
        if conversion.is_ascii_uppercase() {
            digits.make_ascii_uppercase();
        }
        let mut prefix = self.sign(float.is_sign_negative()).to_vec();
        if finite && conversion.eq_ignore_ascii_case(&b'a') {
            // Zeros go behind the "0x".
            prefix.extend(digits.drain(..2));
        }
        self.pad(out, &prefix, &digits, self.zero && finite);
    }

    fn sign(&self, negative: bool) -> &'static [u8] {
        match (negative, self.plus, self.space) {
            (true, _, _) => b"-",
            (_, true, _) => b"+",
            (_, _, true) => b" ",
            _ => b"",
        }
    }

    /// The precision of an integer is its least number of digits, and turns the flag `0` off.
    fn write_digits(&self, out: &mut Vec<u8>, prefix: &[u8], mut digits: Vec<u8>, is_zero: bool) {
        match self.precision {
            Some(0) if is_zero => digits.clear(),
            Some(precision) if precision > digits.len() => {
                digits.splice(0..0, std::iter::repeat_n(b'0', precision - digits.len()));
            }
            _ => {}
        }
        self.pad(out, prefix, &digits, self.zero && self.precision.is_none());
    }

    fn pad(&self, out: &mut Vec<u8>, prefix: &[u8], body: &[u8], zeros: bool) {
        let missing = self.width.saturating_sub(prefix.len() + body.len());
        let (before, inside, behind) = match (self.left, zeros) {
            (true, _) => (0, 0, missing),
            (false, true) => (0, missing, 0),
            (false, false) => (missing, 0, 0),
        };
        out.extend(std::iter::repeat_n(b' ', before));
        out.extend_from_slice(prefix);
        out.extend(std::iter::repeat_n(b'0', inside));
        out.extend_from_slice(body);
        out.extend(std::iter::repeat_n(b' ', behind));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Arg {
        Int(i64),
        Float(f64),
        Text(&'static str),
    }
    use Arg::{Float, Int, Text};

    fn check(format: &str, arg: Arg, expected: &str) {
        let spec = Spec::scan(&format.as_bytes()[1..]).unwrap();
        let layout = spec.layout().unwrap();
        let mut out = Vec::new();
        match (spec.conversion(), arg) {
            (b'd' | b'i', Int(int)) => layout.write_signed(&mut out, int),
            (b'u', Int(int)) => layout.write_unsigned(&mut out, int as u64),
            (b'x', Int(int)) => layout.write_hex(&mut out, int as u64, false),
            (b'X', Int(int)) => layout.write_hex(&mut out, int as u64, true),
            (b'o', Int(int)) => layout.write_octal(&mut out, int as u64),
            (conversion, Float(float)) => layout.write_float(&mut out, conversion, float),
            (_, Text(text)) => layout.write_text(&mut out, text.as_bytes()),
            _ => unreachable!(),
        }
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{format}");
    }

    #[test]
    fn integers() {
        check("%5.3d", Int(7), "  007");
        check("%-5d|", Int(7), "7    ");
        check("%05d", Int(-7), "-0007");
        check("%+d", Int(7), "+7");
        check("% d", Int(7), " 7");
        check("%.0d", Int(0), "");
        check("%.20i", Int(i64::MIN), "-09223372036854775808");
        check("%u", Int(-1), "18446744073709551615");
        check("%#x", Int(255), "0xff");
        check("%#x", Int(0), "0");
        check("%#o", Int(8), "010");
        check("%#o", Int(0), "0");
        check("%#05o", Int(8), "00010");
        check("%#.5o", Int(8), "00010");
        check("%X", Int(-1), "FFFFFFFFFFFFFFFF");
        check("%#010x", Int(255), "0x000000ff");
        check("%8.5x", Int(255), "   000ff");
    }

    #[test]
    fn floats() {
        check("%010.2f", Float(2.75159), "0000002.75");
        check("%+.3e", Float(1e10), "+1.000e+10");
        check("%#.0f", Float(3.0), "3.");
        check("%g", Float(1e20), "1e+20");
        check("%G", Float(1e-10), "1E-10");
        check("%-12g", Float(2.0), "2           ");
        check("%010f", Float(f64::NEG_INFINITY), "      -inf");
        check("%.3a", Float(3.99), "0x1.febp+1");
        check("%020a", Float(1.0), "0x000000000000001p+0");
        check("%+A", Float(1.0), "+0X1P+0");
        check("%20.2a", Float(3.99), "           0x1.ffp+1");
        check("%.14g", Float(0.1), "0.1");
        check("%5.1f", Float(-0.0), " -0.0");
    }

    #[test]
    fn texts() {
        check("%5s", Text("ab"), "   ab");
        check("%-5s", Text("ab"), "ab   ");
        check("%5.1s", Text("abc"), "    a");
    }

    #[test]
    fn specifications() {
        let error = |text: &str| Spec::scan(text.as_bytes()).and_then(|spec| spec.layout()).unwrap_err().to_string();
        assert_eq!(error("y"), "invalid conversion '%y' to 'format'");
        assert_eq!(error(""), "invalid conversion '%' to 'format'");
        assert_eq!(error("5"), "invalid conversion '%5' to 'format'");
        assert_eq!(error("F"), "invalid conversion '%F' to 'format'");
        for bad in ["10.123f", "0100d", "#d", ".3c", "010s", ".123d", "+u", ".p", "1.1.1f", "..1f", " s"] {
            assert_eq!(error(bad), format!("invalid conversion specification: '%{bad}'"));
        }
        assert_eq!(error("10q"), "specifier '%q' cannot have modifiers");
        assert_eq!(error(&format!("{}d", "0".repeat(21))), "invalid format (too long)");
        assert!(Spec::scan(format!("{}d", "0".repeat(20)).as_bytes()).and_then(|spec| spec.layout()).is_ok());
        assert_eq!(Spec::scan(b"-5.2f rest").unwrap().len(), 5);
    }
}
