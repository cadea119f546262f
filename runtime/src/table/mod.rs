//! Tables: an array part for 1..n, slots described by a shape for string keys, a hash part for the rest.
//!
//! # Invariants
//!
//! * Short strings are the only keys of shapes. While a table's shape is no dictionary, no short string key is in its
//!   hash part; once it is one, all are.
//! * `array[0..array_len]` holds the values of 1..=array_len, nil allowed among them; `array_len` is 0 or the last one
//!   is not nil. No integer key in `1..=array_len` is in the hash part, and `array_len + 1` is not there either: so
//!   `array_len` is a border of the table.
//! * A slot, element or node whose value is nil counts as absent. Keys stay where they are while a traversal assigns
//!   nil to them.
//! * Keys are normalized: a float key with an integral value is the integer.

pub mod access;
pub mod array;
pub mod cache;
pub mod hash;
pub mod next;
pub mod shape;
#[cfg(test)]
mod tests;

pub use access::*;
pub use array::*;
pub use cache::*;
pub use hash::Node;
pub use next::*;
pub use shape::*;

use crate::heap::object::Header;
use crate::interp::barrier::touch;
use crate::value::{TRUE, Value};
use crate::vm::Vm;
use moonshift_jitgen::marks::heap;
use moonshift_jitgen::mem::{Arr, Ref};
use std::cell::Cell;

/// A table.
#[heap]
#[repr(C)]
pub struct Table {
    pub header: Header,
    /// How many slots `slots` has room for.
    pub slots_capacity: Cell<u32>,
    pub shape: Cell<Ref<Shape>>,
    /// Values of the shape's keys. Lies behind the object or, once it grew, in an allocation of its own.
    pub slots: Cell<Arr<Slot>>,
    /// There is one exactly when `shape.has_metatable`.
    pub metatable: Cell<Option<Ref<Table>>>,
    /// Payloads and tags of the array part: apart, so that an element takes nine bytes, and one of nil, false and true,
    /// which have no payload, only touches one. One allocation, see [`crate::heap::Heap::resize_elements`].
    pub array: Cell<Arr<Element>>,
    pub tags: Cell<Arr<ElementTag>>,
    pub array_len: Cell<usize>,
    pub array_capacity: Cell<usize>,
    pub hash: Cell<Arr<Node>>,
    /// Number of nodes: 0 or a power of two.
    pub hash_size: Cell<u32>,
    /// Nodes at or above this index are in use (or were when it passed them).
    pub hash_free: Cell<u32>,
    /// Whether the hash part may hold positive integer keys.
    pub hash_has_ints: Cell<bool>,
    /// Capacity of the slots behind the object.
    pub inline_slots: u32,
}

/// Element of a table's slots.
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Slot {
    pub tag: u8,
    pub bits: u64,
}

/// Payload of an element of a table's array part. Has no meaning where the tag says all, see [`has_payload`].
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Element {
    pub bits: u64,
}

/// Tag of an element of a table's array part.
#[derive(Copy, Clone)]
#[repr(C)]
pub struct ElementTag {
    pub tag: u8,
}

impl Slot {
    #[inline(always)]
    pub fn of(value: Value) -> Slot {
        Slot { tag: value.tag, bits: value.bits }
    }

    #[inline(always)]
    pub fn value(self) -> Value {
        Value { tag: self.tag, bits: self.bits }
    }
}

/// The value of an element; `index` is below the capacity.
#[inline(always)]
pub fn element(t: Ref<Table>, index: usize) -> Value {
    let tag = t.tags.get().get(index).tag;
    Value { tag, bits: if has_payload(tag) { t.array.get().get(index).bits } else { 0 } }
}

/// Whether values with the tag have a payload: all but nil, false and true.
#[inline(always)]
pub fn has_payload(tag: u8) -> bool {
    tag > TRUE
}

/// Sets a slot; it is below the capacity.
#[inline(always)]
pub fn set_slot(vm: &Vm, t: Ref<Table>, slot: usize, value: Value) {
    touch(vm, t.addr(), value.tag);
    t.slots.get().set(slot, Slot::of(value));
}

/// Sets an element; `index` is below the capacity.
#[inline(always)]
pub fn set_element(vm: &Vm, t: Ref<Table>, index: usize, value: Value) {
    touch(vm, t.addr(), value.tag);
    t.tags.get().set(index, ElementTag { tag: value.tag });
    if has_payload(value.tag) {
        t.array.get().set(index, Element { bits: value.bits });
    }
}
