//! Inline caches of the plain interpreter.

use super::{NO_SLOT, Shape, shape_add, shape_lookup};
use crate::string::LuaString;
use moonshift_jitgen::mem::{Arr, Ref};

/// Inline cache of one field access. Shapes are addresses, 0 for none; the collector clears all caches, so they keep
/// nothing alive and never see a reused address.
#[derive(Copy, Clone)]
#[repr(C)]
pub struct FieldCache {
    pub shape: u64,
    /// Of the key in `shape`, or `NO_SLOT`.
    pub slot: usize,
    /// Of a table behind the first `__index`.
    pub second_shape: u64,
    pub second_slot: usize,
    /// `shape` with the key added, for writes that do so.
    pub next: u64,
}

impl FieldCache {
    pub const EMPTY: FieldCache = FieldCache { shape: 0, slot: 0, second_shape: 0, second_slot: 0, next: 0 };
}

/// Instructions beyond the last number share it, whatever their keys: it stays empty.
const SHARED: usize = 0xffff;

/// The key's slot in a shape.
#[inline(always)]
pub fn cached_slot(caches: Arr<FieldCache>, cache: usize, shape: Ref<Shape>, key: Ref<LuaString>) -> usize {
    let entry = caches.get(cache);
    if entry.shape == shape.addr() { entry.slot } else { miss(caches, cache, shape, key) }
}

/// The same for the second table on the way.
#[inline(always)]
pub fn cached_second_slot(caches: Arr<FieldCache>, cache: usize, shape: Ref<Shape>, key: Ref<LuaString>) -> usize {
    let entry = caches.get(cache);
    if entry.second_shape == shape.addr() { entry.second_slot } else { second_miss(caches, cache, shape, key) }
}

#[inline(never)]
fn miss(caches: Arr<FieldCache>, cache: usize, shape: Ref<Shape>, key: Ref<LuaString>) -> usize {
    // Long strings are in no shape.
    let slot = if key.is_short() { shape_lookup(shape, key) } else { NO_SLOT };
    if cache == SHARED {
        return slot;
    }
    let mut entry = caches.get(cache);
    entry.shape = shape.addr();
    entry.slot = slot;
    entry.next = 0;
    caches.set(cache, entry);
    slot
}

#[inline(never)]
fn second_miss(caches: Arr<FieldCache>, cache: usize, shape: Ref<Shape>, key: Ref<LuaString>) -> usize {
    let slot = shape_lookup(shape, key);
    if cache == SHARED {
        return slot;
    }
    let mut entry = caches.get(cache);
    entry.second_shape = shape.addr();
    entry.second_slot = slot;
    caches.set(cache, entry);
    slot
}

/// The shape with the key added; the key was just looked up in the cache's shape.
#[inline(always)]
pub fn cached_add(caches: Arr<FieldCache>, cache: usize, shape: Ref<Shape>, key: Ref<LuaString>) -> Option<Ref<Shape>> {
    let entry = caches.get(cache);
    if entry.shape == shape.addr() && entry.next != 0 {
        // SAFETY: caches are cleared when shapes are freed.
        return Some(unsafe { Ref::from_addr(entry.next) });
    }
    add_miss(caches, cache, shape, key)
}

#[inline(never)]
fn add_miss(caches: Arr<FieldCache>, cache: usize, shape: Ref<Shape>, key: Ref<LuaString>) -> Option<Ref<Shape>> {
    let next = shape_add(shape, key)?;
    let mut entry = caches.get(cache);
    if entry.shape == shape.addr() {
        entry.next = next.addr();
        caches.set(cache, entry);
    }
    Some(next)
}
