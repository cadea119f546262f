//! A Lua 5.4 runtime whose just-in-time compiler is generated from its interpreter.

pub mod api;
pub mod error;
pub mod format;
pub mod heap;
pub mod interp;
#[cfg(feature = "jit")]
pub mod jit;
pub mod natives;
pub mod number;
pub mod pattern;
pub mod stdlib;
pub mod string;
pub mod table;
pub mod value;
pub mod vm;
mod watch;

pub use api::*;

/// The translation image, and what binds it to this process: written by the build script.
#[cfg(feature = "jit")]
#[allow(clippy::all, unused)]
mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}
