//! The virtual machine: one struct that everything else is handed as `&Vm`, all its state in cells.
//!
//! The fields up to `hooks` are what the interpreter touches; the rest belongs to natives.

pub mod call;
mod event;
mod fuel;
pub mod hook;
pub mod invoke;
pub mod meta;
mod slots;
pub mod stack;
pub mod thread;
pub mod trap;

pub use call::Call;
pub use event::Event;
pub use invoke::Results;

use crate::error::Raised;
use crate::heap::Heap;
use crate::heap::cards::Card;
use crate::heap::object::{Closure, Frame, Proto};
use crate::string::LuaString;
use crate::table::{RootShapes, Table};
use crate::value::Value;
use moonshift_jitgen::marks::virtualizable;
use moonshift_jitgen::mem::{Arr, Reach, Ref};
use stack::{LuaStack, NativeStack};
use std::any::{Any, TypeId};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use trap::Trap;

/// A register.
#[virtualizable]
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Reg {
    pub tag: u8,
    pub bits: u64,
}

impl Reg {
    #[inline(always)]
    pub fn of(value: Value) -> Reg {
        Reg { tag: value.tag, bits: value.bits }
    }

    #[inline(always)]
    pub fn value(self) -> Value {
        Value { tag: self.tag, bits: self.bits }
    }
}

/// What compiled code returns: how it ended, and with what.
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Unit {
    /// [`Unit::RETURNED`] and so on.
    pub status: u64,
    pub value: u64,
}

impl Unit {
    /// `value` results.
    pub const RETURNED: u64 = 0;
    pub const RAISED: u64 = 1;
    /// Left compiled code in the middle: `finish` goes on.
    pub const LEFT: u64 = 2;
}

/// What the hook at a back edge or entry says.
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Hook {
    /// [`Hook::NOTHING`] and so on.
    pub status: u64,
    pub value: u64,
}

impl Hook {
    /// Go on interpreting.
    pub const NOTHING: u64 = 0;
    /// The function has run to its end, with `value` results.
    pub const RETURNED: u64 = 1;
    pub const RAISED: u64 = 2;
    /// Go on interpreting at `value`.
    pub const CONTINUE: u64 = 3;
}

/// `(vm, closure, base, extra, proto, pc)`: called when an entry counter has run down; it sets the counter anew.
pub type EntryFn = fn(&Vm, Ref<Closure>, Arr<Reg>, usize, Ref<Proto>, usize) -> Hook;
/// `(vm, closure, base, extra, proto, pc, number)`: the same for the counter of a loop, which goes on at `pc`.
pub type BackEdgeFn = fn(&Vm, Ref<Closure>, Arr<Reg>, usize, Ref<Proto>, usize, usize) -> Hook;
/// What lies outside the heap, refers to heap objects, and is there for the sake of some: compiled code.
pub trait Dependents {
    /// Reaches what is referred to for the sake of objects that are reached.
    fn trace(&self, heap: &mut dyn Reach);

    /// Drops what is there for objects that are not: they are about to be freed.
    fn release(&self, heap: &dyn Reach);
}

/// `(vm, closure, base, extra, proto, value)`: finishes a function that left compiled code.
pub type FinishFn = fn(&Vm, Ref<Closure>, Arr<Reg>, usize, Ref<Proto>, u64) -> Result<usize, Raised>;

/// `(vm, flag)`: decides what a request at a poll leads to.
pub type LimitFn = fn(&Vm, u32) -> Result<(), Raised>;

/// Where the just-in-time compiler comes in; without one they do nothing.
#[derive(Copy, Clone)]
pub struct Hooks {
    /// At a back edge; counter: `proto.loop_counters`.
    pub back_edge: BackEdgeFn,
    /// At function entry; counter: `proto.entry_counter`.
    pub entry: EntryFn,
    pub finish: FinishFn,
    /// Initial values of the counters.
    pub first_loop_count: u32,
    pub first_entry_count: u32,
}

