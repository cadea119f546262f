//! The functions that match patterns.

use super::slice_start;
use crate::error::Raised;
use crate::natives::convert::write_number;
use crate::pattern::{Captured, Matcher, Meter, PatternError, expand, find_plain, is_plain};
use crate::value::{self, Value};
use crate::vm::{Call, Vm};

/// Lets a matcher run until the fuel is used up, or the host has something else to say.
struct Limits<'a>(&'a Vm);

impl Meter for Limits<'_> {
    fn spend(&mut self, steps: u32) -> Result<u32, PatternError> {
        const STEPS: u32 = 1_000;
        self.0.charge(steps as usize).map_err(|Raised| PatternError::Interrupted)?;
        Ok(self.0.fuel().map_or(STEPS, |left| left.min(u64::from(STEPS)) as u32))
    }

    fn settle(&mut self, steps: u32) {
        self.0.settle(u64::from(steps));
    }
}

#[cold]
fn raise(vm: &Vm, error: PatternError) -> Raised {
    match error {
        // The limit that interrupted has raised its error already.
        PatternError::Interrupted => Raised,
        _ => vm.raise_string(1, &error.to_string()),
    }
}

pub(super) fn find(vm: &Vm, call: Call) -> Result<usize, Raised> {
    find_or_match(vm, call, true)
}

pub(super) fn match_(vm: &Vm, call: Call) -> Result<usize, Raised> {
    find_or_match(vm, call, false)
}

fn find_or_match(vm: &Vm, call: Call, find: bool) -> Result<usize, Raised> {
    let source = call.check_str(vm, 1)?;
    let pattern = call.check_str(vm, 2)?;
    let init = slice_start(call.opt_int(vm, 3, 1)?, source.len);
    if init > source.len + 1 {
        return call.ret(Value::nil());
    }
    let (source, pattern) = (source.as_bytes(), pattern.as_bytes());
    if find && (call.truthy(4) || is_plain(pattern)) {
        return match find_plain(source, pattern, init - 1) {
            Some(start) => call.ret2(Value::int(start as i64 + 1), Value::int((start + pattern.len()) as i64)),
            None => call.ret(Value::nil()),
        };
    }
    let mut limits = Limits(vm);
    let mut matcher = Matcher::new(source, pattern, &mut limits);
    let Some((start, end)) = matcher.search(init - 1).map_err(|error| raise(vm, error))? else {
        return call.ret(Value::nil());
    };
    if find {
        if matcher.capture_count() == 0 {
            return call.ret2(Value::int(start as i64 + 1), Value::int(end as i64));
        }
        let mut results = vec![Value::int(start as i64 + 1), Value::int(end as i64)];
        push_captures(vm, &matcher, start, end, &mut results)?;
        return call.ret_all(vm, &results);
    }
    if matcher.capture_count() <= 1 {
        return call.ret(capture_value(vm, &matcher, 0, start, end)?);
    }
    let mut results = Vec::with_capacity(matcher.capture_count());
    push_captures(vm, &matcher, start, end, &mut results)?;
    call.ret_all(vm, &results)
}

/// A capture as a value; capture 0 of a pattern without captures is the whole match.
fn capture_value(vm: &Vm, matcher: &Matcher<'_>, index: usize, start: usize, end: usize) -> Result<Value, Raised> {
    match matcher.capture(index, start, end) {
        Ok(Captured::Text(range)) => Ok(Value::string(vm.new_string(&matcher.source()[range]))),
        Ok(Captured::Position(position)) => Ok(Value::int(position as i64 + 1)),
        Err(error) => Err(raise(vm, error)),
    }
}

fn push_captures(
    vm: &Vm,
    matcher: &Matcher<'_>,
    start: usize,
    end: usize,
    into: &mut Vec<Value>,
) -> Result<(), Raised> {
    for index in 0..matcher.capture_count() {
        into.push(capture_value(vm, matcher, index, start, end)?);
    }
    Ok(())
}

pub(super) fn gmatch(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let source = call.check_str(vm, 1)?;
    let pattern = call.check_str(vm, 2)?;
    let init = slice_start(call.opt_int(vm, 3, 1)?, source.len).min(source.len + 2);
    // Source, pattern, where to go on, where the last match ended (-1: nowhere yet).
    let upvalues = [Value::string(source), Value::string(pattern), Value::int(init as i64 - 1), Value::int(-1)];
    call.ret(Value::native(vm.new_native_with("", gmatch_step, &upvalues, None)))
}

