//! Lists of values: arguments and results.

use super::convert::{FromLua, IntoLua};
use super::error::{Error, Result};
use super::lua::Lua;
use super::value::Value;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Any number of values.
#[derive(Clone, Debug, Default)]
pub struct MultiValue(VecDeque<Value>);

impl MultiValue {
    pub fn new() -> MultiValue {
        MultiValue::default()
    }

    pub fn from_vec(values: Vec<Value>) -> MultiValue {
        MultiValue(values.into())
    }

    pub fn into_vec(self) -> Vec<Value> {
        self.0.into()
    }
}

impl Deref for MultiValue {
    type Target = VecDeque<Value>;
    fn deref(&self) -> &VecDeque<Value> {
        &self.0
    }
}

impl DerefMut for MultiValue {
    fn deref_mut(&mut self) -> &mut VecDeque<Value> {
        &mut self.0
    }
}

impl FromIterator<Value> for MultiValue {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        MultiValue(values.into_iter().collect())
    }
}

impl IntoIterator for MultiValue {
    type Item = Value;
    type IntoIter = std::collections::vec_deque::IntoIter<Value>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// What can be arguments or results.
pub trait IntoLuaMulti: Sized {
    fn into_lua_multi(self, lua: &Lua) -> Result<MultiValue>;
}

/// What arguments or results can become. Missing values are nil, superfluous ones are dropped.
pub trait FromLuaMulti: Sized {
    fn from_lua_multi(values: MultiValue, lua: &Lua) -> Result<Self>;
}

impl IntoLuaMulti for MultiValue {
    fn into_lua_multi(self, _lua: &Lua) -> Result<MultiValue> {
        Ok(self)
    }
}

impl FromLuaMulti for MultiValue {
    fn from_lua_multi(values: MultiValue, _lua: &Lua) -> Result<Self> {
        Ok(values)
    }
}

impl<T: IntoLua> IntoLuaMulti for T {
    fn into_lua_multi(self, lua: &Lua) -> Result<MultiValue> {
        Ok(MultiValue(VecDeque::from([self.into_lua(lua)?])))
    }
}

impl<T: FromLua> FromLuaMulti for T {
    fn from_lua_multi(mut values: MultiValue, lua: &Lua) -> Result<Self> {
        T::from_lua(values.pop_front().unwrap_or(Value::Nil), lua)
    }
}

/// The rest of the arguments or results.
#[derive(Clone, Debug)]
pub struct Variadic<T>(Vec<T>);

impl<T> Variadic<T> {
    pub fn new() -> Variadic<T> {
        Variadic(Vec::new())
    }
}

impl<T> Default for Variadic<T> {
    fn default() -> Self {
        Variadic::new()
    }
}

impl<T> Deref for Variadic<T> {
    type Target = Vec<T>;
    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> DerefMut for Variadic<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<T> FromIterator<T> for Variadic<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Variadic(values.into_iter().collect())
    }
}

impl<T> IntoIterator for Variadic<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T: IntoLua> IntoLuaMulti for Variadic<T> {
    fn into_lua_multi(self, lua: &Lua) -> Result<MultiValue> {
        self.0.into_iter().map(|value| value.into_lua(lua)).collect::<Result<MultiValue>>()
    }
}

impl<T: FromLua> FromLuaMulti for Variadic<T> {
    fn from_lua_multi(values: MultiValue, lua: &Lua) -> Result<Self> {
        values.into_iter().map(|value| T::from_lua(value, lua)).collect::<Result<Vec<T>>>().map(Variadic)
    }
}

macro_rules! tuples {
    ($($single:ident)* ; $last:ident) => {
        impl<$($single: IntoLua,)* $last: IntoLuaMulti> IntoLuaMulti for ($($single,)* $last,) {
            #[allow(non_snake_case)]
            fn into_lua_multi(self, lua: &Lua) -> Result<MultiValue> {
                let ($($single,)* $last,) = self;
                #[allow(unused_mut)]
                let mut values = VecDeque::new();
                $(values.push_back($single.into_lua(lua)?);)*
                values.extend($last.into_lua_multi(lua)?);
                Ok(MultiValue(values))
            }
        }

        impl<$($single: FromLua,)* $last: FromLuaMulti> FromLuaMulti for ($($single,)* $last,) {
            #[allow(non_snake_case, unused_assignments, unused_mut, unused_variables)]
            fn from_lua_multi(mut values: MultiValue, lua: &Lua) -> Result<Self> {
                let mut position = 0;
                $(
                    position += 1;
                    let value = values.pop_front().unwrap_or(Value::Nil);
                    let $single = $single::from_lua(value, lua).map_err(|cause| bad_argument(position, cause))?;
                )*
                let $last = $last::from_lua_multi(values, lua).map_err(|cause| bad_argument(position + 1, cause))?;
                Ok(($($single,)* $last,))
            }
        }
    };
}

fn bad_argument(pos: usize, cause: Error) -> Error {
    match cause {
        // A list at the end counts its own.
        Error::BadArgument { .. } => cause,
        _ => Error::BadArgument { to: None, pos, name: None, cause: Arc::new(cause) },
    }
}

tuples!(; A);
tuples!(A; B);
tuples!(A B; C);
tuples!(A B C; D);
tuples!(A B C D; E);
tuples!(A B C D E; F);
tuples!(A B C D E F; G);
tuples!(A B C D E F G; H);

impl IntoLuaMulti for () {
    fn into_lua_multi(self, _lua: &Lua) -> Result<MultiValue> {
        Ok(MultiValue::new())
    }
}

impl FromLuaMulti for () {
    fn from_lua_multi(_values: MultiValue, _lua: &Lua) -> Result<Self> {
        Ok(())
    }
}

impl<T: IntoLuaMulti> IntoLuaMulti for Result<T> {
    fn into_lua_multi(self, lua: &Lua) -> Result<MultiValue> {
        match self {
            Ok(values) => values.into_lua_multi(lua),
            // As Lua's own functions report: nil and the reason.
            Err(error) => Ok(MultiValue(VecDeque::from([Value::Nil, Value::Error(Box::new(error))]))),
        }
    }
}
