//! Deep freezing: a frozen program leaves no load. What is frozen holds arrays, structures by value and by address, and an
//! address among plain bits; all of it lies in cells, so nothing but the hint says that it does not change.

use super::{Toy, address, interp};
use moonshift_jitgen::{mem::Arr, places};
use std::cell::Cell;

interp!(program {
    #[derive(Copy, Clone)]
    pub struct Op { pub code: u8, pub arg: i64 }

    pub struct Step { pub factor: Cell<i64>, pub next: Cell<Option<&'static Step>> }

    pub struct Table { pub bias: Cell<i64>, pub scale: i64 }

    #[derive(Copy, Clone)]
    pub struct Limit { pub value: i64 }

    pub struct Program {
        pub ops: Cell<Arr<Op>>,
        pub first: Cell<Option<&'static Step>>,
        pub table: Table,
        pub limits: Cell<Arr<Limit>>,
        pub bits: Cell<u64>,
    }

    #[unroll]
    fn chain(program: &Program) -> i64 {
        let mut product = 1;
        let mut at = program.first.get();
        while let Some(step) = at {
            product *= step.factor.get();
            at = step.next.get();
        }
        product
    }

    fn bias(table: &Table) -> i64 {
        table.bias.get() + table.scale
    }

    fn limit(program: &Program, index: usize) -> i64 {
        let limits = program.limits.get();
        limits.get(index).value
    }

    #[portal(greens(program, pc), order = pc)]
    pub fn run(program: &Program, mut pc: usize, mut x: i64) -> i64 {
        loop {
            merge_point();
            let frozen = deepfreeze(program);
            let op = frozen.ops.get().get(pc);
            pc += 1;
            match op.code {
                // An array behind a cell, and its elements.
                0 => x = x.wrapping_add(op.arg),
                // Structures behind cells, one behind another.
                1 => x = x.wrapping_mul(chain(frozen)),
                // A substructure, in a function.
                2 => x = x.wrapping_add(bias(&frozen.table)),
                3 => x = x.wrapping_sub(limit(frozen, op.arg as usize)),
                // An address among plain bits.
                4 => {
                    let other: &Table = unsafe { &*Ref::<Table>::from_addr(frozen.bits.get()) };
                    x = x.wrapping_add(other.bias.get());
                }
                // Not frozen: the same field without the promise.
                5 => x = x.wrapping_add(program.table.bias.get()),
                _ => return x,
            }
        }
    }
});

use program::{Limit, Op, Program, Step, Table};

/// Runs a program on both backends; the counts of operations left are asserted.
fn leaves(codes: &[(u8, i64)], x: i64, expected: &[(&'static str, usize)]) {
    let mut ops: Vec<Op> = codes.iter().chain(&[(9, 0)]).map(|&(code, arg)| Op { code, arg }).collect();
    let mut limits = [5, 6, 7].map(|value| Limit { value });
    let second: &'static Step = Box::leak(Box::new(Step { factor: Cell::new(5), next: Cell::new(None) }));
    let first: &'static Step = Box::leak(Box::new(Step { factor: Cell::new(3), next: Cell::new(Some(second)) }));
    let other = Table { bias: Cell::new(1000), scale: 0 };
    // SAFETY: the arrays and structures outlive the runs, which stay inside.
    let (ops, limits) = unsafe { (Arr::from_ptr(ops.as_mut_ptr()), Arr::from_ptr(limits.as_mut_ptr())) };
    let program = Program {
        ops: Cell::new(ops),
        first: Cell::new(Some(first)),
        table: Table { bias: Cell::new(20), scale: 4 },
        limits: Cell::new(limits),
        bits: Cell::new(address(&other)),
    };
    let toy = Toy::new(
        program::SOURCE,
        &places![
            Program { ops, first, table.bias, table.scale, limits, bits, table },
            Table { bias, scale },
            Step { factor, next },
            [Op] { code, arg },
            [Limit] { value },
        ],
        &[],
    );
    let args = vec![address(&program), 0, x as u64];
    toy.check(|| args.clone(), || vec![program::run(&program, 0, x) as u64], || ());
    toy.leaves(expected);
}

#[test]
fn arrays() {
    leaves(&[(0, 5), (0, -2), (3, 1), (3, 2)], 7, &[("add", 2), ("sub", 2)]);
}

#[test]
fn structures_behind_structures() {
    leaves(&[(1, 0)], 7, &[("mul", 1)]);
}

#[test]
fn substructures() {
    leaves(&[(2, 0)], 7, &[("add", 1)]);
}

#[test]
fn addresses_among_bits() {
    leaves(&[(4, 0)], 7, &[("add", 1)]);
}

#[test]
fn without_the_promise() {
    leaves(&[(5, 0)], 7, &[("load", 1), ("add", 1)]);
}
