//! Raw reads and writes by any key, without metamethods: what the interpreter's fast paths fall back to.

use super::{NO_SLOT, Node};
use super::{Slot, Table, array, element, hash, set_element, set_slot, shape_add_computed, shape_lookup};
use crate::error::Raised;
use crate::heap::Heap;
use crate::interp::barrier::touch;
use crate::string::LuaString;
use crate::value::{self, Value, float_to_int};
use crate::vm::Vm;
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::Ref;

/// The value of any key; nil when absent.
#[residual(reads(Table, Element, ElementTag, Slot, Node))]
pub fn table_get(t: Ref<Table>, key: Value) -> Value {
    match key.tag {
        value::INT => table_get_int(t, key.as_int()),
        value::STRING => table_get_str(t, key.as_string()),
        value::NIL => Value::nil(),
        value::FLOAT => match float_to_int(key.as_float()) {
            Some(int) => table_get_int(t, int),
            None => node_value(t, hash::find(t, key)),
        },
        _ => node_value(t, hash::find(t, key)),
    }
}

/// The value of an integer key.
#[residual(reads(Table, Element, ElementTag, Node))]
pub fn table_get_int(t: Ref<Table>, key: i64) -> Value {
    let index = (key as usize).wrapping_sub(1);
    if index < t.array_len.get() {
        return element(t, index);
    }
    node_value(t, hash::find_int(t, key))
}

/// The value of a string key.
#[residual(reads(Table, Slot, Node))]
pub fn table_get_str(t: Ref<Table>, key: Ref<LuaString>) -> Value {
    if !key.is_short() {
        return node_value(t, hash::find(t, Value::string(key)));
    }
    let shape = t.shape.get();
    if shape.dictionary {
        return node_value(t, hash::find_short(t, key));
    }
    let slot = shape_lookup(shape, key);
    if slot == NO_SLOT { Value::nil() } else { t.slots.get().get(slot).value() }
}

#[inline(always)]
fn node_value(t: Ref<Table>, at: Option<usize>) -> Value {
    match at {
        Some(at) => t.hash.get().get(at).value(),
        None => Value::nil(),
    }
}

/// Assigns to any key. Raises for the keys nil and NaN.
#[residual(writes(Table, Element, ElementTag, Slot, Node, Vm.error), reads(Table, Element, ElementTag, Slot, Node))]
pub fn table_set(vm: &Vm, t: Ref<Table>, key: Value, new: Value) -> Result<(), Raised> {
    match key.tag {
        value::INT => table_set_int(vm, t, key.as_int(), new),
        value::STRING => table_set_str(vm, t, key.as_string(), new),
        value::NIL => return Err(vm.raise_message("table index is nil")),
        value::FLOAT => {
            let float = key.as_float();
            match float_to_int(float) {
                Some(int) => table_set_int(vm, t, int, new),
                None if float.is_nan() => return Err(vm.raise_message("table index is NaN")),
                None => node_set(vm, t, key, new),
            }
        }
        _ => node_set(vm, t, key, new),
    }
    Ok(())
}

/// Assigns to an integer key.
#[residual(writes(Table, Element, ElementTag, Node), reads(Table, Element, ElementTag, Node))]
pub fn table_set_int(vm: &Vm, t: Ref<Table>, key: i64, new: Value) {
    let index = (key as usize).wrapping_sub(1);
    let len = t.array_len.get();
    if index < len {
        set_element(vm, t, index, new);
        if new.is_nil() && index + 1 == len {
            array::trim(t);
        }
    } else if index == len {
        if !new.is_nil() {
            array::push(vm, t, new);
        }
    } else {
        node_set(vm, t, Value::int(key), new);
    }
}

