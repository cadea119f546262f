//! Words over a stack of integers and texts: `cargo run --example tiny2`.
//!
//! New in comparison with `tl`:
//!
//! * **A virtual list.** The stack is a list, made on the heap by each plain run. Its functions are marked `oopspec`: compiled
//!   code that does not let it out makes none, pushes and pops at compile time, and where it is left half way the list is made
//!   with what is on it then.
//! * **Values with tags.** A value is a tag and 64 bits. `promote(tag)` decides an operation at compile time: a
//!   unit is made for the types that were seen, checks those of its variables, and knows those of what it computes.
//! * **Elidable functions.** What a word says is found out by comparing texts, in Rust outside the subset. As its mark says
//!   that this depends on the word alone, and words are known, it happens when a program is compiled.
//! * **Exceptions.** The interpreter's functions return `Result`. A failure whose handler is in the same unit is a jump there:
//!   no `Result` is left.

mod interp;
mod program;
#[path = "../support/mod.rs"]
mod support;

use interp::{Heap, INT, Slot, TEXT};
use moonshift_jitgen::mem::Arr;
use program::Loaded;

/// Variables: n, result. The factorial of n, or "too large".
const FACTORIAL: &str = r#"1 ->#1 [ { #1 #0 MUL ->#1 #0 1 SUB ->#0 #0 } #1 | ->#1 "too "large ADD ]"#;

/// Variables: a, b. The sum of three: of integers and of texts.
const SUM: &str = "#0 #1 ADD #0 ADD";

fn main() {
    let text = |program: &str| interp::Text { text: program.to_string() };
    let (left, right) = (text("ab"), text("c"));
    let of = |text: &interp::Text| Slot { tag: TEXT, bits: std::ptr::from_ref(text) as usize as u64 };
    let int = |value: i64| Slot { tag: INT, bits: value as u64 };
    let runs: [(&str, &[[Slot; 2]]); 2] = [
        (FACTORIAL, &[[int(5), int(0)], [int(20), int(0)], [int(21), int(0)], [int(25), int(0)]]),
        (SUM, &[[int(3), int(4)], [int(5), int(6)], [of(&left), of(&right)], [of(&right), of(&left)]]),
    ];
    for (text, starts) in runs {
        let program = Loaded::parse(text);
        let jit = program::compiler(support::eager(), support::Machine::Native);
        let heap = Heap::default();
        for start in starts {
            let perform = |by: &mut dyn FnMut(Arr<Slot>)| {
                let mut memory = *start;
                // SAFETY: the programs have two variables.
                by(unsafe { Arr::from_ptr(memory.as_mut_ptr()) });
                program::show(memory[0])
            };
            let plain = perform(&mut |places| program.run(&heap, places).expect("failures are handled"));
            let compiled = perform(&mut |places| drop(support::run(&jit, &program.args(&heap, places))));
            assert_eq!(compiled, plain);
            println!("{plain}");
        }
        println!("\n{:#?}\n\n{}", jit.totals(), support::show(&jit));
    }
}
