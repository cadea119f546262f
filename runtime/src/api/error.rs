//! Errors on their way between Lua and the host.
//!
//! An error of the host's that passes through Lua travels as a userdata with a metatable that makes it a text for
//! scripts; when it comes back to the host it is the error it was, as the cause of a `CallbackError`. A panic travels
//! likewise, and goes on as a panic when it is back.

use super::lua::Lua;
use crate::error::Raised;
use crate::value::{self, Value as Core};
use crate::vm::trap::Trap;
use crate::vm::{Call, Vm};
use std::any::Any;
use std::cell::RefCell;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// A result whose error is [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// A text is not a chunk.
    SyntaxError {
        message: String,
        /// More text might make it one.
        incomplete_input: bool,
    },
    /// A script raised an error; the text has the traceback.
    RuntimeError(String),
    /// A script has used up its fuel (see [`Lua::set_fuel`]); the text says where.
    OutOfFuel(String),
    /// A function of the host's that a script had called failed.
    CallbackError { traceback: String, cause: Arc<Error> },
    /// A function made by `create_function_mut` was called while it ran.
    RecursiveMutCallback,
    /// A value of the host's has no Lua form.
    ToLuaConversionError { from: String, to: &'static str, message: Option<String> },
    /// A Lua value is not what the host expects.
    FromLuaConversionError { from: &'static str, to: String, message: Option<String> },
    /// An argument of a function of the host's is wrong.
    BadArgument { to: Option<String>, pos: usize, name: Option<String>, cause: Arc<Error> },
    /// The userdata holds something else.
    UserDataTypeMismatch,
    /// The userdata is borrowed in a way that excludes this.
    UserDataBorrowError,
    /// The host's own.
    ExternalError(Arc<dyn StdError + Send + Sync>),
    /// An error with what was being done.
    WithContext { context: String, cause: Arc<Error> },
}

impl Error {
    /// A run-time error with a text of the host's.
    pub fn runtime(message: impl fmt::Display) -> Error {
        Error::RuntimeError(message.to_string())
    }

    /// Wraps an error of the host's.
    pub fn external(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        Error::ExternalError(error.into().into())
    }

    /// The host's own error, if this is one or one is its cause.
    pub fn downcast_ref<T: StdError + 'static>(&self) -> Option<&T> {
        match self {
            Error::ExternalError(error) => error.downcast_ref(),
            Error::CallbackError { cause, .. } | Error::WithContext { cause, .. } => cause.downcast_ref(),
            _ => None,
        }
    }

    pub(super) fn from_lua(from: &'static str, to: impl Into<String>, message: Option<String>) -> Error {
        Error::FromLuaConversionError { from, to: to.into(), message }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = |f: &mut fmt::Formatter<'_>, message: &Option<String>| match message {
            Some(message) => write!(f, " ({message})"),
            None => Ok(()),
        };
        match self {
            Error::SyntaxError { message, .. } => write!(f, "syntax error: {message}"),
            Error::RuntimeError(message) => write!(f, "runtime error: {message}"),
            Error::OutOfFuel(place) if place.is_empty() => f.write_str("out of fuel"),
            Error::OutOfFuel(place) => write!(f, "out of fuel\n{place}"),
            Error::CallbackError { traceback, cause } => write!(f, "{cause}\n{traceback}"),
            Error::RecursiveMutCallback => f.write_str("mutable callback called recursively"),
            Error::ToLuaConversionError { from, to, message } => {
                write!(f, "error converting {from} to Lua {to}")?;
                with(f, message)
            }
            Error::FromLuaConversionError { from, to, message } => {
                write!(f, "error converting Lua {from} to {to}")?;
                with(f, message)
            }
            Error::BadArgument { to, pos, name, cause } => {
                match name {
                    Some(name) => write!(f, "bad argument `{name}`")?,
                    None => write!(f, "bad argument #{pos}")?,
                }
                if let Some(to) = to {
                    write!(f, " to `{to}`")?;
                }
                write!(f, ": {cause}")
            }
            Error::UserDataTypeMismatch => f.write_str("userdata is not expected type"),
            Error::UserDataBorrowError => f.write_str("userdata is borrowed already"),
            Error::ExternalError(error) => error.fmt(f),
            Error::WithContext { context, cause } => write!(f, "{context}\n{cause}"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            // The cause's text is part of this one's; what comes next is the cause's own source.
            Error::CallbackError { cause, .. } | Error::WithContext { cause, .. } => cause.source(),
            Error::ExternalError(error) => error.source(),
            _ => None,
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error::external(error)
    }
}

impl From<std::str::Utf8Error> for Error {
    fn from(error: std::str::Utf8Error) -> Self {
        Error::external(error)
    }
}

/// Errors of the host's as this crate's.
pub trait ExternalError {
    fn into_lua_err(self) -> Error;
}

impl<E: Into<Box<dyn StdError + Send + Sync>>> ExternalError for E {
    fn into_lua_err(self) -> Error {
        Error::external(self)
    }
}

/// Says what was being done when an error came.
pub trait ErrorContext: Sized {
    fn context(self, context: impl fmt::Display) -> Self;
}

impl ErrorContext for Error {
    fn context(self, context: impl fmt::Display) -> Self {
        Error::WithContext { context: context.to_string(), cause: Arc::new(self) }
    }
}

impl<T> ErrorContext for Result<T> {
    fn context(self, context: impl fmt::Display) -> Self {
        self.map_err(|error| error.context(context))
    }
}

/// A panic on its way through Lua.
struct Panic(RefCell<Option<Box<dyn Any + Send>>>);

/// Raises an error of the host's in the machine.
pub(super) fn raise(vm: &Vm, error: Error) -> Raised {
    vm.raise(error_value(vm, error))
}

/// What a request at a poll leads to.
pub(super) fn raise_limit(vm: &Vm, flag: u32) -> std::result::Result<(), Raised> {
    Err(match flag {
        Trap::FUEL => raise(vm, Error::OutOfFuel(String::new())),
        _ => vm.raise_message("interrupted!"),
    })
}

/// Raises a panic in the machine.
pub(super) fn raise_panic(lua: &Lua, payload: Box<dyn Any + Send>) -> Raised {
    let error = traveller(lua.vm(), Box::new(Panic(RefCell::new(Some(payload)))));
    lua.vm().raise(error)
}

/// An error as a Lua value.
pub(super) fn error_value(vm: &Vm, error: Error) -> Core {
    traveller(vm, Box::new(error))
}

/// The error that a Lua value is.
pub(super) fn error_of(value: Core) -> Option<Error> {
    if value.tag != value::USERDATA {
        return None;
    }
    let userdata = value.as_userdata();
    let data = userdata.data.borrow();
    data.as_ref()?.downcast_ref::<Error>().cloned()
}

fn traveller(vm: &Vm, data: Box<dyn Any>) -> Core {
    let userdata = vm.new_userdata(data, 0);
    let metatable = vm.new_table();
    let tostring = vm.new_native("", traveller_text);
    for (name, value) in [("__tostring", Core::native(tostring)), ("__name", Core::string(vm.new_string(b"error")))] {
        crate::table::table_set_str(vm, metatable, vm.new_string(name.as_bytes()), value);
    }
    vm.set_metatable(Core::userdata(userdata), Some(metatable));
    Core::userdata(userdata)
}

fn traveller_text(vm: &Vm, call: Call) -> std::result::Result<usize, Raised> {
    let text = error_of(call.arg(1)).map_or_else(|| "panic of the host".to_string(), |error| error.to_string());
    call.ret(Core::string(vm.new_string(text.as_bytes())))
}

/// What came out of Lua as an error.
pub(super) fn failure(lua: &Lua, value: Core, traceback: String) -> Error {
    if value.tag == value::USERDATA {
        let userdata = value.as_userdata();
        let data = userdata.data.borrow();
        if let Some(panic) = data.as_ref().and_then(|data| data.downcast_ref::<Panic>()) {
            let payload = panic.0.borrow_mut().take();
            drop(data);
            std::panic::resume_unwind(payload.unwrap_or_else(|| Box::new("a panic that was resumed before")));
        }
    }
    if let Some(error) = error_of(value) {
        return match error {
            Error::CallbackError { .. } => error,
            Error::OutOfFuel(place) => Error::OutOfFuel(if place.is_empty() { traceback } else { place }),
            cause => Error::CallbackError { traceback, cause: Arc::new(cause) },
        };
    }
    let text = match value.tag {
        value::STRING => value.as_string().to_str_lossy().into_owned(),
        _ => {
            let method = lua.vm().metamethod(value, crate::vm::Event::TOSTRING);
            let text = if method.is_nil() { None } else { lua.vm().protected(|| lua.vm().tostring(value)).ok() };
            match text {
                Some(text) => text.to_str_lossy().into_owned(),
                None => format!("(error object is a {} value)", lua.vm().type_name_of(value)),
            }
        }
    };
    Error::RuntimeError(if traceback.is_empty() { text } else { format!("{text}\n{traceback}") })
}
