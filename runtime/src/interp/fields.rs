//! Fields by constant string key: slots of shapes.
//!
//! Compiled code knows the shape, so a field is a load. The plain interpreter looks the slot up through the
//! instruction's inline cache, which the generator does not see. Long strings are in no shape.

use super::metamethods::{call_meta, call_meta_set, meta_event};
use super::regs::{above, save_pc, set_reg};
use crate::error::Raised;
use crate::heap::object::Proto;
use crate::natives::index::{index_above, set_index_above};
use crate::string::{LuaString, SHORT};
use crate::table::{
    NO_SLOT, Shape, Table, cached_add, cached_second_slot, cached_slot, grow_slots, set_slot, shape_add, shape_lookup,
    table_get_str, table_set_str,
};
use crate::value::{CLOSURE, NIL, STRING, TABLE, Value};
use crate::vm::{Event, Reg, Vm};
use moonshift_jitgen::hint::{interpreting, promote, promote_few};
use moonshift_jitgen::marks::unroll;
use moonshift_jitgen::mem::{Arr, Ref};

/// `R[a] = object[key]`; `cache` is the number of the instruction's inline cache.
#[inline(always)]
pub fn get_field(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    a: usize,
    object: Value,
    key: Ref<LuaString>,
    cache: usize,
) -> Result<(), Raised> {
    if promote(object.tag) == TABLE {
        let t = object.as_table();
        if let Some(shape) = promote_few(t.shape.get()) {
            let slot = find_slot(proto, cache, shape, key);
            if slot != NO_SLOT {
                let value = t.slots.get().get(slot).value();
                if promote(value.tag) != NIL {
                    set_reg(base, a, value);
                    return Ok(());
                }
            }
            if !shape.dictionary && key.len <= SHORT {
                if !shape.has_metatable {
                    set_reg(base, a, Value::nil());
                    return Ok(());
                }
                return get_inherited(vm, base, proto, pc, a, t, key, cache);
            }
        }
    }
    get_field_slow(vm, base, proto, pc, a, object, key, cache)
}

/// Dictionaries, tables of too many shapes, strings, and everything else.
#[inline(never)]
fn get_field_slow(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    a: usize,
    object: Value,
    key: Ref<LuaString>,
    cache: usize,
) -> Result<(), Raised> {
    let tag = promote(object.tag);
    if tag == TABLE {
        let t = object.as_table();
        let value = table_get_str(t, key);
        if promote(value.tag) != NIL || t.metatable.get().is_none() {
            set_reg(base, a, value);
            return Ok(());
        }
    } else if tag == STRING
        && let Some(metatable) = vm.string_meta.get()
    {
        // A method of strings: its table is nearly always found at once.
        let methods = meta_event(vm, metatable, Event::INDEX);
        if promote(methods.tag) == TABLE
            && let Some(shape) = promote_few(methods.as_table().shape.get())
        {
            let slot = find_slot(proto, cache, shape, key);
            if slot != NO_SLOT {
                let value = methods.as_table().slots.get().get(slot).value();
                if promote(value.tag) != NIL {
                    set_reg(base, a, value);
                    return Ok(());
                }
            }
        }
    }
    save_pc(vm, base, pc);
    let value = index_above(vm, above(base, proto), object, Value::string(key))?;
    set_reg(base, a, value);
    Ok(())
}

/// `t` does not have the key, and has a metatable: follows `__index` through a few tables.
#[unroll]
#[inline(never)]
fn get_inherited(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    a: usize,
    t: Ref<Table>,
    key: Ref<LuaString>,
    cache: usize,
) -> Result<(), Raised> {
    let mut t = t;
    for level in 0..8 {
        let Some(metatable) = t.metatable.get() else {
            set_reg(base, a, Value::nil());
            return Ok(());
        };
        let handler = meta_event(vm, metatable, Event::INDEX);
        let tag = promote(handler.tag);
        if tag == NIL {
            set_reg(base, a, Value::nil());
            return Ok(());
        }
        if tag == CLOSURE {
            save_pc(vm, base, pc);
            let value = call_meta(vm, base, proto, handler, Value::table(t), Value::string(key))?;
            set_reg(base, a, value);
            return Ok(());
        }
        if tag != TABLE {
            break;
        }
        t = handler.as_table();
        let Some(shape) = promote_few(t.shape.get()) else { break };
        let slot = if level == 0 { find_second_slot(proto, cache, shape, key) } else { shape_lookup(shape, key) };
        if slot != NO_SLOT {
            let value = t.slots.get().get(slot).value();
            if promote(value.tag) != NIL {
                set_reg(base, a, value);
                return Ok(());
            }
        }
        if shape.dictionary {
            break;
        }
        if !shape.has_metatable {
            set_reg(base, a, Value::nil());
            return Ok(());
        }
    }
    save_pc(vm, base, pc);
    let value = index_above(vm, above(base, proto), Value::table(t), Value::string(key))?;
    set_reg(base, a, value);
    Ok(())
}