fn gmatch_step(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let iterator = call.callee();
    let [source, pattern, position, last] = [0, 1, 2, 3].map(|index| &iterator.upvalues[index]);
    let (source, pattern) = (source.get().as_string(), pattern.get().as_string());
    let mut from = position.get().as_int() as usize;
    let mut limits = Limits(vm);
    let mut matcher = Matcher::unanchored(source.as_bytes(), pattern.as_bytes(), &mut limits);
    while from <= source.len {
        let Some((start, end)) = matcher.search(from).map_err(|error| raise(vm, error))? else { break };
        if end as i64 == last.get().as_int() {
            // An empty match where the last one ended does not count.
            from = start + 1;
            continue;
        }
        position.set(Value::int(end as i64));
        last.set(Value::int(end as i64));
        if matcher.capture_count() <= 1 {
            return call.ret(capture_value(vm, &matcher, 0, start, end)?);
        }
        let mut results = Vec::with_capacity(matcher.capture_count());
        push_captures(vm, &matcher, start, end, &mut results)?;
        return call.ret_all(vm, &results);
    }
    position.set(Value::int(source.len as i64 + 1));
    call.ret(Value::nil())
}

pub(super) fn gsub(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let source = call.check_str(vm, 1)?;
    let pattern = call.check_str(vm, 2)?;
    let replacement = match call.arg(3) {
        number if number.is_number() => Value::string(call.check_str(vm, 3)?),
        value if value.is_function() || matches!(value.tag, value::STRING | value::TABLE) => value,
        _ => return Err(call.type_error(vm, 3, "string/function/table")),
    };
    let most = call.opt_int(vm, 4, source.len as i64 + 1)?;
    let source_value = source;
    let source = source.as_bytes();
    let mut limits = Limits(vm);
    let mut matcher = Matcher::new(source, pattern.as_bytes(), &mut limits);
    let mut out = Vec::new();
    let (mut from, mut kept) = (0, 0);
    let mut last_end = None;
    let mut count = 0;
    let mut changed = false;
    while count < most && from <= source.len() {
        let Some((start, end)) = matcher.search(from).map_err(|error| raise(vm, error))? else { break };
        if Some(end) == last_end {
            if matcher.is_anchored() {
                break;
            }
            from = start + 1;
            continue;
        }
        count += 1;
        out.extend_from_slice(&source[kept..start]);
        changed |= append_replacement(vm, &matcher, replacement, start, end, &mut out)?;
        (from, kept) = (end, end);
        last_end = Some(end);
        if matcher.is_anchored() {
            break;
        }
    }
    if !changed {
        return call.ret2(Value::string(source_value), Value::int(count));
    }
    out.extend_from_slice(&source[kept..]);
    call.ret2(Value::string(vm.new_string(&out)), Value::int(count))
}

/// Appends what stands for a match, and tells whether that is something else than the match itself.
fn append_replacement(
    vm: &Vm,
    matcher: &Matcher<'_>,
    replacement: Value,
    start: usize,
    end: usize,
    out: &mut Vec<u8>,
) -> Result<bool, Raised> {
    let result = match replacement.tag {
        value::STRING => {
            expand(out, matcher, replacement.as_string().as_bytes(), start, end).map_err(|error| raise(vm, error))?;
            return Ok(true);
        }
        value::TABLE => vm.index(replacement, capture_value(vm, matcher, 0, start, end)?)?,
        _ => {
            let whole = matcher.capture_count() == 0;
            let mut arguments = Vec::with_capacity(matcher.capture_count().max(1));
            if whole {
                arguments.push(capture_value(vm, matcher, 0, start, end)?);
            }
            push_captures(vm, matcher, start, end, &mut arguments)?;
            let claims = vm.threads.claims_no_yield.get();
            vm.threads.claims_no_yield.set(claims + 1);
            let result = vm.call1(replacement, &arguments);
            vm.threads.claims_no_yield.set(claims);
            result?
        }
    };
    match result.tag {
        value::NIL | value::FALSE => {
            out.extend_from_slice(&matcher.source()[start..end]);
            Ok(false)
        }
        value::STRING => {
            out.extend_from_slice(result.as_string().as_bytes());
            Ok(true)
        }
        value::INT | value::FLOAT => {
            write_number(out, result);
            Ok(true)
        }
        _ => {
            let message = format!("invalid replacement value (a {})", result.type_name());
            Err(vm.raise_string(1, &message))
        }
    }
}
