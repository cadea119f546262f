//! brainf***: `cargo run --example brainf [program]`.
//!
//! New in comparison with `stack`:
//!
//! * **A jump table computed beforehand.** [`interp::parse`] puts into each bracket where its partner is. It lies in a
//!   frozen element, so compiled code jumps there without looking.
//! * **Red branches.** Whether a bracket jumps is known at run time only. Compilation forks there, follows the ways that
//!   were seen, and puts an exit on a way that never was.
//! * **Partial data.** Of `++++` one load, four additions and four stores are left: what a cell holds is known since it
//!   was written (removing the first three stores is up to the backend). `>` and `<` are additions to an address that
//!   are not performed before somebody needs the address.
//! * **Residual functions.** `read` is Rust that the translator cannot read, called as it is. Its mark says what it
//!   writes, so all that is known of cells is still known after it.

mod interp;
#[path = "../support/mod.rs"]
mod support;

use interp::{Console, Ins, read};
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::{natives, places};
use std::cell::Cell;

/// Prints its input in reverse, and an exclamation mark's worth of arithmetic.
const PROGRAM: &str = ">,[>,]<[.<] >[-]<++++++++[>++++<-]>+.";

fn main() {
    let text = std::env::args().nth(1).unwrap_or(PROGRAM.into());
    let mut program = interp::parse(&text).expect("brackets match");
    // SAFETY: the program lives until the end of `main`, and ends with an instruction that ends it.
    let code = unsafe { Arr::from_ptr(program.as_mut_ptr()) };
    // SAFETY: the text is that of the module; the variables passed below are `run`'s.
    let jit = unsafe {
        let places = places![[Ins] { op, target }, Console { output, written, input }];
        let natives = natives![read(console: &Console) -> u8];
        support::compiler(include_str!("interp.rs"), &places, &natives, support::eager(), support::Machine::Native)
    };
    for input in ["hello", "world", "stressed"] {
        let perform = |by: &dyn Fn(&Console, Arr<u8>)| {
            let (mut tape, mut output) = (vec![0; 30_000], vec![0; 30_000]);
            // SAFETY: the programs of this example stay inside, and nobody keeps the addresses.
            let (cell, out) = unsafe { (Arr::from_ptr(tape.as_mut_ptr()), Arr::from_ptr(output.as_mut_ptr())) };
            let console = Console { output: out, written: Cell::new(0), input: Cell::new(input.as_bytes()) };
            by(&console, cell);
            output.truncate(console.written.get());
            String::from_utf8_lossy(&output).into_owned()
        };
        let plain = perform(&|console, cell| interp::run(code, 0, console, cell));
        let compiled = perform(&|console, cell| {
            support::run(&jit, &[code.addr(), 0, std::ptr::from_ref(console) as usize as u64, cell.addr()]);
        });
        assert_eq!(plain, compiled);
        println!("{plain}");
    }
    println!("\n{:#?}\n\n{}", jit.totals(), support::show(&jit));
}
