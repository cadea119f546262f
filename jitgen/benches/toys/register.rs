//! tlr: the square by repeated addition, against the same loop in optimised C.

use crate::support::{self, Machine};
use crate::{Workload, c};
use interp::{Byte, Reg};
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::places;

#[allow(dead_code)]
#[path = "../../examples/tlr/interp.rs"]
mod interp;

const N: i64 = 5_000_000;

/// The empty statement keeps the compiler from replacing the loop by a multiplication.
const SQUARE: &str = "
long f(long a, long unused) {
    long i = a, result = 0;
    do {
        i = i - 1;
        result = result + a;
        __asm__ volatile (\"\" : \"+r\" (result));
    } while (i != 0);
    return result;
}
";

pub fn workloads() -> Vec<Workload> {
    let program: &'static mut [Byte] = interp::SQUARE.iter().copied().map(Byte).collect::<Vec<_>>().leak();
    let registers: &'static mut [Reg] = vec![Reg { value: 0 }; 3].leak();
    // SAFETY: the program ends, uses three registers, and neither is ever freed; variables are those of the portal.
    let (code, regs, jit) = unsafe {
        let text = include_str!("../../examples/tlr/interp.rs");
        let places = places![[Byte] { 0 }, [Reg] { value }];
        let jit = support::compiler(text, &places, &[], crate::policy(), Machine::Native);
        (Arr::from_ptr(program.as_mut_ptr()), Arr::from_ptr(registers.as_mut_ptr()), jit)
    };
    for n in [5, 5, 100] {
        support::run(&jit, &[code.addr(), 0, n, regs.addr()]);
    }
    let totals = jit.totals();
    let function = c::compile("square", "-O2", SQUARE);
    vec![Workload {
        name: "tlr, square",
        totals,
        plain: Box::new(move || interp::run(code, 0, N, regs) as u64),
        compiled: Box::new(move || support::run(&jit, &[code.addr(), 0, N as u64, regs.addr()])[0]),
        c: function
            .map(|function| -> (_, Box<dyn FnMut() -> u64>) { ("gcc -O2", Box::new(move || function(N, 0) as u64)) }),
    }]
}
