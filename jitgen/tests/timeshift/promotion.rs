//! Promotion: one value, several, too many; in loops, in calls, after effects.

use super::{Toy, address, interp, words};
use moonshift_jitgen::{natives, places};
use std::cell::Cell;

interp!(promotions {
    pub struct Box { pub value: Cell<i64>, pub calls: Cell<i64> }

    #[residual(reads(Box.value), writes(Box.value, Box.calls))]
    pub fn effect(data: &Box, x: i64) -> i64 {
        data.calls.set(data.calls.get() + 1);
        data.value.set(data.value.get() + 1);
        x & 3
    }

    #[unroll]
    fn power(x: i64, n: i64) -> i64 {
        let mut result = x;
        let mut left = n;
        while left > 1 {
            result = result.wrapping_mul(x);
            left -= 1;
        }
        result
    }

    fn inner(x: i64, n: i64) -> i64 {
        let n = promote(n);
        power(x, n).wrapping_add(1)
    }

    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, data: &Box, x: i64, n: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => return power(x, promote(n)),
                // Two promotions.
                1 => {
                    let a = promote(n);
                    let b = promote(x);
                    return power(a, b).wrapping_add(data.value.get());
                }
                // In an inlined call.
                2 => return inner(x, n).wrapping_mul(2),
                // After a residual call whose effect must happen once.
                3 => {
                    let kind = promote(effect(data, n));
                    return power(x, kind).wrapping_add(data.value.get());
                }
                // Promoted again: known already.
                4 => {
                    let a = promote(n);
                    pc = 40;
                    data.value.set(a);
                }
                40 => return promote(n).wrapping_add(promote(data.value.get())),
                // A boolean: the branch is compiled for what was seen only.
                5 => {
                    if promote(x < n) {
                        return x.wrapping_mul(3);
                    }
                    return n.wrapping_mul(5);
                }
                // Few values, or none.
                6 => return match promote_few(n) {
                    Some(n) => power(x, n),
                    None => x.wrapping_sub(n),
                },
                _ => return x,
            }
        }
    }
});

fn toy() -> Toy {
    use promotions::{Box, effect};
    let natives = natives![effect(data: &Box, x: i64) -> i64];
    Toy::new(promotions::SOURCE, &places![Box { value, calls }], &natives)
}

fn perform(toy: &Toy, pc: usize, x: i64, n: i64) {
    let data = promotions::Box { value: Cell::new(0), calls: Cell::new(0) };
    toy.check(
        || {
            data.value.set(3);
            data.calls.set(0);
            vec![pc as u64, address(&data), x as u64, n as u64]
        },
        || vec![promotions::run(pc, &data, x, n) as u64],
        || (data.value.get(), data.calls.get()),
    );
}

#[test]
fn one_value() {
    let toy = toy();
    for x in [2, 3, -1] {
        perform(&toy, 0, x, 3);
    }
    toy.leaves(&[("branch", 1), ("eq", 1), ("exit", 1), ("mul", 2)]);
    assert_eq!(toy.totals().exits, 0);
}

#[test]
fn several_values() {
    let toy = toy();
    for n in [1, 2, 3, 2, 1, 3] {
        perform(&toy, 0, 5, n);
    }
    // The ways for two and three share what is left to do.
    toy.leaves(&[("exit", 1), ("mul", 2), ("switch", 1)]);
    assert_eq!(toy.totals().exits, 3, "one new value, and another twice: the second compilation waits longer");
    assert_eq!(toy.totals().compiled, 3);
}

#[test]
fn too_many_values_do_not_compile_for_ever() {
    let toy = toy();
    for round in 0..3 {
        for n in 0..40 {
            perform(&toy, 0, 3, n + round);
        }
    }
    let most = u64::from(super::support::eager().max_recompiles);
    assert!(toy.totals().compiled <= 1 + most, "{:?}", toy.totals());
    let cases = moonshift_jitgen::genext::Limits::default().max_cases;
    assert!(toy.count("mul") < 40 * cases);
}

#[test]
fn two_promotions() {
    let toy = toy();
    for (x, n) in [(2, 5), (2, 5), (3, 5), (2, 6), (3, 6), (2, 5), (3, 6)] {
        perform(&toy, 1, x, n);
    }
    // Nothing but the value in memory is computed at run time.
    assert_eq!(toy.count("mul"), 0, "{:?}", toy.counts());
    assert_eq!(toy.count("load"), toy.count("add"));
}

#[test]
fn in_an_inlined_call() {
    let toy = toy();
    for n in [2, 2, 4, 2, 4] {
        perform(&toy, 2, 3, n);
    }
    // x^4 by way of x^2 for both, and the doubling.
    assert_eq!(toy.count("mul"), 4, "{:?}", toy.counts());
    assert_eq!(toy.totals().exits, 1);
}

#[test]
fn after_a_residual_call() {
    let toy = toy();
    for n in [2, 2, 3, 2, 3, 1] {
        perform(&toy, 3, 3, n);
    }
    assert_eq!(toy.count("call"), 1);
    assert_eq!(toy.totals().exits, 2);
}

