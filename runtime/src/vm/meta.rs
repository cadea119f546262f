//! Metatables and the operations on values that respect them, for natives and hosts.

use super::{Event, Vm, stack};
use crate::error::Raised;
use crate::heap::object::Frame;
use crate::natives;
use crate::string::LuaString;
use crate::table::{Table, shape_event, table_get_str};
use crate::value::{self, Value};
use moonshift_jitgen::mem::Ref;

impl Vm {
    /// A value's metatable.
    pub fn metatable_of(&self, value: Value) -> Option<Ref<Table>> {
        match value.tag {
            value::TABLE => value.as_table().metatable.get(),
            value::USERDATA => value.as_userdata().metatable.get(),
            value::STRING => self.string_meta.get(),
            tag => self.type_meta[type_slot(tag)].get(),
        }
    }

    /// Sets a value's metatable: of tables and full userdata their own, of other types that of all their values.
    pub fn set_metatable(&self, value: Value, metatable: Option<Ref<Table>>) {
        match value.tag {
            value::TABLE => crate::table::table_set_metatable(self, value.as_table(), metatable),
            value::USERDATA => {
                self.heap.note_write(value);
                value.as_userdata().metatable.set(metatable);
            }
            value::STRING => self.string_meta.set(metatable),
            tag => self.type_meta[type_slot(tag)].set(metatable),
        }
        if let Some(metatable) = metatable
            && value.is_collectable()
            && !self.meta_event(metatable, Event::GC).is_nil()
        {
            self.heap.control.watch(value);
        }
    }

    /// The metamethod of an event in a metatable; nil when there is none.
    #[inline]
    pub fn meta_event(&self, metatable: Ref<Table>, event: u8) -> Value {
        let shape = metatable.shape.get();
        if shape.dictionary {
            return table_get_str(metatable, self.event_name(event));
        }
        match shape_event(shape, event) {
            crate::table::NO_SLOT => Value::nil(),
            slot => metatable.slots.get().get(slot).value(),
        }
    }

    /// A value's metamethod of an event; nil when there is none.
    pub fn metamethod(&self, value: Value, event: u8) -> Value {
        match self.metatable_of(value) {
            Some(metatable) => self.meta_event(metatable, event),
            None => Value::nil(),
        }
    }

    /// A field of a value's metatable; nil when there is none.
    pub fn metafield(&self, value: Value, name: &str) -> Value {
        match self.metatable_of(value) {
            Some(metatable) => table_get_str(metatable, self.new_string(name.as_bytes())),
            None => Value::nil(),
        }
    }

    // Operations that may call metamethods.

    /// `object[key]`
    pub fn index(&self, object: Value, key: Value) -> Result<Value, Raised> {
        natives::index::index(self, object, key)
    }

    /// `object[key] = value`
    pub fn set_index(&self, object: Value, key: Value, value: Value) -> Result<(), Raised> {
        natives::index::set_index(self, object, key, value)
    }

    /// `x == y`
    pub fn equals(&self, x: Value, y: Value) -> Result<bool, Raised> {
        natives::compare::equals(self, x, y)
    }

    /// `x < y`
    pub fn less_than(&self, x: Value, y: Value) -> Result<bool, Raised> {
        natives::compare::less_than(self, x, y)
    }

    /// `x <= y`
    pub fn less_equal(&self, x: Value, y: Value) -> Result<bool, Raised> {
        natives::compare::less_equal(self, x, y)
    }

    /// `#x`
    pub fn len(&self, x: Value) -> Result<Value, Raised> {
        natives::index::len(self, x)
    }

    /// `x op y`, the operation given by its event (`UNM` and `BNOT`: `y` is `x`).
    pub fn arith(&self, event: u8, x: Value, y: Value) -> Result<Value, Raised> {
        natives::arith::arith(self, event, x, y)
    }

    /// `x .. y`
    pub fn concat(&self, x: Value, y: Value) -> Result<Value, Raised> {
        natives::concat::concat_two(self, x, y)
    }

