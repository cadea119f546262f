//! The example interpreters: plain runs, the evaluator and both backends agree, and the residual code is what it should
//! be.

#[path = "../examples/brainf/interp.rs"]
mod brainf;
#[path = "../examples/stack/interp.rs"]
mod stack;
#[path = "../examples/support/mod.rs"]
mod support;
#[path = "../examples/tiny1/interp.rs"]
mod tiny1;

use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::portal::Jit;
use moonshift_jitgen::{natives, places};
use std::cell::Cell;
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

// tiny1

fn tiny1_counts(text: &str) -> BTreeMap<&'static str, usize> {
    let mut program: Vec<tiny1::Char> = text.bytes().chain([0]).map(tiny1::Char).collect();
    let code = arr(&mut program);
    let mut all = vec![];
    for machine in MACHINES {
        let source = include_str!("../examples/tiny1/interp.rs");
        let places = {
            use tiny1::Char;
            places![[Char] { 0 }]
        };
        // SAFETY: the interpreter of that text; variables of its portal below.
        let jit = unsafe { support::compiler(source, &places, &[], support::eager(), machine) };
        for (x, acc) in [(1, 0), (5, -3), (i64::MAX, 7), (i64::MIN, i64::MIN), (0, 0)] {
            let args = [code.addr(), 0, x as u64, acc as u64];
            let plain = vec![tiny1::run(code, 0, x, acc) as u64];
            assert_eq!(jit.evaluate(0, &args), plain, "evaluator, {text}");
            assert_eq!(support::run(&jit, &args), plain, "{machine:?}, {text}");
        }
        assert_eq!(jit.totals().compiled, 1);
        assert_eq!(jit.totals().exits, 0);
        all.push(support::counts(&jit));
    }
    assert_eq!(all[0], all[1]);
    all.pop().expect("two machines")
}

#[test]
fn tiny1_leaves_the_arithmetic() {
    assert_eq!(tiny1_counts("+-+"), BTreeMap::from([("add", 2), ("sub", 1)]));
    assert_eq!(tiny1_counts(""), BTreeMap::new());
    assert_eq!(tiny1_counts("-----"), BTreeMap::from([("sub", 5)]));
}

#[test]
fn tiny1_long_program() {
    assert_eq!(tiny1_counts(&"+-".repeat(300)), BTreeMap::from([("add", 300), ("sub", 300)]));
}

// stack

fn stack_jit(machine: Machine) -> Jit {
    use stack::{Ins, Slot, live};
    let places = places![[Ins] { op, arg }, [Slot] { value }];
    let natives = natives![live(code: Arr<Ins>, pc: usize, depth: usize, index: usize) -> bool];
    // SAFETY: the interpreter of that text.
    unsafe {
        support::compiler(include_str!("../examples/stack/interp.rs"), &places, &natives, support::eager(), machine)
    }
}

struct StackProgram {
    code: Vec<stack::Ins>,
}

impl StackProgram {
    fn new(code: &[(u8, i32)]) -> StackProgram {
        StackProgram { code: code.iter().map(|&(op, arg)| stack::Ins { op, arg }).collect() }
    }

    fn stack(variables: &[i64]) -> Vec<stack::Slot> {
        let values = variables.iter().copied().chain(std::iter::repeat(0)).take(variables.len() + 64);
        values.map(|value| stack::Slot { value }).collect()
    }

    fn plain(&mut self, variables: &[i64]) -> i64 {
        stack::run(arr(&mut self.code), 0, variables.len(), arr(&mut Self::stack(variables)))
    }

    fn args(&mut self, variables: usize, stack: &mut [stack::Slot]) -> [u64; 4] {
        [arr(&mut self.code).addr(), 0, variables as u64, arr(stack).addr()]
    }

