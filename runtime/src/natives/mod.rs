//! What the interpreter calls as residuals: opaque Rust, each function saying what it may touch.

pub mod alloc;
pub mod arith;
pub mod calls;
pub mod close;
pub mod collecting;
pub mod compare;
pub mod concat;
pub mod convert;
pub mod hooks;
pub mod index;
pub mod load;
pub mod loops;
pub mod moves;
pub mod watch;
