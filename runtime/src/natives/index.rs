//! Indexing and length off the fast paths: metatable chains of any kind and length, errors.

use crate::error::{Raised, messages};
use crate::table::{Table, table_get, table_len, table_set};
use crate::value::{self, Value};
use crate::vm::{Event, Reg, Vm};
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::{Arr, Ref};

/// Longest chain of `__index` or `__newindex`.
const MAX_CHAIN: usize = 2000;

/// `object[key]`
pub fn index(vm: &Vm, object: Value, key: Value) -> Result<Value, Raised> {
    let mut object = object;
    for _ in 0..MAX_CHAIN {
        let handler = if object.tag == value::TABLE {
            let table = object.as_table();
            let found = table_get(table, key);
            if !found.is_nil() {
                return Ok(found);
            }
            let Some(metatable) = table.metatable.get() else { return Ok(Value::nil()) };
            let handler = vm.meta_event(metatable, Event::INDEX);
            if handler.is_nil() {
                return Ok(Value::nil());
            }
            handler
        } else {
            let handler = vm.metamethod(object, Event::INDEX);
            if handler.is_nil() {
                return Err(messages::type_error(vm, "index", object));
            }
            handler
        };
        if handler.is_function() {
            return vm.call1(handler, &[object, key]);
        }
        object = handler;
    }
    Err(vm.raise_message("'__index' chain too long; possible loop"))
}

/// `object[key] = new`
pub fn set_index(vm: &Vm, object: Value, key: Value, new: Value) -> Result<(), Raised> {
    let mut object = object;
    for _ in 0..MAX_CHAIN {
        let handler = if object.tag == value::TABLE {
            let table = object.as_table();
            let Some(metatable) = table.metatable.get() else { return table_set(vm, table, key, new) };
            let handler = vm.meta_event(metatable, Event::NEWINDEX);
            if handler.is_nil() || !table_get(table, key).is_nil() {
                return table_set(vm, table, key, new);
            }
            handler
        } else {
            let handler = vm.metamethod(object, Event::NEWINDEX);
            if handler.is_nil() {
                return Err(messages::type_error(vm, "index", object));
            }
            handler
        };
        if handler.is_function() {
            vm.call(handler, &[object, key, new])?;
            return Ok(());
        }
        object = handler;
    }
    Err(vm.raise_message("'__newindex' chain too long; possible loop"))
}

/// `#value`
pub fn len(vm: &Vm, value: Value) -> Result<Value, Raised> {
    if value.tag == value::STRING {
        return Ok(Value::int(value.as_string().len as i64));
    }
    let method = vm.metamethod(value, Event::LEN);
    if !method.is_nil() {
        return vm.call1(method, &[value, value]);
    }
    if value.tag == value::TABLE {
        return Ok(Value::int(table_len(value.as_table())));
    }
    Err(messages::type_error(vm, "get length of", value))
}

/// The metamethod of an event in a metatable of any shape.
#[residual(reads(Table, Slot, Node))]
#[inline(never)]
pub fn meta_event_slow(vm: &Vm, metatable: Ref<Table>, event: u8) -> Value {
    vm.meta_event(metatable, event)
}

/// [`index`] for the interpreter, which owns the registers below `_above`.
#[residual(calls, writes_from(_above, Reg))]
#[inline(never)]
pub fn index_above(vm: &Vm, _above: Arr<Reg>, object: Value, key: Value) -> Result<Value, Raised> {
    index(vm, object, key)
}

/// [`set_index`] for the interpreter.
#[residual(calls, writes_from(_above, Reg))]
#[inline(never)]
pub fn set_index_above(vm: &Vm, _above: Arr<Reg>, object: Value, key: Value, new: Value) -> Result<(), Raised> {
    set_index(vm, object, key, new)
}

/// [`len`] for the interpreter.
#[residual(calls, writes_from(_above, Reg))]
#[inline(never)]
pub fn len_above(vm: &Vm, _above: Arr<Reg>, value: Value) -> Result<Value, Raised> {
    len(vm, value)
}
