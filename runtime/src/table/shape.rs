//! Shapes (hidden classes): which short string keys a table has, and in which slots.
//!
//! Shapes form a tree: adding a key leads to a child, always the same one while it lives. Children are held weakly, a
//! child keeps its parent alive. What gets a shape from a weak reference tells the collector (`Heap::reach_shape`): then
//! storing it needs no barrier. Shapes of one line share a growing key index: a shape owns its first `count` keys.
//!
//! There are two trees, for tables with and without a metatable, and in each a *dictionary* shape that has no keys:
//! tables in that mode keep all their keys in the hash part.

use crate::heap::object::{Header, Kind};
use crate::string::LuaString;
use crate::vm::{Event, Vm};
use moonshift_jitgen::marks::{elidable, heap};
use moonshift_jitgen::mem::Ref;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// No such key.
pub const NO_SLOT: usize = usize::MAX;

/// Most keys of a shape, where they are written by name in the program.
const MAX_KEYS: u32 = 1000;
/// Most keys of a shape, where they are computed.
const MAX_COMPUTED_KEYS: u32 = 48;
/// Most children that computed keys may give a shape.
const MAX_COMPUTED_CHILDREN: usize = 24;

/// A hidden class.
#[heap]
#[repr(C)]
pub struct Shape {
    pub header: Header,
    /// How many keys, and slots in use.
    pub count: u32,
    pub dictionary: bool,
    pub has_metatable: bool,
    pub parent: Option<Ref<Shape>>,
    /// The last key.
    pub key: Option<Ref<LuaString>>,
    /// Slots of the metamethod names among the keys.
    events: Rc<EventSlots>,
    keys: Rc<KeyIndex>,
    children: RefCell<Vec<(Ref<LuaString>, Ref<Shape>)>>,
    /// The shape with the same keys in the other tree, held weakly.
    twin: Cell<Option<Ref<Shape>>>,
    vm: *const Vm,
}

/// For each event the slot of its metamethod, or `u32::MAX`.
struct EventSlots([u32; Event::COUNT]);

/// Keys of a line of shapes, in slot order, and where to find them.
#[derive(Default)]
struct KeyIndex {
    inner: RefCell<KeyIndexInner>,
}

#[derive(Default)]
struct KeyIndexInner {
    keys: Vec<Ref<LuaString>>,
    /// Open addressing, a power of two of 1 + slot; empty while there are few keys.
    index: Vec<u32>,
}

/// Up to here a scan is faster than the index.
const SCANNED: usize = 8;

impl KeyIndexInner {
    #[inline]
    fn find(&self, key: Ref<LuaString>, count: usize) -> usize {
        if self.index.is_empty() {
            return self.keys[..count].iter().position(|&k| k == key).unwrap_or(NO_SLOT);
        }
        let mask = self.index.len() - 1;
        let mut at = key.hash.get() as usize & mask;
        loop {
            match self.index[at] {
                0 => return NO_SLOT,
                slot if self.keys[slot as usize - 1] == key => {
                    let slot = slot as usize - 1;
                    return if slot < count { slot } else { NO_SLOT };
                }
                _ => at = (at + 1) & mask,
            }
        }
    }

    fn push(&mut self, key: Ref<LuaString>) {
        self.keys.push(key);
        if self.keys.len() > SCANNED {
            if self.keys.len() * 2 > self.index.len() {
                self.index = vec![0; (self.keys.len() * 4).next_power_of_two()];
                for slot in 0..self.keys.len() {
                    self.insert(slot);
                }
            } else {
                self.insert(self.keys.len() - 1);
            }
        }
    }

    fn insert(&mut self, slot: usize) {
        let mask = self.index.len() - 1;
        let mut at = self.keys[slot].hash.get() as usize & mask;
        while self.index[at] != 0 {
            at = (at + 1) & mask;
        }
        self.index[at] = slot as u32 + 1;
    }
}

/// The four shapes that everything starts from.
#[derive(Copy, Clone)]
pub struct RootShapes {
    /// Without keys; `[1]` for tables with a metatable.
    pub empty: [Ref<Shape>; 2],
    pub dictionary: [Ref<Shape>; 2],
}

impl RootShapes {
    pub fn new(vm: &Vm) -> RootShapes {
        let make = |dictionary, has_metatable| {
            let shape = Shape {
                header: vm.heap.header(Kind::Shape),
                count: 0,
                dictionary,
                has_metatable,
                parent: None,
                key: None,
                events: Rc::new(EventSlots([u32::MAX; Event::COUNT])),
                keys: Rc::default(),
                children: RefCell::default(),
                twin: Cell::new(None),
                vm,
            };
            vm.heap.make_sized(shape)
        };
        RootShapes { empty: [make(false, false), make(false, true)], dictionary: [make(true, false), make(true, true)] }
    }
}

/// The slot of a short string key, or [`NO_SLOT`].
#[elidable]
#[inline(never)]
pub fn shape_lookup(shape: Ref<Shape>, key: Ref<LuaString>) -> usize {
    shape.keys.inner.borrow().find(key, shape.count as usize)
}

