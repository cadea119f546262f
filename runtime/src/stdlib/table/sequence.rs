//! Elements of what the library takes for a table.

use crate::error::Raised;
use crate::table::{Table, table_get_int, table_len, table_set_int};
use crate::value::{self, Value};
use crate::vm::{Call, Event, Vm};
use moonshift_jitgen::mem::Ref;

/// What a function is going to do: values that are no tables need the metamethods for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
    ReadLen,
    ReadWriteLen,
}

/// An argument seen as a sequence. The argument itself keeps it alive.
#[derive(Clone, Copy)]
pub(super) struct Sequence {
    value: Value,
    /// The table, if it has no metatable. Lua code that runs meanwhile may give it one, so it is asked again.
    table: Option<Ref<Table>>,
}

impl Sequence {
    pub(super) fn check(vm: &Vm, call: Call, index: usize, access: Access) -> Result<Sequence, Raised> {
        let value = call.arg(index);
        if value.tag != value::TABLE {
            let needed: &[u8] = match access {
                Access::Read => &[Event::INDEX],
                Access::Write => &[Event::NEWINDEX],
                Access::ReadLen => &[Event::INDEX, Event::LEN],
                Access::ReadWriteLen => &[Event::INDEX, Event::NEWINDEX, Event::LEN],
            };
            let able = vm.metatable_of(value).is_some()
                && needed.iter().all(|&event| !vm.metamethod(value, event).is_nil());
            if !able {
                return Err(call.type_error(vm, index, "table"));
            }
        }
        Ok(Sequence::any(call, index))
    }

    /// Without a check: operations raise their own errors.
    pub(super) fn any(call: Call, index: usize) -> Sequence {
        let value = call.arg(index);
        Sequence { value, table: value.to_table() }
    }

    pub(super) fn value(self) -> Value {
        self.value
    }

    /// The table, when reads and writes on it need no metamethods.
    #[inline]
    pub(super) fn plain(self) -> Option<Ref<Table>> {
        self.table.filter(|table| table.metatable.get().is_none())
    }

    pub(super) fn len(self, vm: &Vm) -> Result<i64, Raised> {
        if let Some(table) = self.plain() {
            return Ok(table_len(table));
        }
        let len = vm.len(self.value)?;
        len.number_as_int().ok_or_else(|| vm.raise_string(1, "object length is not an integer"))
    }

    #[inline]
    pub(super) fn get(self, vm: &Vm, index: i64) -> Result<Value, Raised> {
        match self.plain() {
            Some(table) => Ok(table_get_int(table, index)),
            None => vm.index(self.value, Value::int(index)),
        }
    }

    #[inline]
    pub(super) fn set(self, vm: &Vm, index: i64, new: Value) -> Result<(), Raised> {
        match self.plain() {
            Some(table) => {
                table_set_int(vm, table, index, new);
                Ok(())
            }
            None => vm.set_index(self.value, Value::int(index), new),
        }
    }
}
