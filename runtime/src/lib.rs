//! A Lua 5.4 runtime whose just-in-time compiler is generated from its interpreter.

pub mod error;
pub mod heap;
pub mod interp;
pub mod natives;
pub mod number;
pub mod string;
pub mod table;
pub mod value;
pub mod vm;

/// The interpreter as the compiler knows it.
pub mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}
