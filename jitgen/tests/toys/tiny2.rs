//! tiny2: tags are promoted, words are looked at when a program is compiled, failures are jumps, the stack is a list that
//! compiled code does not make.

#[path = "../../examples/tiny2/interp.rs"]
pub mod interp;
#[path = "../../examples/tiny2/program.rs"]
pub mod program;

use crate::support::{self, Machine};
use crate::{MACHINES, arr, count};
use interp::{Heap, INT, Slot, TEXT, Text};
use moonshift_jitgen::flow::{Graph, Op};
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::portal::{Entered, Jit, Policy};
use program::Loaded;
use std::collections::BTreeMap;

/// A program with its compiler.
pub struct Program {
    pub jit: Jit,
    program: Loaded,
}

/// What is seen of a run.
#[derive(PartialEq, Debug)]
struct Seen {
    outcome: Vec<u64>,
    places: Vec<String>,
    texts: u64,
}

impl Program {
    fn new(text: &str, machine: Machine) -> Program {
        Program::with(text, support::eager(), machine)
    }

    pub fn with(text: &str, policy: Policy, machine: Machine) -> Program {
        Program { jit: program::compiler(policy, machine), program: Loaded::parse(text) }
    }

    /// Performs a run from these places on; also how many lists it made.
    fn perform(&self, start: &[Slot], by: impl FnOnce(&Heap, Arr<Slot>) -> Vec<u64>) -> (Seen, usize) {
        let heap = Heap::default();
        let mut places = start.to_vec();
        let outcome = by(&heap, arr(&mut places));
        assert!(heap.empty.items.borrow().is_empty());
        let lists = heap.lists.borrow().len();
        let places = places.into_iter().map(program::show).collect();
        (Seen { outcome, places, texts: heap.made.get() }, lists)
    }

    /// Runs it plainly, in the evaluator and through the compiler: results, variables and the number of texts made. Gives the
    /// result, and how many lists the run through the compiler made.
    fn check_lists(&self, start: &[Slot]) -> (String, usize) {
        let (expected, lists) = self.perform(start, |heap, places| match self.program.run(heap, places) {
            Ok(()) => vec![0, 0],
            Err(failure) => vec![1, failure as u64],
        });
        assert_eq!(lists, 1, "each run has a list");
        let (evaluated, _) = self.perform(start, |heap, places| self.jit.evaluate(0, &self.program.args(heap, places)));
        assert_eq!(evaluated, expected, "evaluator, {start:?}");
        let (compiled, lists) =
            self.perform(start, |heap, places| support::run(&self.jit, &self.program.args(heap, places)));
        assert_eq!(compiled, expected, "compiled, {start:?}\n{}", support::show(&self.jit));
        let result = match expected.outcome[0] {
            0 => expected.places[0].clone(),
            _ => format!("failure {}", expected.outcome[1]),
        };
        (result, lists)
    }

    pub fn check(&self, start: &[Slot]) -> String {
        self.check_lists(start).0
    }
}

pub fn int(value: i64) -> Slot {
    Slot { tag: INT, bits: value as u64 }
}

pub fn text(text: &Text) -> Slot {
    Slot { tag: TEXT, bits: std::ptr::from_ref(text) as usize as u64 }
}

#[test]
fn words_are_compiled_away() {
    for machine in MACHINES {
        let program = Program::new("#0 #1 ADD 3 MUL", machine);
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
        let program = Program::new("#0 #1 ADD #0 ADD", machine);
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
        let program = Program::new("\"four LEN 3 MUL 2 SUB", machine);
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
        let program = Program::new(FACTORIAL, machine);
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
        let program = Program::new("[ [ #0 LEN | #1 LEN ADD ] 100 ADD | 1000 ADD ]", machine);
        let ab = Text { text: "ab".into() };
        for _ in 0..2 {
            assert_eq!(program.check(&[text(&ab), int(0)]), "102");
            assert_eq!(program.check(&[int(7), text(&ab)]), "104");
            assert_eq!(program.check(&[int(7), int(7)]), "1002");
        }
        let program = Program::new("[ #0 | 1 ADD ] \"x ADD", machine);
        for _ in 0..3 {
            assert_eq!(program.check(&[int(7)]), "failure 2");
        }
    }
}

