//! A stack language with variables, loops, calls, and an operand that is promoted: `cargo run --example tl`; with
//! `-- --html FILE` it also writes a page of the units of the last program.
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
//! * **Calls.** A function is a unit of its own. `interpreting()` is true for the plain interpreter only: it calls itself, while
//!   compiled code takes the callee's entry from a table and calls it with the convention of units. A unit that is left
//!   through an exit says so in its status, and the caller has the call completed.

#[allow(dead_code)]
mod interp;
#[allow(dead_code)]
mod program;
#[path = "../support/mod.rs"]
mod support;

use interp::*;
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::portal::Jit;
use moonshift_jitgen::view::{Describe, units_page};
use program::Loaded;
use std::rc::Rc;

/// Variables 0: i, 1: exponent, 2: sum. Adds the powers of 1 to i.
const POWERS: &str = include_str!("powers.tl");

/// Variable 0: n.
const FIBONACCI: &str = include_str!("fibonacci.tl");

/// A page of the units of a program.
fn page(jit: &Jit, title: &str, text: &str) -> String {
    let code = support::asm::assemble(text, &MNEMONICS, |_, words| panic!("no directive {words:?}"));
    // The instructions that a unit can have been made of: all; it begins at its position.
    let bytecode = |greens: &[u64]| {
        let line = |(index, &(op, arg)): (usize, &(u8, i64))| {
            let mark = if index as u64 == greens[1] { ">" } else { " " };
            format!("{mark}{index:4}  {} {arg}  ; line {}\n", MNEMONICS[op as usize], code.lines[index])
        };
        Some(code.code.iter().enumerate().map(line).collect())
    };
    let position = |greens: &[u64]| match *greens {
        [_, pc, depth] => format!("position {pc}, line {}, stack {depth} high", code.lines[pc as usize]),
        _ => "outside".to_string(),
    };
    units_page(jit, &Describe { title, source: Some(text), bytecode: &bytecode, position: &position })
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let html = arguments.next().filter(|argument| argument == "--html").map(|_| arguments.next().expect("a file"));
    let prepared = program::prepared();
    let show = |text: &str, runs: &[&[i64]]| {
        let program = Rc::new(Loaded::parse(text));
        let jit =
            program::compiler(&prepared, std::slice::from_ref(&program), support::eager(), support::Machine::Native);
        for variables in runs {
            let mut stack = [Slot { value: 0 }; 1000];
            let mut start = || {
                variables.iter().zip(&mut stack).for_each(|(&value, slot)| *slot = Slot { value });
                // SAFETY: the programs stay within.
                unsafe { Arr::from_ptr(stack.as_mut_ptr()) }
            };
            let plain = program::plain(&program, variables.len(), start());
            let compiled = support::linked(&jit, || support::run(&jit, &program.args(variables.len(), start())));
            assert_eq!(compiled, [plain as u64]);
            println!("{variables:?}: {plain}");
        }
        println!("\n{:#?}\n\n{}", jit.totals(), support::show(&jit));
        if let Some(path) = &html {
            std::fs::write(path, page(&jit, "Units of a program", text)).expect("the file can be written");
        }
    };
    show(POWERS, &[&[10, 2, 0], &[10, 2, 0], &[1000, 2, 0], &[10, 3, 0], &[1000, 3, 0], &[1000, 2, 0]]);
    show(FIBONACCI, &[&[1], &[10], &[20]]);
}
