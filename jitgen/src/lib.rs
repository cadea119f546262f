//! A generator of just-in-time compilers from interpreters written in plain Rust.
//!
//! An interpreter in the Rust subset is read as flow graphs ([`flow`]); the values known when a program of the
//! interpreted language is compiled are worked out; and the interpreter becomes a generating extension, which emits
//! the machine code the interpreter would have performed.
//!
//! * Build scripts use the feature `translate`: [`frontend`] and [`image`].
//! * Processes use the feature `run`.
//! * Interpreters use [`mem`], [`hint`] and [`marks`].

pub mod abi;
#[cfg(feature = "run")]
pub mod backend;
#[cfg(feature = "run")]
pub mod codemem;
pub mod eval;
pub mod flow;
#[cfg(feature = "translate")]
pub mod frontend;
pub mod genext;
pub mod hint;
pub mod hints;
pub mod image;
pub mod mem;
#[cfg(feature = "run")]
pub mod portal;
pub mod timeshift;
pub mod transform;
pub mod view;

pub use moonshift_jitgen_macros as marks;