/// The calls of functions on lists in each unit, by the functions' names, with the unit's greens.
fn list_calls(jit: &Jit) -> Vec<(Vec<u64>, BTreeMap<String, usize>)> {
    let module = &jit.extension().module;
    let calls = |graph: &Graph| {
        let mut calls = BTreeMap::new();
        for inst in graph.blocks.iter().flat_map(|block| &block.insts) {
            if let Op::Call(func) = inst.op
                && module.func(func).container.is_some()
            {
                *calls.entry(module.func(func).name.clone()).or_default() += 1;
            }
        }
        calls
    };
    support::residuals(jit).iter().map(|(greens, graph)| (greens.clone(), calls(graph))).collect()
}

/// The sum of n, n - 1 .. 1 is on the stack while the loop runs, above 5 and below what the loop pops.
const SUM_ON_THE_STACK: &str = "5 0 { #0 ADD #0 1 SUB ->#0 #0 } MUL";

#[test]
fn the_stack_is_left_out() {
    for machine in MACHINES {
        let program = Program::new(SUM_ON_THE_STACK, machine);
        assert_eq!(program.check(&[int(10)]), "275");
        for n in [1, 2, 100] {
            let expected = (5 * n * (n + 1) / 2).to_string();
            assert_eq!(program.check_lists(&[int(n)]), (expected, 0), "no list is made");
        }
        let counts = support::counts(&program.jit);
        assert_eq!(count(&counts, "call"), 0, "{counts:?}");
        // The place is read once and written at the end, and there is no other memory.
        let memory = ["load_item", "load", "store_item", "store"].map(|op| count(&counts, op));
        assert_eq!(memory, [2, 0, 1, 0], "{counts:?}");
        assert_eq!(program.jit.totals().exits, 0);
    }
}

#[test]
fn an_exit_makes_the_stack() {
    for machine in MACHINES {
        // Left where texts are first joined, with two integers on the stack and two operands popped.
        let program = Program::new("7 30 #0 #1 ADD ->#0 SUB ->#1 #0", machine);
        let (ab, c) = (Text { text: "ab".into() }, Text { text: "c".into() });
        assert_eq!(program.check(&[int(3), int(4)]), "7");
        assert_eq!(program.check_lists(&[int(5), int(4)]), ("9".to_string(), 0));
        for exits in [1, 0] {
            let before = program.jit.totals().exits;
            assert_eq!(program.check_lists(&[text(&ab), text(&c)]), ("\"abc\"".to_string(), exits));
            assert_eq!(program.jit.totals().exits - before, exits as u64, "known after the first");
        }

        // Overflows in the loop, in a turn with 7, the product and the number of turns on the stack.
        let program = Program::new("7 1 { #0 MUL #1 1 SUB ->#1 #1 } ADD", machine);
        assert_eq!(program.check(&[int(2), int(10)]), "1031");
        assert_eq!(program.check_lists(&[int(3), int(4)]), ("88".to_string(), 0));
        assert_eq!(program.check_lists(&[int(2), int(70)]), ("failure 1".to_string(), 1));
        assert_eq!(program.check_lists(&[int(2), int(70)]), ("failure 1".to_string(), 0));

        // So does this one, and goes on in the handler with what was below.
        let program = Program::new("7 [ 2 3 #0 #0 MUL ADD MUL | 100 MUL ] ADD", machine);
        assert_eq!(program.check(&[int(2)]), "21");
        assert_eq!(program.check_lists(&[int(3)]), ("31".to_string(), 0));
        assert_eq!(program.check_lists(&[int(1 << 40)]), ("107".to_string(), 1));
        assert_eq!(program.check_lists(&[int(1 << 40)]), ("107".to_string(), 0));
        assert!(list_calls(&program.jit).iter().all(|(_, calls)| calls.is_empty()), "{}", support::show(&program.jit));
    }
}

