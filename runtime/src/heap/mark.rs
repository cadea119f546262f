//! Marking: what is reachable, weak tables, what objects refer to.

use super::collect::header_of;
use super::object::{Closure, Header, Kind, Native, Proto, Userdata, VarCell};
use crate::table::{self, Shape, Slot, Table};
use crate::value::{self, Value};
use crate::vm::{Event, Reg, Vm};
use moonshift_jitgen::mem::{Arr, Ref};

/// A marking under way.
pub struct Marker<'a> {
    vm: &'a Vm,
    colour: u8,
    /// Marked objects whose references are not yet.
    gray: Vec<usize>,
    weak_values: Vec<Ref<Table>>,
    /// Weak keys, strong values.
    ephemerons: Vec<Ref<Table>>,
    all_weak: Vec<Ref<Table>>,
    shapes: Vec<Ref<Shape>>,
    protos: Vec<Ref<Proto>>,
}

impl<'a> Marker<'a> {
    pub fn new(vm: &'a Vm) -> Marker<'a> {
        Marker {
            vm,
            colour: vm.heap.colour.get(),
            gray: vec![],
            weak_values: vec![],
            ephemerons: vec![],
            all_weak: vec![],
            shapes: vec![],
            protos: vec![],
        }
    }

    /// Marks a value.
    #[inline]
    pub fn mark(&mut self, value: Value) {
        if value.is_collectable() {
            self.mark_object(value.bits as usize);
        }
    }

    /// Marks a heap object by its handle.
    pub fn mark_ref<T>(&mut self, object: Ref<T>) {
        self.mark_object(object.addr() as usize);
    }

    /// Marks a heap object of any kind by its address.
    pub fn mark_address(&mut self, address: u64) {
        self.mark_object(address as usize);
    }

    #[inline]
    fn mark_object(&mut self, address: usize) {
        // SAFETY: the address is that of a live object, which begins with a header.
        let header = unsafe { &*(address as *const Header) };
        if header.mark.get() != self.colour {
            debug_assert!(header.kind != Kind::Free, "a reference to a freed object");
            header.mark.set(self.colour);
            if header.kind != Kind::String {
                self.gray.push(address);
            }
        }
    }

    fn mark_option<T>(&mut self, object: Option<Ref<T>>) {
        if let Some(object) = object {
            self.mark_ref(object);
        }
    }

    fn is_marked(&self, value: Value) -> bool {
        !value.is_collectable() || header_of(value).mark.get() == self.colour
    }

    /// For weak tables: strings are values, they never vanish from one.
    fn is_dead(&mut self, value: Value) -> bool {
        if value.tag == value::STRING {
            self.mark(value);
            return false;
        }
        !self.is_marked(value)
    }

    /// Marks what is reachable without any object: registers below `end`, the vm's fields, what the host holds.
    pub fn mark_roots(&mut self, end: Arr<Reg>) {
        let vm = self.vm;
        let mut at = vm.stack.get();
        while at.addr() < end.addr() {
            self.mark(at.get(0).value());
            at = at.offset(1);
        }
        vm.visit_threads(&mut |thread| self.mark(thread));
        self.mark(vm.error.get());
        self.mark(vm.next_function.get());
        self.mark_option(vm.string_meta.get());
        self.mark_option(vm.globals.get());
        self.mark_option(vm.registry.get());
        for metatable in &vm.type_meta {
            self.mark_option(metatable.get());
        }
        for name in vm.event_names.get().into_iter().flatten() {
            self.mark_ref(*name);
        }
        if let Some(roots) = vm.shapes.get() {
            for shape in roots.empty.into_iter().chain(roots.dictionary) {
                self.mark_ref(shape);
            }
        }
        for &value in vm.roots.borrow().values() {
            self.mark(value);
        }
        for roots in vm.extra_roots.borrow().iter() {
            roots(&mut |address| self.mark_object(address as usize));
        }
    }

    /// Propagates, and clears weak values that are not reached.
    pub fn finish_marking(&mut self) {
        self.converge();
        // Values of objects to be finalized vanish before their finalizers run, keys after.
        self.clear_values();
    }

    /// Propagates from objects to be finalized, and clears what is still not reached.
    pub fn finish_resurrection(&mut self) {
        self.converge();
        self.clear_keys();
        self.clear_values();
    }

    /// Drops unreached shapes from reached ones, and empties the inline caches.
    pub fn forget_unreached(&mut self) {
        let colour = self.colour;
        for shape in &self.shapes {
            shape.forget_dead(|other| other.header.mark.get() == colour);
        }
        for proto in &self.protos {
            for cache in 0..proto.storage.caches.len() {
                proto.caches.set(cache, table::FieldCache::EMPTY);
            }
        }
    }

    fn converge(&mut self) {
        loop {
            self.propagate();
            let before = self.ephemerons.len();
            let mut marked = false;
            for index in 0..before {
                marked |= self.traverse_ephemeron(self.ephemerons[index]);
            }
            if !marked && self.gray.is_empty() {
                return;
            }
        }
    }

    fn propagate(&mut self) {
        while let Some(address) = self.gray.pop() {
            // SAFETY: marked objects are live and of the kind their headers say.
            unsafe {
                let address = address as u64;
                match (*(address as usize as *const Header)).kind {
                    Kind::Table => self.traverse_table(Ref::from_addr(address)),
                    Kind::Closure => {
                        let closure: Ref<Closure> = Ref::from_addr(address);
                        self.mark_ref(closure.proto);
                        for index in 0..closure.num_upvalues as usize {
                            self.mark_ref(closure.upvalues.get(index).cell);
                        }
                    }
                    Kind::Native => {
                        let native: Ref<Native> = Ref::from_addr(address);
                        for upvalue in &native.upvalues {
                            self.mark(upvalue.get());
                        }
                    }
                    Kind::Userdata => {
                        let userdata: Ref<Userdata> = Ref::from_addr(address);
                        self.mark_option(userdata.metatable.get());
                        for &value in userdata.user_values.borrow().iter() {
                            self.mark(value);
                        }
                    }
                    Kind::VarCell => {
                        let cell: Ref<VarCell> = Ref::from_addr(address);
                        self.mark(cell.value.get());
                    }
                    Kind::Proto => {
                        let proto: Ref<Proto> = Ref::from_addr(address);
                        self.protos.push(proto);
                        for constant in &proto.storage.constants {
                            self.mark(constant.value());
                        }
                        for child in &proto.storage.children {
                            self.mark_ref(child.proto);
                        }
                    }
                    Kind::Shape => {
                        let shape: Ref<Shape> = Ref::from_addr(address);
                        self.shapes.push(shape);
                        self.mark_option(shape.parent);
                        self.mark_option(shape.key);
                    }
                    Kind::Thread => self.vm.visit_thread(Ref::from_addr(address), &mut |value| self.mark(value)),
                    Kind::Free | Kind::String => unreachable!("strings have no references"),
                }
            }
        }
    }

    fn traverse_table(&mut self, t: Ref<Table>) {
        self.mark_ref(t.shape.get());
        let (mut weak_keys, mut weak_values) = (false, false);
        if let Some(metatable) = t.metatable.get() {
            self.mark_ref(metatable);
            let mode = self.vm.meta_event(metatable, Event::MODE);
            if mode.tag == value::STRING {
                let mode = mode.as_string();
                weak_keys = mode.as_bytes().contains(&b'k');
                weak_values = mode.as_bytes().contains(&b'v');
            }
        }
        match (weak_keys, weak_values) {
            (false, false) => {
                self.mark_items(t);
                for (at, node) in table::nodes(t) {
                    if node.value_tag == value::NIL {
                        kill_key(t, at);
                    } else {
                        self.mark(node.key());
                        self.mark(node.value());
                    }
                }
            }
            (false, true) => {
                for (at, node) in table::nodes(t) {
                    if node.value_tag == value::NIL {
                        kill_key(t, at);
                    } else {
                        self.mark(node.key());
                    }
                }
                self.weak_values.push(t);
            }
            (true, false) => {
                self.mark_items(t);
                self.traverse_ephemeron(t);
                self.ephemerons.push(t);
            }
            (true, true) => self.all_weak.push(t),
        }
    }

    /// Values of the array part and the slots.
    fn mark_items(&mut self, t: Ref<Table>) {
        for index in 0..t.array_len.get() {
            // Nothing but the tags is touched where nothing is to be marked.
            if t.tags.get().get(index).tag >= value::STRING {
                self.mark(table::element(t, index));
            }
        }
        for slot in 0..t.shape.get().count as usize {
            self.mark(t.slots.get().get(slot).value());
        }
    }

    /// Marks values whose keys are marked; whether there were any.
    fn traverse_ephemeron(&mut self, t: Ref<Table>) -> bool {
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

    fn clear_keys(&mut self) {
        for index in 0..self.ephemerons.len() {
            self.clear_nodes(self.ephemerons[index], true, false);
        }
        for index in 0..self.all_weak.len() {
            self.clear_nodes(self.all_weak[index], true, false);
        }
    }

    fn clear_values(&mut self) {
        for index in 0..self.weak_values.len() {
            self.clear_weak_values(self.weak_values[index]);
        }
        for index in 0..self.all_weak.len() {
            self.clear_weak_values(self.all_weak[index]);
        }
    }

    fn clear_weak_values(&mut self, t: Ref<Table>) {
        for index in 0..t.array_len.get() {
            if self.is_dead(table::element(t, index)) {
                table::set_element(t, index, Value::nil());
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
fn kill_key(t: Ref<Table>, at: usize) {
    let mut node = t.hash.get().get(at);
    if node.key().is_collectable() {
        node.key_tag = table::hash::DEAD;
        t.hash.get().set(at, node);
    }
}
