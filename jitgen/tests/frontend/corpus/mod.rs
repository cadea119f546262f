//! Programs in the Rust subset, compiled by rustc for the tests and translated by them.

#![allow(clippy::all, dead_code, unexpected_cfgs, unused)]

pub mod aggregates;
pub mod calls;
pub mod control;
pub mod floats;
pub mod ints;
pub mod matching;
pub mod memory;
pub mod order;
pub mod portal;
pub mod signed;
pub mod subset;
pub mod unsigned;
