//! Programs in the Rust subset, compiled by rustc for the tests and translated by them.

#![allow(clippy::all, dead_code)]

pub mod aggregates;
pub mod calls;
pub mod control;
pub mod floats;
pub mod ints;
pub mod matching;
pub mod memory;
pub mod portal;
