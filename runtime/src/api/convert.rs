//! Conversions of single values.

use super::error::{Error, Result};
use super::function::Function;
use super::lua::Lua;
use super::string::{BorrowedStr, String};
use super::table::Table;
use super::userdata::{AnyUserData, LightUserData};
use super::value::{Thread, Value};
use crate::natives::convert::{string_to_number, write_number};
use crate::value::Value as Core;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

/// What has a Lua form.
pub trait IntoLua: Sized {
    fn into_lua(self, lua: &Lua) -> Result<Value>;
}

/// What a Lua value can become.
pub trait FromLua: Sized {
    fn from_lua(value: Value, lua: &Lua) -> Result<Self>;
}

impl IntoLua for Value {
    fn into_lua(self, _lua: &Lua) -> Result<Value> {
        Ok(self)
    }
}

impl FromLua for Value {
    fn from_lua(value: Value, _lua: &Lua) -> Result<Self> {
        Ok(value)
    }
}

impl IntoLua for &Value {
    fn into_lua(self, _lua: &Lua) -> Result<Value> {
        Ok(self.clone())
    }
}

macro_rules! handles {
    ($($kind:ident),*) => {$(
        impl IntoLua for $kind {
            fn into_lua(self, _lua: &Lua) -> Result<Value> {
                Ok(Value::$kind(self))
            }
        }

        impl IntoLua for &$kind {
            fn into_lua(self, _lua: &Lua) -> Result<Value> {
                Ok(Value::$kind(self.clone()))
            }
        }
    )*};
}

handles!(String, Table, Function, Thread);

macro_rules! exactly {
    ($($kind:ident $name:literal),*) => {$(
        impl FromLua for $kind {
            fn from_lua(value: Value, _lua: &Lua) -> Result<Self> {
                match value {
                    Value::$kind(inner) => Ok(inner),
                    other => Err(Error::from_lua(other.type_name(), $name, None)),
                }
            }
        }
    )*};
}

exactly!(Table "table", Function "function", Thread "thread", LightUserData "light userdata");

impl IntoLua for LightUserData {
    fn into_lua(self, _lua: &Lua) -> Result<Value> {
        Ok(Value::LightUserData(self))
    }
}

impl IntoLua for AnyUserData {
    fn into_lua(self, _lua: &Lua) -> Result<Value> {
        Ok(Value::UserData(self))
    }
}

impl IntoLua for &AnyUserData {
    fn into_lua(self, _lua: &Lua) -> Result<Value> {
        Ok(Value::UserData(self.clone()))
    }
}

impl FromLua for AnyUserData {
    fn from_lua(value: Value, _lua: &Lua) -> Result<Self> {
        match value {
            Value::UserData(userdata) => Ok(userdata),
            other => Err(Error::from_lua(other.type_name(), "userdata", None)),
        }
    }
}

impl IntoLua for Error {
    fn into_lua(self, _lua: &Lua) -> Result<Value> {
        Ok(Value::Error(Box::new(self)))
    }
}

impl FromLua for Error {
    fn from_lua(value: Value, lua: &Lua) -> Result<Self> {
        match value {
            Value::Error(error) => Ok(*error),
            other => Ok(Error::RuntimeError(other.to_text(lua)?)),
        }
    }
}

impl IntoLua for bool {
    fn into_lua(self, _lua: &Lua) -> Result<Value> {
        Ok(Value::Boolean(self))
    }
}

impl FromLua for bool {
    /// As conditions have it: all but nil and false is true.
    fn from_lua(value: Value, _lua: &Lua) -> Result<Self> {
        Ok(!matches!(value, Value::Nil | Value::Boolean(false)))
    }
}

/// A number, or a string that reads as one.
fn number_of(value: &Value) -> Option<Core> {
    match value {
        Value::Integer(int) => Some(Core::int(*int)),
        Value::Number(float) => Some(Core::float(*float)),
        Value::String(text) => string_to_number(&text.as_bytes()),
        _ => None,
    }
}

