//! Format strings of `string.pack`, `packsize` and `unpack`, read option by option with their sizes and alignments.

use std::fmt;

/// What an option packs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Signed,
    Unsigned,
    Float,
    Double,
    /// `c`: a text of fixed size.
    Fixed,
    /// `s`: a text behind its length.
    Counted,
    /// `z`: a text in front of a zero byte.
    Terminated,
    /// `x`: one byte.
    Padding,
    /// Alignment alone, or an option that only sets a mode.
    Nothing,
}

/// One option: `padding` bytes to align, then `size` bytes (for counted texts, of the length).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub kind: Kind,
    pub size: usize,
    pub padding: usize,
}

/// Why a format is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackError {
    /// To be reported as a fault of the first argument.
    Argument(&'static str),
    Plain(String),
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PackError::Argument(text) => f.write_str(text),
            PackError::Plain(text) => f.write_str(text),
        }
    }
}

pub const MAX_INT_SIZE: usize = 16;
const MAX_ALIGN: usize = 8;

/// Reads a format.
pub struct Steps<'a> {
    rest: &'a [u8],
    little: bool,
    max_align: usize,
}

impl<'a> Steps<'a> {
    pub fn new(format: &'a [u8]) -> Self {
        Steps { rest: format, little: cfg!(target_endian = "little"), max_align: 1 }
    }

    /// Byte order at this point of the format.
    pub fn little_endian(&self) -> bool {
        self.little
    }

    /// The next option, when `total` bytes are packed already.
    pub fn next(&mut self, total: usize) -> Result<Option<Step>, PackError> {
        let Some((&letter, rest)) = self.rest.split_first() else { return Ok(None) };
        self.rest = rest;
        let (kind, size) = self.option(letter)?;
        let mut align = size;
        if letter == b'X' {
            let invalid = PackError::Argument("invalid next option for option 'X'");
            let Some((&next, rest)) = self.rest.split_first() else { return Err(invalid) };
            self.rest = rest;
            let (next_kind, next_size) = self.option(next)?;
            if next_kind == Kind::Fixed || next_size == 0 {
                return Err(invalid);
            }
            align = next_size;
        }
        let mut padding = 0;
        if align > 1 && kind != Kind::Fixed {
            align = align.min(self.max_align);
            if !align.is_power_of_two() {
                return Err(PackError::Argument("format asks for alignment not power of 2"));
            }
            padding = total.wrapping_neg() & (align - 1);
        }
        Ok(Some(Step { kind, size, padding }))
    }

    fn option(&mut self, letter: u8) -> Result<(Kind, usize), PackError> {
        Ok(match letter {
            b'b' => (Kind::Signed, 1),
            b'B' => (Kind::Unsigned, 1),
            b'h' => (Kind::Signed, 2),
            b'H' => (Kind::Unsigned, 2),
            b'l' | b'j' => (Kind::Signed, 8),
            b'L' | b'J' | b'T' => (Kind::Unsigned, 8),
            b'i' => (Kind::Signed, self.limited_number(4)?),
            b'I' => (Kind::Unsigned, self.limited_number(4)?),
            b'f' => (Kind::Float, 4),
            b'd' | b'n' => (Kind::Double, 8),
            b's' => (Kind::Counted, self.limited_number(8)?),
            b'c' => match self.number() {
                Some(size) => (Kind::Fixed, size),
                None => return Err(PackError::Plain("missing size for format option 'c'".into())),
            },
            b'z' => (Kind::Terminated, 0),
            b'x' => (Kind::Padding, 1),
            b'X' | b' ' => (Kind::Nothing, 0),
            b'<' | b'>' | b'=' => {
                self.little = letter == b'<' || (letter == b'=' && cfg!(target_endian = "little"));
                (Kind::Nothing, 0)
            }
            b'!' => {
                self.max_align = self.limited_number(MAX_ALIGN)?;
                (Kind::Nothing, 0)
            }
            _ => return Err(PackError::Plain(format!("invalid format option '{}'", letter as char))),
        })
    }

