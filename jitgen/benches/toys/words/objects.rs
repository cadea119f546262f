//! tlc: pairs, and method calls on objects of two classes.

use crate::Workload;
use crate::support::{self, Machine};
use interp::{Heap, INT, Slot, Value};
use moonshift_jitgen::mem::Arr;
use program::Loaded;
use std::rc::Rc;

#[allow(dead_code)]
#[path = "../../../examples/tlc/interp.rs"]
mod interp;
#[allow(dead_code)]
#[path = "../../../examples/tlc/program.rs"]
mod program;

pub const LIST: &str = include_str!("../../../examples/tlc/list.tlc");
pub const SHAPES: &str = include_str!("../../../examples/tlc/shapes.tlc");

/// Variable 0 is `n`. The result's number: its own, or that of its head.
pub fn workload(name: &'static str, text: &str, n: u64) -> Workload {
    let prepared = program::prepared();
    let program = Rc::new(Loaded::parse(text));
    let jit = program::compiler(&prepared, std::slice::from_ref(&program), crate::policy(), Machine::Native);
    let perform = |n: u64, by: &mut dyn FnMut(&Heap, Arr<Slot>)| {
        let heap = Heap::default();
        let mut stack = [Slot { tag: INT, bits: 0 }; 100];
        stack[0].bits = n;
        // SAFETY: the programs need less.
        by(&heap, unsafe { Arr::from_ptr(stack.as_mut_ptr()) });
        let shown = program::show(Value { tag: stack[0].tag, bits: stack[0].bits }, 1);
        shown
            .bytes()
            .filter(u8::is_ascii_digit)
            .fold(0u64, |number, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')))
    };
    let (copy, compiler) = (program.clone(), jit.clone());
    let compiled = move |n| {
        perform(n, &mut |heap, stack| {
            let args = copy.args(4, heap, stack);
            support::linked(&jit, || drop(support::run(&jit, &args)));
        })
    };
    for _ in 0..6 {
        compiled(20);
    }
    Workload {
        name,
        totals: compiler.totals(),
        plain: Box::new(move || {
            perform(n, &mut |heap, stack| interp::run(program.program(), 0, 4, heap, stack).expect("nothing fails"))
        }),
        compiled: Box::new(move || compiled(n)),
        c: None,
    }
}
