//! The parts of lexing that are loops: strings with escapes, long brackets, comments, numerals, lines.
//!
//! Error texts quote what the reference's lexer has in its buffer at that moment: for a string, the text read so far
//! with escapes already decoded.

use super::token::{Num, Tok};
use crate::intern::{Interner, StrId};
use crate::number::{Number, parse_number};
use logos::{Lexer, Skip};

/// What the lexer carries along: the current line and the strings seen.
#[derive(Default)]
pub struct LexState {
    /// Line of the position reached, from 1.
    pub line: u32,
    pub strings: Interner,
}

/// A lexical error: the message, and the text to quote after "near" (`None`: the end of the input).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LexError {
    pub message: String,
    pub near: Option<Vec<u8>>,
    /// Brackets nest too deep: reported without quoting anything.
    pub overflow: bool,
}

type Lex<'s> = Lexer<'s, Tok>;

fn error<T>(message: impl Into<String>, near: Option<Vec<u8>>) -> Result<T, LexError> {
    Err(LexError { message: message.into(), near, overflow: false })
}

/// A line break of one or two characters.
pub fn newline(lex: &mut Lex<'_>) -> Skip {
    lex.extras.line += 1;
    Skip
}

/// Length of the line break at the start of `text` (0, 1, or 2 for a mixed pair).
fn line_break(text: &[u8]) -> usize {
    match text {
        [b'\r', b'\n', ..] | [b'\n', b'\r', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// `--` was read: a short or long comment.
pub fn comment(lex: &mut Lex<'_>) -> Result<Skip, LexError> {
    let rest = lex.remainder();
    if let Some(level) = long_bracket_level(rest) {
        let line = lex.extras.line;
        lex.bump(level + 2);
        long_bracket(lex, level, None)
            .or_else(|()| error(format!("unfinished long comment (starting at line {line})"), None))?;
        return Ok(Skip);
    }
    let end = rest.iter().position(|c| matches!(c, b'\n' | b'\r')).unwrap_or(rest.len());
    lex.bump(end);
    Ok(Skip)
}

/// The level of a long bracket that opens at the start of `text`.
fn long_bracket_level(text: &[u8]) -> Option<usize> {
    let after = text.strip_prefix(b"[")?;
    let level = after.iter().take_while(|c| **c == b'=').count();
    (after.get(level) == Some(&b'[')).then_some(level)
}

/// Reads up to the closing bracket, the opening one having been read. Line breaks become `\n`, the first is dropped.
fn long_bracket(lex: &mut Lex<'_>, level: usize, mut text: Option<&mut Vec<u8>>) -> Result<(), ()> {
    let rest: &[u8] = lex.remainder();
    let mut pos = line_break(rest);
    lex.extras.line += u32::from(pos > 0);
    while let Some(&c) = rest.get(pos) {
        let breaks = line_break(&rest[pos..]);
        if breaks > 0 {
            lex.extras.line += 1;
            pos += breaks;
        } else if c == b']' {
            let after = &rest[pos + 1..];
            if after.len() > level && after[..level].iter().all(|c| *c == b'=') && after[level] == b']' {
                lex.bump(pos + level + 2);
                return Ok(());
            }
            pos += 1;
        } else {
            pos += 1;
        }
        if let Some(text) = text.as_deref_mut() {
            text.push(if breaks > 0 { b'\n' } else { c });
        }
    }
    lex.bump(rest.len());
    Err(())
}

/// `[[` or `[==[` was read.
pub fn long_string(lex: &mut Lex<'_>) -> Result<StrId, LexError> {
    let level = lex.slice().len() - 2;
    let line = lex.extras.line;
    let mut text = Vec::new();
    match long_bracket(lex, level, Some(&mut text)) {
        Ok(()) => Ok(lex.extras.strings.intern(&text)),
        Err(()) => error(format!("unfinished long string (starting at line {line})"), None),
    }
}

/// `[==` without the second bracket.
pub fn bad_long_bracket(lex: &mut Lex<'_>) -> Result<StrId, LexError> {
    error("invalid long string delimiter", Some(lex.slice().to_vec()))
}

/// An identifier.
pub fn name(lex: &mut Lex<'_>) -> StrId {
    let text = lex.slice();
    lex.extras.strings.intern(text)
}

/// The first digit (after a point, maybe) was read: takes everything that looks like a numeral, then converts it.
pub fn numeral(lex: &mut Lex<'_>) -> Result<Num, LexError> {
    let start = lex.span().start;
    let source: &[u8] = lex.source();
    let mut end = lex.span().end;
    let hexadecimal = matches!(lex.slice(), b"0" | b".0") && matches!(source.get(end), Some(b'x' | b'X'));
    let is_exponent = |c: u8| if hexadecimal { matches!(c, b'p' | b'P') } else { matches!(c, b'e' | b'E') };
    if hexadecimal {
        end += 1;
    }
    while let Some(&c) = source.get(end) {
        if is_exponent(c) {
            end += 1;
            if matches!(source.get(end), Some(b'+' | b'-')) {
                end += 1;
            }
        } else if c.is_ascii_hexdigit() || c == b'.' {
            end += 1;
        } else {
            break;
        }
    }
    if source.get(end).is_some_and(|c| c.is_ascii_alphanumeric() || *c == b'_') {
        // A numeral touching a letter is malformed.
        end += 1;
    }
    let text = &source[start..end];
    lex.bump(end - lex.span().end);
    match parse_number(text) {
        Some(Number::Int(i)) => Ok(Num::Int(i)),
        Some(Number::Float(f)) => Ok(Num::Float(f)),
        None => error("malformed number", Some(text.to_vec())),
    }
}

/// A quote was read: the rest of a short string.
pub fn quoted(lex: &mut Lex<'_>) -> Result<StrId, LexError> {
    let quote = lex.slice()[0];
    let rest: &[u8] = lex.remainder();
    let plain = rest.iter().position(|c| *c == quote || matches!(c, b'\\' | b'\n' | b'\r')).unwrap_or(rest.len());
    if rest.get(plain) == Some(&quote) {
        lex.bump(plain + 1);
        return Ok(lex.extras.strings.intern(&rest[..plain]));
    }
    let mut text = vec![quote];
    text.extend_from_slice(&rest[..plain]);
    let mut pos = plain;
    loop {
        match rest.get(pos) {
            None => {
                lex.bump(pos);
                return error("unfinished string", None);
            }
            Some(b'\n' | b'\r') => {
                lex.bump(pos);
                return error("unfinished string", Some(text));
            }
            Some(b'\\') => {
                let mut escape = Escape { rest, pos: pos + 1, text: &mut text, line: &mut lex.extras.line };
                let result = escape.read();
                pos = escape.pos;
                if let Err(e) = result {
                    lex.bump(pos.min(rest.len()));
                    return Err(e);
                }
            }
            Some(&c) if c == quote => {
                lex.bump(pos + 1);
                return Ok(lex.extras.strings.intern(&text[1..]));
            }
            Some(&c) => {
                text.push(c);
                pos += 1;
            }
        }
    }
}

/// Reader of one escape sequence; `pos` is behind the backslash.
struct Escape<'a> {
    rest: &'a [u8],
    pos: usize,
    text: &'a mut Vec<u8>,
    line: &'a mut u32,
}

impl Escape<'_> {
    fn peek(&self) -> Option<u8> {
        self.rest.get(self.pos).copied()
    }

    /// Error quoting the text so far, the escape from its backslash at `start`, and the character that is wrong.
    fn fail<T>(&self, start: usize, message: &str) -> Result<T, LexError> {
        let end = (self.pos + 1).min(self.rest.len());
        let mut near = self.text.clone();
        near.extend_from_slice(&self.rest[start..end]);
        error(message, Some(near))
    }

    fn read(&mut self) -> Result<(), LexError> {
        let start = self.pos - 1;
        let Some(c) = self.peek() else {
            return Ok(()); // the caller reports the end of input
        };
        let simple = match c {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\\' | b'"' | b'\'' => c,
            b'\n' | b'\r' => {
                self.pos += line_break(&self.rest[self.pos..]);
                *self.line += 1;
                self.text.push(b'\n');
                return Ok(());
            }
            b'x' => {
                self.pos += 1;
                let high = self.hex_digit(start)?;
                self.pos += 1;
                let low = self.hex_digit(start)?;
                self.pos += 1;
                self.text.push((high * 16 + low) as u8);
                return Ok(());
            }
            b'z' => {
                self.pos += 1;
                self.skip_space();
                return Ok(());
            }
            b'u' => return self.utf8(start),
            b'0'..=b'9' => return self.decimal(start),
            _ => return self.fail(start, "invalid escape sequence"),
        };
        self.pos += 1;
        self.text.push(simple);
        Ok(())
    }

    fn skip_space(&mut self) {
        while let Some(c) = self.peek() {
            let breaks = line_break(&self.rest[self.pos..]);
            if breaks > 0 {
                *self.line += 1;
                self.pos += breaks;
            } else if matches!(c, b' ' | b'\t' | 0x0b | 0x0c) {
                self.pos += 1;
            } else {
                break;
            }
        }
    }

    fn hex_digit(&self, start: usize) -> Result<u32, LexError> {
        match self.peek().and_then(|c| (c as char).to_digit(16)) {
            Some(digit) => Ok(digit),
            None => self.fail(start, "hexadecimal digit expected"),
        }
    }

    fn decimal(&mut self, start: usize) -> Result<(), LexError> {
        let mut value = 0u32;
        let mut count = 0;
        while let (Some(c @ b'0'..=b'9'), true) = (self.peek(), count < 3) {
            value = value * 10 + u32::from(c - b'0');
            self.pos += 1;
            count += 1;
        }
        if value > 255 {
            return self.fail(start, "decimal escape too large");
        }
        self.text.push(value as u8);
        Ok(())
    }

    /// `\u{XXX}`: any value below 2^31, in the original UTF-8 scheme of up to six bytes.
    fn utf8(&mut self, start: usize) -> Result<(), LexError> {
        self.pos += 1;
        if self.peek() != Some(b'{') {
            return self.fail(start, "missing '{'");
        }
        self.pos += 1;
        let mut value = self.hex_digit(start)?;
        self.pos += 1;
        while let Some(digit) = self.peek().and_then(|c| (c as char).to_digit(16)) {
            if value > 0x7fff_ffff >> 4 {
                return self.fail(start, "UTF-8 value too large");
            }
            value = value * 16 + digit;
            self.pos += 1;
        }
        if self.peek() != Some(b'}') {
            return self.fail(start, "missing '}'");
        }
        self.pos += 1;
        encode_utf8(value, self.text);
        Ok(())
    }
}

/// Appends a code point below 2^31.
fn encode_utf8(value: u32, out: &mut Vec<u8>) {
    if value < 0x80 {
        out.push(value as u8);
        return;
    }
    let mut continuation = Vec::with_capacity(6);
    let mut rest = value;
    // Bits that still fit into the first byte.
    let mut first_max = 0x3f;
    while rest > first_max {
        continuation.push(0x80 | (rest & 0x3f) as u8);
        rest >>= 6;
        first_max >>= 1;
    }
    out.push(((!first_max << 1) | rest) as u8);
    out.extend(continuation.iter().rev());
}
