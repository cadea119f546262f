//! Prototypes to bytes and back.
//!
//! The header of a precompiled Lua chunk as the reference's manual and tests have it, then a mark of our own: chunks of
//! other implementations are refused, and so are those of other versions of this one. The mark is no number that the
//! reference reads, so it refuses ours. What is read is verified before it is returned. Numbers are in groups of seven
//! bits, lowest first, the top bit saying that more follow.

use super::verify::MAX_DEPTH;
use super::{Constant, Instr, LocalVar, Proto, UpvalueDesc, VarKind, VerifyError, op, verify};
use std::fmt;
use std::sync::Arc;

/// How a precompiled chunk starts.
pub const SIGNATURE: &[u8] = b"\x1bLua";

/// Lua version, format, bytes that show damage by text conversions, sizes of the reference's instructions and of
/// integers and floats.
const PLATFORM: [u8; 11] = [0x54, 0x00, 0x19, 0x93, b'\r', b'\n', 0x1a, b'\n', 4, 8, 8];
/// Numbers that show how numbers are stored.
const SAMPLE_INT: i64 = 0x5678;
const SAMPLE_FLOAT: f64 = 370.5;
/// An upvalue count and a length that the reference finds too large; version of the format; number of opcodes.
const MARK: [u8; 13] = [0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 1, op::COUNT as u8];

/// What stands between the signature and the function.
fn header() -> Vec<u8> {
    [&PLATFORM[..], &SAMPLE_INT.to_le_bytes(), &SAMPLE_FLOAT.to_le_bytes(), &MARK].concat()
}

/// Why bytes are not a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndumpError {
    /// Not a precompiled chunk of this version.
    BadHeader(&'static str),
    Truncated,
    Malformed(&'static str),
    Unsound(VerifyError),
}

impl fmt::Display for UndumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UndumpError::BadHeader(why) | UndumpError::Malformed(why) => write!(f, "bad binary format ({why})"),
            UndumpError::Truncated => f.write_str("bad binary format (truncated chunk)"),
            UndumpError::Unsound(error) => write!(f, "bad binary format ({error})"),
        }
    }
}

impl std::error::Error for UndumpError {}

/// A function as bytes; `strip` leaves out what only messages and debuggers need.
pub fn dump(proto: &Proto, strip: bool) -> Vec<u8> {
    let mut writer = Writer { out: [SIGNATURE, &header()].concat(), strip };
    writer.proto(proto, None);
    writer.out
}

/// The function in `bytes`, verified.
pub fn undump(bytes: &[u8]) -> Result<Proto, UndumpError> {
    let Some(rest) = bytes.strip_prefix(SIGNATURE) else {
        let start = bytes.len().min(SIGNATURE.len());
        let truncated = bytes[..start] == SIGNATURE[..start];
        return Err(if truncated { UndumpError::Truncated } else { UndumpError::BadHeader("not a binary chunk") });
    };
    let header = header();
    for (i, expected) in header.iter().enumerate() {
        match rest.get(i) {
            None => return Err(UndumpError::Truncated),
            Some(byte) if byte == expected => {}
            Some(_) if i == 0 => return Err(UndumpError::BadHeader("version mismatch")),
            Some(_) if i == 1 => return Err(UndumpError::BadHeader("format mismatch")),
            Some(_) => return Err(UndumpError::BadHeader("corrupted chunk")),
        }
    }
    let mut reader = Reader { rest: &rest[header.len()..] };
    let proto = reader.proto(None, 0)?;
    if !reader.rest.is_empty() {
        return Err(UndumpError::Malformed("bytes behind the chunk"));
    }
    verify(&proto).map_err(UndumpError::Unsound)?;
    Ok(proto)
}

struct Writer {
    out: Vec<u8>,
    strip: bool,
}

impl Writer {
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }

    fn length(&mut self, length: usize) {
        self.number(length as u64);
    }

    fn string(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.out.extend_from_slice(bytes);
    }

    fn proto(&mut self, p: &Proto, parent_source: Option<&[u8]>) {
        self.out.extend([p.num_params, p.max_stack, u8::from(p.is_vararg)]);
        self.number(u64::from(p.line_defined));
        self.number(u64::from(p.last_line));
        self.number(u64::from(p.num_loops));
        self.number(u64::from(p.num_caches));
        self.length(p.code.len());
        for i in &p.code {
            self.out.extend(i.0.to_le_bytes());
        }
        self.length(p.constants.len());
        for constant in &p.constants {
            match constant {
                Constant::Nil => self.out.push(0),
                Constant::False => self.out.push(1),
                Constant::True => self.out.push(2),
                Constant::Int(i) => {
                    self.out.push(3);
                    self.out.extend(i.to_le_bytes());
                }
                Constant::Float(f) => {
                    self.out.push(4);
                    self.out.extend(f.to_bits().to_le_bytes());
                }
                Constant::Str(s) => {
                    self.out.push(5);
                    self.string(s);
                }
            }
        }
        self.length(p.upvalues.len());
        for u in &p.upvalues {
            let flags = u8::from(u.in_parent_register) | u8::from(u.assigned_after_init) << 1;
            self.out.extend([flags, u.index, u.kind as u8]);
            self.string(if self.strip { b"" } else { &u.name });
        }
        // Debug information. The source is written where it differs from the enclosing function's.
        if self.strip {
            self.out.extend([0, 0, 0]);
        } else {
            if parent_source == Some(&p.source) {
                self.out.push(0);
            } else {
                self.out.push(1);
                self.string(&p.source);
            }
            self.length(p.lines.len());
            let mut previous = 0i64;
            for &line in &p.lines {
                let delta = i64::from(line) - previous;
                self.number(((delta << 1) ^ (delta >> 63)) as u64);
                previous = i64::from(line);
            }
            self.length(p.locals.len());
            for v in &p.locals {
                self.string(&v.name);
                self.number(u64::from(v.start_pc));
                self.number(u64::from(v.end_pc));
                self.out.push(v.reg);
            }
        }
        self.length(p.children.len());
        for child in &p.children {
            self.proto(child, Some(&p.source));
        }
    }
}

