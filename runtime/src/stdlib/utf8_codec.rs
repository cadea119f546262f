//! UTF-8 as Lua has it: sequences of up to six bytes for code points below 2^31, surrogates allowed unless strict.

/// Largest code point of the original encoding.
pub const MAX_LAX: u32 = 0x7fff_ffff;
/// Largest code point of Unicode.
pub const MAX_STRICT: u32 = 0x10_ffff;

/// Whether a byte continues a sequence.
pub fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Appends the sequence of `code`, which is at most [`MAX_LAX`].
pub fn encode(out: &mut Vec<u8>, code: u32) {
    if code < 0x80 {
        out.push(code as u8);
        return;
    }
    let continuations = match code {
        0..0x800 => 1,
        0x800..0x1_0000 => 2,
        0x1_0000..0x20_0000 => 3,
        0x20_0000..0x400_0000 => 4,
        _ => 5,
    };
    let lead_mark = !(0xffu8 >> (continuations + 1));
    out.push(lead_mark | (code >> (6 * continuations)) as u8);
    for index in (0..continuations).rev() {
        out.push(0x80 | (code >> (6 * index)) as u8 & 0x3f);
    }
}

/// The code point at the start of `text` and the length of its sequence; `None` if there is no valid one.
pub fn decode(text: &[u8], strict: bool) -> Option<(u32, usize)> {
    let lead = *text.first()?;
    if lead < 0x80 {
        return Some((u32::from(lead), 1));
    }
    let length = lead.leading_ones() as usize;
    if !(2..=6).contains(&length) || text.len() < length {
        return None;
    }
    let mut code = u32::from(lead) & (0x7f >> length);
    for &byte in &text[1..length] {
        if !is_continuation(byte) {
            return None;
        }
        code = (code << 6) | u32::from(byte & 0x3f);
    }
    const LEAST: [u32; 7] = [0, 0, 0x80, 0x800, 0x1_0000, 0x20_0000, 0x400_0000];
    let overlong = code < LEAST[length];
    let forbidden = strict && (code > MAX_STRICT || (0xd800..=0xdfff).contains(&code));
    (!overlong && !forbidden).then_some((code, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        for code in
            [0, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x1_0000, 0x10_ffff, 0x1f_ffff, 0x20_0000, 0x3ff_ffff, MAX_LAX]
        {
            let mut out = Vec::new();
            encode(&mut out, code);
            assert_eq!(decode(&out, false), Some((code, out.len())), "{code:x}");
            if let Some(scalar) = char::from_u32(code) {
                assert_eq!(out, scalar.to_string().as_bytes());
            }
        }
    }

    #[test]
    fn refused() {
        assert_eq!(decode(b"\x80", false), None);
        assert_eq!(decode(b"\xc0\x80", false), None);
        assert_eq!(decode(b"\xe2\x82", false), None);
        assert_eq!(decode(b"\xff\x80\x80\x80\x80\x80\x80", false), None);
        assert_eq!(decode(b"\xed\xa0\x80", true), None);
        assert_eq!(decode(b"\xed\xa0\x80", false), Some((0xd800, 3)));
        assert_eq!(decode(b"\xf4\x90\x80\x80", true), None);
    }
}
