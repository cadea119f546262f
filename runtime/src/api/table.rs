//! Tables.

use super::convert::{FromLua, IntoLua};
use super::error::Result;
use super::handle::Handle;
use super::lua::Lua;
use super::value::Value;
use crate::table::{Table as CoreTable, table_get, table_get_int, table_len, table_next, table_set};
use crate::value::Value as Core;
use moonshift_jitgen::mem::Ref;
use std::marker::PhantomData;

/// A Lua table.
#[derive(Clone, Debug)]
pub struct Table(pub(super) Handle);

impl Table {
    fn table(&self) -> Ref<CoreTable> {
        self.0.core().as_table()
    }

    /// `table[key]`, with metamethods.
    pub fn get<V: FromLua>(&self, key: impl IntoLua) -> Result<V> {
        let lua = self.0.lua();
        let key = key.into_lua(&lua)?;
        let value = lua.protect(|vm| {
            let found = vm.index(self.0.core(), key.to_core(&lua))?;
            Ok(Value::from_core(&lua, found))
        })?;
        V::from_lua(value, &lua)
    }

    /// `table[key] = value`, with metamethods.
    pub fn set(&self, key: impl IntoLua, value: impl IntoLua) -> Result<()> {
        let lua = self.0.lua();
        let (key, value) = (key.into_lua(&lua)?, value.into_lua(&lua)?);
        lua.protect(|vm| vm.set_index(self.0.core(), key.to_core(&lua), value.to_core(&lua)))
    }

    /// `rawget(table, key)`
    pub fn raw_get<V: FromLua>(&self, key: impl IntoLua) -> Result<V> {
        let lua = self.0.lua();
        let key = key.into_lua(&lua)?;
        let found = table_get(self.table(), key.to_core(&lua));
        V::from_lua(Value::from_core(&lua, found), &lua)
    }

    /// `rawset(table, key, value)`
    pub fn raw_set(&self, key: impl IntoLua, value: impl IntoLua) -> Result<()> {
        let lua = self.0.lua();
        let (key, value) = (key.into_lua(&lua)?, value.into_lua(&lua)?);
        lua.protect(|vm| table_set(vm, self.table(), key.to_core(&lua), value.to_core(&lua)))
    }

    /// Whether the field is not nil.
    pub fn contains_key(&self, key: impl IntoLua) -> Result<bool> {
        Ok(!matches!(self.get::<Value>(key)?, Value::Nil))
    }

    /// `#table`, with metamethods.
    pub fn len(&self) -> Result<i64> {
        let lua = self.0.lua();
        let len = lua.protect(|vm| Ok(Value::from_core(&lua, vm.len(self.0.core())?)))?;
        i64::from_lua(len, &lua)
    }

    /// `rawlen(table)`
    pub fn raw_len(&self) -> usize {
        table_len(self.table()) as usize
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        table_next(self.0.lua().vm(), self.table(), Core::nil()).is_ok_and(|first| first.is_none())
    }

    /// Adds an element to the end of the sequence, with metamethods.
    pub fn push(&self, value: impl IntoLua) -> Result<()> {
        let next = self.len()? + 1;
        self.set(next, value)
    }

    /// Takes the last element off the sequence, with metamethods.
    pub fn pop<V: FromLua>(&self) -> Result<V> {
        let last = self.len()?;
        let value = self.get(last)?;
        self.set(last, Value::Nil)?;
        Ok(value)
    }

    /// Removes all fields.
    pub fn clear(&self) -> Result<()> {
        let lua = self.0.lua();
        lua.protect(|vm| {
            let table = self.table();
            while let Some((key, _)) = table_next(vm, table, Core::nil())? {
                table_set(vm, table, key, Core::nil())?;
            }
            Ok(())
        })
    }

    pub fn metatable(&self) -> Option<Table> {
        let metatable = self.table().metatable.get()?;
        Some(Table(Handle::new(&self.0.lua(), Core::table(metatable))))
    }

    /// Sets the metatable, be it protected or not.
    pub fn set_metatable(&self, metatable: Option<Table>) -> Result<()> {
        let lua = self.0.lua();
        let metatable = metatable.map(|metatable| metatable.0.core_in(&lua).as_table());
        lua.vm().set_metatable(self.0.core(), metatable);
        Ok(())
    }

    /// Equality as `==` has it.
    pub fn equals(&self, other: &Table) -> Result<bool> {
        let lua = self.0.lua();
        lua.protect(|vm| vm.equals(self.0.core(), other.0.core_in(&lua)))
    }

    /// All fields, without metamethods, in the order of `next`. Fields may be changed and cleared meanwhile, not added.
    pub fn pairs<K: FromLua, V: FromLua>(&self) -> TablePairs<'_, K, V> {
        TablePairs { table: self, last: Some(Value::Nil), _types: PhantomData }
    }

    /// The elements from 1 up to the first nil, without metamethods.
    pub fn sequence_values<V: FromLua>(&self) -> TableSequence<'_, V> {
        TableSequence { table: self, next: 1, _types: PhantomData }
    }
}

impl PartialEq for Table {
    /// Whether it is the same table.
    fn eq(&self, other: &Table) -> bool {
        self.0.same(&other.0)
    }
}

/// The fields of a table.
pub struct TablePairs<'a, K, V> {
    table: &'a Table,
    /// `None` at the end.
    last: Option<Value>,
    _types: PhantomData<fn() -> (K, V)>,
}

impl<K: FromLua, V: FromLua> Iterator for TablePairs<'_, K, V> {
    type Item = Result<(K, V)>;

    fn next(&mut self) -> Option<Self::Item> {
        let lua: Lua = self.table.0.lua();
        let last = self.last.take()?;
        let next = lua.protect(|vm| {
            let entry = table_next(vm, self.table.table(), last.to_core(&lua))?;
            Ok(entry.map(|(key, value)| (Value::from_core(&lua, key), Value::from_core(&lua, value))))
        });
        match next {
            Ok(None) => None,
            Ok(Some((key, value))) => {
                self.last = Some(key.clone());
                Some(K::from_lua(key, &lua).and_then(|key| Ok((key, V::from_lua(value, &lua)?))))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

/// The elements of a sequence.
pub struct TableSequence<'a, V> {
    table: &'a Table,
    next: i64,
    _types: PhantomData<fn() -> V>,
}

impl<V: FromLua> Iterator for TableSequence<'_, V> {
    type Item = Result<V>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = table_get_int(self.table.table(), self.next);
        if found.is_nil() {
            return None;
        }
        self.next += 1;
        let lua = self.table.0.lua();
        Some(V::from_lua(Value::from_core(&lua, found), &lua))
    }
}
