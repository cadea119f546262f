//! Calls: green, yellow, gray, red, residual, recursive, portal.

use super::{Toy, address, interp};
use moonshift_jitgen::{natives, places};

interp!(kinds {
    pub struct Box { pub value: Cell<i64> }

    #[elidable]
    pub fn square(x: i64) -> i64 {
        x.wrapping_mul(x)
    }

    #[residual(writes(Box.value))]
    pub fn log(to: &Box, x: i64) {
        to.value.set(to.value.get().wrapping_mul(10).wrapping_add(x));
    }

    #[never_inline]
    pub fn apart(x: i64) -> i64 {
        x.wrapping_add(1)
    }

    fn twice(x: i64) -> i64 {
        x.wrapping_add(x)
    }

    fn store(to: &Box, x: i64) {
        to.value.set(x);
    }

    /// Red argument, green result: one of two constants.
    fn kind(x: i64) -> u8 {
        if x < 0 { 1 } else { 2 }
    }

    #[portal(greens(pc), order = pc)]
    pub fn run(pc: usize, to: &Box, x: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => return square(12).wrapping_add(x),
                1 => return square(x).wrapping_add(square(x)),
                2 => return twice(twice(x)),
                3 => {
                    store(to, x);
                    return to.value.get();
                }
                4 => {
                    log(to, x);
                    log(to, 2);
                    return to.value.get();
                }
                5 => return match kind(x) {
                    1 => x.wrapping_sub(100),
                    _ => x.wrapping_mul(7),
                },
                6 => return apart(apart(x)),
                _ => return square(promote(x)),
            }
        }
    }
});

fn kinds(pc: usize, values: &[i64], leaves: &[(&'static str, usize)]) {
    use kinds::*;
    let natives = natives![
        square(x: i64) -> i64, log(to: &Box, x: i64) -> (), apart(x: i64) -> i64
    ];
    let toy = Toy::new(SOURCE, &places![Box { value }], &natives);
    let data = Box { value: std::cell::Cell::new(0) };
    for &x in values.iter().chain(values) {
        toy.check(
            || {
                data.value.set(1);
                vec![pc as u64, address(&data), x as u64]
            },
            || vec![run(pc, &data, x) as u64],
            || data.value.get(),
        );
    }
    toy.leaves(leaves);
}

#[test]
fn green_call() {
    kinds(0, &[1, 2], &[("add", 1)]);
}

#[test]
fn elidable_call_of_a_red_is_made_once() {
    kinds(1, &[1, 2], &[("add", 1), ("call", 1)]);
}

#[test]
fn red_call_is_inlined() {
    kinds(2, &[1, -2], &[("add", 2)]);
}

#[test]
fn gray_call_is_inlined() {
    kinds(3, &[1, -2], &[("store", 1)]);
}

#[test]
fn residual_calls_stay() {
    kinds(4, &[1, -2], &[("call", 2), ("load", 1)]);
}

#[test]
fn yellow_call_keeps_return_states_apart() {
    kinds(5, &[1, -2], &[("branch", 1), ("mul", 1), ("slt", 1), ("sub", 1)]);
}

#[test]
fn never_inline_stays_a_call() {
    kinds(6, &[1, -2], &[("call", 2)]);
}

#[test]
fn elidable_call_of_a_promoted_value() {
    kinds(7, &[9, 9], &[("branch", 1), ("eq", 1), ("exit", 1)]);
}

interp!(recursion {
    #[unroll]
    fn factorial(n: i64, x: i64) -> i64 {
        if n == 0 { return x; }
        factorial(n - 1, x).wrapping_mul(n)
    }

    /// How deep is not known when it is compiled.
    fn depth(n: i64) -> i64 {
        if n <= 0 { return 0; }
        depth(n - 1).wrapping_add(2)
    }

    #[never_inline]
    pub fn ackermann(m: i64, n: i64) -> i64 {
        if m == 0 { return n + 1; }
        if n == 0 { return ackermann(m - 1, 1); }
        ackermann(m - 1, ackermann(m, n - 1))
    }

    #[portal(greens(pc, n), order = pc)]
    pub fn run(pc: usize, n: i64, x: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => return factorial(n, x),
                1 => return depth(x),
                _ => return ackermann(2, x),
            }
        }
    }
});

