//! Residual loops are closed; loops that are to be unrolled are; what varies is carried, what does not is not.

use super::{Toy, address, interp};
use moonshift_jitgen::places;

interp!(unrolled {
    #[portal(greens(pc, n), order = pc)]
    pub fn run(pc: usize, n: i64, x: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => return power(x, n),
                _ => return series(x, n),
            }
        }
    }

    #[unroll]
    fn power(x: i64, n: i64) -> i64 {
        let mut result = 1;
        for _ in 0..n {
            result = x.wrapping_mul(result);
        }
        result
    }

    #[unroll]
    fn series(x: i64, n: i64) -> i64 {
        let mut sum = 0;
        let mut k = n;
        while k > 0 {
            sum = x.wrapping_mul(k).wrapping_add(sum);
            k -= 1;
        }
        sum
    }
});

#[test]
fn green_loops_unroll() {
    for n in 0..6 {
        for pc in [0, 1] {
            let toy = Toy::new(unrolled::SOURCE, &[], &[]);
            for x in [1, 2, -3, 2] {
                toy.same(&[pc as i64, n, x], unrolled::run(pc, n, x));
            }
            assert_eq!(toy.count("branch"), 0, "no test remains");
            let additions = if pc == 0 { 0 } else { (n - 1).max(0) };
            assert_eq!(toy.count("mul"), (n - 1).max(0) as usize);
            assert_eq!(toy.count("add"), additions as usize);
        }
    }
}

interp!(helper_loop {
    #[portal(greens(pc), order = pc)]
    pub fn run(pc: usize, n: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => return sum(n),
                _ => return nested(n),
            }
        }
    }

    fn sum(n: i64) -> i64 {
        let mut sum = 0;
        let mut i = 0;
        while i < n {
            sum += i;
            i += 1;
        }
        sum
    }

    fn nested(n: i64) -> i64 {
        let mut sum = 0;
        let mut i = 0;
        while i < n {
            let mut j = 0;
            while j < i {
                sum += j;
                j += 1;
            }
            i += 1;
        }
        sum
    }
});

#[test]
fn red_loops_of_helpers_are_loops() {
    let toy = Toy::new(helper_loop::SOURCE, &[], &[]);
    for n in [10, 100, 0, 1, 1000] {
        toy.same(&[0, n], helper_loop::run(0, n));
    }
    toy.leaves(&[("add", 2), ("branch", 1), ("slt", 1)]);
}

#[test]
fn nested_red_loops() {
    let toy = Toy::new(helper_loop::SOURCE, &[], &[]);
    for n in [10, 30, 0, 1, 2] {
        toy.same(&[1, n], helper_loop::run(1, n));
    }
    toy.leaves(&[("add", 3), ("branch", 2), ("slt", 2)]);
}

interp!(two_returns {
    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, x: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => pc = if x < 0 { 1 } else { 2 },
                // From here on nobody asks at which of them it stood.
                _ => return cube(x),
            }
        }
    }

    #[unroll]
    fn cube(x: i64) -> i64 {
        let mut result = x;
        for _ in 0..2 {
            result = result.wrapping_mul(x);
        }
        result
    }
});

#[test]
fn the_same_code_further_on_is_no_loop() {
    let toy = Toy::new(two_returns::SOURCE, &[], &[]);
    for x in [-3, 3, -2, 2, -1, 1, 5] {
        toy.same(&[0, x], two_returns::run(0, x));
    }
    let totals = toy.totals();
    assert_eq!((totals.restarts, totals.widenings), (0, 0), "{totals:?}");
    toy.leaves(&[("slt", 1), ("branch", 1), ("mul", 4)]);
}

// A program with a loop: 0: head, 1: body, 2: end.
interp!(program_loop {
    pub struct Box { pub limit: i64, pub step: i64, pub sum: Cell<i64> }

    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, data: &Box, mut i: i64, mut acc: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => pc = if i < data.limit { 1 } else { 2 },
                1 => {
                    acc = acc.wrapping_add(i.wrapping_mul(data.step));
                    data.sum.set(data.sum.get() + 1);
                    i += data.step;
                    pc = 0;
                }
                _ => return acc,
            }
        }
    }
});

