//! A stack language with dynamic types, cons cells and classes: `cargo run --example tlc`.
//!
//! New in comparison with `tiny2`:
//!
//! * **Objects behind handles.** `Ref<Cons>`: its fields are no cells, so what was read of a pair stays known whatever happens.
//!   Attributes are array elements that change: what is known of them is forgotten at calls.
//! * **Method dispatch.** `promote(receiver.class)` makes the class known; `method(class, name)` is elidable, so looking the
//!   method up happens at compile time: a method call is a comparison of the class and a call. With other classes seen, it is
//!   a switch.
//! * **Failures across calls.** The portal returns a `Result`: of a unit, the status says whether it failed.

#[allow(dead_code)]
mod interp;
#[allow(dead_code)]
mod program;
#[path = "../support/mod.rs"]
mod support;

use interp::*;
use moonshift_jitgen::mem::Arr;
use program::Loaded;
use std::rc::Rc;

/// Variable 0: n. The list of n to 1, and the sum of its squares.
const LIST: &str = include_str!("list.tlc");

/// Variable 0: n. Adds up areas of shapes of two classes.
const SHAPES: &str = include_str!("shapes.tlc");

fn main() {
    let prepared = program::prepared();
    for text in [LIST, SHAPES] {
        let program = Rc::new(Loaded::parse(text));
        let jit =
            program::compiler(&prepared, std::slice::from_ref(&program), support::eager(), support::Machine::Native);
        for n in [5, 6, 100] {
            let heap = Heap::default();
            let perform = |by: &dyn Fn(Arr<Slot>)| {
                let mut memory = [Slot { tag: INT, bits: 0 }; 1000];
                memory[0].bits = n;
                // SAFETY: the programs need less.
                by(unsafe { Arr::from_ptr(memory.as_mut_ptr()) });
                program::show(Value { tag: memory[0].tag, bits: memory[0].bits }, 10)
            };
            let plain = perform(&|stack| run(program.program(), 0, 4, &heap, stack).expect("nothing fails"));
            let compiled = perform(&|stack| {
                support::linked(&jit, || drop(support::run(&jit, &program.args(4, &heap, stack))));
            });
            assert_eq!(compiled, plain);
            println!("{n}: {plain}");
        }
        println!("\n{:#?}\n\n{}", jit.totals(), support::show(&jit));
    }
}