macro_rules! integers {
    ($($kind:ty),*) => {$(
        impl IntoLua for $kind {
            /// Integers beyond Lua's range become floats.
            fn into_lua(self, _lua: &Lua) -> Result<Value> {
                Ok(i64::try_from(self).map_or(Value::Number(self as f64), Value::Integer))
            }
        }

        impl FromLua for $kind {
            fn from_lua(value: Value, _lua: &Lua) -> Result<Self> {
                let refused = |message: &str| {
                    Error::from_lua(value.type_name(), stringify!($kind), Some(message.to_string()))
                };
                let number = number_of(&value).ok_or_else(|| refused("expected number or string coercible to number"))?;
                let int = number.number_as_int().ok_or_else(|| refused("number has no integer representation"))?;
                <$kind>::try_from(int).map_err(|_| refused("out of range"))
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

macro_rules! floats {
    ($($kind:ty),*) => {$(
        impl IntoLua for $kind {
            fn into_lua(self, _lua: &Lua) -> Result<Value> {
                Ok(Value::Number(self.into()))
            }
        }

        impl FromLua for $kind {
            fn from_lua(value: Value, _lua: &Lua) -> Result<Self> {
                match number_of(&value).and_then(Core::number_as_float) {
                    Some(float) => Ok(float as $kind),
                    None => {
                        let message = "expected number or string coercible to number".to_string();
                        Err(Error::from_lua(value.type_name(), stringify!($kind), Some(message)))
                    }
                }
            }
        }
    )*};
}

floats!(f32, f64);

macro_rules! texts {
    ($($kind:ty),*) => {$(
        impl IntoLua for $kind {
            fn into_lua(self, lua: &Lua) -> Result<Value> {
                lua.create_string(AsRef::<[u8]>::as_ref(self.as_bytes())).map(Value::String)
            }
        }
    )*};
}

texts!(&str, std::string::String, &std::string::String, Cow<'_, str>, BorrowedStr<'_>);

impl FromLua for String {
    /// Numbers become strings.
    fn from_lua(value: Value, lua: &Lua) -> Result<Self> {
        match &value {
            Value::String(text) => Ok(text.clone()),
            Value::Integer(_) | Value::Number(_) => {
                let mut text = Vec::new();
                write_number(&mut text, value.to_core(lua));
                lua.create_string(text)
            }
            other => Err(Error::from_lua(other.type_name(), "string", Some("expected string or number".to_string()))),
        }
    }
}

impl FromLua for std::string::String {
    fn from_lua(value: Value, lua: &Lua) -> Result<Self> {
        let from = value.type_name();
        let text = String::from_lua(value, lua).map_err(|error| match error {
            Error::FromLuaConversionError { from, message, .. } => Error::from_lua(from, "String", message),
            other => other,
        })?;
        let text = text.to_str().map(|text| text.to_string());
        text.map_err(|_| Error::from_lua(from, "String", Some("invalid utf-8".to_string())))
    }
}

impl IntoLua for &[u8] {
    fn into_lua(self, lua: &Lua) -> Result<Value> {
        lua.create_string(self).map(Value::String)
    }
}

impl<T: IntoLua> IntoLua for Option<T> {
    fn into_lua(self, lua: &Lua) -> Result<Value> {
        self.map_or(Ok(Value::Nil), |value| value.into_lua(lua))
    }
}

impl<T: FromLua> FromLua for Option<T> {
    fn from_lua(value: Value, lua: &Lua) -> Result<Self> {
        if value.is_nil() { Ok(None) } else { T::from_lua(value, lua).map(Some) }
    }
}

impl<T: IntoLua> IntoLua for Vec<T> {
    fn into_lua(self, lua: &Lua) -> Result<Value> {
        lua.create_sequence_from(self).map(Value::Table)
    }
}

impl<T: FromLua> FromLua for Vec<T> {
    fn from_lua(value: Value, lua: &Lua) -> Result<Self> {
        Table::from_lua(value, lua)?.sequence_values().collect()
    }
}

impl<T: IntoLua, const N: usize> IntoLua for [T; N] {
    fn into_lua(self, lua: &Lua) -> Result<Value> {
        lua.create_sequence_from(self).map(Value::Table)
    }
}

impl<K: IntoLua, V: IntoLua, S: BuildHasher> IntoLua for HashMap<K, V, S> {
    fn into_lua(self, lua: &Lua) -> Result<Value> {
        lua.create_table_from(self).map(Value::Table)
    }
}

impl<K: FromLua + Eq + Hash, V: FromLua, S: BuildHasher + Default> FromLua for HashMap<K, V, S> {
    fn from_lua(value: Value, lua: &Lua) -> Result<Self> {
        Table::from_lua(value, lua)?.pairs().collect()
    }
}

impl<K: IntoLua, V: IntoLua> IntoLua for BTreeMap<K, V> {
    fn into_lua(self, lua: &Lua) -> Result<Value> {
        lua.create_table_from(self).map(Value::Table)
    }
}

impl<K: FromLua + Ord, V: FromLua> FromLua for BTreeMap<K, V> {
    fn from_lua(value: Value, lua: &Lua) -> Result<Self> {
        Table::from_lua(value, lua)?.pairs().collect()
    }
}
