//! Any Lua value, as hosts see it.

use super::error::{Error, Result, error_of, error_value};
use super::function::Function;
use super::handle::Handle;
use super::lua::Lua;
use super::string::String;
use super::table::Table;
use super::userdata::{AnyUserData, LightUserData};
use crate::value::{self as core, Value as Core};

/// A Lua value.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Value {
    #[default]
    Nil,
    Boolean(bool),
    LightUserData(LightUserData),
    Integer(i64),
    Number(f64),
    String(String),
    Table(Table),
    Function(Function),
    Thread(Thread),
    UserData(AnyUserData),
    /// An error of the host's that a script caught.
    Error(Box<Error>),
}

pub use Value::Nil;

/// A coroutine.
#[derive(Clone, Debug)]
pub struct Thread(pub(super) Handle);

impl Value {
    pub(super) fn from_core(lua: &Lua, value: Core) -> Value {
        let handle = || Handle::new(lua, value);
        match value.tag {
            core::NIL => Value::Nil,
            core::FALSE => Value::Boolean(false),
            core::TRUE => Value::Boolean(true),
            core::INT => Value::Integer(value.as_int()),
            core::FLOAT => Value::Number(value.as_float()),
            core::LIGHT => Value::LightUserData(LightUserData(value.bits as usize as *mut _)),
            core::STRING => Value::String(String(handle())),
            core::TABLE => Value::Table(Table(handle())),
            core::CLOSURE | core::NATIVE => Value::Function(Function(handle())),
            core::THREAD => Value::Thread(Thread(handle())),
            core::USERDATA => match error_of(value) {
                Some(error) => Value::Error(Box::new(error)),
                None => Value::UserData(AnyUserData(handle())),
            },
            _ => unreachable!("cells are not values of scripts"),
        }
    }

    /// The machine's form. It is a root as long as this value lives, but for errors, which have just been made.
    pub(super) fn to_core(&self, lua: &Lua) -> Core {
        match self {
            Value::Nil => Core::nil(),
            Value::Boolean(value) => Core::bool(*value),
            Value::Integer(value) => Core::int(*value),
            Value::Number(value) => Core::float(*value),
            Value::LightUserData(address) => Core::light(address.0 as usize as u64),
            Value::String(String(handle))
            | Value::Table(Table(handle))
            | Value::Function(Function(handle))
            | Value::Thread(Thread(handle))
            | Value::UserData(AnyUserData(handle)) => handle.core_in(lua),
            Value::Error(error) => error_value(lua.vm(), (**error).clone()),
        }
    }

    /// The type's name, numbers told apart.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Nil => "nil",
            Value::Boolean(_) => "boolean",
            Value::LightUserData(_) => "lightuserdata",
            Value::Integer(_) => "integer",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Table(_) => "table",
            Value::Function(_) => "function",
            Value::Thread(_) => "thread",
            Value::UserData(_) => "userdata",
            Value::Error(_) => "error",
        }
    }

    pub fn is_nil(&self) -> bool {
        matches!(self, Value::Nil)
    }

    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Value::Integer(value) => Some(*value),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Number(value) => Some(*value),
            _ => None,
        }
    }

    pub fn as_boolean(&self) -> Option<bool> {
        match self {
            Value::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    pub fn as_string(&self) -> Option<&String> {
        match self {
            Value::String(value) => Some(value),
            _ => None,
        }
    }

    pub fn as_table(&self) -> Option<&Table> {
        match self {
            Value::Table(value) => Some(value),
            _ => None,
        }
    }

    pub fn as_function(&self) -> Option<&Function> {
        match self {
            Value::Function(value) => Some(value),
            _ => None,
        }
    }

    pub fn as_userdata(&self) -> Option<&AnyUserData> {
        match self {
            Value::UserData(value) => Some(value),
            _ => None,
        }
    }

    /// The text that `tostring` gives.
    pub fn to_text(&self, lua: &Lua) -> Result<std::string::String> {
        lua.protect(|vm| Ok(vm.tostring(self.to_core(lua))?.to_str_lossy().into_owned()))
    }
}

impl PartialEq for Value {
    /// Equality without metamethods.
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Nil, Value::Nil) => true,
            (Value::Boolean(a), Value::Boolean(b)) => a == b,
            (Value::LightUserData(a), Value::LightUserData(b)) => a == b,
            (Value::Integer(a), Value::Integer(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::Integer(a), Value::Number(b)) | (Value::Number(b), Value::Integer(a)) => {
                Core::int(*a).raw_equals(Core::float(*b))
            }
            (Value::String(a), Value::String(b)) => a == b,
            (Value::Table(a), Value::Table(b)) => a == b,
            (Value::Function(a), Value::Function(b)) => a == b,
            (Value::Thread(a), Value::Thread(b)) => a.0.same(&b.0),
            (Value::UserData(a), Value::UserData(b)) => a == b,
            _ => false,
        }
    }
}
