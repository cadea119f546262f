//! The benchmark programs: their names, sizes and texts, shared by the benches, the ratio table and the tests of the
//! command line program.
//!
//! Every program is one file of `benches/programs`. It takes its size as first argument (with a default), uses only what
//! Lua 5.1 and Lua 5.4 have in common, so that LuaJIT can run it as a peer, and prints a deterministic result.

pub mod engine;
pub mod process;
pub mod ratio;

use std::path::PathBuf;

/// One program and the sizes it is run at.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    pub name: &'static str,
    /// Done at once even when a mode is hundreds of times slower than the interpreter: for tests of the output.
    pub small: u32,
    /// 20 to 50 ms in the reference interpreter: one turn of a criterion sample.
    pub sample: u32,
    /// 0.5 to 2 s in the reference interpreter: for whole processes, start-up and compilation included.
    pub bench: u32,
    /// How many times faster than the plain interpreter the JIT has to be.
    pub goal: f64,
}

const fn program(name: &'static str, small: u32, sample: u32, bench: u32, goal: f64) -> Program {
    Program { name, small, sample, bench, goal }
}

/// All programs, in the order in which tables show them.
pub const PROGRAMS: [Program; 15] = [
    program("fib", 16, 29, 36, 3.0),
    program("loop_int", 60, 1_000, 5_000, 10.0),
    program("loop_float", 20_000, 1_500_000, 30_000_000, 10.0),
    program("loop_mixed", 10_000, 1_500_000, 25_000_000, 10.0),
    program("sieve", 10_000, 1_000_000, 12_000_000, 4.0),
    program("nbody", 200, 40_000, 600_000, 4.0),
    program("fannkuch", 6, 8, 10, 1.0),
    program("spectral_norm", 16, 150, 800, 4.0),
    program("mandelbrot", 24, 300, 1_200, 4.0),
    program("queens", 5, 11, 13, 3.0),
    program("matmul", 12, 150, 450, 4.0),
    program("string_build", 1_500, 60_000, 800_000, 1.0),
    program("classes", 2_000, 300_000, 6_000_000, 1.0),
    program("closures", 1_500, 250_000, 4_000_000, 1.0),
    program("wordcount", 2_000, 120_000, 3_000_000, 1.0),
];

/// Programs that allocate: what the collector is measured with.
pub const ALLOCATION: [Program; 8] = [
    program("allocation/binary_trees", 6, 12, 15, 1.0),
    program("allocation/short_tables", 1_000, 60_000, 2_000_000, 1.0),
    program("allocation/strings", 500, 30_000, 800_000, 1.0),
    program("allocation/closures", 1_000, 80_000, 2_500_000, 1.0),
    program("allocation/churn", 300, 10_000, 100_000, 1.0),
    program("allocation/lists", 200, 3_000, 50_000, 1.0),
    program("allocation/weak_cache", 300, 40_000, 800_000, 1.0),
    program("allocation/graph", 200, 3_000, 40_000, 1.0),
];

impl Program {
    /// The program's file in the source tree.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("programs").join(format!("{}.lua", self.name))
    }
}

/// The examples of the README are tested as documentation.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
