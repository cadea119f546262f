//! tl: a stack kept in registers, loops, promotion, exits, calls between units.

#[path = "../../examples/tl/interp.rs"]
#[allow(dead_code)]
pub mod interp;
#[path = "../../examples/tl/program.rs"]
#[allow(dead_code)]
pub mod program;

use crate::support::{self, Machine, Prepared};
use crate::{MACHINES, arr, count};
use interp::{
    ADD, CALL, DIV, END, EQUAL, GET, JUMP, JUMP_IF_ZERO, LESS, LESS_EQUAL, MUL, NOT_EQUAL, PICK, POP, POWER, PUSH, SET,
    SUB, SWAP, Slot,
};
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

/// Variables and operands.
const PLACES: usize = 600;

impl Program {
    fn new(code: &[(u8, i32)], machine: Machine) -> Program {
        Program::with(code, &[], support::eager(), machine)
    }

    pub fn with(code: &[(u8, i32)], functions: &[(usize, usize)], policy: Policy, machine: Machine) -> Program {
        let program = Rc::new(Loaded::new(code, functions));
        let jit = program::compiler(&PREPARED, std::slice::from_ref(&program), policy, machine);
        Program { jit, program, copy: Loaded::new(code, functions) }
    }

    /// Runs it plainly, in the evaluator and through the compiler; the variables are the same afterwards too.
    pub fn check(&self, variables: &[i64]) {
        let run = |by: &dyn Fn(&mut [Slot]) -> u64| {
            let mut stack: Vec<Slot> = variables.iter().map(|&value| Slot { value }).collect();
            stack.resize(PLACES, Slot { value: 0 });
            let result = by(&mut stack) as i64;
            (result, stack[..variables.len()].iter().map(|slot| slot.value).collect::<Vec<_>>())
        };
        let count = variables.len();
        let expected = run(&|stack| program::plain(&self.program, count, arr(stack)) as u64);
        let evaluated = run(&|stack| {
            let args = self.copy.args(count, arr(stack));
            support::linked(&self.jit, || self.jit.evaluate(0, &args)[0])
        });
        assert_eq!(evaluated, expected, "evaluator, {variables:?}");
        let compiled = run(&|stack| {
            let args = self.program.args(count, arr(stack));
            support::linked(&self.jit, || support::run(&self.jit, &args)[0])
        });
        assert_eq!(compiled, expected, "compiled, {variables:?}\n{}", support::show(&self.jit));
    }
}

#[test]
fn operands_stay_in_registers() {
    for machine in MACHINES {
        // (a + b) * (a - 7)
        let code = [(GET, 0), (GET, 1), (ADD, 0), (GET, 0), (PUSH, 7), (SUB, 0), (MUL, 0), (END, 0)];
        let program = Program::new(&code, machine);
        for variables in [[1, 2], [-5, 9], [i64::MAX, 3]] {
            program.check(&variables);
        }
        let counts = support::counts(&program.jit);
        assert_eq!(count(&counts, "load_item"), 2, "each variable is read once");
        assert_eq!((count(&counts, "add"), count(&counts, "sub"), count(&counts, "mul")), (1, 1, 1));
        assert_eq!(count(&counts, "branch") + count(&counts, "exit"), 0);
    }
}

