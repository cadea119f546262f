//! `string.pack`, `packsize` and `unpack`.

use crate::error::Raised;
use crate::stdlib::pack_format::{Kind, PackError, Step, Steps, push_ordered, read_int, write_int, write_unsigned};
use crate::value::Value;
use crate::vm::{Call, Vm};

#[cold]
fn raise(vm: &Vm, call: Call, error: &PackError) -> Raised {
    match error {
        PackError::Argument(text) => call.arg_error(vm, 1, text),
        PackError::Plain(text) => vm.raise_string(1, text),
    }
}

pub(super) fn pack(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let format = call.check_str(vm, 1)?;
    vm.charge_bytes(format.len)?;
    // As in the reference a nil stands behind the arguments: that is what messages say of a missing one.
    call.push(vm, Value::nil())?;
    let call = Call { nargs: call.nargs + 1, ..call };
    let mut steps = Steps::new(format.as_bytes());
    let mut out = Vec::new();
    let mut index = 1;
    while let Some(Step { kind, size, padding }) = steps.next(out.len()).map_err(|error| raise(vm, call, &error))? {
        let little = steps.little_endian();
        out.extend(std::iter::repeat_n(0, padding));
        if !matches!(kind, Kind::Nothing | Kind::Padding) {
            index += 1;
            if !call.has(index) {
                // A nil ends the reference's arguments.
                let is_text = matches!(kind, Kind::Fixed | Kind::Counted | Kind::Terminated);
                let expected = if is_text { "string" } else { "number" };
                return Err(call.arg_error(vm, index, &format!("{expected} expected, got nil")));
            }
        }
        match kind {
            Kind::Signed => {
                let int = call.check_int(vm, index)?;
                if size < 8 {
                    let limit = 1i64 << (8 * size - 1);
                    if !(-limit..limit).contains(&int) {
                        return Err(call.arg_error(vm, index, "integer overflow"));
                    }
                }
                write_int(&mut out, int, size, little);
            }
            Kind::Unsigned => {
                let int = call.check_int(vm, index)?;
                if size < 8 && (int as u64) >> (8 * size) != 0 {
                    return Err(call.arg_error(vm, index, "unsigned overflow"));
                }
                write_unsigned(&mut out, int as u64, size, little);
            }
            Kind::Float => push_ordered(&mut out, &(call.check_num(vm, index)? as f32).to_le_bytes(), little),
            Kind::Double => push_ordered(&mut out, &call.check_num(vm, index)?.to_le_bytes(), little),
            Kind::Fixed => {
                let text = call.check_str(vm, index)?;
                if text.len > size {
                    return Err(call.arg_error(vm, index, "string longer than given size"));
                }
                vm.charge_bytes(size)?;
                out.extend_from_slice(text.as_bytes());
                out.extend(std::iter::repeat_n(0, size - text.len));
            }
            Kind::Counted => {
                let text = call.check_str(vm, index)?;
                if size < 8 && text.len >> (8 * size) != 0 {
                    return Err(call.arg_error(vm, index, "string length does not fit in given size"));
                }
                vm.charge_bytes(text.len)?;
                write_int(&mut out, text.len as i64, size, little);
                out.extend_from_slice(text.as_bytes());
            }
            Kind::Terminated => {
                let text = call.check_str(vm, index)?;
                if text.as_bytes().contains(&0) {
                    return Err(call.arg_error(vm, index, "string contains zeros"));
                }
                out.extend_from_slice(text.as_bytes());
                out.push(0);
            }
            Kind::Padding => out.push(0),
            Kind::Nothing => {}
        }
    }
    call.ret(Value::string(vm.new_string(&out)))
}

pub(super) fn packsize(vm: &Vm, call: Call) -> Result<usize, Raised> {
    const MOST: usize = i32::MAX as usize;
    let format = call.check_str(vm, 1)?;
    vm.charge_bytes(format.len)?;
    let mut steps = Steps::new(format.as_bytes());
    let mut total = 0usize;
    while let Some(Step { kind, size, padding }) = steps.next(total).map_err(|error| raise(vm, call, &error))? {
        if matches!(kind, Kind::Counted | Kind::Terminated) {
            return Err(call.arg_error(vm, 1, "variable-length format"));
        }
        total = match total.checked_add(padding).and_then(|total| total.checked_add(size)) {
            Some(total) if total <= MOST => total,
            _ => return Err(call.arg_error(vm, 1, "format result too large")),
        };
    }
    call.ret(Value::int(total as i64))
}

pub(super) fn unpack(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let format = call.check_str(vm, 1)?;
    vm.charge_bytes(format.len)?;
    let data = call.check_str(vm, 2)?;
    let position = crate::stdlib::absolute_position(call.opt_int(vm, 3, 1)?, data.len).max(1) - 1;
    let data = data.as_bytes();
    if position > data.len() as u64 {
        return Err(call.arg_error(vm, 3, "initial position out of string"));
    }
    let mut at = position as usize;
    let mut steps = Steps::new(format.as_bytes());
    let mut results = Vec::new();
    while let Some(Step { kind, size, padding }) = steps.next(at).map_err(|error| raise(vm, call, &error))? {
        let little = steps.little_endian();
        let too_short = || call.arg_error(vm, 2, "data string too short");
        let start = at + padding;
        let end = start.checked_add(size).filter(|&end| end <= data.len()).ok_or_else(too_short)?;
        let bytes = &data[start..end];
        at = end;
        let integer = |signed| {
            let too_large = || vm.raise_string(1, &format!("{size}-byte integer does not fit into Lua Integer"));
            read_int(bytes, signed, little).ok_or_else(too_large)
        };
        match kind {
            Kind::Signed | Kind::Unsigned => results.push(Value::int(integer(kind == Kind::Signed)?)),
            Kind::Float => results.push(Value::float(f64::from(f32::from_bits(ordered(bytes, little) as u32)))),
            Kind::Double => results.push(Value::float(f64::from_bits(ordered(bytes, little)))),
            Kind::Fixed => results.push(Value::string(vm.new_string(bytes))),
            Kind::Counted => {
                let end = at.checked_add(integer(false)? as usize).filter(|&end| end <= data.len());
                let end = end.ok_or_else(too_short)?;
                results.push(Value::string(vm.new_string(&data[at..end])));
                at = end;
            }
            Kind::Terminated => match memchr::memchr(0, &data[at..]) {
                Some(length) => {
                    results.push(Value::string(vm.new_string(&data[at..at + length])));
                    at += length + 1;
                }
                None => return Err(call.arg_error(vm, 2, "unfinished string for format 'z'")),
            },
            Kind::Padding | Kind::Nothing => {}
        }
    }
    results.push(Value::int(at as i64 + 1));
    call.ret_all(vm, &results)
}

/// The bits in four or eight bytes.
fn ordered(bytes: &[u8], little: bool) -> u64 {
    read_int(bytes, false, little).expect("at most eight bytes") as u64
}
