//! Marking: what is reachable, and what objects refer to.
//!
//! An object is *white* when it is not reached yet, *grey* while it waits in the marking's list, *black* after. Grey and black have the
//! same colour in the header. While the program runs between two slices of a marking, black objects may come to refer to
//! white ones; cards and the list of written objects tell which, and those are visited again at the end, as the roots are.

use super::collect::header_of;
use super::object::{Closure, Header, Kind, Native, Proto, Userdata, VarCell, flag};
use super::weak::kill_key;
use crate::table::{self, Shape, Table};
use crate::value::{self, Value};
use crate::vm::{Event, Reg, Vm};
use moonshift_jitgen::mem::{Arr, Reach, Ref};
use std::collections::HashSet;

/// Most elements of a table that are visited at once.
const CHUNK: usize = 4096;

/// What a marking remembers between its slices.
#[derive(Default)]
pub(super) struct Marking {
    /// Reached objects whose references are not.
    pub grey: Vec<usize>,
    /// What is left of large tables.
    parts: Vec<Part>,
    pub weak_values: Vec<Ref<Table>>,
    /// Weak keys, strong values.
    pub ephemerons: Vec<Ref<Table>>,
    pub all_weak: Vec<Ref<Table>>,
    shapes: Vec<Ref<Shape>>,
    /// Prototypes of functions that run in the place of those that called them last.
    tail_called: HashSet<u64>,
    /// How many references were visited.
    work: usize,
    /// Shapes keep their children alive: nothing old is freed.
    pub young_only: bool,
}

/// Elements or nodes of a table from a number on.
enum Part {
    Elements(Ref<Table>, usize),
    Nodes(Ref<Table>, usize),
}

/// A marking under way. `CHECK`: it changes nothing, but makes sure that everything it reaches is black.
pub(super) struct Marker<'a, const CHECK: bool = false> {
    pub vm: &'a Vm,
    pub marking: &'a mut Marking,
    black: u8,
    checked: HashSet<usize>,
}

impl<'a, const CHECK: bool> Marker<'a, CHECK> {
    pub fn new(vm: &'a Vm, marking: &'a mut Marking) -> Self {
        Marker { vm, marking, black: vm.heap.black.get(), checked: HashSet::new() }
    }

    /// Marks a value.
    #[inline]
    pub fn mark(&mut self, value: Value) {
        if value.is_collectable() {
            self.mark_object(value.bits as usize);
        }
    }

    /// Marks the value of a register, which may be a function that was called last and runs in its caller's place.
    fn mark_register(&mut self, value: Value) {
        if value.tag == value::TAIL_CALLED {
            self.marking.tail_called.insert(value.as_closure().proto.addr());
        }
        self.mark(value);
    }

    /// Marks a heap object by its handle.
    pub fn mark_ref<T>(&mut self, object: Ref<T>) {
        self.mark_object(object.addr() as usize);
    }

    #[inline]
    fn mark_object(&mut self, address: usize) {
        // SAFETY: the address is that of a live object, which begins with a header.
        let header = unsafe { &*(address as *const Header) };
        if CHECK {
            assert!(header.kind != Kind::Free, "a reference to a freed object");
            assert!(header.mark.get() == self.black, "{:?} is reachable, but was not reached", header.kind);
            if self.checked.insert(address) && header.kind != Kind::String {
                self.marking.grey.push(address);
            }
            return;
        }
        if header.mark.get() != self.black {
            debug_assert!(header.kind != Kind::Free, "a reference to a freed object");
            header.mark.set(self.black);
            if header.kind != Kind::String {
                self.marking.grey.push(address);
            }
        }
    }

    fn mark_option<T>(&mut self, object: Option<Ref<T>>) {
        if let Some(object) = object {
            self.mark_ref(object);
        }
    }

    pub fn is_marked(&self, value: Value) -> bool {
        !value.is_collectable() || header_of(value).mark.get() == self.black
    }

    /// For weak tables: strings are values, they never vanish from one.
    pub fn is_dead(&mut self, value: Value) -> bool {
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
            self.mark_register(at.get(0).value());
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
    }

    /// Drops what is outside the heap for the sake of objects that were not reached.
    pub fn release_dependents(&self) {
        for dependents in self.vm.dependents.borrow().iter() {
            dependents.release(self);
        }
    }

