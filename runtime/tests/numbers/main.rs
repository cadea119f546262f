//! Numbers to text and back: random doubles through `%.14g`, `%a` and `tostring`, random numerals through `tonumber`, equal
//! to what the C library says, and to the reference where it is installed.
//!
//! `MOONSHIFT_NUMBERS` says how many of each; `MOONSHIFT_NUMBERS_SEED` takes others.

mod generate;
mod reference;

use generate::Random;
use moonshift::{Function, Lua};
use reference::Reference;
use std::ffi::CString;

/// So many go to the reference at once.
const BATCH: usize = 5_000;

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn random() -> Random {
    Random::new(variable("MOONSHIFT_NUMBERS_SEED", 1))
}

/// Sizes of the batches.
fn batches() -> impl Iterator<Item = usize> {
    let count = variable("MOONSHIFT_NUMBERS", 10_000) as usize;
    (0..count).step_by(BATCH).map(move |done| BATCH.min(count - done))
}

/// What C's `printf` makes of a float.
fn printf(format: &str, float: f64) -> String {
    let format = CString::new(format).expect("no zeros");
    let mut buffer = [0u8; 512];
    // SAFETY: the format takes one float, and the length of the buffer is given.
    let count = unsafe { libc::snprintf(buffer.as_mut_ptr().cast(), buffer.len(), format.as_ptr(), float) };
    String::from_utf8(buffer[..count as usize].to_vec()).expect("digits")
}

/// What C's `strtod` makes of a text, if it takes all of it.
fn strtod(text: &[u8]) -> Option<f64> {
    let text = CString::new(text).ok()?;
    let mut end = std::ptr::null_mut();
    // SAFETY: the text ends with a zero; `end` comes to point into it.
    let (value, rest) = unsafe {
        let value = libc::strtod(text.as_ptr(), &mut end);
        (value, *end)
    };
    (rest == 0 && end.cast_const() != text.as_ptr()).then_some(value)
}

/// The forms of a double, one behind the other.
const FORMS: &str = "
local pack, unpack, format, tostring = string.pack, string.unpack, string.format, tostring
return function(bits)
  local x = unpack('<d', pack('<i8', bits))
  return format('%.14g', x) .. ' ' .. format('%a', x) .. ' ' .. tostring(x) .. ' ' .. format('%.17g', x)
end
";

/// What `tonumber` says, exactly.
const READ: &str = "
local tonumber, type, format = tonumber, math.type, string.format
return function(text)
  local x = tonumber(text)
  return x == nil and 'nil' or type(x) == 'integer' and format('%d', x) or format('%a', x)
end
";

#[test]
fn doubles_as_text() {
    let lua = Lua::new();
    let forms: Function = lua.load(FORMS).eval().expect("a function");
    let read: Function = lua.load("return tonumber").eval().expect("a function");
    let mut reference = Reference::start(
        FORMS,
        "string.unpack('<i8', (line:gsub('..', function(x) return string.char(tonumber(x, 16)) end)))",
    );
    let mut random = random();
    for size in batches() {
        let doubles: Vec<f64> = (0..size).map(|_| generate::double(&mut random)).collect();
        let ours: Vec<String> =
            doubles.iter().map(|double| forms.call(double.to_bits() as i64).expect("a text")).collect();
        for (double, ours) in doubles.iter().zip(&ours) {
            let parts: Vec<&str> = ours.split(' ').collect();
            let (short, hexadecimal, exact) =
                (printf("%.14g", *double), printf("%a", *double), printf("%.17g", *double));
            // `tostring` shows that it is a float.
            let plain = short.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
            let shown = if plain { format!("{short}.0") } else { short.clone() };
            assert_eq!(parts, [short, hexadecimal, shown, exact], "{:#x}", double.to_bits());
            if double.is_finite() {
                for text in [parts[1], parts[3]] {
                    let back: f64 = read.call(text).expect("a number");
                    // "-0" is an integer.
                    assert!(back.to_bits() == double.to_bits() || text == "-0", "{text} for {double:?}");
                }
            }
        }
        let lines =
            doubles.iter().map(|double| double.to_le_bytes().iter().map(|byte| format!("{byte:02x}")).collect());
        if let Some(theirs) = reference.as_mut().map(|reference| reference.ask(lines.collect())) {
            for ((double, ours), theirs) in doubles.iter().zip(&ours).zip(&theirs) {
                assert_eq!(ours, theirs, "{:#x}", double.to_bits());
            }
        }
    }
}

