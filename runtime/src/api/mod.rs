//! The embedding API: Lua for Rust programs, after the names and habits of `mlua`.
//!
//! ```
//! use moonshift::{Lua, Result};
//!
//! # fn main() -> Result<()> {
//! let lua = Lua::new();
//! let double = lua.create_function(|_, n: i64| Ok(n * 2))?;
//! lua.globals().set("double", double)?;
//! assert_eq!(lua.load("return double(21)").eval::<i64>()?, 42);
//! # Ok(())
//! # }
//! ```
//!
//! # How handles keep objects alive
//!
//! A handle ([`Table`], [`Function`], [`String`], ...) owns a slot of the machine's roots, given back when it is dropped.
//! It holds the machine weakly: functions made by the host may capture handles without keeping the machine alive for
//! ever. Using a handle after its [`Lua`] (and all clones) are gone panics; dropping it does not.
//!
//! Nothing here collects on its own: results of calls are put into roots before anything else can run.

mod chunk;
mod convert;
mod error;
mod function;
mod handle;
mod lua;
mod multi;
mod string;
mod table;
mod userdata;
mod value;

pub use chunk::{AsChunk, Chunk};
pub use convert::{FromLua, IntoLua};
pub use error::{Error, ErrorContext, ExternalError, Result};
pub use function::Function;
pub use lua::{Lua, LuaOptions};
pub use multi::{FromLuaMulti, IntoLuaMulti, MultiValue, Variadic};
pub use string::{BorrowedBytes, BorrowedStr, String};
pub use table::{Table, TablePairs, TableSequence};
pub use userdata::{AnyUserData, LightUserData};
pub use value::{Nil, Thread, Value};
