//! Indexing by any key, the array part, length, constructors.

use super::metamethods::call_meta;
use super::regs::{above, reg, save_pc, set_reg};
use crate::error::Raised;
use crate::heap::object::Proto;
use crate::natives::index::{index_above, len_above, meta_event_slow, set_index_above};
use crate::natives::moves::set_list;
use crate::table::{
    has_payload, set_element, table_get, table_get_int, table_get_str, table_set, table_set_int, table_set_str,
};
use crate::value::{CLOSURE, INT, NIL, STRING, TABLE, Value};
use crate::vm::{Event, Reg, Vm};
use moonshift_jitgen::hint::promote;
use moonshift_jitgen::mem::{Arr, Ref};

/// `R[a] = object[key]`
#[inline(always)]
pub fn get_index(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    a: usize,
    object: Value,
    key: Value,
) -> Result<(), Raised> {
    if promote(object.tag) == TABLE && promote(key.tag) == INT {
        let t = object.as_table();
        let at = (key.bits as usize).wrapping_sub(1);
        if at < t.array_len.get() {
            let tag = promote(t.tags.get().get(at).tag);
            if tag != NIL {
                set_reg(base, a, Value { tag, bits: if has_payload(tag) { t.array.get().get(at).bits } else { 0 } });
                return Ok(());
            }
        }
    }
    get_index_slow(vm, base, proto, pc, a, object, key)
}

/// Absent elements, other keys, other objects.
#[inline(never)]
fn get_index_slow(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    a: usize,
    object: Value,
    key: Value,
) -> Result<(), Raised> {
    if promote(object.tag) == TABLE {
        let t = object.as_table();
        let key_tag = promote(key.tag);
        let value = if key_tag == STRING {
            table_get_str(t, key.as_string())
        } else if key_tag == INT {
            table_get_int(t, key.as_int())
        } else {
            table_get(t, key)
        };
        if promote(value.tag) != NIL {
            set_reg(base, a, value);
            return Ok(());
        }
        let Some(metatable) = t.metatable.get() else {
            set_reg(base, a, value);
            return Ok(());
        };
        let handler = meta_event_slow(vm, metatable, Event::INDEX);
        let tag = promote(handler.tag);
        if tag == CLOSURE {
            save_pc(vm, base, pc);
            let value = call_meta(vm, base, proto, handler, object, key)?;
            set_reg(base, a, value);
            return Ok(());
        }
        if tag == NIL {
            set_reg(base, a, value);
            return Ok(());
        }
    }
    save_pc(vm, base, pc);
    let value = index_above(vm, above(base, proto), object, key)?;
    set_reg(base, a, value);
    Ok(())
}

/// `object[key] = value`
#[inline(always)]
pub fn set_index_any(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    object: Value,
    key: Value,
    value: Value,
) -> Result<(), Raised> {
    if promote(object.tag) == TABLE && promote(key.tag) == INT && promote(value.tag) != NIL {
        let t = object.as_table();
        let at = (key.bits as usize).wrapping_sub(1);
        let len = t.array_len.get();
        if at < len {
            if t.tags.get().get(at).tag != NIL || t.metatable.get().is_none() {
                set_element(vm, t, at, value);
                return Ok(());
            }
        } else if at == len && at < t.array_capacity.get() && !t.hash_has_ints.get() && t.metatable.get().is_none() {
            set_element(vm, t, at, value);
            t.array_len.set(at + 1);
            return Ok(());
        }
    }
    set_index_slow(vm, base, proto, pc, object, key, value)
}

/// Growing, nil, other keys, metatables, other objects.
#[inline(never)]
fn set_index_slow(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    object: Value,
    key: Value,
    value: Value,
) -> Result<(), Raised> {
    if promote(object.tag) == TABLE && object.as_table().metatable.get().is_none() {
        let t = object.as_table();
        let key_tag = promote(key.tag);
        if key_tag == INT {
            table_set_int(vm, t, key.as_int(), value);
            return Ok(());
        }
        if key_tag == STRING {
            table_set_str(vm, t, key.as_string(), value);
            return Ok(());
        }
        save_pc(vm, base, pc);
        return table_set(vm, t, key, value);
    }
    save_pc(vm, base, pc);
    set_index_above(vm, above(base, proto), object, key, value)
}

/// LEN
#[inline(always)]
pub fn length(vm: &Vm, base: Arr<Reg>, proto: Ref<Proto>, pc: usize, a: usize, object: Value) -> Result<(), Raised> {
    let tag = promote(object.tag);
    if tag == TABLE && object.as_table().metatable.get().is_none() {
        set_reg(base, a, Value::int(object.as_table().array_len.get() as i64));
        return Ok(());
    }
    if tag == STRING {
        set_reg(base, a, Value::int(object.as_string().len as i64));
        return Ok(());
    }
    save_pc(vm, base, pc);
    let value = len_above(vm, above(base, proto), object)?;
    set_reg(base, a, value);
    Ok(())
}

/// SETLIST
#[inline(always)]
pub fn set_items(vm: &Vm, base: Arr<Reg>, a: usize, count: usize, first: usize) {
    let list = reg(base, a);
    // A chunk made by hand may have put something else there, and so may the debug library.
    if promote(list.tag) == TABLE {
        set_list(vm, list.as_table(), base.offset(a + 1), count, first);
    }
}