    /// Has black objects visited again that were written since the cards were cleared, and clears them.
    pub fn mark_written(&mut self) {
        let heap = &self.vm.heap;
        let grey = &mut self.marking.grey;
        let black = self.black;
        heap.visit_cells(&|page| heap.is_dirty(page), &mut |header| {
            if header.mark.get() == black && header.kind != Kind::String {
                grey.push(std::ptr::from_ref(header) as usize);
            }
        });
        heap.clear_cards();
        for address in heap.control.written.borrow_mut().drain(..) {
            // SAFETY: objects in the list are alive until the marking is over.
            let header = unsafe { &*(address as *const Header) };
            header.flags.set(header.flags.get() & !flag::WRITTEN);
            if header.mark.get() == black {
                grey.push(address);
            }
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

    /// Marks threads that are to be unwound.
    pub fn mark_abandoned(&mut self) {
        let vm = self.vm;
        vm.visit_threads(&mut |thread| self.mark(thread));
    }

    /// Drops unreached shapes from reached ones.
    pub fn forget_shapes(&mut self) {
        let black = self.black;
        for shape in &self.marking.shapes {
            shape.forget_dead(|other| other.header.mark.get() == black);
        }
    }

    fn converge(&mut self) {
        loop {
            self.propagate(usize::MAX);
            let before = self.marking.ephemerons.len();
            let mut marked = false;
            for index in 0..before {
                marked |= self.traverse_ephemeron(self.marking.ephemerons[index]);
            }
            let vm = self.vm;
            for dependents in vm.dependents.borrow().iter() {
                dependents.trace(self);
            }
            if !marked && self.marking.grey.is_empty() && self.marking.parts.is_empty() {
                return;
            }
        }
    }

    /// Visits about `budget` references, or until nothing is grey: then true.
    pub fn propagate(&mut self, budget: usize) -> bool {
        let end = self.marking.work.saturating_add(budget);
        loop {
            if let Some(address) = self.marking.grey.pop() {
                self.traverse(address as u64);
            } else if let Some(part) = self.marking.parts.pop() {
                match part {
                    Part::Elements(t, from) => self.traverse_elements(t, from),
                    Part::Nodes(t, from) => self.traverse_nodes(t, from),
                }
            } else {
                return true;
            }
            if self.marking.work >= end {
                return false;
            }
        }
    }

    fn traverse(&mut self, address: u64) {
        self.marking.work += 2;
        // SAFETY: marked objects are live and of the kind their headers say.
        unsafe {
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
                    self.marking.work += proto.storage.constants.len();
                    for constant in &proto.storage.constants {
                        self.mark(constant.value());
                    }
                    for child in &proto.storage.children {
                        self.mark_ref(child.proto);
                    }
                }
                Kind::Shape => {
                    let shape: Ref<Shape> = Ref::from_addr(address);
                    self.mark_option(shape.parent);
                    self.mark_option(shape.key);
                    if self.marking.young_only {
                        shape.weak_references(|other| self.mark_ref(other));
                    } else {
                        self.marking.shapes.push(shape);
                    }
                }
                Kind::Thread => {
                    let mut count = 0;
                    self.vm.visit_thread(Ref::from_addr(address), &mut |value| {
                        count += 1;
                        self.mark_register(value);
                    });
                    self.marking.work += count;
                }
                Kind::Free | Kind::String => unreachable!("strings have no references"),
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
                self.mark_slots(t);
                self.traverse_elements(t, 0);
                self.traverse_nodes(t, 0);
            }
            (false, true) => {
                for (at, node) in table::nodes(t) {
                    if node.value_tag == value::NIL {
                        kill_key(t, at);
                    } else {
                        self.mark(node.key());
                    }
                }
                self.marking.weak_values.push(t);
            }
            (true, false) => {
                self.mark_slots(t);
                self.traverse_elements(t, 0);
                self.traverse_ephemeron(t);
                self.marking.ephemerons.push(t);
            }
            (true, true) => self.marking.all_weak.push(t),
        }
        if weak_keys || weak_values {
            self.marking.work += t.array_len.get() + t.hash_size.get() as usize;
        }
    }

    fn mark_slots(&mut self, t: Ref<Table>) {
        let count = t.shape.get().count as usize;
        for slot in 0..count {
            self.mark(t.slots.get().get(slot).value());
        }
        self.marking.work += count;
    }

    /// Visits the elements from a number on, as many as are visited at once.
    fn traverse_elements(&mut self, t: Ref<Table>, from: usize) {
        let end = t.array_len.get().min(from + CHUNK);
        for index in from..end {
            // Nothing but the tags is touched where nothing is to be marked.
            if t.tags.get().get(index).tag >= value::STRING {
                self.mark(table::element(t, index));
            }
        }
        self.marking.work += end.saturating_sub(from);
        if end < t.array_len.get() {
            self.marking.parts.push(Part::Elements(t, end));
        }
    }

    /// The same for the nodes. Where nodes move to other places meanwhile, the table is visited again.
    fn traverse_nodes(&mut self, t: Ref<Table>, from: usize) {
        let end = (t.hash_size.get() as usize).min(from + CHUNK);
        let nodes = t.hash.get();
        for at in from..end {
            let node = nodes.get(at);
            if node.value_tag == value::NIL {
                kill_key(t, at);
            } else {
                self.mark(node.key());
                self.mark(node.value());
            }
        }
        self.marking.work += 2 * end.saturating_sub(from);
        if end < t.hash_size.get() as usize {
            self.marking.parts.push(Part::Nodes(t, end));
        }
    }
}

impl<const CHECK: bool> Reach for Marker<'_, CHECK> {
    fn is_reached(&self, reference: u64) -> bool {
        // SAFETY: it was reached at the last marking, and what was not is released before it is freed.
        let header = unsafe { &*(reference as *const Header) };
        header.mark.get() == self.black
    }

    fn is_continued(&self, reference: u64) -> bool {
        // Old threads are not visited by young collections.
        self.marking.young_only || self.marking.tail_called.contains(&reference)
    }

    fn reach(&mut self, reference: u64) {
        self.mark_object(reference as usize);
    }
}

impl Vm {
    /// Makes sure that all that is reachable is black: right after a marking.
    pub(super) fn check_marking(&self, end: Arr<Reg>, young_only: bool) {
        let mut marking = Marking { young_only, ..Marking::default() };
        let mut marker = Marker::<true>::new(self, &mut marking);
        marker.mark_roots(end);
        marker.converge();
    }
}
