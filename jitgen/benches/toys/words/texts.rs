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
    let program: &'static mut Loaded = Box::leak(Box::new(Loaded::parse(SUM, 2)));
    let heap: &'static Heap = Box::leak(Box::default());
    let stack: &'static mut [Slot] = vec![Slot { tag: INT, bits: 0 }; 20].leak();
    let stack = stack.as_mut_ptr();
    let code = program.code();
    let jit = Rc::new(program::compiler(crate::policy(), Machine::Native));
    let compiler = jit.clone();
    let start = move |n| {
        // SAFETY: the program needs less, and it is never freed.
        let stack = unsafe { Arr::from_ptr(stack) };
        stack.set(0, Slot { tag: INT, bits: n });
        stack.set(1, Slot { tag: INT, bits: 0 });
        stack
    };
    let compiled = move |n| {
        let stack = start(n);
        support::run(&jit, &[code.addr(), 0, 2, std::ptr::from_ref(heap) as usize as u64, stack.addr()]);
        stack.get(0).bits
    };
    for _ in 0..4 {
        compiled(20);
    }
    Workload {
        name: "tiny2, sum",
        totals: compiler.totals(),
        plain: Box::new(move || {
            let stack = start(N);
            interp::run(code, 0, 2, heap, stack).expect("no overflow");
            stack.get(0).bits
        }),
        compiled: Box::new(move || compiled(N)),
        c: None,
    }
}
