//! What is known is computed at compile time; nothing is computed twice.

use super::{Toy, interp};

interp!(arithmetic {
    #[portal(greens(pc), order = pc)]
    pub fn run(pc: usize, x: i64, y: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                // Constants.
                0 => return x.wrapping_add((7 * 6 - 2) / 4 - 10),
                // Identities.
                1 => return (x.wrapping_mul(1) | 0).wrapping_add(y ^ y).wrapping_sub(0),
                // Equal operations.
                2 => return x.wrapping_add(y).wrapping_mul(x.wrapping_add(y)),
                // Known by a comparison.
                3 => return if x == 5 { x.wrapping_mul(3).wrapping_add(1) } else { y },
                // What a condition says of itself.
                4 => {
                    let less = x < y;
                    let mut sum = 0;
                    if less { sum += x; }
                    if !less { sum += y; }
                    return sum;
                }
                // Both of two conditions.
                5 => {
                    let both = (x < 10) & (y < 10);
                    if both {
                        return if x < 10 { x.wrapping_add(y) } else { 77 };
                    }
                    return 0;
                }
                // Shifts, conversions.
                6 => return (x << 0).wrapping_add(((3u8 as i64) << 4) >> 2).wrapping_add((-1i8) as u8 as i64),
                // Comparisons of a thing with itself.
                7 => return if x <= x { y } else { x },
                8 => return (x & 0).wrapping_add(y & -1),
                _ => return (x as u32 as i64).wrapping_add(x as u32 as i64),
            }
        }
    }
});

fn arithmetic(pc: usize, values: &[(i64, i64)], leaves: &[(&'static str, usize)]) {
    let toy = Toy::new(arithmetic::SOURCE, &[], &[]);
    for &(x, y) in values.iter().chain(values) {
        toy.same(&[pc as i64, x, y], arithmetic::run(pc, x, y));
    }
    toy.leaves(leaves);
}

const SOME: &[(i64, i64)] = &[(1, 2), (-7, 9), (i64::MAX, i64::MIN), (0, 0)];

#[test]
fn constants() {
    arithmetic(0, SOME, &[]);
}

#[test]
fn identities() {
    arithmetic(1, SOME, &[]);
}

#[test]
fn equal_operations_are_shared() {
    arithmetic(2, SOME, &[("add", 1), ("mul", 1)]);
}

#[test]
fn equality_tells_the_value() {
    arithmetic(3, &[(5, 1), (6, 1), (5, 7)], &[("branch", 1), ("eq", 1)]);
}

/// The ways meet between the two tests: both remain, but of the one comparison.
#[test]
fn conditions_outlive_joins() {
    arithmetic(4, &[(1, 2), (2, 1)], &[("add", 1), ("branch", 2), ("slt", 1)]);
}

#[test]
fn a_conjunction_tells_its_parts() {
    arithmetic(5, &[(1, 2), (20, 2), (2, 20)], &[("add", 1), ("and", 1), ("branch", 1), ("slt", 2)]);
}

#[test]
fn conversions() {
    arithmetic(6, SOME, &[("add", 2)]);
}

#[test]
fn reflexive_comparisons() {
    arithmetic(7, SOME, &[]);
}

#[test]
fn masks() {
    arithmetic(8, SOME, &[]);
}

#[test]
fn narrowing_is_shared() {
    arithmetic(9, SOME, &[("add", 1), ("trunc", 1), ("zext", 1)]);
}

interp!(floats {
    #[portal(greens(pc), order = pc)]
    pub fn run(pc: usize, x: f64, bits: u64) -> f64 {
        loop {
            merge_point();
            match pc {
                // Zeros have signs: this is no identity.
                0 => return x + 0.0,
                1 => return f64::from_bits(x.to_bits()),
                2 => return f64::from_bits(bits) + f64::from_bits(bits),
                3 => return if x == x { x } else { 0.0 },
                _ => return x * (1.5f64 + 2.5).sqrt(),
            }
        }
    }
});

fn floats(pc: usize, leaves: &[(&'static str, usize)]) {
    let toy = Toy::new(floats::SOURCE, &[], &[]);
    for x in [1.0, -0.0, f64::NAN, f64::INFINITY, 1e-310, 1.0, f64::NAN] {
        let args = vec![pc as u64, x.to_bits(), 2.5f64.to_bits()];
        toy.check(|| args.clone(), || vec![floats::run(pc, x, 2.5f64.to_bits()).to_bits()], || ());
    }
    // A float is returned as its bits.
    let mut counts = toy.counts();
    counts.remove("bitcast");
    assert_eq!(counts, leaves.iter().copied().collect());
}

#[test]
fn float_zero_is_no_identity() {
    floats(0, &[("fadd", 1)]);
}

#[test]
fn float_casts_cancel() {
    floats(1, &[]);
    floats(2, &[("fadd", 1)]);
}

#[test]
fn float_equality_is_not_reflexive() {
    floats(3, &[("branch", 1), ("feq", 1)]);
}

#[test]
fn float_constants() {
    floats(4, &[("fmul", 1)]);
}