    /// As the function `tostring`: `__tostring`, `__name`, or the plain form.
    pub fn tostring(&self, value: Value) -> Result<Ref<LuaString>, Raised> {
        let method = self.metamethod(value, Event::TOSTRING);
        if !method.is_nil() {
            let result = self.call1(method, &[value])?;
            return match result.tag {
                value::STRING => Ok(result.as_string()),
                value::INT | value::FLOAT => Ok(natives::convert::number_to_string(self, result)),
                _ => Err(self.raise_string(1, "'__tostring' must return a string")),
            };
        }
        Ok(match value.tag {
            value::NIL => self.new_string(b"nil"),
            value::FALSE => self.new_string(b"false"),
            value::TRUE => self.new_string(b"true"),
            value::INT | value::FLOAT => natives::convert::number_to_string(self, value),
            value::STRING => value.as_string(),
            _ => {
                let mut text = self.type_name_of(value).into_bytes();
                text.extend_from_slice(format!(": {:#x}", value.bits).as_bytes());
                self.new_string(&text)
            }
        })
    }

    /// The type's name, or the metatable's `__name` when it is a string.
    pub fn type_name_of(&self, value: Value) -> String {
        let name = self.metamethod(value, Event::NAME);
        if name.tag == value::STRING && matches!(value.tag, value::TABLE | value::USERDATA) {
            return name.as_string().to_str_lossy().into_owned();
        }
        if value.tag == value::LIGHT { "light userdata".into() } else { value.type_name().into() }
    }

    // Raising.

    /// Raises a value.
    #[cold]
    pub fn raise(&self, error: Value) -> Raised {
        self.error.set(error);
        Raised
    }

    /// Raises a message, with the position of the function at a level (0: the running one, 1: its caller, as natives
    /// want it), when that is a Lua function.
    #[cold]
    pub fn raise_string(&self, level: usize, message: &str) -> Raised {
        self.raise_bytes(level, message.as_bytes())
    }

    #[cold]
    pub fn raise_bytes(&self, level: usize, message: &[u8]) -> Raised {
        let mut text = self.position(level).into_bytes();
        text.extend_from_slice(message);
        let text = self.new_string(&text);
        self.raise(Value::string(text))
    }

    /// Raises a message, with the position of the running function if it is a Lua function: for errors of operations.
    #[cold]
    pub fn raise_message(&self, message: &str) -> Raised {
        self.raise_string(0, message)
    }

    /// Raises a stack overflow. Until it is caught, handlers have a little more room.
    #[cold]
    pub fn raise_overflow(&self, message: &str) -> Raised {
        if !self.overflowed.replace(true) {
            self.trap.set_limit(self.trap.limit() + stack::EXTRA_FRAMES as u64 * std::mem::size_of::<Frame>() as u64);
            self.native_limit.set(self.native_limit.get() - stack::NATIVE_RESERVE / 2);
            return self.raise_message(message);
        }
        self.raise_message("error in error handling")
    }

    /// Takes the extra room back, once an overflow was caught.
    pub(crate) fn end_overflow(&self) {
        if self.overflowed.replace(false) {
            self.trap.set_limit(self.trap.limit() - stack::EXTRA_FRAMES as u64 * std::mem::size_of::<Frame>() as u64);
            self.native_limit.set(self.native_limit.get() + stack::NATIVE_RESERVE / 2);
        }
    }

    /// "chunk:line: " of the function at a level; empty for natives and when unknown.
    pub fn position(&self, level: usize) -> String {
        crate::error::traceback::position(self, level)
    }

    /// Whether the frames are those of the main thread, which the host has called.
    pub fn frames_end_at_host(&self) -> bool {
        self.first_frame.get() == self.main_frame()
    }

    /// The frames from the innermost one on, the host's last one not included.
    pub fn frames(&self) -> impl Iterator<Item = Frame> {
        let first = self.first_frame.get();
        let mut at = self.frame.get();
        std::iter::from_fn(move || {
            if at == first {
                return None;
            }
            let frame = at.get(0);
            at = at.back(1);
            Some(frame)
        })
    }
}

fn type_slot(tag: u8) -> usize {
    // Types with two tags share a metatable.
    match tag {
        value::TRUE => value::FALSE as usize,
        value::FLOAT => value::INT as usize,
        value::NATIVE => value::CLOSURE as usize,
        tag => tag as usize,
    }
}
