//! Constructors of heap objects.

use super::Heap;
use super::object::*;
use crate::string::{LuaString, SHORT, hash_bytes};
use crate::table::{Slot, Table};
use crate::value::Value;
use crate::vm::Vm;
use moonshift_jitgen::mem::{Arr, Ref};
use std::any::Any;
use std::cell::{Cell, RefCell};

impl Vm {
    /// A string with these bytes; short ones are shared.
    pub fn new_string(&self, bytes: &[u8]) -> Ref<LuaString> {
        if bytes.len() > SHORT {
            return make_string(&self.heap, bytes, None);
        }
        let hash = hash_bytes(bytes);
        if let Some(found) = self.heap.strings.find(bytes, hash) {
            self.heap.revive(&found.header);
            return found;
        }
        let string = make_string(&self.heap, bytes, Some(hash));
        self.heap.strings.add(string);
        string
    }

    /// An empty table with room for this many array elements and string keys.
    pub fn new_table_sized(&self, array: usize, slots: usize) -> Ref<Table> {
        let shapes = self.shapes.get().expect("shapes exist before tables");
        let inline_slots = slots.min(16);
        let table = self.heap.make_with_tail(inline_slots * std::mem::size_of::<Slot>(), |tail| Table {
            header: self.heap.header(Kind::Table),
            slots_capacity: Cell::new(inline_slots as u32),
            shape: Cell::new(shapes.empty[0]),
            // SAFETY: the tail has room for `inline_slots` slots.
            slots: Cell::new(unsafe { Arr::from_ptr(tail as *mut Slot) }),
            metatable: Cell::new(None),
            array: Cell::new(Arr::null()),
            array_len: Cell::new(0),
            tags: Cell::new(Arr::null()),
            array_capacity: Cell::new(0),
            hash: Cell::new(Arr::null()),
            hash_size: Cell::new(0),
            hash_free: Cell::new(0),
            hash_has_ints: Cell::new(false),
            inline_slots: inline_slots as u32,
        });
        if array > 0 {
            crate::table::set_array_capacity(self, table, array);
        }
        table
    }

    /// An empty table.
    pub fn new_table(&self) -> Ref<Table> {
        self.new_table_sized(0, 0)
    }

    /// A native function without upvalues.
    pub fn new_native(&self, name: &'static str, function: NativeFn) -> Ref<Native> {
        self.new_native_with(name, function, &[], None)
    }

    /// A native function that finds values or something of the host's in its own object (see `Call::callee_native`).
    pub fn new_native_with(
        &self,
        name: &'static str,
        function: NativeFn,
        upvalues: &[Value],
        host: Option<Box<dyn Any>>,
    ) -> Ref<Native> {
        let upvalues = upvalues.iter().map(|&v| Cell::new(v)).collect();
        self.heap.make_sized(Native { header: self.heap.header(Kind::Native), function, name, upvalues, host })
    }

    /// A full userdata.
    pub fn new_userdata(&self, data: Box<dyn Any>, user_values: usize) -> Ref<Userdata> {
        self.heap.make_sized(Userdata {
            header: self.heap.header(Kind::Userdata),
            metatable: Cell::new(None),
            user_values: RefCell::new(vec![Value::nil(); user_values]),
            data: RefCell::new(Some(data)),
        })
    }

    /// A cell for a captured local.
    #[inline(always)]
    pub fn new_cell(&self, value: Value) -> Ref<VarCell> {
        self.heap.make_sized(VarCell { header: self.heap.header(Kind::VarCell), value: Cell::new(value) })
    }

    /// A Lua function; its upvalues are still to be written by the caller, all of them, before the next poll.
    pub fn new_closure(&self, proto: Ref<Proto>) -> Ref<Closure> {
        let count = proto.num_upvalues;
        self.heap.make_with_tail(count as usize * std::mem::size_of::<UpvalueSlot>(), |tail| Closure {
            header: self.heap.header(Kind::Closure),
            num_upvalues: count,
            proto,
            // SAFETY: the tail has room for `count` upvalues.
            upvalues: unsafe { Arr::from_ptr(tail as *mut UpvalueSlot) },
        })
    }
}

fn make_string(heap: &Heap, bytes: &[u8], hash: Option<u32>) -> Ref<LuaString> {
    heap.make_with_tail(bytes.len() + 1, |tail| {
        // SAFETY: the tail has room for the bytes and a zero.
        unsafe {
            tail.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            tail.add(bytes.len()).write(0);
        }
        LuaString {
            header: heap.header(Kind::String),
            hash: Cell::new(hash.unwrap_or(0)),
            len: bytes.len(),
            // SAFETY: the bytes live as long as the object.
            data: unsafe { Arr::from_ptr(tail) },
            next: Cell::new(None),
            hashed: Cell::new(hash.is_some()),
            event: Cell::new(0),
        }
    })
}
