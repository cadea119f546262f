//! tiny2: tags are promoted, words are looked at when a program is compiled, failures are jumps.

#[path = "../../examples/tiny2/interp.rs"]
pub mod interp;
#[path = "../../examples/tiny2/program.rs"]
pub mod program;

use crate::support::{self, Machine};
use crate::{MACHINES, arr, count};
use interp::{Heap, INT, Slot, TEXT, Text};
use moonshift_jitgen::portal::Jit;
use program::Loaded;

/// A program with its compiler.
struct Program {
    jit: Jit,
    program: Loaded,
    variables: usize,
}

impl Program {
    fn new(text: &str, variables: usize, machine: Machine) -> Program {
        let jit = program::compiler(support::eager(), machine);
        Program { jit, program: Loaded::parse(text, variables), variables }
    }

    /// Runs it plainly, in the evaluator and through the compiler: results, variables and the number of texts made.
    fn check(&mut self, start: &[Slot]) -> String {
        let perform = |by: &mut dyn FnMut(&Heap, &mut [Slot]) -> Vec<u64>| {
            let heap = Heap::default();
            let mut stack = start.to_vec();
            stack.resize(start.len() + 20, int(0));
            let outcome = by(&heap, &mut stack);
            let shown: Vec<String> = stack[..start.len()].iter().map(|&slot| program::show(slot)).collect();
            (outcome, shown, heap.made.get())
        };
        let expected =
            perform(&mut |heap, stack| match interp::run(self.program.code(), 0, self.variables, heap, arr(stack)) {
                Ok(()) => vec![0, 0],
                Err(failure) => vec![1, failure as u64],
            });
        let evaluated =
            perform(&mut |heap, stack| self.jit.evaluate(0, &self.program.args(self.variables, heap, arr(stack))));
        assert_eq!(evaluated, expected, "evaluator, {start:?}");
        let compiled =
            perform(&mut |heap, stack| support::run(&self.jit, &self.program.args(self.variables, heap, arr(stack))));
        assert_eq!(compiled, expected, "compiled, {start:?}\n{}", support::show(&self.jit));
        match expected.0[0] {
            0 => expected.1[0].clone(),
            _ => format!("failure {}", expected.0[1]),
        }
    }
}

fn int(value: i64) -> Slot {
    Slot { tag: INT, bits: value as u64 }
}

fn text(text: &Text) -> Slot {
    Slot { tag: TEXT, bits: std::ptr::from_ref(text) as usize as u64 }
}

#[test]
fn words_are_compiled_away() {
    for machine in MACHINES {
        let mut program = Program::new("#0 #1 ADD 3 MUL", 2, machine);
        assert_eq!(program.check(&[int(4), int(5)]), "27");
        assert_eq!(program.check(&[int(-1), int(1)]), "0");
        let counts = support::counts(&program.jit);
        assert_eq!((count(&counts, "sadd_ovf"), count(&counts, "smul_ovf")), (1, 1), "{counts:?}");
        assert_eq!(count(&counts, "call"), 0, "{counts:?}");
        // Two tags, two overflows; the tags of what was computed are known.
        assert_eq!(count(&counts, "branch"), 4, "{counts:?}");
        assert_eq!(program.jit.totals().exits, 0);
    }
}

#[test]
fn texts_and_integers() {
    for machine in MACHINES {
        let (ab, c) = (Text { text: "ab".into() }, Text { text: "c".into() });
        let mut program = Program::new("#0 #1 ADD #0 ADD", 2, machine);
        for _ in 0..2 {
            assert_eq!(program.check(&[int(3), int(4)]), "10");
            assert_eq!(program.check(&[text(&ab), text(&c)]), "\"abcab\"");
            assert_eq!(program.check(&[text(&c), text(&ab)]), "\"cabc\"");
            assert_eq!(program.check(&[text(&c), int(1)]), "failure 2");
            assert_eq!(program.check(&[int(i64::MAX), int(1)]), "failure 1");
        }
        let totals = program.jit.totals();
        assert!(totals.exits <= 4, "one for each kind of operands: {totals:?}");
        assert!((2..=1 + totals.exits).contains(&totals.compiled), "{totals:?}");
    }
}

#[test]
fn constants_fold_and_lengths_of_literals_too() {
    for machine in MACHINES {
        let mut program = Program::new("\"four LEN 3 MUL 2 SUB", 1, machine);
        assert_eq!(program.check(&[int(0)]), "10");
        assert_eq!(program.check(&[int(0)]), "10");
        let counts = support::counts(&program.jit);
        assert_eq!(count(&counts, "call") + count(&counts, "smul_ovf") + count(&counts, "branch"), 0, "{counts:?}");
    }
}

const FACTORIAL: &str = r#"1 ->#1 [ { #1 #0 MUL ->#1 #0 1 SUB ->#0 #0 } #1 | ->#1 "too "large ADD ] ->#0 #0"#;

#[test]
fn failures_are_caught_in_the_unit() {
    for machine in MACHINES {
        let mut program = Program::new(FACTORIAL, 2, machine);
        assert_eq!(program.check(&[int(5), int(0)]), "120");
        assert_eq!(program.check(&[int(20), int(0)]), "2432902008176640000");
        for _ in 0..3 {
            assert_eq!(program.check(&[int(21), int(0)]), "\"toolarge\"");
        }
        assert_eq!(program.check(&[int(6), int(0)]), "720");
        let exits = program.jit.totals().exits;
        assert!(exits <= 2, "{exits}");
        let counts = support::counts(&program.jit);
        assert!(count(&counts, "smul_ovf") <= 3, "{counts:?}");
    }
}

#[test]
fn failures_in_handlers_and_nested_ones() {
    for machine in MACHINES {
        let mut program = Program::new("[ [ #0 LEN | #1 LEN ADD ] 100 ADD | 1000 ADD ]", 2, machine);
        let ab = Text { text: "ab".into() };
        for _ in 0..2 {
            assert_eq!(program.check(&[text(&ab), int(0)]), "102");
            assert_eq!(program.check(&[int(7), text(&ab)]), "104");
            assert_eq!(program.check(&[int(7), int(7)]), "1002");
        }
        let mut program = Program::new("[ #0 | 1 ADD ] \"x ADD", 1, machine);
        for _ in 0..3 {
            assert_eq!(program.check(&[int(7)]), "failure 2");
        }
    }
}
