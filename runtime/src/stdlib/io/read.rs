//! The formats of `read` and `lines`.

use super::stream::Stream;
use crate::error::Raised;
use crate::natives::convert::string_to_number;
use crate::value::{self, Value};
use crate::vm::Vm;
use std::io;

/// What to read.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Number,
    Line { keep_end: bool },
    All,
    Bytes(usize),
}

impl Format {
    /// The format a script asked for; `None` if there is no such.
    pub(super) fn of(value: Value) -> Option<Format> {
        match value.tag {
            value::INT | value::FLOAT => Some(Format::Bytes(usize::try_from(value.number_as_int()?).ok()?)),
            value::STRING => {
                let text = value.as_string();
                let text = text.as_bytes();
                match text.strip_prefix(b"*").unwrap_or(text).first()? {
                    b'n' => Some(Format::Number),
                    b'l' => Some(Format::Line { keep_end: false }),
                    b'L' => Some(Format::Line { keep_end: true }),
                    b'a' => Some(Format::All),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// How reading failed.
pub(super) enum Failure {
    Io(io::Error),
    Raised,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Io(error)
    }
}

impl From<Raised> for Failure {
    fn from(Raised: Raised) -> Self {
        Failure::Raised
    }
}

/// Reads one item; nil at the end of the stream.
pub(super) fn read(vm: &Vm, stream: &mut Stream, format: Format) -> Result<Value, Failure> {
    let mut text = Vec::new();
    let found = match format {
        Format::Number => return Ok(read_number(stream)?.unwrap_or(Value::nil())),
        Format::Line { keep_end } => read_line(stream, &mut text, keep_end)?,
        Format::All => {
            read_some(vm, stream, &mut text, usize::MAX)?;
            true
        }
        Format::Bytes(0) => stream.peek()?.is_some(),
        Format::Bytes(count) => {
            read_some(vm, stream, &mut text, count)?;
            !text.is_empty()
        }
    };
    Ok(if found { Value::string(vm.new_string(&text)) } else { Value::nil() })
}

fn read_line(stream: &mut Stream, text: &mut Vec<u8>, keep_end: bool) -> io::Result<bool> {
    loop {
        let ahead = stream.fill()?;
        if ahead.is_empty() {
            return Ok(!text.is_empty());
        }
        if let Some(end) = memchr::memchr(b'\n', ahead) {
            text.extend_from_slice(&ahead[..end + usize::from(keep_end)]);
            stream.consume(end + 1);
            return Ok(true);
        }
        text.extend_from_slice(ahead);
        let count = ahead.len();
        stream.consume(count);
    }
}

fn read_some(vm: &Vm, stream: &mut Stream, text: &mut Vec<u8>, most: usize) -> Result<(), Failure> {
    while text.len() < most {
        let ahead = stream.fill()?;
        if ahead.is_empty() {
            break;
        }
        let count = ahead.len().min(most - text.len());
        text.extend_from_slice(&ahead[..count]);
        stream.consume(count);
        vm.charge_bytes(count)?;
    }
    Ok(())
}

/// Longest numeral that is read.
const MAX_NUMERAL: usize = 200;

/// Reads the longest prefix that looks like a numeral, as the reference does; what does not read as a number fails, but
/// is gone from the stream.
fn read_number(stream: &mut Stream) -> io::Result<Option<Value>> {
    let mut numeral = Numeral { stream, text: Vec::new(), full: false };
    while let Some(b' ' | b'\t'..=b'\r') = numeral.stream.peek()? {
        numeral.stream.consume(1);
    }
    numeral.accept(b"+-")?;
    let mut hexadecimal = false;
    let mut digits = 0;
    if numeral.accept(b"0")? {
        if numeral.accept(b"xX")? {
            hexadecimal = true;
        } else {
            digits = 1;
        }
    }
    digits += numeral.accept_digits(hexadecimal)?;
    if numeral.accept(b".")? {
        digits += numeral.accept_digits(hexadecimal)?;
    }
    if digits > 0 && numeral.accept(if hexadecimal { b"pP" } else { b"eE" })? {
        numeral.accept(b"+-")?;
        numeral.accept_digits(false)?;
    }
    Ok(if numeral.full { None } else { string_to_number(&numeral.text) })
}

struct Numeral<'a> {
    stream: &'a mut Stream,
    text: Vec<u8>,
    full: bool,
}

impl Numeral<'_> {
    fn accept(&mut self, any_of: &[u8]) -> io::Result<bool> {
        match self.stream.peek()? {
            Some(byte) if any_of.contains(&byte) && !self.full => {
                self.stream.consume(1);
                self.text.push(byte);
                self.full = self.text.len() >= MAX_NUMERAL;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn accept_digits(&mut self, hexadecimal: bool) -> io::Result<usize> {
        let digits: &[u8] = if hexadecimal { b"0123456789abcdefABCDEF" } else { b"0123456789" };
        let mut count = 0;
        while self.accept(digits)? {
            count += 1;
        }
        Ok(count)
    }
}
