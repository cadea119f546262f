//! tl: a loop with a promoted exponent, and calls.

use crate::support::{self, Machine};
use crate::{Workload, c};
use interp::Slot;
use moonshift_jitgen::mem::Arr;
use program::Loaded;
use std::rc::Rc;

#[allow(dead_code)]
#[path = "../../examples/tl/interp.rs"]
mod interp;
#[allow(dead_code)]
#[path = "../../examples/tl/program.rs"]
mod program;

const POWERS: &str = include_str!("../../examples/tl/powers.tl");
const FIBONACCI: &str = include_str!("../../examples/tl/fibonacci.tl");

const POWERS_C: &str = "
long f(long i, long exponent) {
    long sum = 0;
    while (0 < i) {
        long power = 1;
        for (long count = exponent; count > 0; count--) power = power * i;
        sum = sum + power;
        i = i - 1;
    }
    return sum;
}
";

const FIBONACCI_C: &str = "long f(long n, long unused) { return n < 2 ? n : f(n - 1, 0) + f(n - 2, 0); }";

fn workload(
    name: &'static str,
    text: &str,
    small: [i64; 2],
    large: [i64; 2],
    c: (&'static str, &str, &str),
) -> Workload {
    let prepared = program::prepared();
    let program = Rc::new(Loaded::parse(text));
    let jit = program::compiler(&prepared, std::slice::from_ref(&program), crate::policy(), Machine::Native);
    let stack: &'static mut [Slot] = vec![Slot { value: 0 }; 10_000].leak();
    let stack = stack.as_mut_ptr();
    let start = move |[a, b]: [i64; 2]| {
        // SAFETY: the programs stay within, and it is never freed.
        let stack = unsafe { Arr::from_ptr(stack) };
        [a, b, 0].into_iter().enumerate().for_each(|(index, value)| stack.set(index, Slot { value }));
        stack
    };
    let (copy, totals) = (program.clone(), jit.clone());
    let compiled = move |from| {
        let args = copy.args(3, start(from));
        support::linked(&jit, || support::run(&jit, &args)[0])
    };
    for _ in 0..4 {
        compiled(small);
    }
    let totals = totals.totals();
    let (file, options, source) = c;
    let options: &'static str = if options == "-O2" { "gcc -O2" } else { "gcc -O0" };
    let function = c::compile(file, &options[4..], source);
    Workload {
        name,
        totals,
        plain: Box::new(move || program::plain(&program, 3, start(large)) as u64),
        compiled: Box::new(move || compiled(large)),
        c: function.map(|function| -> (_, Box<dyn FnMut() -> u64>) {
            (options, Box::new(move || function(large[0], large[1]) as u64))
        }),
    }
}

pub fn workloads() -> Vec<Workload> {
    vec![
        workload("tl, sum of squares", POWERS, [40, 2], [300_000, 2], ("powers", "-O2", POWERS_C)),
        workload("tl, fibonacci", FIBONACCI, [12, 0], [25, 0], ("fibonacci", "-O0", FIBONACCI_C)),
    ]
}