/// The slot of an event's metamethod, or [`NO_SLOT`].
#[elidable]
#[inline(always)]
pub fn shape_event(shape: Ref<Shape>, event: u8) -> usize {
    let slot = shape.events.0[event as usize];
    if slot == u32::MAX { NO_SLOT } else { slot as usize }
}

/// The shape with one key more, which `shape` does not have; its slot is the last. None when tables of that shape
/// should rather become dictionaries.
#[elidable]
#[inline(never)]
pub fn shape_add(shape: Ref<Shape>, key: Ref<LuaString>) -> Option<Ref<Shape>> {
    if let Some(child) = shape.reach_child(key) {
        return Some(child);
    }
    if shape.dictionary || !key.is_short() || shape.count >= MAX_KEYS { None } else { Some(shape.add(key)) }
}

/// The same for keys that the program computes: gives up sooner.
pub fn shape_add_computed(shape: Ref<Shape>, key: Ref<LuaString>) -> Option<Ref<Shape>> {
    if let Some(child) = shape.reach_child(key) {
        return Some(child);
    }
    if shape.dictionary
        || !key.is_short()
        || shape.count >= MAX_COMPUTED_KEYS
        || shape.children.borrow().len() >= MAX_COMPUTED_CHILDREN
    {
        None
    } else {
        Some(shape.add(key))
    }
}

/// The shape with the same keys for tables with, or without, a metatable.
pub fn shape_with_metatable(shape: Ref<Shape>, has_metatable: bool) -> Ref<Shape> {
    if shape.has_metatable == has_metatable {
        return shape;
    }
    let vm = shape.vm();
    if let Some(twin) = shape.twin.get() {
        vm.heap.reach_shape(twin);
        return twin;
    }
    let roots = vm.shapes.get().expect("shapes exist before tables");
    let twin = if shape.dictionary {
        roots.dictionary[has_metatable as usize]
    } else {
        match (shape.parent, shape.key) {
            (Some(parent), Some(key)) => {
                let parent = shape_with_metatable(parent, has_metatable);
                parent.reach_child(key).unwrap_or_else(|| parent.add(key))
            }
            _ => roots.empty[has_metatable as usize],
        }
    };
    vm.heap.note_write_to(&shape.header);
    shape.twin.set(Some(twin));
    twin
}

impl Shape {
    fn vm(&self) -> &Vm {
        // SAFETY: a shape lives in the heap of its vm, which outlives its heap's objects and does not move.
        unsafe { &*self.vm }
    }

    fn child(&self, key: Ref<LuaString>) -> Option<Ref<Shape>> {
        self.children.borrow().iter().find(|(k, _)| *k == key).map(|&(_, shape)| shape)
    }

    /// The same, which somebody is going to refer to.
    fn reach_child(&self, key: Ref<LuaString>) -> Option<Ref<Shape>> {
        let child = self.child(key)?;
        self.vm().heap.reach_shape(child);
        Some(child)
    }

    /// The shapes that it refers to weakly.
    pub fn weak_references(&self, mut visit: impl FnMut(Ref<Shape>)) {
        self.children.borrow().iter().for_each(|&(_, child)| visit(child));
        self.twin.get().into_iter().for_each(visit);
    }

    /// The key of a slot.
    pub fn key_at(&self, slot: usize) -> Ref<LuaString> {
        self.keys.inner.borrow().keys[slot]
    }

    fn add(&self, key: Ref<LuaString>) -> Ref<Shape> {
        let vm = self.vm();
        let count = self.count as usize;
        let shared = self.keys.inner.borrow().keys.len() == count;
        let keys = if shared {
            self.keys.clone()
        } else {
            let branch = KeyIndex::default();
            for slot in 0..count {
                branch.inner.borrow_mut().push(self.key_at(slot));
            }
            Rc::new(branch)
        };
        keys.inner.borrow_mut().push(key);
        let events = match key.event.get() {
            0 => self.events.clone(),
            event => {
                let mut slots = self.events.0;
                slots[event as usize - 1] = self.count;
                Rc::new(EventSlots(slots))
            }
        };
        let shape = Shape {
            header: vm.heap.header(Kind::Shape),
            count: self.count + 1,
            dictionary: false,
            has_metatable: self.has_metatable,
            // SAFETY: `self` is a shape in the heap.
            parent: Some(unsafe { Ref::from_ptr(self) }),
            key: Some(key),
            events,
            keys,
            children: RefCell::default(),
            twin: Cell::new(None),
            vm: self.vm,
        };
        let child = vm.heap.make_sized(shape);
        vm.heap.note_write_to(&self.header);
        vm.heap.reach_shape(child);
        self.children.borrow_mut().push((key, child));
        child
    }

    /// Forgets the children and the twin that the collector did not reach.
    pub fn forget_dead(&self, alive: impl Fn(Ref<Shape>) -> bool) {
        self.children.borrow_mut().retain(|&(_, child)| alive(child));
        if self.twin.get().is_some_and(|twin| !alive(twin)) {
            self.twin.set(None);
        }
    }
}
