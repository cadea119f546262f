//! Random programs: plain runs, the evaluator and compiled code agree, whatever was watched, kept back or limited.
//!
//! A program is made of a random [`Tree`] by a lowering of each language, which sees to it that it ends and stays within its
//! memory; trees shrink, and so do programs. `JITGEN_RANDOM=20000 cargo test --release --test toys random` runs
//! 100,000 programs, 20,000 of each of five languages; `JITGEN_RANDOM_SEED` gives other ones.

mod brainf;
mod stack;
mod tiny2;
mod tl;
mod tlc;
mod tlr;

use crate::support::{self, Machine};
use moonshift_jitgen::portal::{Jit, Policy};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use std::cell::Cell;

/// What a lowering makes a program of: each node is whatever is wanted at its place.
#[derive(Clone, Debug)]
pub struct Tree {
    pub kind: u8,
    pub number: i8,
    pub inner: Vec<Tree>,
}

impl Tree {
    /// Inner node `index`; a small constant where there is none.
    pub fn at(&self, index: usize) -> &Tree {
        static NOTHING: Tree = Tree { kind: 0, number: 1, inner: vec![] };
        self.inner.get(index).unwrap_or(&NOTHING)
    }
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = (any::<u8>(), any::<i8>()).prop_map(|(kind, number)| Tree { kind, number, inner: vec![] });
    leaf.prop_recursive(6, 80, 5, |inner| {
        (any::<u8>(), any::<i8>(), vec(inner, 0..6)).prop_map(|(kind, number, inner)| Tree { kind, number, inner })
    })
}

/// Thresholds of 1 or less, all sorts of limits, and a profile with cuts or without.
fn policy() -> impl Strategy<Value = Policy> {
    let seen = prop_oneof![Just(1), Just(5), Just(usize::MAX)];
    let times = (0..2u32, seen.clone(), seen, prop_oneof![Just(2u32), Just(20)]);
    let limits = (prop_oneof![Just(1usize), Just(4)], 1..4usize, 1..9usize, prop_oneof![Just(0usize), Just(12)]);
    (times, limits, any::<Option<u64>>()).prop_map(|(times, limits, cut_promotions)| {
        let (profile_runs, profile_merges, exit_merges, max_recompiles) = times;
        let mut policy = Policy {
            profile_runs,
            profile_merges,
            exit_merges,
            max_recompiles,
            cut_promotions,
            exits_before_recompile: 1,
            ..support::eager()
        };
        (policy.limits.max_versions, policy.limits.few, policy.limits.max_cases, policy.limits.max_delayed) = limits;
        policy
    })
}

/// The compiler proper is the slower one; it is tested more thoroughly elsewhere.
fn machine() -> impl Strategy<Value = Machine> {
    prop_oneof![3 => Just(Machine::Graph), 1 => Just(Machine::Native)]
}

fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

/// What became of the units of all programs.
#[derive(Default)]
struct Tally {
    compiled: Cell<u64>,
    failed: Cell<u64>,
    exits: Cell<u64>,
}

impl Tally {
    fn count(&self, jit: &Jit) {
        let totals = jit.totals();
        self.compiled.set(self.compiled.get() + totals.compiled);
        self.failed.set(self.failed.get() + totals.failed);
        self.exits.set(self.exits.get() + totals.exits);
    }
}

/// Runs `check` on random programs.
fn check(check: impl Fn(Tree, Policy, Machine, &Tally) -> TestCaseResult) {
    let cases = number("JITGEN_RANDOM", 200) as u32;
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4000, ..Config::default() };
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&number("JITGEN_RANDOM_SEED", 1).to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let tally = Tally::default();
    // The root is a block of some length.
    let root = vec(tree(), 2..8).prop_map(|inner| Tree { kind: 0, number: 0, inner });
    let inputs = (root, policy(), machine());
    if let Err(error) = runner.run(&inputs, |(tree, policy, machine)| check(tree, policy, machine, &tally)) {
        panic!("{error}");
    }
    let (compiled, failed, exits) = (tally.compiled.get(), tally.failed.get(), tally.exits.get());
    println!("{cases} programs, {compiled} units, {exits} exits, {failed} units given up");
    assert!(compiled >= u64::from(cases), "hardly any program was compiled: {compiled}");
    assert!(failed * 20 <= compiled, "too many units were given up: {failed} of {compiled}");
}
