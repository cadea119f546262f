//! The table library. Its functions respect metamethods; tables without a metatable take a shorter way.

mod sequence;
mod sort;

use super::{Functions, open_library};
use crate::error::Raised;
use crate::natives::convert::write_number;
use crate::table::{append_items, table_set_str};
use crate::value::{self, Value};
use crate::vm::{Call, Vm};
use sequence::{Access, Sequence};

const FUNCTIONS: Functions = &[
    ("table.concat", concat),
    ("table.insert", insert),
    ("table.move", move_),
    ("table.pack", pack),
    ("table.remove", remove),
    ("table.sort", sort::sort),
    ("table.unpack", unpack),
];

/// So many elements are moved between charges, less one.
const BATCH: usize = 0x3ff;

/// Charges for moving elements one by one, now and then.
#[inline]
fn charge(vm: &Vm, step: usize) -> Result<(), Raised> {
    if step & BATCH == BATCH { vm.charge(BATCH / 16) } else { Ok(()) }
}

pub(super) fn open(vm: &Vm) {
    open_library(vm, "table", FUNCTIONS);
}

fn insert(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let sequence = Sequence::check(vm, call, 1, Access::ReadWriteLen)?;
    let end = sequence.len(vm)?.wrapping_add(1);
    match call.nargs() {
        2 => sequence.set(vm, end, call.arg(2))?,
        3 => {
            let position = call.check_int(vm, 2)?;
            if (position as u64).wrapping_sub(1) >= end as u64 {
                return Err(call.arg_error(vm, 2, "position out of bounds"));
            }
            for (step, index) in (position + 1..=end).rev().enumerate() {
                charge(vm, step)?;
                let moved = sequence.get(vm, index - 1)?;
                sequence.set(vm, index, moved)?;
            }
            sequence.set(vm, position, call.arg(3))?;
        }
        _ => return Err(vm.raise_string(1, "wrong number of arguments to 'insert'")),
    }
    call.ret0()
}

fn remove(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let sequence = Sequence::check(vm, call, 1, Access::ReadWriteLen)?;
    let len = sequence.len(vm)?;
    let position = call.opt_int(vm, 2, len)?;
    if position != len && (position as u64).wrapping_sub(1) > len as u64 {
        return Err(call.arg_error(vm, 2, "position out of bounds"));
    }
    let removed = sequence.get(vm, position)?;
    // Metamethods below may run Lua: the result has to be a root.
    call.push(vm, removed)?;
    let mut at = position;
    while at < len {
        charge(vm, at as usize)?;
        let moved = sequence.get(vm, at + 1)?;
        sequence.set(vm, at, moved)?;
        at += 1;
    }
    sequence.set(vm, at, Value::nil())?;
    call.ret(removed)
}

fn concat(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let sequence = Sequence::check(vm, call, 1, Access::ReadLen)?;
    let len = sequence.len(vm)?;
    let separator = call.opt_str(vm, 2)?;
    let separator = separator.as_ref().map_or(&b""[..], |separator| separator.as_bytes());
    let first = call.opt_int(vm, 3, 1)?;
    let last = call.opt_int(vm, 4, len)?;
    let mut out = Vec::new();
    let mut index = first;
    while index <= last {
        charge(vm, index as usize)?;
        let item = sequence.get(vm, index)?;
        match item.tag {
            value::STRING => out.extend_from_slice(item.as_string().as_bytes()),
            value::INT | value::FLOAT => write_number(&mut out, item),
            _ => {
                let kind = item.type_name();
                let message = format!("invalid value ({kind}) at index {index} in table for 'concat'");
                return Err(vm.raise_string(1, &message));
            }
        }
        if index == last {
            break;
        }
        out.extend_from_slice(separator);
        index += 1;
    }
    vm.charge_bytes(out.len())?;
    call.ret(Value::string(vm.new_string(&out)))
}

fn pack(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let table = vm.new_table_sized(call.nargs(), 1);
    append_items(vm, table, call.args(), call.nargs(), 0);
    table_set_str(vm, table, vm.new_string(b"n"), Value::int(call.nargs() as i64));
    call.ret(Value::table(table))
}

fn unpack(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let first = call.opt_int(vm, 2, 1)?;
    let sequence = Sequence::any(call, 1);
    let last = if call.is_none_or_nil(3) { sequence.len(vm)? } else { call.check_int(vm, 3)? };
    if first > last {
        return call.ret0();
    }
    const MOST: u64 = i32::MAX as u64;
    let count = (last as u64).wrapping_sub(first as u64);
    if count >= MOST || call.reserve(vm, count as usize + 1).is_err() {
        return Err(vm.raise_string(1, "too many results to unpack"));
    }
    for offset in 0..=count as i64 {
        charge(vm, offset as usize)?;
        let item = sequence.get(vm, first.wrapping_add(offset))?;
        call.push(vm, item)?;
    }
    call.ret_pushed(vm)
}

fn move_(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let from = call.check_int(vm, 2)?;
    let end = call.check_int(vm, 3)?;
    let to = call.check_int(vm, 4)?;
    let target_index = if call.is_none_or_nil(5) { 1 } else { 5 };
    let source = Sequence::check(vm, call, 1, Access::Read)?;
    let target = Sequence::check(vm, call, target_index, Access::Write)?;
    if end >= from {
        if !(from > 0 || end < i64::MAX + from) {
            return Err(call.arg_error(vm, 3, "too many elements to move"));
        }
        let count = end - from + 1;
        if to > i64::MAX - count + 1 {
            return Err(call.arg_error(vm, 4, "destination wrap around"));
        }
        let overlaps = to > from && to <= end && target.value().raw_equals(source.value());
        for step in 0..count {
            let offset = if overlaps { count - 1 - step } else { step };
            let item = source.get(vm, from + offset)?;
            target.set(vm, to + offset, item)?;
            charge(vm, step as usize)?;
        }
    }
    call.ret(target.value())
}