/// The virtual machine.
pub struct Vm {
    pub trap: Ref<Trap>,
    /// Record of the innermost frame.
    pub frame: Cell<Arr<Frame>>,
    /// Index behind the last value of an open list (results of a call with all its results, varargs), from the current
    /// frame's base.
    pub top: Cell<usize>,
    /// The error value, while an error travels.
    pub error: Cell<Value>,
    /// Metatable of strings.
    pub string_meta: Cell<Option<Ref<Table>>>,
    /// The value of `next`, which generic loops recognise.
    pub next_function: Cell<Value>,
    pub hooks: Cell<Hooks>,
    /// The collector's record of writes (`heap/cards.rs`).
    pub cards: Arr<Card>,

    pub heap: Heap,
    pub shapes: OnceCell<RootShapes>,
    /// Names of metamethods, by event.
    pub event_names: OnceCell<[Ref<LuaString>; Event::COUNT]>,
    pub globals: Cell<Option<Ref<Table>>>,
    pub registry: Cell<Option<Ref<Table>>>,
    /// Metatables of the types that have one for all values, by tag (strings: `string_meta`).
    pub type_meta: [Cell<Option<Ref<Table>>>; 16],
    /// Values that the host holds, by slot.
    pub roots: RefCell<Roots>,
    pub dependents: RefCell<Vec<Box<dyn Dependents>>>,
    /// The host's data, by type.
    pub app_data: RefCell<HashMap<TypeId, Box<dyn Any>>>,
    /// Registers and frames of the running thread.
    pub stack: Cell<Arr<Reg>>,
    /// The host's frame record of the running thread.
    pub first_frame: Cell<Arr<Frame>>,
    /// Address behind the last usable register of the running thread (see [`Vm::bulk_limit`]).
    pub register_limit: Cell<u64>,
    /// An overflow was raised and not caught yet.
    pub(crate) overflowed: Cell<bool>,
    /// Lowest address of the native stack that natives may use.
    pub native_limit: Cell<usize>,
    /// How many results a watched call left that ended like an error (see `natives::watch`).
    pub(crate) watch_results: Cell<Option<usize>>,
    /// How many calls of natives into Lua are nested.
    pub(crate) native_depth: Cell<usize>,
    main_stack: LuaStack,
    native_stack: RefCell<NativeStack>,
    entered: Cell<bool>,
    /// What is left of the fuel, while the trap's `FUEL` flag is set.
    pub(super) fuel: Cell<u64>,
    /// Called at a poll for `INTERRUPT`, and for `FUEL` when it is used up.
    pub on_limit: Cell<LimitFn>,
    /// Whether warnings are shown.
    pub warnings: Cell<bool>,
    /// Called with the error of a finalizer.
    pub on_warning: Cell<fn(&Vm, Value)>,
    /// Scratch for building strings.
    pub(crate) buffer: Cell<Vec<u8>>,
    pub threads: thread::Threads,
    pub(crate) tbc: RefCell<Vec<crate::natives::close::Pending>>,
    // Last: dropped after everything that refers to it.
    shared_trap: Arc<Trap>,
}

/// Values held by the host.
#[derive(Default)]
pub struct Roots {
    values: Vec<Value>,
    free: Vec<usize>,
}

