//! Heap objects other than strings, tables and shapes, which have modules of their own.
//!
//! Every object begins with a [`Header`]. What the interpreter touches are plain fields and cells; what only natives
//! touch may be any Rust type. Objects are made by the functions in `heap/make.rs` and freed by the collector alone.

use crate::error::Raised;
use crate::table::{FieldCache, Table};
use crate::value::Value;
use crate::vm::{Call, Reg, Vm};
use moonshift_jitgen::marks::heap;
use moonshift_jitgen::mem::{Arr, Ref};
use moonshift_lang::bytecode::{Instr, Liveness};
use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

/// What an object is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// A free cell of a block; offset 8 holds the address of the next one.
    Free = 0,
    String,
    Table,
    Closure,
    Native,
    Userdata,
    Thread,
    VarCell,
    Proto,
    Shape,
}

/// First field of every heap object.
#[repr(C)]
pub struct Header {
    pub kind: Kind,
    /// Its colour, see `collect.rs`.
    pub mark: Cell<u8>,
    /// By kind: see [`flag`].
    pub flags: Cell<u8>,
    /// Size class of the cell; [`crate::heap::LARGE`] when the object has an allocation of its own.
    pub class: u8,
}

/// Bits of [`Header::flags`].
pub mod flag {
    /// Tables and userdata: the metatable had `__gc` when it was set; the object is in the heap's list of such objects.
    pub const FINALIZER: u8 = 1;
    /// The object is in the heap's list of objects that were written.
    pub const WRITTEN: u8 = 2;
}

/// A Lua function.
#[heap]
#[repr(C)]
pub struct Closure {
    pub header: Header,
    pub num_upvalues: u32,
    pub proto: Ref<Proto>,
    /// Lies behind the object, `num_upvalues` long.
    pub upvalues: Arr<UpvalueSlot>,
}

/// Element of a closure's upvalues. `debug.upvaluejoin` replaces it.
#[derive(Copy, Clone)]
#[repr(C)]
pub struct UpvalueSlot {
    pub cell: Ref<VarCell>,
}

/// Where a captured local lives.
#[heap]
#[repr(C)]
pub struct VarCell {
    pub header: Header,
    pub value: Cell<Value>,
}

/// A native function: gets its arguments in registers, returns how many results it left (see [`Call`]).
pub type NativeFn = fn(&Vm, Call) -> Result<usize, Raised>;

/// A native function as a value.
#[heap]
#[repr(C)]
pub struct Native {
    pub header: Header,
    pub function: NativeFn,
    /// For tracebacks and for the names of natives in messages; may be empty.
    pub name: &'static str,
    pub upvalues: Box<[Cell<Value>]>,
    /// What a host function captured.
    pub host: Option<Box<dyn Any>>,
}

/// Full userdata.
#[heap]
#[repr(C)]
pub struct Userdata {
    pub header: Header,
    pub metatable: Cell<Option<Ref<Table>>>,
    pub user_values: RefCell<Vec<Value>>,
    /// None once finalized or taken by the host.
    pub data: RefCell<Option<Box<dyn Any>>>,
}

/// A coroutine.
#[heap]
#[repr(C)]
pub struct Thread {
    pub header: Header,
    pub state: crate::vm::thread::ThreadState,
}

/// A function prototype. Its code and constants never change.
#[heap]
#[repr(C)]
pub struct Proto {
    pub header: Header,
    pub num_upvalues: u32,
    pub code: Arr<Instr>,
    pub constants: Arr<Constant>,
    pub children: Arr<Child>,
    pub captures: Arr<Capture>,
    pub num_params: usize,
    pub is_vararg: bool,
    /// Registers a window needs.
    pub max_stack: usize,
    /// Address of the compiled unit for the function's entry, or of code that says there is none: compiled code calls it
    /// without a look.
    pub entry: Cell<usize>,
    /// Whether there is a unit.
    pub is_compiled: Cell<bool>,
    /// Counts down to the compiler's interest in the entry.
    pub entry_counter: Cell<u32>,
    /// The same for the loops, by loop number.
    pub loop_counters: Arr<Counter>,
    /// Inline caches of the plain interpreter, by cache number.
    pub caches: Arr<FieldCache>,
    /// What `jit/` keeps for the prototype.
    pub jit: Cell<usize>,
    /// Which registers are live where; computed on demand.
    pub liveness: OnceCell<Liveness>,
    /// Lengths of the arrays, names, lines.
    pub source: Arc<moonshift_lang::bytecode::Proto>,
    /// Owns what the `Arr`s above point to.
    pub storage: ProtoStorage,
}

/// Owner of a prototype's arrays.
pub struct ProtoStorage {
    pub constants: Box<[Constant]>,
    pub children: Box<[Child]>,
    pub captures: Box<[Capture]>,
    pub loop_counters: Box<[Counter]>,
    pub caches: Box<[FieldCache]>,
}

/// A constant of a prototype: a value of a type of its own, because it never changes.
#[heap(frozen)]
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Constant {
    pub tag: u8,
    pub bits: u64,
}

impl Constant {
    #[inline(always)]
    pub fn value(self) -> Value {
        Value { tag: self.tag, bits: self.bits }
    }
}

/// A nested prototype.
#[heap(frozen)]
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Child {
    pub proto: Ref<Proto>,
}

/// Where a closure finds a cell when it is made.
#[heap(frozen)]
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Capture {
    /// In the register `index` of the enclosing function; else its upvalue `index`.
    pub in_register: bool,
    pub index: u32,
}

/// Element of [`Proto::loop_counters`].
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Counter {
    pub left: u32,
}

/// One frame: where its window begins and where it is.
///
/// A record is written before anything that can raise, collect or look at frames; the records of callers are therefore
/// valid whenever somebody walks them. For a function that is not a Lua closure (`base[-1]` tells), `pc` is the number
/// of registers it uses from `base` on.
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Frame {
    pub base: Arr<Reg>,
    pub pc: usize,
}