#[test]
fn green_recursion_is_unrolled() {
    let toy = Toy::new(recursion::SOURCE, &[], &recursion_natives());
    for x in [1, 2, 3] {
        toy.same(&[0, 4, x], recursion::run(0, 4, x));
    }
    // Not the multiplication by one.
    toy.leaves(&[("mul", 3)]);
}

fn recursion_natives() -> Vec<moonshift_jitgen::abi::Native> {
    use recursion::ackermann;
    natives![ackermann(m: i64, n: i64) -> i64]
}

#[test]
fn red_recursion_goes_as_deep_as_was_seen() {
    let toy = Toy::new(recursion::SOURCE, &[], &recursion_natives());
    for x in [2, 2, 3, 0, 6, 6, 1] {
        toy.same(&[1, 0, x], recursion::run(1, 0, x));
    }
    assert!(toy.totals().compiled <= 4);
    assert!(toy.count("exit") >= 1);
}

#[test]
fn recursion_that_is_not_inlined() {
    let toy = Toy::new(recursion::SOURCE, &[], &recursion_natives());
    for x in [2, 3] {
        toy.same(&[2, 0, x], recursion::run(2, 0, x));
    }
    toy.leaves(&[("call", 1)]);
}

// The portal calls itself: units call units.
interp!(portal_recursion {
    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, n: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => pc = if n < 2 { 1 } else { 2 },
                1 => return n,
                _ => return run(0, n - 1).wrapping_add(run(0, n - 2)),
            }
        }
    }
});

#[test]
fn portal_calls_itself() {
    use portal_recursion::run;
    let natives = natives![run(pc: usize, n: i64) -> i64];
    let toy = Toy::new(portal_recursion::SOURCE, &[], &natives);
    for n in [5, 1, 10, 2, 12] {
        toy.same(&[0, n], run(0, n));
    }
    toy.leaves(&[("add", 1), ("branch", 1), ("call", 2), ("slt", 1), ("sub", 2)]);
}

// Several results, of by-value structures.
interp!(aggregates {
    #[derive(Copy, Clone)]
    pub struct Complex { re: i64, im: i64 }

    impl Complex {
        fn add(self, other: Complex) -> Complex {
            Complex { re: self.re.wrapping_add(other.re), im: self.im.wrapping_add(other.im) }
        }
        fn mul(self, other: Complex) -> Complex {
            let re = self.re.wrapping_mul(other.re).wrapping_sub(self.im.wrapping_mul(other.im));
            let im = self.re.wrapping_mul(other.im).wrapping_add(self.im.wrapping_mul(other.re));
            Complex { re, im }
        }
    }

    fn divide(a: i64, b: i64) -> Option<(i64, i64)> {
        if b == 0 { None } else { Some((a.wrapping_div(b), a.wrapping_rem(b))) }
    }

    #[portal(greens(pc), order = pc)]
    pub fn run(pc: usize, x: i64, y: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => {
                    let a = Complex { re: x, im: 1 };
                    let b = Complex { re: 2, im: y };
                    let c = a.mul(b).add(a);
                    return c.re.wrapping_sub(c.im);
                }
                _ => {
                    let Some((quotient, remainder)) = divide(x, y) else { return -1 };
                    return quotient.wrapping_mul(100).wrapping_add(remainder);
                }
            }
        }
    }
});

#[test]
fn structures_by_value_leave_their_parts() {
    let toy = Toy::new(aggregates::SOURCE, &[], &[]);
    for (x, y) in [(1, 2), (-3, 5), (0, 0)] {
        toy.same(&[0, x, y], aggregates::run(0, x, y));
    }
    // re: x * 2 - y + x; im: x * y + 2 + 1.
    toy.leaves(&[("add", 3), ("mul", 2), ("sub", 2)]);
}

#[test]
fn options_are_decided_where_they_are_made() {
    let toy = Toy::new(aggregates::SOURCE, &[], &[]);
    for (x, y) in [(7, 2), (7, 0), (-8, 3), (5, 0)] {
        toy.same(&[1, x, y], aggregates::run(1, x, y));
    }
    // Is the divisor zero, is it -1? Whether there is a quotient is not asked again.
    toy.leaves(&[("add", 1), ("branch", 2), ("eq", 2), ("exit", 1), ("mul", 1), ("sdiv", 1), ("srem", 1)]);
}