    fn number(&mut self) -> Option<usize> {
        // A digit that would make the number too large is not part of it.
        const LAST: usize = (i32::MAX as usize - 9) / 10;
        let mut number = None;
        while let Some((byte, rest)) = self.rest.split_first().filter(|(byte, _)| byte.is_ascii_digit()) {
            let value = number.unwrap_or(0);
            if value > LAST {
                break;
            }
            number = Some(value * 10 + usize::from(byte - b'0'));
            self.rest = rest;
        }
        number
    }

    fn limited_number(&mut self, default: usize) -> Result<usize, PackError> {
        let size = self.number().unwrap_or(default);
        if !(1..=MAX_INT_SIZE).contains(&size) {
            return Err(PackError::Plain(format!("integral size ({size}) out of limits [1,{MAX_INT_SIZE}]")));
        }
        Ok(size)
    }
}

/// Appends the low `size` bytes of `value`, sign-extended.
pub fn write_int(out: &mut Vec<u8>, value: i64, size: usize, little: bool) {
    let wide = i128::from(value).to_le_bytes();
    push_ordered(out, &wide[..size], little);
}

/// Appends the low `size` bytes of `value`, extended by zeros.
pub fn write_unsigned(out: &mut Vec<u8>, value: u64, size: usize, little: bool) {
    let wide = u128::from(value).to_le_bytes();
    push_ordered(out, &wide[..size], little);
}

/// Appends bytes given in little-endian order.
pub fn push_ordered(out: &mut Vec<u8>, bytes: &[u8], little: bool) {
    if little {
        out.extend_from_slice(bytes);
    } else {
        out.extend(bytes.iter().rev());
    }
}

/// The integer packed in `bytes`; `None` if it does not fit 64 bits.
pub fn read_int(bytes: &[u8], signed: bool, little: bool) -> Option<i64> {
    let mut wide = [0u8; 16];
    for (index, slot) in wide.iter_mut().take(bytes.len()).enumerate() {
        *slot = if little { bytes[index] } else { bytes[bytes.len() - 1 - index] };
    }
    let unused = 128 - 8 * bytes.len() as u32;
    let value = u128::from_le_bytes(wide);
    let extended = ((value << unused) as i128) >> unused;
    if signed {
        // Up to eight bytes always fit; more have to be an extension of the sign.
        let fits = i64::try_from(extended).is_ok() || bytes.len() <= 8;
        fits.then_some(extended as i64)
    } else {
        u64::try_from(value).ok().map(|value| value as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(format: &str) -> Result<Vec<(Kind, usize, usize)>, String> {
        let mut steps = Steps::new(format.as_bytes());
        let (mut total, mut found) = (0, Vec::new());
        while let Some(step) = steps.next(total).map_err(|error| error.to_string())? {
            total += step.padding + step.size;
            found.push((step.kind, step.size, step.padding));
        }
        Ok(found)
    }

    #[test]
    fn options() {
        assert_eq!(steps("bi3"), Ok(vec![(Kind::Signed, 1, 0), (Kind::Signed, 3, 0)]));
        assert_eq!(steps("!4bi8"), Ok(vec![(Kind::Nothing, 0, 0), (Kind::Signed, 1, 0), (Kind::Signed, 8, 3)]));
        assert_eq!(steps("i17").unwrap_err(), "integral size (17) out of limits [1,16]");
        assert_eq!(steps("c").unwrap_err(), "missing size for format option 'c'");
        assert_eq!(steps("y").unwrap_err(), "invalid format option 'y'");
        assert_eq!(steps("X").unwrap_err(), "invalid next option for option 'X'");
        assert_eq!(steps("!4bi3").unwrap_err(), "format asks for alignment not power of 2");
    }

    #[test]
    fn integers() {
        for (value, size) in [(-2, 1), (300, 2), (-1, 16), (i64::MIN, 8), (i64::MIN, 9)] {
            for little in [true, false] {
                let mut out = Vec::new();
                write_int(&mut out, value, size, little);
                assert_eq!(out.len(), size);
                assert_eq!(read_int(&out, true, little), Some(value));
            }
        }
        assert_eq!(read_int(&[0xff; 8], false, true), Some(-1));
        assert_eq!(read_int(&[0xff; 9], false, true), None);
        assert_eq!(read_int(&[0, 0, 0, 0, 0, 0, 0, 0, 1], true, true), None);
    }
}
