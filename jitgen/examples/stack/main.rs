//! A stack language with variables, loops, and an operand that is promoted: `cargo run --example stack`.
//!
//! New in comparison with `tiny1`:
//!
//! * **Greens that the program determines.** How many operands are on the stack depends on the position only, so `depth` is
//!   a green too: every access to the stack is at a known place.
//! * **Virtualizable elements.** The stack is touched by compiled code only, so `#[virtualizable]` lets it keep what is
//!   written there in registers. Operands never reach memory; variables do when the loop is left.
//! * **Liveness.** `live(live, stack)` in the portal's mark names an elidable function of the greens and a place. What has
//!   been popped is dead, so it is never written to memory, not even when the unit is left.
//! * **Loops.** A jump back reaches a merge point with greens seen before: the residual loop is closed there.
//! * **Promotion.** `promote(exponent)` makes a green of a red: compiled code checks that the exponent is one it was made
//!   for, and `power`, marked `#[unroll]`, leaves multiplications only. With another exponent the unit is left through an
//!   exit, the evaluator goes on and sees the new value, and the unit is compiled again with a case for it.

mod interp;
#[path = "../support/mod.rs"]
mod support;

use interp::*;
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::{natives, places};

/// Variables 0: i, 1: exponent, 2: sum. Adds the powers of 1 to i.
const PROGRAM: &[(u8, i32)] = &[
    (PUSH, 0), // 0: while 0 < i
    (GET, 0),
    (LESS, 0),
    (JUMP_IF_ZERO, 14),
    (GET, 2), // sum += i ^ exponent
    (GET, 0),
    (GET, 1),
    (POWER, 0),
    (ADD, 0),
    (SET, 2),
    (GET, 0), // i -= 1
    (PUSH, -1),
    (ADD, 0),
    (JUMP, 16),
    (GET, 2), // 14
    (END, 0),
    (SET, 0), // 16
    (JUMP, 0),
];

fn main() {
    let mut program: Vec<Ins> = PROGRAM.iter().map(|&(op, arg)| Ins { op, arg }).collect();
    // SAFETY: the program ends before its end, and lives until the end of `main`.
    let code = unsafe { Arr::from_ptr(program.as_mut_ptr()) };
    // SAFETY: the text is that of the module; the variables passed below are `run`'s.
    let jit = unsafe {
        let places = places![[Ins] { op, arg }, [Slot] { value }];
        let natives = natives![live(code: Arr<Ins>, pc: usize, depth: usize, index: usize) -> bool];
        support::compiler(include_str!("interp.rs"), &places, &natives, support::eager(), support::Machine::Native)
    };
    for (i, exponent) in [(10, 2), (10, 2), (1000, 2), (10, 3), (1000, 3), (1000, 2)] {
        let mut stack = [Slot { value: 0 }; 8];
        let mut start = || {
            stack[..3].copy_from_slice(&[i, exponent, 0].map(|value| Slot { value }));
            // SAFETY: the program uses three variables and three operands at most.
            unsafe { Arr::from_ptr(stack.as_mut_ptr()) }
        };
        let plain = run(code, 0, 3, start());
        let compiled = support::run(&jit, &[code.addr(), 0, 3, start().addr()]);
        assert_eq!(compiled, [plain as u64]);
        println!("1^{exponent} + … + {i}^{exponent} = {plain}");
    }
    println!("\n{:#?}\n\n{}", jit.totals(), support::show(&jit));
}
