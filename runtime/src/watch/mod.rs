//! The watched interpreter: the dispatch loop once more, built with its looks at `debug.sethook`'s hooks.
//!
//! It is the same text as `crate::interp::dispatch`; only [`mode::WATCHED`] differs. The plain interpreter and compiled
//! code carry no cost of hooks: while some are set, polls and entries of functions lead here (see `natives::watch`).

use crate::interp::{arith, calls, closures, compare, fields, indexing, loops, regs};

pub mod mode {
    /// Whether this build of the dispatch loop looks at hooks.
    pub const WATCHED: bool = true;
}

#[allow(clippy::duplicate_mod)]
#[path = "../interp/dispatch.rs"]
pub mod dispatch;
