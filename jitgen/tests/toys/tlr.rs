//! tlr: an accumulator and registers stay in registers of the processor.

#[path = "../../examples/tlr/interp.rs"]
#[allow(dead_code)]
pub mod interp;

use crate::support::{self, Machine, Prepared};
use crate::{MACHINES, arr, count};
use interp::{ADD_R_TO_A, ALLOCATE, Byte, JUMP_IF_A, MOV_A_R, MOV_R_A, NEG_A, RETURN_A, Reg, SET_A, SQUARE};
use moonshift_jitgen::places;
use moonshift_jitgen::portal::{Jit, Policy};
use std::sync::LazyLock;

static PREPARED: LazyLock<Prepared> = LazyLock::new(|| {
    let places = places![[Byte] { 0 }, [Reg] { value }];
    // SAFETY: the interpreter of that text.
    unsafe { Prepared::new(include_str!("../../examples/tlr/interp.rs"), &places, &[]) }
});

/// A program with its compiler.
pub struct Program {
    pub jit: Jit,
    code: Vec<Byte>,
}

impl Program {
    pub fn new(code: &[u8], policy: Policy, machine: Machine) -> Program {
        Program { jit: PREPARED.compiler(policy, machine), code: code.iter().copied().map(Byte).collect() }
    }

    /// Runs it plainly, in the evaluator and through the compiler: results and registers.
    pub fn check(&mut self, a: i64, registers: &[i64]) -> i64 {
        let code = arr(&mut self.code);
        let perform = |by: &dyn Fn(&mut [Reg]) -> u64| {
            let mut registers: Vec<Reg> = registers.iter().map(|&value| Reg { value }).collect();
            (by(&mut registers) as i64, registers)
        };
        let expected = perform(&|registers| interp::run(code, 0, a, arr(registers)) as u64);
        let args = |registers: &mut [Reg]| [code.addr(), 0, a as u64, arr(registers).addr()];
        assert_eq!(perform(&|registers| self.jit.evaluate(0, &args(registers))[0]), expected, "evaluator, {a}");
        let compiled = perform(&|registers| support::run(&self.jit, &args(registers))[0]);
        assert_eq!(compiled, expected, "compiled, {a}\n{}", support::show(&self.jit));
        expected.0
    }
}

#[test]
fn square_is_two_additions_a_turn() {
    for machine in MACHINES {
        let mut program = Program::new(SQUARE, support::eager(), machine);
        for n in [5, 1, 2, 100, 1000, 255] {
            assert_eq!(program.check(n, &[9, 9, 9]), n * n);
        }
        let counts = support::counts(&program.jit);
        assert_eq!((count(&counts, "add"), count(&counts, "ne"), count(&counts, "branch")), (2, 1, 1), "{counts:?}");
        let graph = support::residual(&program.jit);
        assert_eq!(graph.blocks.len(), 3, "the entry, the loop in one block, what returns: {graph:?}");
        assert_eq!(count(&counts, "load_item"), 0, "{counts:?}");
        assert_eq!(count(&counts, "call"), 0, "{counts:?}");
        assert!(count(&counts, "store_item") <= 6, "registers are written where the unit is left: {counts:?}");
    }
}

#[test]
fn straight_code_leaves_the_arithmetic() {
    for machine in MACHINES {
        // a = -(a + a) + 5
        let code = [MOV_A_R, 0, ADD_R_TO_A, 0, NEG_A, MOV_A_R, 0, SET_A, 5, ADD_R_TO_A, 0, RETURN_A];
        let mut program = Program::new(&code, support::eager(), machine);
        for a in [1, -7, i64::MIN, i64::MAX] {
            assert_eq!(program.check(a, &[0]), a.wrapping_add(a).wrapping_neg().wrapping_add(5));
        }
        let counts = support::counts(&program.jit);
        assert_eq!(
            (count(&counts, "add"), count(&counts, "neg"), count(&counts, "store_item")),
            (2, 1, 1),
            "{counts:?}"
        );
        assert_eq!(counts.values().sum::<usize>(), 4, "{counts:?}");
    }
}

#[test]
fn branches_not_seen_are_compiled_in() {
    for machine in MACHINES {
        // a != 0: 1, else r0 + a
        let code = [JUMP_IF_A, 8, ALLOCATE, 1, MOV_R_A, 0, RETURN_A, 0, SET_A, 1, RETURN_A];
        let mut program = Program::new(&code, support::eager(), machine);
        program.check(3, &[7]);
        program.check(4, &[7]);
        assert_eq!(program.jit.totals().exits, 0);
        program.check(0, &[7]);
        assert_eq!(program.jit.totals().exits, 1);
        program.check(0, &[8]);
        assert_eq!((program.jit.totals().exits, program.jit.totals().compiled), (1, 2));
    }
}
