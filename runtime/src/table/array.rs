//! Sizes of the array and hash parts.

use super::{Node, Table, access, hash, set_element};
use crate::interp::barrier::touch;
use crate::value::{self, Value};
use crate::vm::{Reg, Vm};
use moonshift_jitgen::mem::{Arr, Ref};

/// Drops nils from the end of the array part.
pub fn trim(t: Ref<Table>) {
    let mut len = t.array_len.get();
    while len > 0 && t.tags.get().get(len - 1).tag == value::NIL {
        len -= 1;
    }
    t.array_len.set(len);
}

/// Assigns registers to `first + 1` and on, nils among them: the items of a constructor. The last item that is not nil
/// becomes the border, as in the reference, if no integer key is elsewhere.
pub fn append_items(vm: &Vm, t: Ref<Table>, from: Arr<Reg>, count: usize, first: usize) {
    let (len, capacity) = (t.array_len.get(), t.array_capacity.get());
    // What a constructor wrote before, nils too, it had room for; only a binary chunk made by hand leaves room out, and its
    // `first` may be any number: too large to make room for.
    let follows = first == len || first <= capacity && !t.hash_has_ints.get();
    if first >= len && first + count > capacity && follows {
        set_array_capacity(vm, t, first + count);
    }
    if first < len || t.hash_has_ints.get() || first + count > t.array_capacity.get() {
        for index in 0..count {
            access::table_set_int(vm, t, (first + index + 1) as i64, from.get(index).value());
        }
        return;
    }
    for index in len..first {
        set_element(vm, t, index, Value::nil());
    }
    for index in 0..count {
        set_element(vm, t, first + index, from.get(index).value());
    }
    t.array_len.set(first + count);
    trim(t);
}

/// Appends a value that is not nil, and what follows it in the hash part.
pub fn push(vm: &Vm, t: Ref<Table>, new: Value) {
    push_element(vm, t, new);
    if t.hash_has_ints.get() {
        // A key that is now in the array part may have left a dead node; it must not come back to life.
        migrate(vm, t);
    }
}

fn push_element(vm: &Vm, t: Ref<Table>, new: Value) {
    let len = t.array_len.get();
    if len == t.array_capacity.get() {
        set_array_capacity(vm, t, if len == 0 { 4 } else { len * 2 });
    }
    set_element(vm, t, len, new);
    t.array_len.set(len + 1);
}

/// Moves the keys after `array_len` from the hash part.
fn migrate(vm: &Vm, t: Ref<Table>) {
    loop {
        let key = t.array_len.get() as i64 + 1;
        let Some(at) = hash::find_int(t, key) else { return };
        let found = t.hash.get().get(at).value();
        if found.is_nil() {
            return;
        }
        hash::set_value(t.hash.get(), at, Value::nil());
        push_element(vm, t, found);
    }
}

/// Gives the array part room for `capacity` elements, which is not less than `array_len`.
pub fn set_array_capacity(vm: &Vm, t: Ref<Table>, capacity: usize) {
    let (array, tags) = vm.heap.resize_elements(t.array.get(), t.array_len.get(), t.array_capacity.get(), capacity);
    t.array.set(array);
    t.tags.set(tags);
    t.array_capacity.set(capacity);
}

/// Gives the hash part room for `count` entries; for tables whose hash part is empty or that know what they do.
pub fn reserve_hash(vm: &Vm, t: Ref<Table>, count: usize) {
    let live = access::nodes(t).filter(|(_, node)| node.value_tag != value::NIL).count();
    resize_hash(vm, t, live + count);
}

/// Called when `key`, an absent key, finds no free node: finds the best size of the array part (the largest n such that
/// more than half of 1..=n are in use), moves what belongs there, and sizes the hash part for the rest and `key`.
pub fn rebuild(vm: &Vm, t: Ref<Table>, key: Value) {
    // in_slice[i]: integer keys k with 2^(i-1) < k <= 2^i.
    let mut in_slice = [0usize; 64];
    let mut count_key = |k: i64| {
        if k > 0 {
            in_slice[slice(k)] += 1;
        }
    };
    let mut entries = 1;
    for (_, node) in access::nodes(t) {
        if node.value_tag != value::NIL {
            entries += 1;
            if node.key_tag == value::INT {
                count_key(node.key_bits as i64);
            }
        }
    }
    if key.tag == value::INT {
        count_key(key.as_int());
    }
    if key.tag == value::INT {
        for index in 0..t.array_len.get() {
            if t.tags.get().get(index).tag != value::NIL {
                count_key(index as i64 + 1);
            }
        }
        let size = best_array_size(&in_slice);
        if size > t.array_len.get() {
            entries -= move_to_array(vm, t, size, key);
        }
    }
    resize_hash(vm, t, entries);
    if t.hash_has_ints.get() {
        migrate(vm, t);
    }
}

fn slice(k: i64) -> usize {
    // ceil(log2 k)
    64 - (k as u64 - 1).leading_zeros() as usize
}

fn best_array_size(in_slice: &[usize; 64]) -> usize {
    let ints: usize = in_slice.iter().sum();
    let (mut best, mut below) = (0, 0);
    for (i, count) in in_slice.iter().enumerate().take(48) {
        let size = 1usize << i;
        below += count;
        if below > size / 2 {
            best = size;
        }
        if size / 2 >= ints {
            break;
        }
    }
    best
}

/// Moves integer keys up to `size` to the array part; how many entries the hash part needs less for it.
fn move_to_array(vm: &Vm, t: Ref<Table>, size: usize, key: Value) -> usize {
    let mut moved = 0;
    let old_len = t.array_len.get();
    if size > t.array_capacity.get() {
        set_array_capacity(vm, t, size);
    }
    for index in old_len..size {
        set_element(vm, t, index, Value::nil());
    }
    let in_range = |k: Value| k.tag == value::INT && k.as_int() > old_len as i64 && k.as_int() <= size as i64;
    let mut len = old_len;
    let nodes = t.hash.get();
    for (at, node) in access::nodes(t) {
        if node.value_tag != value::NIL && in_range(node.key()) {
            let index = node.key_bits as usize - 1;
            set_element(vm, t, index, node.value());
            hash::set_value(nodes, at, Value::nil());
            len = len.max(index + 1);
            moved += 1;
        }
    }
    if in_range(key) {
        // The caller is about to assign it: let its place be inside, so that it goes to the array part.
        let index = key.as_int() as usize - 1;
        set_element(vm, t, index, Value::bool(false));
        len = len.max(index + 1);
        moved += 1;
    }
    t.array_len.set(len);
    moved
}

fn resize_hash(vm: &Vm, t: Ref<Table>, entries: usize) {
    let size = if entries == 0 { 0 } else { entries.next_power_of_two() };
    let (old, old_size) = (t.hash.get(), t.hash_size.get() as usize);
    // References move to other places, which the collector may have passed.
    touch(vm, t.addr(), value::STRING);
    let nodes = if size == 0 { Arr::null() } else { vm.heap.new_array(size, Node::EMPTY) };
    t.hash.set(nodes);
    t.hash_size.set(size as u32);
    t.hash_free.set(size as u32);
    let mut has_ints = false;
    for at in 0..old_size {
        let node = old.get(at);
        if node.value_tag != value::NIL {
            has_ints |= node.key_tag == value::INT && node.key_bits as i64 > 0;
            let inserted = hash::insert(t, node.key(), node.value());
            debug_assert!(inserted);
        }
    }
    t.hash_has_ints.set(has_ints);
    vm.heap.free_array(old, old_size);
}
