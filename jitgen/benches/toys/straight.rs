//! tiny1: straight code, against the same statements in C without optimisation.

use crate::support::{self, Machine};
use crate::{Workload, c};
use interp::Char;
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::places;

#[path = "../../examples/tiny1/interp.rs"]
mod interp;

/// How often a program is run.
const TIMES: i64 = 2000;

fn workload(name: &'static str, file: &str, text: String) -> Workload {
    let statement = |op| if op == '+' { "acc = acc + x;\n" } else { "acc = acc - x;\n" };
    let body: String = text.chars().map(statement).collect();
    let source = format!("long f(long x, long acc) {{\n{body}return acc;\n}}\n");
    let program: &'static mut [Char] = text.bytes().chain([0]).map(Char).collect::<Vec<_>>().leak();
    // SAFETY: the program ends with a character that ends it, and is never freed; variables are those of the portal.
    let (code, jit) = unsafe {
        let text = include_str!("../../examples/tiny1/interp.rs");
        let jit = support::compiler(text, &places![[Char] { 0 }], &[], crate::policy(), Machine::Native);
        (Arr::from_ptr(program.as_mut_ptr()), jit)
    };
    support::run(&jit, &[code.addr(), 0, 1, 1]);
    let totals = jit.totals();
    let repeat = |run: &mut dyn FnMut(i64, i64) -> i64| (0..TIMES).fold(7, |acc, x| run(x, acc)) as u64;
    let function = c::compile(file, "-O0", &source);
    Workload {
        name,
        totals,
        plain: Box::new(move || repeat(&mut |x, acc| interp::run(code, 0, x, acc))),
        compiled: Box::new(move || {
            repeat(&mut |x, acc| support::run(&jit, &[code.addr(), 0, x as u64, acc as u64])[0] as i64)
        }),
        c: function.map(|function| -> (_, Box<dyn FnMut() -> u64>) {
            ("gcc -O0", Box::new(move || repeat(&mut |x, acc| function(x, acc))))
        }),
    }
}

pub fn workloads() -> Vec<Workload> {
    vec![
        workload("tiny1, 5000 additions", "additions", "+".repeat(5000)),
        workload("tiny1, 5000 mixed", "mixed", "+++-".repeat(1250)),
    ]
}
