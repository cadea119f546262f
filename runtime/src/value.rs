//! A Lua value: a tag and a payload of 64 bits, copied freely.
//!
//! This file is read by the translator: it stays within its Rust subset, apart from the parts at the end that only
//! natives use.

use crate::heap::object::{Closure, Native, Thread, Userdata, VarCell};
use crate::string::LuaString;
use crate::table::Table;
use moonshift_jitgen::mem::Ref;

/// Type tags. `tag >= TRUE` is truthy, `tag >= STRING` is collectable.
pub const NIL: u8 = 0;
pub const FALSE: u8 = 1;
pub const TRUE: u8 = 2;
/// Payload: the bits of an `i64`.
pub const INT: u8 = 3;
/// Payload: the bits of an `f64`.
pub const FLOAT: u8 = 4;
/// Light userdata: payload is the host's.
pub const LIGHT: u8 = 5;
pub const STRING: u8 = 6;
pub const TABLE: u8 = 7;
/// A Lua function.
pub const CLOSURE: u8 = 8;
/// A native function.
pub const NATIVE: u8 = 9;
pub const USERDATA: u8 = 10;
pub const THREAD: u8 = 11;
/// Internal: the cell of a captured local, in the local's register.
pub const CELL: u8 = 12;
/// Internal: in a function's slot, a Lua function that was called in place of another.
pub const TAIL_CALLED: u8 = 13;

/// A value. The payload of NIL, FALSE and TRUE is zero, so that raw equality compares both parts.
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Value {
    pub tag: u8,
    pub bits: u64,
}

impl Value {
    #[inline(always)]
    pub fn nil() -> Value {
        Value { tag: NIL, bits: 0 }
    }

    #[inline(always)]
    pub fn bool(value: bool) -> Value {
        Value { tag: FALSE + value as u8, bits: 0 }
    }

    #[inline(always)]
    pub fn int(value: i64) -> Value {
        Value { tag: INT, bits: value as u64 }
    }

    #[inline(always)]
    pub fn float(value: f64) -> Value {
        Value { tag: FLOAT, bits: value.to_bits() }
    }

    #[inline(always)]
    pub fn string(string: Ref<LuaString>) -> Value {
        Value { tag: STRING, bits: string.addr() }
    }

    #[inline(always)]
    pub fn table(table: Ref<Table>) -> Value {
        Value { tag: TABLE, bits: table.addr() }
    }

    #[inline(always)]
    pub fn closure(closure: Ref<Closure>) -> Value {
        Value { tag: CLOSURE, bits: closure.addr() }
    }

    #[inline(always)]
    pub fn native(native: Ref<Native>) -> Value {
        Value { tag: NATIVE, bits: native.addr() }
    }

    #[inline(always)]
    pub fn userdata(userdata: Ref<Userdata>) -> Value {
        Value { tag: USERDATA, bits: userdata.addr() }
    }

    #[inline(always)]
    pub fn thread(thread: Ref<Thread>) -> Value {
        Value { tag: THREAD, bits: thread.addr() }
    }

    #[inline(always)]
    pub fn cell(cell: Ref<VarCell>) -> Value {
        Value { tag: CELL, bits: cell.addr() }
    }

    #[inline(always)]
    pub fn light(address: u64) -> Value {
        Value { tag: LIGHT, bits: address }
    }

    #[inline(always)]
    pub fn as_int(self) -> i64 {
        self.bits as i64
    }

    #[inline(always)]
    pub fn as_float(self) -> f64 {
        f64::from_bits(self.bits)
    }

    // The payloads below are addresses of live objects of the kind the tag says: that is the invariant of every
    // `Value`. Each accessor must be called only after its tag was seen.

    #[inline(always)]
    pub fn as_string(self) -> Ref<LuaString> {
        // SAFETY: the tag is STRING (see above).
        unsafe { Ref::from_addr(self.bits) }
    }

    #[inline(always)]
    pub fn as_table(self) -> Ref<Table> {
        // SAFETY: the tag is TABLE (see above).
        unsafe { Ref::from_addr(self.bits) }
    }

    #[inline(always)]
    pub fn as_closure(self) -> Ref<Closure> {
        // SAFETY: the tag is CLOSURE (see above).
        unsafe { Ref::from_addr(self.bits) }
    }

