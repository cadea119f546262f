//! Traversal: array part, slots, hash part.

use super::{NO_SLOT, Table, element, hash, shape_lookup};
use crate::error::Raised;
use crate::value::{self, Value};
use crate::vm::Vm;
use moonshift_jitgen::mem::Ref;

/// Positions below are indices of the array part.
const SLOTS: usize = 1 << 40;
const NODES: usize = 1 << 41;
/// Passing over so many empty places is as much as one step of a program.
const FEW: usize = 64;

/// The first entry at or after a position (0 is the start) and the position after it.
pub fn table_entry(t: Ref<Table>, position: usize) -> Option<(usize, Value, Value)> {
    let mut at = position;
    if at < SLOTS {
        while at < t.array_len.get() {
            let found = element(t, at);
            at += 1;
            if !found.is_nil() {
                return Some((at, Value::int(at as i64), found));
            }
        }
        at = SLOTS;
    }
    if at < NODES {
        let shape = t.shape.get();
        while at - SLOTS < shape.count as usize {
            let slot = at - SLOTS;
            let found = t.slots.get().get(slot).value();
            at += 1;
            if !found.is_nil() {
                return Some((at, Value::string(shape.key_at(slot)), found));
            }
        }
        at = NODES;
    }
    while at - NODES < t.hash_size.get() as usize {
        let node = t.hash.get().get(at - NODES);
        at += 1;
        if node.value_tag != value::NIL {
            return Some((at, node.key(), node.value()));
        }
    }
    None
}

/// The position after a key; None when the table has no such key.
pub fn table_position(t: Ref<Table>, key: Value) -> Option<usize> {
    match key.tag {
        value::NIL => return Some(0),
        value::INT => {
            let index = (key.as_int() as usize).wrapping_sub(1);
            if index < t.array_len.get() {
                return Some(index + 1);
            }
            if let Some(at) = hash::find_int(t, key.as_int()) {
                return Some(NODES + at + 1);
            }
            // It may have been the last of the array part, and cleared since.
            return (index < t.array_capacity.get()).then(|| index + 1);
        }
        value::STRING if key.as_string().is_short() && !t.shape.get().dictionary => {
            let slot = shape_lookup(t.shape.get(), key.as_string());
            return (slot != NO_SLOT).then(|| SLOTS + slot + 1);
        }
        value::FLOAT => {
            if let Some(int) = value::float_to_int(key.as_float()) {
                return table_position(t, Value::int(int));
            }
        }
        _ => {}
    }
    hash::find_for_next(t, key).map(|at| NODES + at + 1)
}

/// The entry after a key (nil: the first), None at the end. Raises for a key that the table does not have.
pub fn table_next(vm: &Vm, t: Ref<Table>, key: Value) -> Result<Option<(Value, Value)>, Raised> {
    match table_position(t, key) {
        Some(position) => {
            let entry = table_entry(t, position);
            let passed = entry.map_or(usize::MAX, |(at, ..)| at - position);
            if passed > FEW {
                vm.burn((passed.min(t.array_len.get() + t.hash_size.get() as usize) / FEW) as u64)?;
            }
            Ok(entry.map(|(_, key, value)| (key, value)))
        }
        // It is `next` that complains, also where a loop does without the call: no position.
        None => Err(vm.raise(Value::string(vm.new_string(b"invalid key to 'next'")))),
    }
}