#[test]
fn known_already() {
    let toy = toy();
    for _ in 0..2 {
        perform(&toy, 4, 0, 21);
    }
    // The store remains; what it stored is known, and so is the sum.
    toy.leaves(&[("branch", 1), ("eq", 1), ("exit", 1), ("store", 1)]);
}

#[test]
fn booleans() {
    let toy = toy();
    for (x, n) in [(1, 2), (3, 4)] {
        perform(&toy, 5, x, n);
    }
    assert_eq!((toy.count("mul"), toy.count("slt"), toy.count("exit")), (1, 1, 1), "{:?}", toy.counts());
    for (x, n) in [(2, 1), (5, 6), (6, 5)] {
        perform(&toy, 5, x, n);
    }
    assert_eq!((toy.count("mul"), toy.count("slt")), (2, 1), "{:?}", toy.counts());
    assert_eq!(toy.totals().exits, 1);
}

#[test]
fn promote_few_gives_up() {
    let toy = toy();
    for n in [2, 2, 3] {
        perform(&toy, 6, 7, n);
    }
    assert_eq!(toy.count("sub"), 0, "few values");
    // The plain interpreter never gives up, so its results do not tell what the residual code must compute.
    for n in 10..30 {
        for (_, jit) in &toy.jits {
            let data = promotions::Box { value: Cell::new(3), calls: Cell::new(0) };
            let result = super::support::run(jit, &[6, address(&data), 7, n]);
            let (few, gave_up) = (promotions::run(6, &data, 7, n as i64), 7 - n as i64);
            assert!([words(&[few]), words(&[gave_up])].contains(&result), "{n}: {result:?}");
        }
    }
    toy.leaves(&[("sub", 1)]);
}

// In a loop of the program: the kind of each element is promoted.
interp!(dispatch {
    pub struct Item { pub kind: Cell<u8>, pub value: Cell<i64> }

    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, items: Arr<u8>, mut i: usize, n: usize, mut acc: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => pc = if i < n { 1 } else { 2 },
                1 => {
                    match promote(items.get(i)) {
                        0 => acc = acc.wrapping_add(1),
                        1 => acc = acc.wrapping_mul(3),
                        2 => acc = acc.wrapping_sub(5),
                        _ => acc = 0,
                    }
                    i += 1;
                    pc = 0;
                }
                _ => return acc,
            }
        }
    }
});

#[test]
fn in_a_loop() {
    let toy = Toy::new(dispatch::SOURCE, &[], &[]);
    let lists: [&[u8]; 6] =
        [&[0, 1, 0, 1, 1], &[0, 0, 0, 1, 0, 1], &[2, 2, 1], &[0, 1, 2, 0, 1, 2], &[], &[1, 3, 2, 200, 0]];
    for list in lists {
        let mut list = list.to_vec();
        // SAFETY: the list lives until the end of this iteration, and is not used by address later.
        let items = unsafe { moonshift_jitgen::mem::Arr::from_ptr(list.as_mut_ptr()) };
        let n = list.len();
        let args = vec![0, items.addr(), 0, n as u64, 9];
        toy.check(|| args.clone(), || vec![dispatch::run(0, items, 0, n, 9) as u64], || ());
    }
    // Each kind's code once, perhaps once more for the first iteration.
    assert!(toy.count("mul") <= 2, "{:?}", toy.counts());
    assert!(toy.totals().compiled <= 5);
}

// Floats and handles are promoted too.
interp!(kinds {
    pub struct Shape { pub size: i64 }

    #[portal(greens(pc), order = pc)]
    pub fn run(pc: usize, x: f64, shape: &Shape, other: Ref<Shape>) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => return (promote(x) * 2.0) as i64,
                1 => return promote(shape).size.wrapping_mul(2),
                _ => return promote(other).size.wrapping_add(shape.size),
            }
        }
    }
});

#[test]
fn floats_and_handles() {
    use kinds::{Shape, run};
    let (a, b) = (Shape { size: 4 }, Shape { size: 9 });
    for (pc, leaves) in
        [(0, [("exit", 1), ("load", 0)]), (1, [("exit", 1), ("load", 0)]), (2, [("exit", 1), ("load", 1)])]
    {
        let toy = Toy::new(kinds::SOURCE, &places![Shape { size }], &[]);
        for (x, shape) in [(1.5, &a), (1.5, &a)] {
            // SAFETY: both shapes live until the end of the test.
            let other = unsafe { moonshift_jitgen::mem::Ref::from_ptr(&b) };
            let args = vec![pc as u64, f64::to_bits(x), address(shape), other.addr()];
            toy.check(|| args.clone(), || vec![run(pc, x, shape, other) as u64], || ());
        }
        for (op, count) in leaves {
            assert_eq!(toy.count(op), count, "{op} at {pc}: {:?}", toy.counts());
        }
        for (x, shape) in [(-3.0, &b), (0.0, &a), (-0.0, &b), (1.5, &a)] {
            // SAFETY: as above.
            let other = unsafe { moonshift_jitgen::mem::Ref::from_ptr(shape) };
            let args = vec![pc as u64, f64::to_bits(x), address(shape), other.addr()];
            toy.check(|| args.clone(), || vec![run(pc, x, shape, other) as u64], || ());
        }
    }
}