impl Vm {
    /// A machine with empty globals and no library.
    pub fn new() -> Box<Vm> {
        let shared_trap = Arc::new(Trap::new());
        // SAFETY: the machine keeps the `Arc`, and drops it last.
        let trap = unsafe { Ref::from_ptr(Arc::as_ptr(&shared_trap)) };
        let main_stack = LuaStack::new(stack::MAIN_DEPTH);
        let heap = Heap::new(trap);
        let vm = Box::new(Vm {
            trap,
            cards: heap.cards,
            frame: Cell::new(main_stack.frames()),
            top: Cell::new(0),
            error: Cell::new(Value::nil()),
            string_meta: Cell::new(None),
            next_function: Cell::new(Value::nil()),
            hooks: Cell::new(crate::natives::hooks::NO_HOOKS),
            heap,
            shapes: OnceCell::new(),
            event_names: OnceCell::new(),
            globals: Cell::new(None),
            registry: Cell::new(None),
            type_meta: Default::default(),
            roots: RefCell::default(),
            dependents: RefCell::default(),
            app_data: RefCell::default(),
            stack: Cell::new(main_stack.registers()),
            first_frame: Cell::new(main_stack.frames()),
            register_limit: Cell::new(main_stack.register_limit()),
            native_limit: Cell::new(0),
            overflowed: Cell::new(false),
            watch_results: Cell::new(None),
            native_depth: Cell::new(0),
            main_stack,
            native_stack: RefCell::new(NativeStack::main()),
            entered: Cell::new(false),
            fuel: Cell::new(0),
            on_limit: Cell::new(|vm, flags| {
                Err(vm.raise_message(if flags & Trap::INTERRUPT != 0 { "interrupted!" } else { "out of fuel" }))
            }),
            warnings: Cell::new(false),
            on_warning: Cell::new(|_, _| {}),
            buffer: Cell::default(),
            threads: thread::Threads::default(),
            tbc: RefCell::default(),
            shared_trap,
        });
        trap.set_limit(vm.main_stack.frame_limit());
        // The outermost frame is the host's: no function, no registers. Its function slot is the first register.
        vm.frame.get().set(0, Frame { base: vm.stack.get().offset(1), pc: 0 });
        let _ = vm.shapes.set(RootShapes::new(&vm));
        let names = Event::NAMES.map(|name| vm.new_string(name.as_bytes()));
        for (event, name) in names.iter().enumerate() {
            name.event.set(event as u8 + 1);
        }
        let _ = vm.event_names.set(names);
        vm.make_main_thread();
        vm.globals.set(Some(vm.new_table()));
        vm.registry.set(Some(vm.new_table()));
        vm
    }

    /// Runs `f` on the machine's own native stack, which is deep enough for any recursion that the limits allow. Calls
    /// into Lua from outside must be inside of it.
    pub fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        if self.entered.get() {
            return f();
        }
        let mut native = self.native_stack.borrow_mut();
        self.entered.set(true);
        self.native_limit.set(native.bottom() + stack::NATIVE_RESERVE);
        let result = native.run(|| std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)));
        self.entered.set(false);
        result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// What another thread needs to interrupt this machine.
    pub fn trap_handle(&self) -> Arc<Trap> {
        self.shared_trap.clone()
    }

    /// The table of globals.
    pub fn globals(&self) -> Ref<Table> {
        self.globals.get().expect("set by `new`")
    }

    /// A table that scripts cannot see.
    pub fn registry(&self) -> Ref<Table> {
        self.registry.get().expect("set by `new`")
    }

    /// A metamethod's name.
    pub fn event_name(&self, event: u8) -> Ref<LuaString> {
        self.event_names.get().expect("set by `new`")[event as usize]
    }

    /// Keeps a value alive until [`Vm::unroot`].
    pub fn root(&self, value: Value) -> usize {
        let mut roots = self.roots.borrow_mut();
        match roots.free.pop() {
            Some(slot) => {
                roots.values[slot] = value;
                slot
            }
            None => {
                roots.values.push(value);
                roots.values.len() - 1
            }
        }
    }

    /// A value kept by [`Vm::root`].
    pub fn rooted(&self, slot: usize) -> Value {
        self.roots.borrow().values[slot]
    }

    pub fn unroot(&self, slot: usize) {
        let mut roots = self.roots.borrow_mut();
        roots.values[slot] = Value::nil();
        roots.free.push(slot);
    }

    /// The host's frame record below the main thread.
    pub(crate) fn main_frame(&self) -> Arr<Frame> {
        self.main_stack.frames()
    }

    /// Sets all registers of the main thread from `end` on to nil.
    pub(crate) fn clear_main_registers(&self, end: Arr<Reg>) {
        self.main_stack.clear_from(end);
    }
}

impl Roots {
    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }
}

impl Drop for Vm {
    fn drop(&mut self) {
        self.enter(|| self.finalize_all());
        self.free_all();
    }
}