#[test]
fn program_loops_are_closed() {
    use program_loop::Box;
    let toy = Toy::new(program_loop::SOURCE, &places![Box { limit, step, sum }], &[]);
    for limit in [10, 1000, 0, 7] {
        let data = Box { limit, step: 3, sum: std::cell::Cell::new(0) };
        toy.check(
            || {
                data.sum.set(0);
                vec![0, address(&data), 0, 5]
            },
            || vec![program_loop::run(0, &data, 0, 5) as u64],
            || data.sum.get(),
        );
    }
    assert!(toy.count("mul") <= 2, "the loop, and at most its first iteration");
    assert!(toy.count("branch") <= 2);
}

#[test]
fn what_does_not_change_is_read_before_the_loop() {
    use program_loop::Box;
    let toy = Toy::new(program_loop::SOURCE, &places![Box { limit, step, sum }], &[]);
    let data = Box { limit: 50, step: 1, sum: std::cell::Cell::new(0) };
    for _ in 0..2 {
        toy.check(|| vec![0, address(&data), 0, 5], || vec![5 + 49 * 25], || ());
    }
    // The limit once; step and sum once in the first iteration at most, and again in the loop.
    assert!(toy.count("load") <= 5, "{:?}", toy.counts());
}

// Ways through the program that part and meet: 0 parts, 1 and 2 are the ways, 3 is where they meet.
interp!(diamond {
    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, x: i64, mut v: i64, mut w: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => pc = if x > 0 { 1 } else { 2 },
                1 => {
                    v = 10;
                    w = 3;
                    pc = 3;
                }
                2 => {
                    v = 20;
                    w = 3;
                    pc = 3;
                }
                _ => return v.wrapping_mul(x).wrapping_add(w.wrapping_mul(2)),
            }
        }
    }
});

#[test]
fn ways_meet_again() {
    let toy = Toy::new(diamond::SOURCE, &[], &[]);
    // Seen both ways at once.
    toy.same(&[0, 1, 0, 0], 16);
    toy.same(&[0, -1, 0, 0], -14);
    for x in [5, -5, 0] {
        toy.same(&[0, x, 0, 0], diamond::run(0, x, 0, 0));
    }
    // Behind the join the code is there once; the constant that differs is a variable, the other one is folded.
    toy.leaves(&[("add", 1), ("branch", 1), ("mul", 1), ("sgt", 1)]);
    assert_eq!(toy.totals().compiled, 2);
}

// Greens that a red branch decides stay apart: `k` is a green of the portal, so each way has its own rest.
interp!(apart {
    #[portal(greens(pc, k), order = pc)]
    pub fn run(mut pc: usize, mut k: i64, x: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => {
                    k = if x > 0 { 3 } else { 4 };
                    pc = 1;
                }
                _ => return x.wrapping_mul(k.wrapping_mul(k)),
            }
        }
    }
});

#[test]
fn greens_keep_ways_apart() {
    let toy = Toy::new(apart::SOURCE, &[], &[]);
    for x in [1, -1, 2, -2] {
        toy.same(&[0, 0, x], apart::run(0, 0, x));
    }
    toy.leaves(&[("branch", 1), ("mul", 2), ("sgt", 1)]);
}

// A loop whose variable is a constant on entry and again after each iteration: it stays one.
interp!(stable {
    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, n: i64, mut flag: i64, mut i: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => {
                    flag = 7;
                    i = 0;
                    pc = 1;
                }
                1 => {
                    i += flag.wrapping_mul(2);
                    flag = 7;
                    pc = if i < n { 1 } else { 2 };
                }
                _ => return i,
            }
        }
    }
});

#[test]
fn constants_survive_the_back_edge() {
    let toy = Toy::new(stable::SOURCE, &[], &[]);
    for n in [100, 1000, 3] {
        toy.same(&[0, n, 0, 0], stable::run(0, n, 0, 0));
    }
    toy.leaves(&[("add", 1), ("branch", 1), ("slt", 1)]);
}

// Two variables that swap: a back edge must not confuse them, nor those equal by chance on entry.
interp!(swapping {
    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, mut a: i64, mut b: i64, mut n: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => {
                    b = a;
                    pc = 1;
                }
                1 => {
                    let t = a;
                    a = b.wrapping_add(1);
                    b = t;
                    n -= 1;
                    pc = if n > 0 { 1 } else { 2 };
                }
                _ => return a.wrapping_mul(1000).wrapping_add(b),
            }
        }
    }
});

#[test]
fn variables_swap_around_the_loop() {
    let toy = Toy::new(swapping::SOURCE, &[], &[]);
    for n in [1, 2, 3, 10, 11] {
        toy.same(&[0, 5, 0, n], swapping::run(0, 5, 0, n));
    }
    assert!(toy.count("add") <= 3, "{:?}", toy.counts());
}