    /// Runs it plainly, in the evaluator and through the compiler; the variables are the same afterwards too.
    fn check(&mut self, jit: &Jit, variables: &[i64]) {
        let plain = self.plain(variables);
        let after =
            |memory: &[stack::Slot]| -> Vec<i64> { memory[..variables.len()].iter().map(|slot| slot.value).collect() };
        let mut expected = Self::stack(variables);
        stack::run(arr(&mut self.code), 0, variables.len(), arr(&mut expected));
        let mut memory = Self::stack(variables);
        let args = self.args(variables.len(), &mut memory);
        assert_eq!(jit.evaluate(0, &args), [plain as u64], "evaluator, {variables:?}");
        assert_eq!(after(&memory), after(&expected), "evaluator's variables, {variables:?}");
        let mut memory = Self::stack(variables);
        let args = self.args(variables.len(), &mut memory);
        assert_eq!(support::run(jit, &args), [plain as u64], "compiled, {variables:?}");
        assert_eq!(after(&memory), after(&expected), "compiled code's variables, {variables:?}");
    }
}

use stack::{ADD, END, GET, JUMP, JUMP_IF_ZERO, LESS, MUL, POWER, PUSH, SET, SUB};

#[test]
fn stack_operands_stay_in_registers() {
    for machine in MACHINES {
        let jit = stack_jit(machine);
        // (a + b) * (a - 7)
        let code = [(GET, 0), (GET, 1), (ADD, 0), (GET, 0), (PUSH, 7), (SUB, 0), (MUL, 0), (END, 0)];
        let mut program = StackProgram::new(&code);
        for variables in [[1, 2], [-5, 9], [i64::MAX, 3]] {
            program.check(&jit, &variables);
        }
        let counts = support::counts(&jit);
        assert_eq!(count(&counts, "load_item"), 2, "each variable is read once");
        assert_eq!((count(&counts, "add"), count(&counts, "sub"), count(&counts, "mul")), (1, 1, 1));
        assert_eq!(count(&counts, "branch") + count(&counts, "exit"), 0);
    }
}

#[test]
fn stack_constants_fold() {
    let jit = stack_jit(Machine::Graph);
    let code = [(PUSH, 6), (PUSH, 7), (MUL, 0), (PUSH, 1), (ADD, 0), (END, 0)];
    let mut program = StackProgram::new(&code);
    program.check(&jit, &[]);
    program.check(&jit, &[]);
    let counts = support::counts(&jit);
    assert_eq!(count(&counts, "mul") + count(&counts, "add"), 0, "{counts:?}");
}

/// Variables: i, exponent, sum.
const POWERS: &[(u8, i32)] = &[
    (PUSH, 0),
    (GET, 0),
    (LESS, 0),
    (JUMP_IF_ZERO, 14),
    (GET, 2),
    (GET, 0),
    (GET, 1),
    (POWER, 0),
    (ADD, 0),
    (SET, 2),
    (GET, 0),
    (PUSH, 1),
    (SUB, 0),
    (JUMP, 16),
    (GET, 2),
    (END, 0),
    (SET, 0),
    (JUMP, 0),
];

#[test]
fn stack_loop_is_closed() {
    for machine in MACHINES {
        let jit = stack_jit(machine);
        // i = i - 1 while 0 < i
        let code = [
            (PUSH, 0),
            (GET, 0),
            (LESS, 0),
            (JUMP_IF_ZERO, 9),
            (GET, 0),
            (PUSH, 1),
            (SUB, 0),
            (SET, 0),
            (JUMP, 0),
            (GET, 0),
            (END, 0),
        ];
        let mut program = StackProgram::new(&code);
        for n in [10, 0, 1, 1000, -4] {
            program.check(&jit, &[n]);
        }
        let counts = support::counts(&jit);
        assert!(count(&counts, "slt") <= 2 && count(&counts, "sub") <= 2, "unrolled: {counts:?}");
        assert!(jit.totals().compiled <= 2);
    }
}