struct Reader<'b> {
    rest: &'b [u8],
}

type Read<T> = Result<T, UndumpError>;

impl<'b> Reader<'b> {
    fn take(&mut self, n: usize) -> Read<&'b [u8]> {
        let (head, rest) = self.rest.split_at_checked(n).ok_or(UndumpError::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    fn byte(&mut self) -> Read<u8> {
        Ok(self.take(1)?[0])
    }

    fn word(&mut self) -> Read<u64> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into().expect("eight bytes")))
    }

    fn number(&mut self) -> Read<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(UndumpError::Malformed("number too large"))
    }

    fn number32(&mut self) -> Read<u32> {
        u32::try_from(self.number()?).map_err(|_| UndumpError::Malformed("number too large"))
    }

    /// A number of items of at least `size` bytes each: no more than there are bytes left, so that a wrong length
    /// cannot ask for much memory.
    fn length(&mut self, size: usize) -> Read<usize> {
        let length = usize::try_from(self.number()?).map_err(|_| UndumpError::Truncated)?;
        if length > self.rest.len() / size { Err(UndumpError::Truncated) } else { Ok(length) }
    }

    fn string(&mut self) -> Read<Arc<[u8]>> {
        let length = self.length(1)?;
        Ok(self.take(length)?.into())
    }

    fn list<T>(&mut self, size: usize, mut item: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let length = self.length(size)?;
        (0..length).map(|_| item(self)).collect()
    }

    fn constant(&mut self) -> Read<Constant> {
        Ok(match self.byte()? {
            0 => Constant::Nil,
            1 => Constant::False,
            2 => Constant::True,
            3 => Constant::Int(self.word()? as i64),
            4 => Constant::Float(f64::from_bits(self.word()?)),
            5 => Constant::Str(self.string()?),
            _ => return Err(UndumpError::Malformed("unknown constant")),
        })
    }

    fn upvalue(&mut self) -> Read<UpvalueDesc> {
        let (flags, index) = (self.byte()?, self.byte()?);
        let kind = match self.byte()? {
            0 => VarKind::Regular,
            1 => VarKind::Const,
            2 => VarKind::ToBeClosed,
            _ => return Err(UndumpError::Malformed("unknown kind of variable")),
        };
        let name = self.string()?;
        Ok(UpvalueDesc { name, in_parent_register: flags & 1 != 0, index, kind, assigned_after_init: flags & 2 != 0 })
    }

    fn proto(&mut self, parent_source: Option<&Arc<[u8]>>, depth: usize) -> Read<Proto> {
        if depth > MAX_DEPTH {
            return Err(UndumpError::Malformed("functions nest too deep"));
        }
        let (num_params, max_stack, is_vararg) = (self.byte()?, self.byte()?, self.byte()? != 0);
        let (line_defined, last_line) = (self.number32()?, self.number32()?);
        let (num_loops, num_caches) = (self.number32()?, self.number32()?);
        let code = self.list(8, |r| Ok(Instr(r.word()?)))?;
        let constants = self.list(1, Reader::constant)?;
        let upvalues = self.list(4, Reader::upvalue)?;
        let source = match (self.byte()?, parent_source) {
            (0, Some(source)) => source.clone(),
            (0, None) => (&b""[..]).into(),
            _ => self.string()?,
        };
        let mut previous = 0i64;
        let lines = self.list(1, |r| {
            let zigzag = r.number()?;
            previous = previous.wrapping_add((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
            u32::try_from(previous).map_err(|_| UndumpError::Malformed("bad line"))
        })?;
        let locals = self.list(4, |r| {
            Ok(LocalVar { name: r.string()?, start_pc: r.number32()?, end_pc: r.number32()?, reg: r.byte()? })
        })?;
        let children = self.list(1, |r| r.proto(Some(&source), depth + 1).map(Arc::new))?;
        Ok(Proto {
            code,
            constants,
            children,
            upvalues,
            num_params,
            is_vararg,
            max_stack,
            lines,
            source,
            line_defined,
            last_line,
            locals,
            num_loops,
            num_caches,
        })
    }
}
