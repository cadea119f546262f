//! Raw access, metatables, traversal.

use crate::error::Raised;
use crate::table::{table_get, table_get_int, table_len, table_next, table_set};
use crate::value::{self, Value};
use crate::vm::{Call, Event, Vm};

pub(super) fn rawequal(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let (first, second) = (call.check_any(vm, 1)?, call.check_any(vm, 2)?);
    call.ret(Value::bool(first.raw_equals(second)))
}

pub(super) fn rawget(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let table = call.check_table(vm, 1)?;
    let key = call.check_any(vm, 2)?;
    call.ret(table_get(table, key))
}

pub(super) fn rawset(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let table = call.check_table(vm, 1)?;
    let (key, new) = (call.check_any(vm, 2)?, call.check_any(vm, 3)?);
    table_set(vm, table, key, new)?;
    call.ret(Value::table(table))
}

pub(super) fn rawlen(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let value = call.arg(1);
    match value.tag {
        value::TABLE => call.ret(Value::int(table_len(value.as_table()))),
        value::STRING => call.ret(Value::int(value.as_string().len as i64)),
        _ => Err(call.type_error(vm, 1, "table or string")),
    }
}

pub(super) fn getmetatable(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let value = call.check_any(vm, 1)?;
    let Some(metatable) = vm.metatable_of(value) else { return call.ret(Value::nil()) };
    let protected = vm.meta_event(metatable, Event::METATABLE);
    call.ret(if protected.is_nil() { Value::table(metatable) } else { protected })
}

pub(super) fn setmetatable(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let table = call.check_table(vm, 1)?;
    let metatable = match call.arg(2) {
        metatable if metatable.tag == value::TABLE => Some(metatable.as_table()),
        metatable if metatable.is_nil() && call.has(2) => None,
        _ => return Err(call.type_error(vm, 2, "nil or table")),
    };
    if let Some(current) = table.metatable.get()
        && !vm.meta_event(current, Event::METATABLE).is_nil()
    {
        return Err(vm.raise_string(1, "cannot change a protected metatable"));
    }
    vm.set_metatable(Value::table(table), metatable);
    call.ret(Value::table(table))
}

pub(super) fn next(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let table = call.check_table(vm, 1)?;
    match table_next(vm, table, call.arg(2))? {
        Some((key, value)) => call.ret2(key, value),
        None => call.ret(Value::nil()),
    }
}

pub(super) fn pairs(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let value = call.check_any(vm, 1)?;
    let method = vm.metamethod(value, Event::PAIRS);
    if method.is_nil() {
        return call.ret3(call.upvalue(0), value, Value::nil());
    }
    let results = vm.call(method, &[value])?;
    call.ret3(results.get(0), results.get(1), results.get(2))
}

pub(super) fn ipairs(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let value = call.check_any(vm, 1)?;
    call.ret3(call.upvalue(0), value, Value::int(0))
}

/// The iterator of `ipairs`.
pub(super) fn ipairs_step(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let index = call.check_int(vm, 2)?.wrapping_add(1);
    let object = call.arg(1);
    let mut found = Value::nil();
    if object.tag == value::TABLE {
        found = table_get_int(object.as_table(), index);
    }
    if found.is_nil() && (object.tag != value::TABLE || object.as_table().metatable.get().is_some()) {
        found = vm.index(object, Value::int(index))?;
    }
    if found.is_nil() { call.ret(found) } else { call.ret2(Value::int(index), found) }
}
