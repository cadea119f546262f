//! brainf***: three loops in each other.

use crate::Workload;
use crate::support::{self, Machine};
use interp::{Console, Ins, read};
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::{natives, places};
use std::cell::Cell;
use std::rc::Rc;

#[path = "../../examples/brainf/interp.rs"]
mod interp;

/// 60 times 255 times 255 turns.
const PROGRAM: &str = "++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++[>-[>-[>+<-]<-]<-]>>>.";

pub fn workloads() -> Vec<Workload> {
    let program: &'static mut [Ins] = interp::parse(PROGRAM).expect("brackets match").leak();
    // SAFETY: the program ends and is never freed; the variables are those of the portal.
    let (code, jit) = unsafe {
        let places = places![[Ins] { op, target }, Console { output, written, input }];
        let natives = natives![read(console: &Console) -> u8];
        let text = include_str!("../../examples/brainf/interp.rs");
        let jit = support::compiler(text, &places, &natives, crate::policy(), Machine::Native);
        (Arr::from_ptr(program.as_mut_ptr()), jit)
    };
    let perform = |by: &mut dyn FnMut(&Console, Arr<u8>)| {
        let (mut tape, mut output) = ([0; 10], [0; 10]);
        // SAFETY: the program stays inside.
        let (cell, out) = unsafe { (Arr::from_ptr(tape.as_mut_ptr()), Arr::from_ptr(output.as_mut_ptr())) };
        by(&Console { output: out, written: Cell::new(0), input: Cell::new(b"") }, cell);
        u64::from(output[0])
    };
    let jit = Rc::new(jit);
    let compiler = jit.clone();
    let compiled = move || {
        perform(&mut |console, cell| {
            let console = std::ptr::from_ref(console) as usize as u64;
            support::run(&jit, &[code.addr(), 0, console, cell.addr()]);
        })
    };
    compiled();
    vec![Workload {
        name: "brainf, loops",
        totals: compiler.totals(),
        plain: Box::new(move || perform(&mut |console, cell| interp::run(code, 0, console, cell))),
        compiled: Box::new(compiled),
        c: None,
    }]
}
