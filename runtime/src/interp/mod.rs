//! The interpreter: the one definition of what bytecode does, and the input of the generator.

pub mod arith;
pub mod calls;
