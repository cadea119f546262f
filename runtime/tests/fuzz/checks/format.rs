//! `string.format`: numbers as C's `printf` writes them, everything as the reference does.

use super::{below, choose, kind, one_in, oracle, quote, shape};
use arbitrary::Unstructured;
use moonshift::format::Spec;
use std::ffi::CString;

/// Flags, width and precision: mostly right ones.
fn modifiers(u: &mut Unstructured<'_>) -> String {
    let mut text = String::new();
    for _ in 0..below(u, 3) {
        text.push(choose(u, &['-', '+', ' ', '#', '0']));
    }
    if one_in(u, 2) {
        text.push_str(&below(u, 110).to_string());
    }
    if one_in(u, 2) {
        text.push('.');
        if !one_in(u, 4) {
            text.push_str(&below(u, 110).to_string());
        }
    }
    text
}

fn float(u: &mut Unstructured<'_>) -> f64 {
    match below(u, 5) {
        0 => f64::from_bits(u.arbitrary().unwrap_or(0)),
        1 => u.arbitrary::<i32>().unwrap_or(0) as f64 / 1000.0,
        2 => 10f64.powi(u.int_in_range(-30..=30).unwrap_or(0)) * f64::from(u.arbitrary::<i8>().unwrap_or(1)),
        3 => choose(
            u,
            &[
                0.0,
                -0.0,
                1.0,
                0.5,
                2.5,
                1e15,
                1e16,
                1e17,
                123456789.5,
                5e-324,
                f64::MAX,
                f64::INFINITY,
                f64::NAN,
                9.5,
                99.95,
            ],
        ),
        _ => f64::from(u.arbitrary::<f32>().unwrap_or(0.0)),
    }
}

/// `float`, or the power of ten that it is rounded to by `%#g`. There glibc leaves zeros out (`%#.2g` of 99.95 is `1.e+02`, by
/// the standard `1.0e+02`), but not where nothing is left to round.
fn without_carry(modifiers: &str, float: f64) -> f64 {
    let precision = modifiers.split_once('.').map(|(_, digits)| digits.parse().unwrap_or(0)).unwrap_or(6usize);
    let text = printf(&format!("%.{}e", precision.max(1) - 1), Some(float), 0);
    let text = String::from_utf8(text).expect("text");
    let is_power = text.split_once('e').is_some_and(|(digits, _)| {
        digits.trim_start_matches('-').strip_prefix('1').is_some_and(|rest| rest.bytes().all(|c| b".0".contains(&c)))
    });
    if is_power { text.parse().expect("a number") } else { float }
}

/// What C says; `argument` is passed as it stands.
fn printf(format: &str, float: Option<f64>, integer: i64) -> Vec<u8> {
    let format = CString::new(format).expect("no zeros");
    let mut buffer = vec![0u8; 1024];
    // SAFETY: the format has one conversion, of the type that is passed; the buffer's length is given.
    let count = unsafe {
        let (into, size) = (buffer.as_mut_ptr().cast(), buffer.len());
        match float {
            Some(float) => libc::snprintf(into, size, format.as_ptr(), float),
            None => libc::snprintf(into, size, format.as_ptr(), integer),
        }
    };
    buffer.truncate(count as usize);
    buffer
}

pub fn check(data: &[u8]) -> u64 {
    let mut u = Unstructured::new(data);
    let modifiers = modifiers(&mut u);
    let conversion =
        choose(&mut u, &['d', 'i', 'u', 'x', 'X', 'o', 'e', 'E', 'f', 'g', 'G', 'a', 'A', 'c', 's', 'q', 'y', 'F']);
    let float = float(&mut u);
    // What the C library is asked to write.
    let asked = if matches!(conversion, 'g' | 'G') && modifiers.contains('#') {
        without_carry(&modifiers, float)
    } else {
        float
    };
    let integer: i64 =
        if one_in(&mut u, 2) { u.arbitrary().unwrap_or(0) } else { i64::from(u.arbitrary::<i8>().unwrap_or(0)) };
    let text = format!("{modifiers}{conversion}");
    let layout = Spec::scan(text.as_bytes()).and_then(|spec| spec.layout().map(|layout| (spec.len(), layout)));
    if let Ok((_, layout)) = &layout {
        let mut ours = Vec::new();
        let theirs = match conversion {
            'd' | 'i' => {
                layout.write_signed(&mut ours, integer);
                Some(printf(&format!("%{modifiers}lld"), None, integer))
            }
            'u' => {
                layout.write_unsigned(&mut ours, integer as u64);
                Some(printf(&format!("%{modifiers}llu"), None, integer))
            }
            'x' | 'X' => {
                layout.write_hex(&mut ours, integer as u64, conversion == 'X');
                Some(printf(&format!("%{modifiers}ll{conversion}"), None, integer))
            }
            'o' => {
                layout.write_octal(&mut ours, integer as u64);
                Some(printf(&format!("%{modifiers}llo"), None, integer))
            }
            'e' | 'E' | 'f' | 'g' | 'G' | 'a' | 'A' => {
                layout.write_float(&mut ours, conversion as u8, float);
                Some(printf(&format!("%{text}"), Some(asked), 0))
            }
            _ => None,
        };
        if let Some(theirs) = theirs {
            let shown = (String::from_utf8_lossy(&ours), String::from_utf8_lossy(&theirs));
            assert_eq!(shown.0, shown.1, "%{text} of {float:?} or {integer}");
        }
    }
    let number = match asked {
        _ if asked.is_nan() => "-(0/0)".into(),
        _ if asked.is_infinite() => (if asked > 0.0 { "1/0" } else { "-1/0" }).into(),
        _ => format!("{asked:?}"),
    };
    let string = quote(u.bytes(u.len().min(12)).unwrap_or_default());
    let value = match below(&mut u, 5) {
        0 => number,
        1 => string,
        2 => (choose(&mut u, &["nil", "true", "{1}", "'10'", "'0x10'", "2^53", "'1e1'", "''"])).to_string(),
        _ if integer == i64::MIN => "math.mininteger".into(),
        _ => integer.to_string(),
    };
    // Tables have addresses.
    let value = if value == "{1}" && conversion == 's' { "'t'".into() } else { value };
    let around = choose(&mut u, &["", "a%%b", "é", "%s", "%"]);
    let said =
        oracle::compare(&format!("string.format, {}, {value}, 'x'", quote(format!("%{text}{around}").as_bytes())));
    kind((conversion, layout.is_ok(), shape(&said.unwrap_or_default())))
}