/// Assigns to a string key.
#[residual(writes(Table, Slot, Node), reads(Table, Slot, Node))]
pub fn table_set_str(vm: &Vm, t: Ref<Table>, key: Ref<LuaString>, new: Value) {
    let shape = t.shape.get();
    if !key.is_short() || shape.dictionary {
        return node_set(vm, t, Value::string(key), new);
    }
    let slot = shape_lookup(shape, key);
    if slot != NO_SLOT {
        return set_slot(vm, t, slot, new);
    }
    if new.is_nil() {
        return;
    }
    match shape_add_computed(shape, key) {
        Some(next) => {
            let slot = next.count as usize - 1;
            if slot >= t.slots_capacity.get() as usize {
                grow_slots(vm, t);
            }
            set_slot(vm, t, slot, new);
            t.shape.set(next);
        }
        None => {
            become_dictionary(vm, t);
            node_set(vm, t, Value::string(key), new);
        }
    }
}

/// Makes room for one slot more.
#[residual(writes(Table.slots, Table.slots_capacity, Slot), reads(Table, Slot))]
#[inline(never)]
pub fn grow_slots(vm: &Vm, t: Ref<Table>) {
    let old = t.slots_capacity.get() as usize;
    let new = if old == 0 { 4 } else { old * 2 };
    let slots = vm.heap.new_array(new, Slot { tag: value::NIL, bits: 0 });
    for slot in 0..old {
        slots.set(slot, t.slots.get().get(slot));
    }
    free_slots(&vm.heap, t);
    t.slots.set(slots);
    t.slots_capacity.set(new as u32);
}

/// Frees the slots unless they lie behind the object.
pub fn free_slots(heap: &Heap, t: Ref<Table>) {
    if t.slots_capacity.get() > t.inline_slots {
        heap.free_array(t.slots.get(), t.slots_capacity.get() as usize);
    }
}

/// Frees what a table owns.
pub fn free_table(heap: &Heap, t: Ref<Table>) {
    free_slots(heap, t);
    heap.free_elements(t.array.get(), t.array_capacity.get());
    heap.free_array(t.hash.get(), t.hash_size.get() as usize);
}

/// Moves the slots to the hash part.
#[inline(never)]
pub fn become_dictionary(vm: &Vm, t: Ref<Table>) {
    let shape = t.shape.get();
    let roots = vm.shapes.get().expect("shapes exist before tables");
    t.shape.set(roots.dictionary[shape.has_metatable as usize]);
    array::reserve_hash(vm, t, shape.count as usize * 2);
    for slot in 0..shape.count as usize {
        let old = t.slots.get().get(slot).value();
        if !old.is_nil() {
            node_set(vm, t, Value::string(shape.key_at(slot)), old);
        }
    }
}

/// Assigns to a key of the hash part.
fn node_set(vm: &Vm, t: Ref<Table>, key: Value, new: Value) {
    touch(vm, t.addr(), key.tag.max(new.tag));
    if let Some(at) = hash::find(t, key) {
        return hash::set_value(t.hash.get(), at, new);
    }
    if new.is_nil() {
        return;
    }
    if key.tag == value::INT && key.as_int() > 0 {
        t.hash_has_ints.set(true);
    }
    if !hash::insert(t, key, new) {
        // After this the key is either in the range of the array part or finds room.
        array::rebuild(vm, t, key);
        if key.tag == value::INT {
            table_set_int(vm, t, key.as_int(), new);
        } else {
            let inserted = hash::insert(t, key, new);
            debug_assert!(inserted);
        }
    }
}

/// A border: `array_len` is one (see the invariants).
#[residual(reads(Table))]
pub fn table_len(t: Ref<Table>) -> i64 {
    t.array_len.get() as i64
}

/// Sets the metatable, and the shape with it.
#[residual(writes(Table.metatable, Table.shape), reads(Table))]
pub fn table_set_metatable(vm: &Vm, t: Ref<Table>, metatable: Option<Ref<Table>>) {
    touch(vm, t.addr(), value::TABLE);
    t.metatable.set(metatable);
    t.shape.set(super::shape_with_metatable(t.shape.get(), metatable.is_some()));
}

/// All nodes of the hash part, for the collector and for rebuilding.
pub fn nodes(t: Ref<Table>) -> impl Iterator<Item = (usize, Node)> {
    let nodes = t.hash.get();
    (0..t.hash_size.get() as usize).map(move |at| (at, nodes.get(at)))
}