#[test]
fn stack_promotion_specialises() {
    for machine in MACHINES {
        let jit = stack_jit(machine);
        let mut program = StackProgram::new(POWERS);
        for i in [20, 20, 100] {
            program.check(&jit, &[i, 3, 0]);
        }
        assert_eq!(jit.totals().exits, 0);
        let counts = support::counts(&jit);
        // i * i * i, once in the first iteration, and once in the loop.
        assert!(matches!(count(&counts, "mul"), 2 | 4), "{counts:?}");
        assert!(count(&counts, "exit") >= 1, "for other exponents");
    }
}

#[test]
fn stack_other_values_leave_and_are_compiled_in() {
    for machine in MACHINES {
        let jit = stack_jit(machine);
        let mut program = StackProgram::new(POWERS);
        program.check(&jit, &[20, 3, 0]);
        assert_eq!(jit.totals().compiled, 1);
        program.check(&jit, &[20, 5, 0]);
        assert_eq!(jit.totals().exits, 1, "an exponent not seen before");
        assert_eq!(jit.totals().compiled, 2);
        for i in [1, 2, 50] {
            for exponent in [3, 5] {
                program.check(&jit, &[i, exponent, 0]);
            }
        }
        assert_eq!(jit.totals().exits, 1, "both exponents are compiled in");
        for round in 0..50 {
            program.check(&jit, &[10, round, 0]);
        }
        let policy = jit.policy();
        assert!(jit.totals().compiled <= 1 + u64::from(policy.max_recompiles), "{:?}", jit.totals());
    }
}

#[test]
fn stack_variables_are_in_memory_after_an_exit() {
    for machine in MACHINES {
        let jit = stack_jit(machine);
        // v1 = v0 * 2; if v1 < 10 { v1 = v1 + 100 }; v1 ^ v0
        let code = [
            (GET, 0),
            (PUSH, 2),
            (MUL, 0),
            (SET, 1),
            (GET, 1),
            (PUSH, 10),
            (LESS, 0),
            (JUMP_IF_ZERO, 12),
            (GET, 1),
            (PUSH, 100),
            (ADD, 0),
            (SET, 1),
            (GET, 1),
            (GET, 0),
            (POWER, 0),
            (END, 0),
        ];
        let mut program = StackProgram::new(&code);
        for a in [7, 7, 8, 2, 7, 2, 8, 3, 3, 5] {
            program.check(&jit, &[a, 0]);
        }
    }
}

/// Programs without loops, of all operations.
#[test]
fn stack_random_programs() {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    for _ in 0..60 {
        let mut code = vec![];
        let mut depth = 0;
        // Jumps to be patched: they go where the stack is as high as after them.
        let mut open: Vec<(usize, usize)> = vec![];
        for _ in 0..random(40) {
            match random(10) {
                0..=2 => code.push((PUSH, random(7) as i32 - 2)),
                3..=5 => code.push((GET, random(3) as i32)),
                6 if depth > 0 => code.push((SET, random(3) as i32)),
                7 if depth > 0 => {
                    open.push((code.len(), depth - 1));
                    code.push((JUMP_IF_ZERO, 0));
                }
                _ if depth > 1 => code.push(([ADD, SUB, MUL, LESS][random(4) as usize], 0)),
                _ => continue,
            }
            depth = match code.last().expect("just pushed").0 {
                PUSH | GET => depth + 1,
                _ => depth - 1,
            };
            if let Some(&(at, height)) = open.last()
                && height == depth
                && at + 1 < code.len()
            {
                open.pop();
                code[at].1 = code.len() as i32;
            }
            // What lies below an open jump's height has to stay.
            if let Some(&(_, height)) = open.last()
                && depth <= height
                && depth > 0
            {
                code.push((PUSH, 1));
                depth += 1;
            }
        }
        while depth < open.iter().map(|&(_, height)| height).max().unwrap_or(0) {
            code.push((PUSH, 3));
            depth += 1;
        }
        while let Some((at, height)) = open.pop() {
            while depth > height {
                code.push((SET, 2));
                depth -= 1;
            }
            code[at].1 = code.len() as i32;
        }
        code.extend([(PUSH, 5), (END, 0)]);
        let mut program = StackProgram::new(&code);
        for machine in MACHINES {
            let jit = stack_jit(machine);
            for variables in [[0, 1, 2], [5, 0, -1], [3, 3, 3], [0, 0, 0], [-9, 8, 7]] {
                program.check(&jit, &variables);
            }
        }
    }
}

