//! Weak tables: ephemerons, and the clearing of entries whose key or value was not reached.

use super::mark::Marker;
use crate::table::{self, Slot, Table};
use crate::value::{self, Value};
use moonshift_jitgen::mem::Ref;

impl<const CHECK: bool> Marker<'_, CHECK> {
    /// Marks values whose keys are marked; whether there were any.
    pub(super) fn traverse_ephemeron(&mut self, t: Ref<Table>) -> bool {
        let mut marked = false;
        for (at, node) in table::nodes(t) {
            if node.value_tag == value::NIL {
                kill_key(t, at);
            } else if !self.is_marked(node.value()) && !self.is_dead(node.key()) {
                self.mark(node.value());
                marked = true;
            }
        }
        marked
    }

    pub(super) fn clear_keys(&mut self) {
        for index in 0..self.marking.ephemerons.len() {
            self.clear_nodes(self.marking.ephemerons[index], true, false);
        }
        for index in 0..self.marking.all_weak.len() {
            self.clear_nodes(self.marking.all_weak[index], true, false);
        }
    }

    pub(super) fn clear_values(&mut self) {
        for index in 0..self.marking.weak_values.len() {
            self.clear_weak_values(self.marking.weak_values[index]);
        }
        for index in 0..self.marking.all_weak.len() {
            self.clear_weak_values(self.marking.all_weak[index]);
        }
    }

    fn clear_weak_values(&mut self, t: Ref<Table>) {
        for index in 0..t.array_len.get() {
            if self.is_dead(table::element(t, index)) {
                table::set_element(self.vm, t, index, Value::nil());
            }
        }
        table::trim(t);
        for slot in 0..t.shape.get().count as usize {
            if self.is_dead(t.slots.get().get(slot).value()) {
                t.slots.get().set(slot, Slot::of(Value::nil()));
            }
        }
        self.clear_nodes(t, false, true);
    }

    fn clear_nodes(&mut self, t: Ref<Table>, keys: bool, values: bool) {
        for (at, node) in table::nodes(t) {
            if node.value_tag == value::NIL {
                kill_key(t, at);
            } else if (keys && self.is_dead(node.key())) || (values && self.is_dead(node.value())) {
                table::hash::set_value(t.hash.get(), at, Value::nil());
                kill_key(t, at);
            }
        }
    }
}

/// A node without value does not keep its key alive.
pub(super) fn kill_key(t: Ref<Table>, at: usize) {
    let mut node = t.hash.get().get(at);
    if node.key().is_collectable() {
        node.key_tag = table::hash::DEAD;
        t.hash.get().set(at, node);
    }
}