#[test]
fn constants_fold() {
    let code = [(PUSH, 6), (PUSH, 7), (MUL, 0), (PUSH, 1), (ADD, 0), (END, 0)];
    let program = Program::new(&code, Machine::Graph);
    program.check(&[]);
    program.check(&[]);
    let counts = support::counts(&program.jit);
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
fn loop_is_closed() {
    for machine in MACHINES {
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
        let program = Program::new(&code, machine);
        for n in [10, 0, 1, 1000, -4] {
            program.check(&[n]);
        }
        let counts = support::counts(&program.jit);
        assert!(count(&counts, "slt") <= 2 && count(&counts, "sub") <= 2, "unrolled: {counts:?}");
        assert!(program.jit.totals().compiled <= 2);
    }
}

#[test]
fn promotion_specialises() {
    for machine in MACHINES {
        let program = Program::new(POWERS, machine);
        for i in [20, 20, 100] {
            program.check(&[i, 3, 0]);
        }
        assert_eq!(program.jit.totals().exits, 0);
        let counts = support::counts(&program.jit);
        // i * i * i, once in the first iteration, and once in the loop.
        assert!(matches!(count(&counts, "mul"), 2 | 4), "{counts:?}");
        assert!(count(&counts, "exit") >= 1, "for other exponents");
    }
}

#[test]
fn other_values_leave_and_are_compiled_in() {
    for machine in MACHINES {
        let program = Program::new(POWERS, machine);
        program.check(&[20, 3, 0]);
        assert_eq!(program.jit.totals().compiled, 1);
        program.check(&[20, 5, 0]);
        assert_eq!(program.jit.totals().exits, 1, "an exponent not seen before");
        assert_eq!(program.jit.totals().compiled, 2);
        for i in [1, 2, 50] {
            for exponent in [3, 5] {
                program.check(&[i, exponent, 0]);
            }
        }
        assert_eq!(program.jit.totals().exits, 1, "both exponents are compiled in");
        for round in 0..50 {
            program.check(&[10, round, 0]);
        }
        let policy = program.jit.policy();
        assert!(program.jit.totals().compiled <= 1 + u64::from(policy.max_recompiles), "{:?}", program.jit.totals());
    }
}

#[test]
fn variables_are_in_memory_after_an_exit() {
    for machine in MACHINES {
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
        let program = Program::new(&code, machine);
        for a in [7, 7, 8, 2, 7, 2, 8, 3, 3, 5] {
            program.check(&[a, 0]);
        }
    }
}

#[test]
fn all_operations() {
    for machine in MACHINES {
        let of = |op| vec![(GET, 0), (GET, 1), (op, 0), (END, 0)];
        let mut programs: Vec<_> =
            [ADD, SUB, MUL, DIV, LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, POWER].into_iter().map(of).collect();
        programs.push(vec![(GET, 0), (GET, 1), (SWAP, 0), (SUB, 0), (END, 0)]);
        programs.push(vec![(GET, 0), (GET, 1), (PICK, 1), (SUB, 0), (MUL, 0), (END, 0)]);
        programs.push(vec![(GET, 0), (GET, 1), (POP, 0), (END, 0)]);
        for code in programs {
            let program = Program::new(&code, machine);
            for variables in [[7, 2], [7, 2], [2, 7], [5, 5], [-9, 2], [9, 0], [i64::MIN, -1], [0, 3], [i64::MAX, 1]] {
                program.check(&variables);
            }
        }
    }
}

/// `fib(variable 0)`.
const FIBONACCI: &[(u8, i32)] = &[
    (GET, 0),
    (CALL, 0),
    (END, 0),
    (GET, 0), // 3
    (PUSH, 2),
    (LESS, 0),
    (JUMP_IF_ZERO, 9),
    (GET, 0),
    (END, 0),
    (GET, 0), // 9
    (PUSH, 1),
    (SUB, 0),
    (CALL, 0),
    (GET, 0),
    (PUSH, 2),
    (SUB, 0),
    (CALL, 0),
    (ADD, 0),
    (END, 0),
];

#[test]
fn calls_go_from_unit_to_unit() {
    for machine in MACHINES {
        let program = Program::with(FIBONACCI, &[(3, 1)], support::eager(), machine);
        for n in [1, 2, 7, 12, 15, 1, 12] {
            program.check(&[n]);
        }
        let residuals = support::residuals(&program.jit);
        assert_eq!(residuals.len(), 2, "the program and the function");
        let counts = residuals[1].1.count_ops();
        assert_eq!(count(&counts, "slt"), 1, "{counts:?}");
        let entered = entered(&program.jit);
        if machine == Machine::Native {
            assert_eq!(count(&counts, "call_indirect"), 2, "{counts:?}");
            assert!(entered < 100, "compiled code calls compiled code: {entered}");
        }
    }
}

/// How often units were entered from outside.
fn entered(jit: &Jit) -> u64 {
    let mut entered = 0;
    jit.units(&mut |unit| entered += unit.entered);
    entered
}

#[test]
fn calls_survive_exits_of_the_callee() {
    for machine in MACHINES {
        // f(a, b) = a ^ b, called in a loop with b = i.
        let code = [
            (PUSH, 0), // 0: while 0 < i
            (GET, 0),
            (LESS, 0),
            (JUMP_IF_ZERO, 13),
            (GET, 1), // sum = f(sum, i) + 3
            (GET, 0),
            (CALL, 0),
            (PUSH, 3),
            (ADD, 0),
            (SET, 1),
            (GET, 0), // i = i - 1
            (PUSH, 1),
            (JUMP, 15),
            (GET, 1), // 13
            (END, 0),
            (SUB, 0), // 15
            (SET, 0),
            (JUMP, 0),
            (GET, 0), // 18
            (GET, 1),
            (POWER, 0),
            (END, 0),
        ];
        let program = Program::with(&code, &[(18, 2)], support::eager(), machine);
        for variables in [[2, 5], [3, 1], [6, 2], [12, 1], [6, 2], [40, 7]] {
            program.check(&variables);
        }
        assert!(program.jit.totals().exits > 0);
    }
}
