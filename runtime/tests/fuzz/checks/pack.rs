//! `string.pack` and `unpack`: what is packed comes back, sizes agree, any data is read or refused, as the reference does.

use super::{below, choose, kind, one_in, oracle, quote, shape};
use arbitrary::Unstructured;

const OPTIONS: &[&str] = &[
    "b", "B", "h", "H", "i", "I", "l", "L", "j", "J", "T", "f", "d", "n", "s", "z", "x", " ", "<", ">", "=", "!", "X",
];

/// Options and, for each that takes one, a value: an expression.
fn format(u: &mut Unstructured<'_>) -> (String, Vec<String>) {
    let (mut format, mut values) = (String::new(), Vec::new());
    for _ in 0..below(u, 8) {
        let option = choose(u, OPTIONS);
        format.push_str(option);
        match option {
            "i" | "I" | "s" | "!" if !one_in(u, 3) => format.push_str(&(1 + below(u, 17)).to_string()),
            "X" => format.push_str(choose(u, &["b", "i4", "d", "i16", "h", " "])),
            _ => {}
        }
        if one_in(u, 10) {
            format.push_str(choose(u, &["c3", "c0", "c10", "c", "i0", "i99999999999", "y", "!3", "X"]));
        }
        match option {
            "b" | "B" | "h" | "H" | "i" | "I" | "l" | "L" | "j" | "J" | "T" => values.push(integer(u)),
            "f" | "d" | "n" => {
                values.push(choose(u, &["0.0", "-0.0", "1.5", "1e300", "1/0", "0.1", "7", "-3.25"]).to_string())
            }
            "s" | "z" => {
                let length = below(u, 9);
                values.push(quote(u.bytes(length.min(u.len())).unwrap_or_default()));
            }
            _ => {}
        }
        if format.contains('c') && one_in(u, 2) {
            values.push("'abc'".into());
        }
    }
    (format, values)
}

fn integer(u: &mut Unstructured<'_>) -> String {
    let bits = below(u, 65) as u32;
    let value = u.arbitrary::<u64>().unwrap_or(0).checked_shr(bits).unwrap_or(0) as i64;
    let value = if one_in(u, 3) { value.wrapping_neg() } else { value };
    if value == i64::MIN { "math.mininteger".into() } else { value.to_string() }
}

pub fn check(data: &[u8]) -> u64 {
    let mut u = Unstructured::new(data);
    let (format, values) = format(&mut u);
    let format = quote(format.as_bytes());
    let list: String = values.iter().map(|value| format!(", {value}")).collect();
    let packed = oracle::compare(&format!("string.pack, {format}{list}")).expect("short");
    let size = oracle::compare(&format!("string.packsize, {format}")).expect("short");
    if packed.starts_with("boolean true") {
        // Packed again, what was unpacked is the same bytes; a size known beforehand is right.
        let same = format!(
            "function() local packed = string.pack({format}{list}) local values = table.pack(string.unpack({format}, packed))
               local next = values[values.n] return next - 1 == #packed and string.pack({format}, table.unpack(values, 1, values.n - 1)) == packed end"
        );
        let same = oracle::evaluate(&same).expect("short");
        assert_eq!(same, "boolean true\nboolean true", "string.pack({format}{list})");
        if let Some(size) = size.strip_prefix("boolean true\ninteger ") {
            let right = oracle::evaluate(&format!("function() return #string.pack({format}{list}) == {size} end"));
            assert_eq!(right.expect("short"), "boolean true\nboolean true", "string.packsize({format})");
        }
    }
    let position = below(&mut u, 12) as i64 - 3;
    let data = quote(u.take_rest());
    let unpacked = oracle::compare(&format!("string.unpack, {format}, {data}, {position}"));
    kind((shape(&packed), shape(&size), shape(&unpacked.unwrap_or_default())))
}