#[test]
fn a_unit_in_the_middle_takes_the_stack_over() {
    for machine in MACHINES {
        // Watched runs end after a few words: the rest of the program is another unit.
        let policy = Policy { profile_merges: 6, ..support::eager() };
        let program = Program::with(SUM_ON_THE_STACK, policy, machine);
        for n in [4, 1, 50, 7] {
            assert_eq!(program.check(&[int(n)]), (5 * n * (n + 1) / 2).to_string());
        }
        let units = list_calls(&program.jit);
        assert!(units.iter().any(|(greens, _)| greens[2] >= 2), "{units:?}");
        for (greens, calls) in units {
            let reads = (greens[2] > 0).then(|| ("list_get".to_string(), greens[2] as usize));
            assert_eq!(calls, BTreeMap::from_iter(reads), "{greens:?}: items are read once, and that is all");
        }
    }
}

#[test]
fn a_unit_of_a_loop_alone_gives_the_stack_back() {
    for machine in MACHINES {
        let policy = Policy { profile_merges: 0, exit_merges: 0, ..support::eager() };
        let program = Program::with(SUM_ON_THE_STACK, policy, machine);
        let (at, height) = (3, 2);
        let mut left = 0;
        for n in [4, 9, 30, 1] {
            let (seen, _) = program.perform(&[int(n)], |heap, places| {
                // As the plain interpreter would come to the loop.
                let stack = interp::list_new(heap);
                for value in [5, 0] {
                    interp::list_push(heap, stack, INT, value);
                }
                let mut args = program.program.args(heap, places);
                (args[1], args[2], args[5]) = (at, height, stack.addr());
                match program.jit.hot(0, &args) {
                    Entered::Finished(results) => results,
                    Entered::Continue(args) => {
                        left += u64::from(args[1] > at);
                        program.jit.evaluate(0, &args)
                    }
                    Entered::Nothing { .. } => program.jit.evaluate(0, &args),
                }
            });
            assert_eq!((seen.outcome, seen.places), (vec![0, 0], vec![(5 * n * (n + 1) / 2).to_string()]));
        }
        assert!(left > 0, "{}", support::show(&program.jit));
    }
}

#[test]
fn too_few_operands_and_stacks_that_grow() {
    for machine in MACHINES {
        let program = Program::new("1 [ ADD | 40 ADD ]", machine);
        for _ in 0..3 {
            assert_eq!(program.check(&[int(0)]), "43");
        }
        assert_eq!(Program::new("LEN", machine).check(&[int(0)]), "failure 3");
        // Nothing on it at the end: the place stays as it is.
        assert_eq!(Program::new("5 ->#1", machine).check(&[int(8), int(0)]), "8");
        // Each turn leaves a number, then each takes one.
        let program = Program::new("{ #0 #0 1 SUB ->#0 #0 } { ADD #1 1 SUB ->#1 #1 }", machine);
        for n in [3, 2, 40, 4] {
            let expected = (n * (n + 1) / 2).to_string();
            for _ in 0..2 {
                assert_eq!(program.check(&[int(n), int(n - 1)]), expected);
            }
            assert_eq!(program.check(&[int(n), int(n)]), "failure 3");
        }
    }
}

/// Each turn of three loops leaves another number on the stack, whose height is green: there is no end of positions to compile
/// for. Compilation gives up in time, and within bounds of memory.
#[test]
fn positions_without_end() {
    let words = "9 9 9 3 ->#3 { 3 ->#4 { 42 #4 1 SUB ->#4 #4 } 4 ->#4 { ->#2 #4 1 SUB ->#4 #4 } #3 1 SUB ->#3 #3 }";
    let policy = Policy { profile_merges: 1, exit_merges: 5, max_recompiles: 2, ..support::eager() };
    let program = Program::with(words, policy, Machine::Graph);
    for _ in 0..3 {
        program.check(&[int(3), int(1), int(2), int(0), int(0)]);
    }
    assert!(program.jit.totals().failed > 0, "nothing was given up");
}