#[test]
fn numerals() {
    let lua = Lua::new();
    let read: Function = lua.load(READ).eval().expect("a function");
    let mut reference = Reference::start(READ, "line");
    let mut random = random();
    let (mut numbers, mut others) = (0, 0);
    for size in batches() {
        let texts: Vec<String> = (0..size).map(|_| generate::numeral(&mut random)).collect();
        let ours: Vec<String> = texts.iter().map(|text| read.call(text.as_str()).expect("an answer")).collect();
        for (text, ours) in texts.iter().zip(&ours) {
            if ours == "nil" {
                others += 1;
                // C takes what the language does, but for these.
                let c_alone = text.to_ascii_lowercase().contains(['n', 'i']);
                assert!(c_alone || strtod(text.trim_end().as_bytes()).is_none(), "{text:?} is a numeral");
                continue;
            }
            numbers += 1;
            let float = if ours.contains("0x") || ours.contains("inf") {
                strtod(ours.as_bytes()).expect("a float")
            } else {
                let integer: i64 = ours.parse().expect("an integer");
                let magnitude = text.trim().trim_start_matches(['-', '+']).to_ascii_lowercase();
                match magnitude.strip_prefix("0x") {
                    // Hexadecimal integers wrap around.
                    Some(digits) => {
                        let value = digits.bytes().fold(0u64, |value, digit| {
                            value << 4 | u64::from((digit as char).to_digit(16).expect("a digit"))
                        });
                        let value = if text.contains('-') { value.wrapping_neg() } else { value };
                        assert_eq!(integer, value as i64, "{text:?}");
                        continue;
                    }
                    None => {
                        let digits = text.trim().trim_start_matches('+');
                        assert_eq!(digits.parse::<i64>(), Ok(integer), "{text:?}");
                        continue;
                    }
                }
            };
            let c = strtod(text.trim_end().as_bytes()).unwrap_or_else(|| panic!("{text:?} is no numeral"));
            assert_eq!(float.to_bits(), c.to_bits(), "{text:?}");
        }
        if let Some(theirs) = reference.as_mut().map(|reference| reference.ask(texts.clone())) {
            for ((text, ours), theirs) in texts.iter().zip(&ours).zip(&theirs) {
                assert_eq!(ours, theirs, "{text:?}");
            }
        }
    }
    assert!(numbers > 1000 && others > 1000, "{numbers} numerals, {others} others");
}

/// Some that go wrong easily, with what the reference says.
#[test]
fn known_ones() {
    let lua = Lua::new();
    let read: Function = lua.load(READ).eval().expect("a function");
    let forms: Function = lua.load(FORMS).eval().expect("a function");
    for (text, expected) in [
        ("0x.8p1", "0x1p+0"),
        ("0x1p-1075", "0x0p+0"),
        ("0x1.8p-1075", "0x0.0000000000001p-1022"),
        ("0x1.00000000000008p0", "0x1p+0"),
        ("0x1.000000000000080000000000000001p0", "0x1.0000000000001p+0"),
        ("0x7fffffffffffffff", "9223372036854775807"),
        ("0xffffffffffffffffff", "-1"),
        ("9223372036854775808", "0x1p+63"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("2.2250738585072011e-308", "0x0.fffffffffffffp-1022"),
        ("4.9406564584124654e-324", "0x0.0000000000001p-1022"),
        ("2.4703282292062327e-324", "0x0p+0"),
        ("1.7976931348623158e308", "0x1.fffffffffffffp+1023"),
        ("1e309", "inf"),
        ("-.0e5", "-0x0p+0"),
        ("0x", "nil"),
        ("0x.p1", "nil"),
        ("1e", "nil"),
        (".", "nil"),
        ("inf", "nil"),
        ("nan", "nil"),
        ("1_0", "nil"),
        ("0b1", "nil"),
        ("", "nil"),
        ("- 1", "nil"),
        ("\t0x10\n", "16"),
    ] {
        assert_eq!(read.call::<String>(text).expect("an answer"), expected, "{text:?}");
    }
    for (double, expected) in [
        (0.1, "0.1 0x1.999999999999ap-4 0.1 0.10000000000000001"),
        (-0.0, "-0 -0x0p+0 -0.0 -0"),
        (1e15, "1e+15 0x1.c6bf52634p+49 1e+15 1000000000000000"),
        (123456.0, "123456 0x1.e24p+16 123456.0 123456"),
        (5e-324, "4.9406564584125e-324 0x0.0000000000001p-1022 4.9406564584125e-324 4.9406564584124654e-324"),
        (f64::INFINITY, "inf inf inf inf"),
        (-f64::NAN.abs(), "-nan -nan -nan -nan"),
    ] {
        assert_eq!(forms.call::<String>(double.to_bits() as i64).expect("a text"), expected, "{double:?}");
    }
}
