//! The utf8 library.

use super::utf8_codec::{MAX_LAX, decode, encode, is_continuation};
use super::{Functions, absolute_position, open_library, set_field};
use crate::error::Raised;
use crate::value::Value;
use crate::vm::{Call, Vm};

const FUNCTIONS: Functions = &[
    ("utf8.char", char),
    ("utf8.codepoint", codepoint),
    ("utf8.codes", codes),
    ("utf8.len", len),
    ("utf8.offset", offset),
];

pub(super) fn open(vm: &Vm) {
    let library = open_library(vm, "utf8", FUNCTIONS);
    let pattern = vm.new_string(b"[\0-\x7F\xC2-\xFD][\x80-\xBF]*");
    set_field(vm, library, "charpattern", Value::string(pattern));
}

fn char(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let mut out = Vec::new();
    for index in 1..=call.nargs() {
        let code = call.check_int(vm, index)?;
        match u32::try_from(code) {
            Ok(code) if code <= MAX_LAX => encode(&mut out, code),
            _ => return Err(call.arg_error(vm, index, "value out of range")),
        }
    }
    call.ret(Value::string(vm.new_string(&out)))
}

fn codepoint(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let text = call.check_str(vm, 1)?;
    let first = absolute_position(call.opt_int(vm, 2, 1)?, text.len) as i64;
    let last = absolute_position(call.opt_int(vm, 3, first)?, text.len) as i64;
    let lax = call.truthy(4);
    if first < 1 {
        return Err(call.arg_error(vm, 2, "out of bounds"));
    }
    if last > text.len as i64 {
        return Err(call.arg_error(vm, 3, "out of bounds"));
    }
    vm.charge_bytes(last.saturating_sub(first).max(0) as usize)?;
    let mut at = first as usize - 1;
    let mut results = Vec::new();
    while (at as i64) < last {
        let Some((code, length)) = decode(&text.as_bytes()[at..], !lax) else {
            return Err(vm.raise_string(1, "invalid UTF-8 code"));
        };
        results.push(Value::int(i64::from(code)));
        at += length;
    }
    call.ret_all(vm, &results)
}

fn len(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let text = call.check_str(vm, 1)?;
    let first = absolute_position(call.opt_int(vm, 2, 1)?, text.len) as i64;
    let last = absolute_position(call.opt_int(vm, 3, -1)?, text.len) as i64;
    let lax = call.truthy(4);
    if first < 1 || first > text.len as i64 + 1 {
        return Err(call.arg_error(vm, 2, "initial position out of bounds"));
    }
    if last > text.len as i64 {
        return Err(call.arg_error(vm, 3, "final position out of bounds"));
    }
    vm.charge_bytes(last.saturating_sub(first).max(0) as usize)?;
    let mut at = first as usize - 1;
    let mut count = 0;
    while (at as i64) < last {
        let Some((_, length)) = decode(&text.as_bytes()[at..], !lax) else {
            return call.ret2(Value::nil(), Value::int(at as i64 + 1));
        };
        at += length;
        count += 1;
    }
    call.ret(Value::int(count))
}

fn offset(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let text = call.check_str(vm, 1)?;
    let n = call.check_int(vm, 2)?;
    let default = if n >= 0 { 1 } else { text.len as i64 + 1 };
    let start = absolute_position(call.opt_int(vm, 3, default)?, text.len) as i64 - 1;
    if start < 0 || start > text.len as i64 {
        return Err(call.arg_error(vm, 3, "position out of bounds"));
    }
    let continues = |at: usize| text.as_bytes().get(at).copied().is_some_and(is_continuation);
    let mut at = start as usize;
    if n == 0 {
        while at > 0 && continues(at) {
            at -= 1;
        }
        return call.ret(Value::int(at as i64 + 1));
    }
    if continues(at) {
        return Err(vm.raise_string(1, "initial position is a continuation byte"));
    }
    vm.charge_bytes(n.unsigned_abs().min(text.len as u64) as usize)?;
    let mut left = n;
    if n < 0 {
        while left < 0 && at > 0 {
            at -= 1;
            while at > 0 && continues(at) {
                at -= 1;
            }
            left += 1;
        }
    } else {
        left -= 1;
        while left > 0 && at < text.len {
            at += 1;
            while continues(at) {
                at += 1;
            }
            left -= 1;
        }
    }
    call.ret(if left == 0 { Value::int(at as i64 + 1) } else { Value::nil() })
}

fn codes(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let text = call.check_str(vm, 1)?;
    let step = if call.truthy(2) { next_lax } else { next_strict };
    if text.as_bytes().first().copied().is_some_and(is_continuation) {
        return Err(call.arg_error(vm, 1, "invalid UTF-8 code"));
    }
    let step = vm.new_native("", step);
    call.ret3(Value::native(step), Value::string(text), Value::int(0))
}

fn next_strict(vm: &Vm, call: Call) -> Result<usize, Raised> {
    next_code(vm, call, true)
}

fn next_lax(vm: &Vm, call: Call) -> Result<usize, Raised> {
    next_code(vm, call, false)
}

fn next_code(vm: &Vm, call: Call, strict: bool) -> Result<usize, Raised> {
    let text = call.check_str(vm, 1)?;
    let text = text.as_bytes();
    let continues = |at: usize| text.get(at).copied().is_some_and(is_continuation);
    // The control variable is the position, from 1, of the character before: from 0 that is the byte behind its first.
    let mut at = call.check_int(vm, 2)? as u64 as usize;
    if at > 0 {
        while continues(at) {
            at += 1;
        }
    }
    if at >= text.len() {
        return call.ret0();
    }
    match decode(&text[at..], strict) {
        Some((code, length)) if !continues(at + length) => {
            call.ret2(Value::int(at as i64 + 1), Value::int(i64::from(code)))
        }
        _ => Err(vm.raise_string(1, "invalid UTF-8 code")),
    }
}
