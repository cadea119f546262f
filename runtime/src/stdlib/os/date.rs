//! `os.date` and `os.time`.

use super::time::{Calendar, now};
use crate::error::Raised;
use crate::stdlib::set_field;
use crate::table::Table;
use crate::value::{self, Value};
use crate::vm::{Call, Vm};
use moonshift_jitgen::mem::Ref;

pub(super) fn date(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let format = call.opt_str(vm, 1)?;
    let format = format.as_ref().map_or(&b"%c"[..], |format| format.as_bytes());
    let time = if call.is_none_or_nil(2) { now() } else { call.check_int(vm, 2)? };
    let (utc, format) = match format {
        [b'!', rest @ ..] => (true, rest),
        _ => (false, format),
    };
    let Some(calendar) = Calendar::of(time, utc) else {
        return Err(vm.raise_string(1, "date result cannot be represented in this installation"));
    };
    if format.starts_with(b"*t") {
        let table = vm.new_table_sized(0, 9);
        set_calendar(vm, table, &calendar);
        return call.ret(Value::table(table));
    }
    let mut out = Vec::new();
    let mut rest = format;
    while let Some(mark) = memchr::memchr(b'%', rest) {
        out.extend_from_slice(&rest[..mark]);
        rest = &rest[mark..];
        let length = conversion_length(rest).ok_or_else(|| {
            let shown = &rest[..rest.len().min(if matches!(rest.get(1), Some(b'E' | b'O')) { 3 } else { 2 })];
            let message = format!("invalid conversion specifier '{}'", String::from_utf8_lossy(shown));
            call.arg_error(vm, 1, &message)
        })?;
        calendar.format(&rest[..length], utc, &mut out);
        rest = &rest[length..];
    }
    out.extend_from_slice(rest);
    call.ret(Value::string(vm.new_string(&out)))
}

/// The length of the conversion at the start, `%` included; `None` if C has no such.
fn conversion_length(text: &[u8]) -> Option<usize> {
    match text[1..] {
        [b'E', b'c' | b'C' | b'x' | b'X' | b'y' | b'Y', ..] => Some(3),
        [b'O', b'd' | b'e' | b'H' | b'I' | b'm' | b'M' | b'S' | b'u' | b'U' | b'V' | b'w' | b'W' | b'y', ..] => Some(3),
        [letter, ..] if b"aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%".contains(&letter) => Some(2),
        _ => None,
    }
}

pub(super) fn time(vm: &Vm, call: Call) -> Result<usize, Raised> {
    if call.is_none_or_nil(1) {
        return call.ret(Value::int(now()));
    }
    let table = call.check_table(vm, 1)?;
    let field = |name, default, offset| calendar_field(vm, table, name, default, offset);
    let mut calendar = Calendar {
        year: field("year", None, 1900)?,
        month: field("month", None, 1)?,
        day: field("day", None, 0)?,
        hour: field("hour", Some(12), 0)?,
        minute: field("min", Some(0), 0)?,
        second: field("sec", Some(0), 0)?,
        daylight_saving: -1,
        ..Calendar::default()
    };
    let daylight_saving = vm.index(Value::table(table), Value::string(vm.new_string(b"isdst")))?;
    if !daylight_saving.is_nil() {
        calendar.daylight_saving = i32::from(daylight_saving.is_truthy());
    }
    let time = calendar.normalize();
    set_calendar(vm, table, &calendar);
    match time {
        Some(time) => call.ret(Value::int(time)),
        None => Err(vm.raise_string(1, "time result cannot be represented in this installation")),
    }
}

/// A field of a calendar table, less the offset that C's form has.
fn calendar_field(
    vm: &Vm,
    table: Ref<Table>,
    name: &str,
    default: Option<i32>,
    offset: i64,
) -> Result<i32, Raised> {
    let value = vm.index(Value::table(table), Value::string(vm.new_string(name.as_bytes())))?;
    let number = crate::natives::convert::to_number(value);
    match (number.and_then(Value::number_as_int), value.tag, default) {
        (Some(int), ..) => i32::try_from(int.saturating_sub(offset))
            .map_err(|_| vm.raise_string(1, &format!("field '{name}' is out-of-bound"))),
        (None, value::NIL, Some(default)) => Ok(default),
        (None, value::NIL, None) => Err(vm.raise_string(1, &format!("field '{name}' missing in date table"))),
        _ => Err(vm.raise_string(1, &format!("field '{name}' is not an integer"))),
    }
}

fn set_calendar(vm: &Vm, table: Ref<Table>, calendar: &Calendar) {
    for (name, value) in [
        ("year", i64::from(calendar.year) + 1900),
        ("month", i64::from(calendar.month) + 1),
        ("day", i64::from(calendar.day)),
        ("hour", i64::from(calendar.hour)),
        ("min", i64::from(calendar.minute)),
        ("sec", i64::from(calendar.second)),
        ("yday", i64::from(calendar.day_of_year) + 1),
        ("wday", i64::from(calendar.weekday) + 1),
    ] {
        set_field(vm, table, name, Value::int(value));
    }
    if calendar.daylight_saving >= 0 {
        set_field(vm, table, "isdst", Value::bool(calendar.daylight_saving > 0));
    }
}
