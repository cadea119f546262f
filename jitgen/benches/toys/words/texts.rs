//! tiny2: a sum by a loop of words, with checks for overflow.

use crate::Workload;
use crate::support::{self, Machine};
use interp::{Heap, INT, Slot};
use moonshift_jitgen::mem::Arr;
use program::Loaded;
use std::rc::Rc;

#[path = "../../../examples/tiny2/interp.rs"]
mod interp;
#[allow(dead_code)]
#[path = "../../../examples/tiny2/program.rs"]
mod program;

/// Variables: n, sum.
const SUM: &str = "{ #1 #0 ADD ->#1 #0 1 SUB ->#0 #0 } #1";
const N: u64 = 300_000;

pub fn workload() -> Workload {
    let program = Rc::new(Loaded::parse(SUM));
    let jit = Rc::new(program::compiler(crate::policy(), Machine::Native));
    let perform = |n: u64, by: &mut dyn FnMut(&Heap, Arr<Slot>)| {
        let mut places = [Slot { tag: INT, bits: n }, Slot { tag: INT, bits: 0 }];
        // SAFETY: the program has two variables.
        let start = unsafe { Arr::from_ptr(places.as_mut_ptr()) };
        by(&Heap::default(), start);
        start.get(0).bits
    };
    let (copy, compiler) = (program.clone(), jit.clone());
    let compiled = move |n| perform(n, &mut |heap, places| drop(support::run(&jit, &copy.args(heap, places))));
    for _ in 0..4 {
        compiled(20);
    }
    Workload {
        name: "tiny2, sum",
        totals: compiler.totals(),
        plain: Box::new(move || perform(N, &mut |heap, places| program.run(heap, places).expect("no overflow"))),
        compiled: Box::new(move || compiled(N)),
        c: None,
    }
}
