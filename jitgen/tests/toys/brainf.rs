//! brainf***: red branches, partial data, residual calls.

#[path = "../../examples/brainf/interp.rs"]
pub mod interp;

use crate::support::{self, Machine, Prepared};
use crate::{MACHINES, arr, count};
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::portal::{Jit, Policy};
use moonshift_jitgen::{natives, places};
use std::cell::Cell;
use std::sync::LazyLock;

static PREPARED: LazyLock<Prepared> = LazyLock::new(|| {
    use interp::{Console, Ins, read};
    let places = places![[Ins] { op, target }, Console { output, written, input }];
    let natives = natives![read(console: &Console) -> u8];
    // SAFETY: the interpreter of that text.
    unsafe { Prepared::new(include_str!("../../examples/brainf/interp.rs"), &places, &natives) }
});

pub fn compiler(policy: Policy, machine: Machine) -> Jit {
    PREPARED.compiler(policy, machine)
}

fn brainf_jit(machine: Machine) -> Jit {
    compiler(support::eager(), machine)
}

/// What a program writes, and the tape afterwards.
fn perform(input: &'static str, by: impl FnOnce(&interp::Console, Arr<u8>)) -> (String, Vec<u8>) {
    let (mut tape, mut output) = (vec![0; 300], vec![0; 60_000]);
    let console =
        interp::Console { output: arr(&mut output), written: Cell::new(0), input: Cell::new(input.as_bytes()) };
    by(&console, arr(&mut tape));
    output.truncate(console.written.get());
    (String::from_utf8_lossy(&output).into_owned(), tape)
}

/// Runs a program plainly, in the evaluator and through the compiler; what it wrote.
pub fn run_three_ways(jit: &Jit, code: Arr<interp::Ins>, input: &'static str) -> String {
    let args = |console: &interp::Console, cell: Arr<u8>| {
        [code.addr(), 0, std::ptr::from_ref(console) as usize as u64, cell.addr()]
    };
    let plain = perform(input, |console, cell| interp::run(code, 0, console, cell));
    let evaluated = perform(input, |console, cell| drop(jit.evaluate(0, &args(console, cell))));
    assert_eq!(evaluated, plain);
    let compiled = perform(input, |console, cell| drop(support::run(jit, &args(console, cell))));
    assert_eq!(compiled, plain);
    plain.0
}

const HELLO: &str = "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.\
                     --------.>>+.>++.";

#[test]
fn brainf_programs() {
    let programs: &[(&str, &[&'static str], &str)] = &[
        (HELLO, &["", "", ""], "Hello World!\n"),
        (",[.,]", &["abc", "", "xyz!"], "xyz!"),
        (">,[>,]<[.<]", &["stressed", "x", "", "desserts"], "stressed"),
        // Each letter twice.
        (",[>++[<.>-]<,]", &["ab", "c", "ab"], "aabb"),
        ("", &["a", "b"], ""),
        // A number of its input's first byte of stars.
        (",[->+++++[-]++++++[>+++++++<-]>.[-]<<]", &["\u{3}", "\u{1}", "\u{7}"], "*******"),
    ];
    for &(text, inputs, last) in programs {
        for machine in MACHINES {
            let mut program = interp::parse(text).expect("brackets match");
            let jit = brainf_jit(machine);
            let mut output = String::new();
            for input in inputs {
                output = run_three_ways(&jit, arr(&mut program), input);
            }
            assert_eq!(output, last, "{text}");
            assert!(jit.totals().compiled >= 1, "{text}");
        }
    }
}

#[test]
fn brainf_leaves_no_dispatch() {
    let mut program = interp::parse("+++>++<-.").expect("brackets match");
    let jit = brainf_jit(Machine::Graph);
    for _ in 0..2 {
        run_three_ways(&jit, arr(&mut program), "");
    }
    let counts = support::counts(&jit);
    // The second cell is at a constant distance from the first: neither is read twice.
    assert_eq!(count(&counts, "add"), 3 + 2 + 1, "five increments and the length of the output: {counts:?}");
    assert_eq!(count(&counts, "sub"), 1);
    assert_eq!(count(&counts, "load_item"), 2);
    assert_eq!(count(&counts, "store_item"), 6 + 1);
    assert_eq!(count(&counts, "ptr_add") + count(&counts, "branch") + count(&counts, "call"), 0);
}

#[test]
fn brainf_loops_are_closed() {
    let mut program = interp::parse("++++++[>+++++<-]>.").expect("brackets match");
    let jit = brainf_jit(Machine::Graph);
    for _ in 0..3 {
        run_three_ways(&jit, arr(&mut program), "");
    }
    let counts = support::counts(&jit);
    assert!(count(&counts, "sub") <= 2, "the loop is there once, at most with its first iteration: {counts:?}");
    assert!(count(&counts, "branch") <= 2, "{counts:?}");
}

#[test]
fn brainf_ways_not_seen_leave_and_are_compiled_in() {
    for machine in MACHINES {
        let mut program = interp::parse(",[>+<[-]]>.").expect("brackets match");
        let jit = brainf_jit(machine);
        run_three_ways(&jit, arr(&mut program), "");
        run_three_ways(&jit, arr(&mut program), "a");
        assert_eq!(jit.totals().exits, 1, "the loop was never entered");
        for input in ["a", "", "b"] {
            run_three_ways(&jit, arr(&mut program), input);
        }
        assert_eq!(jit.totals().compiled, 2, "{:?}", jit.totals());
        assert_eq!(jit.totals().exits, 1);
    }
}

#[test]
fn brainf_rejects_unmatched_brackets() {
    assert!(interp::parse("[[]").is_none());
    assert!(interp::parse("[]]").is_none());
}
