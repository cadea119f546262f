//! A register machine: `cargo run --example tlr [n]` computes squares of numbers up to `n` by repeated addition.
//!
//! New in comparison with `tl`:
//!
//! * **An accumulator.** The red variable `a` of the portal's loop lives in a processor register throughout.
//! * **Registers of the interpreted machine** are elements of a virtualizable array: of the whole square loop two additions,
//!   a comparison and a jump are left. The three registers are written once, when the program returns.
//! * **Instructions of different length.** Decoding is green, so nothing of it is left either.

#[allow(dead_code)]
mod interp;
#[path = "../support/mod.rs"]
mod support;

use interp::{Byte, Reg};
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::places;

fn main() {
    let up_to = std::env::args().nth(1).map_or(1000, |n| n.parse().expect("a number"));
    let mut program: Vec<Byte> = interp::SQUARE.iter().copied().map(Byte).collect();
    // SAFETY: the program returns before its end, and lives until the end of `main`.
    let code = unsafe { Arr::from_ptr(program.as_mut_ptr()) };
    // SAFETY: the text is that of the module; the variables passed below are `run`'s.
    let jit = unsafe {
        let places = places![[Byte] { 0 }, [Reg] { value }];
        support::compiler(include_str!("interp.rs"), &places, &[], support::eager(), support::Machine::Native)
    };
    let mut memory = [Reg { value: 0 }; 3];
    // SAFETY: the program uses three registers.
    let regs = unsafe { Arr::from_ptr(memory.as_mut_ptr()) };
    for n in [1, 7, 99, up_to] {
        let plain = interp::run(code, 0, n, regs);
        let compiled = support::run(&jit, &[code.addr(), 0, n as u64, regs.addr()]);
        assert_eq!(compiled, [plain as u64]);
        println!("{n} * {n} = {plain}");
    }
    println!("\n{:#?}\n\n{}", jit.totals(), support::show(&jit));
}