    #[inline(always)]
    pub fn as_native(self) -> Ref<Native> {
        // SAFETY: the tag is NATIVE (see above).
        unsafe { Ref::from_addr(self.bits) }
    }

    #[inline(always)]
    pub fn as_userdata(self) -> Ref<Userdata> {
        // SAFETY: the tag is USERDATA (see above).
        unsafe { Ref::from_addr(self.bits) }
    }

    #[inline(always)]
    pub fn as_thread(self) -> Ref<Thread> {
        // SAFETY: the tag is THREAD (see above).
        unsafe { Ref::from_addr(self.bits) }
    }

    #[inline(always)]
    pub fn as_cell(self) -> Ref<VarCell> {
        // SAFETY: the tag is CELL (see above).
        unsafe { Ref::from_addr(self.bits) }
    }

    #[inline(always)]
    pub fn is_nil(self) -> bool {
        self.tag == NIL
    }

    #[inline(always)]
    pub fn is_truthy(self) -> bool {
        self.tag >= TRUE
    }

    #[inline(always)]
    pub fn is_number(self) -> bool {
        self.tag == INT || self.tag == FLOAT
    }

    #[inline(always)]
    pub fn is_function(self) -> bool {
        self.tag == CLOSURE || self.tag == NATIVE
    }

    #[inline(always)]
    pub fn is_collectable(self) -> bool {
        self.tag >= STRING
    }
}

// What follows is for natives only.

impl Value {
    /// The type's name as Lua's `type` gives it.
    pub fn type_name(self) -> &'static str {
        match self.tag {
            NIL => "nil",
            FALSE | TRUE => "boolean",
            INT | FLOAT => "number",
            STRING => "string",
            TABLE => "table",
            CLOSURE | NATIVE => "function",
            LIGHT | USERDATA => "userdata",
            THREAD => "thread",
            _ => "upvalue",
        }
    }

    /// A number as a float.
    pub fn number_as_float(self) -> Option<f64> {
        match self.tag {
            INT => Some(self.as_int() as f64),
            FLOAT => Some(self.as_float()),
            _ => None,
        }
    }

    /// A number as an integer, when it is integral and in range (no strings).
    pub fn number_as_int(self) -> Option<i64> {
        match self.tag {
            INT => Some(self.as_int()),
            FLOAT => float_to_int(self.as_float()),
            _ => None,
        }
    }

    pub fn to_table(self) -> Option<Ref<Table>> {
        (self.tag == TABLE).then(|| self.as_table())
    }

    /// A string's bytes (no numbers).
    pub fn to_string_object(self) -> Option<Ref<LuaString>> {
        (self.tag == STRING).then(|| self.as_string())
    }

    /// Equality without metamethods.
    #[inline]
    pub fn raw_equals(self, other: Value) -> bool {
        if self.tag == other.tag {
            match self.tag {
                FLOAT => self.as_float() == other.as_float(),
                STRING => self.as_string().equals(other.as_string()),
                _ => self.bits == other.bits,
            }
        } else {
            match (self.tag, other.tag) {
                (INT, FLOAT) => {
                    self.as_int() as f64 == other.as_float() && float_to_int(other.as_float()) == Some(self.as_int())
                }
                (FLOAT, INT) => {
                    other.as_int() as f64 == self.as_float() && float_to_int(self.as_float()) == Some(other.as_int())
                }
                _ => false,
            }
        }
    }
}

/// A float that is integral and in the range of integers.
#[inline]
pub fn float_to_int(float: f64) -> Option<i64> {
    // -2^63 is a float; 2^63 is the first float above the range.
    let in_range = (-9223372036854775808.0..9223372036854775808.0).contains(&float);
    if in_range && float == float.trunc() { Some(float as i64) } else { None }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.tag {
            NIL => write!(f, "nil"),
            FALSE => write!(f, "false"),
            TRUE => write!(f, "true"),
            INT => write!(f, "{}", self.as_int()),
            FLOAT => write!(f, "{:?}", self.as_float()),
            STRING => write!(f, "{:?}", String::from_utf8_lossy(self.as_string().as_bytes())),
            _ => write!(f, "{}: {:#x}", self.type_name(), self.bits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(std::mem::size_of::<Value>(), 16);
        assert_eq!(std::mem::size_of::<Option<Ref<Table>>>(), 8);
    }
}