// brainf

fn brainf_jit(machine: Machine) -> Jit {
    use brainf::{Console, Ins, read};
    let places = places![[Ins] { op, target }, Console { output, written, input }];
    let natives = natives![read(console: &Console) -> u8];
    // SAFETY: the interpreter of that text.
    unsafe {
        support::compiler(include_str!("../examples/brainf/interp.rs"), &places, &natives, support::eager(), machine)
    }
}

/// What a program writes, and the tape afterwards.
fn perform(input: &'static str, by: impl FnOnce(&brainf::Console, Arr<u8>)) -> (String, Vec<u8>) {
    let (mut tape, mut output) = (vec![0; 300], vec![0; 3000]);
    let console =
        brainf::Console { output: arr(&mut output), written: Cell::new(0), input: Cell::new(input.as_bytes()) };
    by(&console, arr(&mut tape));
    output.truncate(console.written.get());
    (String::from_utf8_lossy(&output).into_owned(), tape)
}

fn brainf_check(jit: &Jit, code: Arr<brainf::Ins>, input: &'static str) -> String {
    let args = |console: &brainf::Console, cell: Arr<u8>| {
        [code.addr(), 0, std::ptr::from_ref(console) as usize as u64, cell.addr()]
    };
    let plain = perform(input, |console, cell| brainf::run(code, 0, console, cell));
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
            let mut program = brainf::parse(text).expect("brackets match");
            let jit = brainf_jit(machine);
            let mut output = String::new();
            for input in inputs {
                output = brainf_check(&jit, arr(&mut program), input);
            }
            assert_eq!(output, last, "{text}");
            assert!(jit.totals().compiled >= 1, "{text}");
        }
    }
}

#[test]
fn brainf_leaves_no_dispatch() {
    let mut program = brainf::parse("+++>++<-.").expect("brackets match");
    let jit = brainf_jit(Machine::Graph);
    for _ in 0..2 {
        brainf_check(&jit, arr(&mut program), "");
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
    let mut program = brainf::parse("++++++[>+++++<-]>.").expect("brackets match");
    let jit = brainf_jit(Machine::Graph);
    for _ in 0..3 {
        brainf_check(&jit, arr(&mut program), "");
    }
    let counts = support::counts(&jit);
    assert!(count(&counts, "sub") <= 2, "the loop is there once, at most with its first iteration: {counts:?}");
    assert!(count(&counts, "branch") <= 2, "{counts:?}");
}

#[test]
fn brainf_ways_not_seen_leave_and_are_compiled_in() {
    for machine in MACHINES {
        let mut program = brainf::parse(",[>+<[-]]>.").expect("brackets match");
        let jit = brainf_jit(machine);
        brainf_check(&jit, arr(&mut program), "");
        brainf_check(&jit, arr(&mut program), "a");
        assert_eq!(jit.totals().exits, 1, "the loop was never entered");
        for input in ["a", "", "b"] {
            brainf_check(&jit, arr(&mut program), input);
        }
        assert_eq!(jit.totals().compiled, 2, "{:?}", jit.totals());
        assert_eq!(jit.totals().exits, 1);
    }
}

#[test]
fn brainf_rejects_unmatched_brackets() {
    assert!(brainf::parse("[[]").is_none());
    assert!(brainf::parse("[]]").is_none());
}
