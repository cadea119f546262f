//! `%q`: values as literals that the language reads back.

use crate::number::{write_hexadecimal, write_int};
use std::io::Write;

/// A string literal.
pub fn quote_text(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for (index, &byte) in text.iter().enumerate() {
        match byte {
            b'"' | b'\\' | b'\n' => out.extend_from_slice(&[b'\\', byte]),
            _ if byte.is_ascii_control() => {
                // Three digits only where a digit follows, which would be read as part of the escape.
                if text.get(index + 1).is_some_and(u8::is_ascii_digit) {
                    write!(out, "\\{byte:03}").expect("writing to memory");
                } else {
                    write!(out, "\\{byte}").expect("writing to memory");
                }
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// An integer literal: the least integer has no decimal one.
pub fn quote_int(out: &mut Vec<u8>, int: i64) {
    if int == i64::MIN {
        out.extend_from_slice(b"0x8000000000000000");
    } else {
        write_int(out, int);
    }
}

/// An expression that gives back this very float.
pub fn quote_float(out: &mut Vec<u8>, float: f64) {
    if float.is_nan() {
        return out.extend_from_slice(b"(0/0)");
    }
    if float.is_sign_negative() {
        out.push(b'-');
    }
    if float.is_infinite() {
        out.extend_from_slice(b"1e9999");
    } else {
        write_hexadecimal(out, float.abs(), None, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_read_back() {
        let mut out = Vec::new();
        quote_text(&mut out, b"a\n\r\x001\0\"\\\xc8");
        assert_eq!(out, b"\"a\\\n\\13\\0001\\0\\\"\\\\\xc8\"");
        out.clear();
        quote_float(&mut out, -f64::INFINITY);
        quote_float(&mut out, 1.0);
        quote_float(&mut out, f64::NAN);
        quote_int(&mut out, i64::MIN);
        assert_eq!(out, b"-1e99990x1p+0(0/0)0x8000000000000000");
    }
}
