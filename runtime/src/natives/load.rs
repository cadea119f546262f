//! From the compiler's prototypes to the heap's.

use crate::heap::object::{Capture, Child, Closure, Constant, Counter, Kind, Proto, ProtoStorage};
use crate::string::{LuaString, SHORT};
use crate::table::FieldCache;
use crate::value::Value;
use crate::vm::Vm;
use moonshift_jitgen::genext::no_code_entry;
use moonshift_jitgen::marks::elidable;
use moonshift_jitgen::mem::{Arr, Ref};
use moonshift_lang::bytecode;
use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::sync::Arc;

impl Vm {
    /// Makes a prototype and its children.
    pub fn load_proto(&self, source: Arc<bytecode::Proto>) -> Ref<Proto> {
        self.load_proto_sharing(source, &mut HashMap::new())
    }

    /// The same for a part of a chunk; equal long strings of one chunk are one object.
    fn load_proto_sharing(
        &self,
        source: Arc<bytecode::Proto>,
        long_strings: &mut HashMap<Box<[u8]>, Ref<LuaString>>,
    ) -> Ref<Proto> {
        let constants: Box<[Constant]> = source
            .constants
            .iter()
            .map(|constant| {
                let value = match constant {
                    bytecode::Constant::Nil => Value::nil(),
                    bytecode::Constant::False => Value::bool(false),
                    bytecode::Constant::True => Value::bool(true),
                    bytecode::Constant::Int(int) => Value::int(*int),
                    bytecode::Constant::Float(float) => Value::float(*float),
                    bytecode::Constant::Str(bytes) if bytes.len() <= SHORT => Value::string(self.new_string(bytes)),
                    bytecode::Constant::Str(bytes) => Value::string(match long_strings.get(&bytes[..]) {
                        Some(string) => *string,
                        None => {
                            let string = self.new_string(bytes);
                            long_strings.insert(bytes[..].into(), string);
                            string
                        }
                    }),
                };
                Constant { tag: value.tag, bits: value.bits }
            })
            .collect();
        let children: Box<[Child]> = source
            .children
            .iter()
            .map(|child| Child { proto: self.load_proto_sharing(child.clone(), long_strings) })
            .collect();
        let captures: Box<[Capture]> = source
            .upvalues
            .iter()
            .map(|upvalue| Capture { in_register: upvalue.in_parent_register, index: u32::from(upvalue.index) })
            .collect();
        let hooks = self.hooks.get();
        let loop_counters =
            vec![Counter { left: hooks.first_loop_count }; source.num_loops as usize].into_boxed_slice();
        let caches = vec![FieldCache::EMPTY; source.num_caches as usize].into_boxed_slice();
        // The arrays' addresses stay valid while the boxes move into the object.
        let storage = ProtoStorage { constants, children, captures, loop_counters, caches };
        // SAFETY: the arrays live as long as the object, which owns them and the source; the verifier has checked the
        // indices in the code. Counters and caches are written through these addresses alone.
        let proto = unsafe {
            self.heap.make_sized(Proto {
                header: self.heap.header(Kind::Proto),
                num_upvalues: source.upvalues.len() as u32,
                code: Arr::from_ptr(source.code.as_ptr().cast_mut()),
                constants: Arr::from_ptr(storage.constants.as_ptr().cast_mut()),
                children: Arr::from_ptr(storage.children.as_ptr().cast_mut()),
                captures: Arr::from_ptr(storage.captures.as_ptr().cast_mut()),
                num_params: source.num_params as usize,
                is_vararg: source.is_vararg,
                max_stack: source.max_stack as usize,
                entry: Cell::new(no_code_entry() as usize),
                is_compiled: Cell::new(false),
                entry_counter: Cell::new(hooks.first_entry_count),
                loop_counters: Arr::from_ptr(storage.loop_counters.as_ptr().cast_mut()),
                caches: Arr::from_ptr(storage.caches.as_ptr().cast_mut()),
                jit: Cell::new(0),
                liveness: OnceCell::new(),
                source,
                storage,
            })
        };
        self.heap.protos.borrow_mut().push(proto);
        proto
    }

    /// A function of a main prototype, whose only upvalue (`_ENV`) is a new cell with the value given.
    pub fn load_main(&self, source: Arc<bytecode::Proto>, env: Value) -> Ref<Closure> {
        let proto = self.load_proto(source);
        let closure = self.new_closure(proto);
        for index in 0..proto.num_upvalues as usize {
            let cell = self.new_cell(if index == 0 { env } else { Value::nil() });
            closure.upvalues.set(index, crate::heap::object::UpvalueSlot { cell });
        }
        closure
    }
}

/// Whether a register may be read when the instruction at `pc` or a later one runs, before it is written.
#[elidable]
pub fn register_live(proto: Ref<Proto>, pc: usize, index: usize) -> bool {
    // Above the window there is only the rest of an open list.
    index >= proto.max_stack || proto.liveness.get_or_init(|| bytecode::liveness(&proto.source)).is_live(pc, index)
}
