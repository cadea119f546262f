//! The hash part: chained scatter table. A node is at its key's main position, or linked from the chain of the node
//! that is there. When a new key finds its main position taken by a node out of place, that node moves to a free place;
//! else the new key takes the free place. When no free place is left the table is rebuilt.

use super::Table;
use crate::string::LuaString;
use crate::value::{self, Value};
use moonshift_jitgen::mem::{Arr, Ref};

/// One key with its value. `key_tag` NIL: never used.
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Node {
    pub key_tag: u8,
    pub value_tag: u8,
    /// Relative index of the next node of the chain, 0 at its end.
    pub next: i32,
    pub key_bits: u64,
    pub value_bits: u64,
}

/// Key tag of a node without value whose key the collector does not keep alive; its payload is not followed.
pub const DEAD: u8 = 255;

impl Node {
    pub const EMPTY: Node = Node { key_tag: value::NIL, value_tag: value::NIL, next: 0, key_bits: 0, value_bits: 0 };

    #[inline(always)]
    pub fn key(self) -> Value {
        Value { tag: self.key_tag, bits: self.key_bits }
    }

    #[inline(always)]
    pub fn value(self) -> Value {
        Value { tag: self.value_tag, bits: self.value_bits }
    }
}

#[inline(always)]
fn mix(bits: u64) -> usize {
    let product = bits.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (product >> 32) as usize
}

/// The hash of a key's node, before masking.
#[inline(always)]
fn hash_of(key: Value) -> usize {
    match key.tag {
        value::STRING => key.as_string().hash() as usize,
        // Small integers spread best as they are.
        value::INT => (key.bits ^ (key.bits >> 32)) as usize,
        value::FALSE => 1,
        value::TRUE => 2,
        value::FLOAT => mix(key.bits),
        _ => mix(key.bits >> 4),
    }
}

#[inline(always)]
fn same_key(node: Node, key: Value) -> bool {
    node.key_tag == key.tag
        && (node.key_bits == key.bits
            || (key.tag == value::STRING && node.key().as_string().equals(key.as_string()))
            || (key.tag == value::FLOAT && node.key().as_float() == key.as_float()))
}

/// Index of a key's node.
#[inline]
pub fn find(t: Ref<Table>, key: Value) -> Option<usize> {
    let size = t.hash_size.get() as usize;
    if size == 0 {
        return None;
    }
    let nodes = t.hash.get();
    let mut at = hash_of(key) & (size - 1);
    loop {
        let node = nodes.get(at);
        if same_key(node, key) {
            return Some(at);
        }
        if node.next == 0 {
            return None;
        }
        at = at.wrapping_add_signed(node.next as isize);
    }
}

/// [`find`] for a short string key.
#[inline]
pub fn find_short(t: Ref<Table>, key: Ref<LuaString>) -> Option<usize> {
    let size = t.hash_size.get() as usize;
    if size == 0 {
        return None;
    }
    let nodes = t.hash.get();
    let mut at = key.hash.get() as usize & (size - 1);
    loop {
        let node = nodes.get(at);
        if node.key_tag == value::STRING && node.key_bits == key.addr() {
            return Some(at);
        }
        if node.next == 0 {
            return None;
        }
        at = at.wrapping_add_signed(node.next as isize);
    }
}

/// [`find`] for an integer key.
#[inline]
pub fn find_int(t: Ref<Table>, key: i64) -> Option<usize> {
    if key > 0 && !t.hash_has_ints.get() {
        return None;
    }
    find(t, Value::int(key))
}

/// [`find`] for a traversal: finds keys that died under way too.
pub fn find_for_next(t: Ref<Table>, key: Value) -> Option<usize> {
    let found = find(t, key);
    if found.is_some() || !key.is_collectable() {
        return found;
    }
    let nodes = t.hash.get();
    (0..t.hash_size.get() as usize).find(|&at| {
        let node = nodes.get(at);
        node.key_tag == DEAD && node.key_bits == key.bits
    })
}

/// Writes the value of a node.
#[inline(always)]
pub fn set_value(nodes: Arr<Node>, at: usize, new: Value) {
    let mut node = nodes.get(at);
    node.value_tag = new.tag;
    node.value_bits = new.bits;
    nodes.set(at, node);
}

/// Adds a key that is absent. False when there is no free node: the hash part must be rebuilt.
pub fn insert(t: Ref<Table>, key: Value, new: Value) -> bool {
    let size = t.hash_size.get() as usize;
    if size == 0 {
        return false;
    }
    let nodes = t.hash.get();
    let main = hash_of(key) & (size - 1);
    let fresh = |next| Node { key_tag: key.tag, value_tag: new.tag, next, key_bits: key.bits, value_bits: new.bits };
    let occupant = nodes.get(main);
    if occupant.value_tag == value::NIL {
        // Never used, or dead: a dead node keeps its place in the chain that runs through it.
        nodes.set(main, fresh(occupant.next));
        return true;
    }
    let Some(free) = take_free(t, nodes) else { return false };
    let home = hash_of(occupant.key()) & (size - 1);
    if home == main {
        // The new node goes behind the one at the main position.
        let next = if occupant.next == 0 { 0 } else { (main as i64 + i64::from(occupant.next) - free as i64) as i32 };
        nodes.set(free, fresh(next));
        let mut first = occupant;
        first.next = (free as i64 - main as i64) as i32;
        nodes.set(main, first);
    } else {
        // The occupant moves away; its predecessor in its own chain must follow.
        let mut before = home;
        loop {
            let node = nodes.get(before);
            let next = before.wrapping_add_signed(node.next as isize);
            if next == main {
                let mut node = node;
                node.next = (free as i64 - before as i64) as i32;
                nodes.set(before, node);
                break;
            }
            before = next;
        }
        let mut moved = occupant;
        if moved.next != 0 {
            moved.next = (main as i64 + i64::from(moved.next) - free as i64) as i32;
        }
        nodes.set(free, moved);
        nodes.set(main, fresh(0));
    }
    true
}

fn take_free(t: Ref<Table>, nodes: Arr<Node>) -> Option<usize> {
    let mut free = t.hash_free.get();
    while free > 0 {
        free -= 1;
        if nodes.get(free as usize).key_tag == value::NIL {
            t.hash_free.set(free);
            return Some(free as usize);
        }
    }
    t.hash_free.set(0);
    None
}
