//! tlc: dynamic types, pairs, classes whose methods are found at compile time, failures across calls.

#[path = "../../examples/tlc/interp.rs"]
#[allow(dead_code)]
pub mod interp;
#[path = "../../examples/tlc/program.rs"]
#[allow(dead_code)]
pub mod program;

use crate::support::{self, Machine, Prepared};
use crate::{MACHINES, arr, count};
use interp::{Failure, Heap, INT, Slot, Value};
use moonshift_jitgen::portal::{Jit, Policy};
use program::Loaded;
use std::rc::Rc;
use std::sync::LazyLock;

static PREPARED: LazyLock<Prepared> = LazyLock::new(program::prepared);

/// A program with its compiler. The evaluator has a copy of it, whose functions nobody compiles.
pub struct Program {
    pub jit: Rc<Jit>,
    program: Rc<Loaded>,
    copy: Loaded,
}

/// What a run left: its failure if any, its result, and how much it allocated.
pub type Outcome = (Option<u64>, String, u64);

impl Program {
    fn parse(text: &str, machine: Machine) -> Program {
        Program::new(|| Loaded::parse(text), support::eager(), machine)
    }

    pub fn new(load: impl Fn() -> Loaded, policy: Policy, machine: Machine) -> Program {
        let program = Rc::new(load());
        let jit = program::compiler(&PREPARED, std::slice::from_ref(&program), policy, machine);
        Program { jit, program, copy: load() }
    }

    /// Runs it plainly, in the evaluator and through the compiler.
    pub fn check(&self, variables: &[i64]) -> Outcome {
        let perform = |by: &dyn Fn(&Heap, &mut [Slot]) -> Vec<u64>| -> Outcome {
            let heap = Heap::default();
            let mut stack: Vec<Slot> = variables.iter().map(|&value| Slot { tag: INT, bits: value as u64 }).collect();
            stack.resize(600, Slot { tag: INT, bits: 0 });
            let results = by(&heap, &mut stack);
            let shown = |slot: &Slot| program::show(Value { tag: slot.tag, bits: slot.bits }, 6);
            let shown: Vec<String> = stack[..variables.len().max(1)].iter().map(shown).collect();
            ((results[0] != 0).then_some(results[1]), shown.join(" "), heap.allocated.get())
        };
        let count = variables.len();
        let expected = perform(&|heap, stack| match interp::run(self.program.program(), 0, count, heap, arr(stack)) {
            Ok(()) => vec![0, 0],
            Err(failure) => vec![1, failure as u64],
        });
        let evaluated = perform(&|heap, stack| {
            let args = self.copy.args(count, heap, arr(stack));
            support::linked(&self.jit, || self.jit.evaluate(0, &args))
        });
        assert_eq!(evaluated, expected, "evaluator, {variables:?}");
        let compiled = perform(&|heap, stack| {
            let args = self.program.args(count, heap, arr(stack));
            support::linked(&self.jit, || support::run(&self.jit, &args))
        });
        assert_eq!(compiled, expected, "compiled, {variables:?}\n{}", support::show(&self.jit));
        expected
    }

    /// Its first variable is the result.
    fn result(&self, variables: &[i64]) -> String {
        let (failure, shown, _) = self.check(variables);
        assert_eq!(failure, None);
        shown.split(' ').next().expect("a result").to_string()
    }
}

#[test]
fn types_are_checked_once() {
    for machine in MACHINES {
        let program = Program::parse("GET 0\n GET 1\n ADD\n GET 0\n MUL\n RETURN", machine);
        assert_eq!(program.result(&[3, 4]), "21");
        assert_eq!(program.result(&[-3, 4]), "-3");
        let counts = support::counts(&program.jit);
        assert_eq!(count(&counts, "branch"), 2, "{counts:?}");
        assert_eq!(
            (count(&counts, "add"), count(&counts, "mul"), count(&counts, "load_item")),
            (1, 1, 4),
            "{counts:?}"
        );
    }
}

#[test]
fn lists() {
    for machine in MACHINES {
        let program = Program::parse(include_str!("../../examples/tlc/list.tlc"), machine);
        for n in [0, 1, 2, 10, 100, 0, 5] {
            let sum: i64 = (1..=n).map(|i| i * i).sum();
            let (failure, shown, allocated) = program.check(&[n, 0, 0]);
            assert_eq!((failure, allocated), (None, n as u64 + 1));
            assert!(shown.starts_with(&format!("({sum} . ")), "{shown}");
        }
    }
}

#[test]
fn fields_of_pairs_stay_known() {
    for machine in MACHINES {
        // car of (a . (b . nil)), after another allocation
        let text = "GET 0\n GET 1\n PUSH_NIL\n CONS\n CONS\n SET 2\n PUSH 1\n PUSH 2\n CONS\n POP
            GET 2\n CAR\n GET 2\n CAR\n ADD\n GET 2\n CAR\n ADD\n RETURN";
        let program = Program::parse(text, machine);
        assert_eq!(program.result(&[3, 4, 0]), "9");
        assert_eq!(program.result(&[5, 4, 0]), "15");
        let counts = support::counts(&program.jit);
        assert_eq!(count(&counts, "call"), 3, "{counts:?}");
        assert_eq!(count(&counts, "load"), 2, "tag and integer of the head, once: {counts:?}");
    }
}

#[test]
fn methods_are_found_at_compile_time() {
    for machine in MACHINES {
        let program = Program::parse(include_str!("../../examples/tlc/shapes.tlc"), machine);
        for n in [1, 2, 3, 50, 51, 0, 50] {
            program.check(&[n, 0, 0, 0]);
        }
        let module = &program.jit.extension().module;
        for (_, graph) in support::residuals(&program.jit) {
            let text = moonshift_jitgen::flow::print_graph(&graph, Some(module));
            assert!(!text.contains("call method") && !text.contains("call attribute"), "{text}");
        }
    }
}

#[test]
fn attributes_of_two_classes() {
    for machine in MACHINES {
        let text = ".class A x y\n .class B y\n NEW A\n SET 1\n GET 0\n JUMP_IF_NOT go\n NEW B\n SET 1\n go:
            GET 1\n GET 0\n SET_ATTR y\n GET_ATTR y\n GET 1\n SEND missing\n RETURN";
        let fails = Program::parse(text, machine);
        let program = Program::parse(&text.replace("GET 1\n SEND missing", "GET 0\n ADD"), machine);
        for n in [0, 0, 3, 0, 4, 5] {
            assert_eq!(program.result(&[n, 0]), (2 * n).to_string());
            assert_eq!(fails.check(&[n, 0]).0, Some(Failure::Name as u64));
        }
        assert!(program.jit.totals().exits <= 2, "{:?}", program.jit.totals());
    }
}

#[test]
fn failures_leave_through_calls() {
    for machine in MACHINES {
        // f(x) = g(x) + 1; g(x) = if x: x + 1 else: car of x
        let text = "GET 0\n CALL f\n RETURN
            fn f 1\n GET 0\n CALL g\n PUSH 1\n ADD\n RETURN
            fn g 1\n GET 0\n JUMP_IF_NOT no\n GET 0\n PUSH 1\n ADD\n RETURN\n no:\n GET 0\n CAR\n RETURN";
        let program = Program::parse(text, machine);
        for n in [1, 5, 0, 7, 0, 0, 2, 0] {
            let (failure, shown, _) = program.check(&[n]);
            if n == 0 {
                assert_eq!(failure, Some(Failure::Type as u64));
            } else {
                assert_eq!((failure, shown), (None, (n + 2).to_string()));
            }
        }
    }
}