/// `object[key] = value`
#[inline(always)]
pub fn set_field(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    object: Value,
    key: Ref<LuaString>,
    value: Value,
    cache: usize,
) -> Result<(), Raised> {
    if promote(object.tag) == TABLE {
        let t = object.as_table();
        if let Some(shape) = promote_few(t.shape.get()) {
            let slot = find_slot(proto, cache, shape, key);
            if slot != NO_SLOT {
                if !shape.has_metatable || t.slots.get().get(slot).tag != NIL {
                    set_slot(vm, t, slot, value);
                    return Ok(());
                }
            } else if !shape.dictionary && !shape.has_metatable && key.len <= SHORT {
                add_field(vm, proto, cache, t, shape, key, value);
                return Ok(());
            }
        }
    }
    set_field_slow(vm, base, proto, pc, object, key, value, cache)
}

/// Absent keys of tables with a metatable, dictionaries, and everything else.
#[inline(never)]
fn set_field_slow(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    pc: usize,
    object: Value,
    key: Ref<LuaString>,
    value: Value,
    cache: usize,
) -> Result<(), Raised> {
    if promote(object.tag) == TABLE {
        let t = object.as_table();
        let Some(metatable) = t.metatable.get() else {
            table_set_str(vm, t, key, value);
            return Ok(());
        };
        let handler = meta_event(vm, metatable, Event::NEWINDEX);
        let tag = promote(handler.tag);
        if tag == NIL {
            if let Some(shape) = promote_few(t.shape.get())
                && !shape.dictionary
                && key.len <= SHORT
            {
                let slot = find_slot(proto, cache, shape, key);
                if slot != NO_SLOT {
                    set_slot(vm, t, slot, value);
                } else {
                    add_field(vm, proto, cache, t, shape, key, value);
                }
                return Ok(());
            }
            table_set_str(vm, t, key, value);
            return Ok(());
        }
        if tag == CLOSURE && table_get_str(t, key).tag == NIL {
            save_pc(vm, base, pc);
            return call_meta_set(vm, base, proto, handler, object, Value::string(key), value);
        }
    }
    save_pc(vm, base, pc);
    set_index_above(vm, above(base, proto), object, Value::string(key), value)
}

/// Gives a table a key that its shape does not have; the shape is no dictionary.
#[inline(always)]
fn add_field(
    vm: &Vm,
    proto: Ref<Proto>,
    cache: usize,
    t: Ref<Table>,
    shape: Ref<Shape>,
    key: Ref<LuaString>,
    value: Value,
) {
    if promote(value.tag) == NIL {
        return;
    }
    let next = if interpreting() { cached_add(proto.caches, cache, shape, key) } else { shape_add(shape, key) };
    if let Some(next) = next {
        let slot = next.count as usize - 1;
        if slot >= t.slots_capacity.get() as usize {
            grow_slots(vm, t);
        }
        set_slot(vm, t, slot, value);
        t.shape.set(next);
    } else {
        table_set_str(vm, t, key, value);
    }
}

/// The slot of a key in the shape at hand.
#[inline(always)]
fn find_slot(proto: Ref<Proto>, cache: usize, shape: Ref<Shape>, key: Ref<LuaString>) -> usize {
    if interpreting() { cached_slot(proto.caches, cache, shape, key) } else { shape_lookup(shape, key) }
}

/// The same for the shape behind the first `__index`.
#[inline(always)]
fn find_second_slot(proto: Ref<Proto>, cache: usize, shape: Ref<Shape>, key: Ref<LuaString>) -> usize {
    if interpreting() { cached_second_slot(proto.caches, cache, shape, key) } else { shape_lookup(shape, key) }
}
