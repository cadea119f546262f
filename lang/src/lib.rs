//! Lua 5.4 text to register bytecode.

pub mod bytecode;
