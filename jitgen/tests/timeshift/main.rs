//! The timeshifter by topic: small interpreters as source text, what they leave as residual code, and that it does what
//! rustc's code does.
//!
//! The text of an interpreter stands in [`interp!`]: rustc compiles it as a module, and `SOURCE` is the same text for the
//! translator. Where a position in a program is asked for, `pc` alone stands for the program.

#[path = "../../examples/support/mod.rs"]
mod support;

mod calls;
mod containers;
mod errors;
mod exits;
mod folding;
mod frozen;
mod loops;
mod memory;
mod polls;
mod portals;
mod promotion;
mod reliance;
mod units;
mod windows;

use moonshift_jitgen::abi::{Native, by_hand::Place};
use moonshift_jitgen::portal::{Jit, Policy, Totals};
use std::collections::BTreeMap;
use support::Machine;

/// A module, and its text as `SOURCE`.
macro_rules! interp {
    ($name:ident { $($body:tt)* }) => {
        #[allow(dead_code, unused_imports, clippy::all)]
        mod $name {
            use moonshift_jitgen::{hint::*, marks::*, mem::{Arr, Ref}};
            use std::cell::Cell;
            $($body)*
            pub const SOURCE: &str = stringify!(
                use moonshift_jitgen::{hint::*, marks::*, mem::{Arr, Ref}};
                use std::cell::Cell;
                $($body)*
            );
        }
    };
}
pub(crate) use interp;

type Counts = BTreeMap<&'static str, usize>;

/// A compiler on each backend for one interpreter.
struct Toy {
    jits: Vec<(Machine, Jit)>,
}

impl Toy {
    fn new(source: &str, places: &[Place], natives: &[Native]) -> Toy {
        Toy::with(source, places, natives, support::eager())
    }

    fn with(source: &str, places: &[Place], natives: &[Native], policy: Policy) -> Toy {
        let make = |machine| {
            // SAFETY: the tests give what belongs to their text, and variables that outlive the compiler.
            (machine, unsafe { support::compiler(source, places, natives, policy, machine) })
        };
        Toy { jits: vec![make(Machine::Graph), make(Machine::Native)] }
    }

    /// Results and state of memory afterwards, for the same start: `expected`, of the evaluator and of each backend.
    /// `start` puts memory into its first state and gives the variables; `after` looks at it.
    fn check<S: PartialEq + std::fmt::Debug>(
        &self,
        start: impl Fn() -> Vec<u64>,
        plain: impl Fn() -> Vec<u64>,
        after: impl Fn() -> S,
    ) {
        let args = start();
        let expected = (plain(), after());
        for (machine, jit) in &self.jits {
            assert_eq!(start(), args);
            let evaluated = jit.evaluate(0, &args);
            assert_eq!((evaluated, after()), expected, "evaluator, of {args:?}");
            start();
            let compiled = support::run(jit, &args);
            assert_eq!((compiled, after()), expected, "{machine:?}, of {args:?}\n{}", support::show(jit));
        }
    }

    /// The result for variables that are not in memory.
    fn same(&self, args: &[i64], expected: i64) {
        self.check(|| words(args), || vec![expected as u64], || ());
    }

    /// Operations of the only unit; the same on each backend.
    fn counts(&self) -> Counts {
        let mut all: Vec<Counts> = self.jits.iter().map(|(_, jit)| support::counts(jit)).collect();
        assert_eq!(all[0], all[1], "the backends do not agree");
        all.pop().expect("two backends")
    }

    /// Asserts the operations of the only unit.
    fn leaves(&self, expected: &[(&'static str, usize)]) {
        let expected: Counts = expected.iter().copied().collect();
        assert_eq!(self.counts(), expected, "\n{}", support::show(&self.jits[0].1));
    }

    fn count(&self, op: &str) -> usize {
        self.counts().get(op).copied().unwrap_or(0)
    }

    fn totals(&self) -> Totals {
        let totals = self.jits[0].1.totals();
        let other = self.jits[1].1.totals();
        assert_eq!((totals.compiled, totals.exits), (other.compiled, other.exits), "the backends do not agree");
        totals
    }
}

/// Integer variables as canonical bits.
fn words(args: &[i64]) -> Vec<u64> {
    args.iter().map(|&arg| arg as u64).collect()
}

fn address<T>(of: &T) -> u64 {
    std::ptr::from_ref(of) as usize as u64
}
