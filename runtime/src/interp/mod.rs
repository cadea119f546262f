//! The interpreter: the one definition of what bytecode does, and the input of the generator.
//!
//! Everything in this folder is written in the generator's Rust subset. `dispatch` is the portal; the other files say by
//! concern what each instruction does: the fast paths and the order in which slow paths are tried. What no specialisation
//! helps is a residual, in `crate::natives` and `crate::table`.
//!
//! Conventions:
//!
//! * `base` is the running function's window, `pc` the index of the *next* instruction.
//! * A value's type is used through `promote(x.tag)`, so specialised code knows it after the first use.
//! * [`regs::save_pc`] comes before everything that can raise, collect, call or look at frames.

// The variables of the portal are passed one by one: the generator takes them apart anyway.
#![allow(clippy::too_many_arguments)]

pub mod arith;
pub mod barrier;
pub mod calls;
pub mod closures;
pub mod compare;
pub mod dispatch;
pub mod fields;
pub mod indexing;
pub mod loops;
pub mod metamethods;
pub mod mode;
pub mod regs;
