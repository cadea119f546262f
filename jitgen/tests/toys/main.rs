//! The example interpreters: plain runs, the evaluator and both backends agree, and the residual code is what it should
//! be.

#[path = "../../examples/support/mod.rs"]
mod support;

mod brainf;
mod random;
mod tiny1;
mod tiny2;
mod tl;
mod tlc;
mod tlr;

use moonshift_jitgen::mem::Arr;
use std::collections::BTreeMap;
use support::Machine;

const MACHINES: [Machine; 2] = [Machine::Graph, Machine::Native];

/// An array of a test's vector. The tests keep the vectors, and programs stay inside them.
fn arr<T: Copy>(of: &mut [T]) -> Arr<T> {
    // SAFETY: see above.
    unsafe { Arr::from_ptr(of.as_mut_ptr()) }
}

fn count(counts: &BTreeMap<&'static str, usize>, op: &str) -> usize {
    counts.get(op).copied().unwrap_or(0)
}
